"""Brokers: one interface to market data, wherever it comes from."""

"""Kasauti tests trading strategies for Indian markets before they touch money, and then trades them."""

__version__ = "0.1.0"

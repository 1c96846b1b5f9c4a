"""Alerts of TradingView, ChartInk and others: stored before they are answered, then carried out once."""

"""Values and folds: money, instruments, market data, orders, events, the ledger and the state."""

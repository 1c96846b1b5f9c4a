"""Many backtests of one strategy: parameter spaces, searches, workers, a store, and what chance explains."""

"""The built-in market: a NIFTY day from a seed, offline, and random walks for benchmarks."""

"""The built-in market: a NIFTY session from a seed, offline; and random walks for benchmarks."""

from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.simulator.market.random_walks import RandomWalks

__all__ = ["DEMO_DAY", "BuiltInMarket", "RandomWalks"]

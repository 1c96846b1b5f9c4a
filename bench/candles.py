"""
What a bar costs a strategy that reads none, one, two or four values of its candle: bench/candles.py.

Nanoseconds a bar, the call of its hook in it: the least of many days of 1,500 bars, each so short that what
else the machine does misses most of them.
"""

import gc
from collections.abc import Callable, Iterable
from time import perf_counter_ns

import numpy as np

from kasauti import compiled
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.candle import Candle
from kasauti.domain.commands import Command
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.state import State
from kasauti.domain.view import View
from kasauti.engine.host import Hosted
from kasauti.engine.lanes import Lane, listen
from kasauti.strategies.base import Strategy

BARS, DAYS, SECONDS = 1_500, 150, 15

Hook = Callable[[Candle, View], Iterable[Command]]


def _none(candle: Candle, view: View) -> Iterable[Command]:
    return ()


def _one(candle: Candle, view: View) -> Iterable[Command]:
    _ = candle.close
    return ()


def _two(candle: Candle, view: View) -> Iterable[Command]:
    _ = candle.close, candle.open
    return ()


def _four(candle: Candle, view: View) -> Iterable[Command]:
    _ = candle.close, candle.open, candle.high, candle.low
    return ()


def _day() -> BarGrid:
    """Return the bars of one instrument."""
    close = np.arange(1, BARS + 1)[None, :] * 500 + 200_000_000
    at = np.arange(1, BARS + 1) * SECONDS * NS_PER_SECOND
    zeros = np.zeros_like(close)
    return BarGrid(SECONDS, at, np.zeros(1, np.int32), close - 500, close, close - 500, close, zeros, zeros)


def _least(grid: BarGrid, hook: Hook) -> float:
    state, board = State(), Board(Universe([]))
    hosted, times = Hosted(Strategy, state, board, None), []
    for _ in range(DAYS):
        begin = perf_counter_ns()
        lane = Lane(0, grid.row(0, "NSE:ACME"), hosted.view, hook, hosted, [], {})
        listen([lane], board, grid.moments, 0, BARS)
        times.append(perf_counter_ns() - begin)
    return min(times) / BARS


if __name__ == "__main__":
    day = _day()
    gc.freeze()
    print("compiled core" if compiled.MODULES else "pure Python", "ns a bar")
    for name, hook in (("none", _none), ("one", _one), ("two", _two), ("four", _four)):
        print(f"{name:>5} read  {_least(day, hook):5.0f}")

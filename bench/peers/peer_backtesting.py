"""backtesting.py, one instrument only: W1 on the next open, W4 by its optimiser, W5 an order on every bar."""

import sys

import backtesting._stats as statistics
import backtesting.backtesting as engine
import common
import pandas as pd
from backtesting import Backtest, Strategy
from common import clock, columns, tell

_CASH = 1e9
_spent: dict[str, float] = {}


def _counted_apart(*arguments, **options):
    with clock(_spent):
        return statistics.compute_stats(*arguments, **options)


engine.compute_stats = _counted_apart


def _frame(size=None):
    bars = columns("w1")
    names = ("open", "high", "low", "close", "volume")
    index = pd.DatetimeIndex(pd.to_datetime(bars["ts"][:size], utc=True))
    return bars, pd.DataFrame({name.capitalize(): bars[name][:size] for name in names}, index=index)


class Cross(Strategy):
    """W1's rule."""

    fast, slow = common.FAST, common.SLOW

    def init(self):
        close = self.data.Close
        self.quick = self.I(common.average, close, self.fast)
        self.lazy = self.I(common.average, close, self.slow)
        self.long = False

    def next(self):
        gap = self.quick[-1] - self.lazy[-1]
        if gap > common.HAIR and not self.long:
            self.long = True
            self.buy(size=1)
        elif gap < -common.HAIR and self.long:
            self.long = False
            self.position.close()


class Idle(Strategy):
    """What walking through the data costs."""

    def init(self):
        self.asked = 0

    def next(self):
        pass


class EveryBar(Idle):
    """W5's rule."""

    def next(self):
        self.asked += 1
        if self.asked & 1:
            self.buy(size=1)
        else:
            self.position.close()


def _run(frame, strategy):
    figures = {}
    with clock(figures):
        result = Backtest(frame, strategy, cash=_CASH, commission=0).run()
    return figures["seconds"] - _spent["seconds"], result


def w1():
    bars, frame = _frame()
    seconds, result = _run(frame, Cross)
    fills = 2 * len(result["_trades"]) + int(common.wants_long(bars["close"])[-1])
    tell("W1", "backtesting", "a call a bar", len(frame), seconds, fills, result["Equity Final [$]"] - _CASH)


def w4():
    frame, figures = _frame(common.PAIR_BARS)[1], {}
    test = Backtest(frame, Cross, cash=_CASH, commission=0, finalize_trades=True)
    with clock(figures):
        test.optimize(fast=list(range(5, 25, 2)), slow=list(range(30, 130, 10)), maximize="Equity Final [$]")
    tell("W4", "backtesting", "its optimiser", 100 * common.PAIR_BARS, figures["seconds"])


def w5():
    frame = _frame(common.ORDERS + 2)[1]
    idle, _ = _run(frame, Idle)
    busy, result = _run(frame, EveryBar)
    tell("W5", "backtesting", "an order a bar", common.ORDERS, busy - idle, 2 * len(result["_trades"]))


{"W1": w1, "W4": w4, "W5": w5}[sys.argv[1]]()

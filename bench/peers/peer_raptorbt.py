"""raptorbt: W1 as signals, W2 as a portfolio strategy, W4 in its batch runner (2 threads, 48 metrics)."""

import sys

import common
import numpy as np
import raptorbt
from common import LOT, MINUTES, clock, columns, middle, tell
from raptorbt.strategy import orders
from raptorbt.strategy.portfolio_runner import run_portfolio_strategy

_NAMES = ("open", "high", "low", "close", "volume")


def _settings():
    return raptorbt.BacktestConfig(initial_capital=1e9, fees=0.0, slippage=0.0, fill_timing="same_bar_close")


def _signals(close, fast, slow):
    gap = raptorbt.sma(close, fast) - raptorbt.sma(close, slow)
    return gap > common.HAIR, gap < -common.HAIR


def w1():
    bars = columns("w1")

    def run():
        enter, leave = _signals(bars["close"], common.FAST, common.SLOW)
        return raptorbt.run_single_backtest(
            bars["ts"], *(bars[name] for name in _NAMES), enter, leave, 1, 1.0, "NIFTYFUT", _settings()
        )

    seconds, result = middle(run)
    trades = result.trades()
    fills = 2 * len(trades) - int(common.wants_long(bars["close"])[-1])
    profit = sum((trade.exit_price - trade.entry_price) * trade.direction for trade in trades)
    tell("W1 signals", "raptorbt", "signals", len(bars["ts"]), seconds, fills, profit)


class Straddle(raptorbt.Strategy):
    """
    W2's rule.

    A market order for a symbol whose bar of this minute has passed is lost without an event, so the index
    bar, the first of each minute, names the legs, and each leg's own bar sends its order.
    """

    def on_start(self, ctx):
        self.wanted, self.leaving, self.held = set(), set(), set()

    def on_bar(self, ctx):
        symbol = ctx.symbol
        if symbol == "NIFTY":
            self._clock(ctx)
        elif symbol in self.wanted:
            self.wanted.discard(symbol)
            stop = common.stop_price(ctx.bar.close)
            self.submit_order(orders.Market(side="sell", units=LOT, stop_price=stop))
        elif symbol in self.leaving:
            self.leaving.discard(symbol)
            if ctx.position is not None:
                self.close_position()

    def _clock(self, ctx):
        minute = ctx.idx % MINUTES
        if minute == common.ENTRY:
            nearest = int(np.argmin(np.abs(self.strikes - ctx.bar.close)))
            self.wanted = {self.names[nearest], self.names[len(self.strikes) + nearest]}
            self.held = set(self.wanted)
        elif minute == common.EXIT:
            self.leaving = self.held


def w2():
    chain, figures = columns("w2"), {}
    strikes = chain["strikes"]
    names = [f"{int(strike)}{kind}" for kind in ("CE", "PE") for strike in strikes]
    data = {}
    for place, symbol in [(len(names), "NIFTY"), *enumerate(names)]:
        prices = {name: np.ascontiguousarray(chain[name][:, place]) for name in _NAMES}
        data[symbol] = {"timestamps": chain["ts"], **prices}
    strategy = Straddle()
    strategy.strikes, strategy.names = strikes, names
    with clock(figures):
        result = run_portfolio_strategy(
            strategy, data, config=_settings(), directions=dict.fromkeys(names, -1)
        )
    trades = result.result.trades()
    profit = sum(trade.pnl for trade in trades)
    size = chain["close"].size
    tell("W2", "raptorbt", "a call a bar", size, figures["seconds"], 2 * len(trades), profit)


def w4():
    bars, figures = columns("w1"), {}
    cut = {name: bars[name][: common.PAIR_BARS] for name in ("ts", *_NAMES)}
    with clock(figures):
        items = [
            raptorbt.BatchSingleItem(f"{fast}/{slow}", *_signals(cut["close"], fast, slow))
            for fast, slow in common.PAIRS
        ]
        found = raptorbt.batch_single_backtest(*cut.values(), items, _settings())
    fills = sum(2 * result.metrics.total_trades for _, result in found)
    size = len(common.PAIRS) * common.PAIR_BARS
    tell("W4", "raptorbt", "its batch runner, 2 threads", size, figures["seconds"], fills)


{"W1 signals": w1, "W2": w2, "W4": w4}[sys.argv[1]]()

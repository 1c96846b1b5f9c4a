"""vectorbt, arrays without an order path: W1 as signals, W2, W4 as one matrix. Compiling is not billed."""

import sys

import common
import numpy as np
import vectorbt
from common import LOT, MINUTES, clock, columns, middle, tell


def _variant(words):
    try:
        import vectorbt_rust  # noqa: F401, PLC0415  whether the extra is installed is the question
    except ImportError:
        return f"{words}, numba"
    return f"{words}, rust"


def _timed(run, warm, full):
    run(*warm)
    figures = {}
    with clock(figures):
        answer = run(*full)
    return figures["seconds"], answer


def w1():
    def run(close):
        gap = (
            vectorbt.MA.run(close, common.FAST).ma.to_numpy()
            - vectorbt.MA.run(close, common.SLOW).ma.to_numpy()
        )
        made = vectorbt.Portfolio.from_signals(
            close, gap > common.HAIR, gap < -common.HAIR, size=1, init_cash=1e9, freq="1min"
        )
        return made.orders.count(), made.total_profit()

    close = columns("w1")["close"]
    seconds, (fills, profit) = middle(lambda: run(close))
    tell("W1 signals", "vectorbt", _variant("signals"), len(close), seconds, fills, profit)


def w2():
    chain = columns("w2")
    close, strikes = chain["close"], chain["strikes"]

    def run(size):
        enter = np.zeros((size, 2 * len(strikes)), bool)
        leave = np.zeros_like(enter)
        rows = np.arange(0, size, MINUTES) + common.ENTRY
        nearest = np.argmin(np.abs(strikes[None, :] - close[rows, -1][:, None]), axis=1)
        enter[rows, nearest] = enter[rows, len(strikes) + nearest] = True
        leave[np.arange(0, size, MINUTES) + common.EXIT] = True
        prices = {name: chain[name][:size, :-1] for name in ("open", "high", "low")}
        made = vectorbt.Portfolio.from_signals(
            close[:size, :-1],
            short_entries=enter,
            short_exits=leave,
            **prices,
            size=LOT,
            init_cash=1e8,
            sl_stop=common.STOP - 1,
            freq="1min",
        )
        return made.orders.count().sum(), made.total_profit().sum()

    seconds, (fills, profit) = _timed(run, (2 * MINUTES,), (len(close),))
    tell("W2", "vectorbt", _variant("matrices, stop off the tick"), close.size, seconds, fills, profit)


def w4():
    def run(close):
        lengths = sorted({length for pair in common.PAIRS for length in pair})
        averages = dict(zip(lengths, vectorbt.MA.run(close, lengths).ma.to_numpy().T, strict=True))
        gap = np.stack([averages[fast] - averages[slow] for fast, slow in common.PAIRS], axis=1)
        made = vectorbt.Portfolio.from_signals(
            close[:, None], gap > common.HAIR, gap < -common.HAIR, size=1, init_cash=1e9, freq="1min"
        )
        return made.orders.count().sum(), made.total_profit().max()

    close = columns("w1")["close"][: common.PAIR_BARS]
    seconds, (fills, _) = _timed(run, (close[:500],), (close,))
    tell("W4", "vectorbt", _variant("one matrix"), len(common.PAIRS) * len(close), seconds, fills)


{"W1 signals": w1, "W2": w2, "W4": w4}[sys.argv[1]]()

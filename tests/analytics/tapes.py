"""Market data for logs written by hand, and the runs that both make together."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from tests.analytics.logs import CALL, SHARE, Logbook
from tests.analytics.runs import ASSUMPTIONS
from tests.analytics.runs import CALL as CALL_TERMS
from tests.analytics.runs import SHARE as SHARE_TERMS

from kasauti.analytics.equity_tape import Batch, EquityTape
from kasauti.analytics.run import Run
from kasauti.analytics.run_of_log import run_of_log
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.market import BarBatch
from kasauti.domain.money import rupees

UNIVERSE = Universe([SHARE_TERMS, CALL_TERMS])


def run_of(book: Logbook, tape: EquityTape | None = None, **terms: Any) -> Run:
    return run_of_log(
        book, instruments=UNIVERSE, label="test", assumptions=ASSUMPTIONS, version="0", tape=tape, **terms
    )


def bars(day: date, *rows: tuple[str, int, Sequence[int]]) -> BarBatch:
    """Return minute bars from rows of (instrument, minute after 09:15 at its end, open high low close)."""
    at = [ist_ns(day) + (555 + minute) * NS_PER_MINUTE for _, minute, _ in rows]
    prices = [[rupees(each) for each in row[2]] for row in rows]
    first, high, low, close = np.array(prices, np.int64).T
    zeros = np.zeros(len(rows), np.int64)
    slots = np.array([UNIVERSE.slot(name) for name, _, _ in rows], np.int32)
    return BarBatch(60, np.array(at, np.int64), slots, first, high, low, close, zeros, zeros)


def tape_of(*batches: Batch, benchmark: str = "") -> EquityTape:
    tape = EquityTape(UNIVERSE, benchmark)
    for batch in batches:
        tape.take(batch, (SHARE, CALL))
    return tape

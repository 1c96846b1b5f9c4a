"""Whether signals look ahead: they are computed again on bars that end earlier, and must be the same."""

import random

import msgspec

from kasauti.domain.ist import ist_iso
from kasauti.domain.signals import (
    LONG_ENTRY,
    LONG_EXIT,
    SHORT_ENTRY,
    SHORT_EXIT,
    LevelKind,
    SignalRow,
)
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import SignalStrategy

_WORDS = (
    (LONG_ENTRY, "long_entry"),
    (LONG_EXIT, "long_exit"),
    (SHORT_ENTRY, "short_entry"),
    (SHORT_EXIT, "short_exit"),
)


class Peek(msgspec.Struct, frozen=True):
    """
    The first bar whose signal is another one with fewer bars behind it.

    `row` is the bar's place and `at` its end, ns UTC; `bars` is how many bars there were when its signal was
    `with_less`, and not `with_all`.
    """

    row: int
    at: int
    bars: int
    with_all: SignalRow
    with_less: SignalRow

    @property
    def sentence(self) -> str:
        """It in a sentence."""
        return (
            f"The signal of bar {self.row} (ends {ist_iso(self.at)}) is {_told(self.with_all)} with all bars,"
            f" and {_told(self.with_less)} where the data ends with bar {self.bars - 1}: it is computed from"
            " what comes later."
        )


def first_peek(strategy: SignalStrategy, bars: Bars, *, cuts: int = 20, seed: int = 0) -> Peek | None:
    """
    Compute the signals of `bars` again on their beginnings, cut at random places; return the first change.

    Only rows behind `strategy.warmup` count. None means that no cut changed anything: a proof for these cuts
    only.
    """
    whole, size, found = strategy.rows(bars), len(bars), None
    places = range(max(1, strategy.warmup), size)
    chosen = random.Random(seed).sample(places, min(cuts, len(places)))
    for cut in sorted(chosen):
        less = strategy.rows(bars[:cut])
        for row in range(max(0, strategy.warmup - 1), cut if found is None else found.row):
            if less.row(row) != whole.row(row):
                found = Peek(row, int(bars.end[row]), cut, whole.row(row), less.row(row))
                break
    return found


def _told(row: SignalRow) -> str:
    """Return a row in words: what it wants, and where its stop and target lie."""
    words = [word for bit, word in _WORDS if row.code & bit] or ["nothing"]
    for name, kind, value in (("stop", row.stop_kind, row.stop), ("target", row.target_kind, row.target)):
        if kind is not LevelKind.NONE and value:
            words.append(f"{name} {value / 10_000:g}{' %' if kind is LevelKind.PARTS else ''}")
    if row.trail:
        words.append(f"trailing {row.trail / 10_000:g} %")
    return ", ".join(words)

"""The average of a window is the same however its ticks are cut, and whenever it is asked for."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import NAMES, SHARE, UNIVERSE

from kasauti.domain.market import TickBatch
from kasauti.engine.jobs.closing import ClosingWindow

SLOTS = [UNIVERSE.slot(each.id) for each in NAMES.values()]
ASKED = UNIVERSE.slot(SHARE.id)


def batch_of(seed: int, rows: int) -> TickBatch:
    random = np.random.default_rng(seed)
    at = np.sort(random.integers(0, 1_000, rows))
    price = random.integers(0, 3, rows) * 1_000_000  # some without a price
    volume = np.cumsum(random.integers(0, 9, rows))
    slot = random.choice(SLOTS, rows).astype(np.int32)
    return TickBatch(at, slot, price, price, price, volume, volume, volume, volume, None)


def by_hand(batch: TickBatch, begins: int, ends: int) -> tuple[int, int]:
    """Return value and units traded in the window: what the volume has grown by since the tick before."""
    value = units = 0
    before = None
    for at, slot, last, volume in zip(batch.at, batch.slot, batch.last, batch.volume, strict=True):
        if slot != ASKED or not last or at > ends:
            continue
        grown = 0 if before is None else int(volume - before)
        before = volume
        if at >= begins:
            value, units = value + int(last) * grown, units + grown
    return value, units


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rows=st.integers(2, 1_200),
    cuts=st.lists(st.integers(1, 1_199), max_size=6),
    asks=st.booleans(),
)
def test_a_window_is_the_same_however_its_ticks_are_cut(
    seed: int,
    rows: int,
    cuts: list[int],
    asks: bool,  # noqa: FBT001
) -> None:
    batch, window = batch_of(seed, rows), ClosingWindow(UNIVERSE, [ASKED], 0, 900)
    edges = [0, *sorted({cut for cut in cuts if cut < rows}), rows]

    for start, stop in pairwise(edges):
        window.ticks(batch, start, stop)
        if asks:
            window.price(ASKED)

    found, (value, units) = window.price(ASKED), by_hand(batch, 0, 900)
    if units:
        assert found is not None
        assert abs(found[0] * units - value) <= 50 * units  # to the paisa
    assert window.price(SLOTS[0] if SLOTS[0] != ASKED else SLOTS[1]) is None

"""A market as a file of columns is the same market, cannot be changed, and has a fingerprint."""

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.compose.worlds import market_of
from tests.grids import grid_of
from tests.sweeps.worlds import market
from tests.tables import ticks_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.compose.markets import Batch
from kasauti.domain.ist import ist_ns
from kasauti.domain.market import Depth
from kasauti.errors import MarketDataError
from kasauti.sweeps.columns import Columns, Span, write_columns

TICKS = ticks_of(
    """
    time      of    last  bids                 asks        volume
    09:15:00  ACME  100   99.95x50,99.90x100   100.05x10   100
    09:15:00  BETA  50    -                    50.5x7      .
    09:15:01  ACME  101   -                    -           200
    """.replace(" .\n", " 9\n"),
    lambda name: UNIVERSE.slots[NAMES[name].id],
    DAY,
)


def columns_of(batch: Any) -> list[Any]:
    """Return every column of a batch, a depth's own among them."""
    values = [getattr(batch, field.name) for field in fields(batch)]
    return [each for value in values for each in (columns_of(value) if isinstance(value, Depth) else [value])]


def equal(found: Batch, expected: Batch) -> bool:
    return type(found) is type(expected) and all(
        np.array_equal(mine, theirs) if isinstance(theirs, np.ndarray) else mine == theirs
        for mine, theirs in zip(columns_of(found), columns_of(expected), strict=True)
    )


GRIDS = [grid_of(n, [1, 2, 4], 7, missing=share) for n, share in enumerate([0.0, 0.4])]
MARKETS = {
    "grids": market_of(GRIDS, "grids"),
    "bars": market(3),
    "ticks with depth": market_of([TICKS], "ticks"),
    "ticks without": market_of([replace(TICKS, depth=None)], "ticks"),
}


@pytest.mark.parametrize("name", MARKETS)
def test_a_market_comes_back_as_it_was(name: str, tmp_path: Path) -> None:
    original = MARKETS[name]
    write_columns(original, tmp_path / "c")

    found = Columns(tmp_path / "c").market()

    batches = list(zip(found.play(None), original.play(None), strict=True))
    assert batches
    assert all(equal(mine, theirs) for mine, theirs in batches)
    assert list(found.universe) == list(original.universe)
    assert list(found.days) == list(original.days)
    assert (found.is_bars, found.is_dense, found.label) == (
        original.is_bars,
        original.is_dense,
        original.label,
    )


def test_nobody_can_write_to_it(tmp_path: Path) -> None:
    write_columns(market(1), tmp_path / "c")
    batch = next(Columns(tmp_path / "c").market().play(None))

    with pytest.raises(ValueError, match="read-only"):
        batch.at[0] = 1


def test_a_span_has_its_days_only(tmp_path: Path) -> None:
    whole = market(5)
    write_columns(whole, tmp_path / "c")
    days = whole.days

    part = Columns(tmp_path / "c").market(Span(days[1], days[3]))

    assert list(part.days) == list(days[1:4])
    assert [int(batch.at[0]) for batch in part.play(None)] == [
        int(batch.at[0]) for batch in list(whole.play(None))[1:4]
    ]


def test_play_begins_in_the_middle_where_that_is_asked(tmp_path: Path) -> None:
    whole = market(3)
    write_columns(whole, tmp_path / "c")
    moment = ist_ns(whole.days[1]) + 9 * 3600 * 10**9 + 20 * 60 * 10**9

    found = list(Columns(tmp_path / "c").market().play(moment))

    assert int(found[0].at[0]) == moment
    assert len(found) == 2


def test_equal_data_has_equal_fingerprints_and_other_data_others(tmp_path: Path) -> None:
    first = market(3)
    other = msgspec.structs.replace(first, label="another name")
    prints = {
        name: write_columns(each, tmp_path / name)
        for name, each in {"a": first, "b": market(3), "shift": market(3, shift=1), "days": market(2)}.items()
    }

    assert prints["a"] == prints["b"]
    assert len(set(prints.values())) == 3
    assert write_columns(other, tmp_path / "c") == prints["a"], "a file may be moved and renamed"


def test_a_market_without_prices_is_refused(tmp_path: Path) -> None:
    empty = msgspec.structs.replace(market(1), play=lambda _: iter(()))

    with pytest.raises(MarketDataError, match="has no prices to sweep over"):
        write_columns(empty, tmp_path / "c")

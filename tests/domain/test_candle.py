"""A candle is its values, wherever they are read from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.candle import BarRow, Candle, LoneBar
from kasauti.domain.ist import NS_PER_SECOND

NAMES = ("open", "high", "low", "close", "volume", "open_interest")
whole = st.integers(0, 2**53)
tables = st.integers(1, 6).flatmap(
    lambda size: st.lists(st.lists(whole, min_size=size, max_size=size), min_size=6, max_size=6)
)


def row_of(columns: list[list[int]], present: list[bool] | None = None) -> BarRow:
    ends = [(number + 1) * 60 * NS_PER_SECOND for number in range(len(columns[0]))]
    arrays = [np.array(column, np.int64) for column in columns]
    return BarRow("NSE:ACME", 60, ends, arrays, None if present is None else np.array(present))


@given(columns=tables)
def test_a_candle_of_a_row_is_the_candle_of_its_values(columns: list[list[int]]) -> None:
    row = row_of(columns)
    for number, values in enumerate(zip(*columns, strict=True)):
        read, made = row.candle(number), Candle("NSE:ACME", 60, number * 60 * NS_PER_SECOND, *values)
        assert read == made
        assert hash(read) == hash(made)
        assert repr(read) == repr(made)
        assert tuple(getattr(read, name) for name in NAMES) == values
        assert all(type(getattr(read, name)) is int for name in (*NAMES, "start", "seconds"))


@pytest.mark.parametrize("listed", [False, True])
@given(columns=tables)
def test_a_bar_looked_at_alone_is_the_candle_of_its_row(columns: list[list[int]], *, listed: bool) -> None:
    row = row_of(columns)
    candles = [row.candle(number) for number in range(len(columns[0]))]
    if listed:
        assert all(candle is not None and candle == candle for candle in candles)  # noqa: PLR0124  reads all
    alone = [LoneBar(row, number) for number in range(len(columns[0]))]

    assert [tuple(getattr(bar, name) for name in NAMES) for bar in alone] == list(zip(*columns, strict=True))
    assert all(type(getattr(bar, name)) is int for bar in alone for name in NAMES)
    assert any(row.lists) is listed  # looking made no list
    assert alone == candles


@pytest.mark.parametrize("name", NAMES)
def test_candles_differ_in_any_value(name: str) -> None:
    values = dict(zip(NAMES, range(1, 7), strict=True))
    candle = Candle("NSE:ACME", 60, 0, **values)

    assert candle == Candle("NSE:ACME", 60, 0, **values)
    assert candle != Candle("NSE:ACME", 60, 0, **values | {name: 9})
    assert candle not in {Candle("NSE:BETA", 60, 0, **values), Candle("NSE:ACME", 30, 0, **values)}
    assert candle != Candle("NSE:ACME", 60, 1, **values)


def test_where_a_row_has_no_bar_it_has_no_candle() -> None:
    row = row_of([[1, 0]] * 6, [True, False])

    assert row.candle(0) is not None
    assert row.candle(1) is None


@pytest.mark.parametrize("name", [*NAMES, "start", "seconds", "instrument"])
def test_a_candle_does_not_change(name: str) -> None:
    with pytest.raises(AttributeError):
        setattr(Candle("NSE:ACME", 60, 0, 1, 2, 3, 4), name, 7)


def test_a_candle_shows_its_values() -> None:
    shown = repr(Candle("NSE:ACME", 60, 0, 1, 3, 1, 2, volume=5))

    assert shown == (
        "Candle(instrument='NSE:ACME', seconds=60, start=0, open=1, high=3, low=1, close=2,"
        " volume=5, open_interest=0)"
    )

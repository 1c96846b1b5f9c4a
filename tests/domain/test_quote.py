"""A quote is its values, and is read from the columns as they are now."""

import pytest

from kasauti.domain.board import Board
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.market import Level, Quote, TickBatch

NAMES = (
    "at", "last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest", "bids", "asks",
    "fresh", "traded",
)  # fmt: skip
ACME = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, tick_size=500)


def values() -> dict[str, object]:
    book: dict[str, object] = {"bids": (Level(1, 2),), "asks": (Level(3, 4),)}
    return {**dict(zip(NAMES, range(1, 13), strict=True)), **book}


@pytest.mark.parametrize("name", NAMES)
def test_quotes_differ_in_any_value(name: str) -> None:
    other: object = () if name in {"bids", "asks"} else 99
    quote, same = Quote(**values()), Quote(**values())  # type: ignore[arg-type]
    differs = Quote(**values() | {name: other})  # type: ignore[arg-type]

    assert quote == same
    assert hash(quote) == hash(same)
    assert quote != differs
    assert len({quote, same, differs}) == 2
    assert repr(quote) != repr(differs)


@pytest.mark.parametrize(
    ("shown", "has_book"),
    [
        ({}, False),
        ({"last": 5}, False),
        ({"bid": 5}, True),
        ({"ask": 5}, True),
        ({"bids": (Level(5, 1),)}, True),
        ({"asks": (Level(5, 1),)}, True),
    ],
)
def test_a_book_is_shown_by_any_side_of_it(shown: dict[str, int], *, has_book: bool) -> None:
    assert Quote(1, **shown).has_book is has_book  # type: ignore[arg-type]


def test_a_quote_shows_what_was_applied_last() -> None:
    board = Board(Universe([ACME]))
    batch = TickBatch.of(
        at=[10, 20], slot=[0, 0], last=[1, 2], bid=[3, 4], ask=[5, 6], bid_quantity=[7, 8],
        ask_quantity=[9, 10], volume=[11, 12], open_interest=[13, 14],
    )  # fmt: skip

    board.apply(batch, 0, 1)
    assert board.quote(0) == Quote(10, 1, 3, 5, 7, 9, 11, 13, fresh=1)
    board.apply(batch, 1, 2)
    assert board.quote(0) == Quote(20, 2, 4, 6, 8, 10, 12, 14, fresh=2)
    board.clear()
    assert board.quote(0) == Quote(0, fresh=2)

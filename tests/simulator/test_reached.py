"""Which bar matters first to what rests, and the short way of a market order that is alone on its bar."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from tests.trading import OTHER, SHARE, Session, buys

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.commands import CancelOrder
from kasauti.domain.market import Candle
from kasauti.simulator.bars import first_reached, lone_match, match_bar
from kasauti.simulator.book import Book, Resting
from kasauti.simulator.fills import PROFILES
from kasauti.simulator.match import Match

#: Two instruments; the bars of the first reach everything, those of the second go out and come back.
LOWS = [[1, 1, 1, 1, 1], [99, 98, 97, 98, 99]]
HIGHS = [[900, 900, 900, 900, 900], [101, 102, 103, 102, 101]]
NEVER = 5


def book_of(*names: str) -> Book:
    """Return a book of orders as their names say: side, limit and trigger, like "buy 100" or "sell 0 98"."""
    book = Book()
    for priority, name in enumerate(names, 1):
        side, limit, trigger = [*name.split(), "0"][:3]
        book.add(
            Resting(name, 1, side == "buy", int(limit), int(trigger), 10, 10, ioc=False, priority=priority)
        )
    return book


def grid(there: Sequence[int] | None = None) -> BarGrid:
    """Return the bars of five moments; `there` are those at which the second instrument has one."""
    present = None
    if there is not None:
        present = np.ones((2, 5), np.bool_)
        present[1] = [number in there for number in range(5)]
    low, high = np.array(LOWS, np.int64), np.array(HIGHS, np.int64)
    zero = np.zeros((2, 5), np.int64)
    at = np.arange(1, 6, dtype=np.int64)
    return BarGrid(60, at, np.array([0, 1], np.int32), low, high, low, low, zero, zero, present)


@pytest.mark.parametrize(
    ("names", "start", "there", "first"),
    [
        (["buy 98"], 0, None, 1),
        (["buy 98"], 1, None, 1),
        (["buy 98"], 2, None, 2),
        (["buy 98"], 4, None, NEVER),
        (["buy 98"], 5, None, NEVER),
        (["buy 97"], 0, None, 2),
        (["buy 97"], 3, None, NEVER),
        (["buy 96"], 0, None, NEVER),
        (["buy 96", "buy 97"], 0, None, 2),
        (["sell 102"], 0, None, 1),
        (["sell 103"], 0, None, 2),
        (["sell 103"], 1, None, 2),
        (["sell 104"], 0, None, NEVER),
        (["sell 102"], 5, None, NEVER),
        (["sell 0 98"], 0, None, 1),  # a stop below, and one above
        (["buy 0 103"], 0, None, 2),
        (["buy 97", "sell 102"], 0, None, 1),
        (["buy 98", "sell 103"], 0, None, 1),
        (["buy 96", "sell 103"], 0, None, 2),
        (["buy 97", "sell 104"], 0, None, 2),
        (["buy 96", "sell 104"], 0, None, NEVER),
        (["buy 98", "sell 104"], 2, None, 2),  # it went further than the limit
        (["buy 0"], 0, None, 0),  # who waits for any bar takes the next one
        (["sell 0"], 3, None, 3),
        (["buy 0"], 5, None, NEVER),
        (["buy 0", "buy 97"], 1, None, 1),
        # where there is no bar, nothing is reached
        (["buy 98"], 0, [0, 3, 4], 3),
        (["sell 102"], 0, [0, 3, 4], 3),
        (["buy 97", "sell 102"], 0, [0, 3, 4], 3),
        (["buy 97"], 0, [0, 1, 3, 4], NEVER),
        (["buy 0"], 1, [0, 3, 4], 3),
        (["buy 0"], 2, [0, 1], NEVER),
        (["buy 0"], 5, [0, 1], NEVER),
    ],
)
def test_the_first_bar_that_matters(
    names: list[str], start: int, there: list[int] | None, first: int
) -> None:
    assert first_reached(book_of(*names), grid(there), 1, start) == first


_ORDERS = ("buy 0", "sell 0", "buy 100", "sell 100", "buy 0 101", "sell 0 99")
_BOOKS = [[], *([name] for name in _ORDERS), *([*pair] for pair in product(_ORDERS, repeat=2))]


def _terms(match: Match) -> list[object]:
    names = "quantity price source rule evidence_price shown taken level queue slip"
    return [getattr(match, name) for name in names.split()]


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("arrived_at", [0, 1, 2])  # the bar opens at 1
@pytest.mark.parametrize("volume", [0, 9, 10, 11])  # of ten units
def test_the_short_way_of_a_bar_is_the_long_way(profile: str, arrived_at: int, volume: int) -> None:
    """It is taken by one market order that was there and that the bar fills whole, and by nothing else."""
    for names in _BOOKS:
        book, candle = book_of(*names), Candle("NSE:ACME", 60, 1, 100, 102, 98, 101, volume)
        for order in book:
            order.arrived_at = arrived_at
        alone = names in (["buy 0"], ["sell 0"])
        short = lone_match(book, candle)
        assert (short is not None) is (alone and arrived_at <= 1 and volume != 9), names
        if short is not None:
            ((order, match, woke),) = match_bar(book, candle, PROFILES[profile]())
            assert (short[0], _terms(short[1]), False) == (order, _terms(match), woke)


def test_a_bar_of_another_instrument_or_of_nothing_asked_for_never_matters() -> None:
    session = Session("touch")
    session.ticks("time of last\n09:15 ACME 100\n09:15 BETA 100")
    session.ask("09:15:01", buys(SHARE, 10, "98"))
    slot, other = session.universe.slot(SHARE.id), session.universe.slot(OTHER.id)
    bars = grid()
    mine = replace(bars, slots=np.array([other, slot] if other < slot else [slot, other], np.int32))
    theirs = replace(bars, slots=np.array([other, other + 1], np.int32))
    assert slot not in theirs.places

    assert session.venue.first_bar(slot, theirs, 0) == NEVER
    assert session.venue.first_bar(other, mine, 0) == NEVER
    assert session.venue.first_bar(other, theirs, 0) == NEVER


def test_where_the_last_order_has_gone_nothing_is_looked_at() -> None:
    session = Session("depth")
    session.ticks("time last bid bid_quantity ask ask_quantity\n09:15 100 99.95 500 100.05 500")
    order_id = session.ask("09:15:01", buys(SHARE, 10, "98"))
    slot = session.universe.slot(SHARE.id)
    assert session.venue.interest.held == {slot}
    session.ask("09:15:02", CancelOrder(order_id))

    assert session.venue.interest.held == set()
    assert not session.venue.interest.watches(slot)

"""An order that the best level fills whole takes a short way; it leads to what the long way leads to."""

from collections.abc import Sequence
from typing import NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.trading import FUTURE, Session, difference, order

from kasauti.domain import events as ev
from kasauti.domain.order import Side, Validity
from kasauti.simulator import venue


class Wish(NamedTuple):
    """An order of `lots`, `away` ticks from 100 where it has a limit, asked for `after` milliseconds."""

    buys: bool
    lots: int
    away: int | None
    ioc: bool
    after: int


class Shown(NamedTuple):
    """A quote: ticks from 100 of bid and ask (None: no such side), lots shown on each, levels a side."""

    bid: int | None
    ask: int | None
    lots: int
    levels: int


wishes = st.builds(
    Wish, st.booleans(), st.integers(1, 4), st.none() | st.integers(-3, 3), st.booleans(), st.integers(0, 900)
)
quotes = st.builds(
    Shown,
    st.none() | st.integers(-3, -1),
    st.none() | st.integers(1, 3),
    st.integers(0, 4),
    st.integers(0, 3),
)
moments = st.lists(st.tuples(quotes, st.lists(wishes, max_size=4)), min_size=1, max_size=6)


def table(quotes: Sequence[Shown]) -> str:
    """Return ticks a second apart; where a quote has levels, they are ten paise from each other."""
    rows = ["time last bid ask bid_quantity ask_quantity bids asks"]
    for second, (bid, ask, lots, levels) in enumerate(quotes):
        size = lots * FUTURE.lot_size
        sides = [0 if ticks is None else 100 + ticks / 10 for ticks in (bid, ask)]
        depth = ["0", "0"]
        if size:
            depth = [
                ",".join(f"{best + way * level / 10:.2f}x{size}" for level in range(levels if best else 0))
                or "0"
                for best, way in zip(sides, (-1, 1), strict=True)
            ]
        rows.append(f"09:15:{second:02} 100 {sides[0]} {sides[1]} {size} {size} {depth[0]} {depth[1]}")
    return "\n".join(rows)


def traded(moments: Sequence[tuple[Shown, list[Wish]]], profile: str, latency_ms: int) -> list[ev.Recorded]:
    """Return the log of a session in which this was shown and asked for."""
    session = Session(profile, latency_ms=latency_ms, capital=10**9)
    asks = [
        (
            f"09:15:{second:02}.{wish.after:03}",
            order(
                Side.BUY if wish.buys else Side.SELL,
                FUTURE,
                wish.lots * FUTURE.lot_size,
                "" if wish.away is None else f"{100 + wish.away / 10:.2f}",
                validity=Validity.IOC if wish.ioc else Validity.DAY,
            ),
        )
        for second, (_, asked) in enumerate(moments)
        for wish in sorted(asked, key=lambda wish: wish.after)
    ]
    session.play(table([shown for shown, _ in moments]), *asks, of="FUT")
    assert session.proof().passed
    return session.log


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@given(moments, st.sampled_from([0, 0, 150]))
def test_the_short_way_records_what_the_long_way_does(
    profile: str, moments: list[tuple[Shown, list[Wish]]], latency_ms: int
) -> None:
    short = traded(moments, profile, latency_ms)
    with patch.object(venue, "taken_whole", lambda *_: None):
        long = traded(moments, profile, latency_ms)

    assert not difference(short, long)


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_the_short_way_is_taken(profile: str) -> None:
    moments = [(Shown(-1, 1, 2, 2), [Wish(buys=True, lots=2, away=None, ioc=False, after=0)])]
    with patch.object(venue.SimulatedVenue, "_fill", side_effect=AssertionError("the long way")):
        log = traded(moments, profile, 0)

    assert [each.event.quantity for each in log if isinstance(each.event, ev.OrderFilled)] == [130]

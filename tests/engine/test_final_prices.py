"""What contracts settle at: the average of the last half hour, the closing auction, or what stands in."""

from datetime import date

import pytest
from tests.tables import ticks_of
from tests.trading import CALL, DAY, INDEX, Session, buys

from kasauti.domain import events as ev
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees

HEADER = "time of last bid bid_quantity ask ask_quantity\n"
OPEN = HEADER + "09:15:00 NIFTY 26000 - - - -\n09:15:00 {0} 120 120 65000 120 65000"


def settled(session: Session) -> tuple[str, str]:
    """Return the final price of the underlying, and where it comes from."""
    (event,) = session.events(ev.PositionSettled)
    return f"{event.evidence.order_price / 10_000:.2f}", event.evidence.profile


def test_an_index_settles_at_the_mean_of_its_last_half_hour() -> None:
    """26,300 at 15:00 is in the window, 26,900 before it is not: (26,300 + 26,100 + 26,100.10) / 3."""
    session = Session(stale_s=100_000).ticks(OPEN.format("CE"))
    session.ask("09:15:01", buys(CALL, 65))
    rows = "14:59:59 NIFTY 26900\n15:00:00 NIFTY 26300\n15:15:00 NIFTY 26100\n15:30:00 NIFTY 26100.10"
    session.ticks(f"time of last\n{rows}").until("15:31")

    assert settled(session) == ("26166.70", "settlement/closing-window")
    assert session.proof().passed


def test_bars_of_the_window_count_as_the_mean_of_high_low_and_close() -> None:
    """Bars of five minutes that end in the window; the one that ends at 15:00 lies before it."""
    session = Session(stale_s=100_000)
    rows = [
        "09:15 NIFTY 26000 26000 26000 26000",
        "14:55 NIFTY 27000 27000 27000 27000",
        "15:00 NIFTY 26100 26130 26070 26100",
        "15:25 NIFTY 26200 26260 26180 26190",
    ]
    session.bars("time of open high low close\n" + "\n".join(rows[:1]), seconds=300)
    session.ticks(f"{HEADER}09:21:00 CE 120 120 65000 120 65000")
    session.ask("09:21:01", buys(CALL, 65))
    session.bars("time of open high low close\n" + "\n".join(rows[1:]), seconds=300).until("15:31")

    assert settled(session) == ("26155.00", "settlement/closing-window")


def test_the_window_is_known_again_after_a_restart_inside_it() -> None:
    before = Session(stale_s=100_000).ticks(OPEN.format("CE"))
    before.ask("09:15:01", buys(CALL, 65))
    seen = "time of last\n15:05:00 NIFTY 26300"
    before.ticks(seen)
    history = [ticks_of(table, before._slot, DAY) for table in (OPEN.format("CE"), seen)]
    session = before.restart(history, stale_s=100_000)
    session.ticks("time of last\n15:20:00 NIFTY 26200").until("15:31")

    assert settled(session) == ("26250.00", "settlement/closing-window")


def test_without_a_price_in_the_window_the_last_one_stands_in_and_says_so() -> None:
    session = Session(stale_s=100_000).ticks(OPEN.format("CE"))
    session.ask("09:15:01", buys(CALL, 65))
    session.ticks("time of last\n14:00:00 NIFTY 26111").until("15:31")

    assert settled(session) == ("26111.00", "settlement/last-price")


@pytest.mark.parametrize(
    ("last", "basis"),
    [("15:14:59", "settlement/last-price"), ("15:31:00", "settlement/closing-auction")],
)
def test_while_the_closing_auction_makes_the_close_the_last_price_counts(last: str, basis: str) -> None:
    """Tuesday 2026-08-04: the index stands still from 15:15 and shows its close when the auction is over."""
    day = date(2026, 8, 4)
    call = Instrument(
        Exchange.NFO, "NIFTY2680426000CE", Kind.CALL, 500, 65, 1800, "NIFTY", day, rupees(26000), INDEX.id,
        on_index=True,
    )  # fmt: skip
    session = Session(universe=Universe([INDEX, call]), stale_s=100_000)
    session.ticks(OPEN.format(call.id), day)
    session.ask("09:15:01", buys(call, 65), day)
    session.ticks(f"time of last\n15:01:00 NIFTY 26900\n{last} NIFTY 26120", day).until("15:41", day)

    assert settled(session) == ("26120.00", basis)


def test_a_share_that_nobody_traded_in_the_closing_auction_closes_at_its_reference_price() -> None:
    """1,400 for 100 units and 1,404 for 300 between 15:00 and 15:15; 1,450 before does not count."""
    day = date(2026, 9, 29)
    share = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 1000, name="RELIANCE", isin="INE002A01018")
    future = Instrument(
        Exchange.NFO, "RELIANCE26SEPFUT", Kind.FUTURE, 1000, 500, 0, "RELIANCE", day, 0, share.id
    )
    session = Session(capital=100_000_000, universe=Universe([share, future]), stale_s=100_000)
    session.ticks(
        f"{HEADER}09:15:00 {share.id} 1450 - - - -\n09:15:00 {future.id} 1450 1450 5000 1450 5000", day
    )
    session.ask("09:15:01", buys(future, 500), day)
    rows = f"14:59:00 {share.id} 1450 1000\n15:01:00 {share.id} 1400 1100\n15:10:00 {share.id} 1404 1400"
    session.ticks(f"time of last volume\n{rows}", day).until("15:41", day)

    assert settled(session) == ("1403.00", "settlement/auction-reference")


def test_the_exchange_s_own_price_goes_before_ours() -> None:
    session = Session(stale_s=100_000, official={(INDEX.id, DAY): rupees("26010.35")})
    session.ticks(OPEN.format("CE"))
    session.ask("09:15:01", buys(CALL, 65))
    session.ticks("time of last\n15:20:00 NIFTY 26200").until("15:31")

    assert settled(session) == ("26010.35", "settlement/official")


def test_trades_count_by_their_units_where_they_are_known() -> None:
    """A share: 100 at 15:10 for 300 units, 104 at 15:20 for 100; the first print's own is not known."""
    share = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")
    future = Instrument(Exchange.NFO, "ACME26JANFUT", Kind.FUTURE, 500, 100, 0, "ACME", DAY, 0, share.id)
    session = Session(universe=Universe([share, future]), stale_s=100_000)
    session.ticks(f"{HEADER}09:15:00 ACME 100 - - - -\n09:15:00 {future.id} 100 100 5000 100 5000")
    session.ask("09:15:01", buys(future, 100))
    rows = "15:01:00 ACME 90 1000\n15:10:00 ACME 100 1300\n15:20:00 ACME 104 1400"
    session.ticks(f"time of last volume\n{rows}").until("15:31")

    assert settled(session) == ("101.00", "settlement/closing-window")

"""The band: the same orders by a kinder and a harsher fill model, which change nothing of the account."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import CALL, SHARE, Session, buys, difference, sells
from tests.wishes import Wish, wishes

from kasauti.analytics.band import band_of
from kasauti.domain import events as ev
from kasauti.domain.money import rupees

#: A limit that the next trade touches and does not go through, then a rise, then a fall back.
TOUCHED = """
    time      last   bids       asks        volume
    09:15:00  100    99.95x500  100.05x500  1000
    09:16:00  99.90  99.90x500  99.95x500   1100
    09:17:00  101    100.95x500 101.05x500  1200
    09:18:00  101    100.95x500 101.05x500  1300
"""


def shaded(session: Session) -> dict[str, list[tuple[int, str]]]:
    """Return what each edge traded: (signed quantity, price)."""
    found: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for event in session.events(ev.BandFilled):
        price = event.price / rupees(1)
        found[event.profile].append((event.side.sign * event.quantity, f"{price:.2f}"))
    return dict(found)


def test_a_taker_trades_at_the_next_last_price_by_the_kindest_and_at_the_book_by_the_harshest() -> None:
    session = Session("depth", band=True)
    session.play(TOUCHED, ("09:15:01", buys(SHARE, 10)))

    assert session.fills() == [("09:15:01", 10, "100.05")]
    assert shaded(session) == {"pessimistic/1": [(10, "100.05")], "ltp/1": [(10, "99.90")]}


def test_a_limit_that_is_only_touched_trades_by_the_kindest_and_not_by_the_harshest() -> None:
    session = Session("touch", band=True)
    session.play(TOUCHED, ("09:15:01", buys(SHARE, 10, "99.90")))

    assert session.fills() == []
    assert shaded(session) == {"ltp/1": [(10, "99.90")]}


def test_what_was_never_bought_is_not_sold() -> None:
    session = Session("ltp", band=True)
    session.play(TOUCHED, ("09:15:01", buys(SHARE, 10, "99.90")), ("09:17:30", sells(SHARE, 10)))

    assert session.fills() == [("09:16:00", 10, "99.90"), ("09:18:00", -10, "101.00")]
    assert shaded(session) == {}, "the harshest never bought, and ltp is the account's own"


def test_a_missed_exit_is_closed_at_the_last_price_when_the_day_ends() -> None:
    session = Session("ltp", band=True)
    table = TOUCHED + "    15:00:00  95     94.95x500  95.05x500   1400\n"
    session.play(table, ("09:15:01", buys(SHARE, 10)), ("09:15:02", sells(SHARE, 10, "101")))
    session.until("15:45:00")

    assert session.fills() == [("09:16:00", 10, "99.90"), ("09:17:00", -10, "101.00")]
    harsh = shaded(session)["pessimistic/1"]
    assert harsh[0] == (10, "100.05")
    assert sum(quantity for quantity, _ in harsh) == 0
    (last,) = [event for event in session.events(ev.BandFilled) if not event.order_id]
    assert (last.profile, last.price) == ("pessimistic/1", rupees(95))
    assert session.state.band["pessimistic/1"].held == {}


def test_the_edges_pay_the_charges_of_whole_orders() -> None:
    session = Session("depth", band=True)
    table = """
        time      last  bids     asks                   volume
        09:15:00  100   99x100   100x30,100.05x30       1000
    """
    session.play(table, ("09:15:01", buys(SHARE, 50)))

    own = sum(fill.charges.total for fill in session.events(ev.OrderFilled))
    assert session.state.band["pessimistic/1"].charges == own


def test_a_contract_that_expires_settles_on_every_side() -> None:
    session = Session("depth", band=True)
    table = """
        time      of     last   bid    ask
        15:00:00  NIFTY  26100  -      -
        15:00:00  CE     100    99.95  100.05
    """
    session.play(table, ("15:00:01", buys(CALL, CALL.lot_size)))
    session.until("15:45:00")

    (settled,) = session.events(ev.PositionSettled)
    edges = band_of(session.events(), {})
    harsh = session.state.band["pessimistic/1"]
    assert harsh.held == {}
    assert harsh.cash == CALL.lot_size * (settled.price - rupees("100.05"))
    assert {edge.profile: edge.gross for edge in edges}["pessimistic/1"] == harsh.cash


def test_a_restart_goes_on_with_what_each_edge_holds() -> None:
    session = Session("depth", band=True)
    session.play(TOUCHED, ("09:15:01", buys(SHARE, 10)))
    again = session.restart(profile="depth", band=True)
    table = """
        time      last   bids       asks        volume
        09:19:00  101    100.95x500 101.05x500  1400
        09:21:00  101    100.95x500 101.05x500  1500
    """
    again.play(table, ("09:20:00", sells(SHARE, 10)))

    assert {profile: shade.held for profile, shade in again.state.band.items()} == {
        "ltp/1": {},
        "pessimistic/1": {},
    }


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@given(data=st.data())
@settings(max_examples=25)
def test_the_band_changes_nothing_of_the_account(profile: str, data: st.DataObject) -> None:
    """Whatever is ordered, on whatever prices, the log is the same but for what the edges traded."""
    alone, banded = Session(profile, slippage=1), Session(profile, slippage=1, band=True)
    rows, last, volume = [], 100_0000, 0
    for minute in range(15, 15 + data.draw(st.integers(1, 6))):
        last += data.draw(st.integers(-4, 4)) * SHARE.tick_size
        volume += data.draw(st.integers(0, 200))
        rows.append(_row(minute, last, volume))
        asked: list[Wish] = data.draw(st.lists(wishes, max_size=3))
        for session in (alone, banded):
            session.ticks("time last bids asks volume\n" + rows[-1])
            for wish in asked:
                if wish.instrument is SHARE:
                    session.ask(f"09:{minute}:01", wish.command(last))
    for session in (alone, banded):
        session.until("15:45:00")

    own = [each for each in banded.log if not isinstance(each.event, ev.BandFilled)]
    assert difference([_unnumbered(each) for each in alone.log], [_unnumbered(each) for each in own]) == ""
    held = {key: each.quantity for key, each in banded.state.positions.items() if each.quantity}
    assert all(shade.held == held for shade in banded.state.band.values())


def _row(minute: int, last: int, volume: int) -> str:
    price, tick = last / rupees(1), SHARE.tick_size / rupees(1)
    bids = ",".join(f"{price - tick * level:.2f}x{50 * level}" for level in (1, 2, 3))
    asks = ",".join(f"{price + tick * level:.2f}x{50 * level}" for level in (1, 2, 3))
    return f"09:{minute}:00 {price:.2f} {bids} {asks} {volume}"


def _unnumbered(recorded: ev.Recorded) -> ev.Recorded:
    return ev.Recorded(0, recorded.at, recorded.cause, recorded.event)

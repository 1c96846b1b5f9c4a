"""A corporate action adjusts what is held before the ex-date's first trade: once, also late, balanced."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
from tests.trading import CALENDAR, DAY, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import GttLeg, PlaceBracket, PlaceGtt
from kasauti.domain.holding import holdings
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State
from kasauti.exchange.calendar import Segment
from kasauti.exchange.overlay import Overlay, using

CNC, NRML = Product.CNC, Product.NRML
FRIDAY = date(2026, 1, 16)
HEADER = "time of last bid bid_quantity ask ask_quantity\n"

ZED = Instrument(Exchange.NSE, "ZED", Kind.EQUITY, 500, name="ZED")


def _contract(symbol: str, kind: Kind, strike: int = 0, lot: int = 100) -> Instrument:
    return Instrument(
        Exchange.NFO,
        symbol,
        kind,
        500,
        lot,
        name="ACME",
        expiry=date(2026, 1, 27),
        strike=rupees(strike),
        underlying=SHARE.id,
    )


FUTURE = _contract("ACME26JANFUT", Kind.FUTURE)
CALL_255 = _contract("ACME26JAN255CE", Kind.CALL, 255)
CALL_247 = _contract("ACME26JAN247CE", Kind.CALL, 247)
CALL_170 = _contract("ACME26JAN170CE", Kind.CALL, 170, lot=150)
UNIVERSE = Universe([SHARE, ZED, FUTURE, CALL_255, CALL_247, CALL_170])
NAMES = {"ACME": SHARE, "ZED": ZED, "FUT": FUTURE, "C255": CALL_255, "C247": CALL_247, "C170": CALL_170}


@contextmanager
def company(**fields: Any) -> Iterator[None]:
    """Let a company do something, from NEXT_DAY on if nothing else is said."""
    row = {
        "symbol": "ACME",
        "effective_from": NEXT_DAY.isoformat(),
        "source": "its notice",
        "confidence": "certain",
    } | fields
    with using(Overlay("mine", (("corporate_actions.json", json.dumps({"actions": [row]})),))):
        yield


BONUS = {"kind": "bonus", "new": 1, "for": 2}
DIVIDEND = {"kind": "dividend", "rupees": "8", "extraordinary": True}


def market(session: Session, day: date, **prices: str) -> Session:
    rows = [
        f"09:15:00 {NAMES[name].id} {price} {price} 50000 {price} 50000" for name, price in prices.items()
    ]
    return session.ticks(HEADER + "\n".join(rows), day)


def new() -> Session:
    session = Session(universe=UNIVERSE, stale_s=1_000_000)
    return market(session, DAY, ACME="255", FUT="256", C255="10", ZED="50")


def balanced(session: Session) -> Session:
    """Check that the books balance, that the fold is that of the log, and that the proof passes."""
    assert session.state.ledger.trial_balance == 0
    assert State.replay(session.log.read()) == session.state
    proof = session.proof()
    assert proof.passed, proof.problem
    return session


def adjusted(session: Session) -> list[ev.PositionAdjusted]:
    return session.events(ev.PositionAdjusted)


def opens(day: date) -> int:
    found = CALENDAR.session(day, Segment.EQUITY)
    assert found is not None
    return found.open


def test_a_bonus_gives_more_shares_that_cost_the_same() -> None:
    """TRENT's 1:2: of 100 shares at 255 become 150 at 170."""
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        funds = session.until("15:31").state.ledger.funds

        market(session, NEXT_DAY, ACME="170")

    position = session.position(SHARE, CNC)
    assert (position.quantity, position.cost, position.average_price) == (150, rupees(25_500), rupees(170))
    assert session.state.ledger.funds == funds
    (held,) = holdings(session.state)
    assert (held.quantity, held.t1, held.cost) == (0, 150, rupees(25_500))
    (event,) = adjusted(session)
    assert (event.action, event.quantity, event.into_quantity) == ("bonus of 1 for 2", 100, 150)
    assert event.due == opens(NEXT_DAY)
    balanced(session)


def test_it_comes_before_anything_else_of_the_day() -> None:
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170")

    kinds = [type(each.event) for each in session.log]
    at = kinds.index(ev.PositionAdjusted)
    assert kinds[at - 1] is ev.DayOpened
    assert session.log[at].cause == "timer:corporate_actions"
    assert session.log[at].at == session.log[at - 1].at


def test_holdings_and_what_is_on_its_way_are_adjusted_together() -> None:
    with company(**BONUS, effective_from="2026-01-16"):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="255")
        session.ask("09:16", buys(SHARE, 11, product=CNC), NEXT_DAY)
        session.ask("09:17", sells(SHARE, 20, product=CNC), NEXT_DAY)
        session.until("15:31", NEXT_DAY)
        market(session, FRIDAY, ACME="170")

        held = holdings(session.state)[0]
        assert held.quantity + held.t1 == session.held(SHARE, CNC) == 91 * 3 // 2
        session.ask("09:16", sells(SHARE, 136, product=CNC), FRIDAY)
        session.until("15:31", FRIDAY)
        market(session, date(2026, 1, 19), ACME="170").until("15:31", date(2026, 1, 19))

    assert holdings(session.state) == []
    assert session.state.holdings == {}
    balanced(session)


def test_a_dividend_is_paid_to_who_held_and_changes_no_cost() -> None:
    with company(kind="dividend", rupees="2", extraordinary=False):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC), DAY)
        session.ask("09:15:02", buys(FUTURE, 100, product=NRML), DAY)
        session.until("15:31")
        cash = session.state.ledger.funds
        market(session, NEXT_DAY, ACME="253", FUT="254")

    position = session.position(SHARE, CNC)
    assert (position.quantity, position.cost) == (100, rupees(25_500))
    assert session.state.ledger.funds == cash + rupees(200)
    assert session.state.ledger.dividends == -rupees(200)
    assert [event.instrument for event in adjusted(session)] == [SHARE.id], "an ordinary one leaves contracts"
    balanced(session)


def test_an_extraordinary_dividend_moves_strikes_and_lowers_what_a_future_cost() -> None:
    """ITC's 8 rupees: strike 255 becomes 247; who is long a future neither gains nor loses by the fall."""
    with company(**DIVIDEND):
        session = new()
        session.ask("09:15:01", buys(FUTURE, 100, product=NRML))
        session.ask("09:15:02", sells(CALL_255, 100, product=NRML))
        session.until("15:31")
        funds = session.state.ledger.funds
        market(session, NEXT_DAY, ACME="247", FUT="248", C247="10")

    future, call = session.position(FUTURE), session.position(CALL_247)
    assert (future.quantity, future.average_price) == (100, rupees(248))
    assert future.unrealised(rupees(248)) == 0
    assert (call.quantity, call.cost) == (-100, -rupees(1000))
    assert session.held(CALL_255) == 0
    assert session.state.ledger.funds == funds
    balanced(session)
    session.ask("09:16", sells(FUTURE, 100, product=NRML), NEXT_DAY)
    session.ask("09:17", buys(CALL_247, 100, product=NRML), NEXT_DAY)
    assert session.state.held == []
    assert session.state.day_realised == 0
    balanced(session)


def test_a_bonus_changes_units_strike_and_symbol_of_contracts() -> None:
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(CALL_255, 200, product=NRML))
        session.ask("09:15:02", sells(FUTURE, 100, product=NRML))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170", FUT="171", C170="7")

    call, future = session.position(CALL_170), session.position(FUTURE)
    assert (call.quantity, call.cost) == (300, rupees(2000))
    assert (future.quantity, future.cost) == (-150, -rupees(25_600))
    balanced(session)


def test_a_renamed_share_goes_on_under_its_new_symbol() -> None:
    with company(kind="rename", into="ZED"):
        session = new()
        session.ask("09:15:01", buys(SHARE, 10, product=CNC))
        session.ask("09:15:02", buys(ZED, 10, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ZED="255")

    assert session.held(SHARE, CNC) == 0
    position = session.position(ZED, CNC)
    assert (position.quantity, position.cost) == (20, rupees(2550 + 500))
    (held,) = holdings(session.state)
    assert (held.instrument, held.t1) == (ZED.id, 20)
    balanced(session)


def test_after_days_away_it_is_done_late_and_once() -> None:
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")

        again = session.restart(stale_s=1_000_000)
        market(again, FRIDAY, ACME="170")
        (event,) = adjusted(again)
        assert event.due == opens(NEXT_DAY)
        assert [each.cause for each in again.log if each.event is event] == ["timer:corporate_actions late"]

        again.until("15:31", FRIDAY)
        market(again, date(2026, 1, 19), ACME="170")
        later = again.restart(stale_s=1_000_000)
        market(later, date(2026, 1, 20), ACME="170")

    assert len(adjusted(later)) == 1
    assert later.held(SHARE, CNC) == 150
    balanced(later)


def test_a_process_that_is_started_again_on_the_ex_date_does_nothing_twice() -> None:
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170")

        again = session.restart(stale_s=1_000_000)
        market(again, NEXT_DAY, ACME="171")

    assert len(adjusted(again)) == 1
    assert again.held(SHARE, CNC) == 150


def test_what_was_bought_on_the_ex_date_is_not_adjusted() -> None:
    with company(**BONUS, effective_from=DAY.isoformat()):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="255")

    assert adjusted(session) == []
    assert session.held(SHARE, CNC) == 100


def test_an_ex_date_on_a_holiday_is_the_next_trading_day_and_not_late() -> None:
    """15 January 2026 is a holiday."""
    with company(**BONUS, effective_from="2026-01-15"):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="255").until("15:31", NEXT_DAY)
        market(session, FRIDAY, ACME="170")

    (event,) = adjusted(session)
    assert event.due == opens(FRIDAY)
    assert [each.cause for each in session.log if each.event is event] == ["timer:corporate_actions"]


def test_the_stops_of_a_gtt_follow_the_price_and_its_units_the_ratio() -> None:
    gtt = PlaceGtt(
        SHARE.id,
        (
            GttLeg(Side.SELL, 100, rupees("239.95"), rupees(240)),
            GttLeg(Side.SELL, 100, rupees(300), rupees(300)),
        ),
    )
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.ask("09:15:02", gtt)
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170")

        (one,) = session.state.standing.values()
        assert isinstance(one.plan, PlaceGtt)
        assert [(leg.quantity, leg.price, leg.trigger_price) for leg in one.plan.legs] == [
            (150, rupees("159.95"), rupees(160)),  # 159.97 to the tick
            (150, rupees(200), rupees(200)),
        ]
        assert session.events(sev.StandingTriggered) == [], "170 is no fall to 240"
        session.ticks(HEADER + f"09:20:00 {SHARE.id} 160 160 50000 160 50000", NEXT_DAY)

    assert [event.leg for event in session.events(sev.StandingTriggered)] != []
    balanced(session)


def test_exits_that_stand_ready_follow_units_and_prices() -> None:
    bracket = PlaceBracket(buys(FUTURE, 200, product=NRML), stoploss=rupees(240), target=rupees(300))
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", bracket)
        (one,) = session.state.standing.values()
        assert (one.guarded, one.stop, one.target) == (200, rupees(240), rupees(300))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170", FUT="171")

        assert (one.guarded, one.stop, one.target) == (300, rupees(160), rupees(200))
        assert session.held(FUTURE) == 300
        session.ticks(HEADER + f"09:20:00 {FUTURE.id} 159.95 159.95 50000 160 50000", NEXT_DAY)

    assert session.held(FUTURE) == 0, "the stop acted at its new price, for the new units"
    balanced(session)


def test_a_dividend_moves_no_stop_of_a_share() -> None:
    gtt = PlaceGtt(SHARE.id, (GttLeg(Side.SELL, 100, rupees(240), rupees(240)),))
    with company(**DIVIDEND):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.ask("09:15:02", gtt)
        session.until("15:31")
        market(session, NEXT_DAY, ACME="247")

    (one,) = session.state.standing.values()
    assert one.plan == gtt
    assert session.events(sev.StandingChanged) == []


def test_an_adjustment_that_does_not_fit_what_is_held_cannot_be_folded() -> None:
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 100, product=CNC))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170")
    place = next(n for n, each in enumerate(session.log) if isinstance(each.event, ev.PositionAdjusted))
    wrong = msgspec.structs.replace(session.log[place].event, into_quantity=151)
    session.log[place] = msgspec.structs.replace(session.log[place], event=wrong)

    assert "its ratio says how many there are" in session.proof().problem

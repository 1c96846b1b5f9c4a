"""What a corporate action leaves that cannot be held: fractions are paid in cash, rights lapse."""

import pytest
from tests.engine.test_corporate_actions import (
    BONUS,
    CNC,
    FUTURE,
    NRML,
    adjusted,
    balanced,
    company,
    market,
    new,
)
from tests.trading import NEXT_DAY, SHARE, buys, sells

from kasauti.domain import standing_events as sev
from kasauti.domain.commands import GttLeg, PlaceGtt
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.domain.standing import StandingStatus

GOAL = rupees(300)


@pytest.mark.parametrize("quantity", [1, 3, 7, 99, 101])
def test_a_fraction_of_a_share_is_paid_in_cash_and_its_cost_stays(quantity: int) -> None:
    """Half a share, at 255 before a bonus of 1 for 2, is half of 170: 85 rupees."""
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, quantity, product=CNC))
        funds = session.until("15:31").state.ledger.funds
        market(session, NEXT_DAY, ACME="170")

    position = session.position(SHARE, CNC)
    assert (position.quantity, position.cost) == (quantity * 3 // 2, rupees(255 * quantity))
    assert session.state.ledger.funds == funds + rupees(85)
    assert session.state.ledger.dividends == -rupees(85)
    (event,) = adjusted(session)
    assert event.action == "bonus of 1 for 2; 1/2 of a share is paid for by the last close of 255.00"
    balanced(session)


def test_where_no_close_is_known_a_fraction_is_left_out_and_that_is_said() -> None:
    """The share has not traded before the account bought it by a limit, and never since."""
    with company(**BONUS):
        session = new()
        session.ask("09:15:01", buys(SHARE, 101, product=CNC))
        session.until("15:31")
        session.state.marks = {}
        market(session, NEXT_DAY, ACME="170")

    (event,) = adjusted(session)
    assert (event.cash, event.into_quantity) == (0, 151)
    assert event.action.endswith("1/2 of a share is left out: no last close is known to value it by")


@pytest.mark.parametrize("quantity", [1, 9])
def test_less_than_one_share_is_paid_in_cash_and_closes_the_position(quantity: int) -> None:
    """Ten become one: of nine shares at 255 nothing is left but nine tenths of a share at 2,550."""
    with company(kind="split", held=10, becomes=1):
        session = new()
        session.ask("09:15:01", buys(SHARE, quantity, product=CNC))
        session.ask("09:15:02", PlaceGtt(SHARE.id, (GttLeg(Side.SELL, quantity, GOAL, GOAL),), CNC))
        funds = session.until("15:31").state.ledger.funds
        market(session, NEXT_DAY, ACME="2550")
        again = session.restart()

    for each in (session, again):
        (event,) = adjusted(each)
        assert (event.into_quantity, event.cash) == (0, rupees(255) * quantity)
        position = each.state.positions[f"{SHARE.id}|{CNC}"]
        assert (position.quantity, position.cost, position.realised) == (0, 0, 0)
        assert each.state.ledger.funds == funds + rupees(255) * quantity
        assert (each.state.ledger.securities, each.state.ledger.dividends) == (0, 0)
        assert (each.state.holdings, each.state.deliveries, each.state.halted) == ({}, {}, "")
        (ended,) = each.events(sev.StandingEnded)
        assert (ended.status, ended.reason[:19]) == (StandingStatus.DISABLED, "split of 10 into 1:")
        balanced(each)


def test_a_share_that_cost_less_than_is_paid_for_its_fraction_has_earned_that() -> None:
    """Bought at 255, closed at 300: nine tenths of 3,000 less what nine shares cost."""
    with company(kind="split", held=10, becomes=1):
        session = new()
        session.ask("09:15:01", buys(SHARE, 9, product=CNC))
        session.ticks(f"time of last\n15:00:00 {SHARE.id} 300")
        session.until("15:31")
        market(session, NEXT_DAY, ACME="3000")

    (event,) = adjusted(session)
    assert event.cash == rupees(300 * 9)
    assert session.state.positions[f"{SHARE.id}|{CNC}"].realised == rupees(45 * 9)
    balanced(session)


def test_where_no_close_is_known_less_than_one_share_halts_and_is_kept() -> None:
    with company(kind="split", held=10, becomes=1):
        session = new()
        session.ask("09:15:01", buys(SHARE, 9, product=CNC))
        session.until("15:31")
        session.state.marks = {}
        market(session, NEXT_DAY, ACME="2550")

    assert adjusted(session) == []
    assert "nobody knows what is paid for that" in session.state.halted
    assert session.held(SHARE, CNC) == 9


def test_a_contract_has_no_fraction_to_pay_for() -> None:
    """100 units of a future become 133 and a third."""
    with company(kind="split", held=3, becomes=4):
        session = new()
        session.ask("09:15:01", sells(FUTURE, 100, product=NRML))
        session.until("15:31")
        market(session, NEXT_DAY, ACME="170", FUT="170")

    assert [(event.into_quantity, event.cash) for event in adjusted(session)] == [(-133, 0)]


def test_a_right_is_said_and_lapses_and_contracts_stay_as_they_are() -> None:
    with company(**{"kind": "rights", "new": 1, "for": 10, "rupees": "200"}):
        session = new()
        session.ask("09:15:01", buys(SHARE, 105, product=CNC))
        session.ask("09:15:02", sells(FUTURE, 100, product=NRML))
        funds = session.until("15:31").state.ledger.funds
        market(session, NEXT_DAY, ACME="250", FUT="251")

    assert (session.held(SHARE, CNC), session.held(FUTURE)) == (105, -100)
    assert session.state.ledger.funds == funds
    assert {event.instrument: event.action for event in adjusted(session)} == {
        SHARE.id: "rights issue of 1 for 10 at ₹200.00: not taken up and not sold here, the right lapses",
        FUTURE.id: (
            "rights issue of 1 for 10 at ₹200.00: the exchange adjusts contracts for it, here they stay as"
            " they are"
        ),
    }
    balanced(session)

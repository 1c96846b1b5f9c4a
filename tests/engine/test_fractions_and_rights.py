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

from kasauti.domain.money import rupees


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

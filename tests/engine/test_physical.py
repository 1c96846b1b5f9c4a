"""Contracts on shares end in shares: who receives, who gives, what offsets, and what it costs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import CHARGES, DAY, NEXT_DAY, SHARE, Session, buys, sells, timed

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.holding import holdings
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product

CNC = Product.CNC
HEADER = "time of last bid bid_quantity ask ask_quantity\n"


def _contract(name: str, kind: Kind, strike: int = 0) -> Instrument:
    return Instrument(Exchange.NFO, name, kind, 500, 100, 0, "ACME", DAY, rupees(strike), SHARE.id)


FUTURE = _contract("ACME26JANFUT", Kind.FUTURE)
CALL = _contract("ACME26JAN100CE", Kind.CALL, 100)
HIGH_CALL = _contract("ACME26JAN120CE", Kind.CALL, 120)
PUT = _contract("ACME26JAN100PE", Kind.PUT, 100)
LEGS = {"fut": FUTURE, "call": CALL, "high": HIGH_CALL, "put": PUT}
UNIVERSE = Universe([SHARE, *LEGS.values()])


def opened(capital: int = 10_000_000, **setup: object) -> Session:
    session = Session(universe=UNIVERSE, stale_s=100_000, capital=capital, **setup)  # type: ignore[arg-type]
    rows = [f"09:15:00 {each.id} 5 5 50000 5 50000" for each in (CALL, HIGH_CALL, PUT)]
    rows += [f"09:15:00 {each} 100 100 50000 100 50000" for each in ("ACME", FUTURE.id)]
    return session.ticks(HEADER + "\n".join(rows))


def ended(session: Session, final: str) -> Session:
    return session.ticks(f"{HEADER}15:20:00 ACME {final} {final} 50000 {final} 50000").until("15:31")


@pytest.mark.parametrize(
    ("leg", "lots", "final", "units", "realised"),
    [
        ("fut", 1, "110", 100, 10 * 100),
        ("fut", -1, "110", -100, -10 * 100),
        ("call", 1, "110", 100, (10 - 5) * 100),
        ("call", -1, "110", -100, (5 - 10) * 100),
        ("call", 1, "100", 0, -5 * 100),  # at the money: worth nothing, nothing delivered
        ("put", 1, "90", -100, (10 - 5) * 100),
        ("put", -1, "90", 100, (5 - 10) * 100),
        ("put", -1, "110", 0, 5 * 100),
    ],
)
def test_who_receives_and_who_gives(leg: str, lots: int, final: str, units: int, realised: int) -> None:
    session = opened()
    contract = LEGS[leg]
    session.ask("09:15:01", buys(contract, 100) if lots > 0 else sells(contract, 100))
    ended(session, final)

    delivered = session.events(stl.SharesAssigned)
    assert [(each.quantity, each.price) for each in delivered] == ([(units, rupees(final))] if units else [])
    assert session.held(SHARE, CNC) == units
    assert session.held(contract) == 0
    assert session.state.ledger.realised == -rupees(realised)
    assert session.state.ledger.margin == 0
    assert [event.charges.stt for event in session.events(ev.PositionSettled)] == [0], (
        "no exercise tax on top"
    )
    assert session.proof().passed


def test_the_holder_of_a_call_has_paid_its_strike_and_holds_the_shares_a_day_later() -> None:
    session = opened()
    session.ask("09:15:01", buys(CALL, 100))
    before = session.state.ledger.funds
    ended(session, "110")

    charges = sum(each.charges.total for each in session.events(stl.SharesAssigned))
    rounding = session.events(ev.DayClosed)[0].rounding.total
    assert session.state.ledger.funds == before - rupees(100) * 100 - charges - rounding
    (held,) = holdings(session.state)
    assert (held.quantity, held.t1, held.average_price) == (0, 100, rupees(110))
    session.ticks(f"{HEADER}09:15:00 ACME 110 110 500 110 500", NEXT_DAY).until("15:31", NEXT_DAY)
    assert session.state.holdings[SHARE.id].quantity == 100


def test_delivery_costs_tax_stamp_and_the_broker_s_rate_on_the_strike() -> None:
    """0.1 % and 0.015 % of 10,000 and the broker's 0.25 % with 18 % on it."""
    session = opened()
    session.ask("09:15:01", buys(CALL, 100))
    ended(session, "110")
    (delivered,) = session.events(stl.SharesAssigned)

    assert delivered.charges == Charges(
        brokerage=rupees(25), stt=rupees(10), stamp=rupees("1.50"), gst=rupees("4.50")
    )
    assert delivered.charges == CHARGES.services.physical_delivery(DAY, rupees(10_000), receives=True)


def test_legs_against_each_other_deliver_nothing_and_cost_less() -> None:
    """A long future and a short call in the money: 0.1 % of 11,000 and of 10,000, and 18 % on it."""
    session = opened()
    session.ask("09:15:01", buys(FUTURE, 100))
    session.ask("09:15:02", sells(CALL, 100))
    ended(session, "110")
    (offset,) = session.events(stl.SharesAssigned)

    assert offset.quantity == 0
    assert set(offset.contracts) == {FUTURE.id, CALL.id}
    assert offset.charges == Charges(brokerage=rupees(21), gst=rupees("3.78"))
    assert session.held(SHARE, CNC) == 0
    assert session.state.deliveries == {}
    assert session.proof().passed


def test_shares_that_are_held_are_given() -> None:
    session = opened()
    session.ask("09:15:01", buys(SHARE, 100, product=CNC))
    session.ask("09:15:02", sells(FUTURE, 100))
    ended(session, "110")

    assert session.held(SHARE, CNC) == 0
    assert session.state.deliveries == {}, "bought and given on one day"
    assert session.state.ledger.realised == 0, "the covered future has made nothing"
    assert session.proof().passed


def test_each_strategy_has_the_shares_of_its_own_contracts() -> None:
    session = opened(
        strategies=[timed("ann", ("09:20", buys(CALL, 200))), timed("bob", ("09:21", sells(CALL, 100)))]
    )
    ended(session, "110")

    assert session.held(SHARE, CNC) == 100
    assert session.held(SHARE, CNC, "ann") == 200
    assert session.held(SHARE, CNC, "bob") == -100
    assert session.proof().passed


def test_an_account_that_cannot_pay_for_its_shares_owes_and_takes_no_new_risk() -> None:
    session = opened(capital=3_000)
    session.ask("09:15:01", buys(CALL, 200))
    ended(session, "110")

    assert session.held(SHARE, CNC) == 200
    assert session.state.ledger.cash < 0
    assert "bring money in" in session.state.halted
    assert session.proof().passed


LOTS = st.dictionaries(st.sampled_from(sorted(LEGS)), st.integers(-3, 3).filter(bool), max_size=4)


@given(LOTS, st.integers(80, 140))
@settings(max_examples=30)
def test_worth_does_not_depend_on_how_it_is_delivered(lots: dict[str, int], final: int) -> None:
    """Every leg is worth its intrinsic value, the shares their price: together, nothing but charges went."""
    session = opened()
    paid = 0
    for second, (leg, count) in enumerate(lots.items(), 1):
        price = 100 if leg == "fut" else 5
        paid += price * 100 * count
        command = buys(LEGS[leg], 100 * count) if count > 0 else sells(LEGS[leg], -100 * count)
        session.ask(f"09:15:{second:02d}", command)
    ended(session, str(final))
    worth = {
        "fut": final,
        "call": max(0, final - 100),
        "high": max(0, final - 120),
        "put": max(0, 100 - final),
    }
    came = sum(worth[leg] * 100 * count for leg, count in lots.items())

    ledger = session.state.ledger
    equity = ledger.funds + session.held(SHARE, CNC) * rupees(final)
    assert equity == -ledger.capital - ledger.charges + rupees(came - paid)
    assert ledger.trial_balance == 0
    assert session.proof().passed

"""A working order that would become another has to pass as a new order would, and is told what would."""

from datetime import date
from typing import Any

import pytest
from tests.trading import BROKER, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import (
    NO_PROTECTION,
    HaltTrading,
    ModifyOrder,
    PlaceBracket,
    PlaceCover,
    PlaceIceberg,
    PlaceOrder,
    PlaceWithTerms,
)
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Status, Validity
from kasauti.exchange.broker_rules import BrokerRules

DAY = date(2026, 11, 20)
CALL = Instrument(
    Exchange.NFO, "NIFTY26N2426000CE", Kind.CALL, 500, 65, 1800, "NIFTY", date(2026, 11, 24), rupees(26000),
    "NSE:NIFTY 50", on_index=True,
)  # fmt: skip
INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY", on_index=True)
MARKET = """
    time      of    last   bid     bid_quantity  ask     ask_quantity
    09:20:00  ACME  100    99.95   300           100.05  300
"""
LIMIT_BUY, SL_SELL = buys(SHARE, 100, "99"), sells(SHARE, 100, "97", trigger="98")


def market(broker: BrokerRules = BROKER, capital: int = 1_000_000) -> Session:
    session = Session(universe=Universe([INDEX, SHARE, CALL]), broker=broker, capital=capital)
    return session.ticks(MARKET, DAY)


def asked(session: Session, command: PlaceOrder, **change: Any) -> ev.ModifyDenied | None:
    order_id = session.ask("09:20:01", command, DAY)
    assert session.order(order_id).is_working
    session.ask("09:20:02", ModifyOrder(order_id, **change), DAY)
    return next(iter(session.events(ev.ModifyDenied)), None)


SL, SL_M = OrderType.SL, OrderType.SL_M


@pytest.mark.parametrize(
    ("command", "change", "rule", "nearest"),
    [
        (LIMIT_BUY, {"order_type": OrderType.MARKET, "market_protection": NO_PROTECTION},
         "market.protection", {"market_protection": -1}),
        (LIMIT_BUY, {"order_type": OrderType.MARKET, "market_protection": 10_001},
         "market.protection", {"market_protection": -1}),
        (LIMIT_BUY, {"order_type": OrderType.MARKET, "price": rupees(99)}, "price.unwanted", {"price": 0}),
        (LIMIT_BUY, {"order_type": SL, "trigger_price": rupees(101)}, "modify.stop",
         {"order_type": "MARKET"}),
        (SL_SELL, {"order_type": OrderType.LIMIT, "price": 0}, "price.missing", {}),
        (SL_SELL, {"order_type": OrderType.LIMIT, "price": rupees("101.01")}, "price.tick",
         {"price": rupees(101)}),
        (SL_SELL, {"order_type": SL_M, "trigger_price": rupees(102)}, "trigger.side",
         {"trigger_price": rupees("99.95")}),
        (SL_SELL, {"validity": Validity.IOC, "disclosed_quantity": 50}, "terms.validity",
         {"validity": "DAY"}),
        (LIMIT_BUY, {"disclosed_quantity": 5}, "disclosed.quantity", {"disclosed_quantity": 10}),
        (SL_SELL, {"order_type": SL_M, "disclosed_quantity": 50}, "disclosed.not_allowed",
         {"disclosed_quantity": 0}),
    ],
)  # fmt: skip
def test_the_rule_of_a_new_order_is_named_with_what_would_pass(
    command: PlaceOrder, change: dict[str, Any], rule: str, nearest: dict[str, Any]
) -> None:
    session = market()
    denied = asked(session, command, **change)
    assert denied is not None
    assert (denied.rule.startswith(rule), denied.nearest) == (True, nearest), denied
    order = session.order(denied.order_id)
    assert (order.order_type, order.validity, order.disclosed) == (command.order_type, Validity.DAY, None)
    if nearest:
        again = {**change, **nearest}
        if "order_type" in nearest:
            again = {"order_type": OrderType.MARKET}
        if "validity" in nearest:
            again["validity"] = Validity.DAY
        session.ask("09:20:03", ModifyOrder(denied.order_id, **again), DAY)
        later = session.events(ev.ModifyDenied)[1:]
        assert not [each for each in later if each.rule == denied.rule], "the nearest passes this rule"
    assert session.proof().passed


def test_a_change_to_market_is_margined_and_asks_the_gate_as_risk() -> None:
    """100 shares at 99 need 1,980; at market 101 % of 100.05: 2,021.01. There are 2,000."""
    denied = asked(market(capital=2_000), LIMIT_BUY, order_type=OrderType.MARKET)
    assert denied is not None
    assert denied.rule == "funds.short"
    halted = market()
    order_id = halted.ask("09:20:01", LIMIT_BUY, DAY)
    halted.ask("09:20:02", HaltTrading("asked"), DAY)
    halted.ask("09:20:03", ModifyOrder(order_id, order_type=OrderType.MARKET), DAY)
    assert [each.rule for each in halted.events(ev.ModifyDenied)] == ["trading.halted"]


def test_a_stop_that_closes_gets_out_through_halt_and_empty_purse() -> None:
    session = market(capital=2_050)
    session.ask("09:20:01", buys(SHARE, 100), DAY)
    stop = session.ask("09:20:02", SL_SELL, DAY)
    session.ask("09:20:03", HaltTrading("asked"), DAY)
    session.ask("09:20:04", ModifyOrder(stop, order_type=OrderType.MARKET), DAY)
    assert session.held(SHARE) == 0
    assert session.proof().passed


def test_a_protected_change_sweeps_to_its_band_and_rests_there() -> None:
    """Last 100: the band of 1 % is 101. The book shows 300 at 100.05, then 300 at 101.50."""
    session = market()
    order_id = session.ask("09:20:01", buys(SHARE, 500, "99"), DAY)
    session.ask("09:20:02", ModifyOrder(order_id, order_type=OrderType.MARKET), DAY)
    order = session.order(order_id)
    assert (order.band, order.filled, order.status) == (rupees(101), 300, Status.OPEN)
    table = "time of last bid bid_quantity ask ask_quantity\n"
    session.ticks(f"{table}09:21:00 ACME 101.50 101.40 300 101.50 300", DAY)
    assert order.filled == 300, "beyond its band"
    session.ticks(f"{table}09:22:00 ACME 101 100.90 300 101 300", DAY)
    assert session.fills()[1:] == [("09:22:00", 200, "101.00")]
    assert session.proof().passed


def test_another_protection_moves_the_band_of_what_rests() -> None:
    session = market()
    order_id = session.ask("09:20:01", buys(SHARE, 500), DAY)
    table = "time of last bid bid_quantity ask ask_quantity\n"
    session.ticks(f"{table}09:21:00 ACME 101.50 101.40 300 101.50 300", DAY)
    session.ask("09:21:01", ModifyOrder(order_id, market_protection=500), DAY)
    assert session.order(order_id).band == rupees("106.55")  # 5 % above 101.50, to the tick inside
    assert session.fills()[1:] == [("09:21:01", 200, "101.50")]
    assert session.proof().passed


@pytest.mark.parametrize("lenient", [False, True])
def test_what_trades_goes_to_sleep_no_more_in_any_regime(*, lenient: bool) -> None:
    broker = BrokerRules(lenient=lenient, counts_orders=False)
    denied = asked(market(broker), LIMIT_BUY, order_type=SL_M, trigger_price=rupees(101))
    assert denied is not None
    assert denied.rule == "modify.stop"


def test_parts_of_a_cover_order_and_of_an_iceberg_stay_what_they_are() -> None:
    session = market()
    entry = buys(SHARE, 100, "99", product=Product.MIS)
    session.ask("09:20:01", PlaceCover(entry, rupees(98)), DAY)
    session.ask("09:20:01", PlaceIceberg(buys(SHARE, 2_000, "99", product=Product.MIS), 2), DAY)
    for number, order_id in enumerate(list(session.state.working)):
        session.ask(f"09:20:{number + 2:02}", ModifyOrder(order_id, order_type=OrderType.MARKET), DAY)
        session.ask(f"09:20:{number + 4:02}", ModifyOrder(order_id, price=rupees("99.10")), DAY)
    assert [each.rule for each in session.events(ev.ModifyDenied)] == ["modify.variety"] * 2
    assert len(session.events(ev.OrderModified)) == 2


def test_a_bracket_counts_on_the_kind_of_its_exits_not_of_its_entry() -> None:
    session = market()
    bracket = PlaceBracket(buys(SHARE, 100, "99"), rupees(90), rupees(110))
    entry = session.ask("09:20:01", bracket, DAY)
    session.ask("09:20:02", ModifyOrder(entry, order_type=OrderType.MARKET), DAY)
    assert session.status(entry) is Status.COMPLETE
    (target,) = session.state.working_orders()
    session.ask("09:20:03", ModifyOrder(target.order_id, order_type=OrderType.MARKET), DAY)
    session.ask("09:20:04", ModifyOrder(target.order_id, validity=Validity.IOC), DAY)
    assert [each.rule for each in session.events(ev.ModifyDenied)] == ["modify.variety"] * 2
    session.ask("09:20:05", ModifyOrder(target.order_id, price=rupees("99.90")), DAY)
    assert session.held(SHARE) == 0
    assert session.proof().passed


def test_validity_day_ends_the_minutes_of_an_order_and_keeps_it() -> None:
    session = market()
    order_id = session.ask("09:20:01", PlaceWithTerms(LIMIT_BUY, minutes=2), DAY)
    other = session.ask("09:20:01", PlaceWithTerms(LIMIT_BUY, minutes=2), DAY)
    session.ask("09:20:02", ModifyOrder(order_id, validity=Validity.DAY), DAY)
    session.until("09:30", DAY)
    assert (session.status(order_id), session.status(other)) == (Status.OPEN, Status.CANCELLED)
    assert session.proof().passed


def test_more_or_less_of_an_order_on_show_is_known_to_its_instruction() -> None:
    session = market()
    order_id = session.ask("09:20:01", PlaceWithTerms(LIMIT_BUY, disclosed_quantity=20), DAY)
    session.ask("09:20:02", ModifyOrder(order_id, disclosed_quantity=50), DAY)
    (one,) = session.state.standing.values()
    assert isinstance(one.plan, PlaceWithTerms)
    assert (one.plan.disclosed_quantity, session.order(order_id).disclosed) == (50, 50)
    session.ask("09:20:03", ModifyOrder(order_id, order_type=OrderType.MARKET), DAY)
    assert session.status(order_id) is Status.COMPLETE, "what takes has nothing to hide"

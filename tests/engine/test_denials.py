"""Refused orders: the rule, what it allows, what was asked, and the nearest order that would pass."""

from dataclasses import dataclass
from datetime import date

import pytest
from tests.trading import (
    CALL,
    FUTURE,
    HOLIDAY,
    INDEX,
    MARGINS,
    OTHER,
    PUT,
    SHARE,
    UNIVERSE,
    Session,
    buys,
    sells,
)

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.errors import RuleUnknown
from kasauti.ports import Margin

MARKET = """
    time      of    last   bid     bid_quantity  ask     ask_quantity
    09:15:00  ACME  100    99.95   5000          100.05  5000
    09:15:00  FUT   26000  25999   6500          26001   6500
    09:15:00  CE    120    119.95  6500          120.05  6500
    09:15:00  NIFTY 25990  -       -             -       -
"""


@dataclass(frozen=True)
class Case:
    """A refused command, its rule and what is said, and one that passes in its place."""

    command: PlaceOrder
    rule: str
    limit: str
    actual: str
    passes: PlaceOrder | None
    says: str


CASES = {
    "off tick": Case(
        buys(SHARE, 10, "100.03"), "price.tick", "0.05", "100.03", buys(SHARE, 10, "100.05"),
        "100.05 would be",
    ),
    "trigger off tick": Case(
        buys(FUTURE, 65, "26050", trigger="26010.05"),
        "price.tick",
        "0.10",
        "26,010.05",
        buys(FUTURE, 65, "26050", trigger="26010.10"),
        "26,010.10 would be",
    ),
    "not a whole lot": Case(
        buys(CALL, 64), "quantity.lot", "65", "64", buys(CALL, 65), "65 would be"
    ),
    "one unit more than a lot": Case(
        buys(CALL, 131), "quantity.lot", "65", "131", buys(CALL, 130), "130 or 195 would be"
    ),
    "nothing": Case(buys(SHARE, 0), "quantity.positive", "1", "0", buys(SHARE, 1), "above 0"),
    "less than nothing": Case(buys(SHARE, -5), "quantity.positive", "1", "-5", buys(SHARE, 1), "above 0"),
    "above the freeze quantity": Case(
        buys(CALL, 65 * 28), "quantity.freeze", "1755", "1820", buys(CALL, 1755), "one order may have 1755"
    ),
    "unknown symbol": Case(
        PlaceOrder("NFO:NIFTY25JAN99999CE", Side.BUY, 65),
        "instrument.unknown",
        "",
        "",
        buys(CALL, 65),
        "check symbol and expiry",
    ),
    "an index": Case(
        PlaceOrder(INDEX.id, Side.BUY, 1), "product.index", "", "", None, "Trade its futures or options"
    ),
    "NRML for a share": Case(
        buys(SHARE, 10, product=Product.NRML), "product.not_allowed", "CNC, MIS, MTF", "NRML",
        buys(SHARE, 10), "CARRYFWD",
    ),
    "CNC for an option": Case(
        buys(CALL, 65, product=Product.CNC), "product.not_allowed", "NRML, MIS", "CNC", buys(CALL, 65),
        "DELIVERY",
    ),
    "SL-M for an option": Case(
        buys(CALL, 65, trigger="121"),
        "order_type.not_allowed",
        "MARKET, LIMIT, SL",
        "SL-M",
        buys(CALL, 65, "122", trigger="121"),
        "Function not available",
    ),
    "a stop to buy at the market": Case(
        buys(SHARE, 10, trigger="100"), "trigger.side", "100.00", "100.00", buys(SHARE, 10, trigger="100.05"),
        "higher than the last traded price",
    ),
    "a stop to sell at the market": Case(
        sells(SHARE, 10, trigger="100"), "trigger.side", "100.00", "100.00",
        sells(SHARE, 10, trigger="99.95"),
        "lower than the last traded price",
    ),
    "a stop to buy below its trigger": Case(
        buys(SHARE, 10, "101", trigger="101.05"), "trigger.limit", "101.00", "101.05",
        buys(SHARE, 10, "101", trigger="101"), "can't be higher",
    ),
    "a stop to sell above its trigger": Case(
        sells(SHARE, 10, "99", trigger="98.95"), "trigger.limit", "99.00", "98.95",
        sells(SHARE, 10, "99", trigger="99"), "can't be lower",
    ),
    "a limit order without a price": Case(
        buys(SHARE, 10, order_type=OrderType.LIMIT), "price.missing", "", "0.00", buys(SHARE, 10, "99"),
        "needs a price",
    ),
    "a stop without a trigger": Case(
        buys(SHARE, 10, order_type=OrderType.SL_M), "price.missing", "", "0.00",
        buys(SHARE, 10, trigger="101"),
        "needs a trigger price",
    ),
    "a market order with a price": Case(
        buys(SHARE, 10, "99", order_type=OrderType.MARKET), "price.unwanted", "", "99.00", buys(SHARE, 10),
        "Leave it out",
    ),
    "a limit order with a trigger": Case(
        buys(SHARE, 10, "99", trigger="98", order_type=OrderType.LIMIT), "price.unwanted", "", "98.00",
        buys(SHARE, 10, "99"), "Leave it out",
    ),
    "a negative price": Case(
        PlaceOrder(SHARE.id, Side.BUY, 10, OrderType.LIMIT, Product.MIS, -500), "price.missing", "", "-0.05",
        buys(SHARE, 10, "99"), "above 0",
    ),
    "a price beyond every price": Case(
        sells(SHARE, 10, "100000000000.05"), "price.too_high", "1,00,00,00,00,000.00", "1,00,00,00,00,000.05",
        None, "check it",
    ),
    "a market order without a price in the market": Case(
        buys(PUT, 65), "market.no_price", "", "", buys(PUT, 65, "90"), "a limit order does not"
    ),
    "a CNC sale of nothing": Case(
        sells(SHARE, 1, product=Product.CNC), "holdings.short", "0", "1", None,
        "0 can be sold, 1 are asked for",
    ),
}  # fmt: skip


@pytest.fixture
def session() -> Session:
    return Session().ticks(MARKET)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_refusal_names_its_rule_the_limit_and_what_was_asked(session: Session, case: Case) -> None:
    order_id = session.ask("09:15:01", case.command)

    denied = session.denial()
    assert (denied.rule, denied.limit, denied.actual) == (case.rule, case.limit, case.actual)
    assert case.says in f"{denied.message} {denied.advice}"
    assert denied.order_id == order_id
    assert order_id not in session.state.orders
    assert session.state.ledger.margin == 0
    assert session.events(ev.OrderPlaced) == []


@pytest.mark.parametrize("case", [case for case in CASES.values() if case.passes], ids=lambda case: case.rule)
def test_the_order_next_to_a_refused_one_passes(session: Session, case: Case) -> None:
    assert case.passes is not None
    session.ask("09:15:01", case.passes)

    assert session.events(ev.OrderDenied) == []


# When the market is open


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("09:14:59.999", False), ("09:15:00", True), ("15:29:59.999", True), ("15:30:00", False)],
)
def test_orders_are_taken_from_the_open_until_just_before_the_close(clock: str, is_open: bool) -> None:  # noqa: FBT001
    session = Session()
    session.ask(clock, buys(SHARE, 10, "100", product=Product.CNC))

    assert bool(session.events(ev.OrderPlaced)) is is_open
    if not is_open:
        denied = session.denial()
        assert (denied.rule, denied.limit, denied.actual) == ("market.closed", "09:15-15:30", clock[:8])


@pytest.mark.parametrize("day", [HOLIDAY, date(2026, 1, 17), date(2026, 1, 18)])
def test_nothing_is_taken_on_a_holiday_or_at_a_weekend(day: date) -> None:
    session = Session()
    session.ask("10:00", buys(SHARE, 10, "100"), day)

    assert session.denial().rule == "market.closed"
    assert "is not a trading day" in session.denial().message
    assert session.events(ev.DayOpened) == []


@pytest.mark.parametrize(
    ("clock", "command", "rule"),
    [
        ("15:19:59.999", buys(SHARE, 10), ""),
        ("15:20:00", buys(SHARE, 10), "product.mis_cutoff"),
        ("15:20:00", buys(SHARE, 10, product=Product.CNC), ""),
        ("15:24:59.999", buys(FUTURE, 65, product=Product.MIS), ""),
        ("15:25:00", buys(FUTURE, 65, product=Product.MIS), "product.mis_cutoff"),
        ("15:25:00", buys(FUTURE, 65), ""),
    ],
)
def test_no_intraday_order_is_taken_once_they_are_being_closed(
    clock: str, command: PlaceOrder, rule: str
) -> None:
    session = Session().ticks(MARKET)
    session.ask(clock, command)

    assert [denied.rule for denied in session.events(ev.OrderDenied)] == ([rule] if rule else [])


@pytest.mark.parametrize(
    ("clock", "rule"), [("15:29:59", ""), ("15:30:00", "market.closed"), ("15:44:59", "market.closed")]
)
def test_an_index_contract_stops_earlier_on_its_last_day(clock: str, rule: str) -> None:
    """From 2026-12-07 derivatives trade until 15:45, index contracts on their last day until 15:30."""
    day = date(2026, 12, 8)
    call = Instrument(
        Exchange.NFO, "NIFTY26D0826000CE", Kind.CALL, 500, 65, 1800, "NIFTY", day, rupees(26000), INDEX.id,
        on_index=True,
    )  # fmt: skip
    later = Instrument(
        Exchange.NFO, "NIFTY26DECFUT", Kind.FUTURE, 1000, 65, 1800, "NIFTY", date(2026, 12, 29), 0, INDEX.id,
        on_index=True,
    )  # fmt: skip
    session = Session(universe=Universe([*UNIVERSE, call, later]))
    session.ask(clock, buys(call, 65, "90"), day)
    session.ask(clock, buys(later, 65, "90"), day)

    assert [denied.rule for denied in session.events(ev.OrderDenied)] == ([rule] if rule else [])


def test_an_instrument_whose_rules_are_not_known_is_refused_not_a_crash() -> None:
    class Patchy:
        def of(self, instrument: Instrument, product: Product, on: date) -> Margin:
            if instrument is OTHER:
                raise RuleUnknown("The margin of BETA is not known. Add a row.")
            return MARGINS.of(instrument, product, on)

    session = Session(margins=Patchy())
    session.ask("10:00", buys(OTHER, 10, "100"))
    assert session.denial().rule == "rule.unknown"
    assert session.denial().message == "The margin of BETA is not known. Add a row."
    session.ask("10:01", buys(SHARE, 10, "100"))
    assert len(session.events(ev.OrderPlaced)) == 1


# Money


@pytest.mark.parametrize(("capital", "passes"), [("1000.00", True), ("999.99", False)])
def test_funds_have_to_cover_the_block_to_the_paisa(capital: str, passes: bool) -> None:  # noqa: FBT001
    session = Session(capital=capital)
    session.ask("10:00", buys(SHARE, 10, "100", product=Product.CNC))

    assert bool(session.events(ev.OrderPlaced)) is passes
    if not passes:
        denied = session.denial()
        assert (denied.rule, denied.limit, denied.actual) == ("funds.short", "₹999.99", "₹1,000.00")


def test_a_market_order_is_margined_a_little_above_what_stands() -> None:
    """101 % of the ask of 100.05, for ten shares: 1,010.505, rounded up to the paisa."""
    for capital, passes in (("1010.51", True), ("1010.50", False)):
        session = Session(capital=capital).ticks(MARKET)
        session.ask("09:15:01", buys(SHARE, 10, product=Product.CNC))
        assert bool(session.events(ev.OrderPlaced)) is passes


def test_a_kind_of_instrument_that_no_rule_mentions_is_refused() -> None:
    odd = Instrument(Exchange.BFO, "ODD", Kind.EQUITY, 500)
    session = Session(universe=Universe([SHARE, odd]))
    session.ask("10:00", buys(odd, 10, "100", product=Product.NRML))
    session.ask("10:00", buys(odd, 10, "100", product=Product.MIS))

    assert [denied.rule for denied in session.events(ev.OrderDenied)] == ["rule.unknown"] * 2

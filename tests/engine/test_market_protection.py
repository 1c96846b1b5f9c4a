"""
A market order is protected: it sweeps up to its band, and the rest stays there as a limit order.

Expected bands are worked by hand from market_rules.md 4.2: shares and futures 2 % below ₹100, 1 % up to
₹500, 0.5 % above; options 5 % below ₹10, 3 % below ₹100, 2 % up to ₹500, 1 % above.
"""

from datetime import date

import pytest
from tests.trading import BROKER, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import NO_PROTECTION, ModifyOrder
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import format_price, rupees
from kasauti.domain.order import OrderType, Status, Validity
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.market_protection import MarketProtection

DAY = date(2026, 11, 20)
BEFORE = date(2026, 3, 30)
SHARE = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")


def option(expiry: date = date(2026, 11, 24)) -> Instrument:
    return Instrument(
        Exchange.NFO, "NIFTY26N2426000CE", Kind.CALL, 500, 65, 1800, "NIFTY", expiry, rupees(26000),
        "NSE:NIFTY 50", on_index=True,
    )  # fmt: skip


CALL = option()
INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY", on_index=True)


def session(profile: str = "depth", call: Instrument = CALL, broker: BrokerRules = BROKER) -> Session:
    return Session(profile, universe=Universe([INDEX, SHARE, call]), broker=broker)


def market(last: str, bid: str, ask: str, size: int = 100) -> str:
    return f"""
        time      of    last    bid    bid_quantity  ask    ask_quantity
        09:20:00  ACME  {last}  {bid}  {size}        {ask}  {size}
    """


@pytest.mark.parametrize(
    ("kind", "last", "buys_at", "sells_at"),
    [
        ("EQ", "99.95", "101.90", "98"),  # 2 %: 1.999, to the tick inside
        ("EQ", "100", "101", "99"),
        ("EQ", "500", "505", "495"),
        ("EQ", "500.05", "502.55", "497.55"),  # 0.5 %: 2.50025
        ("EQ", "0.05", "0.05", "0.05"),
        ("CE", "9.95", "10.40", "9.50"),  # 5 %: 0.4975
        ("CE", "10", "10.30", "9.70"),
        ("CE", "100", "102", "98"),
        ("CE", "500", "510", "490"),
        ("CE", "500.05", "505.05", "495.05"),
    ],
)
def test_the_band_by_kind_and_price(kind: str, last: str, buys_at: str, sells_at: str) -> None:
    of = SHARE if kind == "EQ" else CALL
    protection = MarketProtection("zerodha").of(of, DAY)
    bands = [protection.band(rupees(last), -1, buys=way) for way in (True, False)]
    assert [format_price(band) for band in bands] == [f"{float(buys_at):.2f}", f"{float(sells_at):.2f}"]


def test_kotak_has_slabs_of_its_own_for_cheap_options() -> None:
    protection = MarketProtection("kotakneo").of(CALL, DAY)
    assert protection.band(rupees("0.50"), -1, buys=True) == rupees("0.60")
    assert protection.band(rupees(4), -1, buys=True) == rupees("4.40")
    assert protection.band(rupees(8), -1, buys=True) == rupees("8.40")


@pytest.mark.parametrize(("percent", "band"), [(50, "100.50"), (1_000, "110.00"), (10_000, "200.00")])
def test_a_protection_of_ones_own_is_a_share_of_the_last_price(percent: int, band: str) -> None:
    one = session().ticks(market("100", "99.95", "100.05"), DAY)
    order_id = one.ask("09:20:01", buys(SHARE, 10, market_protection=percent), DAY)
    assert format_price(one.order(order_id).band) == band


def test_what_lies_beyond_the_band_stays_there_as_a_limit_order() -> None:
    one = session().ticks(
        """
        time      of    last   bid    bid_quantity  ask     ask_quantity  asks
        09:20:00  ACME  100    99.95  100           100.05  40            100.05x40,101x10,101.05x500
        """,
        DAY,
    )
    order_id = one.ask("09:20:01", buys(SHARE, 200), DAY)
    placed = one.events(ev.OrderPlaced)[0]
    assert (placed.order_type, placed.price, format_price(placed.band)) == (OrderType.MARKET, 0, "101.00")
    assert one.fills() == [("09:20:01", 40, "100.05"), ("09:20:01", 10, "101.00")]
    order = one.order(order_id)
    assert (order.status, order.leaves) == (Status.OPEN, 150)

    one.ticks(
        """
        time      of    last    bid     bid_quantity  ask     ask_quantity
        09:20:05  ACME  101.05  101.00  150           101.05  500
        09:20:06  ACME  101.05  100.90  150           101.00  60
        """,
        DAY,
    )
    assert one.fills()[2:] == [("09:20:06", 60, "101.00")]
    assert one.proof().problem == ""


def test_an_order_within_the_book_is_swept_whole_and_rests_nowhere() -> None:
    one = session().ticks(market("100", "99.95", "100.05", size=500), DAY)
    order_id = one.ask("09:20:01", sells(SHARE, 200), DAY)
    assert one.order(order_id).status is Status.COMPLETE
    assert one.fills() == [("09:20:01", -200, "99.95")]


def test_beyond_a_book_whose_end_is_not_shown_it_waits_for_more() -> None:
    """The one level shown is used up inside the band: what is behind it nobody knows."""
    one = session().ticks(market("100", "99.95", "100.05", size=50), DAY)
    one.ask("09:20:01", buys(SHARE, 200), DAY)
    one.ticks(
        """
        time      of    last   bid    bid_quantity  ask     ask_quantity
        09:20:02  ACME  100    99.95  100           100.10  500
        """,
        DAY,
    )
    assert one.fills() == [("09:20:01", 50, "100.05"), ("09:20:02", 150, "100.10")]


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_where_only_last_prices_are_known_it_takes_those_inside_its_band(profile: str) -> None:
    table = """
        time      of    last
        09:20:00  ACME  100
    """
    one = session(profile).ticks(table, DAY)
    first = one.ask("09:20:01", buys(SHARE, 10), DAY)
    one.ticks("time of last\n09:20:02 ACME 101", DAY)
    second = one.ask("09:20:03", sells(SHARE, 10), DAY)
    one.ticks("time of last\n09:20:04 ACME 99.95", DAY)

    assert one.fills() == [("09:20:02", 10, "101.00")]
    assert one.order(first).status is Status.COMPLETE
    assert (one.order(second).status, format_price(one.order(second).band)) == (Status.OPEN, "100.00")


def test_an_order_that_may_not_wait_is_cancelled_at_its_band() -> None:
    one = session().ticks(
        """
        time      of    last  bid    bid_quantity  ask     ask_quantity  asks
        09:20:00  ACME  100   99.95  100           100.05  40            100.05x40,101.05x500
        """,
        DAY,
    )
    order_id = one.ask("09:20:01", buys(SHARE, 200, validity=Validity.IOC), DAY)
    assert one.order(order_id).status is Status.CANCELLED
    assert one.fills() == [("09:20:01", 40, "100.05")]


def test_a_protected_stop_is_a_stop_with_a_limit_once_it_wakes() -> None:
    """Trigger 98, below ₹100: 2 %, so a limit of 96.05, the tick inside 96.04. The market gaps below it."""
    one = session().ticks(market("100", "99.95", "100.05", size=500), DAY)
    stop = one.ask("09:20:01", sells(SHARE, 100, trigger="98"), DAY)
    assert format_price(one.order(stop).band) == "96.05"
    one.ticks(
        """
        time      of    last   bid    bid_quantity  ask    ask_quantity
        09:21:00  ACME  95.00  94.95  500           95.05  500
        """,
        DAY,
    )
    assert one.order(stop).status is Status.OPEN
    assert one.fills() == []
    one.ticks(
        """
        time      of    last   bid    bid_quantity  ask    ask_quantity
        09:22:00  ACME  96.10  96.05  500           96.15  500
        """,
        DAY,
    )
    assert one.fills() == [("09:22:00", -100, "96.05")]


def test_the_band_of_a_stop_moves_with_its_trigger() -> None:
    one = session().ticks(market("100", "99.95", "100.05", size=500), DAY)
    stop = one.ask("09:20:01", sells(SHARE, 100, trigger="98"), DAY)
    one.ask("09:20:02", ModifyOrder(stop, trigger_price=rupees(97)), DAY)
    assert format_price(one.order(stop).band) == "95.05"
    one.ticks("time of last bid bid_quantity ask ask_quantity\n09:21:00 ACME 95 94.95 9 95.10 9", DAY)
    assert one.fills() == []


@pytest.mark.parametrize("profile", ["depth", "touch"])
def test_a_bar_that_opens_beyond_the_band_leaves_a_limit_order_there(profile: str) -> None:
    """Last 100, so the band is 101. The next bar opens at 102 and comes down to 100.50: it traded at 101."""
    one = session(profile).bars("time open high low close\n09:20 100 100 100 100", DAY)
    one.ask("09:21", buys(SHARE, 10), DAY)
    one.bars("time open high low close\n09:21 102 102 100.50 101", DAY)
    assert one.fills() == [("09:22:00", 10, "101.00")]


def test_none_is_refused_in_the_brokers_words_and_the_nearest_is_said() -> None:
    one = session().ticks(market("100", "99.95", "100.05"), DAY)
    for command in (
        buys(SHARE, 10, market_protection=NO_PROTECTION),
        sells(SHARE, 10, trigger="98", market_protection=NO_PROTECTION),
    ):
        one.ask("09:20:01", command, DAY)
        denied = one.denial()
        assert denied.rule == "market.protection"
        assert denied.message == (
            "Market orders without market protection are not allowed via API. Please set market protection or"
            " use a Limit order."
        )
        assert denied.nearest == {"market_protection": -1}
    one.ask("09:20:01", buys(SHARE, 10, market_protection=10_001), DAY)
    assert (one.denial().rule, one.denial().limit, one.denial().actual) == (
        "market.protection", "100", "100.01",
    )  # fmt: skip


def test_a_limit_order_needs_no_protection() -> None:
    one = session()
    order_id = one.ask("09:20", buys(SHARE, 10, "99", market_protection=NO_PROTECTION), DAY)
    assert one.order(order_id).band == 0


def test_before_april_2026_the_exchange_alone_caps_market_orders() -> None:
    """Shares as they come; options 20 % or ₹10 around the last price, whichever is more; none without one."""
    call = option(date(2026, 3, 30))
    one = session(call=call)
    one.ticks(market("100", "99.95", "100.05", size=500), BEFORE)
    order_id = one.ask("09:20:01", buys(SHARE, 10, market_protection=NO_PROTECTION), BEFORE)
    assert one.order(order_id).band == 0
    one.ticks(
        f"time of last bid bid_quantity ask ask_quantity\n09:20:02 {call.id} - 19.95 650 20.05 650", BEFORE
    )
    one.ask("09:20:03", buys(call, 65), BEFORE)
    assert one.denial().rule == "market.no_ltp"
    assert one.denial().message.startswith("17181 : ")
    one.ticks(
        f"time of last bid bid_quantity ask ask_quantity\n09:20:04 {call.id} 20 19.95 650 20.05 650", BEFORE
    )
    order_id = one.ask("09:20:05", buys(call, 65, market_protection=NO_PROTECTION), BEFORE)
    assert format_price(one.order(order_id).band) == "30.00"


def test_the_accounts_own_square_off_takes_whatever_price_there_is() -> None:
    one = session().ticks(market("100", "99.95", "100.05", size=500), DAY)
    one.ask("09:20:01", buys(SHARE, 10), DAY)
    one.until("15:20", DAY)
    squared = one.events(ev.OrderPlaced)[-1]
    assert (squared.tag, squared.band) == ("square_off", 0)


def test_a_restart_finds_the_order_at_its_band() -> None:
    one = session().ticks(
        """
        time      of    last  bid    bid_quantity  ask     ask_quantity  asks
        09:20:00  ACME  100   99.95  100           100.05  40            100.05x40,101.05x500
        """,
        DAY,
    )
    order_id = one.ask("09:20:01", buys(SHARE, 200), DAY)
    again = Session(universe=one.universe, log=list(one.log))
    again.engine.resume(())
    again.ticks("time of last bid bid_quantity ask ask_quantity\n09:20:30 ACME 100.95 100.9 9 101 500", DAY)
    assert again.order(order_id).status is Status.COMPLETE
    assert again.fills()[1:] == [("09:20:30", 160, "101.00")]


def test_a_lenient_account_protects_nothing() -> None:
    broker = BrokerRules(lenient=True)
    one = session(broker=broker).ticks(market("100", "99.95", "100.05"), DAY)
    order_id = one.ask("09:20:01", buys(SHARE, 10, market_protection=NO_PROTECTION), DAY)
    assert one.order(order_id).band == 0

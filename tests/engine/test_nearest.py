"""The nearest order that a refusal names is not refused by the same rule, and in the end one passes."""

from datetime import date
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import CALL, DAY, FUTURE, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import ModifyOrder, PlaceOrder
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.exchange.price_range import PriceRange
from kasauti.exchange.restrictions import Restrictions

MARKET = """
    time      of    last   bid    bid_quantity  ask     ask_quantity
    09:15:00  ACME  100    99.95  5000          100.05  5000
    09:15:00  FUT   26000  25999  6500          26001   6500
    09:15:00  CE    120    119.95 6500          120.05  6500
"""
LIMITED = Restrictions(
    {DAY: {SHARE.id: PriceRange(rupees(90), rupees(110)), CALL.id: PriceRange(rupees(1), rupees(400))}}
)
_WORDS: dict[str, Any] = {"product": Product, "order_type": OrderType, "validity": Validity}


def as_advised(command: PlaceOrder, nearest: dict[str, int | str]) -> PlaceOrder:
    """Return the command with what a refusal says."""
    by_word = {name: {str(each): each for each in words} for name, words in _WORDS.items()}
    changes = {name: by_word.get(name, {}).get(str(value), value) for name, value in nearest.items()}
    return msgspec.structs.replace(command, **changes)


_PRICES = st.one_of(
    st.just(0),
    st.integers(85_0000, 125_0000).map(lambda price: price // 500 * 500),
    st.integers(85_0000, 125_0000),
)


@settings(max_examples=150, deadline=None)
@given(
    st.builds(
        PlaceOrder,
        st.sampled_from([SHARE.id, FUTURE.id, CALL.id]),
        st.sampled_from(Side),
        st.integers(-5, 4000),
        st.sampled_from(OrderType),
        st.sampled_from(Product),
        _PRICES,
        _PRICES,
        st.sampled_from(Validity),
        market_protection=st.sampled_from([-1, -1, 0, 50, 20_000]),
    )
)
def test_following_the_advice_never_meets_the_same_rule_and_ends(command: PlaceOrder) -> None:
    session = Session(stale_s=100_000, restrictions=LIMITED, capital=100_000).ticks(MARKET)
    seen = []
    for _ in range(12):
        session.ask("09:15:01", command)
        last = session.events(ev.OrderPlaced, ev.OrderDenied)[-1]
        if isinstance(last, ev.OrderPlaced):
            return
        assert last.message
        assert bool(last.advice) or not last.nearest
        if not last.nearest:
            return
        seen.append((last.rule, tuple(last.nearest)))
        changed = as_advised(command, last.nearest)
        assert changed != command, f"{last.rule} advises what was asked"
        command = changed
    raise AssertionError(f"the advice goes round: {seen}")


def in_a_ban_period(day: date = DAY) -> tuple[Session, Instrument]:
    future = Instrument(
        Exchange.NFO, "ACME26JANFUT", Kind.FUTURE, 500, 100, 0, "ACME", date(2026, 1, 27), 0, SHARE.id
    )  # fmt: skip
    session = Session(
        universe=Universe([SHARE, future]), restrictions=Restrictions(banned={day: {"ACME"}}), stale_s=100_000
    )
    session.ticks(
        f"time of last bid bid_quantity ask ask_quantity\n09:15:00 {future.id} 100 100 9000 100 9000"
    )
    return session, future


def test_a_share_in_its_ban_period_takes_no_new_positions() -> None:
    session, future = in_a_ban_period()
    session.ask("09:15:01", buys(future, 100))
    denied = session.denial()
    assert (denied.rule, denied.message) == ("instrument.ban", "Scrip ACME is in Ban Period")
    session.ask("09:15:02", buys(SHARE, 1, "99"))
    assert len(session.events(ev.OrderPlaced)) == 1, "the share itself trades"


def test_a_change_opens_no_position_in_a_ban_period_either() -> None:
    session, future = in_a_ban_period(NEXT_DAY)
    session.ask("09:15:01", buys(future, 100))
    closing = session.ask("09:20", sells(future, 100, "120"), NEXT_DAY)

    session.ask("09:21", ModifyOrder(closing, quantity=200), NEXT_DAY)

    assert [each.rule for each in session.events(ev.ModifyDenied)] == ["instrument.ban"]
    session.ask("09:22", ModifyOrder(closing, price=rupees(130)), NEXT_DAY)
    assert session.order(closing).price == rupees(130)


def test_what_is_suspended_does_not_trade() -> None:
    session = Session(restrictions=Restrictions(suspended={DAY: {SHARE.id}}))
    session.ask("10:00", buys(SHARE, 1, "99"))
    assert session.denial().rule == "instrument.suspended"
    assert session.denial().message == "16387 : Security is not allowed to trade in this market"


def test_triggers_lie_inside_the_days_band_and_so_does_protection() -> None:
    session = Session(restrictions=LIMITED, stale_s=100_000).ticks(MARKET)
    session.ask("09:15:01", buys(SHARE, 1, trigger="110.05"))
    denied = session.denial()
    assert (denied.rule, denied.limit, denied.nearest) == (
        "trigger.circuit", "110.00", {"trigger_price": rupees(110)},
    )  # fmt: skip
    session.ask("09:15:01", sells(SHARE, 1, trigger="89.95"))
    assert session.denial().nearest == {"trigger_price": rupees(90)}
    order_id = session.ask("09:15:01", sells(SHARE, 1, market_protection=5_000))
    assert session.order(order_id).band == rupees(90)


def test_the_night_has_its_own_words() -> None:
    session = Session()
    session.ask("03:00", buys(SHARE, 1, "99"))
    assert session.denial().rule == "oms.maintenance"
    session.ask("06:00", buys(SHARE, 1, "99"))
    assert (session.denial().rule, session.denial().advice) == ("market.closed", "From 09:15 on it would be.")


def test_shares_traded_trade_to_trade_are_for_delivery() -> None:
    share = Instrument(Exchange.NSE, "ODD", Kind.EQUITY, 500, name="ODD", series="BE")
    session = Session(universe=Universe([share]))
    session.ask("10:00", buys(share, 1, "99", product=Product.MIS))
    denied = session.denial()
    assert (denied.rule, denied.limit, denied.nearest) == (
        "product.trade_to_trade",
        "CNC",
        {"product": "CNC"},
    )
    session.ask("10:00", buys(share, 1, "99", trigger="98", product=Product.CNC))
    assert session.denial().rule == "order_type.not_allowed"
    session.ask("10:00", buys(share, 1, "99", product=Product.CNC, validity=Validity.IOC))
    assert session.denial().nearest == {"validity": "DAY"}
    session.ask("10:00", buys(share, 1, "99", product=Product.CNC))
    assert len(session.events(ev.OrderPlaced)) == 1


def test_margin_trading_blocks_a_part_and_sells_only_what_is_there() -> None:
    """Half of ₹99 for ten shares (margins.json): ₹495."""
    session = Session(stale_s=100_000).ticks(MARKET)
    order_id = session.ask("09:15:01", buys(SHARE, 10, "99", product=Product.MTF))
    assert session.order(order_id).blocked == rupees(495)
    session.ask("09:15:01", sells(SHARE, 10, product=Product.MTF))
    assert session.denial().rule == "holdings.short"

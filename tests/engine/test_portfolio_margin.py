"""An order blocks what it adds to what is held and works on its underlying; a fill turns it."""

from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trading import CALL, DAY, FUTURE, INDEX, NEXT_CALL, PUT, UNIVERSE, Session, buys, moment, sells

from kasauti.analytics.margin_words import margin_label
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder, MoveMoney
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State


def call(symbol: str, expiry: date) -> Instrument:
    strike = rupees(26500)
    return Instrument(
        Exchange.NFO, symbol, Kind.CALL, 500, 65, 1800, "NIFTY", expiry, strike, INDEX.id, on_index=True
    )


WING, JANUARY = call("NIFTY2611326500CE", DAY), call("NIFTY26JAN26500CE", date(2026, 1, 27))
MARKET = Universe([*UNIVERSE, WING])
PRICES = """
    time      of     last   bid     ask
    09:20:00  NIFTY  25950  -  -
    09:20:00  CE     120    119.95  120
    09:20:00  PE     100    99.95   100
    09:20:00  NIFTY2611326500CE  20  19.95  20
    09:20:00  NEXT   260    259.95  260
    09:20:00  FUT    26000  25999   26000
"""


SIZES: dict[str, Any] = {"bid_quantity": "6500", "ask_quantity": "6500"}


def open_market(capital: int | str = 10_000_000) -> Session:
    session = Session(universe=MARKET, capital=capital)
    table = PRICES.replace("NIFTY2611326500CE", WING.id)
    return session.ticks(table, **SIZES)


def trade(session: Session, clock: str, *commands: object) -> None:
    for command in commands:
        session.ask(clock, command)  # type: ignore[arg-type]


def blocked(session: Session, order_id: str) -> int:
    placed = next(each for each in session.events(ev.OrderPlaced) if each.order_id == order_id)
    return int(placed.blocked)


def margins(session: Session) -> dict[str, int]:
    return {key: each.margin for key, each in session.state.positions.items() if each.margin}


def test_a_sold_option_is_margined_by_the_price_of_its_underlying_and_says_which() -> None:
    session = open_market()

    order_id = session.ask("09:20:01", sells(CALL, 65, "120"))

    placed = session.events(ev.OrderPlaced)[-1]
    (mark,) = placed.risk_marks
    assert (mark.instrument, mark.spot, mark.price) == (CALL.id, rupees(25950), rupees(120))
    # On its last day, 50 points out of the money: near 9 % and twice 2 % of 25,950 x 65, 3 % on top.
    assert rupees(200_000) < blocked(session, order_id) < rupees(240_000)
    assert session.state.ledger.margin == blocked(session, order_id)


def test_a_price_that_no_volatility_gives_is_marked_as_such_and_named() -> None:
    """A call struck at 26,000 for 120 while the index is at 26,500: exercising it would bring 500."""
    session = Session(stale_s=100_000)
    session.ticks("time of last bid ask\n09:20:00 NIFTY 26500 - -\n09:20:00 CE 120 119.95 120")

    session.ask("09:20:01", sells(CALL, 65, "120"))

    (mark,) = session.events(ev.OrderPlaced)[-1].risk_marks
    assert mark.impossible
    assert margin_label(session.state) == (
        f"approximate (SPAN-lite, no risk file); priced as no volatility can, so at the least one: {CALL.id}"
    )
    fair = open_market()
    fair.ask("09:20:01", sells(CALL, 65, "120"))
    assert margin_label(fair.state) == "approximate (SPAN-lite, no risk file)"


def test_where_the_underlying_has_no_price_its_strike_stands_for_it() -> None:
    session = Session(universe=Universe([CALL]))
    session.ticks("time of last bid ask\n09:20:00 CE 120 119.95 120")
    order_id = session.ask("09:20:01", sells(CALL, 65, "120"))

    # (9.3 + 2 + 2) % x 1.03 of 26,000 x 65, and 120 x 65.
    assert blocked(session, order_id) == rupees("239313.10")
    assert session.events(ev.OrderPlaced)[-1].risk_marks == ()


def test_a_hedge_that_is_held_lowers_what_a_sale_blocks() -> None:
    alone, hedged = open_market(), open_market()
    naked = blocked(alone, alone.ask("09:20:01", sells(CALL, 65, "120")))
    trade(hedged, "09:20:01", buys(WING, 65))

    protected = blocked(hedged, hedged.ask("09:20:02", sells(CALL, 65, "120")))

    # At most 500 points between the strikes, and exposure in full on the sold leg.
    assert rupees(25_950 * 65 * 4 // 100) < protected < naked * 6 // 10


def test_a_hedge_that_only_works_protects_nothing() -> None:
    session = open_market()
    session.ask("09:20:01", buys(WING, 65, "10"))
    order_id = session.ask("09:20:02", sells(CALL, 65, "125"))
    alone = open_market()

    assert blocked(session, order_id) == blocked(alone, alone.ask("09:20:02", sells(CALL, 65, "125")))


def test_one_hedge_does_not_protect_two_orders() -> None:
    session = open_market()
    trade(session, "09:20:01", buys(WING, 65))

    first = blocked(session, session.ask("09:20:02", sells(CALL, 65, "130")))
    second = blocked(session, session.ask("09:20:03", sells(CALL, 65, "130")))

    assert second > first * 3 // 2


def test_buying_the_hedge_frees_margin_when_it_fills() -> None:
    session = open_market()
    trade(session, "09:20:01", sells(CALL, 65))
    before = dict(margins(session))

    order_id = session.ask("09:20:02", buys(WING, 65))

    assert blocked(session, order_id) == rupees("20.20") * 65  # 101 % of the ask: the premium, no margin
    (key,) = before
    assert margins(session)[key] < before[key] * 6 // 10
    filled = session.events(ev.OrderFilled)[-1]
    assert filled.margins == {key: margins(session)[key]}
    assert filled.position_margin == 0


def test_selling_the_hedge_blocks_what_is_missing_without_it_and_is_refused_without_the_money() -> None:
    rich, poor = open_market(), open_market(capital=150_000)
    for session in (rich, poor):
        trade(session, "09:20:01", buys(WING, 65), sells(CALL, 65))
    assert len(poor.fills()) == 2

    order_id = rich.ask("09:20:03", sells(WING, 65))
    assert rupees(80_000) < blocked(rich, order_id)
    poor.ask("09:20:03", sells(WING, 65))
    assert poor.denial().rule == "funds.short"
    # The other way round is fine: first what is sold.
    assert blocked(poor, poor.ask("09:20:04", buys(CALL, 65))) == 0
    assert blocked(poor, poor.ask("09:20:05", sells(WING, 65))) == 0
    assert poor.state.ledger.margin == 0


def test_an_exit_blocks_nothing() -> None:
    session = open_market()
    trade(session, "09:20:01", sells(CALL, 65), sells(PUT, 65))

    assert blocked(session, session.ask("09:20:02", buys(CALL, 65, "115"))) == 0


def test_a_strangle_needs_less_than_its_legs_alone() -> None:
    both, one = open_market(), open_market()
    trade(both, "09:20:01", sells(CALL, 65), sells(PUT, 65))
    trade(one, "09:20:01", sells(CALL, 65))

    assert sum(margins(both).values()) < 2 * sum(margins(one).values())
    assert sum(margins(both).values()) > sum(margins(one).values())


def test_products_do_not_protect_each_other() -> None:
    session = open_market()
    trade(session, "09:20:01", buys(WING, 65, product=Product.MIS))
    order_id = session.ask("09:20:02", sells(CALL, 65, "120"))
    alone = open_market()

    assert blocked(session, order_id) == blocked(alone, alone.ask("09:20:02", sells(CALL, 65, "120")))


def test_a_future_alone_has_its_closed_form_and_beside_an_option_is_netted() -> None:
    session = open_market()
    trade(session, "09:20:01", sells(FUTURE, 65))
    assert margins(session) == {f"{FUTURE.id}|NRML": rupees("196691.54")}  # 11.3 % x 1.03 of 25,999 x 65

    trade(session, "09:20:02", buys(NEXT_CALL, 65))

    assert margins(session)[f"{FUTURE.id}|NRML"] < rupees(130_000)


def test_a_change_of_a_resting_order_is_margined_again_and_cancelling_frees_it() -> None:
    session = open_market()
    order_id = session.ask("09:20:01", sells(CALL, 65, "130"))
    one = session.state.ledger.margin

    session.ask("09:20:02", ModifyOrder(order_id, quantity=130))
    assert abs(session.state.ledger.margin - 2 * one) < rupees("0.05")

    session.ask("09:20:03", CancelOrder(order_id))
    assert session.state.ledger.margin == 0


def test_a_change_that_is_too_dear_is_refused() -> None:
    session = open_market(capital=300_000)
    order_id = session.ask("09:20:01", sells(CALL, 65, "130"))
    session.ask("09:20:02", ModifyOrder(order_id, quantity=130))

    assert session.events(ev.ModifyDenied)[-1].rule == "funds.short"


def test_risk_is_reckoned_anew_at_the_clearing_houses_times() -> None:
    session = open_market()
    session.ask("09:20:01", sells(CALL, 65, "900"))
    session.ticks("time of last bid ask\n10:59:00 NIFTY 26100 - -\n10:59:00 CE 200 199 200")
    session.ask("10:59:01", sells(CALL, 65, "900"))
    assert session.events(ev.OrderPlaced)[-1].risk_marks == ()  # what was marked at 09:20 still holds
    session.ask("11:00:00", sells(CALL, 65, "900"))

    (mark,) = session.events(ev.OrderPlaced)[-1].risk_marks
    assert (mark.at, mark.spot, mark.price) == (moment("11:00:00"), rupees(26100), rupees(200))


def test_a_restart_reckons_with_the_same_prices() -> None:
    session = open_market()
    session.ask("09:20:01", sells(CALL, 65, "130"))
    session.ticks("time of last\n09:30:00 NIFTY 26100\n09:30:00 CE 200")
    again = session.restart()

    for each in (session, again):
        each.ask("09:31:00", sells(CALL, 65, "230"))

    assert again.events(ev.OrderPlaced)[-1].blocked == session.events(ev.OrderPlaced)[-1].blocked


TRADED = (CALL, PUT, WING, NEXT_CALL, FUTURE)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(TRADED),
            st.sampled_from(list(Side)),
            st.integers(1, 3),
            st.booleans(),
            st.sampled_from([Product.NRML, Product.MIS]),
        ),
        max_size=12,
    )
)
def test_whatever_is_traded_the_blocks_add_up_and_the_log_proves_it(
    wishes: list[tuple[Instrument, Side, int, bool, Product]],
) -> None:
    session = open_market(capital=1_000_000)
    for place, (instrument, side, lots, rests, product) in enumerate(wishes):
        make = buys if side is Side.BUY else sells
        price = ("1" if side is Side.BUY else "90000") if rests else ""
        session.ask(f"09:20:{place + 1:02d}", make(instrument, 65 * lots, price, product=product))
    state = session.state

    needed = sum(each.margin for each in state.positions.values())
    assert state.ledger.margin == needed + sum(each.blocked for each in state.working_orders())
    assert all(each.margin >= 0 for each in state.positions.values())
    assert all(each.margin == 0 for each in state.positions.values() if not each.quantity)
    assert State.replay(session.log) == state
    assert state.ledger.trial_balance == 0
    assert session.proof().passed, session.proof().problem


def test_a_position_that_was_carried_protects_on_the_next_day() -> None:
    market = Universe([*UNIVERSE, JANUARY])
    carried, naked = Session(universe=market), Session(universe=market)
    table = f"""
        time      of            last   bid  ask
        09:20:00  NIFTY         25950  -    -
        09:20:00  {JANUARY.id}  150    149  150
        09:20:00  NEXT          260    259  260
    """
    yesterday = date(2026, 1, 12)
    carried.ticks(table, yesterday, **SIZES).ask("09:20:01", buys(JANUARY, 65), yesterday)
    orders = [
        session.ticks(table, DAY, **SIZES).ask("09:20:02", sells(NEXT_CALL, 65, "260"))
        for session in (carried, naked)
    ]

    assert blocked(carried, orders[0]) < blocked(naked, orders[1]) * 8 // 10


def at_noon(session: Session, index: str, call: str, clock: str = "12:29:00") -> Session:
    return session.ticks(
        f"""
        time      of     last     bid     ask
        {clock}  NIFTY  {index}  -       -
        {clock}  CE     {call}   {call}  {call}
        """,
        **SIZES,
    )


def test_what_is_held_is_margined_anew_at_the_snapshots_and_the_peak_is_kept() -> None:
    session = open_market()
    trade(session, "09:20:01", sells(CALL, 65))
    before = sum(margins(session).values())

    at_noon(session, "26400", "450").until("12:31")

    reckoned = session.events(ev.MarginReckoned)
    assert [each.due for each in reckoned] == [moment("11:00"), moment("12:30")]
    assert reckoned[-1].required == sum(margins(session).values()) > before
    assert reckoned[-1].shortfall == 0
    assert session.state.peak_margin == max(each.required for each in reckoned)
    assert session.proof().passed, session.proof().problem


def test_who_is_short_of_margin_is_closed_after_the_grace_by_the_largest_margin_first() -> None:
    session = open_market(capital=260_000)
    trade(session, "09:20:01", sells(CALL, 65), buys(WING, 65))
    resting = session.ask("09:20:02", buys(FUTURE, 65, "10", product=Product.MIS))
    session.ask("09:20:03", MoveMoney(-session.state.ledger.cash, "taken out"))
    at_noon(session, "26400", "450", "10:59:00").until("11:29")
    short = session.events(ev.MarginReckoned)[-1]
    assert short.shortfall > 0
    assert session.state.short_since == moment("11:00")
    assert [each.tag for each in session.events(ev.OrderPlaced)] == ["", "", ""]

    later = "time of last bid ask\n11:30:00 CE 450 450 450\n11:31:30 CE 450 450 450"
    session.ticks(later, **SIZES).until("11:35")

    closing = session.events(ev.OrderPlaced)[3:]
    assert session.order(resting).reason == "margin shortfall"
    assert [(each.instrument, each.side, each.quantity, each.tag) for each in closing] == [
        (CALL.id, Side.BUY, 65, "margin_call")
    ]
    assert session.held(CALL) == 0
    assert session.state.ledger.margin == 0
    assert session.proof().passed, session.proof().problem


def test_bought_options_alone_are_not_reckoned() -> None:
    session = open_market()
    trade(session, "09:20:01", buys(CALL, 65))

    at_noon(session, "26400", "450").until("14:31")

    assert session.events(ev.MarginReckoned) == []


def test_the_brokers_tag_is_nobody_elses() -> None:
    session = open_market()
    session.ask("09:20:01", sells(CALL, 65, "120", tag="margin_call"))

    assert session.denial().rule == "tag.reserved"

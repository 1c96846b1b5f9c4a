"""Round trips by hand, and their sums against the ledger whatever is traded."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.analytics.logs import CALL, PUT, SHARE, Logbook, evidence

from kasauti.analytics.round_trips import SETTLED, OpenTrip, RoundTrip, round_trips
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def book() -> Logbook:
    book = Logbook()
    book.open_day()
    return book


def test_a_bought_and_sold_position_is_one_trip(book: Logbook) -> None:
    book.clock(10, 0)
    book.trade(BUY, 75, "100", "20", strategy="oi", tag="entry")
    book.clock(10, 42)
    book.trade(SELL, 75, "112.50", "25", strategy="oi", tag="trailing_stop")

    fold = round_trips(book)

    assert fold.open == []
    (trip,) = fold.closed
    assert (trip.instrument, trip.product, trip.side, trip.strategy) == (CALL, "NRML", BUY, "oi")
    assert (trip.quantity, trip.entry_price, trip.exit_price) == (75, rupees("100"), rupees("112.50"))
    assert trip.holding_ns == 42 * NS_PER_MINUTE
    assert trip.exit_reason == "trailing_stop"
    assert trip.gross == rupees("937.50")
    assert trip.charges.total == rupees("45")
    assert trip.net == rupees("892.50")


def test_a_short_position_gains_when_the_price_falls(book: Logbook) -> None:
    book.trade(SELL, 50, "80")
    book.trade(BUY, 50, "70")

    (trip,) = round_trips(book).closed

    assert (trip.side, trip.gross) == (SELL, rupees("500"))
    assert (trip.entry_price, trip.exit_price) == (rupees("80"), rupees("70"))


def test_entries_and_exits_are_averaged_and_the_gross_is_exact(book: Logbook) -> None:
    """In at 1 x 10 and 2 x 11 (mean 10.6667), out at 1 x 12 and 2 x 13 (mean 12.6667): made 38 - 32 = 6."""
    for side, quantity, price in ((BUY, 1, "10"), (BUY, 2, "11"), (SELL, 1, "12"), (SELL, 2, "13")):
        book.trade(side, quantity, price)

    (trip,) = round_trips(book).closed

    assert (trip.entry_price, trip.exit_price) == (106_667, 126_667)
    assert trip.gross == rupees("6")
    assert trip.fills == 4


def test_a_trade_through_zero_ends_one_trip_and_begins_the_next(book: Logbook) -> None:
    """Long 50, sell 75: two thirds of the 30 rupees of charges belong to the trip that ends."""
    book.trade(BUY, 50, "100", "10")
    book.trade(SELL, 75, "110", "30")

    fold = round_trips(book)

    (ended,), (begun,) = fold.closed, fold.open
    assert (ended.gross, ended.charges.total) == (rupees("500"), rupees("30"))
    assert (begun.quantity, begun.average_price) == (-25, rupees("110"))
    assert (begun.gross, begun.charges.total) == (0, rupees("10"))


def test_a_part_exit_leaves_the_trip_open_with_what_it_realised(book: Logbook) -> None:
    book.trade(BUY, 100, "50", "5")
    book.trade(SELL, 40, "55", "2")

    fold = round_trips(book)

    assert fold.closed == []
    (trip,) = fold.open
    assert (trip.quantity, trip.gross, trip.charges.total) == (60, rupees("200"), rupees("7"))


def test_an_expired_contract_closes_its_trip(book: Logbook) -> None:
    book.trade(BUY, 75, "20", "20")
    worthless = evidence(book.at, 0, source=Source.SETTLEMENT, rule=Rule.SETTLED)
    book.write(ev.PositionSettled(CALL, Product.NRML, 75, 0, Charges(), worthless))

    (trip,) = round_trips(book).closed

    assert (trip.exit_reason, trip.exit_price) == (SETTLED, 0)
    assert trip.net == rupees("-1520")


def test_products_of_one_instrument_are_apart_and_strategies_of_one_product_together(book: Logbook) -> None:
    book.trade(BUY, 10, "100", instrument=SHARE, product=Product.MIS, strategy="a")
    book.trade(BUY, 10, "100", instrument=SHARE, product=Product.CNC, strategy="b")
    book.trade(SELL, 10, "101", instrument=SHARE, product=Product.MIS)

    fold = round_trips(book)

    assert [(trip.product, trip.strategy) for trip in fold.closed] == [("MIS", "a, by hand")]
    assert [(trip.product, trip.strategy) for trip in fold.open] == [("CNC", "b")]


def test_a_part_filled_order_that_was_changed_and_cancelled_is_followed_to_its_end(book: Logbook) -> None:
    order_id = book.place(BUY, 100, price="10")
    book.fill(order_id, "10", 25)
    book.write(ev.OrderModified(order_id, 50, rupees("11"), 0, kept_priority=False))
    book.fill(order_id, "11", 25)
    book.trade(SELL, 50, "12")

    (trip,) = round_trips(book).closed

    assert (trip.quantity, trip.gross) == (50, rupees("75"))


# Whatever is traded, nothing is lost.

charges = st.builds(Charges, *[st.integers(0, 500).map(lambda paise: paise * 100)] * 7)
trades = st.fixed_dictionaries(
    {
        "instrument": st.sampled_from([CALL, PUT, SHARE]),
        "product": st.sampled_from([Product.MIS, Product.NRML]),
        "side": st.sampled_from([BUY, SELL]),
        "quantity": st.integers(1, 40),
        "first": st.integers(1, 40),
        "price": st.integers(1, 20_000).map(lambda ticks: ticks * 25),
        "strategy": st.sampled_from(["", "a", "b"]),
        "charges": st.tuples(charges, charges),
    }
)
actions = st.one_of(trades, st.just({"settle": True}), st.fixed_dictionaries({"rounding": charges}))


def _do(book: Logbook, action: dict[str, Any]) -> None:
    if "settle" in action:
        for held in book.state.held:
            gone = evidence(book.at, 12_345, source=Source.SETTLEMENT, rule=Rule.SETTLED)
            fee = Charges(stt=700)
            book.write(
                ev.PositionSettled(held.instrument, Product(held.product), held.quantity, 12_345, fee, gone)
            )
        return
    if "rounding" in action:
        book.close_day(action["rounding"])
        book.open_day()
        return
    order_id = book.place(
        action["side"],
        action["quantity"],
        action["instrument"],
        product=action["product"],
        strategy=action["strategy"],
        paid_up=action["instrument"] != SHARE,
    )
    price = str(action["price"] / 10_000)
    first = min(action["first"], action["quantity"])
    book.fill(order_id, price, first, action["charges"][0])
    if first < action["quantity"]:
        book.fill(order_id, price, 0, action["charges"][1])


@settings(max_examples=150, deadline=None)
@given(st.lists(actions, max_size=25))
def test_trips_add_up_to_the_ledger_head_by_head(script: list[dict[str, Any]]) -> None:
    book = Logbook("10000000")
    book.open_day()
    for action in script:
        _do(book, action)

    fold = round_trips(book)

    ledger = book.state.ledger
    trips: list[RoundTrip | OpenTrip] = [*fold.closed, *fold.open]
    assert sum(trip.gross for trip in trips) == -ledger.realised
    for head in msgspec.structs.fields(Charges):
        booked = sum(getattr(trip.charges, head.name) for trip in trips)
        assert booked + getattr(fold.rounding, head.name) == getattr(ledger, head.name)
    held = {(p.instrument, p.product): (p.quantity, p.average_price) for p in book.state.held}
    assert {(t.instrument, t.product): (t.quantity, t.average_price) for t in fold.open} == held
    for trip in fold.closed:
        assert trip.net == trip.gross - trip.charges.total
        mean = (trip.exit_price - trip.entry_price) * trip.side.sign * trip.quantity
        assert abs(mean - trip.gross) <= trip.quantity  # both means are rounded to half a unit

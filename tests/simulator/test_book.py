"""The parts that the venue is made of: the book of our own orders, used liquidity, requests on their way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.market import Level, Quote
from kasauti.simulator.book import UNSEEN, Book, Resting
from kasauti.simulator.liquidity import Liquidity
from kasauti.simulator.transit import NEVER, Cancellation, Transit

LOW, HIGH = -1, 10**12


def resting(name: str, *, priority: int = 0, ioc: bool = False) -> Resting:
    """Return an order as its name says: side, limit and trigger, like "buy 100" or "sell 0 98"."""
    side, limit, trigger = [*name.split(), "0"][:3]
    order = Resting(
        order_id=name,
        slot=0,
        buys=side == "buy",
        limit=int(limit),
        trigger=int(trigger),
        quantity=10,
        leaves=10,
        ioc=ioc,
    )
    order.priority = priority
    return order


def book_of(*names: str) -> Book:
    book = Book()
    for priority, name in enumerate(names, 1):
        book.add(resting(name, priority=priority))
    return book


@pytest.mark.parametrize("name", ["buy 100", "sell 100", "buy 0", "sell 0", "buy 0 102", "sell 0 98"])
def test_a_book_is_empty_before_its_only_order_comes_and_after_it_goes(name: str) -> None:
    book, order = Book(), resting(name)
    assert not book
    book.add(order)
    assert book
    assert list(book) == [order]
    book.remove(order)
    assert not book


@pytest.mark.parametrize(
    ("names", "order"),
    [
        (["sell 102", "sell 101", "sell 103"], ["sell 101", "sell 102", "sell 103"]),  # the cheapest first
        (["buy 99", "buy 100", "buy 98"], ["buy 100", "buy 99", "buy 98"]),  # the dearest first
        (["sell 101", "buy 99", "buy 0"], ["buy 0", "buy 99", "sell 101"]),  # what takes comes first
    ],
)
def test_the_best_price_trades_first(names: list[str], order: list[str]) -> None:
    assert [each.order_id for each in book_of(*names)] == order


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("added", [(1, 2, 3), (3, 2, 1), (2, 3, 1)])
def test_at_one_price_the_one_that_came_first_trades_first(side: str, added: tuple[int, ...]) -> None:
    book = Book()
    for priority in added:
        book.add(resting(f"{side} 100", priority=priority))

    assert [order.priority for order in book] == [1, 2, 3]


@pytest.mark.parametrize("gone", ["buy 98", "buy 100", "buy 99", "sell 103", "sell 101", "sell 102", "buy 0"])
def test_an_order_that_goes_takes_no_other_with_it(gone: str) -> None:
    names = [
        "buy 98",
        "buy 100",
        "buy 99",
        "sell 103",
        "sell 101",
        "sell 102",
        "buy 0",
        "sell 0",
        "buy 0 104",
    ]
    book = Book()
    orders = {name: resting(name, priority=priority) for priority, name in enumerate(names, 1)}
    for order in orders.values():
        book.add(order)
    book.remove(orders[gone])

    assert {order.order_id for order in book} == set(names) - {gone}


STOPS = ["buy 0 104", "buy 0 102", "sell 0 96", "sell 0 98", "buy 0 103", "sell 0 97"]


@pytest.mark.parametrize(
    ("last", "woken"),
    [
        (0, []),  # no trade
        (100, []),
        (101, []),
        (102, ["buy 0 102"]),
        (103, ["buy 0 102", "buy 0 103"]),
        (104, ["buy 0 104", "buy 0 102", "buy 0 103"]),  # in the order they came
        (98, ["sell 0 98"]),
        (97, ["sell 0 98", "sell 0 97"]),
        (96, ["sell 0 96", "sell 0 98", "sell 0 97"]),
    ],
)
def test_a_trade_wakes_the_stops_it_reaches_and_no_others(last: int, woken: list[str]) -> None:
    assert [stop.order_id for stop in book_of(*STOPS).reached(last)] == woken


@pytest.mark.parametrize(
    ("names", "low", "high"),
    [
        ([], LOW, HIGH),
        (["buy 0"], LOW, HIGH),
        (["buy 98", "buy 99"], 99, HIGH),
        (["sell 102", "sell 101"], LOW, 101),
        (["sell 0 97", "sell 0 98"], 98, HIGH),
        (["buy 0 103", "buy 0 102", "buy 0 104"], LOW, 102),
        (["buy 99", "sell 0 98"], 99, HIGH),
        (["buy 97", "sell 0 98"], 98, HIGH),
        (["sell 101", "buy 0 102"], LOW, 101),
        (["sell 103", "buy 0 102"], LOW, 102),
    ],
)
def test_the_nearest_limit_or_trigger_says_which_prices_matter(names: list[str], low: int, high: int) -> None:
    book = book_of(*names)

    assert (book.low_wake(LOW), book.high_wake(HIGH)) == (low, high)


# Used liquidity.


def test_before_the_first_tick_nothing_has_traded_and_nothing_is_used() -> None:
    liquidity = Liquidity()

    assert liquidity.print_left() == 0
    assert not liquidity.is_used


@pytest.mark.parametrize("buys", [True, False])
@pytest.mark.parametrize(
    ("last", "traded", "left"),
    [
        (100, 20, 30),  # the market turned twenty of them over itself
        (100, 49, 1),
        (100, 50, 0),
        (99, 20, 50),  # a trade at another price says nothing about this level
        (101, 20, 50),
        (0, 0, 50),
    ],
)
def test_only_trades_at_a_level_renew_what_was_used_of_it(
    buys: bool,  # noqa: FBT001
    last: int,
    traded: int,
    left: int,
) -> None:
    liquidity, level = Liquidity(), (Level(100, 500),)
    liquidity.take(100, 50, buys=buys)
    liquidity.see(
        Quote(1, last, asks=level, traded=traded) if buys else Quote(1, last, bids=level, traded=traded)
    )

    assert (liquidity.asks if buys else liquidity.bids).get(100, 0) == left
    assert liquidity.is_used is (left > 0)


@pytest.mark.parametrize(
    ("shown", "left"),
    [(30, 30), (50, 50), (80, 50), (0, 50)],  # 0: how much is displayed is not known
)
def test_no_more_of_a_level_is_used_than_it_displays(shown: int, left: int) -> None:
    liquidity = Liquidity()
    liquidity.take(100, 50, buys=True)
    liquidity.see(Quote(1, ask=100, ask_quantity=shown))

    assert liquidity.asks == {100: left}


def test_a_level_that_is_gone_is_not_used_any_more() -> None:
    liquidity = Liquidity()
    liquidity.take(100, 50, buys=True)
    assert liquidity.is_used
    liquidity.see(Quote(1, asks=(Level(101, 500),)))

    assert not liquidity.is_used


# Requests on their way.


def test_what_is_due_is_always_the_earliest_that_is_left() -> None:
    transit = Transit()
    for arrives, earliest in ((5, 5), (3, 3), (9, 3), (7, 3), (1, 1), (8, 1)):
        assert transit.send(Cancellation(f"at {arrives}", "x"), arrives) == earliest
    transit.drop("at 1")
    assert transit.due == 3
    transit.drop("at 8")
    assert transit.due == 3

    seen = []
    while transit.due < NEVER:
        due = transit.due
        at, request = transit.arrive()
        assert (due, request.order_id) == (at, f"at {at}")
        seen.append(at)
    assert seen == [3, 5, 7, 9]


def test_of_several_limits_that_were_seen_the_best_say_what_a_level_has_to_come_to() -> None:
    book = book_of("buy 98", "buy 99", "buy 97", "sell 102", "sell 101", "sell 103", "buy 0 104", "sell 0 96")

    assert book.sight((LOW, HIGH)) == (99, 101)


@pytest.mark.parametrize(
    ("shown", "leaves", "stands"),
    [(0, 10, 10), (0, 7, 7), (4, 10, 4), (4, 9, 3), (4, 7, 1), (4, 6, 4), (4, 1, 3)],
)
def test_what_is_shown_of_an_order_is_what_is_left_of_its_present_slice(
    shown: int, leaves: int, stands: int
) -> None:
    """Of ten, four at a time: 4, 3, 2, 1, 4 ... as they trade."""
    order = resting("buy 100")
    order.leaves = leaves

    assert order.stands(shown) == stands


@given(
    st.lists(
        st.tuples(st.sampled_from(["add", "see", "remove"]), st.integers(0, 5), st.booleans()), max_size=40
    )
)
def test_a_book_wants_to_see_anything_while_a_limit_has_not_been_seen(
    steps: list[tuple[str, int, bool]],
) -> None:
    """The few that have not been seen are kept, and that has to be what a look at all of them says."""
    names = ["buy 98", "buy 99", "sell 101", "sell 102", "buy 0 103", "sell 0"]
    orders, book = [resting(name) for name in names], Book()
    for step, number, known in steps:
        order, stands = orders[number], orders[number] in list(book)
        if step == "add" and not stands:
            order.queue = 5 if known else UNSEEN
            book.add(order)
        elif step == "see":
            order.queue = 5
        elif step == "remove" and stands:
            book.remove(order)
        unseen = any(each.queue == UNSEEN for each in (*book.buys, *book.sells))
        assert (book.sight((LOW, HIGH)) is None) is unseen

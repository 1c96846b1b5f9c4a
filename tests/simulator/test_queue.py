"""The queue of the `depth` profile: what was displayed before us trades first."""

import pytest
from tests.trading import SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder, PlaceWithTerms
from kasauti.domain.evidence import Rule
from kasauti.simulator.fills import Depth

Fills = list[tuple[str, int, str]]


def behind(table: str, quantity: int = 100, limit: str = "99.95", *, at: str = "09:15:00") -> Session:
    """Let a buy order join after the tick at `at`, and play the rest."""
    session = Session("depth")
    session.play(table, (at, buys(SHARE, quantity, limit)))
    assert session.proof().passed
    return session


#: 300 units are displayed at 99.95 when we join.
JOIN = "09:15:00  100  99.95x300,99.90x700  100.05x500  1000"


def table(*rows: str) -> str:
    return "\n".join(["time last bids asks volume", JOIN, *rows])


@pytest.mark.parametrize(
    ("traded", "expected"),
    [
        (299, []),
        (300, []),  # exactly the queue
        (301, [("09:15:01", 1, "99.95")]),
        (400, [("09:15:01", 100, "99.95")]),
        (9000, [("09:15:01", 100, "99.95")]),
    ],
)
def test_trades_at_the_limit_use_up_the_queue_first(traded: int, expected: Fills) -> None:
    session = behind(table(f"09:15:01 99.95 99.95x300,99.90x700 100.05x500 {1000 + traded}"))

    assert session.fills() == expected
    for _, fill in session.filled():
        assert fill.evidence.rule is Rule.QUEUE
        assert fill.evidence.queue == 300


def test_what_is_not_shown_joins_the_end_of_the_queue_when_its_turn_comes() -> None:
    """
    Of 100 units 20 are shown behind 300. 50 beyond the queue trade: 20 of ours, then those behind them.

    The next 20 stand behind the 400 that are displayed by then.
    """
    session = Session("depth")
    session.play(
        table(
            "09:15:01 99.95 99.95x400,99.90x700 100.05x500 1350",
            "09:15:02 99.95 99.95x400,99.90x700 100.05x500 1750",  # exactly the new queue
            "09:15:03 99.95 99.95x250,99.90x700 100.05x500 1755",
            "09:15:04 99.90 99.90x700 99.95x30,100.05x500 1780",  # through the limit: what is hidden, too
        ),
        ("09:15:00", PlaceWithTerms(buys(SHARE, 100, "99.95"), disclosed_quantity=20)),
    )

    assert [(clock, quantity) for clock, quantity, _ in session.fills()] == [
        ("09:15:01", 20),
        ("09:15:03", 5),
        ("09:15:04", 30),
        ("09:15:04", 25),
    ]
    assert [fill.evidence.queue for _, fill in session.filled()][:2] == [300, 0]
    assert session.proof().passed


def test_a_slice_that_traded_to_its_last_unit_is_followed_by_one_at_the_end_of_the_queue() -> None:
    """Of 320 that trade 300 were ahead, and 20 are all we show. The next 400 are ahead of what follows."""
    session = Session("depth")
    session.play(
        table(
            "09:15:01 99.95 99.95x400,99.90x700 100.05x500 1320",
            "09:15:02 99.95 99.95x400,99.90x700 100.05x500 1720",
            "09:15:03 99.95 99.95x400,99.90x700 100.05x500 1721",
        ),
        ("09:15:00", PlaceWithTerms(buys(SHARE, 100, "99.95"), disclosed_quantity=20)),
    )

    assert [(clock, quantity) for clock, quantity, _ in session.fills()] == [
        ("09:15:01", 20),
        ("09:15:03", 1),
    ]


def test_the_queue_remembers_what_traded_before() -> None:
    session = behind(
        table(
            "09:15:01 99.95 99.95x300,99.90x700 100.05x500 1200",  # 200 of 300
            "09:15:02 99.95 99.95x300,99.90x700 100.05x500 1299",  # 99 more: one is left
            "09:15:03 99.95 99.95x300,99.90x700 100.05x500 1310",  # one, then ten of us
        )
    )

    assert session.fills() == [("09:15:03", 10, "99.95")]


def test_trades_elsewhere_do_not_count() -> None:
    """A sale at the ask says nothing about our bid."""
    session = behind(table("09:15:01 100.05 99.95x300,99.90x700 100.05x500 9000"))

    assert session.fills() == []


@pytest.mark.parametrize(("displayed", "filled"), [(300, 0), (50, 0), (49, 1), (10, 40)])
def test_what_is_cancelled_is_behind_us_until_that_cannot_be(displayed: int, filled: int) -> None:
    """Once less is displayed than was ahead, the difference must have been ahead and is gone."""
    session = behind(
        table(
            f"09:15:01 100   99.95x{displayed},99.90x700 100.05x500 1000",  # cancels, no trade
            f"09:15:02 99.95 99.95x{displayed},99.90x700 100.05x500 1050",  # fifty trade
        )
    )

    assert sum(quantity for _, quantity, _ in session.fills()) == filled


def test_more_behind_us_does_not_push_us_back() -> None:
    session = behind(
        table(
            "09:15:01 100   99.95x5000,99.90x700 100.05x500 1000",
            "09:15:02 99.95 99.95x5000,99.90x700 100.05x500 1310",
        )
    )

    assert session.fills() == [("09:15:02", 10, "99.95")]


def test_a_level_that_was_cleared_has_no_queue() -> None:
    session = behind(
        table(
            "09:15:01 100   99.90x700 100.05x500 1000",  # nobody is displayed at 99.95
            "09:15:02 99.95 99.90x700 100.05x500 1010",
        )
    )

    assert session.fills() == [("09:15:02", 10, "99.95")]


@pytest.mark.parametrize(
    ("limit", "ahead"),
    [
        ("99.95", 300),
        ("99.90", 700),
        ("99.92", None),  # off tick: denied before it gets here
        ("100", 0),  # a better bid than anybody's
        ("99.80", 700),  # beyond what is shown: what the last level shows, at least
    ],
)
def test_it_joins_behind_what_is_displayed_at_its_price(limit: str, ahead: int | None) -> None:
    session = behind(table(), limit=limit)
    opened = [event.queue_ahead for event in session.events() if event.TAG == "order.opened"]

    assert opened == ([] if ahead is None else [ahead])


def test_sellers_queue_at_the_asks() -> None:
    session = Session("depth")
    session.play(
        table(
            "09:15:01 100.05 99.95x300,99.90x700 100.05x500 1500",  # the 500 ahead
            "09:15:02 100.05 99.95x300,99.90x700 100.05x500 1520",
        ),
        ("09:15:00", sells(SHARE, 100, "100.05")),
    )

    assert session.fills() == [("09:15:02", -20, "100.05")]


def test_our_own_orders_queue_behind_each_other_and_one_trade_is_spent_once() -> None:
    session = Session("depth")
    first, second = session.play(
        table("09:15:03 99.95 99.95x300,99.90x700 100.05x500 1390"),  # 300, then 90 for us
        ("09:15:01", buys(SHARE, 60, "99.95")),
        ("09:15:02", buys(SHARE, 60, "99.95")),
    )

    assert [(order_id, quantity) for _, order_id, quantity, _, _ in session.trades()] == [
        (first, 60),
        (second, 30),
    ]
    assert session.proof().passed


def test_an_order_that_met_no_book_joins_at_the_end_of_the_first_it_sees() -> None:
    """Nothing was known when it came, so it cannot claim to have been first."""
    session = Session("depth")
    session.ask("09:15:00", buys(SHARE, 100, "99.95"))
    session.ticks(table("09:15:01 99.95 99.95x300,99.90x700 100.05x500 1050"))
    session.ticks(table("09:15:02 99.95 99.95x300,99.90x700 100.05x500 1310").replace(JOIN, ""))

    # 300 ahead when the book was first seen, less 50, less 250: ten of the last 260 are ours.
    assert session.fills() == [("09:15:02", 10, "99.95")]


def test_a_quote_without_depth_has_a_queue_at_the_touch() -> None:
    session = Session("depth")
    session.play(
        """
        time      last   bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100    99.95  300           100.05  500           1000
        09:15:01  99.95  99.95  300           100.05  500           1310
        """,
        ("09:15:00", buys(SHARE, 100, "99.95")),
    )

    assert session.fills() == [("09:15:01", 10, "99.95")]


def test_without_volume_the_queue_never_ends() -> None:
    """How much traded is not known, so nothing shows that the queue is gone."""
    session = Session("depth")
    session.play(
        """
        time      last   bid    bid_quantity  ask     ask_quantity
        09:15:00  100    99.95  300           100.05  500
        09:15:01  99.95  99.95  300           100.05  500
        """,
        ("09:15:00", buys(SHARE, 100, "99.95")),
    )

    assert session.fills() == []


@pytest.mark.parametrize(
    ("command", "book", "next_book"),
    [
        (buys(SHARE, 100, "99.95"), "- 100.05x500", "- 99.95x40"),
        (sells(SHARE, 100, "100.05"), "99.95x500 -", "100.05x40 -"),
    ],
)
def test_where_nobody_else_bids_nobody_is_ahead(command: PlaceOrder, book: str, next_book: str) -> None:
    """A circuit limit leaves one side of the book empty; who comes to the other side is first there."""
    session = Session("depth")
    session.play(
        f"""
        time      last  bids asks volume
        09:15:00  100   {book}  1000
        09:15:01  100   {book}  1050
        09:15:02  100   {next_book}  1050
        """,
        ("09:15:00", command),
    )

    assert [event.queue_ahead for event in session.events(ev.OrderOpened)] == [0]
    assert [(at, abs(quantity)) for at, quantity, _ in session.fills()] == [("09:15:02", 40)]
    assert session.proof().passed


def test_who_comes_where_nobody_bid_is_behind_us() -> None:
    session = Session("depth")
    session.play(
        """
        time      last   bids       asks        volume
        09:15:00  100    -          100.05x500  1000
        09:15:02  100    99.95x300  100.05x500  1000
        09:15:03  99.95  99.95x300  100.05x500  1010
        """,
        ("09:15:01", buys(SHARE, 100, "99.95")),
    )

    assert session.fills() == [("09:15:03", 10, "99.95")]


@pytest.mark.parametrize(
    ("shown", "traded", "expected"),
    [
        (150, 0, [(51, "99.95")]),  # half the level left: half of the 300 ahead of us
        (200, 0, [(1, "99.95")]),  # a third left, so 200 stayed
        (201, 0, []),  # 201 ahead
        (100, 100, [(101, "99.95")]),  # of what did not trade, half left: 200 less 100
    ],
)
def test_fair_cancels_leave_ahead_of_us_as_often_as_behind(
    shown: int, traded: int, expected: list[tuple[int, str]]
) -> None:
    session = Session(model=Depth(fair_cancels=True))
    rows = table(
        "09:15:00.100  100  99.95x300,99.90x700  100.05x500  1000",
        f"09:15:01  {'99.95' if traded else '100'}  99.95x{shown},99.90x700  100.05x500  {1000 + traded}",
        f"09:15:02  99.95  99.95x{shown},99.90x700  100.05x500  {1000 + traded + 201}",
    )
    session.play(rows, ("09:15:00", buys(SHARE, 200, "99.95")))

    assert [(quantity, price) for _, quantity, price in session.fills()] == expected


@pytest.mark.parametrize(
    ("shown", "traded", "cancels", "expected"),
    [
        # 300 came behind us, then half of the level went: half of our 300 with it, or only those behind us.
        (300, 0, "fair", [(51, "99.95")]),
        (300, 0, "behind", []),
        # 100 traded, all of them ahead of us. Of the 500 that did not, 200 went, and of the 200 ahead so 80.
        (300, 100, "fair", [(81, "99.95")]),
        (300, 100, "behind", [(1, "99.95")]),
        # What traded is all that went.
        (500, 100, "fair", [(1, "99.95")]),
        # More came.
        (700, 0, "fair", []),
        # None of a level's 600 is left but what traded: nobody is ahead.
        (0, 0, "fair", [(200, "99.95")]),
    ],
)
def test_of_those_who_came_behind_us_fair_cancels_are_as_many_as_their_share(
    shown: int, traded: int, cancels: str, expected: list[tuple[int, str]]
) -> None:
    session = Session(model=Depth(fair_cancels=cancels == "fair"))
    level = f"99.95x{shown}," if shown else ""
    rows = table(
        "09:15:00.100  100  99.95x300,99.90x700  100.05x500  1000",
        "09:15:00.500  100  99.95x600,99.90x700  100.05x500  1000",
        f"09:15:01  {'99.95' if traded else '100'}  {level}99.90x700  100.05x500  {1000 + traded}",
        f"09:15:02  99.95  {level}99.90x700  100.05x500  {1000 + traded + 201}",
    )
    session.play(rows, ("09:15:00", buys(SHARE, 200, "99.95")))

    assert [(quantity, price) for _, quantity, price in session.fills()] == expected

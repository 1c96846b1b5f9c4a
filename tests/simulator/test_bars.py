"""Orders on bars: a bar says what traded, not in which order, so doubts go against the order."""

import pytest
from tests.trading import FUTURE, SHARE, Session, buys, sells

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.order import Status, Validity

Fills = list[tuple[str, int, str]]

#: The minute before, so that there is a price; orders come at its end, 09:16:00, as the next one opens.
FIRST = """
    time   open   high   low    close  volume
    09:15  100    100    100    100    0
"""


def on_bars(
    profile: str, rows: str, *commands: PlaceOrder, at: str = "09:16:00", slippage: int = 0
) -> Session:
    """Ask at 09:16:00, then play minute bars from 09:16 on: open, high, low, close, volume."""
    session = Session(profile, slippage=slippage)
    session.bars(FIRST)
    for command in commands:
        session.ask(at, command)
    session.bars("time open high low close volume\n" + rows)
    assert session.proof().passed
    return session


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@pytest.mark.parametrize(
    ("command", "bar", "expected", "rule"),
    [
        # 2. market orders take the open
        (buys(SHARE, 10), "101 105 95 99", [("09:17:00", 10, "101.00")], Rule.OPEN),
        (sells(SHARE, 10), "101 105 95 99", [("09:17:00", -10, "101.00")], Rule.OPEN),
        # 3. a stop that the open has passed trades at the open, also if the bar comes back
        (sells(SHARE, 10, trigger="98"), "95 99 94 98.5", [("09:17:00", -10, "95.00")], Rule.GAP),
        (buys(SHARE, 10, trigger="102"), "105 106 101 102", [("09:17:00", 10, "105.00")], Rule.GAP),
        (sells(SHARE, 10, trigger="98"), "98 99 97 98.5", [("09:17:00", -10, "98.00")], Rule.GAP),
        # ... one that the bar reached at its trigger
        (sells(SHARE, 10, trigger="98"), "100 100 98 99", [("09:17:00", -10, "98.00")], Rule.STOP),
        (buys(SHARE, 10, trigger="102"), "100 102 99 101", [("09:17:00", 10, "102.00")], Rule.STOP),
        # ... also if it went further
        (sells(SHARE, 10, trigger="98"), "100 100 97 99", [("09:17:00", -10, "98.00")], Rule.STOP),
        (buys(SHARE, 10, trigger="102"), "100 103 99 101", [("09:17:00", 10, "102.00")], Rule.STOP),
        # ... and one tick short of it nothing
        (sells(SHARE, 10, trigger="98"), "100 100 98.05 99", [], None),
        (buys(SHARE, 10, trigger="102"), "100 101.95 99 101", [], None),
        # a stop with a limit takes no worse than that, at the open or at the trigger
        (sells(SHARE, 10, "97.50", trigger="98"), "100 100 97 97", [("09:17:00", -10, "98.00")], Rule.STOP),
        (buys(SHARE, 10, "102.50", trigger="102"), "100 103 99 101", [("09:17:00", 10, "102.00")], Rule.STOP),
        (sells(SHARE, 10, "97.50", trigger="98"), "97.50 98 96 97", [("09:17:00", -10, "97.50")], Rule.GAP),
        (sells(SHARE, 10, "97.50", trigger="98"), "97.45 98 96 97", [], None),
        (buys(SHARE, 10, "102.50", trigger="102"), "102.55 103 101 102", [], None),
        # 5. a limit better than the open trades at the open
        (buys(SHARE, 10, "99"), "95 99 94 98", [("09:17:00", 10, "95.00")], Rule.GAP),
        (sells(SHARE, 10, "101"), "105 106 101 102", [("09:17:00", -10, "105.00")], Rule.GAP),
        # ... one that the bar went through at its limit
        (buys(SHARE, 10, "99"), "100 101 98.95 100", [("09:17:00", 10, "99.00")], Rule.THROUGH),
        (sells(SHARE, 10, "101"), "100 101.05 99 100", [("09:17:00", -10, "101.00")], Rule.THROUGH),
        # ... and one tick short of it nothing
        (buys(SHARE, 10, "99"), "100 101 99.05 100", [], None),
        (sells(SHARE, 10, "101"), "100 100.95 99 100", [], None),
    ],
)
def test_a_bar_fills_by_its_open_its_extremes_and_nothing_else(
    profile: str, command: PlaceOrder, bar: str, expected: Fills, rule: Rule | None
) -> None:
    session = on_bars(profile, f"09:16 {bar} 0", command)

    assert session.fills() == expected
    assert [fill.evidence.rule for _, fill in session.filled()] == ([rule] if rule else [])
    assert all(fill.evidence.source is Source.BAR for _, fill in session.filled())
    assert all((fill.evidence.tick, fill.evidence.queue) == (0, 0) for _, fill in session.filled())


@pytest.mark.parametrize(
    ("profile", "enough"), [("touch", True), ("ltp", True), ("depth", False), ("pessimistic", False)]
)
@pytest.mark.parametrize(
    ("command", "bar"),
    [(buys(SHARE, 10, "99"), "100 101 99 100"), (sells(SHARE, 10, "101"), "100 101 99 100")],
)
def test_a_bar_that_only_touches_the_limit(
    profile: str,
    enough: bool,  # noqa: FBT001
    command: PlaceOrder,
    bar: str,
) -> None:
    session = on_bars(profile, f"09:16 {bar} 0", command)

    assert [fill.evidence.rule for _, fill in session.filled()] == ([Rule.TOUCHED] if enough else [])


# 1. Only orders that were there when it opened.


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("09:16:00", [("09:17:00", 10, "101.00")]),  # as it opens
        ("09:16:00.000000001", [("09:18:00", 10, "102.00")]),  # a nanosecond later: the next one
        ("09:16:59", [("09:18:00", 10, "102.00")]),
    ],
)
def test_an_order_that_came_after_the_open_waits_for_the_next_bar(at: str, expected: Fills) -> None:
    session = on_bars("touch", "09:16 101 101 101 101 0\n09:17 102 102 102 102 0", buys(SHARE, 10), at=at)

    assert session.fills() == expected


def test_the_bar_that_caused_the_order_is_never_its_evidence() -> None:
    session = Session("touch")
    session.bars(FIRST.replace("100    100    100    100 ", "100    110    90     100 "))
    session.ask("09:16:00", buys(SHARE, 10, "95"))
    session.until("09:20")

    assert session.fills() == []


# 4. Where a stop has traded, limits on the same side wait.


def test_a_bar_that_reached_stop_and_target_trades_the_stop() -> None:
    """Long 10: stop at 98, target at 102, and a bar that saw both. Which came first is not known."""
    session = Session("touch")
    session.bars(FIRST)
    session.ask("09:16:00", buys(SHARE, 10))
    session.bars("time open high low close volume\n09:16 100 100 100 100 0")
    stop = session.ask("09:17:00", sells(SHARE, 10, trigger="98"))
    target = session.ask("09:17:00", sells(SHARE, 10, "102"))
    session.bars("time open high low close volume\n09:17 100 103 97 100 0")

    assert session.status(stop) is Status.COMPLETE
    assert session.status(target) is Status.OPEN
    session.bars("time open high low close volume\n09:18 100 103 99 100 0")
    assert session.status(target) is Status.COMPLETE


def test_limits_on_the_other_side_do_not_wait() -> None:
    session = on_bars(
        "touch", "09:16 100 103 97 100 0", sells(SHARE, 10, trigger="98"), buys(SHARE, 10, "99")
    )

    assert sorted(session.fills()) == [("09:17:00", -10, "98.00"), ("09:17:00", 10, "99.00")]


# 6. All of it together trades no more than the bar did.


def test_orders_share_the_volume_market_first_then_stops_then_limits() -> None:
    session = on_bars(
        "touch",
        "09:16 100 103 97 100 25\n09:17 100 103 97 100 1000",
        buys(SHARE, 10, "99"),
        sells(SHARE, 10, trigger="98"),
        buys(SHARE, 10),
    )

    assert session.fills() == [
        ("09:17:00", 10, "100.00"),  # market
        ("09:17:00", -10, "98.00"),  # stop
        ("09:17:00", 5, "99.00"),  # what is left for the limit
        ("09:18:00", 5, "99.00"),
    ]
    assert [fill.evidence.shown for _, fill in session.filled()] == [25, 25, 25, 1000]
    assert [fill.evidence.taken for _, fill in session.filled()] == [0, 10, 20, 0]


def test_stops_trade_before_limits_whether_or_not_they_have_a_limit_of_their_own() -> None:
    """A bar of 25 units that reached all of them; it is not known when."""
    session = on_bars(
        "touch",
        "09:16 100 103 97 100 25",
        buys(SHARE, 10, "99"),
        sells(SHARE, 10, "97", trigger="98"),
        sells(SHARE, 10, trigger="98"),
        buys(SHARE, 2),
    )

    assert session.fills() == [
        ("09:17:00", 2, "100.00"),
        ("09:17:00", -10, "98.00"),
        ("09:17:00", -10, "98.00"),
        ("09:17:00", 3, "99.00"),
    ]


def test_where_a_bar_counts_no_volume_no_order_is_too_large() -> None:
    session = on_bars("touch", "09:16 100 103 97 100 0", buys(SHARE, 50_000), sells(SHARE, 40_000))

    assert session.fills() == [("09:17:00", 50_000, "100.00"), ("09:17:00", -40_000, "100.00")]


def test_limits_are_served_by_price_then_time() -> None:
    session = Session("touch")
    session.bars(FIRST)
    first, better, second = (session.ask("09:16:00", buys(SHARE, 10, price)) for price in ("98", "99", "98"))
    session.bars("time open high low close volume\n09:16 100 100 95 100 25")

    assert [(order_id, quantity) for _, order_id, quantity, _, _ in session.trades()] == [
        (better, 10),
        (first, 10),
        (second, 5),
    ]


def test_a_market_order_that_the_volume_did_not_fill_takes_the_next_open() -> None:
    session = on_bars("touch", "09:16 101 101 101 101 4\n09:17 102 102 102 102 100", buys(SHARE, 10))

    assert session.fills() == [("09:17:00", 4, "101.00"), ("09:18:00", 6, "102.00")]


def test_a_stop_that_woke_without_volume_is_awake() -> None:
    """Others took what the bar traded; the stop goes on as a market order."""
    session = on_bars(
        "touch",
        "09:16 97 97 97 97 10\n09:17 96 96 96 96 100",
        sells(SHARE, 10),
        sells(SHARE, 10, trigger="98"),
    )

    assert session.fills() == [("09:17:00", -10, "97.00"), ("09:18:00", -10, "96.00")]


def test_a_stop_with_a_limit_beyond_the_open_rests_from_then_on() -> None:
    session = on_bars(
        "touch",
        "09:16 95 96 94 95 0\n09:17 97 97.60 96 97 0",
        sells(SHARE, 10, "97.50", trigger="98"),
    )

    assert session.fills() == [("09:18:00", -10, "97.50")]


# Immediate or cancel, slippage


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (buys(SHARE, 10, validity=Validity.IOC), [("09:17:00", 4, "101.00")]),
        (buys(SHARE, 10, "100", validity=Validity.IOC), []),  # a later bar would have reached it
        (buys(SHARE, 10, "102", validity=Validity.IOC), [("09:17:00", 4, "101.00")]),
    ],
)
def test_ioc_has_one_bar(command: PlaceOrder, expected: Fills) -> None:
    session = on_bars("touch", "09:16 101 101 101 101 4\n09:17 99 101 98 99 100", command)

    assert session.fills() == expected
    assert [order.status for order in session.state.orders.values()] == [Status.CANCELLED]


def test_an_ioc_order_that_came_during_a_bar_is_cancelled_after_the_next_which_is_its_own() -> None:
    session = on_bars(
        "touch", "09:16 101 101 101 101 0", buys(SHARE, 10, "90", validity=Validity.IOC), at="09:16:30"
    )
    (order_id,) = session.state.working
    session.bars("time open high low close volume\n09:17 99 101 98 99 0")

    assert session.status(order_id) is Status.CANCELLED
    assert session.fills() == []


def test_an_ioc_order_that_came_after_the_open_waits_for_its_bar() -> None:
    session = on_bars(
        "touch",
        "09:16 101 101 101 101 4\n09:17 99 101 98 99 100",
        buys(SHARE, 10, "100", validity=Validity.IOC),
        at="09:16:30",
    )

    assert session.fills() == [("09:18:00", 10, "99.00")]


@pytest.mark.parametrize(
    ("command", "bar", "price"),
    [
        (buys(SHARE, 10), "101 105 95 99", "101.10"),
        (sells(SHARE, 10), "101 105 95 99", "100.90"),
        (buys(SHARE, 10, "101.05"), "101 105 95 99", "101.05"),  # never beyond the limit
        (sells(SHARE, 10, "100.95"), "101 105 95 99", "100.95"),
        (sells(SHARE, 10, trigger="98"), "100 100 97 99", "97.90"),
        (sells(SHARE, 10, "97.95", trigger="98"), "100 100 97 99", "97.95"),
        (buys(SHARE, 10, "99"), "100 101 95 100", "99.00"),  # a resting limit pays none
    ],
)
def test_takers_pay_slippage_as_far_as_their_limit(command: PlaceOrder, bar: str, price: str) -> None:
    session = on_bars("touch", f"09:16 {bar} 0", command, slippage=2)

    assert [fill[2] for fill in session.fills()] == [price]


def test_slippage_never_takes_a_price_to_nothing() -> None:
    session = Session("touch", slippage=50)
    session.bars(FIRST.replace("100 ", "0.10"))
    session.ask("09:16:00", sells(SHARE, 10))
    session.bars("time open high low close volume\n09:16 0.10 0.10 0.10 0.10 0")

    assert session.fills() == [("09:17:00", -10, "0.05")]


def test_bars_of_other_instruments_do_not_matter() -> None:
    session = on_bars("touch", "09:16 100 100 100 100 0", sells(FUTURE, 65, "90"))

    assert session.fills() == []

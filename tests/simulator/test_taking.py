"""Orders that take: what stands when they arrive, up to their limit, for what is displayed and not used."""

import pytest
from tests.trading import SHARE, Session, buys, sells

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.events import OrderFilled
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.order import Status, Validity

#: One book: 100.05 to buy at, 99.95 to sell at, three levels a side.
BOOK = """
    time          last    bids                               asks                                 volume
    09:15:00      100     99.95x50,99.90x100,99.80x500       100.05x60,100.10x100,100.20x500      1000
"""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (buys(SHARE, 60), [(60, "100.05")]),  # the first level, exactly
        (buys(SHARE, 61), [(60, "100.05"), (1, "100.10")]),  # one unit more
        (buys(SHARE, 300), [(60, "100.05"), (100, "100.10"), (140, "100.20")]),
        (buys(SHARE, 660), [(60, "100.05"), (100, "100.10"), (500, "100.20")]),  # the whole side
        (buys(SHARE, 661), [(60, "100.05"), (100, "100.10"), (500, "100.20")]),  # and one waits
        (sells(SHARE, 50), [(-50, "99.95")]),
        (sells(SHARE, 151), [(-50, "99.95"), (-100, "99.90"), (-1, "99.80")]),
        (buys(SHARE, 300, "100.10"), [(60, "100.05"), (100, "100.10")]),  # up to the limit
        (buys(SHARE, 300, "100.05"), [(60, "100.05")]),  # at the touch
        (buys(SHARE, 300, "100"), []),  # one tick below it
        (sells(SHARE, 300, "99.95"), [(-50, "99.95")]),
        (sells(SHARE, 300, "100"), []),
    ],
)
def test_depth_walks_the_levels_up_to_the_limit(command: PlaceOrder, expected: list[tuple[int, str]]) -> None:
    session = Session("depth")
    session.play(BOOK, ("09:15:01", command))

    assert [(quantity, price) for _, quantity, price in session.fills()] == expected
    assert {fill.evidence.source for fill in session.events(OrderFilled)} <= {Source.DEPTH}
    assert {fill.evidence.queue for fill in session.events(OrderFilled)} <= {0}
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (buys(SHARE, 100), [(60, "100.05")]),
        (buys(SHARE, 100, "100.05"), [(60, "100.05")]),
        (buys(SHARE, 100, "100"), []),
        (sells(SHARE, 50), [(-50, "99.95")]),
        (sells(SHARE, 51, "99.95"), [(-50, "99.95")]),
        (sells(SHARE, 51, "100"), []),
    ],
)
def test_a_quote_without_depth_is_taken_for_what_it_displays(
    profile: str, command: PlaceOrder, expected: list[tuple[int, str]]
) -> None:
    session = Session(profile)
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        """,
        ("09:15:01", command),
    )

    assert [(quantity, price) for _, quantity, price in session.fills()] == expected


def test_touch_takes_the_best_level_only_then_what_the_next_quotes_show() -> None:
    session = Session("touch")
    session.play(
        """
        time      last  bids              asks                   volume
        09:15:00  100   99.95x50          100.05x60,100.10x100   1000
        09:15:02  100   99.95x50          100.05x60,100.10x100   1000   # the same 60, used
        09:15:03  100   99.95x50          100.05x80,100.10x100   1000   # 20 more
        09:15:04  100   100.00x50         100.10x100             1000   # the level is gone
        """,
        ("09:15:01", buys(SHARE, 100)),
    )

    assert session.fills() == [
        ("09:15:01", 60, "100.05"),
        ("09:15:03", 20, "100.05"),
        ("09:15:04", 20, "100.10"),
    ]


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_a_side_without_quantities_is_taken_in_full(profile: str) -> None:
    session = Session(profile)
    session.play("time last bid ask\n09:15:00 100 99.95 100.05", ("09:15:01", buys(SHARE, 10_000)))

    assert session.fills() == [("09:15:01", 10_000, "100.05")]


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_an_empty_side_trades_nothing_whatever_the_last_price(profile: str) -> None:
    """At the upper circuit there is nobody to buy from."""
    session = Session(profile)
    (order_id,) = session.play(
        """
        time      last  bid    bid_quantity  ask  ask_quantity  volume
        09:15:00  110   110    5000          -    -             1000
        09:15:02  110   110    5000          -    -             1500
        """,
        ("09:15:01", buys(SHARE, 10)),
    )

    assert session.fills() == []
    assert session.status(order_id) is Status.OPEN


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_without_a_book_a_market_order_waits_for_the_next_trade_and_what_it_traded(profile: str) -> None:
    session = Session(profile, slippage=1)
    session.play(
        """
        time      last    volume
        09:15:00  100     1000     # caused the order: never its evidence
        09:15:02  100     1000     # a repeat, nothing traded
        09:15:03  100.50  1040     # 40 traded
        09:15:04  100.40  1100     # 60 more
        """,
        ("09:15:00", buys(SHARE, 70)),
    )

    assert session.fills() == [("09:15:03", 40, "100.55"), ("09:15:04", 30, "100.45")]
    fill = session.events()[-1]
    assert fill.evidence.rule is Rule.LAST
    assert fill.evidence.source is Source.PRINT
    assert fill.evidence.slip == 500
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_where_volume_is_not_counted_each_last_price_is_a_trade_that_pays_for_all(profile: str) -> None:
    session = Session(profile)
    session.play("time last\n09:15:00 100\n09:15:02 100", ("09:15:01", buys(SHARE, 70)))

    assert session.fills() == [("09:15:02", 70, "100.00")]


def test_ltp_trades_in_full_at_the_next_last_price_whatever_the_book() -> None:
    session = Session("ltp")
    session.play(
        """
        time      last    bid    bid_quantity  ask  ask_quantity  volume
        09:15:00  100     90     1             110  1             1000
        09:15:02  100.50  90     1             110  1             1000
        """,
        ("09:15:01", buys(SHARE, 5000)),
        ("09:15:01", sells(SHARE, 3000)),
    )

    assert session.fills() == [("09:15:02", 5000, "100.50"), ("09:15:02", -3000, "100.50")]


# Immediate or cancel


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
@pytest.mark.parametrize(
    ("command", "filled"),
    [
        (buys(SHARE, 60, "100.05", validity=Validity.IOC), 60),
        (buys(SHARE, 61, "100.05", validity=Validity.IOC), 60),
        (buys(SHARE, 61, "100", validity=Validity.IOC), 0),
        (sells(SHARE, 51, validity=Validity.IOC), 50),
    ],
)
def test_ioc_takes_what_stands_and_the_rest_is_cancelled_at_once(
    profile: str, command: PlaceOrder, filled: int
) -> None:
    session = Session(profile)
    (order_id,) = session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        """,
        ("09:15:01", command),
    )

    order = session.order(order_id)
    assert order.filled == filled
    assert order.status is (Status.COMPLETE if filled == order.quantity else Status.CANCELLED)
    assert session.state.ledger.margin == session.position(SHARE, order.product).margin


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@pytest.mark.parametrize(
    ("limit", "expected"),
    [("99.90", []), ("99.95", []), ("100", [("09:15:02", 40, "100.00")])],
)
def test_ioc_on_last_prices_has_one_chance_the_next_tick(
    profile: str, limit: str, expected: list[tuple[str, int, str]]
) -> None:
    """A limit that the next trade does not meet is gone, also where a later one would."""
    session = Session(profile)
    (order_id,) = session.play(
        """
        time      last   volume
        09:15:00  101    1000
        09:15:02  100    1040
        09:15:03  99     2000
        """,
        ("09:15:01", buys(SHARE, 40, limit, validity=Validity.IOC)),
    )

    assert session.fills() == expected
    assert session.status(order_id) is (Status.COMPLETE if expected else Status.CANCELLED)


def test_ioc_in_the_ltp_profile_does_not_look_at_the_book() -> None:
    session = Session("ltp")
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity
        09:15:00  100   99.95  50            100.05  60
        09:15:02  100   99.95  50            100.05  60
        """,
        ("09:15:01", buys(SHARE, 70, validity=Validity.IOC)),
    )

    assert session.fills() == [("09:15:02", 70, "100.00")]


# What stands


@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("09:15:05", [("09:15:05", 10, "100.05")]),  # five seconds old: it still stands
        ("09:15:05.001", [("09:15:20", 10, "101.00")]),  # older: wait for a fresh one
    ],
)
def test_a_stale_quote_does_not_stand(clock: str, expected: list[tuple[str, int, str]]) -> None:
    """A quote from before a gap in the data is no evidence of what could be traded now."""
    session = Session("depth", stale_s=5)
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        09:15:20  101   100.9  50            101     60            1100
        """,
        (clock, buys(SHARE, 10)),
    )

    assert session.fills() == expected


def test_an_order_meets_what_stands_when_it_arrives_not_when_it_was_sent() -> None:
    session = Session("depth", latency_ms=500)
    session.play(
        """
        time          last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00.000  100   99.95  50            100.05  60            1000
        09:15:00.499  100   99.95  50            100.50  60            1000   # before it arrives
        09:15:00.500  100   99.95  50            102.00  60            1000   # as it arrives: behind it
        """,
        ("09:15:00", buys(SHARE, 10)),
    )

    assert session.fills() == [("09:15:00", 10, "100.50")]
    ((at, fill),) = session.filled()
    assert at - fill.evidence.at == 1_000_000
    assert session.proof().passed


def test_an_order_on_its_way_does_not_take_part() -> None:
    session = Session("depth", latency_ms=2000)
    (order_id,) = session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        09:15:01  99    98.95  50            99.05   60            2000
        """,
        ("09:15:00", buys(SHARE, 10, "100")),
    )

    assert session.status(order_id) is Status.SUBMITTED
    assert session.fills() == []
    session.until("09:15:03")
    assert session.fills() == [("09:15:02", 10, "99.05")]


# Liquidity is used once


def test_two_orders_of_one_moment_share_what_is_displayed() -> None:
    session = Session("depth")
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        """,
        ("09:15:01", buys(SHARE, 40)),
        ("09:15:01", buys(SHARE, 40)),
    )

    assert session.fills() == [("09:15:01", 40, "100.05"), ("09:15:01", 20, "100.05")]
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch"])
def test_what_was_used_stays_used_while_it_is_displayed_and_is_forgotten_when_it_is_gone(
    profile: str,
) -> None:
    """The first order is complete, so nothing rests; what it used is still watched."""
    session = Session(profile)
    session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  50            100.05  60            1000
        09:15:02  100   99.95  50            100.05  60            1000   # the same 60
        09:15:04  100   99.95  50            100.10  60            1000   # gone
        09:15:05  100   99.95  50            100.05  60            1000   # new ones
        """,
        ("09:15:01", buys(SHARE, 60)),
        ("09:15:03", buys(SHARE, 60, "100.05", validity=Validity.IOC)),
        ("09:15:06", buys(SHARE, 60, "100.05", validity=Validity.IOC)),
    )

    assert session.fills() == [("09:15:01", 60, "100.05"), ("09:15:06", 60, "100.05")]
    assert session.proof().passed


def test_what_the_market_trades_at_a_used_level_makes_room_again() -> None:
    """25 units trade at the level and it still displays 60: 25 of those are new."""
    session = Session("depth")
    session.play(
        """
        time      last    bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100     99.95  50            100.05  60            1000
        09:15:02  100.05  99.95  50            100.05  60            1025
        """,
        ("09:15:01", buys(SHARE, 60)),
        ("09:15:03", buys(SHARE, 60)),
    )

    assert session.fills() == [("09:15:01", 60, "100.05"), ("09:15:03", 25, "100.05")]


def test_both_sides_of_a_book_are_used_apart() -> None:
    session = Session("depth")
    session.play(
        """
        time      last  bid  bid_quantity  ask  ask_quantity  volume
        09:15:00  100   100  50            100  60            1000    # locked
        """,
        ("09:15:01", buys(SHARE, 60)),
        ("09:15:01", sells(SHARE, 50)),
    )

    assert session.fills() == [("09:15:01", 60, "100.00"), ("09:15:01", -50, "100.00")]


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_a_quote_without_a_last_price_is_no_trade(profile: str) -> None:
    """The book opens before the first trade: stops sleep on, and nobody trades at a price of nothing."""
    session = Session(profile)
    session.ticks("time last\n09:15:00 100")
    stop = session.ask("09:15:01", sells(SHARE, 10, trigger="99"))
    taker = session.ask("09:15:01", buys(SHARE, 10))
    session.ticks("time last bid bid_quantity ask ask_quantity\n09:15:02 - 90 5 - -")

    assert session.status(stop) is Status.TRIGGER_PENDING
    assert session.status(taker) is Status.OPEN
    assert session.fills() == []

"""Stop orders: they sleep until their trigger trades, then they are what they would have been."""

import pytest
from tests.trading import FUTURE, SHARE, Session, buys, sells

from kasauti.domain.commands import PlaceOrder
from kasauti.domain.events import OrderTriggered
from kasauti.domain.evidence import Rule
from kasauti.domain.order import Status, Validity

Fills = list[tuple[str, int, str]]

BOOK = """
    time      last    bid     bid_quantity  ask     ask_quantity  volume
    09:15:00  100     99.95   500           100.05  500           1000
    09:15:02  {last}  {bid}   500           {ask}   500           1100
"""


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
@pytest.mark.parametrize(
    ("command", "last", "bid", "ask", "expected"),
    [
        (sells(SHARE, 10, trigger="99"), "99", "98.95", "99.05", [("09:15:02", -10, "98.95")]),  # at it
        (sells(SHARE, 10, trigger="99"), "99.05", "98.95", "99.05", []),  # one tick above
        (sells(SHARE, 10, trigger="99"), "95", "94.95", "95.05", [("09:15:02", -10, "94.95")]),  # a gap
        (buys(SHARE, 10, trigger="101"), "101", "100.95", "101.05", [("09:15:02", 10, "101.05")]),
        (buys(SHARE, 10, trigger="101"), "100.95", "100.95", "101.05", []),
        (buys(SHARE, 10, trigger="101"), "105", "104.95", "105.05", [("09:15:02", 10, "105.05")]),
        # with a limit: not beyond it, also when the market gaps through
        (sells(SHARE, 10, "98.90", trigger="99"), "99", "98.95", "99.05", [("09:15:02", -10, "98.95")]),
        (sells(SHARE, 10, "98.95", trigger="99"), "99", "98.95", "99.05", [("09:15:02", -10, "98.95")]),
        (sells(SHARE, 10, "99", trigger="99"), "99", "98.95", "99.05", []),
        (sells(SHARE, 10, "98.90", trigger="99"), "95", "94.95", "95.05", []),
        (buys(SHARE, 10, "101.10", trigger="101"), "101", "100.95", "101.05", [("09:15:02", 10, "101.05")]),
        (buys(SHARE, 10, "101.10", trigger="101"), "105", "104.95", "105.05", []),
    ],
)
def test_it_wakes_at_its_trigger_and_takes_what_stands(
    profile: str, command: PlaceOrder, last: str, bid: str, ask: str, expected: Fills
) -> None:
    session = Session(profile)
    session.play(BOOK.format(last=last, bid=bid, ask=ask), ("09:15:01", command))

    assert session.fills() == expected
    assert session.proof().passed


def test_a_quote_that_reaches_the_trigger_without_a_trade_does_not_wake_it() -> None:
    session = Session("depth")
    (order_id,) = session.play(
        BOOK.format(last="100", bid="90", ask="90.05"), ("09:15:01", sells(SHARE, 10, trigger="99"))
    )

    assert session.status(order_id) is Status.TRIGGER_PENDING


def test_the_price_that_stood_when_it_came_does_not_wake_it() -> None:
    """The market moved through the trigger while the order was on its way: the next trade wakes it."""
    session = Session("depth", latency_ms=1000)
    (order_id,) = session.play(
        """
        time          last  bid   bid_quantity  ask    ask_quantity  volume
        09:15:00      100   99.9  500           100.1  500           1000
        09:15:00.500  98    97.9  500           98.1   500           1100
        """,
        ("09:15:00", sells(SHARE, 10, trigger="99")),
    )
    session.until("09:15:02")
    assert session.status(order_id) is Status.TRIGGER_PENDING

    session.ticks("time last bid bid_quantity ask ask_quantity volume\n09:15:03 98 97.8 500 98.1 500 1200")
    assert session.fills() == [("09:15:03", -10, "97.80")]


def test_on_last_prices_it_wakes_on_one_trade_and_trades_on_the_next() -> None:
    """The trade that woke it was somebody else's."""
    session = Session("touch", slippage=1)
    (order_id,) = session.play(
        """
        time      last  volume
        09:15:00  100   1000
        09:15:02  98    1100    # wakes it
        09:15:03  97    1105    # five units traded
        09:15:04  96    1300
        """,
        ("09:15:01", sells(SHARE, 10, trigger="99")),
    )

    assert [event.price for event in session.events(OrderTriggered)] == [98_0000]
    assert session.fills() == [("09:15:03", -5, "96.95"), ("09:15:04", -5, "95.95")]
    assert session.status(order_id) is Status.COMPLETE


def test_a_woken_stop_with_a_limit_the_market_left_behind_rests_and_may_trade_later() -> None:
    session = Session("depth")
    (order_id,) = session.play(
        """
        time      last  bid   bid_quantity  ask    ask_quantity  volume
        09:15:00  100   99.9  500           100.1  500           1000
        09:15:02  95    94.9  500           95.1   500           1100
        09:15:03  99    98.9  7             99.1   500           1100   # back at the limit, no trade
        """,
        ("09:15:01", sells(SHARE, 10, "98.90", trigger="99")),
    )

    assert session.fills() == [("09:15:03", -7, "98.90")]
    assert session.status(order_id) is Status.OPEN


def test_it_wakes_once() -> None:
    session = Session("depth")
    session.play(
        """
        time      last  bid   bid_quantity  ask    ask_quantity  volume
        09:15:00  100   99.9  500           100.1  500           1000
        09:15:02  95    94.9  500           95.1   500           1100
        09:15:03  96    95.9  500           96.1   500           1200
        09:15:04  95    94.9  500           95.1   500           1300
        """,
        ("09:15:01", sells(SHARE, 10, "98.90", trigger="99")),
    )

    assert len(session.events(OrderTriggered)) == 1


def test_a_woken_stop_stands_behind_those_who_rested_at_its_price_before() -> None:
    """It entered the book when it woke, whenever it was placed."""
    session = Session("touch")
    stop, resting = session.play(
        """
        time      last    volume
        09:15:00  100     1000
        09:15:03  102     1010    # wakes the stop; too dear for both
        09:15:04  100.95  1025    # 15 units for 20
        """,
        ("09:15:01", buys(SHARE, 10, "101", trigger="101")),
        ("09:15:02", buys(SHARE, 10, "101")),
    )

    assert [(order_id, quantity) for _, order_id, quantity, _, _ in session.trades()] == [
        (resting, 10),
        (stop, 5),
    ]


@pytest.mark.parametrize("validity", list(Validity))
def test_a_woken_ioc_stop_does_not_wait(validity: Validity) -> None:
    session = Session("depth")
    (order_id,) = session.play(
        BOOK.format(last="95", bid="94.95", ask="95.05"),
        ("09:15:01", sells(SHARE, 10, "98.90", trigger="99", validity=validity)),
    )

    assert session.status(order_id) is (Status.CANCELLED if validity is Validity.IOC else Status.OPEN)
    assert session.position(SHARE).pending_sell == 0


def test_the_trigger_is_compared_with_trades_of_its_own_instrument() -> None:
    session = Session("depth")
    (order_id,) = session.play(
        """
        time      of    last   bid    bid_quantity  ask    ask_quantity  volume
        09:15:00  FUT   26000  25999  650           26001  650           1000
        09:15:00  ACME  100    99.9   500           100.1  500           1000
        09:15:02  ACME  50     49.9   500           50.1   500           1100
        """,
        ("09:15:01", sells(FUTURE, 65, trigger="25000")),
    )

    assert session.status(order_id) is Status.TRIGGER_PENDING


def test_ltp_wakes_and_trades_on_the_next_last_price() -> None:
    session = Session("ltp")
    session.play(
        BOOK.format(last="98", bid="97.95", ask="98.05") + "    09:15:03  97  96.95 500 97.05 500 1101",
        ("09:15:01", sells(SHARE, 10_000, trigger="99")),
    )

    assert session.trades()[0][2:] == (-10_000, "97.00", Rule.LAST)

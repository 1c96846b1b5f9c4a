"""The exchange's own limits: prices too far from the last trade, and a market that falls too far."""

from datetime import date

import pytest
from tests.trading import CALL, DAY, FUTURE, INDEX, NEXT_CALL, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import ModifyOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import Status
from kasauti.exchange.broker_rules import BrokerRules

#: A future at 26,000 (its range is 2 %), an option at 120 (40 %) and one at 20 (20 rupees).
QUIET = """
    time      of    last   bid    bid_quantity  ask    ask_quantity
    09:15:00  FUT   26000  25990  650           26010  650
    09:15:00  NEXT  120    119    650           121    650
    09:15:00  CE    20     19     650           21     650
    09:15:00  ACME  100    99.95  5000          100.05 5000
"""


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        (buys(FUTURE, 65, "26520"), True),
        (buys(FUTURE, 65, "26530"), False),
        (sells(FUTURE, 65, "25480"), True),
        (sells(FUTURE, 65, "25470"), False),
        (sells(FUTURE, 65, "27500"), True),  # the passive side is free
        (buys(FUTURE, 65, "20000"), True),
        (buys(NEXT_CALL, 65, "168"), True),
        (buys(NEXT_CALL, 65, "168.05"), False),
        (buys(CALL, 65, "40"), True),
        (buys(CALL, 65, "40.05"), False),
        (buys(SHARE, 10, "200"), True),  # shares have daily bands, not this
    ],
)
def test_a_limit_too_far_from_the_last_trade_is_rejected_by_the_exchange(
    command: object, *, taken: bool
) -> None:
    session = Session(capital=100_000_000).ticks(QUIET)
    order_id = session.ask("09:15:01", command)  # type: ignore[arg-type]

    assert (session.status(order_id) is not Status.REJECTED) == taken
    if not taken:
        (rejected,) = session.events(ev.OrderRejected)
        assert "The price is out of the current LPP range: " in rejected.message
    assert session.proof().passed


def test_a_stop_is_measured_when_it_wakes() -> None:
    session = Session(capital=100_000_000).ticks(QUIET)
    order_id = session.ask("09:15:01", buys(NEXT_CALL, 65, "200", trigger="130"))
    assert session.status(order_id) is Status.TRIGGER_PENDING

    session.ticks("time of last bid bid_quantity ask ask_quantity\n09:16:00 NEXT 131 130 650 132 650")

    assert session.status(order_id) is Status.CANCELLED
    assert session.order(order_id).reason == (
        "The price is out of the current LPP range: 200.00 is outside 78.60 to 183.40."
    )
    assert session.state.ledger.margin == 0


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ("angelone", "Order price is beyond the Limit Price Protection range defined by the exchange"),
        ("shoonya", "17070 : The Price is out of the LPP range"),
    ],
)
def test_it_is_said_in_the_words_of_the_broker(plan: str, words: str) -> None:
    session = Session(capital=100_000_000, broker=BrokerRules(plan)).ticks(QUIET)

    session.ask("09:15:01", buys(NEXT_CALL, 65, "168.05"))

    assert session.events(ev.OrderRejected)[0].message == f"{words}: 168.05 is outside 72.00 to 168.00."


def test_who_takes_every_order_that_makes_sense_has_no_price_protection() -> None:
    session = Session(capital=100_000_000, broker=BrokerRules(lenient=True)).ticks(QUIET)

    session.ask("09:15:01", buys(NEXT_CALL, 65, "168.05"))

    assert [price for _, _, price in session.fills()] == ["121.00"]


def test_a_change_to_a_price_too_far_leaves_the_order_as_it_was() -> None:
    session = Session(capital=100_000_000).ticks(QUIET)
    order_id = session.ask("09:15:01", buys(NEXT_CALL, 65, "100"))
    session.ask("09:15:02", ModifyOrder(order_id, price=rupees(200)))

    assert session.order(order_id).price == rupees(100)
    assert session.status(order_id) is Status.OPEN


def crash(table: str, *asks: tuple[str, object], band: bool = False) -> Session:
    """Close a day with the index at 26,000 and play the next one."""
    session = Session(capital=100_000_000, band=band)
    session.ticks("time of last\n15:29:00 NIFTY 26000").until("15:45:00")
    session.play(table, *asks, day=NEXT_DAY)  # type: ignore[arg-type]
    return session


HEAD = "time of last bid bid_quantity ask ask_quantity\n09:15:00 FUT 26000 25990 650 26010 650\n"


def test_an_index_ten_per_cent_down_stops_the_market_for_as_long_as_the_table_says() -> None:
    session = crash(
        HEAD
        + "11:00:00 NIFTY 23401 - - - -\n"  # not yet
        + "11:00:10 FUT 23400 23390 650 23410 650\n"
        + "11:00:20 NIFTY 23400 - - - -\n"  # 2,600 points: 45 minutes, then 15 of auction
        + "11:00:30 FUT 23000 22990 650 23010 650\n"
        + "12:00:25 FUT 23000 22990 650 23010 650\n",
        ("10:59:00", buys(FUTURE, 65, "25700")),
        ("11:00:15", buys(FUTURE, 65, "23200")),
        ("11:00:40", buys(FUTURE, 65)),
        ("12:00:26", buys(FUTURE, 65)),
    )
    statuses = [order.status for order in session.state.orders.values()]

    assert statuses == [Status.COMPLETE, Status.CANCELLED, Status.REJECTED, Status.COMPLETE]
    (cancelled,) = session.events(ev.OrderCancelled)
    assert "circuit breaker" in cancelled.reason
    assert "12:00:20" in cancelled.reason
    assert session.proof().passed


def test_the_band_stops_with_the_market() -> None:
    table = HEAD + "11:00:20 NIFTY 23400 - - - -\n" + "11:00:30 FUT 23000 22990 650 23010 650\n"
    session = crash(table, ("10:59:00", buys(FUTURE, 65, "25700")), band=True)

    assert {event.profile for event in session.events(ev.BandFilled)} == set()
    assert [order.status for order in session.state.orders.values()] == [Status.CANCELLED]


def test_a_level_stops_the_market_once_and_the_next_one_again() -> None:
    session = crash(
        HEAD
        + "13:10:00 NIFTY 23400 - - - -\n"  # 10 %: 15 minutes, and the auction
        + "13:45:00 FUT 23000 22990 650 23010 650\n"
        + "13:46:00 NIFTY 23300 - - - -\n"  # the same level: nothing
        + "13:47:00 FUT 23000 22990 650 23010 650\n"
        + "13:50:00 NIFTY 22100 - - - -\n"  # 15 %: 45 minutes
        + "13:51:00 FUT 22000 21990 650 22010 650\n",
        ("13:47:01", buys(FUTURE, 65)),
        ("13:51:01", buys(FUTURE, 65)),
    )

    assert [order.status for order in session.state.orders.values()] == [Status.COMPLETE, Status.REJECTED]
    assert "15" in session.events(ev.OrderRejected)[-1].message


def test_twenty_per_cent_end_the_day() -> None:
    session = crash(
        HEAD + "14:40:00 NIFTY 20800 - - - -\n15:20:00 FUT 20000 19990 650 20010 650\n",
        ("15:20:01", buys(FUTURE, 65)),
    )

    (rejected,) = session.events(ev.OrderRejected)
    assert "the end of the day" in rejected.message


def test_without_the_close_of_the_day_before_no_level_is_known() -> None:
    session = Session(capital=100_000_000)
    table = HEAD + "11:00:20 NIFTY 20000 - - - -\n11:00:30 FUT 26000 25990 650 26010 650\n"
    session.play(table, ("11:00:31", buys(FUTURE, 65)))

    assert session.fills() != []


def test_bars_of_an_index_stop_the_market_too() -> None:
    session = Session(capital=100_000_000)
    session.ticks("time of last\n15:29:00 NIFTY 26000").until("15:45:00")
    head = "time of open high low close volume\n"
    session.bars(head + "09:15 FUT 26000 26010 25990 26000 6500", day=NEXT_DAY)
    session.bars(head + "11:00 NIFTY 25000 25000 23390 23500 0", day=NEXT_DAY)
    session.ask("11:02:00", buys(FUTURE, 65), NEXT_DAY)

    assert [order.status for order in session.state.orders.values()] == [Status.REJECTED]
    assert session.state.marks.get(INDEX.id) == 26_000_0000
    assert (DAY, date.fromisoformat(session.state.marked)) == (DAY, DAY)

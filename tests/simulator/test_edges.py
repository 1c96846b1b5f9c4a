"""Exactly at a price, exactly one unit, exactly one order too many: where a comparison decides."""

import pytest
from tests.trading import SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.evidence import Rule
from kasauti.domain.order import Status, Validity
from kasauti.simulator.fills import PROFILES
from kasauti.simulator.latency import UniformLatency

Fills = list[tuple[str, int, str]]


def test_a_queue_that_has_traded_away_stays_away() -> None:
    """300 were ahead and 310 trade: ten are ours, and so is everything that trades next."""
    session = Session("depth")
    session.play(
        """
        time      last   bids       asks        volume
        09:15:00  100    99.95x300  100.05x500  1000
        09:15:02  99.95  99.95x300  100.05x500  1310
        09:15:03  99.95  99.95x300  100.05x500  1330
        """,
        ("09:15:01", buys(SHARE, 100, "99.95")),
    )

    assert session.fills() == [("09:15:02", 10, "99.95"), ("09:15:03", 20, "99.95")]
    assert session.proof().passed


@pytest.mark.parametrize(
    ("command", "next_level"),
    [(buys(SHARE, 60), (60, "100.10")), (sells(SHARE, 60), (-60, "99.90"))],
)
def test_behind_a_level_that_is_used_up_the_next_one_is_there(
    command: PlaceOrder, next_level: tuple[int, str]
) -> None:
    session = Session("depth")
    session.play(
        """
        time      last  bids                 asks                   volume
        09:15:00  100   99.95x60,99.90x100   100.05x60,100.10x100   1000
        """,
        ("09:15:01", command),
        ("09:15:02", command),
    )

    assert [(quantity, price) for _, quantity, price in session.fills()][1:] == [next_level]
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic"])
def test_a_trade_of_one_unit_pays_for_one_unit(profile: str) -> None:
    session = Session(profile)
    session.play(
        """
        time      last  volume
        09:15:00  100   1000
        09:15:02  100   1001
        09:15:03  100   1001
        """,
        ("09:15:01", buys(SHARE, 10)),
    )

    assert session.fills() == [("09:15:02", 1, "100.00")]
    (_, fill), *_ = session.filled()
    assert (fill.evidence.shown, fill.evidence.taken, fill.evidence.level) == (1, 0, 0)
    assert session.proof().passed


@pytest.mark.parametrize(
    ("profile", "columns", "book"),
    [
        *((profile, "", "") for profile in sorted(PROFILES)),
        ("ltp", "bid bid_quantity ask ask_quantity", "98.95 500 99.05 500"),
    ],
)
def test_an_ioc_stop_that_wakes_with_nothing_to_take_has_its_chance_at_the_next_trade(
    profile: str, columns: str, book: str
) -> None:
    """On last prices, and for the profile that looks at nothing else, what woke it cannot pay for it."""
    session = Session(profile)
    (order_id,) = session.play(
        f"""
        time      last  volume {columns}
        09:15:00  100   1000   {book}
        09:15:02  99    1100   {book}
        09:15:03  98.90 1200   {book}
        """,
        ("09:15:01", sells(SHARE, 10, trigger="99", validity=Validity.IOC)),
    )

    assert session.fills() == [("09:15:03", -10, "98.90")]
    assert session.status(order_id) is Status.COMPLETE


# Bars: open, high, low, close, volume from 09:16 on.


def on_bar(profile: str, bar: str, *commands: PlaceOrder) -> Session:
    session = Session(profile)
    session.bars("time open high low close volume\n09:15 100 100 100 100 0")
    for command in commands:
        session.ask("09:16:00", command)
    session.bars(f"time open high low close volume\n09:16 {bar}")
    assert session.proof().passed
    return session


@pytest.mark.parametrize(
    ("command", "bar"),
    [(buys(SHARE, 10, "99"), "99 100 99 100 0"), (sells(SHARE, 10, "101"), "101 101 100 100 0")],
)
@pytest.mark.parametrize(
    ("profile", "rules"),
    [("touch", [Rule.TOUCHED]), ("ltp", [Rule.TOUCHED]), ("depth", []), ("pessimistic", [])],
)
def test_a_bar_that_opens_at_a_limit_has_touched_it_and_no_more(
    profile: str, rules: list[Rule], command: PlaceOrder, bar: str
) -> None:
    assert [fill.evidence.rule for _, fill in on_bar(profile, bar, command).filled()] == rules


@pytest.mark.parametrize(
    ("command", "bar", "expected"),
    [
        (buys(SHARE, 10, trigger="102"), "102 103 101 102 0", [("09:17:00", 10, "102.00")]),
        (sells(SHARE, 10, trigger="98"), "98 99 97 98 0", [("09:17:00", -10, "98.00")]),
        # its limit is the worst price it takes, and it takes that
        (buys(SHARE, 10, "102.50", trigger="102"), "102.50 103 101 102 0", [("09:17:00", 10, "102.50")]),
        (sells(SHARE, 10, "97.50", trigger="98"), "97.50 99 97 98 0", [("09:17:00", -10, "97.50")]),
    ],
)
def test_a_stop_at_the_open_of_a_bar_trades_at_the_open(
    command: PlaceOrder, bar: str, expected: Fills
) -> None:
    session = on_bar("depth", bar, command)

    assert session.fills() == expected
    assert [fill.evidence.rule for _, fill in session.filled()] == [Rule.GAP]


def test_orders_that_a_bar_does_not_reach_do_not_keep_it_from_the_others() -> None:
    """The bar goes from 99 to 102: a stop and a limit below it and a stop above it stay as they are."""
    far = (sells(SHARE, 1, trigger="90"), buys(SHARE, 2, trigger="110"), buys(SHARE, 3, "95"))
    session = on_bar("depth", "100 102 99 101 0", *far, sells(SHARE, 4, "101"), buys(SHARE, 5, trigger="102"))

    assert session.fills() == [("09:17:00", 5, "102.00"), ("09:17:00", -4, "101.00")]


def test_a_bar_that_counts_no_volume_says_nothing_of_how_much_was_used() -> None:
    session = on_bar("depth", "100 102 99 101 0", buys(SHARE, 10), buys(SHARE, 20))

    assert [(fill.evidence.shown, fill.evidence.taken) for _, fill in session.filled()] == [(0, 0), (0, 0)]


def test_a_bar_that_counts_its_volume_says_how_much_was_used_before() -> None:
    session = on_bar("depth", "100 102 99 101 25", buys(SHARE, 10), buys(SHARE, 20))

    taken = [(fill.quantity, fill.evidence.shown, fill.evidence.taken) for _, fill in session.filled()]
    assert taken == [(10, 25, 0), (15, 25, 10)]
    assert [at for at, _ in session.filled()] == [moment("09:17:00")] * 2


# What a profile's rule does not say.


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
@pytest.mark.parametrize(
    ("command", "worse", "better"),
    [
        (buys(SHARE, 10, "100", validity=Validity.IOC), "100.05", "100"),
        (sells(SHARE, 10, "100", validity=Validity.IOC), "99.95", "100"),
        (buys(SHARE, 10, "100", validity=Validity.IOC), "100.05", "99.95"),
        (sells(SHARE, 10, "100", validity=Validity.IOC), "99.95", "100.05"),
    ],
)
def test_a_taker_with_a_limit_takes_its_limit_and_what_is_better(
    profile: str, command: PlaceOrder, worse: str, better: str
) -> None:
    """On last prices, where an IOC order has its one chance at the next trade."""
    for price, quantity in ((worse, 0), (better, 10)):
        session = Session(profile)
        session.play(f"time last volume\n09:15:00 100 1000\n09:15:02 {price} 1100", ("09:15:01", command))
        fills = session.fills()
        assert [abs(traded) for _, traded, _ in fills] == [quantity] * bool(quantity)
        assert {at for _, _, at in fills} <= {f"{float(better):.2f}"}


@pytest.mark.parametrize("profile", ["touch", "ltp"])
@pytest.mark.parametrize(
    ("command", "short_of_it"), [(buys(SHARE, 10, "99"), "99.05"), (sells(SHARE, 10, "101"), "100.95")]
)
def test_a_trade_short_of_a_resting_limit_does_not_touch_it(
    profile: str, command: PlaceOrder, short_of_it: str
) -> None:
    session = Session(profile)
    session.play(f"time last volume\n09:15:00 100 1000\n09:15:02 {short_of_it} 1100", ("09:15:01", command))

    assert session.fills() == []


@pytest.mark.parametrize("command", [buys(SHARE, 10), buys(SHARE, 10, "100.50")])
def test_ltp_does_not_take_a_quote_for_a_trade(command: PlaceOrder) -> None:
    """A later tick that has no last price says nothing, whatever its book."""
    session = Session("ltp")
    session.play(
        """
        time      last  bid    bid_quantity  ask    ask_quantity
        09:15:00  100   99.95  500           100.05 500
        09:15:02  -     90     500           90.05  500
        """,
        ("09:15:01", command),
    )

    assert session.fills() == []


@pytest.mark.parametrize(
    ("command", "last"), [(buys(SHARE, 10, "99"), "99"), (sells(SHARE, 10, "101"), "101")]
)
def test_ltp_fills_a_limit_that_the_last_price_touches_whatever_the_book(
    command: PlaceOrder, last: str
) -> None:
    session = Session("ltp")
    session.play(
        f"time last bid bid_quantity ask ask_quantity\n09:15:00 100 99.95 500 100.05 500\n"
        f"09:15:02 {last} 99.95 500 100.05 500",
        ("09:15:01", command),
    )

    assert [(at, abs(quantity)) for at, quantity, _ in session.fills()] == [("09:15:02", 10)]


def test_ltp_does_not_trade_on_the_price_that_woke_a_stop_with_a_limit() -> None:
    session = Session("ltp")
    session.play(
        """
        time      last
        09:15:00  100
        09:15:02  102
        09:15:03  101.50
        """,
        ("09:15:01", buys(SHARE, 10, "103", trigger="102")),
    )

    assert session.fills() == [("09:15:03", 10, "103.00")]


@pytest.mark.parametrize("profile", ["touch", "ltp", "pessimistic"])
@pytest.mark.parametrize("columns", ["", "bid bid_quantity ask ask_quantity"])
def test_profiles_without_a_queue_say_that_nobody_is_ahead(profile: str, columns: str) -> None:
    session = Session(profile)
    row = "99.95 500 100.05 500" if columns else ""
    session.play(f"time last {columns}\n09:15:00 100 {row}", ("09:15:01", buys(SHARE, 10, "99.95")))

    assert [opened.queue_ahead for opened in session.events(ev.OrderOpened)] == [0]


@pytest.mark.parametrize(
    ("command", "row"),
    [
        (buys(SHARE, 100, "99.95"), "99.90  99.85x500  99.95x60    2000"),
        (sells(SHARE, 100, "100.05"), "100.10 100.05x60  100.15x500  2000"),
    ],
)
def test_what_the_book_and_a_trade_through_fill_together_is_the_order_and_no_more(
    command: PlaceOrder, row: str
) -> None:
    """Sixty come to the limit in the tick in which a thousand traded through it."""
    session = Session("depth")
    (order_id,) = session.play(
        f"time last bids asks volume\n09:15:00 100 99.95x300 100.05x300 1000\n09:15:02 {row}",
        ("09:15:01", command),
    )

    assert [(abs(quantity), rule) for _, _, quantity, _, rule in session.trades()] == [
        (60, Rule.CROSSED),
        (40, Rule.THROUGH),
    ]
    assert session.status(order_id) is Status.COMPLETE
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["touch", "ltp"])
@pytest.mark.parametrize(
    ("commands", "price", "expected"),
    [
        ([buys(SHARE, 10, "99"), buys(SHARE, 20, "98")], "98.50", 10),
        ([sells(SHARE, 10, "101"), sells(SHARE, 20, "102")], "101.50", 10),
    ],
)
def test_a_trade_that_reaches_one_limit_does_not_touch_the_next(
    profile: str, commands: list[PlaceOrder], price: str, expected: int
) -> None:
    session = Session(profile)
    session.play(
        f"time last\n09:15:00 100\n09:15:02 {price}", *(("09:15:01", command) for command in commands)
    )

    assert [abs(quantity) for _, quantity, _ in session.fills()] == [expected]


def test_what_arrived_before_the_moment_that_is_looked_at_has_arrived() -> None:
    """Nobody looked in between; each came at its own moment all the same."""
    session = Session(latency=UniformLatency(10, 900, seed=1), stale_s=100_000)
    session.ticks("time last bid ask\n09:15:00 100 99.95 100.05")
    orders = [session.ask("09:15:01", buys(SHARE, 1, "90")) for _ in range(5)]
    assert all(session.status(order_id) is Status.SUBMITTED for order_id in orders)
    reports = session.venue.advance(moment("09:15:02"))

    assert {report.order_id for report in reports} == set(orders)
    assert all(moment("09:15:01.010") <= report.at <= moment("09:15:01.900") for report in reports)
    assert [report.at for report in reports] == sorted({report.at for report in reports})


# Two levels a side: 60 and 100 to buy, 50 and 100 to sell.
BOOK = """
    time      last  bids                 asks                   volume
    09:15:00  100   99.95x50,99.90x100   100.05x60,100.10x100   1000
"""


@pytest.mark.parametrize("validity", [Validity.DAY, Validity.IOC])
def test_an_order_that_two_levels_fill_is_complete_and_never_waited(validity: Validity) -> None:
    session = Session("depth")
    (order_id,) = session.play(BOOK, ("09:15:01", buys(SHARE, 160, validity=validity)))

    assert [quantity for _, quantity, _ in session.fills()] == [60, 100]
    assert session.status(order_id) is Status.COMPLETE
    assert session.events(ev.OrderOpened, ev.OrderCancelled, ev.VenueAnomaly) == []


@pytest.mark.parametrize(
    "command",
    [
        buys(SHARE, 1000),  # more than the side shows
        sells(SHARE, 1000),
        buys(SHARE, 10, "101", trigger="100.50"),
        sells(SHARE, 10, "99", trigger="99.50"),
    ],
)
def test_what_does_not_rest_at_a_price_has_no_queue(command: PlaceOrder) -> None:
    session = Session("depth")
    session.play(BOOK, ("09:15:01", command))

    assert [event.queue_ahead for event in session.events(ev.OrderOpened)] == [0]


@pytest.mark.parametrize(
    ("command", "book", "price"),
    [(buys(SHARE, 10), "- - 100.05 60", "100.05"), (sells(SHARE, 10), "99.95 60 - -", "99.95")],
)
def test_a_book_with_one_side_stands(command: PlaceOrder, book: str, price: str) -> None:
    session = Session("depth")
    session.play(f"time last bid bid_quantity ask ask_quantity\n09:15:00 100 {book}", ("09:15:01", command))

    assert [(at, traded) for at, _, traded in session.fills()] == [("09:15:01", price)]


def test_a_price_that_is_new_is_unused_although_others_have_been_used() -> None:
    """What was taken at 100.05 and 100.10 says nothing about 100.00."""
    session = Session("depth")
    session.play(
        """
        time      last  bids       asks                                volume
        09:15:00  100   99.95x50   100.05x60,100.10x100                1000
        09:15:02  100   99.95x50   100.00x50,100.05x60,100.10x100      1000
        """,
        ("09:15:01", buys(SHARE, 70)),
        ("09:15:03", buys(SHARE, 49)),
        ("09:15:04", buys(SHARE, 1)),
    )

    later = [(fill.price, fill.quantity, fill.evidence.taken) for _, fill in session.filled()[2:]]
    assert later == [(100_0000, 49, 0), (100_0000, 1, 49)]

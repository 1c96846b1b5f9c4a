"""Limit orders that rest: what has to happen for a fill, by profile, on both sides of every boundary."""

import pytest
from tests.trading import SHARE, Session, buys, sells

from kasauti.domain.evidence import Rule, Source, derive_price
from kasauti.domain.order import Side, Status

Fills = list[tuple[str, int, str]]


def rest(profile: str, table: str, side: Side, quantity: int, limit: str) -> Session:
    """Let an order rest from 09:15:00 on, behind the first tick of `table`, and play the others."""
    command = (buys if side is Side.BUY else sells)(SHARE, quantity, limit)
    session = Session(profile, slippage=1)
    session.play(table, ("09:15:00", command))
    assert session.proof().passed
    return session


# The opposite side comes to the limit.

COMES = """
    time      last   bid    bid_quantity  ask     ask_quantity  volume
    09:15:00  100    99.95  500           100.05  500           1000
    09:15:01  100    {bid}  70            {ask}   70            1000
"""


@pytest.mark.parametrize("profile", ["depth", "touch"])
@pytest.mark.parametrize(
    ("side", "bid", "ask", "expected"),
    [
        (Side.BUY, "99.70", "99.80", [("09:15:01", 70, "99.80")]),  # the ask at our 99.80
        (Side.BUY, "99.70", "99.75", [("09:15:01", 70, "99.80")]),  # below it: we still pay our price
        (Side.BUY, "99.70", "99.85", []),  # one tick above
        (Side.SELL, "100.20", "100.30", [("09:15:01", -70, "100.20")]),
        (Side.SELL, "100.25", "100.30", [("09:15:01", -70, "100.20")]),
        (Side.SELL, "100.15", "100.30", []),
    ],
)
def test_it_trades_at_its_own_price_when_the_other_side_comes_to_it(
    profile: str, side: Side, bid: str, ask: str, expected: Fills
) -> None:
    limit = "99.80" if side is Side.BUY else "100.20"
    session = rest(profile, COMES.format(bid=bid, ask=ask), side, 100, limit)

    assert session.fills() == expected
    for _, fill in session.filled():
        assert fill.evidence.rule is Rule.CROSSED
        assert fill.evidence.source is Source.QUOTE
        assert fill.evidence.slip == 0


@pytest.mark.parametrize("profile", ["pessimistic", "ltp"])
@pytest.mark.parametrize(("side", "limit"), [(Side.BUY, "99.80"), (Side.SELL, "100.20")])
def test_a_quote_alone_fills_nothing_where_only_trades_count(profile: str, side: Side, limit: str) -> None:
    session = rest(profile, COMES.format(bid="100.50", ask="99.50"), side, 100, limit)

    assert session.fills() == []


def test_depth_crosses_as_many_levels_as_come_to_the_limit_each_at_our_price() -> None:
    table = """
        time      last   bids       asks                                volume
        09:15:00  100    99.95x50   100.05x50                           1000
        09:15:01  100    99.60x50   99.70x30,99.80x40,99.85x500         1000
    """

    assert rest("depth", table, Side.BUY, 200, "99.80").fills() == [
        ("09:15:01", 30, "99.80"),
        ("09:15:01", 40, "99.80"),
    ]
    assert rest("touch", table, Side.BUY, 200, "99.80").fills() == [("09:15:01", 30, "99.80")]


# A trade goes through the limit.

THROUGH = """
    time      last    bid    bid_quantity  ask     ask_quantity  volume
    09:15:00  100     99.95  500           100.05  500           1000
    09:15:01  {last}  99.70  500           100.30  500           {volume}
"""


@pytest.mark.parametrize("profile", ["depth", "pessimistic"])
@pytest.mark.parametrize(
    ("side", "limit", "last", "volume", "expected"),
    [
        (Side.BUY, "99.80", "99.75", "1040", [("09:15:01", 40, "99.80")]),  # one tick through, 40 units
        (Side.BUY, "99.80", "99.75", "1200", [("09:15:01", 100, "99.80")]),  # more than we want
        (Side.BUY, "99.80", "99.75", "1000", []),  # a repeat: nothing traded
        (Side.SELL, "100.20", "100.25", "1040", [("09:15:01", -40, "100.20")]),
        (Side.SELL, "100.20", "100.25", "1000", []),
    ],
)
def test_a_trade_through_the_limit_fills_for_what_it_traded(
    profile: str, side: Side, limit: str, last: str, volume: str, expected: Fills
) -> None:
    session = rest(profile, THROUGH.format(last=last, volume=volume), side, 100, limit)

    assert session.fills() == expected
    for _, fill in session.filled():
        assert fill.evidence.rule is Rule.THROUGH
        assert fill.evidence.shown == int(volume) - 1000


@pytest.mark.parametrize(("side", "limit"), [(Side.BUY, "99.80"), (Side.SELL, "100.20")])
def test_a_trade_at_the_limit_is_not_enough_for_the_pessimist(side: Side, limit: str) -> None:
    session = rest("pessimistic", THROUGH.format(last=limit, volume="90000"), side, 100, limit)

    assert session.fills() == []


def test_touch_does_not_fill_on_a_trade_where_the_book_is_known() -> None:
    """With a book, only the opposite quote counts: the trade may have been against the queue before us."""
    session = rest("touch", THROUGH.format(last="99.75", volume="90000"), Side.BUY, 100, "99.80")

    assert session.fills() == []


# Last prices only.


@pytest.mark.parametrize(
    ("profile", "side", "last", "expected"),
    [
        ("touch", Side.BUY, "99.80", [("09:15:01", 40, "99.80")]),
        ("touch", Side.BUY, "99.85", []),
        ("touch", Side.BUY, "99.75", [("09:15:01", 40, "99.80")]),
        ("touch", Side.SELL, "100.20", [("09:15:01", -40, "100.20")]),
        ("touch", Side.SELL, "100.15", []),
        ("depth", Side.BUY, "99.80", []),
        ("depth", Side.BUY, "99.75", [("09:15:01", 40, "99.80")]),
        ("depth", Side.SELL, "100.20", []),
        ("depth", Side.SELL, "100.25", [("09:15:01", -40, "100.20")]),
        ("pessimistic", Side.BUY, "99.80", []),
        ("pessimistic", Side.BUY, "99.75", [("09:15:01", 40, "99.80")]),
        ("ltp", Side.BUY, "99.80", [("09:15:01", 100, "99.80")]),  # in full, whatever traded
        ("ltp", Side.BUY, "99.85", []),
        ("ltp", Side.SELL, "100.20", [("09:15:01", -100, "100.20")]),
        ("ltp", Side.SELL, "100.15", []),
    ],
)
def test_on_last_prices_a_touch_is_enough_for_touch_and_ltp_only(
    profile: str, side: Side, last: str, expected: Fills
) -> None:
    table = f"time last volume\n09:15:00 100 1000\n09:15:01 {last} 1040"
    limit = "99.80" if side is Side.BUY else "100.20"

    assert rest(profile, table, side, 100, limit).fills() == expected


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_the_tick_that_stood_when_it_came_is_never_its_evidence(profile: str) -> None:
    """The last price is through the limit already; only a later trade may pay."""
    session = Session(profile)
    (order_id,) = session.play("time last volume\n09:15:00 99 1000", ("09:15:00", buys(SHARE, 10, "99.50")))

    assert session.status(order_id) is Status.OPEN
    session.ticks("time last volume\n09:15:01 99 1010")
    assert session.fills() == [("09:15:01", 10, "99.50")]


@pytest.mark.parametrize("profile", ["touch", "depth"])
def test_only_what_traded_in_the_tick_counts_not_what_traded_since_somebody_last_looked(profile: str) -> None:
    """49,000 units trade far from the limit; then 10 go through it."""
    session = rest(
        profile,
        """
        time      last   volume
        09:15:00  100    1000
        09:15:01  101    50000
        09:15:02  99.75  50010
        """,
        Side.BUY,
        5000,
        "99.80",
    )

    assert session.fills() == [("09:15:02", 10, "99.80")]


# Price, then time, among our own orders


@pytest.mark.parametrize("profile", ["touch", "depth", "pessimistic"])
def test_the_better_price_is_served_first_then_the_earlier_order(profile: str) -> None:
    session = Session(profile)
    first, better, second = session.play(
        """
        time      last   volume
        09:15:00  100    1000
        09:15:04  99.50  1150
        """,
        ("09:15:01", buys(SHARE, 100, "99.80")),
        ("09:15:02", buys(SHARE, 100, "99.85")),
        ("09:15:03", buys(SHARE, 100, "99.80")),
    )

    assert [(order_id, quantity) for _, order_id, quantity, _, _ in session.trades()] == [
        (better, 100),
        (first, 50),
    ]
    assert session.order(second).filled == 0


def test_one_quote_is_shared_by_our_own_orders_best_first() -> None:
    session = Session("touch")
    cheap, dear = session.play(
        """
        time      last  bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100   99.95  500           100.05  500           1000
        09:15:03  100   99.60  500           99.70   120           1000
        """,
        ("09:15:01", buys(SHARE, 100, "99.75")),
        ("09:15:02", buys(SHARE, 100, "99.80")),
    )

    assert [(order_id, quantity, price) for _, order_id, quantity, price, _ in session.trades()] == [
        (dear, 100, "99.80"),
        (cheap, 20, "99.75"),
    ]
    assert session.proof().passed


def test_a_stop_that_just_woke_does_not_hide_an_older_order_from_the_same_trade() -> None:
    """The woken order cannot use the trade that woke it; the resting one behind it can."""
    session = Session("touch")
    resting, stop = session.play(
        """
        time      last   volume
        09:15:00  101    1000
        09:15:02  99     1040
        """,
        ("09:15:01", sells(SHARE, 10, "98.50", trigger="99")),
        ("09:15:01", sells(SHARE, 10, "98.90")),
    )[::-1]

    assert session.status(stop) is Status.OPEN
    assert [(order_id, price) for _, order_id, _, price, _ in session.trades()] == [(resting, "98.90")]


def test_the_one_that_arrives_first_is_first_whichever_was_sent_first() -> None:
    class Uneven:
        def entry_ns(self, order_id: str) -> int:
            return 900_000_000 if order_id.endswith("_01") else 100_000_000

    session = Session("touch", latency=Uneven())
    slow, fast = session.play(
        "time last volume\n09:15:00 100 1000\n09:15:03 99.80 1010",
        ("09:15:01", buys(SHARE, 10, "99.80")),
        ("09:15:01", buys(SHARE, 10, "99.80")),
    )

    assert slow.endswith("_01")
    assert [order_id for _, order_id, *_ in session.trades()] == [fast]


# Evidence


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_every_price_follows_from_its_evidence(profile: str) -> None:
    session = Session(profile, slippage=2)
    session.play(
        """
        time      last    bids               asks                  volume
        09:15:00  100     99.95x50           100.05x60,100.10x90   1000
        09:15:03  99.70   99.65x50           99.75x30              1200
        09:15:04  100.40  100.35x50          100.45x30             1300
        """,
        ("09:15:01", buys(SHARE, 100, "100.10")),
        ("09:15:01", buys(SHARE, 100)),
        ("09:15:02", buys(SHARE, 70, "99.80")),
        ("09:15:02", sells(SHARE, 70, "100.30")),
    )

    sides = {placed.order_id: placed.side for placed in session.state.orders.values()}
    assert len(session.filled()) >= 3
    for _, fill in session.filled():
        assert derive_price(fill.evidence, buys=sides[fill.order_id] is Side.BUY) == fill.price
        assert fill.evidence.profile == f"{profile}/1"


def test_the_better_order_gets_the_rest_of_it_from_a_trade_before_a_worse_one_gets_any() -> None:
    """30 units come to 99.80 and 40 trade through it: all of them are for the order at 99.80."""
    session = Session("depth")
    better, worse = session.play(
        """
        time      last   bid    bid_quantity  ask     ask_quantity  volume
        09:15:00  100    99.95  500           100.05  500           1000
        09:15:03  99.60  99.50  500           99.70   30            1040
        """,
        ("09:15:01", buys(SHARE, 100, "99.80")),
        ("09:15:02", buys(SHARE, 100, "99.70")),
    )

    assert session.order(better).filled == 70
    assert session.order(worse).filled == 0
    assert [fill.evidence.rule for _, fill in session.filled()] == [Rule.CROSSED, Rule.THROUGH]
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_after_a_thousand_ticks_it_is_still_the_next_trade_that_counts(profile: str) -> None:
    rows = "\n".join(f"09:{15 + tick // 60}:{tick % 60:02} 100" for tick in range(1_000))
    session = Session(profile)
    session.ticks(f"time last\n{rows}")
    session.ask("09:31:40", buys(SHARE, 10))
    session.ask("09:31:40", buys(SHARE, 10, "103", trigger="102"))
    assert session.fills() == []
    session.ticks("time last\n09:31:50 102")
    assert session.fills() == [("09:31:50", 10, "102.00")]
    session.ticks("time last\n09:31:51 101.50")

    assert session.fills()[1:] == [("09:31:51", 10, "103.00")]

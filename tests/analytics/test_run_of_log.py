"""A run's columns by hand: orders, fills, equity and excursions."""

import numpy as np
import pytest
from tests.analytics.logs import CALL, DAY, SHARE, Logbook, evidence
from tests.analytics.runs import ASSUMPTIONS
from tests.analytics.tapes import UNIVERSE, bars, run_of, tape_of

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.round_trips import SETTLED
from kasauti.analytics.run import HEADS, Ending
from kasauti.analytics.run_of_log import run_of_log
from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.market import TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.errors import InvalidInput

BUY, SELL = Side.BUY, Side.SELL


@pytest.fixture
def book() -> Logbook:
    book = Logbook()
    book.open_day()
    return book


# Orders and fills


def test_orders_are_rows_in_the_order_they_were_asked_for(book: Logbook) -> None:
    book.clock(9, 20)
    first = book.place(BUY, 10, SHARE, order_type=OrderType.LIMIT, price="99", strategy="orb", tag="entry")
    book.write(ev.OrderOpened(first))
    book.wait(1)
    denied = ev.OrderDenied(
        "D1", SHARE, SELL, 5, "max_orders", "too many", strategy="orb", order_type="MARKET"
    )
    book.write(denied)
    book.wait(1)
    book.fill(first, "98.50", quantity=4)
    book.wait(1)
    book.fill(first, "99", quantity=2)
    book.wait(1)
    book.write(ev.OrderCancelled(first, "enough"))

    orders = run_of(book).orders

    assert orders.order_id == [first, "D1"]
    assert orders.status == ["CANCELLED", "DENIED"]
    assert orders.why == ["enough", "too many"]
    assert (orders.filled.tolist(), orders.quantity.tolist()) == ([6, 0], [10, 5])
    assert orders.average.tolist() == [986667, 0]  # (4 x 98.50 + 2 x 99) / 6 = 98.66667
    assert orders.ended_at.tolist() == [book.at, book.at - 3 * 10**9]
    assert orders.tag == ["entry", ""]
    assert (orders.side.tolist(), orders.order_type) == ([1, -1], ["LIMIT", "MARKET"])


def test_an_order_keeps_the_prices_it_was_asked_with_and_the_quantity_it_ended_with(book: Logbook) -> None:
    """The stop's first trigger is the risk taken; a stop that trails does not rewrite it."""
    stop = book.place(SELL, 10, SHARE, order_type=OrderType.SL_M, trigger="95")
    book.write(ev.OrderOpened(stop, trigger_pending=True))
    book.write(ev.OrderModified(stop, 8, 0, rupees("97"), kept_priority=True))

    orders = run_of(book).orders

    assert (orders.trigger_price.tolist(), orders.quantity.tolist()) == ([rupees("95")], [8])
    assert (orders.status, orders.ended_at.tolist()) == (["TRIGGER PENDING"], [0])


def test_what_still_works_says_how_far_it_has_come(book: Logbook) -> None:
    sent = book.place(BUY, 1, SHARE)
    opened = book.place(BUY, 1, SHARE)
    book.write(ev.OrderOpened(opened))
    woken = book.place(BUY, 1, SHARE, order_type=OrderType.SL_M, trigger="101")
    book.write(ev.OrderOpened(woken, trigger_pending=True))
    book.write(ev.OrderTriggered(woken, rupees("101")))

    changed = book.place(BUY, 1, SHARE, order_type=OrderType.SL_M, trigger="101")
    book.write(ev.OrderOpened(changed, trigger_pending=True))
    live = ev.OrderModified(changed, 1, rupees("99"), 0, kept_priority=False, order_type=OrderType.LIMIT)
    book.write(live)

    orders = run_of(book).orders
    assert orders.order_id[0] == sent
    assert orders.status == ["SUBMITTED", "OPEN", "OPEN", "OPEN"]


def test_an_order_ends_with_its_last_fill_and_not_with_its_first(book: Logbook) -> None:
    order = book.place(BUY, 3, SHARE)
    book.fill(order, "100", quantity=1)
    first = run_of(book).orders
    book.wait(5)
    book.fill(order, "101", quantity=2)
    last = run_of(book).orders
    assert (first.status, first.ended_at.tolist(), first.filled.tolist()) == (["OPEN"], [0], [1])
    assert (last.status, last.ended_at.tolist(), last.filled.tolist()) == (["COMPLETE"], [book.at], [3])


def test_a_contract_that_expires_is_a_trade_without_an_order(book: Logbook) -> None:
    book.clock(10, 0)
    book.trade(SELL, 65, "80", "20", strategy="straddle", tag="entry")
    book.clock(15, 30)
    why = evidence(book.at, rupees("12"), source=Source.SETTLEMENT, rule=Rule.SETTLED)
    book.write(ev.PositionSettled(CALL, Product.NRML, -65, rupees("12"), Charges(stt=700), why))

    run = run_of(book)

    assert run.fills.order.tolist() == [0, -1]
    assert (run.fills.side.tolist(), run.fills.quantity.tolist()) == ([-1, 1], [65, 65])
    assert run.reasons[run.trips.reason[0]] == SETTLED
    assert run.trips.gross.tolist() == [rupees("4420")]
    assert run.strategies[run.trips.strategy[0]] == "straddle"
    assert run.days.fills.tolist() == [1]
    assert run.open_at_end == {}


def test_a_trip_of_two_strategies_has_both_names(book: Logbook) -> None:
    book.trade(BUY, 2, "100", instrument=SHARE, strategy="orb")
    book.trade(SELL, 2, "101", instrument=SHARE)
    run = run_of(book)
    assert [run.strategies[place] for place in run.trips.strategy] == ["orb, by hand"]


def test_what_is_held_at_the_end_is_told(book: Logbook) -> None:
    book.trade(SELL, 3, "100", instrument=SHARE)
    assert run_of(book).open_at_end == {0: -3}


def test_an_instrument_that_was_not_given_is_an_error(book: Logbook) -> None:
    book.trade(BUY, 1, "100", instrument="NSE:OTHER")
    with pytest.raises(InvalidInput, match="NSE:OTHER"):
        run_of(book)


def test_a_log_without_an_account_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="no account"):
        run_of_log([], instruments=UNIVERSE, label="", assumptions=ASSUMPTIONS, version="0")


# Equity


def test_equity_is_marked_to_each_bars_close(book: Logbook) -> None:
    """Bought 10 at 100 for 20 until 09:17; closes 101, 99 and 104 are worth +10, -10 and +40."""
    tape = tape_of(
        bars(
            DAY,
            (SHARE, 1, (100, 100, 100, 100)),
            (SHARE, 2, (100, 102, 100, 101)),
            (SHARE, 3, (101, 101, 98, 99)),
            (SHARE, 4, (99, 105, 99, 104)),
        )
    )
    book.clock(9, 17)
    book.trade(BUY, 10, "100", "20", instrument=SHARE)

    equity = run_of(book, tape).equity

    assert [each / 10_000 for each in equity.equity] == [100_000, 99_990, 99_970, 100_020]
    assert [each / 10_000 for each in equity.exposure] == [0, 1010, 990, 1040]


def test_a_bar_that_is_missing_leaves_the_last_price_standing(book: Logbook) -> None:
    tape = tape_of(
        bars(DAY, (SHARE, 1, (100,) * 4), (CALL, 1, (50,) * 4), (CALL, 2, (51,) * 4), (SHARE, 3, (90,) * 4))
    )
    book.clock(9, 16)
    book.trade(BUY, 1, "100", instrument=SHARE)
    run = run_of(book, tape)
    assert [each / 10_000 for each in run.equity.equity] == [100_000, 100_000, 99_990]


def test_the_days_end_has_the_contract_notes_rounding(book: Logbook) -> None:
    tape = tape_of(bars(DAY, (SHARE, 374, (100,) * 4), (SHARE, 375, (100,) * 4)), benchmark=SHARE)
    book.clock(15, 29)
    book.trade(BUY, 1, "100", instrument=SHARE)
    book.clock(15, 30)
    book.close_day(Charges(stamp=rupees("1")))

    run = run_of(book, tape)

    assert [each / 10_000 for each in run.equity.equity] == [100_000, 99_999]
    assert run.equity.benchmark.tolist() == [rupees("100")] * 2
    assert run.days.equity.tolist() == [rupees("99999")]
    assert (run.days.charges.tolist(), run.days.rounding.tolist()) == ([rupees("1")], [rupees("1")])
    assert run.days.noted.tolist() == [[rupees("1") if head == "stamp" else 0 for head in HEADS]]


def test_a_run_that_was_interrupted_ends_with_its_last_prices(book: Logbook) -> None:
    tape = tape_of(bars(DAY, (SHARE, 1, (100,) * 4), (SHARE, 2, (107,) * 4)))
    book.clock(9, 16)
    book.trade(BUY, 1, "100", instrument=SHARE)
    book.clock(9, 17)
    book.place(BUY, 1, SHARE)
    run = run_of(book, tape, ending=Ending.INTERRUPTED)
    assert run.days.equity.tolist() == [rupees("100007")]


def test_ticks_are_valued_at_the_ends_of_minutes(book: Logbook) -> None:
    open_ = ist_ns(DAY) + 555 * NS_PER_MINUTE
    seconds = [1, 30, 61, 100, 130]
    ticks = TickBatch.of(
        at=[open_ + second * 10**9 for second in seconds],
        slot=[0] * 5,
        last=[rupees(price) for price in (100, 101, 102, 0, 104)],
    )
    book.at = open_ + 10**9
    book.trade(BUY, 1, "100", instrument=SHARE)
    equity = run_of(book, tape_of(ticks)).equity
    assert ((equity.at - open_) // 10**9).tolist() == [1, 60, 120, 130]
    assert [each / 10_000 for each in equity.equity] == [100_000, 100_001, 100_002, 100_004]


# Excursions


@pytest.mark.parametrize(
    ("entry", "exit_", "worst", "best"),
    [
        pytest.param(Rule.OPEN, Rule.OPEN, -4, 6, id="open to open: the bars in between"),
        pytest.param(Rule.STOP, Rule.OPEN, -3, 6, id="bought inside the first bar: that one does not count"),
        pytest.param(Rule.OPEN, Rule.STOP, -4, 6, id="sold inside the last bar: only its price counts"),
        pytest.param(Rule.LAST, Rule.LAST, -20, 20, id="close to close: the last bar counts too"),
    ],
)
def test_the_bars_in_which_units_were_surely_held_count(
    book: Logbook, entry: Rule, exit_: Rule, worst: int, best: int
) -> None:
    """Bought at 100 in the bar until 09:17, sold at 102 in the one until 09:19, which reached 80 and 120."""
    tape = tape_of(
        bars(
            DAY,
            (SHARE, 2, (100, 103, 96, 100)),
            (SHARE, 3, (100, 106, 97, 102)),
            (SHARE, 4, (102, 120, 80, 110)),
        )
    )
    for minute, side, price, rule in ((17, BUY, "100", entry), (19, SELL, "102", exit_)):
        book.clock(9, minute)
        order = book.place(side, 1, SHARE)
        why = evidence(book.at - NS_PER_MINUTE, rupees(price), source=Source.BAR, rule=rule)
        book.fill(order, price, why=why)

    trips = run_of(book, tape).trips

    assert (trips.worst[0] / 10_000, trips.best[0] / 10_000) == (worst, best)


def test_a_short_trip_fears_the_highs(book: Logbook) -> None:
    tape = tape_of(bars(DAY, (SHARE, 2, (100, 103, 96, 100)), (SHARE, 3, (100, 106, 97, 102))))
    for minute, side, price in ((16, SELL, "100"), (18, BUY, "102")):
        book.clock(9, minute)
        book.trade(side, 2, price, instrument=SHARE)
    trips = run_of(book, tape).trips
    assert (trips.worst[0] / 10_000, trips.best[0] / 10_000) == (-12, 8)


def test_a_grid_of_bars_is_taken_as_its_rows_are(book: Logbook) -> None:
    batch = bars(DAY, (SHARE, 1, (100, 103, 99, 101)), (CALL, 1, (5,) * 4), (SHARE, 2, (101, 104, 98, 102)))
    grid = BarGrid.of(batch)
    assert grid is not None
    book.clock(9, 16)
    book.trade(BUY, 1, "100", instrument=SHARE)
    rows, cells = tape_of(batch, benchmark=CALL), tape_of(grid, benchmark=CALL)
    assert cells.moments.tolist() == rows.moments.tolist()
    for name in (SHARE, CALL):
        ours, theirs = cells.prices(name), rows.prices(name)
        assert ours is not None
        assert theirs is not None
        assert [getattr(ours, each).tolist() for each in ("at", "high", "low", "close")] == [
            getattr(theirs, each).tolist() for each in ("at", "high", "low", "close")
        ]
    assert run_of(book, cells).equity.equity.tolist() == run_of(book, rows).equity.equity.tolist()


def test_a_tape_that_follows_stops_where_the_run_did() -> None:
    first, second = (
        bars(DAY, (SHARE, 1, (100,) * 4)),
        bars(DAY, (SHARE, 2, (101,) * 4), (SHARE, 3, (102,) * 4)),
    )
    tape = EquityTape(UNIVERSE)
    played = tape.follow([first, second], lambda: {SHARE})
    assert [len(next(played)), len(next(played))] == [1, 2]
    tape.stop(int(second.at[0]), {SHARE})
    known = tape.prices(SHARE)
    assert known is not None
    assert known.close.tolist() == [rupees(100), rupees(101)]
    assert tape.moments.tolist() == [int(first.at[0]), int(second.at[0])]


def test_many_instruments_are_cut_out_of_rows_as_few_are() -> None:
    universe = Universe(
        [Instrument(Exchange.NSE, f"S{number}", Kind.EQUITY, 500, name=f"S{number}") for number in range(20)]
    )
    rng = np.random.default_rng(5)
    slot = rng.integers(0, 20, 400).astype(np.int32)
    ticks = TickBatch.of(at=ist_ns(DAY) + np.arange(400) * 10**9, slot=slot, last=rng.integers(0, 9, 400))
    names = [each.id for each in universe]
    many, few = EquityTape(universe), EquityTape(universe)
    many.take(ticks, names)
    for name in names:
        few.take(ticks, [name])
        ours, theirs = many.prices(name), few.prices(name)
        assert ours is not None
        assert theirs is not None
        assert (ours.at.tolist(), ours.close.tolist()) == (theirs.at.tolist(), theirs.close.tolist())
        assert (ours.close > 0).all()

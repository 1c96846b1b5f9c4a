"""A run's columns against the folds that define them, event by event, whatever was traded."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.logs import CALL, DAY, SHARE, Logbook, evidence
from tests.analytics.runs import ASSUMPTIONS
from tests.analytics.runs import CALL as CALL_TERMS
from tests.analytics.runs import SHARE as SHARE_TERMS

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.round_trips import SETTLED, round_trips
from kasauti.analytics.run import Ending, Run
from kasauti.analytics.run_of_log import run_of_log
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.domain.state import State
from kasauti.errors import InvalidInput

BUY, SELL = Side.BUY, Side.SELL
UNIVERSE = Universe([SHARE_TERMS, CALL_TERMS])
NEXT_DAY = DAY + timedelta(days=1)


def run_of(book: Logbook, tape: EquityTape | None = None, **terms: Any) -> Run:
    return run_of_log(
        book, instruments=UNIVERSE, label="test", assumptions=ASSUMPTIONS, version="0", tape=tape, **terms
    )


def bars(day: date, *rows: tuple[str, int, Sequence[int]]) -> BarBatch:
    """Return minute bars from rows of (instrument, minute after 09:15 at its end, open high low close)."""
    at = [ist_ns(day) + (555 + minute) * NS_PER_MINUTE for _, minute, _ in rows]
    prices = [[rupees(each) for each in row[2]] for row in rows]
    first, high, low, close = np.array(prices, np.int64).T
    zeros = np.zeros(len(rows), np.int64)
    slots = np.array([UNIVERSE.slot(name) for name, _, _ in rows], np.int32)
    return BarBatch(60, np.array(at, np.int64), slots, first, high, low, close, zeros, zeros)


def tape_of(
    *batches: BarBatch | TickBatch, held: Sequence[str] = (SHARE, CALL), benchmark: str = ""
) -> EquityTape:
    tape = EquityTape(UNIVERSE, benchmark)
    for batch in batches:
        tape.take(batch, held)
    return tape


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

    assert run_of(book).orders.status == ["SUBMITTED", "OPEN", "OPEN"]
    assert sent


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


# Whatever is traded

_TRADES = st.lists(
    st.tuples(
        st.sampled_from([SHARE, CALL]),
        st.sampled_from([Product.NRML, Product.MIS]),
        st.sampled_from([BUY, SELL]),
        st.integers(1, 7),
        st.integers(1, 40),
        st.integers(0, 29),
    ),
    max_size=25,
)
_WALK = st.lists(st.integers(1, 60), min_size=12, max_size=12)
#: Twelve minutes on two days: six each.
_MINUTES = 6


def _played(trades: list[Any], share: list[int], call: list[int]) -> tuple[Logbook, EquityTape, list[Any]]:
    """Trade in the given order, two or three trades a minute; return the log, its tape and the prices."""
    book, prices = Logbook(), [(SHARE, share), (CALL, call)]
    pending, batches = list(trades), []
    for number, day in enumerate((DAY, NEXT_DAY)):
        book.open_day(day)
        rows = []
        for minute in range(1, _MINUTES + 1):
            for name, walk in prices:
                close = walk[number * _MINUTES + minute - 1]
                rows.append((name, minute, (close, close + 2, max(close - 2, 1), close)))
            book.at = ist_ns(day) + (555 + minute) * NS_PER_MINUTE
            for name, product, side, quantity, price, charges in pending[:3]:
                paid = f"{charges / 7:.2f}"
                book.trade(side, quantity, str(price), paid, name, product=product, strategy=f"s{price % 2}")
            del pending[:3]
        batches.append(bars(day, *rows))
        _close(book, prices, number)
    return book, tape_of(*batches), prices


def _close(book: Logbook, prices: list[Any], number: int) -> None:
    last = {name: rupees(walk[(number + 1) * _MINUTES - 1]) for name, walk in prices}
    held = {each.instrument: last[each.instrument] for each in book.state.held}
    book.at = max(book.at, ist_ns(date.fromisoformat(book.state.day)) + 930 * NS_PER_MINUTE)
    book.write(ev.DayClosed(book.state.day, held, Charges(stt=300)), "timer:day_close")


def _worth(state: State, marks: dict[str, int]) -> int:
    """What the ledger says: funds, and each position at its cost and what it has gained on that."""
    ledger = state.ledger
    gained = sum(held.unrealised(marks[held.instrument]) for held in state.held)
    return ledger.funds + ledger.securities + ledger.clearing + gained


@given(_TRADES, _WALK, _WALK)
def test_the_curve_is_what_the_ledger_says_at_every_moment(
    trades: list[Any], share: list[int], call: list[int]
) -> None:
    book, tape, prices = _played(trades, share, call)
    run = run_of(book, tape)
    state, events = State(), list(book)
    columns = (run.equity.at, run.equity.equity, run.equity.exposure)
    for at, equity, exposure in zip(*(column.tolist() for column in columns), strict=True):
        while events and events[0].at <= at:
            state.apply(events.pop(0))
        row = int(np.searchsorted(tape.moments, at, "right")) - 1
        marks = {name: rupees(walk[row]) for name, walk in prices}
        assert equity == _worth(state, marks)
        assert exposure == sum(abs(held.quantity) * marks[held.instrument] for held in state.held)
    assert run.days.equity[-1] == run.equity.equity[-1]
    assert len(run.equity.at) == 2 * _MINUTES + 2


@given(_TRADES, _WALK, _WALK)
def test_trips_are_those_of_the_fold(trades: list[Any], share: list[int], call: list[int]) -> None:
    book, tape, _ = _played(trades, share, call)
    run, fold = run_of(book, tape), round_trips(book)
    trips, ids = run.trips, [each.id for each in run.instruments]
    ours = [
        (
            ids[trips.instrument[row]],
            int(trips.side[row]),
            run.strategies[trips.strategy[row]],
            *(int(column[row]) for column in (trips.quantity, trips.entry_at, trips.entry_price)),
            *(int(column[row]) for column in (trips.exit_at, trips.exit_price, trips.gross, trips.net)),
            trips.charges[row].tolist(),
            run.reasons[trips.reason[row]],
        )
        for row in range(len(trips.side))
    ]
    assert ours == [
        (
            trip.instrument,
            trip.side.sign,
            trip.strategy,
            *(trip.quantity, trip.entry_at, trip.entry_price),
            *(trip.exit_at, trip.exit_price, trip.gross, trip.net),
            [getattr(trip.charges, head) for head in trip.charges.__struct_fields__],
            trip.exit_reason,
        )
        for trip in fold.closed
    ]


@given(_TRADES, _WALK, _WALK)
def test_days_add_up_to_the_ledger(trades: list[Any], share: list[int], call: list[int]) -> None:
    book, tape, _ = _played(trades, share, call)
    days, ledger = run_of(book, tape).days, book.state.ledger
    assert days.day == [DAY.isoformat(), NEXT_DAY.isoformat()]
    assert int(days.gross.sum()) == -ledger.realised
    assert int(days.charges.sum()) == ledger.charges
    assert int(days.fills.sum()) == book.state.trades
    assert int(days.gross[1]) == book.state.day_realised


@given(_TRADES, _WALK, _WALK)
def test_excursions_are_those_of_a_walk_from_fill_to_fill(
    trades: list[Any], share: list[int], call: list[int]
) -> None:
    """Fills here are at prints, so every bar that ends after one and not after the next counts whole."""
    book, tape, _ = _played(trades, share, call)
    trips = run_of(book, tape).trips
    columns = (trips.exit_at, trips.gross, trips.worst, trips.best)
    assert sorted(zip(*(column.tolist() for column in columns), strict=True)) == sorted(_walked(book, tape))


def _walked(book: Logbook, tape: EquityTape) -> list[tuple[int, int, int, int]]:
    """Return (exit, gross, worst, best) of closed trips, bar by bar."""
    done = []
    by_key: dict[str, list[tuple[int, int, int]]] = {}
    orders = {e.event.order_id: e.event for e in book if isinstance(e.event, ev.OrderPlaced)}
    for each in book:
        if isinstance(each.event, ev.OrderFilled):
            order = orders[each.event.order_id]
            key = f"{order.instrument}|{order.product}"
            fill = (each.at, order.side.sign * each.event.quantity, each.event.price)
            by_key.setdefault(key, []).append(fill)
    for key, fills in by_key.items():
        known = tape.prices(key.partition("|")[0])
        assert known is not None
        held = cash = low = high = 0
        for number, (at, units, price) in enumerate(fills):
            parts = [units]
            if held and (held + units) * held < 0:
                parts = [-held, units + held]
            for part in parts:
                held, cash = held + part, cash - part * price
                low, high = min(low, cash + held * price), max(high, cash + held * price)
                if not held:
                    done.append((at, cash, low, high))
                    cash = low = high = 0
            until = fills[number + 1][0] if number + 1 < len(fills) else at
            for row in np.flatnonzero((known.at > at) & (known.at <= until)).tolist() if held else []:
                worths = [cash + held * int(column[row]) for column in (known.low, known.high)]
                low, high = min(low, *worths), max(high, *worths)
    return done

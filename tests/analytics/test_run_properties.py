"""A run's columns against the folds that define them, event by event, whatever was traded."""

from datetime import date, timedelta
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.logs import CALL, DAY, SHARE, Logbook
from tests.analytics.tapes import bars, run_of, tape_of

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.round_trips import round_trips
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State

BUY, SELL = Side.BUY, Side.SELL
NEXT_DAY = DAY + timedelta(days=1)

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

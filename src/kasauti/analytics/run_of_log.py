"""From a log to a run: the same columns, whoever traded, a backtest, a paper day or a replay."""

from collections.abc import Iterable, Mapping

import numpy as np

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.excursions import Prices, excursions
from kasauti.analytics.log_columns import FillColumns, Story, fill_columns, order_columns, story_of
from kasauti.analytics.marking import Closes, Payments, Valuation
from kasauti.analytics.round_trips import SETTLED
from kasauti.analytics.run import Assumptions, Days, Ending, Run, Trips
from kasauti.analytics.trips_of_fills import Flow, Legs, closed_trips, legs_of, realised_by_fill
from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Ints
from kasauti.errors import InvalidInput

#: The name of trades that no strategy asked for.
BY_HAND = "by hand"


def run_of_log(
    log: Iterable[ev.Recorded],
    *,
    instruments: Iterable[Instrument],
    label: str,
    assumptions: Assumptions,
    version: str,
    parameters: Mapping[str, str] | None = None,
    tape: EquityTape | None = None,
    ending: Ending = Ending.COMPLETE,
    failure: str = "",
) -> Run:
    """
    Fold a log that is read from its first event to a `Run`.

    `instruments` are those of its market; the run keeps the ones that orders were asked for. With a `tape`,
    equity is marked at each of its moments and trips have excursions; without, equity is known at the ends of
    days alone. Raises `InvalidInput` for a log without an account, or with an instrument not among those.
    """
    story = story_of(log)
    if story.opened is None:
        raise InvalidInput("The log holds no account, so no run either; give a log from its first event.")
    used, places = _used(story, instruments)
    names, reasons = _numbers(each.event.strategy for each in story.asked), dict[str, int]()
    rows = {each.event.order_id: row for row, each in enumerate(story.asked)}
    columns = fill_columns(story, rows, places, SETTLED)
    flow = _flow(columns, names, reasons)
    legs = legs_of(flow)
    closes = _closes(story, places, tape)
    valuation = Valuation(story.opened.capital, flow, _payments(story), [each.id for each in used])
    orders = order_columns(story, columns.fills, places, names)
    trips = _trips(flow, legs, used, tape, names)
    return Run(
        label=label,
        strategies=tuple(names),
        parameters=dict(parameters or {}),
        instruments=tuple(used),
        reasons=tuple(reasons),
        capital=story.opened.capital,
        orders=orders,
        fills=columns.fills,
        trips=trips,
        equity=valuation.curve(tape, closes),
        days=_days(story, columns, realised_by_fill(flow, legs), valuation, closes),
        assumptions=assumptions,
        version=version,
        ending=ending,
        failure=failure,
        open_at_end=_held_at_end(flow),
    )


def _used(story: Story, instruments: Iterable[Instrument]) -> tuple[list[Instrument], dict[str, int]]:
    """Return the instruments that orders and settlements name, and their places by id."""
    known = {each.id: each for each in instruments}
    places = _numbers(each.event.instrument for each in story.asked)
    missing = [name for name in places if name not in known]
    if missing:
        raise InvalidInput(
            f"The log has orders in {missing[0]}, which is not among the {len(known)} instruments given; give"
            " those of the market it traded."
        )
    return [known[name] for name in places], places


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """Number names in the order they first appear."""
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _flow(columns: FillColumns, names: dict[str, int], reasons: dict[str, int]) -> Flow:
    fills = columns.fills
    positions = list(zip(fills.instrument.tolist(), columns.product, strict=True))
    keys = {position: key for key, position in enumerate(dict.fromkeys(positions))}
    reasons.update(_numbers(columns.tag))
    return Flow(
        at=fills.at,
        since=columns.since,
        until=columns.until,
        key=np.array([keys[position] for position in positions], np.int32),
        instrument=fills.instrument,
        side=fills.side,
        quantity=fills.quantity,
        price=fills.price,
        charges=fills.charges,
        reason=np.array([reasons[tag] for tag in columns.tag], np.int32),
        strategy=np.array([-1 if each is None else names[each] for each in columns.strategy], np.int32),
    )


def _trips(
    flow: Flow, legs: Legs, used: list[Instrument], tape: EquityTape | None, names: dict[str, int]
) -> Trips:
    """Return the closed trips; one of several strategies has all their names, joined, as its own."""
    closed = closed_trips(flow, legs)

    def prices(place: int) -> Prices | None:
        return None if tape is None else tape.prices(used[place].id)

    worst, best = excursions(flow, legs, prices)
    listed = list(names)
    for trip, several in closed.strategies.items():
        joined = ", ".join(listed[name] or BY_HAND for name in several)
        closed.strategy[trip] = names.setdefault(joined, len(names))
    return Trips(
        instrument=closed.instrument,
        side=closed.side,
        quantity=closed.quantity,
        entry_at=closed.entry_at,
        entry_price=closed.entry_price,
        exit_at=closed.exit_at,
        exit_price=closed.exit_price,
        gross=closed.gross,
        charges=closed.charges,
        worst=worst,
        best=best,
        reason=closed.reason,
        strategy=closed.strategy,
    )


def _payments(story: Story) -> Payments:
    """Return what the contract notes added to the charges, and what money came in or went out."""
    notes = [(each.at, -each.event.rounding.total) for each in story.days_closed]
    moved = [(each.at, each.event.amount) for each in story.moved]
    both = np.array(sorted(notes + moved), np.int64).reshape(-1, 2)
    return Payments(both[:, 0], both[:, 1])


def _closes(story: Story, places: dict[str, int], tape: EquityTape | None) -> Closes:
    """Return the ends of all days; one that is not closed ends with its last event, at the last prices."""
    closed = {each.event.day: each for each in story.days_closed}
    at, marks = [], []
    for number, opened in enumerate(story.days_opened):
        end = closed.get(opened.event.day)
        if end is not None:
            at.append(end.at)
            marks.append({places[name]: mark for name, mark in end.event.marks.items() if name in places})
            continue
        is_last = number + 1 == len(story.days_opened)
        at.append(story.last_at if is_last else story.days_opened[number + 1].at - 1)
        marks.append({} if tape is None else _last_prices(tape, places, at[-1]))
    return Closes(at, marks)


def _last_prices(tape: EquityTape, places: dict[str, int], at: int) -> dict[int, int]:
    marks = {}
    for name, place in places.items():
        known = tape.prices(name)
        row = -1 if known is None else int(np.searchsorted(known.at, at, "right")) - 1
        if known is not None and row >= 0:
            marks[place] = int(known.close[row])
    return marks


def _days(story: Story, columns: FillColumns, realised: Ints, valuation: Valuation, closes: Closes) -> Days:
    days = [each.event.day for each in story.days_opened]
    begins = np.array([each.seq for each in story.days_opened], np.int64)
    of = np.searchsorted(begins, columns.seq, "right") - 1
    gross, charges, rounding, fills = (np.zeros(len(days), np.int64) for _ in range(4))
    rows = {day: row for row, day in enumerate(days)}
    for closed in story.days_closed:
        rounding[rows[closed.event.day]] = closed.event.rounding.total
    np.add.at(gross, of, realised)
    np.add.at(charges, of, columns.fills.charges.sum(axis=1))
    np.add.at(fills, of[columns.fills.order >= 0], 1)
    equity, _ = valuation.closing(closes)
    return Days(days, gross, charges + rounding, rounding, np.array(equity, np.int64), fills)


def _held_at_end(flow: Flow) -> dict[int, int]:
    held: dict[int, int] = {}
    for place in np.unique(flow.instrument).tolist():
        own = flow.instrument == place
        units = int((flow.side[own] * flow.quantity[own]).sum())
        if units:
            held[place] = units
    return held

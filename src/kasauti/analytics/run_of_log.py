"""From a log to a run: the same columns, whoever traded, a backtest, a paper day or a replay."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from kasauti.analytics.band import Edge, band_of
from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.log_columns import FillColumns, Story, fill_columns, order_columns, story_of
from kasauti.analytics.marking import Closes, Payments
from kasauti.analytics.round_trips import SETTLED
from kasauti.analytics.run import HEADS, Assumptions, Ending, Run
from kasauti.analytics.run_of_columns import Traded, TradingDays, run_of_columns
from kasauti.analytics.trips_of_fills import Flow
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA
from kasauti.errors import InvalidInput


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
    names = _numbers(each.event.strategy for each in story.asked)
    rows = {each.event.order_id: row for row, each in enumerate(story.asked)}
    columns = fill_columns(story, rows, places, SETTLED)
    reasons = _numbers(columns.tag)
    closes = _closes(story, places, tape)
    traded = Traded(
        capital=story.opened.capital,
        instruments=tuple(used),
        strategies=tuple(names),
        reasons=tuple(reasons),
        orders=order_columns(story, columns.fills, places, names),
        fills=columns.fills,
        flow=_flow(columns, names, reasons),
        days=_days(story, columns, closes),
        moved=_moved(story),
    )
    run = run_of_columns(
        traded,
        label=label,
        assumptions=assumptions,
        version=version,
        parameters=parameters,
        tape=tape,
        ending=ending,
        failure=failure,
    )
    return replace(run, band=_band(story, closes, tuple(places))) if story.shaded else run


def _band(story: Story, closes: Closes, names: tuple[str, ...]) -> tuple[Edge, ...]:
    """Return what the same orders would have made by other fill models, at the last prices."""
    adjusted = (each for each in story.adjusted if isinstance(each.event, ev.PositionAdjusted))
    told = sorted([*story.filled, *story.shaded, *adjusted], key=lambda recorded: recorded.seq)
    marks = closes.marks[-1] if closes.marks else {}
    return band_of((each.event for each in told), {names[place]: mark for place, mark in marks.items()})


def _used(story: Story, instruments: Iterable[Instrument]) -> tuple[list[Instrument], dict[str, int]]:
    """Return the instruments that orders and settlements name, and their places by id."""
    known = {each.id: each for each in instruments}
    shares = [each.event.instrument for each in story.filled if type(each.event) is not ev.OrderFilled]
    places = _numbers([*(each.event.instrument for each in story.asked), *shares])
    placed = {each.event.instrument for each in story.asked if type(each.event) is ev.OrderPlaced}
    traded = placed.union(shares)
    known |= {name: _unlisted(name) for name in places if name not in known and name not in traded}
    missing = [name for name in places if name not in known]
    if missing:
        raise InvalidInput(
            f"The log has orders in {missing[0]}, which is not among the {len(known)} instruments given; give"
            " those of the market it traded."
        )
    return [known[name] for name in places], places


def _unlisted(name: str) -> Instrument:
    """Return what stands for an instrument that was asked for, is none of the market's, and was refused."""
    code, _, symbol = name.partition(":")
    home = Exchange(code) if code in Exchange.__members__ and symbol else None
    return Instrument(home or Exchange.NSE, symbol if home else name, Kind.EQUITY, PAISA)


def _numbers(names: Iterable[str]) -> dict[str, int]:
    """Number names in the order they first appear."""
    return {name: number for number, name in enumerate(dict.fromkeys(names))}


def _flow(columns: FillColumns, names: dict[str, int], reasons: dict[str, int]) -> Flow:
    fills = columns.fills
    positions = list(zip(fills.instrument.tolist(), columns.product, strict=True))
    keys = {position: key for key, position in enumerate(dict.fromkeys(positions))}
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


def _moved(story: Story) -> Payments:
    """Return what money came in or went out beside trades: interest and penalties are paid."""
    paid = [(each.at, _came_in(each.event)) for each in [*story.moved, *story.filled]]
    moved = np.array([row for row in paid if row[1]], np.int64).reshape(-1, 2)
    moved = moved[np.argsort(moved[:, 0], kind="stable")]
    return Payments(moved[:, 0], moved[:, 1])


def _came_in(event: ev.Event) -> int:
    match event:
        case ev.MoneyMoved():
            return event.amount
        case stl.InterestCharged():
            return -event.amount
        case stl.SharesAuctioned():
            return -event.penalty
        case _:
            return 0


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


def _days(story: Story, columns: FillColumns, closes: Closes) -> TradingDays:
    days = [each.event.day for each in story.days_opened]
    begins = np.array([each.seq for each in story.days_opened], np.int64)
    rows = {day: row for row, day in enumerate(days)}
    noted = np.zeros((len(days), len(HEADS)), np.int64)
    for closed in story.days_closed:
        noted[rows[closed.event.day]] = [getattr(closed.event.rounding, head) for head in HEADS]
    return TradingDays(days, closes, noted, np.searchsorted(begins, columns.seq, "right") - 1)

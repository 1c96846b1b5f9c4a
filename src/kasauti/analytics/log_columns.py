"""A log's orders and fills as columns, in one reading."""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any

import msgspec
import numpy as np

from kasauti.analytics.carried_over import CarriedOver, with_carried_over
from kasauti.analytics.run import HEADS, Fills, Orders
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.market import Ints
from kasauti.domain.order import OrderType, Product, Side, Status, Validity
from kasauti.domain.product_events import ProductChanged

# Members of an enum are looked up by functions of its class; a run has one for every order and fill.
_BUY, _BAR, _LAST = Side.BUY, Source.BAR, Rule.LAST
_COMPLETE, _SUBMITTED, _OPEN = Status.COMPLETE.value, Status.SUBMITTED.value, Status.OPEN.value
_WORDS: dict[str, str] = {
    member: member.value for kind in (Product, OrderType, Validity, Rule, Source) for member in kind
}

_ENDS: dict[type[ev.Event], str] = {
    ev.OrderCancelled: Status.CANCELLED.value,
    ev.OrderExpired: Status.EXPIRED.value,
    ev.OrderRejected: Status.REJECTED.value,
}
#: Rules under which a fill on a bar happened at the bar's open.
_AT_OPEN = frozenset({Rule.OPEN, Rule.GAP})


class Story(msgspec.Struct):
    """
    The recorded events of a log by what they are about, each kind in order.

    They are of several types that share the fields read here, which no type of ours names.
    """

    opened: ev.AccountOpened | None = None
    asked: list[Any] = []
    filled: list[Any] = []
    ended: list[Any] = []
    standing: list[Any] = []
    days_opened: list[Any] = []
    days_closed: list[Any] = []
    moved: list[Any] = []
    converted: set[str] = set()
    shaded: list[Any] = []
    adjusted: list[Any] = []
    last_at: int = 0


def story_of(log: Iterable[ev.Recorded]) -> Story:
    """Sort the events of a log by what they are about; what a run does not depend on is left out."""
    story = Story()
    accounts: list[Any] = []
    take: dict[type[ev.Event], Callable[[ev.Recorded], None]] = {
        ev.AccountOpened: accounts.append,
        ev.OrderPlaced: story.asked.append,
        ev.OrderDenied: story.asked.append,
        ev.OrderFilled: story.filled.append,
        ev.PositionSettled: story.filled.append,
        stl.SharesAssigned: _when_traded(story.filled),
        stl.SharesAuctioned: story.filled.append,
        ev.OrderCancelled: story.ended.append,
        ev.OrderExpired: story.ended.append,
        ev.OrderRejected: story.ended.append,
        ev.OrderOpened: story.standing.append,
        ev.OrderTriggered: story.standing.append,
        ev.OrderModified: story.standing.append,
        stl.PositionConverted: _instrument_to(story.converted),
        ev.DayOpened: story.days_opened.append,
        ev.DayClosed: story.days_closed.append,
        ev.MoneyMoved: story.moved.append,
        stl.InterestCharged: story.moved.append,
        ev.BandFilled: story.shaded.append,
        ev.PositionAdjusted: story.adjusted.append,
        ProductChanged: story.adjusted.append,
    }
    find = take.get
    recorded = None
    for recorded in log:
        kept = find(type(recorded.event))
        if kept is not None:
            kept(recorded)
    if story.adjusted:
        story.moved += [_dividend(each) for each in story.adjusted if getattr(each.event, "cash", 0)]
        story.moved.sort(key=attrgetter("seq"))
        story.filled = list(with_carried_over(story.filled, story.adjusted, story.asked))
    story.opened = accounts[0].event if accounts else None
    story.last_at = recorded.at if recorded is not None else 0
    return story


class FillColumns(msgspec.Struct):
    """Fills as the run has them, and what their orders say of each: `product`, `strategy` and `tag`."""

    fills: Fills
    seq: Ints
    since: Ints
    until: Ints
    product: list[str]
    strategy: list[str | None]
    tag: list[str]


def fill_columns(story: Story, rows: dict[str, int], places: dict[str, int], settled: str) -> FillColumns:
    """
    Return the fills of a story; `rows` are its orders by id, `places` its instruments by id.

    `settled` is the reason given to contracts that expired: no order's tag says so.
    """
    asked = [recorded.event for recorded in story.asked]
    events = [recorded.event for recorded in story.filled]
    order = [rows[event.order_id] if type(event) is ev.OrderFilled else -1 for event in events]
    of = [event if row < 0 else asked[row] for event, row in zip(events, order, strict=True)]
    evidence = [event.evidence for event in events]
    at = _ints([recorded.at for recorded in story.filled])
    quantity = _ints([_closed(event) for event in events])
    settles = np.array([row < 0 for row in order], np.bool_)
    bought = np.array([row >= 0 and each.side is _BUY for each, row in zip(of, order, strict=True)], np.bool_)
    side = np.where(settles, -np.sign(quantity), np.where(bought, 1, -1)).astype(np.int8)
    fills = Fills(
        at=at,
        instrument=np.array([places[each.instrument] for each in of], np.int32),
        side=side,
        quantity=np.abs(quantity),
        price=_ints([event.price for event in events]),
        charges=_charges([event.charges for event in events]),
        order=_ints(order),
        slip=_ints([each.slip for each in evidence]),
        rule=[_WORDS[each.rule] for each in evidence],
        source=[_WORDS[each.source] for each in evidence],
    )
    on_bar = np.array([each.source is _BAR for each in evidence], np.bool_)
    at_open = on_bar & np.array([each.rule in _AT_OPEN for each in evidence], np.bool_)
    inside = on_bar & np.array([each.rule is not _LAST for each in evidence], np.bool_)
    began = _ints([each.at for each in evidence])
    return FillColumns(
        fills=fills,
        seq=_ints([recorded.seq for recorded in story.filled]),
        since=np.where(at_open, began, at),
        until=np.where(inside, began, at),
        product=[_product(each, story.converted) for each in of],
        strategy=[getattr(each, "strategy", None) for each in of],
        tag=[each.tag if row >= 0 else _why(each, settled) for each, row in zip(of, order, strict=True)],
    )


def _why(event: Any, settled: str) -> str:  # noqa: ANN401  as `Story`
    """Return the reason of a row that no order is behind."""
    return event.reason if isinstance(event, CarriedOver) else settled


def _dividend(recorded: ev.Recorded) -> ev.Recorded:
    """Return a dividend as the money it is: it came in beside trades."""
    event: Any = recorded.event
    return ev.Recorded(recorded.seq, recorded.at, recorded.cause, ev.MoneyMoved(event.cash, event.action))


def _instrument_to(names: set[str]) -> Callable[[ev.Recorded], None]:
    """Return what keeps the instrument of an event."""
    return lambda recorded: names.add(recorded.event.instrument)  # type: ignore[attr-defined]


def _when_traded(keep: list[Any]) -> Callable[[ev.Recorded], None]:
    """Return what keeps a delivery of shares; legs that offset each other deliver none."""

    def take(recorded: ev.Recorded) -> None:
        if getattr(recorded.event, "quantity", 0):
            keep.append(recorded)

    return take


def _product(event: Any, converted: set[str]) -> str:  # noqa: ANN401  as `Story`
    """Return what an event traded in; shares bought in close the intraday sale that was to be delivered."""
    if isinstance(event, stl.SharesAuctioned) and event.instrument in converted:
        return Product.MIS
    product: str = getattr(event, "product", Product.CNC)
    return product


def _closed(event: Any) -> int:  # noqa: ANN401  as `Story`
    """Return the units of a fill; of one without an order those that it closed, negative: it bought."""
    quantity: int = event.quantity
    return -quantity if isinstance(event, stl.SharesAssigned | stl.SharesAuctioned) else quantity


def order_columns(story: Story, fills: Fills, places: dict[str, int], strategies: dict[str, int]) -> Orders:
    """Return the orders of a story, denied ones included, as they stood at its end."""
    asked = [recorded.event for recorded in story.asked]
    placed = [type(event) is ev.OrderPlaced for event in asked]
    rows = {event.order_id: row for row, event in enumerate(asked)}
    changes = {
        recorded.event.order_id: recorded.event.quantity
        for recorded in story.standing
        if type(recorded.event) is ev.OrderModified
    }
    quantity = _ints([changes.get(event.order_id, event.quantity) for event in asked])
    filled, turnover, ended = (np.zeros(len(asked), np.int64) for _ in range(3))
    own = np.flatnonzero(fills.order >= 0)
    by = fills.order[own]
    np.add.at(filled, by, fills.quantity[own])
    np.add.at(turnover, by, fills.quantity[own] * fills.price[own])
    np.maximum.at(ended, by, fills.at[own])
    complete = (filled == quantity) & np.array(placed, np.bool_)
    status, why = _status(story, rows, asked, complete, filled, ended)
    average = np.where(filled > 0, (2 * turnover + filled) // np.maximum(2 * filled, 1), 0)
    return Orders(
        order_id=[event.order_id for event in asked],
        at=_ints([recorded.at for recorded in story.asked]),
        ended_at=ended,
        instrument=np.array([places[event.instrument] for event in asked], np.int32),
        side=np.array([event.side.sign for event in asked], np.int8),
        product=[_WORDS.get(event.product, "") for event in asked],
        order_type=[_WORDS.get(event.order_type, "") for event in asked],
        validity=[_WORDS[event.validity] if sent else "" for event, sent in zip(asked, placed, strict=True)],
        quantity=quantity,
        price=_ints([event.price for event in asked]),
        trigger_price=_ints([event.trigger_price for event in asked]),
        filled=filled,
        average=average,
        status=status,
        tag=[event.tag for event in asked],
        strategy=np.array([strategies[event.strategy] for event in asked], np.int32),
        why=why,
    )


def _status(
    story: Story,
    rows: dict[str, int],
    asked: Sequence[Any],
    complete: "np.ndarray[Any, np.dtype[np.bool_]]",
    filled: Ints,
    ended: Ints,
) -> tuple[list[str], list[str]]:
    """Return each order's status and why it ended; sets when it did."""
    status = np.where(complete, _COMPLETE, _SUBMITTED).tolist()
    why = [""] * len(asked)
    for row, event in enumerate(asked):
        if type(event) is ev.OrderDenied:
            status[row], why[row], ended[row] = Status.DENIED.value, event.message, story.asked[row].at
    for recorded in story.ended:
        event = recorded.event
        row = rows[event.order_id]
        status[row], ended[row] = _ENDS[type(event)], recorded.at
        why[row] = event.message if type(event) is ev.OrderRejected else event.reason
    working = {row for row, each in enumerate(status) if each == _SUBMITTED}
    if working:
        _working(story, rows, working, status, filled)
        ended[list(working)] = 0
    return status, why


def _working(story: Story, rows: dict[str, int], working: set[int], status: list[str], filled: Ints) -> None:
    """Say how far orders that can still trade have come."""
    for recorded in story.standing:
        event = recorded.event
        row = rows[event.order_id]
        if row in working:
            if type(event) is ev.OrderOpened and event.trigger_pending:
                status[row] = Status.TRIGGER_PENDING.value
            elif type(event) is not ev.OrderModified or (
                event.order_type is not None and not event.order_type.has_trigger
            ):
                status[row] = _OPEN
    for row in working:
        if filled[row]:
            status[row] = _OPEN


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)


def _charges(charges: list[Any]) -> Ints:
    columns = [_ints(list(map(attrgetter(head), charges))) for head in HEADS]
    return np.column_stack(columns)

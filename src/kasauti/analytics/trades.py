"""Every trade in a log, with what its order says about it."""

from collections.abc import Iterable, Iterator

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.order import Order
from kasauti.domain.state import State


class Trade(msgspec.Struct, frozen=True):
    """A fill, its moment and trading day (ISO text), and its order as that stood then or later."""

    at: int
    day: str
    fill: ev.OrderFilled
    order: Order


def trades_of(log: Iterable[ev.Recorded], day: str = "") -> Iterator[Trade]:
    """Yield the trades of a log that is read from its first event, of one trading day or of all."""
    state = State()
    for recorded in log:
        state.apply(recorded)
        event = recorded.event
        if isinstance(event, ev.OrderFilled) and day in {"", state.day}:
            yield Trade(recorded.at, state.day, event, state.orders[event.order_id])

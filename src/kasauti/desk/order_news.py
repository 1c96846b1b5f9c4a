"""Which events are news of an order: after one of them it stands differently, and its owner is told."""

from typing import Final

from kasauti.domain import events as ev
from kasauti.domain.standing_events import StandingDenied

#: It was taken, here and at the venue. Kite's clients are not told of that.
PLACEMENT: Final = (ev.OrderPlaced, ev.OrderOpened)
#: What became of it: a refusal, a wake-up, a change, a trade, an end.
OUTCOME: Final = (
    ev.OrderDenied,
    StandingDenied,
    ev.OrderTriggered,
    ev.OrderModified,
    ev.OrderCancelled,
    ev.OrderRejected,
    ev.OrderExpired,
    ev.OrderFilled,
)
NEWS: Final = (*PLACEMENT, *OUTCOME)


def order_id_of(event: ev.Event) -> str:
    """Return the id of the order, or of the refused instruction, that an event is about; "" for none."""
    if isinstance(event, StandingDenied):
        return event.standing_id
    order_id: str = getattr(event, "order_id", "")
    return order_id

"""What settlement does to the state: futures are marked, shares come and go, proceeds are held back."""

from typing import TYPE_CHECKING, cast

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.holding import Delivery, Holding, delivery_key
from kasauti.domain.order import position_key

if TYPE_CHECKING:
    from kasauti.domain.state import State


def _futures_marked(state: "State", event: ev.FuturesMarked, at: int) -> None:
    position = state.positions[position_key(event.instrument, event.product)]
    assert position.quantity == event.quantity, "all that is held is marked"
    assert position.to_mark(event.price) == event.amount, "what moves is what the price makes it"
    state.ledger.mark(event.amount)
    position.marked += event.amount


def _delivery_due(state: "State", event: ev.DeliveryDue, at: int) -> None:
    key = delivery_key(event.instrument, event.day)
    assert key not in state.deliveries, f"{key} is due already"
    state.deliveries[key] = Delivery(event.instrument, event.quantity, event.day, event.settles, event.isin)


def _delivery_settled(state: "State", event: ev.DeliverySettled, at: int) -> None:
    due = state.deliveries.pop(delivery_key(event.instrument, event.day))
    assert due.quantity == event.quantity, "a delivery settles as a whole"
    held = state.holdings.setdefault(event.instrument, Holding(event.instrument))
    held.quantity += event.quantity
    held.isin = due.isin or held.isin
    if not held.quantity:
        del state.holdings[event.instrument]


def _proceeds_held(state: "State", event: ev.ProceedsHeld, at: int) -> None:
    state.ledger.hold_back(event.amount)
    state.held_back[event.until] = state.held_back.get(event.until, 0) + event.amount


FOLDS: Folds = cast(
    "Folds",
    {
        ev.FuturesMarked: _futures_marked,
        ev.DeliveryDue: _delivery_due,
        ev.DeliverySettled: _delivery_settled,
        ev.ProceedsHeld: _proceeds_held,
    },
)

"""What the proof takes in beside trades: shares without an order, corporate actions, interest."""

from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain.order import Product
from kasauti.domain.state import State


def without_an_order(event: ev.Event, held: dict[str, int], value: dict[str, int], before: State) -> int:
    """
    Change the units `held` and the `value` traded by position for an event; return what it cost beside.

    `before` is the account before it.
    """
    match event:
        case stl.SharesAssigned() | stl.SharesAuctioned():
            key = f"{event.instrument}|{Product.CNC}"
            held[key] += event.quantity
            value[key] += event.quantity * event.price
            return event.charges.total + (event.penalty if isinstance(event, stl.SharesAuctioned) else 0)
        case stl.PositionConverted():
            source, target = (f"{event.instrument}|{each}" for each in (event.product, event.to))
            position = before.positions[source]
            for sums, amount in ((held, position.quantity), (value, position.cost)):
                sums[source] -= amount
                sums[target] += amount
            return 0
        case prod.ProductChanged():
            source, target = (f"{event.instrument}|{each}" for each in (event.product, event.to))
            position, units = before.positions[source], abs(event.quantity)
            cost = abs(position.cost) * units // abs(position.quantity) * (1 if event.quantity > 0 else -1)
            for sums, amount in ((held, event.quantity), (value, cost)):
                sums[source] -= amount
                sums[target] += amount
            return 0
        case ev.PositionAdjusted():
            source, target = (f"{each}|{event.product}" for each in (event.instrument, event.into))
            units, cost = held.pop(source, 0), value.pop(source, 0)
            held[target] += event.units(units)
            value[target] += cost - event.off * units
            return -event.cash
        case stl.InterestCharged():
            return event.amount
        case _:
            return 0


def touched(event: ev.Event) -> list[str]:
    """Return the keys of positions whose margin an event may change, no order being behind it."""
    match event:
        case ev.PositionSettled() | stl.PositionConverted():
            return [f"{event.instrument}|{event.product}"]
        case prod.ProductChanged():
            return [*(f"{event.instrument}|{each}" for each in (event.product, event.to)), *event.margins]
        case ev.PositionAdjusted():
            return [f"{each}|{event.product}" for each in (event.instrument, event.into)]
        case ev.MarginReckoned():
            return list(event.margins)
        case _:
            return []

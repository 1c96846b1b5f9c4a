"""What a key may trade, asked before the desk decides: its symbols, and how many units at once."""

from collections.abc import Iterator

from kasauti.domain.commands import (
    Command,
    ConvertPosition,
    ModifyAfterMarket,
    ModifyAlert,
    ModifyExits,
    ModifyGtt,
    ModifyOrder,
    PlaceAlert,
    PlaceGtt,
    PlaceOrder,
)
from kasauti.domain.instrument import Universe
from kasauti.domain.state import State
from kasauti.errors import KeyRefused
from kasauti.web.access import Caller


def check_within(caller: Caller, universe: Universe, state: State, command: Command) -> None:
    """Raise `KeyRefused` if a command asks for a symbol or a quantity that the key is not good for."""
    for instrument, quantity in _wanted(state, command):
        if caller.max_quantity and quantity > caller.max_quantity:
            raise KeyRefused(f"this key may trade {caller.max_quantity} units at once, not {quantity}")
        if caller.symbols and not caller.symbols & _names(universe, instrument):
            raise KeyRefused(
                f"this key may trade {', '.join(sorted(caller.symbols))}, not {instrument[:100]}"
            )


def _names(universe: Universe, instrument: str) -> set[str]:
    """Return what a key may call an instrument by: its id, its symbol, its underlying's name."""
    found = universe.find(instrument)
    return {instrument} if found is None else {found.id, found.tradingsymbol, found.name or found.id}


def _wanted(state: State, command: Command) -> Iterator[tuple[str, int]]:
    """Yield which instruments a command asks for, and how many units of each; cancelling asks for none."""
    match command:
        case PlaceOrder() | ConvertPosition():
            yield command.instrument, command.quantity
        case PlaceGtt():
            yield from ((command.instrument, leg.quantity) for leg in command.legs)
        case PlaceAlert():
            yield from ((order.instrument, order.quantity) for order in command.orders)
        case ModifyAlert():
            yield from _wanted(state, command.plan)
        case ModifyOrder():
            order = state.orders.get(command.order_id)
            if order is not None:
                yield order.instrument, command.quantity or order.quantity
        case ModifyGtt() | ModifyAfterMarket() | ModifyExits():
            standing = state.standing.get(command.standing_id)
            if standing is not None:
                yield standing.instrument, _most(command)
        case _:
            order_asked = getattr(command, "order", None)
            if isinstance(order_asked, PlaceOrder):
                yield order_asked.instrument, order_asked.quantity


def _most(change: ModifyGtt | ModifyAfterMarket | ModifyExits) -> int:
    """Return the largest quantity that a change of a standing instruction names, 0 for none."""
    if isinstance(change, ModifyGtt):
        return max((leg.quantity for leg in change.legs), default=0)
    return (change.quantity or 0) if isinstance(change, ModifyAfterMarket) else 0

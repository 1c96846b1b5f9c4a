"""From a signal to an order: which side, how many, and whether it opens or closes."""

import msgspec

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.ist import ist_clock
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.errors import InvalidInput
from kasauti.web.openalgo.symbols import symbols_of
from kasauti.web.webhooks.reading import Action, Signal
from kasauti.web.webhooks.settings import Mode, WebhookSettings


class Wish(msgspec.Struct, frozen=True):
    """An order to place; `closes` is whether all of it takes from what the strategy holds."""

    instrument: Instrument
    side: Side
    quantity: int
    closes: bool


def instrument_of(signal: Signal, settings: WebhookSettings, universe: Universe) -> Instrument:
    """Return what a signal is about; `InvalidInput` if that is not in this market."""
    mapped = settings.symbols.get(signal.symbol)
    wanted = mapped.instrument if mapped else signal.symbol
    exchange = signal.exchange or settings.exchange
    prefix, colon, rest = wanted.partition(":")
    found = universe.find(wanted) or universe.find(f"{exchange}:{wanted}")
    found = found or symbols_of(universe).find(*((prefix, rest) if colon else (exchange, wanted)))
    if found is None:
        raise InvalidInput(
            f"{wanted!r} is not in this market on {prefix if colon else exchange}; map the symbol in the"
            " strategy's settings, or name its exchange"
        )
    return found


def is_exit(signal: Signal, mode: Mode) -> bool:
    """Whether a signal only closes, as far as it can be told without what is held."""
    if signal.action in {Action.SHORT, Action.COVER}:
        return signal.action is Action.COVER
    if mode is Mode.BOTH:
        return signal.target == 0
    return (signal.action is Action.SELL) is (mode is Mode.LONG)


def wish_of(
    signal: Signal, settings: WebhookSettings, universe: Universe, state: State, strategy: str, now: int
) -> Wish | None:
    """
    Return the order that carries a signal out, None where there is nothing to do.

    What a strategy closes is its own, never what others hold. Raises `InvalidInput` with the reason why not.
    """
    instrument = instrument_of(signal, settings, universe)
    held = held_by(state, instrument.id, settings, strategy)
    target = _target(signal, settings, instrument, held)
    change = target - held
    if not change:
        return None
    closes = abs(target) < abs(held) and target * held >= 0
    if not closes:
        _check_hours(settings, now)
    return Wish(instrument, Side.BUY if change > 0 else Side.SELL, abs(change), closes)


def held_by(state: State, instrument: str, settings: WebhookSettings, strategy: str) -> int:
    """Return the units that a strategy holds, with what its working orders will add."""
    position = state.position(instrument, settings.product, strategy)
    working = [order for order in state.working_orders() if order.strategy == strategy]
    mine = [o for o in working if o.instrument == instrument and o.product is settings.product]
    pending = sum(order.leaves * order.side.sign for order in mine)
    return (0 if position is None else position.quantity) + pending


def _target(signal: Signal, settings: WebhookSettings, instrument: Instrument, held: int) -> int:
    """Return what the strategy is to hold afterwards."""
    mode, action = settings.mode, signal.action
    if mode is Mode.BOTH and action in {Action.BUY, Action.SELL}:
        if signal.target is None:
            raise InvalidInput("a strategy that trades both sides needs position_size with BUY and SELL")
        if (action is Action.BUY and signal.target < 0) or (action is Action.SELL and signal.target > 0):
            raise InvalidInput(f"position_size is {signal.target}, which {action} cannot lead to")
        return signal.target
    if is_exit(signal, mode):
        if action is Action.SELL:
            return min(held, 0)
        return max(held, 0)
    opens_long = action is Action.BUY
    if (opens_long and mode is Mode.SHORT) or (not opens_long and mode is Mode.LONG):
        raise InvalidInput(f"{action} is not for a strategy whose mode is {mode}")
    units = _units(signal, settings, instrument)
    return held + units if opens_long else held - units


def _units(signal: Signal, settings: WebhookSettings, instrument: Instrument) -> int:
    if signal.target:
        return abs(signal.target)
    if signal.quantity:
        return signal.quantity
    mapped = settings.symbols.get(signal.symbol)
    if mapped and (mapped.quantity or mapped.lots):
        return mapped.quantity or mapped.lots * instrument.lot_size
    return settings.quantity or settings.lots * instrument.lot_size


def _check_hours(settings: WebhookSettings, now: int) -> None:
    clock = ist_clock(now)[:5]
    if settings.start and clock < settings.start:
        raise InvalidInput(f"it is {clock} and the strategy opens positions from {settings.start} on")
    last = min(each for each in (settings.end, settings.square_off, "24:00") if each)
    if clock >= last:
        raise InvalidInput(f"it is {clock} and the strategy opens positions until {last} only")

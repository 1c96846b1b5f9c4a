"""Whether a run's capital paid for anything at all, and what one lot would have needed."""

from collections.abc import Iterable

from kasauti.domain import events as ev
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import ist_iso
from kasauti.domain.money import format_rupees, rupees
from kasauti.errors import InvalidInput

#: The rule by which the engine refuses what the account cannot pay.
_FUNDS = "funds.short"


def check_affordable(log: Iterable[ev.Recorded], universe: Universe, capital: int) -> None:
    """
    Raise `InvalidInput` for a run in which nothing traded and money was what the first order lacked.

    The sentence says what that order needed, and what one lot of it would have, in proportion.
    """
    for recorded in log:
        event = recorded.event
        if isinstance(event, ev.OrderPlaced):
            return
        if isinstance(event, ev.OrderDenied) and event.rule == _FUNDS:
            instrument = universe.find(event.instrument)
            assert instrument is not None, "an unknown instrument is refused by another rule"
            needed = rupees(event.actual.lstrip("₹").replace(",", ""))
            lot = -(-needed * instrument.lot_size // event.quantity)
            raise InvalidInput(
                f"the capital of {format_rupees(capital)} pays for none of the orders: the first,"
                f" {event.side} {event.quantity} {event.instrument} at {ist_iso(recorded.at)}, needs"
                f" {event.actual}; one lot of {instrument.lot_size} needs about {format_rupees(lot)}."
                " Begin with more capital, or order less"
            )

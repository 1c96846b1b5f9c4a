"""Freeze slicing: an order above the freeze quantity becomes several, each with a life of its own."""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.engine.refusals import refused
from kasauti.engine.terms import Terms
from kasauti.risk.gate import Refusal

#: The rule that refuses an order which could be cut.
TOO_LARGE = "quantity.freeze"


def slices(command: PlaceOrder, terms: Terms) -> list[PlaceOrder] | Refusal:
    """
    Cut an order into the largest that the exchange takes and a rest, or say why that is not done.

    The caller's idempotency key goes with the first.
    """
    most = terms.freeze // terms.lot * terms.lot
    count = -(-command.quantity // most)
    if count > terms.slices:
        limit = most * terms.slices
        return refused(
            terms, "quantity.slices", str(limit), str(command.quantity), {"quantity": limit},
            f"{limit} would be.", slices=count, most=most, slices_allowed=terms.slices,
        )  # fmt: skip
    first = msgspec.structs.replace(command, quantity=most, autoslice=False)
    others = msgspec.structs.replace(first, command_id="")
    rest = msgspec.structs.replace(others, quantity=command.quantity - most * (count - 1))
    return [first, *[others] * (count - 2), rest]


def as_slice(event: ev.OrderPlaced, parent: str) -> ev.OrderPlaced:
    """Return a slice that names the first of them, its parent."""
    return msgspec.structs.replace(event, parent=parent)


def denied_as(whole: ev.OrderDenied, refusal: Refusal) -> ev.OrderDenied:
    """Return the denial of an order with another reason."""
    return msgspec.structs.replace(
        whole,
        rule=refusal.rule,
        message=refusal.message,
        limit=refusal.limit,
        actual=refusal.actual,
        nearest=refusal.nearest,
        advice=refusal.advice,
    )

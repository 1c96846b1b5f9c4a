"""What a change of its terms makes of a resting order, and when there is nothing left to change."""

from typing import Final

from kasauti.domain.events import ModifyRequested
from kasauti.domain.order import Validity
from kasauti.simulator.book import Resting

GONE = "the order was no longer open when the change arrived"

_IOC: Final = Validity.IOC


def cannot_change(order: Resting, request: ModifyRequested) -> str:
    """Return why an order cannot have the new terms any more, empty if it can."""
    traded = order.quantity - order.leaves
    if request.quantity <= traded:
        return f"{traded} units have traded already, the new quantity is {request.quantity}"
    if request.order_type is not None and request.order_type.has_trigger and not order.trigger:
        return (
            f"its trigger had traded when the change arrived: it cannot wait for one as {request.order_type}"
        )
    return ""


def change(order: Resting, request: ModifyRequested, shown: dict[str, int]) -> bool:
    """
    Give an order its new terms, and `shown` what of it the market sees; return whether it keeps its place.

    It does if it is of the same kind still, neither price nor trigger changed, and neither the quantity nor
    what is shown of it grew. One that woke has no trigger, whatever a request that leaves its type says.
    """
    leaves = request.quantity - (order.quantity - order.leaves)
    kind = request.order_type
    limit = request.price or request.band
    trigger = request.trigger_price if order.trigger else 0
    keeps = kind is None and limit == order.limit and trigger == order.trigger and leaves <= order.leaves
    if kind is not None or limit != order.limit:
        # Of those with a band only a market order sweeps; a stop has its band for a limit once it has woken.
        order.sweeps = request.band > 0 and not request.trigger_price
    if request.validity is not None:
        ioc = request.validity is _IOC
        keeps, order.ioc = keeps and ioc == order.ioc, ioc
    if request.disclosed is not None:
        keeps = keeps and _shows_less(shown.get(order.order_id, 0), request.disclosed)
        _show(shown, order.order_id, request.disclosed)
    order.quantity, order.leaves = request.quantity, leaves
    order.limit, order.trigger = limit, trigger
    return keeps


def _shows_less(before: int, after: int) -> bool:
    return after > 0 and (not before or after <= before)


def _show(shown: dict[str, int], order_id: str, units: int) -> None:
    if units:
        shown[order_id] = units
    else:
        shown.pop(order_id, None)

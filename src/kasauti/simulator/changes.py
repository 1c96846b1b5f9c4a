"""What a change of its terms makes of a resting order, and when there is nothing left to change."""

from kasauti.simulator.book import Resting
from kasauti.simulator.transit import Change

GONE = "the order was no longer open when the change arrived"


def cannot_change(order: Resting, request: Change) -> str:
    """Return why an order cannot have the new quantity any more, empty if it can."""
    traded = order.quantity - order.leaves
    if request.quantity > traded:
        return ""
    return f"{traded} units have traded already, the new quantity is {request.quantity}"


def change(order: Resting, request: Change) -> bool:
    """
    Give an order its new terms; return whether it keeps its place in the queue.

    It does if neither price nor trigger changed and the quantity did not grow. A market order has its band
    for a limit, or none, and one that woke no trigger, whatever the request says.
    """
    leaves = request.quantity - (order.quantity - order.leaves)
    limit = (request.price or request.band) if order.limit else 0
    trigger = request.trigger_price if order.trigger else 0
    keeps = limit == order.limit and trigger == order.trigger and leaves <= order.leaves
    order.quantity, order.leaves = request.quantity, leaves
    order.limit, order.trigger = limit, trigger
    return keeps

"""How orders and requests get to a simulated exchange: each is on its way for its latency."""

from kasauti.domain.events import ModifyRequested
from kasauti.domain.order import Order
from kasauti.ports import LatencyModel
from kasauti.simulator.transit import NEVER, Cancellation, Request, Transit


class OrderEntry:
    """What an account may ask an exchange for."""

    def __init__(self, latency: LatencyModel) -> None:
        self._entry_ns = latency.entry_ns
        #: When the next order or request arrives, `NEVER` if none is on its way.
        self.due = NEVER
        self._transit = Transit()

    def submit(self, order: Order, at: int) -> None:
        """Put an order on its way."""
        self.due = self._transit.send(order, at + self._entry_ns(order.order_id))

    def modify(self, change: ModifyRequested, at: int) -> None:
        """Put a request for new terms on its way."""
        self._send(change, at + self._entry_ns(change.order_id))

    def cancel(self, order: Order, reason: str, at: int) -> None:
        """Put a cancellation on its way."""
        self._send(Cancellation(order.order_id, reason), at + self._entry_ns(order.order_id))

    def _send(self, request: Request, arrives: int) -> None:
        self.due = self._transit.send(request, arrives)

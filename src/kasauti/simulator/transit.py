"""What is on its way to the venue, in order of when it arrives."""

from heapq import heapify, heappop, heappush
from typing import Final

import msgspec

from kasauti.domain.events import ModifyRequested
from kasauti.domain.order import Order

#: After every moment, and a number that compiled code need not put into an object.
NEVER: Final = 2**62 - 1


class Cancellation(msgspec.Struct, frozen=True, gc=False):
    """A wish that an order end."""

    order_id: str
    reason: str


#: A new order, and a change that was decided, are themselves what travels.
Request = Order | ModifyRequested | Cancellation


class Transit:
    """
    Requests by their arrival; of one moment, the one sent first arrives first.

    One that is alone on its way, as most are, is kept apart and never sorted.
    """

    __slots__ = ("_alone", "_count", "_requests", "due")

    def __init__(self) -> None:
        #: When the next one arrives, `NEVER` if none is on its way.
        self.due = NEVER
        #: What arrives at `due` while nothing else is on its way.
        self._alone: Request | None = None
        self._requests: list[tuple[int, int, Request]] = []
        self._count = 0

    def send(self, request: Request, arrives: int) -> int:
        """Put a request on its way; return when the next one arrives."""
        if self._alone is not None:
            self._push(self._alone, self.due)
            self._alone = None
        elif not self._requests:
            self._alone, self.due = request, arrives
            return arrives
        self._push(request, arrives)
        self.due = self._requests[0][0]
        return self.due

    def _push(self, request: Request, arrives: int) -> None:
        self._count += 1
        heappush(self._requests, (arrives, self._count, request))

    def arrive(self) -> tuple[int, Request]:
        """Take out what arrives next: (moment, request)."""
        alone = self._alone
        if alone is not None:
            at, self.due, self._alone = self.due, NEVER, None
            return at, alone
        requests = self._requests
        at, _, request = heappop(requests)
        self.due = requests[0][0] if requests else NEVER
        return at, request

    def drop(self, order_id: str) -> None:
        """Lose whatever is on its way for an order: it has ended."""
        if self._alone is not None and self._alone.order_id == order_id:
            self._alone, self.due = None, NEVER
        elif any(request.order_id == order_id for _, _, request in self._requests):
            self._requests = [each for each in self._requests if each[2].order_id != order_id]
            heapify(self._requests)
            self.due = self._requests[0][0] if self._requests else NEVER

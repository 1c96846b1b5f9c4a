"""Our own resting orders in one instrument, in price-time priority."""

from bisect import insort
from collections.abc import Iterator
from itertools import chain, takewhile
from typing import Final

from kasauti.domain.compiler_hints import mypyc_attr
from kasauti.domain.order import Order, Side, Status, Validity
from kasauti.simulator.liquidity import Liquidity

# Looked up once: a member of an enum costs a function call.
_BUY: Final = Side.BUY
_OPEN: Final = Status.OPEN
_IOC: Final = Validity.IOC

#: The queue of an order that has met no book yet: it joins at the end of the first it sees.
UNSEEN: Final = -1


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up, and the memory of one
# that is gone is used again at once.
@mypyc_attr(free_list_len=1)
class Resting:
    """
    An order as the venue holds it, on its way or arrived.

    `limit` is 0 for a market order, `trigger` 0 once awake, `queue` the units ahead of it at its price,
    `priority` its place among our own, `arrived_at` when it came, `fresh` the number of the last tick before
    that: evidence has to be newer unless it is a standing book. `quantity` is the whole order, `leaves` what
    has not traded, `displayed` what its level showed last. `sweeps` is whether it is a market order whose
    limit is its band, until what it meets lies beyond that: then it is a limit order.
    """

    __slots__ = (
        "arrived_at",
        "buys",
        "displayed",
        "fresh",
        "ioc",
        "leaves",
        "limit",
        "order_id",
        "priority",
        "quantity",
        "queue",
        "slot",
        "sweeps",
        "trigger",
    )

    def __init__(
        self,
        order_id: str,
        slot: int,
        buys: bool,  # noqa: FBT001  as in a row of a table
        limit: int,
        trigger: int,
        quantity: int,
        leaves: int,
        ioc: bool,  # noqa: FBT001  as above
        priority: int = 0,
        sweeps: bool = False,  # noqa: FBT001, FBT002  as above
    ) -> None:
        self.order_id, self.slot, self.buys = order_id, slot, buys
        self.limit, self.trigger = limit, trigger
        self.quantity, self.leaves = quantity, leaves
        self.ioc, self.sweeps, self.priority = ioc, sweeps, priority
        self.queue = self.arrived_at = self.fresh = self.displayed = 0

    def reaches(self, price: int) -> bool:
        """Return whether it may trade at `price`."""
        limit = self.limit
        return not limit or (price <= limit if self.buys else price >= limit)

    def stands(self, shown: int) -> int:
        """Return the units that stand in its queue, `shown` being those shown at a time, 0 all."""
        return shown - (self.quantity - self.leaves) % shown if shown else self.leaves

    def cancel_fairly(self, displayed: int, traded: int) -> None:
        """Take its share of what left its level without trading off the queue ahead of it."""
        before = self.displayed - traded
        if before > displayed and before > 0:
            self.queue -= self.queue * (before - displayed) // before


def taken_up(order: Order, slot: int) -> Resting:
    """Return an order as a venue has it: a market order's limit is its band, one that woke has no trigger."""
    trigger = order.trigger_price
    return Resting(
        order.order_id,
        slot,
        order.side is _BUY,
        order.price or order.band,
        0 if trigger and order.status is _OPEN else trigger,
        order.quantity,
        order.quantity - order.filled,
        order.validity is _IOC,
        0,
        bool(order.band) and not trigger,
    )


def _buy_rank(order: Resting) -> tuple[int, int]:
    return order.limit, -order.priority


def _sell_rank(order: Resting) -> tuple[int, int]:
    return -order.limit, -order.priority


def _stop_rank(order: Resting) -> tuple[int, int]:
    return (-order.trigger if order.buys else order.trigger), -order.priority


def _came(order: Resting) -> int:
    return order.priority


class Book:
    """
    The resting orders of one slot.

    `buys` and `sells` are limits, best last, so that the next to trade is popped from the end; `takers` are
    market orders and IOC limits waiting for evidence, oldest first; `buy_stops` and `sell_stops` sleep until
    their trigger trades, the next to wake last.
    """

    __slots__ = ("buy_stops", "buys", "liquidity", "sell_stops", "sells", "takers", "unseen")

    def __init__(self) -> None:
        self.buys: list[Resting] = []
        self.sells: list[Resting] = []
        self.takers: list[Resting] = []
        self.buy_stops: list[Resting] = []
        self.sell_stops: list[Resting] = []
        #: Limits whose queue may not have been seen yet: few, and only they are looked through for that.
        self.unseen: set[Resting] = set()
        self.liquidity = Liquidity()

    def add(self, order: Resting) -> None:
        """Put an order where it belongs."""
        if order.trigger:
            insort(self.buy_stops if order.buys else self.sell_stops, order, key=_stop_rank)
        elif not order.limit or order.ioc or order.sweeps:
            self.takers.append(order)
        else:
            if order.queue == UNSEEN:
                self.unseen.add(order)
            if order.buys:
                insort(self.buys, order, key=_buy_rank)
            else:
                insort(self.sells, order, key=_sell_rank)

    def remove(self, order: Resting) -> None:
        """Take an order out, wherever it is."""
        if self.takers and self.takers[-1] is order:
            self.takers.pop()
            return
        self.unseen.discard(order)
        for side in (self.buys, self.sells, self.takers, self.buy_stops, self.sell_stops):
            if side and side[-1] is order:
                side.pop()
                return
            if order in side:
                side.remove(order)
                return

    @property
    def is_empty(self) -> bool:
        """Whether nothing rests here."""
        return not (self.takers or self.buys or self.sells or self.buy_stops or self.sell_stops)

    def __bool__(self) -> bool:
        return not self.is_empty

    def __iter__(self) -> Iterator[Resting]:
        stops = sorted(self.buy_stops + self.sell_stops, key=_came)
        return chain(self.takers, reversed(self.buys), reversed(self.sells), stops)

    def reached(self, last: int) -> list[Resting]:
        """Return the stops whose trigger a trade at `last` reaches, in the order they came."""
        if not last:
            return []
        reached = list(takewhile(lambda stop: stop.trigger <= last, reversed(self.buy_stops)))
        reached += takewhile(lambda stop: stop.trigger >= last, reversed(self.sell_stops))
        return sorted(reached, key=_came)

    def sight(self, never: tuple[int, int]) -> tuple[int, int] | None:
        """
        Return the prices that levels have to come to for anything to be told of a queue here; None for any.

        They are the best limits of either side, or that of `never`. While the last bid shown is above every
        buy, and the last ask below every sale, a tick says nothing of them. An order whose queue has not been
        seen yet needs the next one, whatever it shows.
        """
        if self.unseen:
            self.unseen = {order for order in self.unseen if order.queue == UNSEEN}
            if self.unseen:
                return None
        low, high = never
        return self.buys[-1].limit if self.buys else low, self.sells[-1].limit if self.sells else high

    def low_wake(self, never: int) -> int:
        """Return the price at or below which an ask or a print can matter; `never` for none."""
        low = self.buys[-1].limit if self.buys else never
        return max(low, self.sell_stops[-1].trigger) if self.sell_stops else low

    def high_wake(self, never: int) -> int:
        """Return the price at or above which a bid or a print can matter; `never` for none."""
        high = self.sells[-1].limit if self.sells else never
        return min(high, self.buy_stops[-1].trigger) if self.buy_stops else high

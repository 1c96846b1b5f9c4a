"""A position: the fold of trades in one instrument and product, at average cost."""

from dataclasses import dataclass, fields
from typing import Any


# Not a msgspec.Struct: every fill sets many fields, which is three times as fast on slots of Python's own.
# It is made by code that stands here: compiled, that takes a fraction of what the dataclass would write.
@dataclass(slots=True, init=False)
class Position:
    """
    What is held of one instrument in one product.

    `quantity` is signed, short is negative; `cost` is its signed total cost, so averages never drift.
    `realised` is before charges. `margin` is the money held for it. `pending_buy` and `pending_sell` are
    the open units of working orders. The `day_` fields start again each trading day; `day_exercised`
    is the intrinsic value of long options that expired in the money. `marked` is what daily settlement has
    moved for the future that is held: its value at the last mark, less what it cost.
    """

    instrument: str
    product: str
    paid_up: bool
    quantity: int = 0
    cost: int = 0
    realised: int = 0
    charges: int = 0
    margin: int = 0
    pending_buy: int = 0
    pending_sell: int = 0
    day_buy_quantity: int = 0
    day_buy_value: int = 0
    day_sell_quantity: int = 0
    day_sell_value: int = 0
    day_realised: int = 0
    day_charges: int = 0
    day_exercised: int = 0
    opened_at: int = 0
    marked: int = 0

    def __init__(self, instrument: str, product: str, paid_up: bool, quantity: int = 0) -> None:  # noqa: FBT001
        self.instrument, self.product, self.paid_up = instrument, product, paid_up
        self.quantity = quantity
        self.cost = self.realised = self.charges = self.margin = self.pending_buy = self.pending_sell = 0
        self.day_buy_quantity = self.day_buy_value = self.day_sell_quantity = self.day_sell_value = 0
        self.day_realised = self.day_charges = self.day_exercised = self.opened_at = self.marked = 0

    def __reduce__(self) -> tuple[Any, ...]:
        """Have copies made from all values: compiled, there are no empty ones to fill."""
        return _from_values, tuple(getattr(self, each.name) for each in fields(self))

    @property
    def average_price(self) -> int:
        """Cost per unit, to the nearest money unit; 0 when flat."""
        size = abs(self.quantity)
        return (2 * abs(self.cost) + size) // (2 * size) if size else 0

    def unrealised(self, mark: int) -> int:
        """Return what closing at `mark` would realise, before charges."""
        return self.quantity * mark - self.cost

    def to_mark(self, price: int) -> int:
        """Return what settling at `price` moves: the value there, less cost and what was moved before."""
        return self.quantity * price - self.cost - self.marked

    def unmark(self, signed: int) -> int:
        """
        Take out of what was marked the part of the units that a trade of `signed` has just closed; return it.

        As with the cost, a part is rounded towards zero and the last unit takes all that is left.
        """
        holds, marked = self.quantity, self.marked
        held = holds - signed
        if (held > 0) == (signed > 0):
            return 0
        out = marked
        if holds and (holds > 0) == (held > 0):
            size, traded = abs(held), abs(signed)
            out = marked * traded // size if marked >= 0 else -(-marked * traded // size)
        self.marked = marked - out
        return out

    def opens(self, quantity: int, buys: bool, besides: int = 0) -> int:  # noqa: FBT001  every order asks
        """
        Return how many of `quantity` units would add exposure.

        What closes the other side does not, unless working orders close it already; `besides` units of those
        are not counted.
        """
        held = -self.quantity - self.pending_buy if buys else self.quantity - self.pending_sell
        closable = held + besides
        if closable <= 0:
            return quantity
        return quantity - closable if quantity > closable else 0

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held and nothing is asked for."""
        return not (self.quantity or self.pending_buy or self.pending_sell)

    def trade(self, signed: int, price: int, charges: int = 0, at: int = 0) -> tuple[int, int]:
        """
        Add a trade of `signed` units at `price` that cost `charges`; return (change of cost, realised).

        A trade against the position closes first, at average cost; what is left over opens the other side.
        The cost taken out is rounded towards zero to a whole unit, and all of it leaves with the last
        unit, so nothing is lost. A position that was flat, or that turned to the other side,
        has been open since `at`.
        """
        held, cost, value = self.quantity, self.cost, signed * price
        holds = self.quantity = held + signed
        if charges:
            self.charges += charges
            self.day_charges += charges
        if held == 0:
            self.opened_at = at
            self.cost = value
            return value, 0
        if holds == 0:
            realised, left = -value - cost, 0
        elif (held > 0) == (signed > 0):
            self.cost = cost + value
            return value, 0
        elif (holds > 0) == (signed > 0):
            realised, left = held * price - cost, holds * price
            self.opened_at = at
        else:
            size, traded = abs(held), abs(signed)
            out = cost * traded // size if cost >= 0 else -(-cost * traded // size)
            realised, left = -value - out, cost - out
        self.cost = left
        self.realised += realised
        self.day_realised += realised
        return left - cost, realised


def _from_values(*values: Any) -> Position:  # noqa: ANN401  of each field, in their order
    instrument, product, paid_up, *_ = values
    position = Position(instrument, product, paid_up)
    for field, value in zip(fields(Position), values, strict=True):
        setattr(position, field.name, value)
    return position

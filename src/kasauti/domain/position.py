"""A position: the fold of trades in one instrument and product, at average cost."""

import msgspec


class Position(msgspec.Struct):
    """
    What is held of one instrument in one product.

    `quantity` is signed, short is negative; `cost` is its signed total cost, so averages never drift.
    `realised` is before charges. `margin` is the money held for it. `pending_buy` and `pending_sell` are
    the open units of working orders. The `day_` fields start again each trading day; `day_exercised`
    is the intrinsic value of long options that expired in the money.
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

    @property
    def average_price(self) -> int:
        """Cost per unit, to the nearest money unit; 0 when flat."""
        size = abs(self.quantity)
        return (2 * abs(self.cost) + size) // (2 * size) if size else 0

    def unrealised(self, mark: int) -> int:
        """Return what closing at `mark` would realise, before charges."""
        return self.quantity * mark - self.cost

    def opens(self, quantity: int, *, buys: bool, besides: int = 0) -> int:
        """
        Return how many of `quantity` units would add exposure.

        What closes the other side does not, unless working orders close it already; `besides` units of those
        are not counted.
        """
        held = -self.quantity - self.pending_buy if buys else self.quantity - self.pending_sell
        closable = held + besides
        return quantity if closable <= 0 else max(0, quantity - closable)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is held and nothing is asked for."""
        return not (self.quantity or self.pending_buy or self.pending_sell)

    def trade(self, signed_quantity: int, price: int) -> tuple[int, int]:
        """
        Add a trade of `signed_quantity` units at `price`; return (change of cost, realised).

        A trade against the position closes first, at average cost; what is left over opens the other side.
        The cost taken out is rounded towards zero to a whole unit, and all of it leaves with the last
        unit, so nothing is lost.
        """
        held = self.quantity
        if held == 0 or (held > 0) == (signed_quantity > 0):
            change = signed_quantity * price
            self.quantity = held + signed_quantity
            self.cost += change
            return change, 0
        size, traded = abs(held), abs(signed_quantity)
        if traded >= size:
            out = self.cost
            opened = held + signed_quantity
            closed = -held
        else:
            out = self.cost * traded // size if self.cost >= 0 else -(-self.cost * traded // size)
            opened = 0
            closed = signed_quantity
        realised = -closed * price - out
        change = opened * price - out
        self.quantity = held + signed_quantity
        self.cost += change
        self.realised += realised
        return change, realised

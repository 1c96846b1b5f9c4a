"""
Shares in the depository, and those on their way to it or from it.

What a share cost and what it made is the position's: buying and settling are not two purchases. Here is only
where its units are: a trade of one day settles on a later one, bought units come in then, sold ones leave.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kasauti.domain.order import Product, position_key

if TYPE_CHECKING:
    from kasauti.domain.state import State


@dataclass(slots=True)
class Holding:
    """The units of one share that lie in the depository."""

    instrument: str
    isin: str = ""
    quantity: int = 0


@dataclass(slots=True)
class Delivery:
    """
    What one day's trades in one share come to: units to receive, negative to give, on the day `settles`.

    `day` is the trade day, both ISO dates.
    """

    instrument: str
    quantity: int
    day: str
    settles: str
    isin: str = ""


@dataclass(frozen=True, slots=True)
class HoldingView:
    """
    A holding as a broker shows it. Quantities are units.

    `quantity` has settled and is not sold, `t1` was bought and has not settled yet, `used` was sold today
    out of both, `authorised` may be sold without another word to the depository, `cost` is what the units
    that are left cost, exact. `average_price` is per unit.
    """

    instrument: str
    isin: str
    quantity: int
    t1: int
    used: int
    authorised: int
    cost: int
    average_price: int

    @property
    def left(self) -> int:
        """Units that can still be sold."""
        return self.quantity + self.t1


def delivery_key(instrument: str, day: str) -> str:
    """Return the key under which the delivery of a day's trades in a share is kept."""
    return f"{day}|{instrument}"


def carried(state: "State", instrument: str) -> tuple[int, int]:
    """Return what was held of a share when the day began: (settled and not sold, bought and not settled)."""
    held = state.holdings.get(instrument)
    settled = total = 0 if held is None else held.quantity
    for each in state.deliveries.values():
        if each.instrument == instrument:
            total += each.quantity
            settled += min(0, each.quantity)
    settled = max(0, min(settled, total))
    return settled, max(0, total - settled)


def holdings(state: "State") -> list[HoldingView]:
    """
    Return what is held in delivery from before today, by instrument.

    What was bought today is a position until the day is closed; what was sold today is used.
    """
    ids = [*state.holdings, *(each.instrument for each in state.deliveries.values())]
    views = []
    for instrument in dict.fromkeys(ids):
        view = _view(state, instrument)
        if view.left or view.used:
            views.append(view)
    return sorted(views, key=lambda view: view.instrument)


def _view(state: "State", instrument: str) -> HoldingView:
    settled, t1 = carried(state, instrument)
    position = state.positions.get(position_key(instrument, Product.CNC))
    sold = cost = average = 0
    if position is not None:
        # The day's trades are on their way to the depository once it is closed, and counted there.
        sold = position.day_sell_quantity - position.day_buy_quantity if state.day_open else 0
        cost, average = position.cost, position.average_price
    used = min(max(0, sold), settled + t1)
    from_settled = min(used, settled)
    settled, t1 = settled - from_settled, t1 - (used - from_settled)
    held = state.holdings.get(instrument)
    isin = held.isin if held is not None else _isin(state, instrument)
    bought = max(0, -sold)
    if bought and position is not None and position.quantity:
        cost = cost * (settled + t1) // position.quantity
    return HoldingView(instrument, isin, settled, t1, used, settled, cost, average)


def _isin(state: "State", instrument: str) -> str:
    return next((each.isin for each in state.deliveries.values() if each.instrument == instrument), "")

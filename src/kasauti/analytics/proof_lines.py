"""A day's contract note summed up from its trades alone, for the proof to hold against what was booked."""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import SQUARE_OFF, Product, Side
from kasauti.exchange.note_line import NoteLine, Sums


class TradedLine(msgspec.Struct):
    """What one position adds to its day's contract note."""

    buys: int = 0
    sells: int = 0
    bought: int = 0
    sold: int = 0
    exercised: int = 0
    booked: Charges = Charges()
    squared_off: set[str] = msgspec.field(default_factory=set)
    orders: dict[str, tuple[Side, int]] = msgspec.field(default_factory=dict)

    def add(self, placed: ev.OrderPlaced, fill: ev.OrderFilled) -> None:
        """Take a trade in."""
        if placed.side is Side.BUY:
            self.buys += fill.price * fill.quantity
            self.bought += fill.quantity
        else:
            self.sells += fill.price * fill.quantity
            self.sold += fill.quantity
        self.booked = self.booked.plus(fill.charges)
        _, turnover = self.orders.get(placed.order_id, (placed.side, 0))
        self.orders[placed.order_id] = placed.side, turnover + fill.price * fill.quantity
        if placed.tag == SQUARE_OFF:
            self.squared_off.add(placed.order_id)

    def hand_over(self, other: "TradedLine", signed: int) -> None:
        """Have units that were bought, or with a negative number sold, be of another line, at their mean."""
        units = abs(signed)
        if signed > 0:
            value = self.buys * units // self.bought
            self.buys, self.bought = self.buys - value, self.bought - units
            other.buys, other.bought = other.buys + value, other.bought + units
        else:
            value = self.sells * units // self.sold
            self.sells, self.sold = self.sells - value, self.sold - units
            other.sells, other.sold = other.sells + value, other.sold + units

    def of(self, instrument: Instrument, product: Product) -> NoteLine:
        """Return the line."""
        sums = Sums(self.bought, self.buys, self.sold, self.sells)
        return NoteLine.of(
            instrument,
            product,
            sums,
            brokerage=self.booked.brokerage,
            exercised=self.exercised,
            orders=() if instrument.is_derivative else self.orders.values(),
        )

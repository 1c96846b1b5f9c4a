"""The intraday square-off: the broker cancels what is open and trades what is held back to flat."""

from collections.abc import Iterable, Iterator
from datetime import date

from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.ist import ist_date
from kasauti.domain.order import RESERVED_TAGS, SQUARE_OFF, OrderType, Product, Side, position_key
from kasauti.domain.position import Position
from kasauti.engine.jobs.desk import Desk, held
from kasauti.exchange.calendar import Segment, segment

_CAUSE = "timer:square_off"


class SquareOff:
    """The square-off of one day, for one account."""

    def __init__(self, desk: Desk, day: date) -> None:
        self._desk = desk
        self._day = day

    def run(self, which: Segment, at: int) -> None:
        """Cancel what is open intraday and trade what is held back to flat; tried each minute until it is."""
        desk = self._desk
        for order in desk.state.working_orders():
            instrument = desk.board.universe.find(order.instrument)
            if order.product is not Product.MIS or instrument is None or segment(instrument) is not which:
                continue
            if order.tag != SQUARE_OFF:
                desk.end(ev.OrderCancelled(order.order_id, "intraday square-off"), _CAUSE, at)
        self._flatten_all(held(desk.state), which, at)

    def close_leftovers(self, which: Segment, at: int) -> None:
        """Trade to flat what a day before could not close, as soon as there are prices."""
        self._flatten_all(self.leftovers(), which, at)

    def leftovers(self) -> list[Position]:
        """Return the intraday positions that were not opened today."""
        books = self._desk.state.books.values()
        found = []
        for position in held(self._desk.state):
            key = position_key(position.instrument, position.product)
            owned = [position, *(book[key] for book in books if key in book)]
            before = any(own.quantity and ist_date(own.opened_at) < self._day for own in owned)
            if before and position.product == Product.MIS:
                found.append(position)
        return found

    def _flatten_all(self, positions: Iterable[Position], which: Segment, at: int) -> None:
        for position in positions:
            instrument = self._desk.board.universe.find(position.instrument)
            if position.product == Product.MIS and instrument is not None and segment(instrument) is which:
                self.flatten(position, at)

    def flatten(self, position: Position, at: int, tag: str = SQUARE_OFF, cause: str = _CAUSE) -> None:
        """Send a market order for each strategy's part of a position, and one for the rest."""
        key = position_key(position.instrument, position.product)
        parts = {name: book[key].quantity for name, book in self._desk.state.books.items() if key in book}
        parts[""] = position.quantity - sum(parts.values())
        closing = {
            order.strategy
            for order in self._desk.state.working_orders()
            if order.tag in RESERVED_TAGS and order.position_key == key
        }
        for strategy, quantity in parts.items():
            if strategy in closing:
                continue
            side, product = Side.SELL if quantity > 0 else Side.BUY, Product(position.product)
            for part in self._pieces(position.instrument, abs(quantity)):
                command = PlaceOrder(position.instrument, side, part, OrderType.MARKET, product, tag=tag)
                self._desk.send(command, at, cause, strategy, forced=True)

    def _pieces(self, instrument_id: str, quantity: int) -> Iterator[int]:
        """Cut a quantity into orders that the exchange takes."""
        instrument = self._desk.board.universe.find(instrument_id)
        assert instrument is not None, "what is squared off is in the session"
        most = instrument.freeze_quantity // instrument.lot_size * instrument.lot_size or quantity
        while quantity:
            part = min(most, quantity)
            quantity -= part
            yield part

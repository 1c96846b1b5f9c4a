"""What closing a day's books costs: contract note and services, less what the day's trades paid already."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.order import SQUARE_OFF, Product
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import NoteLine, Sums, contract_note
from kasauti.exchange.day_services import day_services


def closing_charges(state: State, universe: Universe, day: date, book: ChargeBook) -> Charges:
    """Return what the day costs beyond its trades' own charges; `RuleUnknown` for an unknown rate."""
    lines = list(_lines(state, universe))
    squared_off = Counter(
        order.instrument
        for order in state.orders.values()
        if order.tag == SQUARE_OFF and order.filled and order.instrument in universe
    )
    due = contract_note(lines, day, book)
    for service in day_services(lines, squared_off, day, book):
        due = due.plus(Charges(services=service.amount, gst=service.gst))
    return due.minus(_booked(state, universe, day, book))


def _booked(state: State, universe: Universe, day: date, book: ChargeBook) -> Charges:
    """Return what the day's trades and settlements have paid."""
    booked = Charges()
    for order in state.orders.values():
        if order.instrument in universe:
            booked = booked.plus(order.charges)
    for position in state.positions.values():
        if position.day_exercised:
            booked = booked.plus(Charges(stt=book.exercise_stt(day, position.day_exercised)))
    return booked


def _lines(state: State, universe: Universe) -> Iterator[NoteLine]:
    """Yield the day's trades, a line for each position."""
    brokerage: dict[str, int] = defaultdict(int)
    for order in state.orders.values():
        brokerage[order.position_key] += order.charges.brokerage
    for key, position in state.positions.items():
        instrument = universe.find(position.instrument)
        traded = position.day_buy_value or position.day_sell_value or position.day_exercised
        if instrument is not None and traded:
            yield _line(instrument, position, brokerage[key])


def _line(instrument: Instrument, position: Position, brokerage: int) -> NoteLine:
    sums = Sums(
        position.day_buy_quantity, position.day_buy_value, position.day_sell_quantity, position.day_sell_value
    )
    product, exercised = Product(position.product), position.day_exercised
    return NoteLine.of(instrument, product, sums, brokerage=brokerage, exercised=exercised)

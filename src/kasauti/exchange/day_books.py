"""
The books of an account's day: what its note is made of, and what closing them costs.

`find` gives an instrument by its id, None for one that is not known: what traded in it is left out.
"""

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date

from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import SQUARE_OFF, Product, Side
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import contract_note
from kasauti.exchange.day_services import day_services
from kasauti.exchange.note_line import NoteLine, Sums

Find = Callable[[str], Instrument | None]


def closing_charges(state: State, find: Find, day: date, book: ChargeBook) -> Charges:
    """Return what the day costs beyond its trades' own charges; `RuleUnknown` for an unknown rate."""
    lines = day_lines(state, find)
    due = contract_note(lines, day, book)
    for service in day_services(lines, squared_off(state, find), day, book):
        due = due.plus(Charges(services=service.amount, gst=service.gst))
    return due.minus(_booked(state, find, day, book))


def day_lines(state: State, find: Find) -> list[NoteLine]:
    """Return the day's trades, a line for each position."""
    brokerage: dict[str, int] = defaultdict(int)
    orders: dict[str, list[tuple[Side, int]]] = defaultdict(list)
    for order in state.orders.values():
        if order.turnover:
            brokerage[order.position_key] += order.charges.brokerage
            orders[order.position_key].append((order.side, order.turnover))
    lines = []
    for key, position in state.positions.items():
        traded = position.day_buy_value or position.day_sell_value or position.day_exercised
        # What was converted trades in another product, and its orders have paid in this one.
        if traded or key in orders:
            instrument = find(position.instrument)
            if instrument is not None:
                lines.append(_line(instrument, position, brokerage[key], orders[key]))
    return lines


def squared_off(state: State, find: Find) -> dict[str, int]:
    """Return how many orders of the square-off traded today, by instrument."""
    return Counter(
        order.instrument
        for order in state.orders.values()
        if order.tag == SQUARE_OFF and order.filled and find(order.instrument) is not None
    )


def _booked(state: State, find: Find, day: date, book: ChargeBook) -> Charges:
    """Return what the day's trades and exercises have paid."""
    booked = Charges.total_of(
        [o.charges for o in state.orders.values() if o.filled and find(o.instrument) is not None]
    )
    for position in state.positions.values():
        if position.day_exercised:
            booked = booked.plus(Charges(stt=book.exercise_stt(day, position.day_exercised)))
    return booked


def _line(
    instrument: Instrument, position: Position, brokerage: int, orders: list[tuple[Side, int]]
) -> NoteLine:
    sums = Sums(
        position.day_buy_quantity, position.day_buy_value, position.day_sell_quantity, position.day_sell_value
    )
    product, exercised = Product(position.product), position.day_exercised
    own = orders if not instrument.is_derivative else ()
    return NoteLine.of(instrument, product, sums, brokerage=brokerage, exercised=exercised, orders=own)

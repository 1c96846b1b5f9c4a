"""
The books of an account's day: what its note is made of, and what closing them costs.

`find` gives an instrument by its id, None for one that is not known: what traded in it is left out.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from typing import Final

from msgspec.structs import astuple

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

# Looked up once: a day has thousands of orders.
_SQUARE_OFF: Final = SQUARE_OFF
_take_apart: Final = astuple
_NOTHING: Final = Charges()


def closing_charges(state: State, find: Find, day: date, book: ChargeBook) -> Charges:
    """Return what the day costs beyond its trades' own charges; `RuleUnknown` for an unknown rate."""
    traded = DayTrades(state, find)
    lines = day_lines(state, find, traded)
    due = contract_note(lines, day, book)
    for service in day_services(lines, traded.squared_off, day, book):
        due = due.plus(Charges(services=service.amount, gst=service.gst))
    return due.minus(_booked(state, traded, day, book))


class DayTrades:
    """
    What the day's orders traded, in one look at each of them.

    `by_position` has it by the key of the position, `squared_off` how many orders of the square-off traded,
    by instrument.
    """

    def __init__(self, state: State, find: Find) -> None:
        self.by_position: dict[str, _Trades] = {}
        self.squared_off: Counter[str] = Counter()
        known = self.by_position
        for order in state.orders.values():
            if not order.filled:
                continue
            key = order.position_key
            of = known.get(key)
            if of is None:
                of = known[key] = _Trades(find(order.instrument))
            if of.is_known:
                of.costs.append(order.charges)
                if of.are_shares:
                    of.orders.append((order.side, order.turnover))
                if order.tag == _SQUARE_OFF:
                    self.squared_off[order.instrument] += 1
        for of in known.values():
            of.paid = total_of(of.costs)


class _Trades:
    """What each order of one position cost, what all of them `paid`, and of shares what each traded."""

    def __init__(self, instrument: Instrument | None) -> None:
        self.is_known = instrument is not None
        self.are_shares = instrument is not None and not instrument.is_derivative
        self.costs: list[Charges] = []
        self.paid = _NOTHING
        self.orders: list[tuple[Side, int]] = []


def day_lines(state: State, find: Find, traded: DayTrades) -> list[NoteLine]:
    """Return the day's trades, a line for each position."""
    lines = []
    for key, position in state.positions.items():
        of = traded.by_position.get(key)
        # What was converted trades in another product, and its orders have paid in this one.
        if of is not None or position.day_buy_value or position.day_sell_value or position.day_exercised:
            instrument = find(position.instrument)
            if instrument is not None:
                lines.append(_line(instrument, position, of))
    return lines


def _booked(state: State, traded: DayTrades, day: date, book: ChargeBook) -> Charges:
    """Return what the day's trades and exercises have paid."""
    booked = total_of([of.paid for of in traded.by_position.values()])
    for position in state.positions.values():
        if position.day_exercised:
            booked = booked.plus(Charges(stt=book.exercise_stt(day, position.day_exercised)))
    return booked


def total_of(costs: Iterable[Charges]) -> Charges:
    """Return all of the costs together, part by part."""
    brokerage = stt = exchange = ipft = sebi = stamp = gst = services = 0
    for cost in costs:
        # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
        parts: tuple[int, int, int, int, int, int, int, int] = _take_apart(cost)
        brokerage, stt, exchange, ipft = (
            brokerage + parts[0],
            stt + parts[1],
            exchange + parts[2],
            ipft + parts[3],
        )
        sebi, stamp, gst, services = sebi + parts[4], stamp + parts[5], gst + parts[6], services + parts[7]
    return Charges(brokerage, stt, exchange, ipft, sebi, stamp, gst, services)


def _line(instrument: Instrument, position: Position, of: _Trades | None) -> NoteLine:
    sums = Sums(
        position.day_buy_quantity, position.day_buy_value, position.day_sell_quantity, position.day_sell_value
    )
    product, exercised = Product(position.product), position.day_exercised
    if of is None:
        return NoteLine.of(instrument, product, sums, exercised=exercised)
    paid = of.paid.brokerage
    return NoteLine.of(instrument, product, sums, brokerage=paid, exercised=exercised, orders=of.orders)

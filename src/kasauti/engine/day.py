"""The life of a trading day: square-off, the end of day orders, expiry, and the closing of the books."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import lru_cache, partial
from typing import Protocol

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.charges import Charges
from kasauti.domain.commands import Command, PlaceOrder
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_date
from kasauti.domain.order import SQUARE_OFF, OrderType, Product, Side, position_key
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.rules import Rules
from kasauti.exchange.calendar import Segment, segment
from kasauti.exchange.charge_class import charge_class
from kasauti.exchange.contract_note import NoteLine, contract_note

_SETTLEMENT_PROFILE = "settlement/1"
#: How the ids of shares begin: they do not expire.
_SHARES = (f"{Exchange.NSE}:", f"{Exchange.BSE}:")


class Desk(Protocol):
    """What the jobs of a day need of the engine."""

    state: State
    board: Board

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Make an event history."""

    def send(
        self, command: Command, at: int, cause: str, strategy: str = "", *, forced: bool = False
    ) -> str | None:
        """Decide a command and hand it to the venue."""

    def end(self, event: ev.OrderExpired | ev.OrderCancelled, cause: str, at: int) -> None:
        """End an order without asking the venue."""

    def end_venue_day(self, at: int) -> None:
        """Have the venue end its day."""


@lru_cache(maxsize=8)
def _segments(universe: Universe) -> tuple[Segment, ...]:
    """Return the segments in which anything of a universe trades: it is the same one every day."""
    return tuple(sorted({segment(i) for i in universe if i.kind is not Kind.INDEX}))


class DayJobs:
    """The account's own jobs of one day, each run once: what has run is in the log."""

    def __init__(self, desk: Desk, rules: Rules, day: date) -> None:
        self._desk = desk
        self._rules = rules
        self._day = day
        self._segments = _segments(desk.board.universe)

    def schedule(self, agenda: Agenda) -> tuple[int, int]:
        """
        Put every job on the agenda; one that should have run while nobody was here runs first, and late.

        Returns when the first segment opens and the last one closes.
        """
        begins, ends = [], []
        for each in self._segments:
            session = self._rules.calendar.session(self._day, each)
            if session is None:
                continue
            begins.append(session.open)
            ends.append(session.close)
            due = self._rules.calendar.square_off(self._day, each)
            self._once(agenda, due, f"square_off:{each}", partial(self._square_off, each))
            leftovers, retry = partial(self._close_leftovers, each), partial(self._square_off, each)
            if self._leftovers():
                agenda.every(NS_PER_MINUTE, session.open + NS_PER_MINUTE, due - 1, Rank.ACCOUNT, leftovers)
            agenda.every(NS_PER_MINUTE, due + NS_PER_MINUTE, session.close - 1, Rank.ACCOUNT, retry)
            last_trade = self._expiring_close(each, session.close)
            if last_trade < session.close:
                self._once(agenda, last_trade, f"expiry:{each}", partial(self._settle_expired, each))
            self._once(agenda, session.close, f"close:{each}", partial(self._end_session, each))
        assert ends, "a trading day has a session for every segment that trades"
        self._once(agenda, max(ends), "day_close", partial(self.close_books, "timer:day_close"))
        return min(begins), max(ends)

    def look_back(self, at: int) -> None:
        """
        Halt trading over a contract that expired before today: its settlement price went by unseen.

        And over one that this market does not have: it has no price here, and its expiry would go by unseen.
        """
        for position in self._held():
            instrument = self._in_segment(position.instrument)
            if instrument is None and not position.instrument.startswith(_SHARES):
                message = (
                    f"{position.instrument} is held, and is not in this market: it cannot be closed here"
                )
                self._desk.record(ev.TradingHalted(message), "timer:day_open", at)
            elif instrument is not None and instrument.expiry is not None and instrument.expiry < self._day:
                message = (
                    f"{instrument.id} expired on {instrument.expiry} and was not settled; nobody was here"
                )
                self._desk.record(ev.TradingHalted(message), "timer:day_open", at)

    def _expiring_close(self, which: Segment, close: int) -> int:
        """Return when contracts that expire today stop trading: with their segment, or earlier."""
        expiring = [i for i in self._desk.board.universe.expiring(self._day) if segment(i) is which]
        calendar = self._rules.calendar
        return min((calendar.close_of(i, self._day) or close for i in expiring), default=close)

    def _once(self, agenda: Agenda, due: int, name: str, job: Callable[[int], None]) -> None:
        def run(moment: int) -> None:
            if name not in self._desk.state.timers:
                self._desk.record(ev.TimerFired(name, due), f"timer:{name}", moment)
                job(moment)

        agenda.add(due, Rank.ACCOUNT, run)

    def _in_segment(self, instrument_id: str) -> Instrument | None:
        return self._desk.board.universe.find(instrument_id)

    def _square_off(self, which: Segment, at: int) -> None:
        """Cancel what is open intraday and trade what is held back to flat; tried each minute until it is."""
        desk, cause = self._desk, "timer:square_off"
        for order in desk.state.working_orders():
            instrument = self._in_segment(order.instrument)
            if order.product is not Product.MIS or instrument is None or segment(instrument) is not which:
                continue
            if order.tag != SQUARE_OFF:
                desk.end(ev.OrderCancelled(order.order_id, "intraday square-off"), cause, at)
        self._flatten_all(self._held(), which, at)

    def _close_leftovers(self, which: Segment, at: int) -> None:
        """Trade to flat what a day before could not close, as soon as there are prices."""
        self._flatten_all(self._leftovers(), which, at)

    def _leftovers(self) -> list[Position]:
        """Return the intraday positions that were not opened today."""
        books = self._desk.state.books.values()
        found = []
        for position in self._held():
            key = position_key(position.instrument, position.product)
            owned = [position, *(book[key] for book in books if key in book)]
            before = any(own.quantity and ist_date(own.opened_at) < self._day for own in owned)
            if before and position.product == Product.MIS:
                found.append(position)
        return found

    def _flatten_all(self, positions: Iterable[Position], which: Segment, at: int) -> None:
        for position in positions:
            instrument = self._in_segment(position.instrument)
            if position.product == Product.MIS and instrument is not None and segment(instrument) is which:
                self._flatten(position, at, "timer:square_off")

    def _flatten(self, position: Position, at: int, cause: str) -> None:
        """Send a market order for each strategy's part of a position, and one for the rest."""
        key = position_key(position.instrument, position.product)
        parts = {name: book[key].quantity for name, book in self._desk.state.books.items() if key in book}
        parts[""] = position.quantity - sum(parts.values())
        closing = {
            order.strategy
            for order in self._desk.state.working_orders()
            if order.tag == SQUARE_OFF and order.position_key == key
        }
        for strategy, quantity in parts.items():
            if strategy in closing:
                continue
            side, product = Side.SELL if quantity > 0 else Side.BUY, Product(position.product)
            for part in self._pieces(position.instrument, abs(quantity)):
                command = PlaceOrder(
                    position.instrument, side, part, OrderType.MARKET, product, tag=SQUARE_OFF
                )
                self._desk.send(command, at, cause, strategy, forced=True)

    def _pieces(self, instrument_id: str, quantity: int) -> Iterator[int]:
        """Cut a quantity into orders that the exchange takes."""
        instrument = self._in_segment(instrument_id)
        assert instrument is not None, "what is squared off is in the session"
        most = instrument.freeze_quantity // instrument.lot_size * instrument.lot_size or quantity
        while quantity:
            part = min(most, quantity)
            quantity -= part
            yield part

    def _held(self) -> list[Position]:
        """Return what the account holds, or its strategies hold against each other."""
        state = self._desk.state
        by_strategies = {key for book in state.books.values() for key, own in book.items() if own.quantity}
        return [
            position for key, position in state.positions.items() if position.quantity or key in by_strategies
        ]

    def _end_session(self, which: Segment, at: int) -> None:
        """Let the day's orders lapse, then settle what expired."""
        for order in self._desk.state.working_orders():
            instrument = self._in_segment(order.instrument)
            if instrument is None or segment(instrument) is which:
                lapsed = ev.OrderExpired(order.order_id, "a DAY order lapses at the close")
                self._desk.end(lapsed, "timer:close", at)
        self._settle_expired(which, at)

    def _settle_expired(self, which: Segment, at: int) -> None:
        """Close what expired today, and the orders on it."""
        for order in self._desk.state.working_orders():
            if self._expires_today(order.instrument, which):
                lapsed = ev.OrderExpired(order.order_id, "the contract has expired")
                self._desk.end(lapsed, "timer:close", at)
        for position in self._held():
            instrument = self._in_segment(position.instrument)
            if instrument is not None and self._expires_today(position.instrument, which):
                self._settle(position, instrument, at)

    def _expires_today(self, instrument_id: str, which: Segment) -> bool:
        instrument = self._in_segment(instrument_id)
        return instrument is not None and instrument.expiry == self._day and segment(instrument) is which

    def _settle(self, position: Position, instrument: Instrument, at: int) -> None:
        """Close an expired index contract in cash, at what the underlying's last price makes it worth."""
        board = self._desk.board
        mark = board.mark(instrument.underlying)
        if not mark or not instrument.on_index:
            why = (
                "its underlying has no price"
                if not mark
                else "stock contracts are delivered, not paid in cash"
            )
            message = f"{instrument.id} expired and cannot be settled: {why}"
            self._desk.record(ev.TradingHalted(message), "timer:close", at)
            return
        price = settlement_price(instrument, mark)
        stt = 0
        if instrument.is_option and position.quantity > 0 and price:
            stt = self._rules.charges.exercise_stt(self._day, price * position.quantity)
        known = board.quote(board.universe.slot(instrument.underlying)).at
        evidence = Evidence(
            Source.SETTLEMENT, Rule.SETTLED, known, price, _SETTLEMENT_PROFILE, order_price=mark
        )
        event = ev.PositionSettled(
            instrument.id, Product(position.product), position.quantity, price, Charges(stt=stt), evidence
        )
        self._desk.record(event, "timer:close", at)

    def close_books(self, cause: str, at: int) -> None:
        """Close the books: the day's contract note rounds once what each trade rounded for itself."""
        self._desk.end_venue_day(at)
        state, board = self._desk.state, self._desk.board
        marks = {each.instrument: mark for each in state.held if (mark := board.mark(each.instrument))}
        note = contract_note(self._note_lines(), self._day, self._rules.charges)
        booked = _sum_charges(
            order.charges for order in state.orders.values() if order.instrument in board.universe
        )
        for position in state.positions.values():
            if position.day_exercised:
                stt = self._rules.charges.exercise_stt(self._day, position.day_exercised)
                booked = booked.plus(Charges(stt=stt))
        self._desk.record(ev.DayClosed(self._day.isoformat(), marks, note.minus(booked)), cause, at)

    def _note_lines(self) -> list[NoteLine]:
        """Return the day's turnover by exchange and charge class."""
        state, universe = self._desk.state, self._desk.board.universe
        lines = []
        brokerage: dict[str, int] = defaultdict(int)
        for order in state.orders.values():
            brokerage[order.position_key] += order.charges.brokerage
        for key, position in state.positions.items():
            instrument = universe.find(position.instrument)
            turnover = position.day_buy_value + position.day_sell_value
            if instrument is None or not (turnover or position.day_exercised):
                continue
            lines.append(
                NoteLine(
                    exchange=instrument.exchange,
                    charge_class=charge_class(instrument, Product(position.product)),
                    name=instrument.name,
                    buy_turnover=position.day_buy_value,
                    sell_turnover=position.day_sell_value,
                    exercised=position.day_exercised,
                    brokerage=brokerage[key],
                )
            )
        return lines


def settlement_price(instrument: Instrument, mark: int) -> int:
    """Return what one unit of an expired contract is worth when its underlying settles at `mark`."""
    if instrument.kind is Kind.CALL:
        return max(0, mark - instrument.strike)
    if instrument.kind is Kind.PUT:
        return max(0, instrument.strike - mark)
    return mark


def _sum_charges(all_charges: Iterable[Charges]) -> Charges:
    total = Charges()
    for charges in all_charges:
        total = total.plus(charges)
    return total

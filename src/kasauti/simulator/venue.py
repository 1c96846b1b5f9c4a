"""The simulated exchange: orders arrive after their latency and meet what stands there then."""

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import NamedTuple

from kasauti.domain.board import Board
from kasauti.domain.evidence import Evidence, Source
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Order, Side, Status, Validity
from kasauti.domain.reports import (
    Cancelled,
    Filled,
    Modified,
    ModifyRefused,
    Opened,
    Report,
    Triggered,
)
from kasauti.ports import LatencyModel, SlippageModel
from kasauti.simulator.bars import match_bar
from kasauti.simulator.book import Book, Resting
from kasauti.simulator.fills import FillModel, Match, has_book
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, Interest

# Looked up once: a member of an enum costs a function call.
_BUY, _IOC = Side.BUY, Validity.IOC
_SUBMITTED, _TRIGGER_PENDING = Status.SUBMITTED, Status.TRIGGER_PENDING
_PRINT, _BAR = Source.PRINT, Source.BAR

#: After every moment.
NEVER = 2**63 - 1


class _New(NamedTuple):
    slot: int
    order: Resting


class _Change(NamedTuple):
    order_id: str
    quantity: int
    price: int
    trigger_price: int


class _Cancel(NamedTuple):
    order_id: str
    reason: str


_Request = _New | _Change | _Cancel


class SimulatedVenue:
    """
    An exchange for one account.

    Takes recorded orders, holds them for their latency, matches them by a fill model against the board and
    what comes after, and answers with reports. It holds no money and knows no rules: what reaches it has
    passed them. `stale_after_ns` is the age at which a standing quote no longer counts.
    """

    def __init__(
        self,
        board: Board,
        model: FillModel,
        slippage: SlippageModel,
        latency: LatencyModel,
        *,
        stale_after_ns: int,
    ) -> None:
        self.interest = Interest(len(board.universe))
        self._board = board
        self._model = model
        self._slippage = slippage
        self._latency = latency
        self._stale_after_ns = stale_after_ns
        self._books: dict[int, Book] = {}
        self._resting: dict[str, tuple[int, Resting]] = {}
        #: When the next order or request arrives, `NEVER` if none is on its way.
        self.due = NEVER
        self._way: list[tuple[int, int, _Request]] = []
        self._count = 0
        self._reports: list[Report] = []

    # What the account asks for.

    def submit(self, order: Order, at: int) -> None:
        """Put an order on its way."""
        slot = self._board.universe.slot(order.instrument)
        self._send(order.order_id, at, _New(slot, self._resting_order(order)))

    def modify(self, order: Order, quantity: int, price: int, trigger_price: int, at: int) -> None:
        """Put a request for new terms on its way."""
        self._send(order.order_id, at, _Change(order.order_id, quantity, price, trigger_price))

    def cancel(self, order: Order, reason: str, at: int) -> None:
        """Put a cancellation on its way."""
        self._send(order.order_id, at, _Cancel(order.order_id, reason))

    def _send(self, order_id: str, at: int, request: _Request) -> None:
        self._count += 1
        heappush(self._way, (at + self._latency.entry_ns(order_id), self._count, request))
        self.due = self._way[0][0]

    def forget(self, order: Order) -> None:
        """Drop an order that ended without the venue: its validity ran out."""
        held = self._resting.get(order.order_id)
        if held is not None:
            self._drop(*held)

    def restore(self, order: Order) -> None:
        """
        Take a working order up again after a restart.

        Where it stood in its queue is not known any more, so it joins at the end of what is displayed.
        """
        slot = self._board.universe.slot(order.instrument)
        resting = self._resting_order(order)
        quote = self._board.quote(slot)
        resting.arrived_at, resting.fresh = order.rested_at, quote.fresh
        self._rest(slot, resting, quote)

    # What the market brings.

    def advance(self, to: int) -> Sequence[Report]:
        """Let what is due until `to` arrive."""
        while self.due <= to:
            now, _, request = heappop(self._way)
            self.due = self._way[0][0] if self._way else NEVER
            if type(request) is _New:
                self._arrive(request.slot, request.order, now)
            elif type(request) is _Cancel:
                self._cancel(request.order_id, request.reason, now)
            elif type(request) is _Change:
                self._change(request, now)
        return self._answer()

    def on_quote(self, slot: int, quote: Quote) -> Sequence[Report]:
        """Match what rests in `slot` against a new tick: takers, then stops, then limits, by priority."""
        book = self._books.get(slot)
        if book is None:
            return ()
        book.liquidity.see(quote)
        for order in list(book.takers):
            self._take(slot, book, order, quote)
        for order in [stop for stop in book.stops if _is_reached(stop, quote)]:
            self._wake(slot, book, order, quote)
        for side in (book.buys, book.sells):
            self._match_side(slot, book, side, quote)
        self._watch(slot, book)
        return self._answer()

    def on_candle(self, slot: int, candle: Candle) -> Sequence[Report]:
        """Match what rests in `slot` against a bar that has ended."""
        book = self._books.get(slot)
        if book is None:
            return ()
        end = candle.start + candle.seconds * 1_000_000_000
        for order, match, woke in match_bar(book, candle, self._model):
            if woke:
                self._reports.append(Triggered(order.order_id, end, match.evidence_price))
                book.remove(order)
                order.trigger = 0
                book.add(order)
            if match.quantity:
                self._fill(slot, book, order, match, end, candle.start)
        self._watch(slot, book)
        return self._answer()

    # How an order lives here.

    def _resting_order(self, order: Order) -> Resting:
        asleep = order.status is _SUBMITTED or order.status is _TRIGGER_PENDING
        return Resting(
            order.order_id,
            order.side is _BUY,
            order.price if order.order_type.has_limit else 0,
            order.trigger_price if asleep else 0,
            order.quantity,
            order.quantity - order.filled,
            order.validity is _IOC,
            self._count,
        )

    def _arrive(self, slot: int, order: Resting, now: int) -> None:
        quote = self._board.quote(slot)
        order.arrived_at, order.fresh = now, quote.fresh
        book = self._book(slot, quote)
        before = len(self._reports)
        if not order.trigger and quote.at >= now - self._stale_after_ns and has_book(quote):
            for match in self._model.take(order, quote, book.liquidity):
                self._fill(slot, book, order, match, now, quote.at)
            if order.leaves == 0:
                return
            if order.ioc:
                self._reports.append(
                    Cancelled(order.order_id, now, "IOC: what did not trade at once is cancelled")
                )
                return
        self._rest(slot, order, quote)
        opened = Opened(order.order_id, now, trigger_pending=bool(order.trigger), queue_ahead=order.queue)
        self._reports.insert(before, opened)

    def _rest(self, slot: int, order: Resting, quote: Quote) -> None:
        book = self._book(slot, quote)
        order.queue = self._model.queue_ahead(order, quote) if order.limit and not order.trigger else 0
        book.add(order)
        self._resting[order.order_id] = (slot, order)
        self._watch(slot, book)

    def _stands(self, quote: Quote, now: int) -> bool:
        return has_book(quote) and quote.at >= now - self._stale_after_ns

    def _take_now(self, slot: int, book: Book, order: Resting, quote: Quote, now: int) -> None:
        for match in self._model.take(order, quote, book.liquidity):
            self._fill(slot, book, order, match, now, quote.at)

    def _take(self, slot: int, book: Book, order: Resting, quote: Quote) -> None:
        self._take_now(slot, book, order, quote, quote.at)
        if order.leaves and order.ioc:
            self._drop(slot, order)
            self._reports.append(
                Cancelled(order.order_id, quote.at, "IOC: what did not trade at once is cancelled")
            )

    def _wake(self, slot: int, book: Book, order: Resting, quote: Quote) -> None:
        self._reports.append(Triggered(order.order_id, quote.at, quote.last))
        book.remove(order)
        order.trigger, order.fresh = 0, quote.fresh
        if has_book(quote):
            self._take_now(slot, book, order, quote, quote.at)
        if order.leaves:
            order.queue = self._model.queue_ahead(order, quote) if order.limit else 0
            book.add(order)

    def _match_side(self, slot: int, book: Book, side: list[Resting], quote: Quote) -> None:
        watchful = self._model.watches_every_tick
        for order in reversed(side.copy()) if side else ():
            matches = self._model.rest(order, quote, book.liquidity)
            if not matches and not watchful:
                return
            for match in matches:
                self._fill(slot, book, order, match, quote.at, quote.at)
            if order.leaves and order.ioc:
                self._cancel(order.order_id, "IOC: what did not trade at once is cancelled", quote.at)

    def _fill(self, slot: int, book: Book, order: Resting, match: Match, now: int, evidence_at: int) -> None:
        price, slip = match.price, 0
        if match.source is _PRINT or match.source is _BAR:
            price, slip = self._slipped(slot, order, match)
            if match.source is _PRINT:
                book.liquidity.take_print(match.quantity)
        else:
            book.liquidity.take(match.evidence_price, match.quantity, buys=order.buys)
        evidence = Evidence(
            match.source,
            match.rule,
            evidence_at,
            match.evidence_price,
            self._model.profile,
            match.shown,
            match.taken,
            match.level,
            match.queue,
            slip,
            match.price,
        )
        order.leaves -= match.quantity
        self._reports.append(Filled(order.order_id, now, match.quantity, price, evidence))
        if order.leaves == 0 and order.order_id in self._resting:
            del self._resting[order.order_id]
            book.remove(order)

    def _slipped(self, slot: int, order: Resting, match: Match) -> tuple[int, int]:
        """Return the price of a taker on a print or bar, and how much worse than the match that is."""
        if match.rule.is_passive:
            return match.price, 0
        instrument = self._board.universe[slot]
        slip = self._slippage.slip(instrument, match.price, match.quantity)
        if order.limit:
            slip = min(slip, abs(order.limit - match.price))
        if not order.buys:
            slip = max(0, min(slip, match.price - instrument.tick_size))
        return (match.price + slip if order.buys else match.price - slip), slip

    def _change(self, request: _Change, now: int) -> None:
        order_id, quantity = request.order_id, request.quantity
        held = self._resting.get(order_id)
        if held is None:
            self._reports.append(
                ModifyRefused(order_id, now, "the order was no longer open when the change arrived")
            )
            return
        slot, order = held
        leaves = quantity - (order.quantity - order.leaves)
        if leaves <= 0:
            traded = order.quantity - order.leaves
            self._reports.append(
                ModifyRefused(
                    order_id, now, f"{traded} units have traded already, the new quantity is {quantity}"
                )
            )
            return
        new_limit = request.price if order.limit else 0
        new_trigger = request.trigger_price if order.trigger else 0
        keeps = new_limit == order.limit and new_trigger == order.trigger and leaves <= order.leaves
        quote = self._board.quote(slot)
        book = self._book(slot, quote)
        book.remove(order)
        order.quantity, order.leaves = quantity, leaves
        order.limit, order.trigger = new_limit, new_trigger
        if not keeps:
            self._count += 1
            order.priority, order.arrived_at, order.fresh = self._count, now, quote.fresh
            order.queue = self._model.queue_ahead(order, quote) if order.limit and not order.trigger else 0
        book.add(order)
        self._reports.append(
            Modified(
                order_id,
                now,
                quantity,
                request.price,
                request.trigger_price,
                kept_priority=keeps,
                queue_ahead=order.queue,
            )
        )
        if not keeps and not order.trigger and self._stands(quote, now):
            self._take_now(slot, book, order, quote, now)
        self._watch(slot, book)

    def _cancel(self, order_id: str, reason: str, now: int) -> None:
        held = self._resting.get(order_id)
        if held is not None:
            self._drop(*held)
            self._reports.append(Cancelled(order_id, now, reason))

    def _drop(self, slot: int, order: Resting) -> None:
        self._resting.pop(order.order_id, None)
        book = self._books[slot]
        book.remove(order)
        self._watch(slot, book)

    def _book(self, slot: int, quote: Quote) -> Book:
        book = self._books.get(slot)
        if book is None:
            book = self._books[slot] = Book(quote)
        return book

    def _watch(self, slot: int, book: Book) -> None:
        always = bool(book.takers) or (bool(book) and self._model.watches_every_tick)
        self.interest.set(slot, book.low_wake(NEVER_LOW), book.high_wake(NEVER_HIGH), always=always)

    def _answer(self) -> Sequence[Report]:
        reports, self._reports = self._reports, []
        return reports


def _is_reached(stop: Resting, quote: Quote) -> bool:
    if not quote.last or quote.fresh <= stop.fresh:
        return False
    return quote.last >= stop.trigger if stop.buys else quote.last <= stop.trigger

"""A simulated exchange with its own limits and auctions: price protection, circuit breaker, call auctions."""

from collections.abc import Mapping, Sequence
from datetime import date

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.events import ModifyRequested
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Order, Side
from kasauti.domain.reports import Cancelled, ModifyRefused, Opened, Rejected, Report, Triggered
from kasauti.exchange.auctions import Auction, Auctions
from kasauti.ports import LatencyModel, SlippageModel
from kasauti.simulator.auction import is_met, meet
from kasauti.simulator.book import Book, Resting, taken_up
from kasauti.simulator.fills import FillModel
from kasauti.simulator.interest import Interest
from kasauti.simulator.surveillance import Surveillance
from kasauti.simulator.transit import NEVER, Transit
from kasauti.simulator.venue import SimulatedVenue

_BUY = Side.BUY


class SupervisedVenue(SimulatedVenue):
    """A simulated exchange under the limits of `surveillance`."""

    def __init__(
        self,
        board: Board,
        model: FillModel,
        slippage: SlippageModel,
        latency: LatencyModel,
        *,
        stale_after_ns: int,
        surveillance: Surveillance,
        auctions: Auctions | None = None,
        interest: Interest | None = None,
    ) -> None:
        super().__init__(board, model, slippage, latency, stale_after_ns=stale_after_ns, interest=interest)
        self._surveillance = surveillance
        self.auctions = auctions
        #: Auctions that have met: (slot, when they matched).
        self._met: set[tuple[int, int]] = set()
        #: Slots whose orders wait for an auction: its price may be any, so every tick is looked at.
        self._waiting: set[int] = set()
        #: Until when nothing trades, and why.
        self._stopped_until, self._why_stopped = 0, ""

    def begin_day(self, day: date, closes: Mapping[str, int]) -> None:
        """Take up the limits of a day; `closes` are the last closes of the market's indices by id."""
        self._stopped_until = 0
        self._met.clear()
        self._waiting.clear()
        self._surveillance.begin_day(day, closes)
        self._watch_indices()

    def _watch_indices(self) -> None:
        for slot, (low, high) in self._surveillance.levels.items():
            self.interest.set(slot, low, high, always=False, part=self._part)

    def stop(self, until: int, why: str, at: int) -> None:
        """Cancel all that rests, and reject what arrives before `until`."""
        self._stopped_until, self._why_stopped = until, why
        for order_id in list(self._resting):
            self._cancel(order_id, why, at)

    def forget_all(self) -> None:
        """Drop every order, whatever became of it elsewhere."""
        for order in list(self._resting.values()):
            self._drop(order)
        self._transit = Transit()
        self.due = NEVER

    def on_quote(self, slot: int, quote: Quote) -> Sequence[Report]:
        """Match what rests in `slot` against a new tick; one of an index may stop the market."""
        if slot in self._surveillance.levels:
            self._index_moved(slot, quote.last, quote.at)
            return self._answer()
        auction = self._auction(slot, quote.at)
        return super().on_quote(slot, quote) if auction is None else self._in_auction(auction, slot, quote)

    def _auction(self, slot: int, at: int) -> Auction | None:
        auctions = self.auctions
        if auctions is None or auctions.calm_from <= at < auctions.calm_to:
            return None
        return auctions.at(self._board.universe[slot], at)

    def _in_auction(self, auction: Auction, slot: int, quote: Quote) -> Sequence[Report]:
        """Let an auction's orders meet at its first trade; nothing else trades while it lasts."""
        book, key = self._books.get(slot), (slot, auction.matches)
        if book is None or key in self._met or quote.at < auction.matches or not is_met(quote):
            return ()
        self._met.add(key)
        book.liquidity.see(quote)
        for order, match in list(meet(book, quote, self._model)):
            self._fill(book, order, match, quote.at, quote.at, quote.fresh)
        for order in [taker for taker in book.takers if not taker.limit]:
            order.limit = quote.last
            self._come_to_rest(book, order, quote)
        self._waiting.discard(slot)
        self._watch(slot, book)
        return self._answer()

    def begin_auction(self, at: int) -> None:
        """Have what stands in instruments that are in an auction from now on wait for it."""
        for slot in {order.slot for order in self._resting.values()}:
            self._wait(slot, at)

    def _wait(self, slot: int, at: int) -> None:
        if self._auction(slot, at) is not None:
            self._waiting.add(slot)
            self._watch(slot, self._books[slot])

    def _watch(self, slot: int, book: Book) -> None:
        super()._watch(slot, book)
        if slot in self._waiting and book:
            self.interest.watch(slot, self._part)

    def restore(self, orders: Sequence[Order], at: int) -> None:
        """Take working orders up again after a restart at `at`, those of an auction too."""
        super().restore(orders, at)
        self.begin_auction(at)

    def on_candle(self, slot: int, candle: Candle) -> Sequence[Report]:
        """Match what rests in `slot` against a bar that has ended; an index likewise."""
        if slot in self._surveillance.levels:
            at = candle.start + candle.seconds * 1_000_000_000
            self._index_moved(slot, candle.low, at)
            self._index_moved(slot, candle.high, at)
            return self._answer()
        return super().on_candle(slot, candle)

    def first_bar(self, slot: int, grid: BarGrid, start: int) -> int:
        """Return the number of the first moment from `start` on whose bar matters here, else their count."""
        level = self._surveillance.levels.get(slot)
        place = grid.places.get(slot)
        if level is None or place is None:
            return super().first_bar(slot, grid, start)
        low, high = level
        hits = (grid.low[place, start:] <= low) | (grid.high[place, start:] >= high)
        if grid.present is not None:
            hits &= grid.present[place, start:]
        number = int(hits.argmax()) if len(hits) else 0
        return start + number if len(hits) and hits[number] else len(grid)

    def _index_moved(self, slot: int, price: int, at: int) -> None:
        stopped = self._surveillance.on_index(slot, price, at)
        if stopped is not None:
            halt, why = stopped
            self.stop(NEVER if halt.resumes is None else halt.resumes, why, at)
        self._watch_indices()

    def _arrive(self, new: Order, now: int) -> None:
        if now < self._stopped_until:
            self._reports.append(Rejected(new.order_id, now, self._why_stopped))
            return
        auction = self._auction(self._slots[new.instrument], now)
        if auction is not None:
            self._join_auction(auction, new, now)
            return
        if new.price and not new.trigger_price:
            slot = self._slots[new.instrument]
            last = self._board.quote(slot).last
            refused = self._surveillance.refuses(slot, new.price, last, buys=new.side is _BUY)
            if refused:
                self._reports.append(Rejected(new.order_id, now, refused))
                return
        super()._arrive(new, now)

    def _join_auction(self, auction: Auction, new: Order, now: int) -> None:
        """Have a new order wait for the auction to meet, if it still takes any."""
        phase = auction.phase_at(now)
        if phase is None or new.order_type not in phase.takes:
            refused = self._surveillance.takes_none(new.order_type)
            self._reports.append(Rejected(new.order_id, now, refused))
            return
        slot = self._slots[new.instrument]
        quote, order = self._board.quote(slot), taken_up(new, slot)
        self._come(order, now, quote)
        self._waiting.add(slot)
        self._rest(order, quote, self._books[slot])
        self._reports.append(Opened(new.order_id, now))

    def _wake(self, book: Book, order: Resting, quote: Quote) -> None:
        refused = order.limit and self._surveillance.refuses(
            order.slot, order.limit, quote.last, buys=order.buys
        )
        if not refused:
            super()._wake(book, order, quote)
            return
        self._reports.append(Triggered(order.order_id, quote.at, quote.last))
        book.remove(order)
        del self._resting[order.order_id]
        self._reports.append(Cancelled(order.order_id, quote.at, refused))

    def _may_take(self, slot: int, quote: Quote, now: int) -> bool:
        """What is in a call auction waits for it to meet."""
        return self._auction(slot, now) is None and super()._may_take(slot, quote, now)

    def _change(self, request: ModifyRequested, now: int) -> None:
        order, kind = self._resting.get(request.order_id), request.order_type
        stands = order is not None and request.price and (not kind.has_trigger if kind else not order.trigger)
        if order is not None and stands and (request.price != order.limit or order.trigger):
            last = self._board.quote(order.slot).last
            refused = self._surveillance.refuses(order.slot, request.price, last, buys=order.buys)
            if refused:
                self._reports.append(ModifyRefused(order.order_id, now, refused))
                return
        super()._change(request, now)

"""The simulated exchange: orders arrive after their latency and meet what stands there then."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.events import ModifyRequested
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
from kasauti.exchange.auctions import Auctions
from kasauti.ports import LatencyModel, SlippageModel
from kasauti.simulator.bars import first_reached, lone_match, match_bar
from kasauti.simulator.book import UNSEEN, Book, Resting, taken_up
from kasauti.simulator.changes import GONE, cannot_change, change
from kasauti.simulator.entry import OrderEntry
from kasauti.simulator.fills import Depth, FillModel, taken_whole
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, NOWHERE, Interest
from kasauti.simulator.match import Match
from kasauti.simulator.slippage import slipped
from kasauti.simulator.sweeping import within_reach
from kasauti.simulator.transit import Cancellation

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_BUY: Final = Side.BUY
_IOC: Final = Validity.IOC
_SUBMITTED: Final = Status.SUBMITTED
_OPEN: Final = Status.OPEN
_PRINT: Final = Source.PRINT
_BAR: Final = Source.BAR
_FILLED: Final = Filled
_OPENED: Final = Opened
_ORDER: Final = Order
_EVIDENCE: Final = Evidence

_ONE_CHANCE: Final = "IOC: what did not trade at once is cancelled"


class SimulatedVenue(OrderEntry):
    """
    An exchange for one account.

    Takes recorded orders, holds them for their latency, matches them by a fill model against the board and
    what comes after, and answers with reports. It holds no money and knows no rules: what reaches it has
    passed them. `stale_after_ns` is the age at which a standing quote no longer counts; `interest` is another
    venue's, to be shared.
    """

    def __init__(
        self,
        board: Board,
        model: FillModel,
        slippage: SlippageModel,
        latency: LatencyModel,
        *,
        stale_after_ns: int,
        interest: Interest | None = None,
    ) -> None:
        super().__init__(latency)
        self.interest = interest or Interest(len(board.universe), book_decides=model.book_decides)
        self._part = 0 if interest is None else interest.share()
        self._board = board
        self._slots, self._listed = board.universe.slots, list(board.universe)
        self._model = model
        self._slippage = slippage
        self._stale_after_ns = stale_after_ns
        self._books: defaultdict[int, Book] = defaultdict(Book)
        self._resting: dict[str, Resting] = {}
        self._arrivals = 0
        self._known_before = 0
        self._reports: list[Report] = []
        #: The call auctions it holds, if it holds any.
        self.auctions: Auctions | None = None
        #: What the model says of itself, asked once.
        self._takes_what_stands = model.takes_what_stands
        self._watches_every_tick, self._profile = model.watches_every_tick, model.profile
        #: How many units of an order the market is shown at a time, by its id.
        self.shown = model.shown if isinstance(model, Depth) else {}
        #: At which price the owner of a limit would have taken it back, by its id: see `match_bar`.
        self.stops: dict[str, int] = {}

    # What the account says.

    def forget(self, order: Order) -> None:
        """Drop an order that ended without the venue: its validity ran out."""
        held = self._resting.get(order.order_id)
        if held is not None:
            self._drop(held)
        self._transit.drop(order.order_id)
        self.due = self._transit.due

    def begin_day(self, day: date, closes: Mapping[str, int]) -> None:
        """Begin a day; `closes` are the last closes of indices by id. Nothing depends on them here."""

    def begin_auction(self, at: int) -> None:
        """Take note that a call auction begins; nothing depends on it here."""

    def end_day(
        self, held: Mapping[str, int], shades: Mapping[str, Mapping[str, int]], at: int
    ) -> Sequence[Report]:
        """Return what the end of a day brings; `held` is what the account holds by position key. Nothing."""
        return ()

    def restore(self, orders: Sequence[Order], at: int) -> None:
        """
        Take working orders up again after a restart at `at`.

        Where one stood in its queue is not known any more, so it joins at the end of what is displayed; of
        our own, the one that rested first is first. One that was on its way arrives when it would have, or
        now. What the board shows may have been used before, so it does not stand until it is seen again.
        """
        self._known_before = self._board.ticks
        for order in sorted(orders, key=lambda order: order.rested_at):
            if order.disclosed:
                self.shown[order.order_id] = order.disclosed
            if order.status is _SUBMITTED:
                arrives = order.placed_at + self._entry_ns(order.order_id)
                self._send(order, max(at, arrives))
            else:
                new = taken_up(order, self._slots[order.instrument])
                quote = self._board.quote(new.slot)
                self._come(new, order.rested_at, quote)
                self._rest(new, quote, self._books[new.slot])

    # What the market brings.

    def advance(self, to: int) -> Sequence[Report]:
        """Let what is due until `to` arrive."""
        transit = self._transit
        while transit.due <= to:
            now, request = transit.arrive()
            if type(request) is _ORDER:
                self._arrive(request, now)
            elif type(request) is Cancellation:
                self._cancel(request.order_id, request.reason, now)
            elif type(request) is ModifyRequested:
                self._change(request, now)
        self.due = transit.due
        reports, self._reports = self._reports, []
        return reports

    def on_quote(self, slot: int, quote: Quote) -> Sequence[Report]:
        """Match what rests in `slot` against a new tick: takers, then stops, then limits, by priority."""
        book = self._books.get(slot)
        if book is None:
            return ()
        book.liquidity.see(quote)
        for order in list(book.takers):
            self._take(book, order, quote, quote.at)
        if book.buy_stops or book.sell_stops:
            for order in book.reached(quote.last):
                if order.fresh < quote.fresh:
                    self._wake(book, order, quote)
        for side in (book.buys, book.sells):
            self._match_side(book, side, quote)
        self._watch(slot, book)
        return self._answer()

    def on_candle(self, slot: int, candle: Candle) -> Sequence[Report]:
        """Match what rests in `slot` against a bar that has ended."""
        book = self._books.get(slot)
        if book is None:
            return ()
        end = candle.start + candle.seconds * 1_000_000_000
        alone = lone_match(book, candle)
        if alone is not None:
            order, match = alone
            self._fill(book, order, match, end, candle.start)
            self._watch(slot, book)
            return self._answer()
        for order, match, woke in match_bar(book, candle, self._model, self.stops):
            if woke:
                self._reports.append(Triggered(order.order_id, end, match.evidence_price))
                book.remove(order)
                order.trigger = 0
                self._come(order, order.arrived_at, self._board.quote(slot))
                book.add(order)
            if match.quantity:
                self._fill(book, order, match, end, candle.start)
        for order in [taker for taker in book.takers if taker.arrived_at <= candle.start]:
            if order.ioc:
                self._cancel(order.order_id, _ONE_CHANCE, end)
            elif order.sweeps and not order.reaches(candle.open):
                self._come_to_rest(book, order, self._board.quote(slot))
        self._watch(slot, book)
        return self._answer()

    def first_bar(self, slot: int, grid: BarGrid, start: int) -> int:
        """Return the number of the first moment from `start` on whose bar matters here, else their count."""
        place, book = grid.places.get(slot), self._books.get(slot)
        if place is None or book is None or book.is_empty:
            return len(grid)
        return first_reached(book, grid, place, start)

    # How an order lives here.

    def _come(self, order: Resting, at: int, quote: Quote) -> None:
        """Put an order behind all others of ours; what `quote` shows was there before it."""
        self._arrivals += 1
        order.priority, order.arrived_at, order.fresh = self._arrivals, at, quote.fresh

    def _arrive(self, new: Order, now: int) -> None:
        """Match a new order against what stands; what is left of it waits."""
        slot = self._slots[new.instrument]
        quote = self._board.quote(slot)
        book, takes = self._books[slot], not new.trigger_price and self._stands(quote, now)
        if takes:
            evidence = taken_whole(new, quote, book.liquidity, self._profile)
            if evidence is not None:
                if evidence.shown:
                    self.interest.watch(slot, self._part)
                self._reports.append(_FILLED(new.order_id, now, new.quantity, evidence.price, evidence))
                return
        order, before = taken_up(new, slot), len(self._reports)
        self._come(order, now, quote)
        if takes:
            for match in self._model.take(order, quote, book.liquidity):
                self._fill(book, order, match, now, quote.at, quote.fresh)
            if order.leaves == 0:
                return
            if order.ioc:
                self._reports.append(Cancelled(order.order_id, now, _ONE_CHANCE))
                return
            order.sweeps = order.sweeps and within_reach(order, quote)
        self._rest(order, quote, book)
        opened = _OPENED(order.order_id, now, bool(order.trigger), max(0, order.queue))
        self._reports.insert(before, opened)

    def _rest(self, order: Resting, quote: Quote, book: Book) -> None:
        self._join(order, quote)
        book.add(order)
        self._resting[order.order_id] = order
        self._watch(order.slot, book)

    def _join(self, order: Resting, quote: Quote) -> None:
        """Find an order's place in the queue at its limit; without a book it is found later."""
        if order.limit and not (order.trigger or order.sweeps):
            order.queue = self._model.queue_ahead(order, quote) if quote.has_book else UNSEEN

    def _stands(self, quote: Quote, now: int) -> bool:
        return (
            self._takes_what_stands
            and quote.at >= now - self._stale_after_ns
            and quote.fresh > self._known_before
            and quote.has_book
        )

    def _may_take(self, slot: int, quote: Quote, now: int) -> bool:
        """Whether a changed order may trade at once against what `quote` shows."""
        return self._stands(quote, now)

    def _take(self, book: Book, order: Resting, quote: Quote, now: int) -> None:
        for match in self._model.take(order, quote, book.liquidity):
            self._fill(book, order, match, now, quote.at, quote.fresh)
        if order.leaves and order.ioc:
            self._cancel(order.order_id, _ONE_CHANCE, now)
        elif order.leaves and order.sweeps and not within_reach(order, quote):
            self._come_to_rest(book, order, quote)

    def _come_to_rest(self, book: Book, order: Resting, quote: Quote) -> None:
        """Make a market order that has come to its band a limit order there."""
        book.remove(order)
        order.sweeps = False
        self._join(order, quote)
        book.add(order)

    def _wake(self, book: Book, order: Resting, quote: Quote) -> None:
        self._reports.append(Triggered(order.order_id, quote.at, quote.last))
        book.remove(order)
        order.trigger = 0
        self._come(order, quote.at, quote)
        if self._takes_what_stands and quote.has_book:
            self._take(book, order, quote, quote.at)
        if order.order_id in self._resting:
            self._join(order, quote)
            book.add(order)

    def _match_side(self, book: Book, side: list[Resting], quote: Quote) -> None:
        watchful = self._watches_every_tick
        for order in reversed(side.copy()) if side else ():
            matches = self._model.rest(order, quote, book.liquidity)
            if not (matches or watchful or order.fresh == quote.fresh):
                return
            for match in matches:
                self._fill(book, order, match, quote.at, quote.at, quote.fresh)
            if order.queue == UNSEEN and order.leaves:
                book.unseen.add(order)

    def _fill(self, book: Book, order: Resting, match: Match, now: int, known: int, tick: int = 0) -> None:
        """Book a match at `now` on evidence known since `known`."""
        quantity, price, source, slip = match.quantity, match.price, match.source, 0
        if source is _PRINT or source is _BAR:
            price, slip = slipped(order, match, self._listed[order.slot], self._slippage)
            if source is _PRINT:
                book.liquidity.take_print(quantity)
        elif match.shown or match.slip:
            slip = match.slip
            price = price + slip if order.buys else price - slip
            book.liquidity.take(match.evidence_price, quantity, buys=order.buys)
            self.interest.watch(order.slot, self._part)
        evidence = _EVIDENCE(
            source, match.rule, known, match.evidence_price, self._profile, match.shown, match.taken,
            match.level, match.queue, slip, match.price, tick,
        )  # fmt: skip
        order_id = order.order_id
        order.leaves -= quantity
        self._reports.append(_FILLED(order_id, now, quantity, price, evidence))
        if order.leaves == 0 and order_id in self._resting:
            del self._resting[order_id]
            self.shown.pop(order_id, None)
            book.remove(order)

    def _change(self, request: ModifyRequested, now: int) -> None:
        order_id = request.order_id
        order = self._resting.get(order_id)
        refused = GONE if order is None else cannot_change(order, request)
        if order is None or refused:
            self._reports.append(ModifyRefused(order_id, now, refused))
            return
        slot = order.slot
        quote = self._board.quote(slot)
        book = self._books[slot]
        book.remove(order)
        keeps = change(order, request, self.shown)
        if not keeps:
            self._come(order, now, quote)
            self._join(order, quote)
        book.add(order)
        self._reports.append(
            Modified(
                order_id,
                now,
                request.quantity,
                request.price,
                request.trigger_price,
                kept_priority=keeps,
                queue_ahead=max(0, order.queue),
                band=request.band,
                order_type=request.order_type,
                validity=request.validity,
                disclosed=request.disclosed,
            )
        )
        if not keeps and not order.trigger and self._may_take(slot, quote, now):
            self._take(book, order, quote, now)
        self._watch(slot, book)

    def _cancel(self, order_id: str, reason: str, now: int) -> None:
        held = self._resting.get(order_id)
        if held is not None:
            self._drop(held)
            self._reports.append(Cancelled(order_id, now, reason))

    def _drop(self, order: Resting) -> None:
        self._resting.pop(order.order_id, None)
        self.shown.pop(order.order_id, None)
        book = self._books[order.slot]
        book.remove(order)
        self._watch(order.slot, book)

    def _watch(self, slot: int, book: Book) -> None:
        if book.is_empty and not book.liquidity.is_used:
            self.interest.set(slot, NEVER_LOW, NEVER_HIGH, always=False, last_counts=False, part=self._part)
            return
        always, sight = bool(book.takers) or book.liquidity.is_used, NOWHERE
        if self._watches_every_tick:
            in_sight = book.sight(NOWHERE)
            if in_sight is None:
                always = True
            else:
                sight = in_sight
        self.interest.set(
            slot,
            book.low_wake(NEVER_LOW),
            book.high_wake(NEVER_HIGH),
            always=always,
            last_counts=bool(book.buy_stops or book.sell_stops),
            part=self._part,
            sight=sight,
        )

    def _answer(self) -> Sequence[Report]:
        reports, self._reports = self._reports, []
        return reports

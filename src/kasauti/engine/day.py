"""The life of a trading day: square-off, the end of day orders, expiry, and the closing of the books."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache, partial

from kasauti.domain import events as ev
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import format_price
from kasauti.domain.order import Order, Status
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.disclosing import disclosed_of
from kasauti.engine.jobs import delivery
from kasauti.engine.jobs.auction import deliver_shorts
from kasauti.engine.jobs.closing import ClosingWindow
from kasauti.engine.jobs.desk import Desk, held
from kasauti.engine.jobs.expiry import Expiry
from kasauti.engine.jobs.futures import mark_futures
from kasauti.engine.jobs.interest import charge_interest
from kasauti.engine.jobs.late_bands import FuturesBand, Narrow
from kasauti.engine.jobs.margin_call import MarginCalls
from kasauti.engine.jobs.prices import SettlementPrices
from kasauti.engine.jobs.square_off import SquareOff
from kasauti.engine.rules import Rules
from kasauti.exchange.auctions import Auction, Auctions
from kasauti.exchange.calendar import Calendar, Segment, Session, segment
from kasauti.exchange.circuit_breaker import INDICES
from kasauti.exchange.day_books import closing_charges

_ONE_DAY = timedelta(days=1)
_LAPSED_LATE = "a DAY order lapses at the close; nobody was here then"
#: How the ids of shares begin: they do not expire.
_SHARES = (f"{Exchange.NSE}:", f"{Exchange.BSE}:")


@lru_cache(maxsize=2)  # a desk has another universe every day
def _segments(universe: Universe) -> tuple[Segment, ...]:
    """Return the segments in which anything of a universe trades: it is the same one every day."""
    index, share = Kind.INDEX, Kind.EQUITY  # looked up once: a chain has thousands of contracts
    # Contracts on one underlying trade together, shares one by one.
    ones = {(i.exchange, i.name, i.id if i.kind is share else ""): i for i in universe if i.kind is not index}
    return tuple(sorted({segment(i) for i in ones.values()}))


def is_trading_day(calendar: Calendar, universe: Universe, day: date) -> bool:
    """Whether anything of a universe trades on `day`: commodities do in the evening of most holidays."""
    traded = _segments(universe)
    if not traded:
        return calendar.is_trading_day(day)
    return any(calendar.session(day, each) is not None for each in traded)


class DayJobs:
    """The account's own jobs of one day, each run once: what has run is in the log."""

    def __init__(
        self,
        desk: Desk,
        rules: Rules,
        day: date,
        auctions: Auctions | None = None,
        calls: MarginCalls | None = None,
        narrow: Narrow | None = None,
    ) -> None:
        self._desk = desk
        self._calls = calls
        self._rules = rules
        self._auctions = auctions
        self._day = day
        self._segments = _segments(desk.board.universe)
        self._square_off = SquareOff(desk, day)
        self._prices = SettlementPrices(desk, rules, day, auctions)
        self._expiry = Expiry(desk, rules, day, self._prices)
        #: What is to be shown the day's market data: settlement prices are averages of it.
        self.windows: tuple[ClosingWindow, ...] = self._prices.windows
        closing = self._closing_auction(Segment.EQUITY_WITH_DERIVATIVES)
        self._band: FuturesBand | None = None
        if closing is not None and narrow is not None and not rules.broker.lenient:
            self._band = FuturesBand(desk, day, closing, narrow)
            self.windows += () if self._band.window is None else (self._band.window,)

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
            closing = self._closing_auction(each)
            close = session.close if closing is None else closing.ends
            ends.append(close)
            due = self._rules.calendar.square_off(self._day, each)
            self._once(agenda, due, f"square_off:{each}", partial(self._square_off.run, each))
            leftovers = partial(self._square_off.close_leftovers, each)
            retry = partial(self._square_off.run, each)
            if self._square_off.leftovers():
                agenda.every(NS_PER_MINUTE, session.open + NS_PER_MINUTE, due - 1, Rank.ACCOUNT, leftovers)
            agenda.every(NS_PER_MINUTE, due + NS_PER_MINUTE, session.close - 1, Rank.ACCOUNT, retry)
            last_trade = self._expiring_close(each, session.close)
            if last_trade < session.close:
                self._once(agenda, last_trade, f"expiry:{each}", partial(self._expire, each))
            if closing is not None:
                self._once(agenda, closing.begins, f"auction:{each}", partial(self._begin_auction, each))
            self._once(agenda, close, f"close:{each}", partial(self._end_session, each))
        if self._band is not None:
            self._band.schedule(agenda)
        assert ends, "a trading day has a session for every segment that trades"
        self._once(agenda, max(ends), "day_close", self._close)
        return min(begins), max(ends)

    def ends(self, day: date) -> int:
        """Return when the last session of a day closes, today with its auction; 0 if there is none."""
        closes = [session.close for session in self._sessions(day)]
        if day == self._day:
            closes += [each.ends for each in map(self._closing_auction, self._segments) if each is not None]
        return max(closes, default=0)

    def _closing_auction(self, which: Segment) -> Auction | None:
        return None if self._auctions is None else self._auctions.closing(which)

    def _begin_auction(self, which: Segment, at: int) -> None:
        """Let the orders lapse that a closing auction does not take: all but limits inside its band."""
        self._desk.begin_auction(at)
        assert self._auctions is not None, "an auction begins where there are some"
        for order in self._desk.state.working_orders():
            instrument = self._in_segment(order.instrument)
            if instrument is None or segment(instrument) is not which:
                continue
            band, limit = self._auctions.band(instrument, at), order.price or order.band
            if self._is_disclosed(order):
                lapsed = ev.OrderExpired(order.order_id, "the closing auction takes no disclosed quantity")
                self._desk.end(lapsed, "timer:close", at)
            elif order.status is not Status.OPEN or not limit:
                lapsed = ev.OrderExpired(order.order_id, "the closing auction takes limit orders that stand")
                self._desk.end(lapsed, "timer:close", at)
            elif band is not None and not band.holds(limit) and not self._rules.broker.lenient:
                why = f"{format_price(limit)} is outside the closing auction's band of {band}"
                self._desk.end(ev.OrderCancelled(order.order_id, why), "timer:close", at)

    def _is_disclosed(self, order: Order) -> bool:
        return disclosed_of(self._desk.state, order) > 0

    def _sessions(self, day: date) -> list[Session]:
        """Return the day's sessions of everything that trades in this market."""
        found = [self._rules.calendar.session(day, each) for each in self._segments]
        return [session for session in found if session is not None]

    def _close(self, at: int) -> None:
        """Settle what is due today, then close the books of the day."""
        delivery.settle(self._desk, self._rules, self._day, self.ends, at)
        self.close_books("timer:day_close", at)

    def close_late(self, at: int) -> None:
        """Close a day that nobody was here to close: its orders lapse now, its books close late."""
        for order in self._desk.state.working_orders():
            self._desk.end(ev.OrderExpired(order.order_id, _LAPSED_LATE), "timer:close late", at)
        self._desk.record(ev.TimerFired("day_close", self.ends(self._day)), "timer:day_close late", at)
        self._expiry.settle_late(at, self._day)
        for each in self._segments:
            mark_futures(self._desk, self._prices, each, at)
        delivery.settle(self._desk, self._rules, self._day, self.ends, at)
        self.close_books("timer:day_close late", at)

    def look_back(self, at: int) -> None:
        """
        Do what should have been done since the last day: deliveries, and contracts that have expired.

        A contract that this market does not have halts trading: it has no price here, and its expiry would go
        by unseen.
        """
        charge_interest(self._desk, self._rules, self._day, self._was_to_open, at)
        delivery.settle(self._desk, self._rules, self._day - _ONE_DAY, self.ends, at)
        for position in held(self._desk.state):
            known = position.instrument in self._desk.board.universe
            if not known and not position.instrument.startswith(_SHARES):
                message = (
                    f"{position.instrument} is held, and is not in this market: it cannot be closed here"
                )
                self._desk.record(ev.TradingHalted(message), "timer:day_open", at)
        self._expiry.settle_late(at)

    def _was_to_open(self, closed: date) -> int:
        """Return when the trading day after `closed` was to open; 0 where nothing of this market traded."""
        day = self._rules.calendar.next_trading_day(closed)
        return min((session.open for session in self._sessions(day)), default=0)

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

    def _end_session(self, which: Segment, at: int) -> None:
        """Let the day's orders lapse, then settle what expired."""
        for order in self._desk.state.working_orders():
            instrument = self._in_segment(order.instrument)
            if instrument is None or segment(instrument) is which:
                lapsed = ev.OrderExpired(order.order_id, "a DAY order lapses at the close")
                self._desk.end(lapsed, "timer:close", at)
        deliver_shorts(self._desk, self._rules, which, self._day, at)
        self._expire(which, at)
        mark_futures(self._desk, self._prices, which, at)

    def _expire(self, which: Segment, at: int) -> None:
        """Settle what expired; what stood beside it on its underlying is margined anew without it."""
        state = self._desk.state
        before = {(each.instrument, each.product) for each in state.held}
        self._expiry.settle(which, at)
        after = {(each.instrument, each.product) for each in state.held}
        if self._calls is not None and before - after:
            self._calls.reckon(at)

    def close_books(self, cause: str, at: int) -> None:
        """Close the books: the day's contract note and services, beyond what each trade paid for itself."""
        delivery.record_due(self._desk, self._rules, self._day, cause, at)
        self._desk.end_venue_day(at)
        state, board = self._desk.state, self._desk.board
        valued = [*INDICES, *(each.instrument for each in state.held)]
        marks = {name: mark for name in valued if (mark := board.mark(name))}
        beyond = closing_charges(state, board.universe.find, self._day, self._rules.charges)
        self._desk.record(ev.DayClosed(self._day.isoformat(), marks, beyond), cause, at)

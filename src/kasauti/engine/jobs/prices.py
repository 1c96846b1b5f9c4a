"""
What contracts settle at on one day: the exchange's own price if known, else by its rule, else the last.

Also what the closing auction's band lies around: the average of the trades before it, else the last price,
else the last close (market_rules.md 2.1).
"""

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from kasauti.domain.instrument import Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.engine.jobs.closing import ClosingWindow
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.rules import Rules
from kasauti.exchange.auctions import Auctions
from kasauti.exchange.calendar import PhaseKind, Segment, segment
from kasauti.exchange.settlement import Method

#: Where a settlement price comes from, as evidence names it.
OFFICIAL, WINDOW = "settlement/official", "settlement/closing-window"
AUCTION, LAST = "settlement/closing-auction", "settlement/last-price"
REFERENCE = "settlement/auction-reference"
OWN_LAST = "settlement/own-last-price"


class Price(NamedTuple):
    """A settlement price in money units, when it was known, and where it comes from."""

    price: int
    at: int
    basis: str


@lru_cache(maxsize=2)  # a desk has another universe every day
def futures_of(universe: Universe) -> tuple[tuple[int, Instrument], ...]:
    """Return the futures of a universe with their slots: it is the same one every day."""
    future = Kind.FUTURE  # looked up once: a chain has thousands of contracts
    return tuple((slot, each) for slot, each in enumerate(universe) if each.kind is future)


def _ends_in_auction(instrument: Instrument) -> bool:
    return instrument.kind is Kind.EQUITY and segment(instrument) is Segment.EQUITY_WITH_DERIVATIVES


class SettlementPrices:
    """The settlement prices of one day; `windows` are to be shown the day's data."""

    def __init__(self, desk: Desk, rules: Rules, day: date, auctions: Auctions | None = None) -> None:
        self._desk = desk
        self._rules = rules
        self._day = day
        self._final = self._final_window()
        self._daily = self._daily_windows()
        self._before_auction = None if auctions is None else self._auction_window(auctions)
        alone = [each for each in (self._final, self._before_auction) if each is not None]
        self.windows = (*alone, *self._daily.values())
        if auctions is not None:
            auctions.reference = self._reference

    def _final_window(self) -> ClosingWindow | None:
        """Return the window of the underlyings of what expires today, where the rule asks for one."""
        universe, calendar = self._desk.board.universe, self._rules.calendar
        slots: set[int] = set()
        minutes = 0
        for instrument in universe.expiring(self._day):
            rule = self._rules.settlement.final_price(self._day, instrument)
            if rule.method is Method.WINDOW and instrument.underlying in universe:
                slots.add(universe.slot(instrument.underlying))
                minutes = rule.minutes
        shares = calendar.session(self._day, Segment.EQUITY_WITH_DERIVATIVES) if slots else None
        if shares is None:
            return None
        return ClosingWindow(universe, slots, shares.close - minutes * NS_PER_MINUTE, shares.close)

    def _daily_windows(self) -> dict[Segment, ClosingWindow]:
        """Return the windows of the futures that may be held over night, one for each segment's close."""
        universe, settlement = self._desk.board.universe, self._rules.settlement
        slots: dict[Segment, list[int]] = {}
        for slot, instrument in futures_of(universe):
            if (instrument.expiry or self._day) > self._day:
                slots.setdefault(segment(instrument), []).append(slot)
        found = {}
        for where, of in slots.items():
            session = self._rules.calendar.session(self._day, where)
            rule = settlement.daily_price(self._day, where)
            if session is not None and rule.method is Method.WINDOW:
                begins = session.close - rule.minutes * NS_PER_MINUTE
                found[where] = ClosingWindow(universe, of, begins, session.close)
        return found

    def _auction_window(self, auctions: Auctions) -> ClosingWindow | None:
        """Return the window of the shares whose day ends in a call auction with a reference price."""
        universe = self._desk.board.universe
        closing = auctions.closing(Segment.EQUITY_WITH_DERIVATIVES)
        slots = [slot for slot, each in enumerate(universe) if _ends_in_auction(each)]
        if closing is None or closing.average is None or not slots:
            return None
        return ClosingWindow(universe, slots, *closing.average)

    def _reference(self, instrument_id: str) -> int:
        """Return what an auction's band lies around, 0 if nothing is known."""
        board, window = self._desk.board, self._before_auction
        found = None if window is None else window.price(board.universe.slot(instrument_id))
        if found is not None:
            return found[0]
        return board.mark(instrument_id) or self._desk.state.marks.get(instrument_id, 0)

    def final(self, instrument: Instrument) -> Price | None:
        """Return what the underlying of a contract that expires today settles at, None if nobody knows."""
        known = official(self._rules, instrument, self._day)
        if known is not None:
            return known
        board, rule = self._desk.board, self._rules.settlement.final_price(self._day, instrument)
        slot = board.universe.slots.get(instrument.underlying)
        if slot is not None and self._final is not None and rule.method is Method.WINDOW:
            found = self._final.price(slot)
            if found is not None:
                return Price(*found, WINDOW)
        last = 0 if slot is None else board.mark(instrument.underlying)
        if slot is not None and last:
            at = board.quote(slot).at
            if rule.method is Method.AUCTION and at >= self._auction_ends():
                return Price(last, at, AUCTION)
            if rule.method is Method.AUCTION and self._before_auction is not None:
                of = board.universe[slot]
                if _ends_in_auction(of):  # nothing was seen to trade in it: the close is its reference price
                    return Price(self._reference(of.id), at, REFERENCE)
            return Price(last, at, LAST)
        own = board.mark(instrument.id) if instrument.kind is Kind.FUTURE else 0
        return Price(own, board.quote(board.universe.slot(instrument.id)).at, OWN_LAST) if own else None

    def _auction_ends(self) -> int:
        """Return from when on a price may come from the closing auction."""
        phases = self._rules.calendar.phases(self._day, Segment.EQUITY_WITH_DERIVATIVES)
        return max((each.opens for each in phases if each.kind is PhaseKind.AUCTION_LIMIT), default=0)

    def daily(self, instrument: Instrument) -> Price | None:
        """Return what a future that is held is settled at today, None if it has no price."""
        board = self._desk.board
        slot = board.universe.slot(instrument.id)
        known = self._rules.official.price(instrument.id, self._day)
        if known:
            return Price(known, board.quote(slot).at, OFFICIAL)
        window = self._daily.get(segment(instrument))
        found = None if window is None else window.price(slot)
        if found is not None:
            return Price(*found, WINDOW)
        last = board.mark(instrument.id)
        return Price(last, board.quote(slot).at, LAST) if last else None


def official(rules: Rules, instrument: Instrument, expiry: date) -> Price | None:
    """Return the exchange's own final price of a contract's underlying, None if the data has none."""
    price = rules.official.price(instrument.underlying or instrument.id, expiry)
    if not price and instrument.kind is Kind.FUTURE:
        price = rules.official.price(instrument.id, expiry)
    session = rules.calendar.session(expiry, segment(instrument))
    return Price(price, 0 if session is None else session.close, OFFICIAL) if price else None

"""A broker made of a feed: the built-in market or recorded data behind the interface of every broker."""

from datetime import date

from kasauti.brokers.answers import FullQuote, History, Interval, OptionsChain, Spot
from kasauti.brokers.base import FIVE_MINUTES, BrokerInterface, Wiring
from kasauti.brokers.chain import options_chain
from kasauti.brokers.credentials import Credentials
from kasauti.brokers.history import history
from kasauti.brokers.tape import Tape
from kasauti.config.words import did_you_mean
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_date
from kasauti.domain.market import Quote
from kasauti.errors import BrokerError, InvalidInput, MarketDataError
from kasauti.exchange.calendar import Segment, segment


class FeedBroker(BrokerInterface):
    """
    Answers from a feed, as far as the clock has come.

    It needs no credentials and reaches no network. Its subclasses give it a name.
    """

    def __init__(self, credentials: Credentials, wiring: Wiring) -> None:
        super().__init__(credentials, wiring)
        self._calendar = wiring.calendar
        self._tape: Tape | None = None

    def connect(self) -> None:
        """Begin to read the feed from its beginning."""
        if self._tape is not None:
            return
        if self.wiring.feed is None:
            raise BrokerError(f"The broker {self.name} needs market data, and was given none.")
        if not len(self.wiring.feed.universe):
            raise BrokerError(f"The broker {self.name} has no instruments: its data is empty.")
        self._tape = Tape(self.wiring.feed)

    def logout(self) -> None:
        """Forget what was read."""
        self._tape = None

    def get_spot_price(self, underlying: str = "NIFTY") -> Spot:
        """See the interface."""
        tape, now = self._read()
        instrument = _underlying(tape.universe, underlying)
        if instrument not in tape.universe:
            raise MarketDataError(f"The data has options on {instrument}, but not its own price.")
        quote = tape.board.quote(tape.universe.slot(instrument))
        if not quote.last:
            raise MarketDataError(f"{instrument} has no price yet; ask again when its first trade is in.")
        return Spot(instrument, quote.last, quote.at, now - quote.at)

    def get_ltp(self, *instruments: str) -> dict[str, int]:
        """See the interface."""
        return {each: quote.last for each, quote in self._quotes(instruments)[2] if quote.last}

    def get_quote(self, *instruments: str) -> dict[str, FullQuote]:
        """See the interface."""
        tape, now, quotes = self._quotes(instruments)
        return {each: _full_quote(each, quote, tape, now) for each, quote in quotes if quote.last}

    def get_historical_data(
        self,
        instrument: str,
        interval: Interval | str = Interval.MINUTES_5,
        start: int | None = None,
        end: int | None = None,
    ) -> History:
        """See the interface."""
        tape, now = self._read()
        slot = tape.universe.slot(instrument)
        known = tape.universe[slot]
        if start is None:
            session = self._calendar.session(ist_date(now), segment(known))
            start = now if session is None else session.open
        if end is not None and end < start:
            raise InvalidInput("The end of the history lies before its start; turn the two around.")
        end = now if end is None else min(end, now)
        words = _interval(interval)
        return history(known, slot, words, tape.minutes, self._calendar, start=start, end=end)

    def get_options_chain(self, underlying: str = "NIFTY", expiry: date | None = None) -> OptionsChain:
        """See the interface."""
        tape, now = self._read()
        instrument = _underlying(tape.universe, underlying)
        expiry = self.get_next_expiry(underlying) if expiry is None else expiry
        if expiry not in tape.universe.expiries(instrument):
            listed = ", ".join(map(str, tape.universe.expiries(instrument))) or "none"
            raise MarketDataError(f"{instrument} has no options that expire on {expiry}. Listed: {listed}.")
        return options_chain(tape, self._calendar, instrument, expiry, now)

    def get_next_expiry(self, underlying: str = "NIFTY") -> date:
        """See the interface."""
        tape, now = self._read()
        instrument = _underlying(tape.universe, underlying)
        today = ist_date(now)
        for expiry in tape.universe.expiries(instrument):
            if expiry > today:
                return expiry
            if expiry == today:
                closes = self._calendar.close_of(tape.universe.chain(instrument, expiry)[0], today)
                if closes is not None and now < closes:
                    return expiry
        raise MarketDataError(f"{instrument} has no options in this data that expire on {today} or later.")

    def is_market_open(self, segment: Segment = Segment.DERIVATIVES) -> bool:
        """See the interface."""
        self._connected()
        return self._calendar.is_open(self.wiring.clock(), segment)

    def wait_for_next_candle(
        self, seconds: int = FIVE_MINUTES, segment: Segment = Segment.DERIVATIVES
    ) -> int | None:
        """See the interface."""
        self._connected()
        if seconds <= 0:
            raise InvalidInput(f"A candle of {seconds} s does not exist; its length is at least 1 s.")
        now, step = self.wiring.clock(), seconds * NS_PER_SECOND
        session = self._calendar.session(ist_date(now), segment)
        for opens, closes in () if session is None else session.parts:
            ends = min(opens + (max(0, now - opens) // step + 1) * step, closes)
            if now < ends:
                self.wiring.wait_until(ends)
                return ends
        return None

    def _connected(self) -> Tape:
        if self._tape is None:
            raise BrokerError(f"The broker {self.name} is not connected; call connect() first.")
        return self._tape

    def _read(self) -> tuple[Tape, int]:
        """Read on to now."""
        tape, now = self._connected(), self.wiring.clock()
        tape.advance(now)
        return tape, now

    def _quotes(self, instruments: tuple[str, ...]) -> tuple[Tape, int, list[tuple[str, Quote]]]:
        tape, now = self._read()
        return tape, now, [(each, tape.board.quote(tape.universe.slot(each))) for each in instruments]


def _full_quote(instrument: str, quote: Quote, tape: Tape, now: int) -> FullQuote:
    slot = tape.universe.slot(instrument)
    return FullQuote(
        instrument=instrument,
        at=quote.at,
        age_ns=now - quote.at,
        last=quote.last,
        open=int(tape.day_open[slot]),
        high=int(tape.day_high[slot]),
        low=int(tape.day_low[slot]),
        bid=quote.bid or None,
        ask=quote.ask or None,
        bid_quantity=quote.bid_quantity if quote.bid else None,
        ask_quantity=quote.ask_quantity if quote.ask else None,
        volume=quote.volume,
        open_interest=quote.open_interest,
        bids=quote.bids,
        asks=quote.asks,
    )


def _interval(interval: Interval | str) -> Interval:
    try:
        return Interval(interval)
    except ValueError:
        known = [each.value for each in Interval]
        raise InvalidInput(
            f"{interval} is not the length of a candle.{did_you_mean(interval, known)}"
            f" Known: {', '.join(known)}."
        ) from None


def _underlying(universe: Universe, name: str) -> str:
    """Return the id of the underlying that `name`, or the id itself, means in this universe."""
    names: dict[str, str] = {}
    for each in universe:
        if each.is_derivative and each.underlying:
            names.setdefault(each.name, each.underlying)
            names[each.underlying] = each.underlying
        elif each.kind in {Kind.INDEX, Kind.EQUITY}:
            names.setdefault(each.tradingsymbol, each.id)
            names.setdefault(each.name, each.id)
            names[each.id] = each.id
    names.pop("", None)
    if name not in names:
        raise InvalidInput(f"{name!r} is no underlying in this data.{did_you_mean(name, names)}")
    return names[name]

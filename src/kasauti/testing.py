"""
For authors of plug-ins: what their work must pass, and the pieces to test it with.

`BrokerContract` is a class of numbered cases. Subclass it in a test file, say how your broker is made, and
pytest runs every case:

    class TestMyBroker(BrokerContract):
        underlying, instrument = "NIFTY", "NSE:SBIN"

        def make(self, wiring):
            return MyBroker(Credentials({}), wiring)
"""

import inspect
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import pairwise
from typing import ClassVar

from kasauti.brokers.answers import Interval
from kasauti.brokers.base import BrokerInterface, Wiring
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_DAY, NS_PER_MINUTE, NS_PER_SECOND, ist_date
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.errors import BrokerError, InvalidInput, KasautiError, MarketDataError
from kasauti.exchange.calendar import Calendar, Segment, Session
from kasauti.ports import Feed

#: An instrument, and an underlying, that no broker knows.
_NOWHERE = "NSE:NOWHERE"

#: The fewest words of one.
_SENTENCE = 4

_METHODS = sorted(BrokerInterface.__abstractmethods__)


class ManualClock:
    """A clock that stands until it is moved; waiting moves it, and is written down in `waits`."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.waits: list[int] = []

    def now(self) -> int:
        """Return the time."""
        return self.at

    def wait_until(self, at: int) -> None:
        """Let the time be `at`."""
        self.waits.append(at)
        self.at = at


class StaticFeed:
    """A feed of batches that are at hand."""

    def __init__(self, universe: Universe, batches: Sequence[TickBatch | BarBatch]) -> None:
        self._universe = universe
        self._batches = tuple(batches)

    @property
    def universe(self) -> Universe:
        """The instruments."""
        return self._universe

    def batches(self) -> Iterator[TickBatch | BarBatch]:
        """Yield the batches."""
        return iter(self._batches)


def refused(error: type[KasautiError], call: Callable[[], object]) -> str:
    """Return the message with which `call` is refused; fails if it is not, or by another kind of error."""
    try:
        answer = call()
    except error as refusal:
        message = str(refusal)
        assert len(message.split()) >= _SENTENCE, f"a refusal says what and why: {message!r}"
        return message
    raise AssertionError(f"this was to be refused with {error.__name__}; the answer was {answer!r}")


class BrokerContract:
    """
    What every broker must do; a case is a method.

    `now` is a moment in the middle of a session for which the broker has data, ns UTC; `instrument` trades in
    it and had a price before; `underlying` has options, or is None where there are none, and then their cases
    are passed over. `segment` is where `instrument` trades. `secrets` are the texts that nothing may show.
    """

    now: ClassVar[int]
    instrument: ClassVar[str]
    underlying: ClassVar[str | None] = "NIFTY"
    segment: ClassVar[Segment] = Segment.DERIVATIVES
    secrets: ClassVar[tuple[str, ...]] = ()

    calendar: ClassVar[Calendar] = Calendar()

    def make(self, wiring: Wiring) -> BrokerInterface:
        """Return a new broker, not connected."""
        raise NotImplementedError

    def feed(self) -> Feed | None:
        """Return the data that the broker is made of, anew each time; None for one that has its own."""
        return None

    # Its life

    def test_b01_it_has_the_ten_methods_with_the_interfaces_parameters(self) -> None:
        """Callers may name every parameter of the interface."""
        own = type(self._made()[0])
        for name in _METHODS:
            wanted = inspect.signature(getattr(BrokerInterface, name)).parameters
            given = inspect.signature(getattr(own, name)).parameters
            assert list(given)[: len(wanted)] == list(wanted), f"{name} takes {list(wanted)}"

    def test_b02_it_answers_nothing_before_it_is_connected(self) -> None:
        """A broker that is not connected says so."""
        self._answers_nothing(self._made()[0])

    def test_b03_connecting_twice_is_harmless(self) -> None:
        """The second time does nothing."""
        broker, _ = self._connected()
        broker.connect()
        assert broker.get_ltp(self.instrument)

    def test_b04_after_logout_it_answers_nothing_and_can_connect_again(self) -> None:
        """The same questions then have the same answers."""
        broker, _ = self._connected()
        before = broker.get_quote(self.instrument)
        broker.logout()
        broker.logout()
        self._answers_nothing(broker)
        broker.connect()
        assert broker.get_quote(self.instrument) == before

    def test_b05_it_shows_no_secret(self) -> None:
        """Not when it is printed, and not in what it says."""
        broker, _ = self._connected()
        texts = [repr(broker), str(broker), refused(InvalidInput, lambda: broker.get_ltp(_NOWHERE))]
        assert not [secret for secret in self.secrets for text in texts if secret in text]

    # Prices

    def test_b06_a_spot_price_carries_its_time_and_age(self) -> None:
        """The age is counted from when the price was known to now."""
        if self.underlying is None:
            return
        broker, clock = self._connected()
        spot = broker.get_spot_price(self.underlying)
        assert spot.price > 0
        assert 0 < spot.at <= clock.now()
        assert spot.age_ns == clock.now() - spot.at
        assert broker.get_spot_price(spot.instrument) == spot, "its own name means the same"

    def test_b07_one_last_price_and_many_agree(self) -> None:
        """A batch is the same as its parts; nothing asked is nothing answered."""
        broker, _ = self._connected()
        one = broker.get_ltp(self.instrument)
        assert list(one) == [self.instrument]
        assert one[self.instrument] > 0
        assert broker.get_ltp(*self._some(broker))[self.instrument] == one[self.instrument]
        assert dict(broker.get_ltp()) == {}

    def test_b08_an_unknown_instrument_is_refused_by_its_name(self) -> None:
        """Also where others in the same question are known."""
        broker, _ = self._connected()
        for ask in (broker.get_ltp, broker.get_quote):
            assert _NOWHERE in refused(InvalidInput, partial(ask, self.instrument, _NOWHERE))
        assert _NOWHERE in refused(InvalidInput, lambda: broker.get_historical_data(_NOWHERE))
        for ask_underlying in (broker.get_spot_price, broker.get_options_chain, broker.get_next_expiry):
            assert _NOWHERE in refused(InvalidInput, partial(ask_underlying, _NOWHERE))

    def test_b09_a_quote_agrees_with_itself(self) -> None:
        """Last between low and high, bid below ask, depth best first, ages from now."""
        broker, clock = self._connected()
        for instrument, quote in broker.get_quote(*self._some(broker)).items():
            assert quote.instrument == instrument
            assert 0 < quote.low <= min(quote.open, quote.last) <= max(quote.open, quote.last) <= quote.high
            assert quote.bid is None or quote.ask is None or quote.bid < quote.ask
            assert quote.age_ns == clock.now() - quote.at >= 0
            assert min(quote.volume, quote.open_interest) >= 0
            assert [level.price for level in quote.bids] == sorted(
                {b.price for b in quote.bids}, reverse=True
            )
            assert [level.price for level in quote.asks] == sorted({a.price for a in quote.asks})
            assert broker.get_ltp(instrument)[instrument] == quote.last

    # History

    def test_b10_candles_are_closed_in_order_and_whole(self) -> None:
        """None ends after now; the open, low, high and close fit."""
        broker, clock = self._connected()
        answer = broker.get_historical_data(self.instrument, self._interval())
        ends = [candle.start + candle.seconds * NS_PER_SECOND for candle in answer.candles]
        assert answer.candles, "there is some history at `now`"
        assert ends == sorted(set(ends))
        assert ends[-1] <= clock.now()
        for candle in answer.candles:
            assert (
                candle.low <= min(candle.open, candle.close) <= max(candle.open, candle.close) <= candle.high
            )
            assert candle.instrument == self.instrument

    def test_b11_candles_and_gaps_together_are_the_session(self) -> None:
        """Nothing is filled in silently and nothing is missing silently."""
        broker, clock = self._connected()
        answer = broker.get_historical_data(self.instrument, self._interval())
        pieces = [(c.start, c.start + c.seconds * NS_PER_SECOND) for c in answer.candles]
        pieces = sorted(pieces + [(gap.start, gap.end) for gap in answer.gaps])
        assert pieces[0][0] == self._session().open
        assert all(end == start for (_, end), (start, _) in pairwise(pieces))
        assert clock.now() - pieces[-1][1] < answer.interval.seconds * NS_PER_SECOND

    def test_b12_a_history_can_be_cut(self) -> None:
        """`start` and `end` choose from the same candles."""
        broker, clock = self._connected()
        whole = broker.get_historical_data(self.instrument, self._interval())
        first, last = whole.candles[1], whole.candles[-2]
        end = last.start + last.seconds * NS_PER_SECOND
        cut = broker.get_historical_data(self.instrument, self._interval(), first.start, end)
        assert cut.candles == whole.candles[1:-1]
        later = broker.get_historical_data(self.instrument, self._interval(), None, clock.now() + NS_PER_DAY)
        assert later.candles == whole.candles, "an end after now is now"

    def test_b13_a_history_that_cannot_be_is_refused(self) -> None:
        """An interval that does not exist, and an end before the start."""
        broker, clock = self._connected()
        ask = broker.get_historical_data
        assert "2minute" in refused(InvalidInput, lambda: ask(self.instrument, "2minute"))
        refused(InvalidInput, lambda: ask(self.instrument, self._interval(), clock.now(), clock.now() - 1))

    def test_b14_the_past_does_not_change(self) -> None:
        """What was answered at one moment is the beginning of what is answered later."""
        broker, clock = self._connected()
        before = broker.get_historical_data(self.instrument, self._interval())
        clock.at += 2 * before.interval.seconds * NS_PER_SECOND
        after = broker.get_historical_data(self.instrument, self._interval())
        assert after.candles[: len(before.candles)] == before.candles
        assert len(after.candles) + len(after.gaps) > len(before.candles) + len(before.gaps)

    def test_b15_it_knows_nothing_from_after_now(self) -> None:
        """Asked at any moment, nothing is younger than that moment."""
        for at in (self._session().open, self.now - 1, self.now, self.now + NS_PER_MINUTE):
            broker, _ = self._connected(at)
            assert all(quote.at <= at for quote in broker.get_quote(*self._some(broker)).values())

    # Options

    def test_b16_a_chain_is_the_options_of_one_expiry(self) -> None:
        """Strikes rise, none twice; without an expiry it is the next one."""
        if self.underlying is None:
            return
        broker, clock = self._connected()
        chain = broker.get_options_chain(self.underlying)
        strikes = [row.strike for row in chain.rows]
        assert strikes
        assert strikes == sorted(set(strikes))
        assert chain.expiry == broker.get_next_expiry(self.underlying)
        assert broker.get_options_chain(self.underlying, chain.expiry) == chain
        assert chain.at <= clock.now()

    def test_b17_an_option_of_a_chain_is_quoted_as_by_itself(self) -> None:
        """The price, volume and open interest are its own; its volatility is a positive number."""
        if self.underlying is None:
            return
        broker, _ = self._connected()
        chain = broker.get_options_chain(self.underlying)
        options = [option for row in chain.rows for option in (row.call, row.put) if option is not None]
        quotes = broker.get_quote(*(option.instrument for option in options))
        assert quotes, "some option has a price"
        for option in options:
            assert option.implied_volatility is None or option.implied_volatility > 0
            if option.instrument in quotes:
                own = quotes[option.instrument]
                assert (option.last, option.volume) == (own.last, own.volume)
                assert option.open_interest == own.open_interest

    def test_b18_the_next_expiry_is_not_over(self) -> None:
        """It is today or later, and another day has no chain."""
        if self.underlying is None:
            return
        broker, _ = self._connected()
        assert broker.get_next_expiry(self.underlying) >= ist_date(self.now)
        long_ago = date(2001, 1, 1)
        message = refused(MarketDataError, partial(broker.get_options_chain, self.underlying, long_ago))
        assert "2001-01-01" in message

    # Time

    def test_b19_the_market_is_open_when_the_calendar_says_so(self) -> None:
        """Open at its open, not a moment before, and closed at its close."""
        session = self._session()
        expected = {session.open - 1: False, session.open: True, self.now: True}
        expected |= {session.close - 1: True, session.close: False}
        for at, is_open in expected.items():
            assert self._connected(at)[0].is_market_open(self.segment) is is_open

    def test_b20_waiting_for_a_candle_takes_the_clocks_time_alone(self) -> None:
        """It ends at the candle's end, by one wait, from wherever one starts."""
        opens, step = self._session().open, 300 * NS_PER_SECOND
        for at, ends in ((opens - 1, opens + step), (opens, opens + step), (opens + step - 1, opens + step)):
            broker, clock = self._connected(at)
            assert broker.wait_for_next_candle(300, self.segment) == ends
            assert (clock.now(), clock.waits) == (ends, [ends])
            assert broker.wait_for_next_candle(300, self.segment) == ends + step

    def test_b21_the_last_candle_ends_with_the_session_and_none_comes_after(self) -> None:
        """Also where it is shorter than the others."""
        closes = self._session().close
        broker, clock = self._connected(closes - 1)
        assert broker.wait_for_next_candle(3600, self.segment) == closes
        assert broker.wait_for_next_candle(3600, self.segment) is None
        assert clock.waits == [closes]

    # Pieces

    def _made(self, at: int | None = None) -> tuple[BrokerInterface, ManualClock]:
        clock = ManualClock(self.now if at is None else at)
        wiring = Wiring(
            clock=clock.now, wait_until=clock.wait_until, calendar=self.calendar, feed=self.feed()
        )
        return self.make(wiring), clock

    def _connected(self, at: int | None = None) -> tuple[BrokerInterface, ManualClock]:
        broker, clock = self._made(at)
        broker.connect()
        return broker, clock

    def _answers_nothing(self, broker: BrokerInterface) -> None:
        for call in (
            partial(broker.get_spot_price, self.underlying or "NIFTY"),
            partial(broker.get_ltp, self.instrument),
            partial(broker.get_quote, self.instrument),
            partial(broker.get_historical_data, self.instrument),
            partial(broker.get_options_chain, self.underlying or "NIFTY"),
            partial(broker.get_next_expiry, self.underlying or "NIFTY"),
            broker.is_market_open,
            broker.wait_for_next_candle,
        ):
            assert "connect" in refused(BrokerError, call)

    def _some(self, broker: BrokerInterface) -> list[str]:
        """Return the instrument, and the options of the chain if there are any."""
        if self.underlying is None:
            return [self.instrument]
        rows = broker.get_options_chain(self.underlying).rows
        options = [option.instrument for row in rows for option in (row.call, row.put) if option is not None]
        return [self.instrument, *(option for option in options if option != self.instrument)]

    def _interval(self) -> Interval:
        """Return the interval whose candles are asked for."""
        return Interval.MINUTES_5

    def _session(self) -> Session:
        session = self.calendar.session(ist_date(self.now), self.segment)
        assert session is not None, "`now` lies in a session"
        return session

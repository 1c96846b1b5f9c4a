"""
A broker of your own, without a change in Kasauti.

This one has a single share whose price rises and falls like a tide, a step every fifteen seconds, and options
on it. Replace the formula with your broker's API. Use it by its file:

    kasauti run --broker examples/third_broker.py:TideBroker --credentials tide.txt

where tide.txt, readable by you alone, has the line `tide_pin = ...`. `tests/brokers/test_contract.py` runs it
through `kasauti.testing.BrokerContract`, as you should run yours.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import ClassVar

from kasauti.brokers.answers import (
    ChainRow,
    FullQuote,
    Gap,
    History,
    Interval,
    OptionQuote,
    OptionsChain,
    Spot,
)
from kasauti.brokers.base import FIVE_MINUTES, BrokerInterface, Wiring
from kasauti.brokers.credentials import Credentials
from kasauti.domain.ist import NS_PER_SECOND, ist_date
from kasauti.domain.market import Candle, Level
from kasauti.domain.money import RUPEE
from kasauti.errors import BrokerError, CredentialsError, InvalidInput, MarketDataError
from kasauti.exchange.calendar import Segment, Session

SHARE = "NSE:TIDE"
STEP_NS = 15 * NS_PER_SECOND
MEAN, REACH = 500 * RUPEE, 40
STRIKES = tuple(range(480 * RUPEE, 521 * RUPEE, 10 * RUPEE))
TIME_VALUE = 6 * RUPEE
SHOWN = 100
SHORTEST_PIN = 4


class TideBroker(BrokerInterface):
    """Prices from a formula: a triangle of ₹40 up and down around ₹500."""

    name: ClassVar[str] = "tide"
    credential_keys: ClassVar[tuple[str, ...]] = ("tide_pin",)

    def __init__(self, credentials: Credentials, wiring: Wiring) -> None:
        super().__init__(credentials, wiring)
        self._is_connected = False

    def connect(self) -> None:
        """Log in: the pin only leaves its `Secret` for the call that needs it."""
        if len(self.credentials["tide_pin"].reveal()) < SHORTEST_PIN:
            raise CredentialsError(
                f"The tide refuses this pin: tide_pin has {SHORTEST_PIN} characters or more."
            )
        self._is_connected = True

    def logout(self) -> None:
        """Forget the session."""
        self._is_connected = False

    def get_spot_price(self, underlying: str = "TIDE") -> Spot:
        """Return the share's price."""
        self._check_underlying(underlying)
        quote = self.get_quote(SHARE).get(SHARE)
        if quote is None:
            raise MarketDataError(f"{SHARE} has not traded today; ask again after the open.")
        return Spot(SHARE, quote.last, quote.at, quote.age_ns)

    def get_ltp(self, *instruments: str) -> dict[str, int]:
        """Return last prices."""
        return {name: quote.last for name, quote in self.get_quote(*instruments).items()}

    def get_quote(self, *instruments: str) -> dict[str, FullQuote]:
        """Return a quote with one level a side, a rupee away."""
        session, now = self._session(), self._now()
        priced = [(name, self._price_of(name)) for name in instruments]
        if session is None or now < session.open:
            return {}
        last_step = min(now, session.close - 1)
        at = last_step - (last_step - session.open) % STEP_NS
        return {name: _quote(name, price, session.open, at, now) for name, price in priced}

    def get_historical_data(
        self,
        instrument: str,
        interval: Interval | str = Interval.MINUTES_5,
        start: int | None = None,
        end: int | None = None,
    ) -> History:
        """Return today's candles; there is no earlier day, and never a gap."""
        price, session, now = self._price_of(instrument), self._session(), self._now()
        if interval not in set(Interval):
            raise InvalidInput(f"{interval} is not the length of a candle; 5minute is one.")
        interval = Interval(interval)
        if session is None:
            return History(instrument, interval, (), ())
        start = session.open if start is None else start
        if end is not None and end < start:
            raise InvalidInput("The end of the history lies before its start; turn the two around.")
        last = min(now, now if end is None else end)
        candles = tuple(
            candle
            for candle in _candles(instrument, price, session, interval)
            if start <= candle.start and candle.start + candle.seconds * NS_PER_SECOND <= last
        )
        gaps: tuple[Gap, ...] = ()
        return History(instrument, interval, candles, gaps)

    def get_options_chain(self, underlying: str = "TIDE", expiry: date | None = None) -> OptionsChain:
        """Return five strikes around the mean."""
        next_expiry = self.get_next_expiry(underlying)
        if expiry not in {None, next_expiry}:
            raise MarketDataError(f"{SHARE} has no options that expire on {expiry}; only on {next_expiry}.")
        spot = self.get_ltp(SHARE).get(SHARE)
        rows = (ChainRow(k, self._option("CE", k), self._option("PE", k)) for k in STRIKES)
        return OptionsChain(SHARE, next_expiry, self._now(), spot, None, tuple(rows))

    def get_next_expiry(self, underlying: str = "TIDE") -> date:
        """Return the Friday of this week, or of the next from Saturday on."""
        self._check_underlying(underlying)
        today = ist_date(self._now())
        return today + timedelta(days=(4 - today.weekday()) % 7)

    def is_market_open(self, segment: Segment = Segment.DERIVATIVES) -> bool:
        """Ask the calendar."""
        return self.wiring.calendar.is_open(self._now(), segment)

    def wait_for_next_candle(
        self, seconds: int = FIVE_MINUTES, segment: Segment = Segment.DERIVATIVES
    ) -> int | None:
        """Wait by the clock that was given, so that a replay does not sleep."""
        now, step = self._now(), seconds * NS_PER_SECOND
        session = self.wiring.calendar.session(ist_date(now), segment)
        if session is None or now >= session.close:
            return None
        ends = min(session.open + (max(0, now - session.open) // step + 1) * step, session.close)
        self.wiring.wait_until(ends)
        return ends

    def _now(self) -> int:
        if not self._is_connected:
            raise BrokerError("The broker tide is not connected; call connect() first.")
        return self.wiring.clock()

    def _session(self) -> Session | None:
        return self.wiring.calendar.session(ist_date(self._now()), Segment.DERIVATIVES)

    def _check_underlying(self, name: str) -> None:
        self._now()
        if name not in {"TIDE", SHARE}:
            raise InvalidInput(f"{name} is no underlying of the tide; it has TIDE alone.")

    def _option(self, kind: str, strike: int) -> OptionQuote | None:
        name = f"NFO:TIDE{strike // RUPEE}{kind}"
        quote = self.get_quote(name).get(name)
        if quote is None:
            return None
        return OptionQuote(
            instrument=name,
            at=quote.at,
            last=quote.last,
            bid=quote.bid,
            ask=quote.ask,
            volume=quote.volume,
            open_interest=quote.open_interest,
            open_interest_change=0,
            implied_volatility=None,
        )

    def _price_of(self, instrument: str) -> Callable[[int, int], int]:
        """Return the formula of an instrument: from the session's open and a moment to a price."""
        self._now()
        if instrument == SHARE:
            return _tide
        for strike in STRIKES:
            for kind, sign in (("CE", 1), ("PE", -1)):
                if instrument == f"NFO:TIDE{strike // RUPEE}{kind}":
                    return lambda opens, at: max(0, sign * (_tide(opens, at) - strike)) + TIME_VALUE
        raise InvalidInput(f"{instrument} is not an instrument of the tide.")


def _tide(opens: int, at: int) -> int:
    """Return the share's price: up and down by a rupee a step."""
    step = (at - opens) // STEP_NS % (4 * REACH)
    height = step if step <= REACH else 2 * REACH - step if step <= 3 * REACH else step - 4 * REACH
    return MEAN + height * RUPEE


def _quote(name: str, price: Callable[[int, int], int], opens: int, at: int, now: int) -> FullQuote:
    seen = [price(opens, moment) for moment in range(opens, at + 1, STEP_NS)]
    return FullQuote(
        instrument=name,
        at=at,
        age_ns=now - at,
        last=seen[-1],
        open=seen[0],
        high=max(seen),
        low=min(seen),
        bid=seen[-1] - RUPEE,
        ask=seen[-1] + RUPEE,
        bid_quantity=SHOWN,
        ask_quantity=SHOWN,
        volume=SHOWN * len(seen),
        open_interest=0,
        bids=(Level(seen[-1] - RUPEE, SHOWN),),
        asks=(Level(seen[-1] + RUPEE, SHOWN),),
    )


def _candles(
    instrument: str, price: Callable[[int, int], int], session: Session, interval: Interval
) -> Iterator[Candle]:
    length = session.close - session.open if interval is Interval.DAY else interval.seconds * NS_PER_SECOND
    for start in range(session.open, session.close, length):
        end = min(start + length, session.close)
        seen = [price(session.open, moment) for moment in range(start, end, STEP_NS)]
        traded = SHOWN * len(seen)
        seconds = (end - start) // NS_PER_SECOND
        yield Candle(instrument, seconds, start, seen[0], max(seen), min(seen), seen[-1], traded)

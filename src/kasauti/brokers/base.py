"""The interface of every broker, and what a broker is made of."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from typing import ClassVar

import msgspec

from kasauti.brokers.answers import FullQuote, History, Interval, OptionsChain, Spot
from kasauti.brokers.credentials import Credentials
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.ports import Feed

#: How often the strategies of the source documents look for an entry.
FIVE_MINUTES = 300


class Wiring(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the composition root hands to a broker: the outside world, in four pieces.

    `clock` tells the market's time, ns UTC. `wait_until` returns when that time has come: it sleeps where
    time is real, and moves the clock where it is replayed. `feed` is for brokers that are made of data.
    """

    clock: Callable[[], int]
    wait_until: Callable[[int], None]
    calendar: Calendar
    feed: Feed | None = None


class BrokerInterface(ABC):
    """
    A source of market data with the ten methods every broker has.

    A new broker subclasses it, or is any class with these methods, and needs no change in Kasauti: name it as
    `my_broker.py:MyBroker` or as an entry point in `kasauti.brokers`. It is made with its credentials and its
    wiring. `name` is what people type; `credential_keys` are the keys its credentials file must have, and no
    others. `kasauti.testing.BrokerContract` has the cases it must pass.

    Instruments are `EXCHANGE:TRADINGSYMBOL`. Data methods raise `BrokerError` before `connect` and after
    `logout`, `InvalidInput` for an instrument that is not known, and `MarketDataError` where what was asked
    for does not exist. No answer has anything from after now.
    """

    name: ClassVar[str] = ""
    credential_keys: ClassVar[tuple[str, ...]] = ()

    def __init__(self, credentials: Credentials, wiring: Wiring) -> None:
        self.credentials = credentials
        self.wiring = wiring

    @abstractmethod
    def connect(self) -> None:
        """
        Get ready to answer; does nothing if it is already.

        Raises `CredentialsError` for refused credentials, `BrokerError` if the broker is not reached.
        """

    @abstractmethod
    def get_spot_price(self, underlying: str = "NIFTY") -> Spot:
        """Return the last price of an underlying, by its name or its instrument, and how old it is."""

    @abstractmethod
    def get_ltp(self, *instruments: str) -> Mapping[str, int]:
        """Return last prices by instrument; one that has not traded yet is left out, never 0."""

    @abstractmethod
    def get_quote(self, *instruments: str) -> Mapping[str, FullQuote]:
        """Return full quotes by instrument; one that has not traded yet is left out."""

    @abstractmethod
    def get_historical_data(
        self,
        instrument: str,
        interval: Interval | str = Interval.MINUTES_5,
        start: int | None = None,
        end: int | None = None,
    ) -> History:
        """
        Return the closed candles that begin at or after `start` and end at or before `end`.

        Unless they are given, `start` is the open of today's session and `end` is now. Gaps are named, not
        filled. `InvalidInput` for an interval that does not exist or an end before the start.
        """

    @abstractmethod
    def get_options_chain(self, underlying: str = "NIFTY", expiry: date | None = None) -> OptionsChain:
        """Return the chain that expires on `expiry`, or the next one."""

    @abstractmethod
    def get_next_expiry(self, underlying: str = "NIFTY") -> date:
        """Return the nearest expiry whose options can still trade, as the instruments have it."""

    @abstractmethod
    def is_market_open(self, segment: Segment = Segment.DERIVATIVES) -> bool:
        """Return whether continuous trading runs now, by the exchange's calendar."""

    @abstractmethod
    def wait_for_next_candle(
        self, seconds: int = FIVE_MINUTES, segment: Segment = Segment.DERIVATIVES
    ) -> int | None:
        """
        Wait until the running candle of `seconds` ends, and return when that was.

        Before the open it is the first candle that is waited for; the session's last may be short. Returns
        None at once when no candle ends any more today.
        """

    @abstractmethod
    def logout(self) -> None:
        """Forget the session and close what is open; does nothing if there is none."""

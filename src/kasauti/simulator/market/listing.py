"""What trades on the built-in market on a day, by the exchange's own rules, and where its columns are."""

from dataclasses import dataclass
from datetime import date, time, timedelta

import numpy as np

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import Ints
from kasauti.domain.money import PAISA, RUPEE, rupees
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries, Expiry
from kasauti.exchange.symbols import future_symbol, option_symbol
from kasauti.simulator.market.index_path import SESSION_SECONDS
from kasauti.simulator.market.portable_math import Floats

NAME = "NIFTY"
INDEX_ID = "NSE:NIFTY 50"
OPENS = time(9, 15)

INDEX_SLOT = 0
FUTURE_SLOT = 1


@dataclass(frozen=True, slots=True)
class Share:
    """A share of the built-in market: rupees it opens near, beta to the index, shares traded in a day."""

    symbol: str
    price: int
    beta: float
    volume: int


SHARES = (
    Share("RELIANCE", 1_460, 1.1, 11_000_000),
    Share("SBIN", 880, 1.2, 9_000_000),
    Share("INFY", 1_520, 0.8, 6_500_000),
)

#: Where shares, options, calls and puts stand among the columns; the n-th call and put have the n-th strike.
STOCKS = slice(FUTURE_SLOT + 1, FUTURE_SLOT + 1 + len(SHARES))
OPTIONS = slice(STOCKS.stop, None)
CALLS = slice(STOCKS.stop, None, 2)
PUTS = slice(STOCKS.stop + 1, None, 2)


@dataclass(frozen=True, slots=True)
class Listing:
    """
    The universe of a day, and the same as columns by slot.

    `ticks` are money units, `lots` units, `strikes` rupees in rising order, `last_seconds` the last second
    of the session, counted from 09:15:00, in which each instrument has a price. `sessions_after` are the
    whole sessions from the end of this one to the options' `expiry`; `option_seconds` and `future_seconds`
    are the calendar seconds from the open to the end of the options and of the future.
    """

    universe: Universe
    expiry: date
    ticks: Ints
    lots: Ints
    strikes: Floats
    last_seconds: Ints
    sessions_after: int
    option_seconds: int
    future_seconds: int


def list_day(day: date, open_level: float, strikes_each_side: int) -> Listing:
    """Return what trades on `day`: the chain has `strikes_each_side` strikes above and below the money."""
    if strikes_each_side < 1:
        raise InvalidInput(
            f"a chain with {strikes_each_side} strikes on each side is empty; ask for at least 1"
        )
    calendar = Calendar()
    _check_whole_day(calendar, day)
    expiries = Expiries(calendar)
    contracts = _Contracts(ContractBook(expiries), day, open_level)
    options, future = expiries.next_expiry(NAME, day), _next_monthly(expiries, day)
    strikes = contracts.strikes(strikes_each_side)
    instruments = [
        Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, tick_size=5 * PAISA, name=NAME),
        contracts.derivative(Kind.FUTURE, future),
        *(contracts.share(share) for share in SHARES),
        *(
            contracts.derivative(kind, options, strike)
            for strike in strikes
            for kind in (Kind.CALL, Kind.PUT)
        ),
    ]
    last_seconds = [_last_second(calendar, instrument, day) for instrument in instruments]
    return Listing(
        universe=Universe(instruments),
        expiry=options.day,
        ticks=np.array([instrument.tick_size for instrument in instruments], np.int64),
        lots=np.array([instrument.lot_size for instrument in instruments], np.int64),
        strikes=np.array(strikes, np.float64),
        last_seconds=np.array(last_seconds, np.int64),
        sessions_after=_sessions_after(calendar, day, options.day),
        option_seconds=_seconds_to(day, options.day),
        future_seconds=_seconds_to(day, future.day),
    )


def _check_whole_day(calendar: Calendar, day: date) -> None:
    session = calendar.session(day, Segment.DERIVATIVES)
    opens = ist_ns(day, OPENS)
    closes = opens + SESSION_SECONDS * NS_PER_SECOND
    if session is None or session.open != opens or session.close < closes or len(session.parts) != 1:
        raise InvalidInput(
            f"the built-in market makes whole sessions, 09:15 to 15:30 IST, and NSE has none on {day}"
            f" ({calendar.why(day)}); choose another day"
        )


def _next_monthly(expiries: Expiries, day: date) -> Expiry:
    found = expiries.next_expiry(NAME, day)
    while not found.monthly:
        found = expiries.next_expiry(NAME, found.day + timedelta(days=1))
    return found


def _sessions_after(calendar: Calendar, day: date, expiry: date) -> int:
    sessions = 0
    while day < expiry:
        day = calendar.next_trading_day(day)
        sessions += 1
    return sessions


def _seconds_to(day: date, expiry: date) -> int:
    return (expiry - day).days * 86_400 + SESSION_SECONDS


def _last_second(calendar: Calendar, instrument: Instrument, day: date) -> int:
    close = calendar.close_of(instrument, day)
    assert close is not None
    return min((close - ist_ns(day, OPENS)) // NS_PER_SECOND, SESSION_SECONDS)


class _Contracts:
    """Instruments as the exchange specifies them on a day on which the index is near `level` rupees."""

    def __init__(self, book: ContractBook, day: date, level: float) -> None:
        self._book = book
        self._day = day
        self._step = book.strike_step(NAME, day) // RUPEE
        self._middle = round(level / self._step) * self._step

    def strikes(self, each_side: int) -> list[int]:
        """Return the strikes in rupees, lowest first."""
        return [self._middle + self._step * n for n in range(-each_side, each_side + 1)]

    def derivative(self, kind: Kind, expiry: Expiry, strike: int = 0) -> Instrument:
        """Return the index future, or the option with a strike in rupees."""
        return Instrument(
            Exchange.NFO,
            option_symbol(NAME, expiry.day, rupees(strike), kind, monthly=expiry.monthly)
            if strike
            else future_symbol(NAME, expiry.day),
            kind,
            tick_size=self._book.tick_size(kind, rupees(self._middle), self._day, on_index=True),
            lot_size=self._book.lot_size(NAME, expiry.day, on=self._day),
            freeze_quantity=self._book.freeze_quantity(NAME, self._day),
            name=NAME,
            expiry=expiry.day,
            strike=rupees(strike),
            underlying=INDEX_ID,
            on_index=True,
        )

    def share(self, share: Share) -> Instrument:
        """Return a share."""
        tick = self._book.tick_size(Kind.EQUITY, rupees(share.price), self._day)
        return Instrument(Exchange.NSE, share.symbol, Kind.EQUITY, tick_size=tick, name=share.symbol)

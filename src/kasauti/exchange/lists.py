"""What the day's instrument list has against an instrument of a session, which then does not trade."""

from collections.abc import Callable
from datetime import date
from typing import Protocol

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.money import format_price
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.master import Master
from kasauti.exchange.master_faults import MasterFaults


class Lists(Protocol):
    """The instrument lists of days, as trading asks them."""

    def fault(self, instrument: Instrument, day: date) -> str:
        """Return why `instrument` must not trade on `day`, empty where nothing is known against it."""


class _NoLists:
    def fault(self, instrument: Instrument, day: date) -> str:
        return ""


#: For sessions without lists: nothing is known against anything.
NO_LISTS: Lists = _NoLists()


class DayLists:
    """Lists by day: `find` returns the master of one, None where none was loaded; each is asked for once."""

    def __init__(self, find: Callable[[date], Master | None], calendar: Calendar) -> None:
        self._find = find
        self._calendar = calendar
        self._day: date | None = None
        self._faults: MasterFaults | None = None

    def fault(self, instrument: Instrument, day: date) -> str:
        """Return what the list of `day` has against `instrument`: a fault of its own, or other terms."""
        if day != self._day:
            master = self._find(day)
            self._faults = None if master is None else MasterFaults(master, self._calendar)
            self._day = day
        faults = self._faults
        if faults is None:
            return ""
        if instrument.kind is Kind.INDEX or instrument.exchange not in faults.master.sources:
            return ""
        listing = faults.master.find(instrument.id)
        if listing is None:
            return f"it is not in the day's {faults.master.sources[instrument.exchange]}"
        return faults.of(listing) or _difference(instrument, listing.instrument)


def _difference(ours: Instrument, listed: Instrument) -> str:
    """Return where a session's instrument is not the one that is listed, empty if it is."""
    if ours.lot_size != listed.lot_size:
        return f"its lot is {ours.lot_size} here and {listed.lot_size} in the day's list"
    if ours.tick_size != listed.tick_size:
        return (
            f"its tick is {format_price(ours.tick_size)} here and {format_price(listed.tick_size)} in the"
            " day's list"
        )
    if (ours.expiry, ours.strike) != (listed.expiry, listed.strike):
        return f"it expires on {ours.expiry} here and on {listed.expiry} in the day's list"
    return ""

"""
What is wrong with an instrument in a day's master, by our own rules: it then does not trade.

A list and the rules that disagree on a lot, a tick, an expiry or a symbol cannot both be right, and nobody
here can tell which is. So that one instrument is refused, with the reason, and all others go on. Where the
rules know nothing, the list is believed.
"""

from collections.abc import Iterator
from datetime import date

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import format_price
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contract_sizes import ContractSizes
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries, Expiry
from kasauti.exchange.indices import index_named
from kasauti.exchange.master import Listing, Master
from kasauti.exchange.segments import has_derivatives
from kasauti.exchange.symbols import future_symbol, option_symbol

#: Exchanges whose contracts have sizes of their own and no rules of ours on expiries.
_SIZED = (Exchange.MCX, Exchange.CDS)


class MasterFaults:
    """Compares the listings of one master with the rules of its day."""

    def __init__(self, master: Master, calendar: Calendar) -> None:
        #: The list that is compared.
        self.master = master
        self._day = master.day
        self._expiries = Expiries(calendar)
        self._book = ContractBook(self._expiries)
        self._sizes = ContractSizes()
        self._listed: dict[tuple[str, date], Expiry | str | None] = {}
        self._lots: dict[tuple[str, date], int | None] = {}
        self._ticks: dict[tuple[Kind, bool, bool], frozenset[int] | None] = {}

    def all(self) -> dict[str, str]:
        """Return the reason by instrument id, for every instrument that must not trade."""
        found = {}
        for listing in self.master:
            reason = self.of(listing)
            if reason:
                found[listing.instrument.id] = reason
        return found

    def of(self, listing: Listing) -> str:
        """Return why a listing must not trade, empty if nothing is wrong with it."""
        if listing.fault:
            return listing.fault
        return next(self._reasons(listing.instrument), "")

    def _reasons(self, instrument: Instrument) -> Iterator[str]:
        if instrument.kind is Kind.INDEX:
            return
        if instrument.exchange in _SIZED:
            yield from self._size_reasons(instrument)
            return
        if instrument.kind is Kind.EQUITY:
            yield from self._tick_reasons(instrument)
            return
        if instrument.expiry is not None and instrument.expiry < self._day:
            yield f"it expired on {instrument.expiry}, before the day of the list"
        yield from self._underlying_reasons(instrument)
        yield from self._expiry_reasons(instrument)
        yield from self._lot_reasons(instrument)
        yield from self._tick_reasons(instrument)

    def _size_reasons(self, instrument: Instrument) -> Iterator[str]:
        try:
            size = self._sizes.of(instrument.exchange, instrument.name, self._day)
        except RuleUnknown as unknown:
            yield str(unknown)
            return
        if instrument.lot_size != size.units:
            yield f"its lot is {instrument.lot_size} units in the list and {size.units} by our rules"
        if instrument.kind is Kind.FUTURE and instrument.tick_size != size.tick:
            yield (
                f"its tick is {format_price(instrument.tick_size)} in the list and"
                f" {format_price(size.tick)} by our rules"
            )

    def _underlying_reasons(self, instrument: Instrument) -> Iterator[str]:
        """Yield what is wrong if nothing says whether the contract is on an index or a share."""
        if index_named(instrument.name) is not None or has_derivatives(instrument.name, ever=True):
            return
        if self.master.find(instrument.underlying) is None:
            yield (
                f"nothing says what {instrument.name} is: no known index, and no share of that name is listed"
            )

    def _expiry_reasons(self, instrument: Instrument) -> Iterator[str]:
        assert instrument.expiry is not None, "futures and options expire"
        if instrument.exchange is Exchange.BFO and not instrument.on_index:
            return  # the rules on shares are NSE's
        found = self._expiry(instrument.name, instrument.expiry)
        if isinstance(found, str):
            yield found
            return
        if found is None:
            return  # the rules do not reach that far: the list is believed
        symbol = _symbol(instrument, monthly=found.monthly)
        if symbol != instrument.tradingsymbol:
            yield f"its symbol would be {symbol}, by its expiry on {instrument.expiry}"

    def _expiry(self, name: str, expiry: date) -> Expiry | str | None:
        """Return the expiry as our rules have it, why there is none, or None where the rules end."""
        key = (name, expiry)
        if key not in self._listed:
            self._listed[key] = self._looked_up(name, expiry)
        return self._listed[key]

    def _looked_up(self, name: str, expiry: date) -> Expiry | str | None:
        """Look for the day itself, and for a day that a holiday will yet move: lists are corrected late."""
        try:
            week = self._expiries.expiries(name, _back(expiry), expiry, listed_on=self._day)
        except RuleUnknown:
            return None
        for found in week:
            if expiry in {found.day, found.scheduled}:
                return found
        return f"it expires on {expiry} in the list, which is no expiry of {name} by our rules"

    def _lot_reasons(self, instrument: Instrument) -> Iterator[str]:
        if not instrument.on_index:
            return
        assert instrument.expiry is not None, "futures and options expire"
        found = self._expiry(instrument.name, instrument.expiry)
        day = found.day if isinstance(found, Expiry) else instrument.expiry
        key = (instrument.name, day)
        if key not in self._lots:
            try:
                self._lots[key] = self._book.lot_size(instrument.name, day, on=self._day)
            except RuleUnknown:
                self._lots[key] = None
        ours = self._lots[key]
        if ours is not None and ours != instrument.lot_size:
            yield f"its lot is {instrument.lot_size} in the list and {ours} by our rules"

    def _tick_reasons(self, instrument: Instrument) -> Iterator[str]:
        """Yield the tick if no price could give it: which price decides is known to the exchange alone."""
        if instrument.exchange is Exchange.BSE or instrument.series not in {"", "EQ", "BE"}:
            return  # no rule is kept for them
        fund = instrument.fund is not None
        key = (instrument.kind, instrument.on_index, fund)
        if key not in self._ticks:
            try:
                self._ticks[key] = self._book.ticks(
                    instrument.kind, self._day, on_index=instrument.on_index, fund=fund
                )
            except RuleUnknown:
                self._ticks[key] = None
        known = self._ticks[key]
        if known is not None and instrument.tick_size not in known:
            words = ", ".join(format_price(tick) for tick in sorted(known))
            yield (
                f"its tick is {format_price(instrument.tick_size)} in the list; by our rules it is one of"
                f" {words}"
            )


def _symbol(instrument: Instrument, *, monthly: bool) -> str:
    assert instrument.expiry is not None, "futures and options expire"
    if instrument.kind is Kind.FUTURE:
        return future_symbol(instrument.name, instrument.expiry)
    try:
        return option_symbol(
            instrument.name, instrument.expiry, instrument.strike, instrument.kind, monthly=monthly
        )
    except InvalidInput as error:
        return f"none ({error})"


def _back(day: date) -> date:
    """Return a day so far before that no run of holidays is longer."""
    return date.fromordinal(day.toordinal() - 7)

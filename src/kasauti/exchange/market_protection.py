"""
Market protection: the worst price at which a market order trades.

Since 2026-04-01 brokers take a MARKET or SL-M order over their APIs only with a protection: it sweeps the
book up to a band around the last price (SL-M: around its trigger), and what is left stays there as a limit
order. Before that the exchange itself capped market orders in derivatives: `price_limits`. Source:
market_rules.md 3.5, 4.2.
"""

from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError
from kasauti.exchange.price_limits import PriceLimits
from kasauti.exchange.protection import UNPROTECTED, WHOLE, Protection
from kasauti.exchange.rules import ONE, Row, RuleFile, Timeline, read_rules

_FILE = "market_protection.json"
_PERCENT = 100
#: Above every price.
_ENDLESS = 2**62


class _Slab(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    percent: Decimal
    rupees: Decimal = Decimal(0)
    below: Decimal | None = None
    through: Decimal | None = None

    @property
    def last(self) -> int:
        """The highest price it holds for, in money units."""
        if self.below is not None:
            return rupees(self.below) - 1
        return _ENDLESS if self.through is None else rupees(self.through)


class _ProtectionRow(Row, frozen=True, kw_only=True):
    exchanges: tuple[Exchange, ...]
    kinds: tuple[Kind, ...]
    slabs: tuple[_Slab, ...]
    required: bool
    needs_ltp: bool = False
    plans: tuple[str, ...] = ()


class _ProtectionFile(RuleFile, frozen=True, kw_only=True):
    protection: tuple[_ProtectionRow, ...]


class MarketProtection:
    """Protection by `market_protection.json`, for the broker of one plan."""

    def __init__(self, plan: str) -> None:
        self._plan = plan
        self._exchange = PriceLimits()
        self._file = read_rules(_FILE, _ProtectionFile)
        self._timelines: dict[tuple[Exchange, Kind], Timeline[_ProtectionRow]] = {}
        #: What was compiled last, by exchange, kind and tick, and from which row: one holds for months.
        self._compiled: dict[tuple[Exchange, Kind, int], tuple[_ProtectionRow, Protection]] = {}
        for row in self._file.protection:
            _check(row)

    def of(self, instrument: Instrument, on: date) -> Protection:
        """Return what holds for `instrument` on `on`; `RuleUnknown` where that is not known."""
        row = self._timeline(instrument.exchange, instrument.kind).on(on)
        if not row.required:
            return self._of_exchange(instrument, on)
        key = instrument.exchange, instrument.kind, instrument.tick_size
        known = self._compiled.get(key)
        if known is None or known[0] is not row:
            slabs = tuple((slab.last, int(slab.percent * 100), rupees(slab.rupees)) for slab in row.slabs)
            made = Protection(slabs, instrument.tick_size, required=row.required, needs_ltp=row.needs_ltp)
            known = self._compiled[key] = row, made
        return known[1]

    def _of_exchange(self, instrument: Instrument, on: date) -> Protection:
        """Return what the exchange itself does with a market order where the broker asks for nothing."""
        cap = self._exchange.market_orders(instrument, on)
        if cap is None:
            return UNPROTECTED
        steps = () if cap.corridor is None else cap.corridor.steps
        slabs = tuple((step.up_to, step.rate * WHOLE // ONE, step.flat // ONE) for step in steps)
        return Protection(slabs, instrument.tick_size, required=False, needs_ltp=cap.needs_trade_today)

    def _timeline(self, exchange: Exchange, kind: Kind) -> Timeline[_ProtectionRow]:
        key = exchange, kind
        if key not in self._timelines:
            rows = [row for row in self._file.protection if exchange in row.exchanges and kind in row.kinds]
            own = [row for row in rows if self._plan in row.plans]
            usual = [row for row in rows if not row.plans]
            starts = {row.effective_from for row in own}
            self._timelines[key] = Timeline(
                f"Market protection for {kind} on {exchange}",
                own + [row for row in usual if row.effective_from not in starts],
                file=_FILE,
                known_to=self._file.known_to,
            )
        return self._timelines[key]


def _check(row: _ProtectionRow) -> None:
    lasts = [slab.last for slab in row.slabs]
    where = f"exchange/data/{_FILE}: a row of {', '.join(row.kinds)} from {row.effective_from}"
    if lasts and (lasts != sorted(set(lasts)) or lasts[-1] != _ENDLESS):
        raise ConfigError(f"{where} has slabs that do not rise to one without an end; put them in order.")
    if any(slab.percent < 0 or slab.percent > _PERCENT or slab.percent * 100 % 1 for slab in row.slabs):
        raise ConfigError(f"{where} has a percentage that is not one of 0 to 100 with two decimals at most.")

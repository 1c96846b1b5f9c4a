"""
Lot sizes, ticks, freeze quantities and strike steps, by contract and date.

The instrument master of the day is the authority; this is for days without one, and for checking one.
Prices are money units. Source: market_rules.md 3.1 to 3.4.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import msgspec

from kasauti.domain.instrument import Kind
from kasauti.domain.money import format_price, rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_LOTS = "lot_sizes.json"
_FREEZE = "freeze_quantities.json"
_TICKS = "tick_sizes.json"
_STEPS = "strike_steps.json"

#: Months whose contracts are listed long before: a change of lot size reaches them on a day of its own.
_QUARTER_MONTHS = (3, 6, 9, 12)


class _TickKind(StrEnum):
    EQUITY = "equity"
    FUND = "fund"
    STOCK_FUTURE = "stock_future"
    STOCK_OPTION = "stock_option"
    INDEX_FUTURE = "index_future"
    INDEX_OPTION = "index_option"


class _LotRow(Row, frozen=True, kw_only=True):
    name: str
    lot: int
    first_weekly: date | None
    first_monthly: date
    long_dated_from: date | None = None
    last_expiry: date | None = None


class _FreezeRow(Row, frozen=True, kw_only=True):
    name: str
    quantity: int


class _StepRow(Row, frozen=True, kw_only=True):
    name: str
    step: Decimal
    wide_step: Decimal | None = None
    long_dated_step: Decimal | None = None


class _Band(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    tick: Decimal
    below: Decimal | None = None
    up_to: Decimal | None = None

    def covers(self, level: int) -> bool:
        if self.below is not None:
            return level < rupees(self.below)
        return self.up_to is None or level <= rupees(self.up_to)


class _TickRow(Row, frozen=True, kw_only=True):
    instrument: _TickKind
    bands: tuple[_Band, ...]


class _LotFile(RuleFile, frozen=True, kw_only=True):
    lots: tuple[_LotRow, ...]


class _FreezeFile(RuleFile, frozen=True, kw_only=True):
    limits: tuple[_FreezeRow, ...]


class _StepFile(RuleFile, frozen=True, kw_only=True):
    steps: tuple[_StepRow, ...]


class _TickFile(RuleFile, frozen=True, kw_only=True):
    ticks: tuple[_TickRow, ...]


class ContractBook:
    """The specifications of index and share derivatives by date; `RuleUnknown` where none is known."""

    def __init__(self, expiries: Expiries) -> None:
        self._expiries = expiries
        self._lots = read_rules(_LOTS, _LotFile)
        freeze = read_rules(_FREEZE, _FreezeFile)
        self._freeze = _by_name("The freeze quantity of", freeze.limits, _FREEZE, freeze.known_to)
        steps = read_rules(_STEPS, _StepFile)
        self._steps = _by_name("The strike step of", steps.steps, _STEPS, steps.known_to)
        ticks = read_rules(_TICKS, _TickFile)
        self._ticks = {
            kind: Timeline(
                f"The tick size of a {kind.replace('_', ' ')}",
                [row for row in ticks.ticks if row.instrument is kind],
                file=_TICKS,
                known_to=ticks.known_to,
            )
            for kind in _TickKind
        }

    def lot_size(self, name: str, expiry: date, *, on: date | None = None) -> int:
        """
        Return the units in a lot of the index contract that expires on `expiry`.

        `on` asks for the lot as it was listed on that day: quarterly contracts change during their life.
        Without it, the lot at expiry.
        """
        rows = [row for row in self._lots.lots if row.name == name]
        if expiry <= self._lots.known_to:
            monthly = self._expiries.is_monthly(name, expiry, listed_on=on)
            newest_first = reversed(rows)
            row = next((r for r in newest_first if _lot_applies(r, expiry, monthly=monthly, on=on)), None)
            if row is not None and (row.last_expiry is None or expiry <= row.last_expiry):
                return row.lot
        raise RuleUnknown(
            f"The lot size of the {name} contract that expires on {expiry} is not known. Take it from the"
            f" day's instrument master, or add a row with its source to exchange/data/{_LOTS}."
        )

    def freeze_quantity(self, name: str, on: date) -> int:
        """Return the largest quantity, in units, that one order on the index `name` may carry."""
        return _known(self._freeze, "The freeze quantity", name, _FREEZE).on(on).quantity

    def freeze_quantities(self, on: date) -> dict[str, int]:
        """Return the largest quantity of one order by index, for those that are known on a day."""
        known = {}
        for name, timeline in self._freeze.items():
            try:
                known[name] = timeline.on(on).quantity
            except RuleUnknown:
                continue
        return known

    def strike_step(self, name: str, on: date, *, long_dated: bool = False, wide: bool = False) -> int:
        """
        Return the distance between the strikes of the index `name`, in money units, around the money.

        `wide` asks for the distance further out, `long_dated` for that of quarterly and half-yearly
        contracts; `RuleUnknown` where no such distance is kept.
        """
        row = _known(self._steps, "The strike step", name, _STEPS).on(on)
        step = row.long_dated_step if long_dated else row.wide_step if wide else row.step
        if step is None:
            which = "long-dated" if long_dated else "wide"
            raise RuleUnknown(
                f"The {which} strike step of {name} is not known on {on}. Take the strikes from the day's"
                f" instrument master, or add it to exchange/data/{_STEPS}."
            )
        return rupees(step)

    def ticks(self, kind: Kind, on: date, *, on_index: bool = False, fund: bool = False) -> frozenset[int]:
        """Return every tick, in money units, that such an instrument may have, whatever its price."""
        row = self._ticks[_tick_kind(kind, on_index=on_index, fund=fund)].on(on)
        return frozenset(rupees(band.tick) for band in row.bands)

    def tick_size(
        self, kind: Kind, level: int, on: date, *, on_index: bool = False, fund: bool = False
    ) -> int:
        """
        Return the tick in money units.

        `level` is the price, in money units, of the share, or of what the derivative is written on, at the
        last close of the month before. `on_index` says whether a derivative is on an index, `fund` whether a
        share is one of an exchange-traded fund.
        """
        if level <= 0:
            raise InvalidInput(f"{format_price(level)} is not a price level; a tick needs one above 0.")
        row = self._ticks[_tick_kind(kind, on_index=on_index, fund=fund)].on(on)
        band = next(band for band in row.bands if band.covers(level))
        return rupees(band.tick)


def _lot_applies(row: _LotRow, expiry: date, *, monthly: bool, on: date | None) -> bool:
    if not monthly:
        return row.first_weekly is not None and expiry >= row.first_weekly
    if expiry < row.first_monthly:
        return False
    long_dated = expiry.month in _QUARTER_MONTHS and row.long_dated_from is not None
    return not (
        long_dated and on is not None and row.long_dated_from is not None and on < row.long_dated_from
    )


def _tick_kind(kind: Kind, *, on_index: bool, fund: bool) -> _TickKind:
    if kind is Kind.EQUITY:
        return _TickKind.FUND if fund else _TickKind.EQUITY
    if kind is Kind.FUTURE:
        return _TickKind.INDEX_FUTURE if on_index else _TickKind.STOCK_FUTURE
    if kind.is_option:
        return _TickKind.INDEX_OPTION if on_index else _TickKind.STOCK_OPTION
    raise InvalidInput("An index does not trade and has no tick size; ask for its future or its options.")


NamedT = TypeVar("NamedT", _FreezeRow, _StepRow)


def _by_name(what: str, rows: Iterable[NamedT], file: str, known_to: date) -> dict[str, Timeline[NamedT]]:
    grouped: dict[str, list[NamedT]] = {}
    for row in rows:
        grouped.setdefault(row.name, []).append(row)
    return {
        name: Timeline(f"{what} {name}", group, file=file, known_to=known_to)
        for name, group in grouped.items()
    }


def _known(timelines: dict[str, Timeline[NamedT]], what: str, name: str, file: str) -> Timeline[NamedT]:
    if name not in timelines:
        raise RuleUnknown(
            f"{what} of {name} is not known; known names: {', '.join(sorted(timelines))}. Take it from the"
            f" day's instrument master, or add a row with its source to exchange/data/{file}."
        )
    return timelines[name]

"""The dated parameters of SPAN, from `exchange/data/span.json`, compiled for one underlying on one day."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.rules import Lasting, Row, RuleFile, Timeline, read_rules

_FILE = "span.json"

#: Exchanges whose derivatives are on equity; the others have no rows yet.
_EQUITY_DERIVATIVES = (Exchange.NFO, Exchange.BFO)


class Subject(StrEnum):
    """What a derivative is written on, as far as margins tell apart."""

    INDEX = "index"
    SHARE = "share"


class _SubjectRow(Row, frozen=True, kw_only=True):
    applies_to: Subject
    names: tuple[str, ...] = ()


class _PercentRow(_SubjectRow, frozen=True, kw_only=True):
    percent: Decimal


class _ScanRow(_PercentRow, frozen=True, kw_only=True):
    long_dated_percent: Decimal


class _BenefitRow(_SubjectRow, frozen=True, kw_only=True):
    on_last_day: bool


class _ExtremeRow(Row, frozen=True, kw_only=True):
    ranges: int
    counted_percent: Decimal


class _PricingRow(Row, frozen=True, kw_only=True):
    carry_percent: Decimal
    least_volatility_percent: Decimal
    least_scanned_percent: Decimal


class _PartRow(Row, frozen=True, kw_only=True):
    one_part_of: int


class _AccountRow(Row, frozen=True, kw_only=True):
    buffer_percent: Decimal
    reckoned_at: tuple[time, ...]
    day_ends: time
    grace_minutes: int


class _SpanFile(RuleFile, frozen=True, kw_only=True):
    price_scan: tuple[_ScanRow, ...]
    volatility_scan: tuple[_PercentRow, ...]
    extreme_move: tuple[_ExtremeRow, ...]
    calendar_charge: tuple[_PercentRow, ...]
    pricing: tuple[_PricingRow, ...]
    exposure: tuple[_PercentRow, ...]
    account: tuple[_AccountRow, ...]
    calendar_exposure: tuple[_PartRow, ...]
    expiry_day: tuple[_PercentRow, ...]
    calendar_benefit: tuple[_BenefitRow, ...]


class Charges(msgspec.Struct, frozen=True):
    """
    What no risk file has, for one underlying on one day; fractions of the exposed price.

    `calendar_part` is the part of the far month that a calendar spread of futures is exposed by,
    `last_day` what short options that expire today add, `benefit_ends` whether what expires today is apart.
    """

    exposure: Fraction
    calendar_part: Fraction
    last_day: Fraction
    benefit_ends: bool


class AccountRules(msgspec.Struct, frozen=True):
    """
    What an account adds: `buffer` is the factor on every requirement.

    `reckoned_at` are the clock times (IST) at which risk is reckoned anew, `day_ends` is when contracts end,
    `grace_minutes` how long the broker waits for money before it closes positions.
    """

    buffer: Fraction
    reckoned_at: tuple[time, ...]
    day_ends: time
    grace_minutes: int


class Ranges(msgspec.Struct, frozen=True):
    """What makes risk arrays where no file is at hand; fractions, and for `volatility` points of one."""

    price: Fraction
    long_dated_price: Fraction
    volatility: float
    extreme_ranges: int
    extreme_counted: Fraction
    calendar_charge: Fraction
    carry: float
    least_volatility: float
    least_scanned: float


RowT = TypeVar("RowT", bound=_SubjectRow)
PlainT = TypeVar("PlainT", bound=Row)


class SpanParameters:
    """Parameters by underlying and day; `RuleUnknown` for what `span.json` does not cover."""

    def __init__(self) -> None:
        self._file = read_rules(_FILE, _SpanFile)
        self._timelines: dict[tuple[str, str, str], Timeline[Any]] = {}
        #: What was put together last for an underlying: it holds until a row of it is followed by another.
        self._charges: dict[tuple[str, str], Lasting[Charges]] = {}
        self._ranges: dict[tuple[str, str], Lasting[Ranges]] = {}
        self._account: Lasting[AccountRules] | None = None

    def charges(self, subject: Subject, name: str, on: date) -> Charges:
        """Return what is added to a risk file's figures."""
        known = self._charges.get((subject, name))
        if known is None or not known.holds(on):
            file = self._file
            timelines = (
                self._of("exposure margin", file.exposure, subject, name),
                self._plain("exposure of calendar spreads", file.calendar_exposure),
                self._of("expiry-day margin", file.expiry_day, subject, name),
                self._of("calendar benefit", file.calendar_benefit, subject, name),
            )
            exposure, calendar, last_day, benefit = timelines
            made = Charges(
                _part(exposure.on(on).percent),
                Fraction(1, calendar.on(on).one_part_of),
                _part(last_day.on(on).percent),
                not benefit.on(on).on_last_day,
            )
            known = self._charges[subject, name] = Lasting(made, timelines, on)
        return known.value

    def ranges(self, subject: Subject, name: str, on: date) -> Ranges:
        """Return what risk arrays are approximated by."""
        known = self._ranges.get((subject, name))
        if known is None or not known.holds(on):
            file = self._file
            timelines = (
                self._of("price scan range", file.price_scan, subject, name),
                self._of("volatility range", file.volatility_scan, subject, name),
                self._plain("extreme move", file.extreme_move),
                self._of("calendar charge", file.calendar_charge, subject, name),
                self._plain("pricing of options", file.pricing),
            )
            price, volatility, extreme, calendar, pricing = timelines
            known = self._ranges[subject, name] = Lasting(
                _ranges(price.on(on), volatility.on(on), extreme.on(on), calendar.on(on), pricing.on(on)),
                timelines,
                on,
            )
        return known.value

    def account(self, on: date) -> AccountRules:
        """Return what an account adds."""
        known = self._account
        if known is None or not known.holds(on):
            timeline = self._plain("margin of an account", self._file.account)
            row = timeline.on(on)
            made = AccountRules(
                1 + _part(row.buffer_percent),
                tuple(sorted(row.reckoned_at)),
                row.day_ends,
                row.grace_minutes,
            )
            known = self._account = Lasting(made, [timeline], on)
        return known.value

    def _of(self, what: str, rows: Sequence[RowT], subject: Subject, name: str) -> Timeline[RowT]:
        """Return the rows for one underlying: its own where it is named in any, else those for all."""
        timeline: Timeline[RowT] | None = self._timelines.get((what, subject, name))
        if timeline is None:
            fitting = [row for row in rows if row.applies_to is subject]
            named = [row for row in fitting if name in row.names]
            timeline = self._timelines[what, subject, name] = Timeline(
                f"The {what} of {name} ({subject})",
                named or [row for row in fitting if not row.names],
                file=_FILE,
                known_to=self._file.known_to,
            )
        return timeline

    def _plain(self, what: str, rows: Sequence[PlainT]) -> Timeline[PlainT]:
        """Return the rows that hold for every underlying."""
        timeline: Timeline[PlainT] | None = self._timelines.get((what, "", ""))
        if timeline is None:
            timeline = self._timelines[what, "", ""] = Timeline(
                f"The {what}", rows, file=_FILE, known_to=self._file.known_to
            )
        return timeline


def subject_of(instrument: Instrument) -> Subject:
    """Return what a derivative is written on; `RuleUnknown` for an exchange that has no rows."""
    if not instrument.is_derivative:
        word = "an index: it does not trade" if instrument.kind is Kind.INDEX else "no future and no option"
        raise InvalidInput(f"{instrument.id} is {word}; SPAN margins are for futures and options.")
    if instrument.exchange not in _EQUITY_DERIVATIVES:
        raise RuleUnknown(
            f"The margin of {instrument.id} is not known: exchange/data/{_FILE} has no rows for"
            f" {instrument.exchange} yet. Give its clearing house's SPAN file, or add rows with their source."
        )
    return Subject.INDEX if instrument.on_index else Subject.SHARE


def _ranges(
    price: _ScanRow,
    volatility: _PercentRow,
    extreme: _ExtremeRow,
    calendar: _PercentRow,
    pricing: _PricingRow,
) -> Ranges:
    return Ranges(
        _part(price.percent),
        _part(price.long_dated_percent),
        float(_part(volatility.percent)),
        extreme.ranges,
        _part(extreme.counted_percent),
        _part(calendar.percent),
        float(_part(pricing.carry_percent)),
        float(_part(pricing.least_volatility_percent)),
        float(_part(pricing.least_scanned_percent)),
    )


def _part(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100

"""The dated parameters of SPAN, from `exchange/data/span.json`, compiled for one underlying on one day."""

from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_ns
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.exchange.rules import Lasting, Row, Timeline, read_rules
from kasauti.exchange.span.ranges import Ranges
from kasauti.exchange.span.span_rows import (
    DeliveryRow,
    ExtremeRow,
    GeneralRow,
    PercentRow,
    PricingRow,
    ScanRow,
    SpanFile,
    SpreadRow,
    Subject,
    SubjectRow,
)

__all__ = ["AccountRules", "Charges", "SpanParameters", "Subject", "subject_of"]

_FILE = "span.json"

#: What the derivatives of an exchange are written on; the others' are on equity.
_SUBJECTS = {
    Exchange.MCX: Subject.COMMODITY,
    Exchange.NCDEX: Subject.COMMODITY,
    Exchange.CDS: Subject.CURRENCY,
    Exchange.BCD: Subject.CURRENCY,
}


class Charges(msgspec.Struct, frozen=True):
    """
    What no risk file has, for one underlying on one day; fractions of the exposed price.

    `exposure` is that of futures, `option_exposure` that of sold options, `calendar_part` the part of the far
    month that a calendar spread of futures is exposed by, `last_day` what short options that expire today
    add, `benefit_ends` whether what expires today is apart.
    """

    exposure: Fraction
    option_exposure: Fraction
    calendar_part: Fraction
    last_day: Fraction
    benefit_ends: bool


class AccountRules(msgspec.Struct, frozen=True):
    """
    What an account adds: `buffer` is the factor on every requirement.

    `reckoned_after` is when risk is reckoned anew, `ends_after` when contracts end, ns since midnight (IST),
    `grace_minutes` how long the broker waits for money before it closes positions.
    """

    buffer: Fraction
    reckoned_after: tuple[int, ...]
    ends_after: int
    grace_minutes: int


#: India has no daylight saving: clocks show the same after the same time on every day.
_ANY_DAY = date(1970, 1, 1)

RowT = TypeVar("RowT", bound=SubjectRow)
PlainT = TypeVar("PlainT", bound=Row)
GeneralT = TypeVar("GeneralT", bound=GeneralRow)


class SpanParameters:
    """Parameters by underlying and day; `RuleUnknown` for what `span.json` does not cover."""

    def __init__(self) -> None:
        self._file = read_rules(_FILE, SpanFile)
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
                self._general("exposure of calendar spreads", file.calendar_exposure, subject),
                self._of("expiry-day margin", file.expiry_day, subject, name),
                self._of("calendar benefit", file.calendar_benefit, subject, name),
            )
            exposure, calendar, last_day, benefit = timelines
            exposed, spread = exposure.on(on), calendar.on(on)
            own = exposed.option_percent
            made = Charges(
                _part(exposed.percent),
                _part(exposed.percent if own is None else own),
                Fraction(spread.parts, spread.one_part_of),
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
                self._general("pricing of options", file.pricing, subject),
                self._of("minimum for sold options", file.option_minimum, subject, name),
            )
            price, volatility, extreme, calendar, pricing, minimum = timelines
            known = self._ranges[subject, name] = Lasting(
                _ranges(
                    price.on(on),
                    volatility.on(on),
                    extreme.on(on),
                    calendar.on(on),
                    pricing.on(on),
                    minimum.on(on),
                ),
                timelines,
                on,
            )
        return known.value

    def delivery(self, name: str, on: date) -> DeliveryRow:
        """Return what contracts on a share block more because they end in a delivery."""
        return self._of("delivery margin", self._file.delivery, Subject.SHARE, name).on(on)

    def account(self, on: date) -> AccountRules:
        """Return what an account adds."""
        known = self._account
        if known is None or not known.holds(on):
            timeline = self._plain("margin of an account", self._file.account)
            row = timeline.on(on)
            made = AccountRules(
                1 + _part(row.buffer_percent),
                tuple(_since_midnight(clock) for clock in sorted(row.reckoned_at)),
                _since_midnight(row.day_ends),
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

    def _general(self, what: str, rows: Sequence[GeneralT], subject: Subject) -> Timeline[GeneralT]:
        """Return the rows for one kind of underlying: its own where there are any, else those for all."""
        timeline: Timeline[GeneralT] | None = self._timelines.get((what, subject, ""))
        if timeline is None:
            own = [row for row in rows if row.applies_to is subject]
            timeline = self._timelines[what, subject, ""] = Timeline(
                f"The {what} ({subject})",
                own or [row for row in rows if row.applies_to is None],
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
    """Return what a derivative is written on; `InvalidInput` for what is none."""
    if not instrument.is_derivative:
        word = "an index: it does not trade" if instrument.kind is Kind.INDEX else "no future and no option"
        raise InvalidInput(f"{instrument.id} is {word}; SPAN margins are for futures and options.")
    other = _SUBJECTS.get(instrument.exchange)
    if other is not None:
        return other
    return Subject.INDEX if instrument.on_index else Subject.SHARE


def _ranges(
    price: ScanRow,
    volatility: PercentRow,
    extreme: ExtremeRow,
    calendar: SpreadRow,
    pricing: PricingRow,
    minimum: PercentRow,
) -> Ranges:
    scan, long_dated = _part(price.percent), price.long_dated_percent
    spread = _part(calendar.percent or Decimal(0))
    if calendar.scan_percent is not None:
        spread = scan * _part(calendar.scan_percent)
    return Ranges(
        scan,
        scan if long_dated is None else _part(long_dated),
        float(_part(volatility.percent)),
        extreme.ranges,
        _part(extreme.counted_percent),
        spread,
        float(_part(pricing.carry_percent)),
        float(_part(pricing.least_volatility_percent)),
        float(_part(pricing.least_scanned_percent)),
        tuple(rupees(each) for each in calendar.rupees_apart),
        _part(minimum.percent),
    )


def _part(percent: Decimal) -> Fraction:
    return Fraction(percent) / 100


def _since_midnight(clock: time) -> int:
    return ist_ns(_ANY_DAY, clock) - ist_ns(_ANY_DAY)

"""What kind of day a date is in every market, with its phases: the calendar's answer beside the rows."""

from datetime import date

import msgspec

from kasauti.compose.rule_subject import Subject
from kasauti.domain.instrument import Instrument, Kind
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Phase, Segment, segment
from kasauti.exchange.expiries import Expiries, Expiry
from kasauti.exchange.settlement import Settlement
from kasauti.exchange.timetable import Timetable

_EXPIRIES_SHOWN = 6


class Hours(msgspec.Struct, frozen=True):
    """The phases of a segment, or of an instrument, on a day; empty where it is closed. `why` says so."""

    of: str
    why: str
    phases: tuple[Phase, ...]
    windows: tuple[Phase, ...]


class DayOfRules(msgspec.Struct, frozen=True):
    """
    A day: its hours by segment, what expires next, and when its trades settle.

    `unknown` says which of these no rule tells for it.
    """

    day: date
    hours: list[Hours]
    expiries: list[Expiry]
    settles: date | None
    unknown: list[str]


def day_of_rules(day: date, subject: Subject | None) -> DayOfRules:
    """Return what the calendar says of `day`, for one subject or for every segment."""
    calendar = Calendar()
    hours: list[Hours] = []
    expiries: list[Expiry] = []
    settles: date | None = None
    unknown: list[str] = []
    try:
        hours = _hours(calendar, day, subject)
        expiries = [] if subject is None else _expiries(calendar, day, subject)
        settles = _settles(calendar, day, subject)
    except RuleUnknown as error:
        unknown.append(str(error))
    if subject is not None and subject.guessed:
        unknown.append(subject.guessed)
    return DayOfRules(day, hours, expiries, settles, unknown)


def _hours(calendar: Calendar, day: date, subject: Subject | None) -> list[Hours]:
    if subject is None:
        return [
            Hours(each, calendar.why(day, each), calendar.phases(day, each), calendar.windows(day, each))
            for each in Segment
        ]
    timetable = Timetable(calendar)
    found: dict[tuple[Phase, ...], list[str]] = {}
    for each in subject.instruments:
        has_date = not each.is_derivative or each.expiry is not None
        phases = timetable.phases_of(each, day) if has_date else _without_date(calendar, each, day)
        found.setdefault(phases, []).append(f"{each.kind} on {each.exchange}")
    first = segment(subject.instruments[0])
    return [
        Hours(", ".join(who), calendar.why(day, first), phases, calendar.windows(day, first))
        for phases, who in found.items()
    ]


def _without_date(calendar: Calendar, instrument: Instrument, day: date) -> tuple[Phase, ...]:
    """Return the phases of a contract whose month is not said: the near futures have the pre-open too."""
    found = calendar.phases(day, segment(instrument))
    return tuple(each for each in found if not (instrument.is_option and each.kind.is_pre_open))


def _expiries(calendar: Calendar, day: date, subject: Subject) -> list[Expiry]:
    first = subject.instruments[0]
    expiries = Expiries(calendar)
    if first.kind is Kind.EQUITY or first.name not in expiries.all_names:
        return []
    return expiries.expiries(first.name, day, calendar.known[1], listed_on=day)[:_EXPIRIES_SHOWN]


def _settles(calendar: Calendar, day: date, subject: Subject | None) -> date | None:
    where = Segment.EQUITY if subject is None else segment(subject.instruments[0])
    if not calendar.is_trading_day(day, where):
        return None
    return Settlement().settles_on(day, calendar, where)

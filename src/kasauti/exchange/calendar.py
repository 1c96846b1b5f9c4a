"""
When the exchange trades: holidays, special sessions and hours, by date.

The calendar is `calendar.json` and `hours.json`, as the exchanges publish them. It answers for the years in
those files and refuses all others: a day of next year is neither open nor closed until the list is out.
A session is continuous trading; the phases around it, pre-open, closing auction and post-close, are asked
for as such. Source: market_rules.md 2.1, 2.2, 2.4.
"""

from datetime import date, timedelta

import msgspec

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import NS_PER_MINUTE, ist_date, ist_day_number, ist_ns
from kasauti.errors import RuleUnknown
from kasauti.exchange.clock import Clock, clock_time
from kasauti.exchange.hours import Hours, HoursRow, SessionKind, SquareOff
from kasauti.exchange.phases import Phase, PhaseKind, PhaseTimes, continuous
from kasauti.exchange.rules import Confidence, RuleFile, read_rules
from kasauti.exchange.segments import Segment, segment

__all__ = ["Calendar", "Phase", "PhaseKind", "Segment", "Session", "SessionKind", "segment"]

_FILE = "calendar.json"
_SATURDAY = 5
_ONE_DAY = timedelta(days=1)


class Session(msgspec.Struct, frozen=True):
    """
    Continuous trading of one segment on one day.

    `open` and `close` are ns UTC; `parts` has the stretches of trading, more than one where there is a
    break. `close` itself is not inside. `provisional`: the hours come from a single source.
    """

    day: date
    kind: SessionKind
    open: int
    close: int
    parts: tuple[tuple[int, int], ...]
    provisional: bool


class _Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: date
    name: str
    source: str
    confidence: Confidence
    note: str = ""


class _Special(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: date
    kind: SessionKind
    name: str
    source: str
    confidence: Confidence
    parts: tuple[tuple[Clock, Clock], ...] = ()
    pre_open: Clock | None = None
    provisional: bool = False
    note: str = ""


class _CalendarFile(RuleFile, frozen=True, kw_only=True):
    known_from: date
    holidays: tuple[_Holiday, ...]
    special_sessions: tuple[_Special, ...]


class Calendar:
    """
    The trading calendar of NSE and BSE, shares and their derivatives.

    Without `provisional_hours`, hours that are marked provisional in `hours.json` and `square_off.json`
    are passed over and the ones before them stay in force.
    """

    def __init__(self, *, provisional_hours: bool = True) -> None:
        file = read_rules(_FILE, _CalendarFile)
        self._first, self._last = file.known_from, file.known_to
        self._holidays = {row.date: row.name for row in file.holidays}
        self._specials = {row.date: row for row in file.special_sessions}
        self._hours = Hours(provisional=provisional_hours)
        self._square_off = SquareOff(provisional=provisional_hours)
        self._phase_times = PhaseTimes(provisional=provisional_hours)
        self._phases: dict[tuple[date, Segment], tuple[Phase, ...]] = {}
        self._sessions: dict[tuple[date, Segment], Session | None] = {}
        self._parts: dict[tuple[int, Segment], tuple[tuple[int, int], ...]] = {}

    @property
    def known(self) -> tuple[date, date]:
        """The first and the last day this calendar answers for."""
        return self._first, self._last

    def is_trading_day(self, day: date) -> bool:
        """Whether there is any session on `day`, a muhurat session or a special weekend session included."""
        return day in self._specials or self.is_regular_day(day)

    def is_regular_day(self, day: date) -> bool:
        """Whether `day` is a weekday that is not a holiday."""
        self._check(day)
        return day.weekday() < _SATURDAY and day not in self._holidays

    def session(self, day: date, segment: Segment) -> Session | None:
        """Return the session on `day`, None where the market is closed; `RuleUnknown` outside its years."""
        key = (day, segment)
        if key not in self._sessions:
            self._sessions[key] = self._build(day, segment)
        return self._sessions[key]

    def is_open(self, at: int, segment: Segment) -> bool:
        """Whether continuous trading of `segment` runs at the moment `at`, ns UTC."""
        key = (ist_day_number(at), segment)
        parts = self._parts.get(key)
        if parts is None:
            session = self.session(ist_date(at), segment)
            parts = self._parts[key] = () if session is None else session.parts
        return any(start <= at < end for start, end in parts)

    def phases(self, day: date, segment: Segment) -> tuple[Phase, ...]:
        """
        Return the phases of the order market on `day` in order of time; they do not overlap.

        Empty where the market is closed. In the pre-open of DERIVATIVES only some futures take part, and an
        index contract may stop earlier on its last day: `Timetable.phases_of` knows an instrument's own.
        """
        return tuple(each for each in self._all_phases(day, segment) if not each.kind.is_beside_the_market)

    def phase_at(self, at: int, segment: Segment) -> Phase | None:
        """Return the phase in which the moment `at`, ns UTC, lies; None before, between and after them."""
        return next(
            (each for each in self.phases(ist_date(at), segment) if each.opens <= at < each.closes), None
        )

    def windows(self, day: date, segment: Segment) -> tuple[Phase, ...]:
        """Return the windows for block deals and periodic auctions on `day`, beside the order market."""
        return tuple(each for each in self._all_phases(day, segment) if each.kind.is_beside_the_market)

    def close_of(self, instrument: Instrument, day: date) -> int | None:
        """
        Return when `instrument` stops trading on `day`, ns UTC; None where the market is closed.

        From 2026-12-07 an index contract stops earlier on its last day than the rest of its segment.
        """
        where = segment(instrument)
        session = self.session(day, where)
        if session is None:
            return None
        expiring = instrument.on_index and instrument.expiry == day and instrument.kind is not Kind.INDEX
        early = self._hours.on(day, where).expiring_index_close
        if expiring and early is not None and session.kind.has_normal_hours:
            return ist_ns(day, clock_time(early))
        return session.close

    def next_trading_day(self, day: date) -> date:
        """Return the first trading day after `day`."""
        return self._walk(day, _ONE_DAY)

    def previous_trading_day(self, day: date) -> date:
        """Return the last trading day before `day`."""
        return self._walk(day, -_ONE_DAY)

    def square_off(self, day: date, segment: Segment, plan: str = "zerodha") -> int:
        """
        Return the moment from which the broker closes MIS positions and takes no new ones, ns UTC.

        It is the open where the broker takes no MIS orders that day. Raises `RuleUnknown` on a day without
        a session, `ConfigError` for an unknown plan.
        """
        session = self.session(day, segment)
        if session is None:
            raise RuleUnknown(f"There is no MIS square-off on {day}: no session ({self.why(day)}).")
        if session.kind.has_normal_hours:
            return ist_ns(day, clock_time(self._square_off.clock(day, segment, plan)))
        rule = self._square_off.special(day, session.kind, plan)
        return session.open if rule.mis_blocked else session.close - rule.minutes_before_close * NS_PER_MINUTE

    def why(self, day: date) -> str:
        """Return in words what kind of day it is, like "Holiday: Diwali Balipratipada" or "Saturday"."""
        self._check(day)
        special = self._specials.get(day)
        if special is not None:
            return f"{special.kind.capitalize()} session: {special.name}"
        if day.weekday() >= _SATURDAY:
            return f"{day:%A}"
        name = self._holidays.get(day)
        return "Regular trading day" if name is None else f"Holiday: {name}"

    def _build(self, day: date, segment: Segment) -> Session | None:
        self._check(day)
        hours = self._hours.on(day, segment)
        special = self._specials.get(day)
        if special is not None:
            return _session(day, special.kind, special.parts or ((hours.open, hours.close),), special)
        if not self.is_regular_day(day):
            return None
        return _session(day, SessionKind.REGULAR, ((hours.open, hours.close),), hours)

    def _all_phases(self, day: date, segment: Segment) -> tuple[Phase, ...]:
        key = (day, segment)
        if key not in self._phases:
            self._phases[key] = tuple(sorted(self._make_phases(day, segment), key=lambda each: each.opens))
        return self._phases[key]

    def _make_phases(self, day: date, segment: Segment) -> list[Phase]:
        session = self.session(day, segment)
        if session is None:
            return []
        found = [continuous(start, end, provisional=session.provisional) for start, end in session.parts]
        if session.kind.has_normal_hours:
            return found + self._phase_times.on(day, segment)
        before = self._specials[day].pre_open
        if before is None or not segment.is_equity:
            return found
        opening = [each for each in self._phase_times.on(day, segment) if each.kind.is_pre_open]
        shift = ist_ns(day, clock_time(before)) - min(each.opens for each in opening)
        return found + [
            each for each in self._phase_times.on(day, segment, shift=shift) if each.kind.is_pre_open
        ]

    def _walk(self, day: date, step: timedelta) -> date:
        day += step
        while not self.is_trading_day(day):
            day += step
        return day

    def _check(self, day: date) -> None:
        if not self._first <= day <= self._last:
            raise RuleUnknown(
                f"Whether {day} is a trading day is not known: the calendar covers {self._first} to"
                f" {self._last}. NSE publishes each year's holidays in the December before; add them to"
                f" exchange/data/{_FILE}."
            )


def _session(
    day: date, kind: SessionKind, clocks: tuple[tuple[str, str], ...], rule: HoursRow | _Special
) -> Session:
    parts = tuple((ist_ns(day, clock_time(start)), ist_ns(day, clock_time(end))) for start, end in clocks)
    return Session(day, kind, parts[0][0], parts[-1][1], parts, rule.provisional)

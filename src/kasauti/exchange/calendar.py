"""
When the exchange trades: holidays, special sessions and hours, by date.

The calendar is `calendar.json`, its sisters for currency and commodities, and `hours.json`, as the exchanges
publish them. It answers for the years in
those files and refuses all others: a day of next year is neither open nor closed until the list is out.
A session is continuous trading; the phases around it, pre-open, closing auction and post-close, are asked
for as such. Source: market_rules.md 2.1, 2.2, 2.4.
"""

from datetime import date, timedelta

import msgspec

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import NS_PER_MINUTE, ist_date, ist_day_number, ist_ns
from kasauti.errors import RuleUnknown
from kasauti.exchange.clock import clock_time
from kasauti.exchange.hours import Hours, HoursRow, SessionKind, SquareOff
from kasauti.exchange.phases import Phase, PhaseKind, PhaseTimes, continuous
from kasauti.exchange.segments import Segment, segment
from kasauti.exchange.trading_days import Part, Special, TradingDays

__all__ = ["Calendar", "Phase", "PhaseKind", "Segment", "Session", "SessionKind", "segment"]

_STOCKS = "calendar.json"
_CURRENCY = "calendar_currency.json"
_COMMODITY = "calendar_commodity.json"
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


class Calendar:
    """
    When each segment trades. Where no segment is named, the share market is meant: NSE and BSE.

    `plan` is the broker whose square-off times hold. Without `provisional_hours`, hours that are marked
    provisional in `hours.json`, `phases.json` and `square_off.json` are passed over and the ones before them
    stay in force.
    """

    def __init__(self, *, provisional_hours: bool = True, plan: str = "zerodha") -> None:
        self._plan = plan
        self._days = {_STOCKS: TradingDays(_STOCKS)}
        self._days_of: dict[Segment, TradingDays] = {}
        self._hours = Hours(provisional=provisional_hours)
        self._square_off = SquareOff(provisional=provisional_hours)
        self._phase_times = PhaseTimes(provisional=provisional_hours)
        self._phases: dict[tuple[date, Segment], tuple[Phase, ...]] = {}
        self._sessions: dict[tuple[date, Segment], Session | None] = {}
        self._parts: dict[tuple[int, Segment], tuple[tuple[int, int], ...]] = {}

    @property
    def known(self) -> tuple[date, date]:
        """The first and the last day this calendar answers for."""
        return self._days[_STOCKS].first, self._days[_STOCKS].last

    def is_trading_day(self, day: date, segment: Segment = Segment.EQUITY) -> bool:
        """Whether there is any session on `day`, a muhurat or evening session included."""
        return self.days_of(segment).trades(day)

    def is_regular_day(self, day: date, segment: Segment = Segment.EQUITY) -> bool:
        """Whether `day` is a weekday that is not a holiday."""
        return self.days_of(segment).is_regular(day)

    def days_of(self, segment: Segment) -> TradingDays:
        """Return the holidays and special sessions that `segment` keeps."""
        found = self._days_of.get(segment)
        if found is None:
            file = _CURRENCY if segment.is_currency else _COMMODITY if segment.is_commodity else _STOCKS
            if file not in self._days:
                self._days[file] = TradingDays(file)
            found = self._days_of[segment] = self._days[file]
        return found

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
        key = (day, segment)
        if key not in self._phases:
            found = self._all_phases(day, segment)
            self._phases[key] = tuple(each for each in found if not each.kind.is_beside_the_market)
        return self._phases[key]

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

        On its last day a currency contract stops at noon, and from 2026-12-07 an index contract earlier than
        the rest of its segment.
        """
        where = segment(instrument)
        session = self.session(day, where)
        if session is None:
            return None
        if instrument.expiry != day or instrument.kind is Kind.INDEX or not session.kind.has_normal_hours:
            return session.close
        hours = self._hours.on(day, where)
        early = (hours.expiring_index_close if instrument.on_index else None) or hours.expiring_close
        return session.close if early is None else min(session.close, ist_ns(day, clock_time(early)))

    def next_trading_day(self, day: date, segment: Segment = Segment.EQUITY) -> date:
        """Return the first trading day after `day`."""
        return self._walk(day, _ONE_DAY, segment)

    def previous_trading_day(self, day: date, segment: Segment = Segment.EQUITY) -> date:
        """Return the last trading day before `day`."""
        return self._walk(day, -_ONE_DAY, segment)

    def square_off(self, day: date, segment: Segment, plan: str | None = None) -> int:
        """
        Return the moment from which the broker closes MIS positions and takes no new ones, ns UTC.

        The broker is the calendar's own where `plan` names no other. It is the open where the broker takes no
        MIS orders that day. Raises `RuleUnknown` on a day without
        a session, `ConfigError` for an unknown plan.
        """
        plan, session = plan or self._plan, self.session(day, segment)
        if session is None:
            raise RuleUnknown(f"There is no MIS square-off on {day}: no session ({self.why(day, segment)}).")
        if session.kind.has_normal_hours or session.kind.is_part_of_a_day:
            return self._square_off.moment(day, segment, plan, session.close)
        rule = self._square_off.special(day, session.kind, plan)
        return session.open if rule.mis_blocked else session.close - rule.minutes_before_close * NS_PER_MINUTE

    def why(self, day: date, segment: Segment = Segment.EQUITY) -> str:
        """Return in words what kind of day it is, like "Holiday: Diwali Balipratipada" or "Saturday"."""
        return self.days_of(segment).why(day)

    def _build(self, day: date, segment: Segment) -> Session | None:
        if not self.is_trading_day(day, segment):
            return None
        hours, days = self._hours.on(day, segment), self.days_of(segment)
        special = days.special(day)
        if special is not None:
            return _session(day, special.kind, special.parts or ((hours.open, hours.close),), special)
        match days.part(day):
            case Part.EVENING:
                return _evening(day, hours)
            case Part.MORNING:
                ends = min(hours.close, hours.evening_from or hours.close)
                return _session(day, SessionKind.MORNING, ((hours.open, ends),), hours)
            case _:
                return _session(day, SessionKind.REGULAR, ((hours.open, hours.close),), hours)

    def _all_phases(self, day: date, segment: Segment) -> list[Phase]:
        return sorted(self._make_phases(day, segment), key=lambda each: each.opens)

    def _make_phases(self, day: date, segment: Segment) -> list[Phase]:
        session = self.session(day, segment)
        if session is None:
            return []
        found = [continuous(start, end, provisional=session.provisional) for start, end in session.parts]
        if session.kind.has_normal_hours:
            return found + self._phase_times.on(day, segment)
        special = self.days_of(segment).special(day)
        before = None if special is None else special.pre_open
        if before is None or not segment.is_equity:
            return found
        opening = [each for each in self._phase_times.on(day, segment) if each.kind.is_pre_open]
        shift = ist_ns(day, clock_time(before)) - min(each.opens for each in opening)
        return found + [
            each for each in self._phase_times.on(day, segment, shift=shift) if each.kind.is_pre_open
        ]

    def _walk(self, day: date, step: timedelta, segment: Segment) -> date:
        day += step
        while not self.is_trading_day(day, segment):
            day += step
        return day


def _evening(day: date, hours: HoursRow) -> Session | None:
    """Return the evening session of a holiday; None for what does not trade in the evening."""
    if hours.evening_from is None:
        return None
    return _session(day, SessionKind.EVENING, ((hours.evening_from, hours.close),), hours)


def _session(
    day: date, kind: SessionKind, clocks: tuple[tuple[str, str], ...], rule: HoursRow | Special
) -> Session:
    parts = tuple((ist_ns(day, clock_time(start)), ist_ns(day, clock_time(end))) for start, end in clocks)
    return Session(day, kind, parts[0][0], parts[-1][1], parts, rule.provisional)

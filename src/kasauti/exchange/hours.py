"""The clock times of a day by segment and date: continuous trading, and when brokers close MIS positions."""

from datetime import date
from enum import StrEnum

from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.errors import ConfigError
from kasauti.exchange.clock import Clock, clock_time
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules
from kasauti.exchange.segments import Segment

_HOURS = "hours.json"
_SQUARE_OFF = "square_off.json"


class SessionKind(StrEnum):
    """
    What sets a session apart.

    SPECIAL is a normal day's hours at a weekend. EVENING and MORNING are what commodities trade on a holiday.
    """

    REGULAR = "regular"
    SPECIAL = "special"
    MUHURAT = "muhurat"
    DISASTER_RECOVERY = "disaster-recovery"
    EVENING = "evening"
    MORNING = "morning"

    @property
    def has_normal_hours(self) -> bool:
        """Whether the hours are those of a normal day."""
        return self in {SessionKind.REGULAR, SessionKind.SPECIAL}

    @property
    def is_part_of_a_day(self) -> bool:
        """Whether it is a normal day's morning or evening alone."""
        return self in {SessionKind.EVENING, SessionKind.MORNING}


class HoursRow(Row, frozen=True, kw_only=True):
    """Continuous trading of one segment; see `hours.json`."""

    segment: Segment
    open: Clock
    close: Clock
    expiring_index_close: Clock | None = None
    expiring_close: Clock | None = None
    evening_from: Clock | None = None
    provisional: bool = False


class _HoursFile(RuleFile, frozen=True, kw_only=True):
    hours: tuple[HoursRow, ...]


class _TimeRow(Row, frozen=True, kw_only=True):
    plan: str
    segment: Segment
    clock: Clock | None = None
    minutes_before_close: int | None = None
    provisional: bool = False

    def __post_init__(self) -> None:
        if (self.clock is None) == (self.minutes_before_close is None):
            raise ValueError("a square-off has a clock or minutes_before_close; give one of the two")


class SpecialRow(Row, frozen=True, kw_only=True):
    """What a broker does with MIS in a session of another kind; see `square_off.json`."""

    plan: str
    kind: SessionKind
    minutes_before_close: int = 0
    mis_blocked: bool = False


class _SquareOffFile(RuleFile, frozen=True, kw_only=True):
    times: tuple[_TimeRow, ...]
    special: tuple[SpecialRow, ...]


class Hours:
    """`hours.json` by segment. Without `provisional`, rows so marked are passed over."""

    def __init__(self, *, provisional: bool) -> None:
        file = read_rules(_HOURS, _HoursFile)
        self._timelines = {
            segment: Timeline(
                f"The timetable of the {segment} segment",
                [r for r in file.hours if r.segment is segment and (provisional or not r.provisional)],
                file=_HOURS,
                known_to=file.known_to,
            )
            for segment in Segment
        }

    def on(self, day: date, segment: Segment) -> HoursRow:
        """Return the hours of a normal day."""
        return self._timelines[segment].on(day)


class SquareOff:
    """`square_off.json` by broker and segment. Without `provisional`, rows so marked are passed over."""

    def __init__(self, *, provisional: bool) -> None:
        file = read_rules(_SQUARE_OFF, _SquareOffFile)
        self._plans = sorted({row.plan for row in file.times})
        self._times = {
            (plan, segment): Timeline(
                f"The {plan} MIS square-off time in the {segment} segment",
                [
                    row
                    for row in file.times
                    if row.plan == plan and row.segment is segment and (provisional or not row.provisional)
                ],
                file=_SQUARE_OFF,
                known_to=file.known_to,
            )
            for plan in self._plans
            for segment in Segment
        }
        self._special = {
            (plan, kind): Timeline(
                f"The {plan} MIS square-off in a {kind} session",
                [row for row in file.special if row.plan == plan and row.kind is kind],
                file=_SQUARE_OFF,
                known_to=file.known_to,
            )
            for plan in self._plans
            for kind in SessionKind
        }

    def moment(self, day: date, segment: Segment, plan: str, close: int) -> int:
        """Return when it begins in a session of normal hours that ends at `close`, both ns UTC."""
        self._check(plan)
        row = self._times[plan, segment].on(day)
        if row.minutes_before_close is not None:
            return close - row.minutes_before_close * NS_PER_MINUTE
        assert row.clock is not None, "a row has one of the two"
        return min(close, ist_ns(day, clock_time(row.clock)))

    def special(self, day: date, kind: SessionKind, plan: str) -> SpecialRow:
        """Return what happens in a session of another `kind`."""
        self._check(plan)
        return self._special[plan, kind].on(day)

    def _check(self, plan: str) -> None:
        if plan not in self._plans:
            raise ConfigError(
                f"There are no MIS square-off times for the plan {plan!r}. Known plans:"
                f" {', '.join(self._plans)}. Choose one, or add it to exchange/data/{_SQUARE_OFF}."
            )

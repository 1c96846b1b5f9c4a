"""What a check of market data found, and what is done about each kind of fault."""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from kasauti.feeds.recorded.layout import RecordingKind


class Action(StrEnum):
    """What is done with the rows of a finding."""

    DROPPED = "dropped"
    KEPT = "kept"
    SORTED = "sorted"
    SHIFTED = "shifted"
    REFUSED = "refused"


class Severity(StrEnum):
    """NOTE: as it should be, but worth knowing. WARNING: data is missing. ERROR: the file cannot be used."""

    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


class Fault(StrEnum):
    """A kind of fault."""

    CUT_LINE = "cut_line"
    NO_TIME = "no_time"
    NO_CONTRACT = "no_contract"
    WRONG_TIME_ZONE = "wrong_time_zone"
    WRONG_BAR_MARK = "wrong_bar_mark"
    WRONG_QUANTITY_UNIT = "wrong_quantity_unit"
    NOTHING_LEFT = "nothing_left"
    CLOCK_BEHIND = "clock_behind"
    WHOLE_MINUTES = "whole_minutes"
    UNKNOWN_CALENDAR = "unknown_calendar"
    TICK_FROM_DATA = "tick_from_data"
    DISORDER = "disorder"
    OVERLAPPING_FILES = "overlapping_files"
    DUPLICATE = "duplicate"
    FROZEN_REPEAT = "frozen_repeat"
    REPEATED_TICK = "repeated_tick"
    CLOSED_DAY = "closed_day"
    OUT_OF_SESSION = "out_of_session"
    EXPIRED = "expired"
    HALF_EMPTY = "half_empty"
    NO_UNDERLYING_PRICE = "no_underlying_price"
    NOT_A_NUMBER = "not_a_number"
    NEGATIVE = "negative"
    ZERO = "zero"
    BAD_QUANTITY = "bad_quantity"
    CROSSED = "crossed"
    UNORDERED_DEPTH = "unordered_depth"
    IMPOSSIBLE_BAR = "impossible_bar"
    PRINTED_LATER = "printed_later"
    VOLUME_BACKWARDS = "volume_backwards"
    NO_TRADES = "no_trades"
    OFF_TICK = "off_tick"
    GAP = "gap"
    MISSING_DAY = "missing_day"


class Treatment(msgspec.Struct, frozen=True):
    """What is done about one kind of fault, what it is, and which columns show it."""

    action: Action
    severity: Severity
    about: str
    show: tuple[str, ...] = ()


_OHLC = ("open", "high", "low", "close")

#: What is done about each kind. The feed and the check both read this table: they cannot disagree.
TREATMENT: dict[Fault, Treatment] = {
    Fault.CUT_LINE: Treatment(
        Action.DROPPED, Severity.WARNING, "last line without an end: it may have been cut off"
    ),
    Fault.NO_TIME: Treatment(Action.DROPPED, Severity.WARNING, "time that is missing or unreadable"),
    Fault.NO_CONTRACT: Treatment(
        Action.DROPPED, Severity.WARNING, "underlying, expiry, strike or option type that is none"
    ),
    Fault.WRONG_TIME_ZONE: Treatment(Action.REFUSED, Severity.ERROR, "times that look shifted by 5:30 hours"),
    Fault.WRONG_BAR_MARK: Treatment(
        Action.REFUSED, Severity.ERROR, "bars that look named by their other end"
    ),
    Fault.WRONG_QUANTITY_UNIT: Treatment(
        Action.REFUSED, Severity.ERROR, "quantities that look counted in the other unit", ("open_interest",)
    ),
    Fault.NOTHING_LEFT: Treatment(Action.REFUSED, Severity.ERROR, "no row can be used"),
    Fault.CLOCK_BEHIND: Treatment(
        Action.SHIFTED, Severity.NOTE, "recorder's clock behind the exchange's: rows move to after the print"
    ),
    Fault.WHOLE_MINUTES: Treatment(
        Action.KEPT, Severity.NOTE, "whole minutes only: may have been known up to a minute later"
    ),
    Fault.UNKNOWN_CALENDAR: Treatment(
        Action.KEPT, Severity.NOTE, "day outside the exchange calendar: a weekday's usual hours hold"
    ),
    Fault.TICK_FROM_DATA: Treatment(
        Action.KEPT, Severity.NOTE, "tick size known from no rule: the step of the prices in the file"
    ),
    Fault.DISORDER: Treatment(Action.SORTED, Severity.WARNING, "time that goes back"),
    Fault.OVERLAPPING_FILES: Treatment(
        Action.REFUSED,
        Severity.ERROR,
        "rows of one instrument and time in two files: keep one of the files, or leave out what they share",
    ),
    Fault.DUPLICATE: Treatment(
        Action.DROPPED, Severity.WARNING, "second row of one instrument and time: the last one stands"
    ),
    Fault.FROZEN_REPEAT: Treatment(Action.DROPPED, Severity.WARNING, "repeat of everything that came before"),
    Fault.REPEATED_TICK: Treatment(Action.KEPT, Severity.NOTE, "tick that repeats the one before"),
    Fault.CLOSED_DAY: Treatment(Action.DROPPED, Severity.WARNING, "day on which the market was closed"),
    Fault.OUT_OF_SESSION: Treatment(Action.DROPPED, Severity.NOTE, "outside continuous trading"),
    Fault.EXPIRED: Treatment(Action.DROPPED, Severity.WARNING, "contract that had expired"),
    Fault.HALF_EMPTY: Treatment(
        Action.DROPPED, Severity.WARNING, "snapshot in which fewer than half of the options have a price"
    ),
    Fault.NO_UNDERLYING_PRICE: Treatment(
        Action.DROPPED, Severity.WARNING, "snapshot without a price of the underlying; its options stay"
    ),
    Fault.NOT_A_NUMBER: Treatment(
        Action.DROPPED, Severity.WARNING, "price that is no number", ("last", *_OHLC)
    ),
    Fault.NEGATIVE: Treatment(
        Action.DROPPED,
        Severity.WARNING,
        "negative price or quantity",
        ("last", *_OHLC, "bid", "ask", "volume", "open_interest"),
    ),
    Fault.ZERO: Treatment(Action.DROPPED, Severity.NOTE, "price of zero: not traded yet", ("last", *_OHLC)),
    Fault.BAD_QUANTITY: Treatment(
        Action.DROPPED, Severity.WARNING, "quantity that is no whole number", ("volume", "open_interest")
    ),
    Fault.CROSSED: Treatment(Action.DROPPED, Severity.WARNING, "bid not below ask", ("bid", "ask")),
    Fault.UNORDERED_DEPTH: Treatment(
        Action.DROPPED, Severity.WARNING, "depth that is not best first", ("bid", "ask")
    ),
    Fault.IMPOSSIBLE_BAR: Treatment(
        Action.DROPPED, Severity.WARNING, "bar whose high or low is inside its open and close", _OHLC
    ),
    Fault.PRINTED_LATER: Treatment(
        Action.DROPPED, Severity.WARNING, "last trade minutes later than the time it was received"
    ),
    Fault.VOLUME_BACKWARDS: Treatment(
        Action.DROPPED, Severity.WARNING, "day volume that goes back: a row that came late", ("volume",)
    ),
    Fault.NO_TRADES: Treatment(Action.DROPPED, Severity.NOTE, "bar in which nothing traded", ("volume",)),
    Fault.OFF_TICK: Treatment(
        Action.KEPT, Severity.WARNING, "price that is no multiple of the tick", ("last", *_OHLC)
    ),
    Fault.GAP: Treatment(Action.KEPT, Severity.NOTE, "stretch of the session without data"),
    Fault.MISSING_DAY: Treatment(Action.KEPT, Severity.NOTE, "trading day without data"),
}


class Place(msgspec.Struct, frozen=True):
    """Where something is: file, data row counted from 1 (0: not a row), IST time, instrument, value."""

    file: str
    row: int = 0
    at: str = ""
    instrument: str = ""
    value: str = ""

    def __str__(self) -> str:
        parts = [self.file, f"row {self.row}" if self.row else "", self.at, self.instrument, self.value]
        return ", ".join(part for part in parts if part)


class Finding(msgspec.Struct, frozen=True):
    """
    `count` rows with one kind of fault, the first of them, and what is done with all of them.

    `moments` is at how many different times they are: for a chain, how many snapshots. Gaps, days and files
    are counted as such.
    """

    kind: Fault
    count: int
    moments: int
    first: Place
    action: Action
    severity: Severity
    about: str

    def __str__(self) -> str:
        times = f" at {self.moments:,} times" if self.moments > 1 else ""
        return f"{self.about}: {self.count:,}{times}, {self.action}; first: {self.first}"


#: A text lists every day of a recording of at most this many; of a longer one those with dropped rows.
_DAYS_SHOWN = 10


class DayReport(msgspec.Struct, frozen=True):
    """
    One IST day of a recording.

    `rows` is how many ticks or bars its rows amount to, `used` how many of them the feed yields, `moments`
    at how many different times; `first` and `last` are IST clock times of those.
    """

    day: str
    rows: int
    used: int
    moments: int
    first: str
    last: str
    session: str


class DataReport(msgspec.Struct, frozen=True):
    """
    What is in a recording and what the feed makes of it.

    `rows` counts the rows of the files. A chain row with a call and a put is two ticks, and each snapshot
    one more for its underlying: `ticks` counts those, `used` the ones that the feed yields.
    """

    path: str
    kind: RecordingKind
    layouts: tuple[str, ...]
    files: int
    rows: int
    ticks: int
    used: int
    instruments: int
    days: tuple[DayReport, ...]
    findings: tuple[Finding, ...]

    @property
    def severity(self) -> Severity:
        """The worst of its findings."""
        found = {finding.severity for finding in self.findings}
        return next((each for each in reversed(Severity) if each in found), Severity.NOTE)

    @property
    def refusal(self) -> Finding | None:
        """The first finding for which the recording is refused, if there is one."""
        return next((finding for finding in self.findings if finding.action is Action.REFUSED), None)

    def to_json(self) -> bytes:
        """Return the whole report as JSON."""
        return msgspec.json.encode(self)

    def describe(self) -> str:
        """Return the report as plain text."""
        lines = [
            f"{self.path}: {self.kind} ({', '.join(self.layouts)})",
            (
                f"{self.rows:,} rows in {self.files} file(s), {self.instruments:,} instruments;"
                f" {self.ticks:,} ticks or bars, {self.used:,} used"
            ),
        ]
        lines += [
            f"  {day.day}  {day.first or '--:--:--'} to {day.last or '--:--:--'}"
            f"  {day.used:,} of {day.rows:,} used, {day.moments:,} moments  ({day.session})"
            for day in self.days
            if len(self.days) <= _DAYS_SHOWN or day.used < day.rows
        ]
        if len(self.days) > _DAYS_SHOWN:
            whole = sum(day.used == day.rows for day in self.days)
            lines.append(
                f"  and {whole} days from {self.days[0].day} to {self.days[-1].day} used as they are"
            )
        lines += [f"{finding.severity:8} {finding}" for finding in self.findings]
        return "\n".join(lines)


def found(kind: Fault, count: int, first: Place, moments: int = 0) -> Finding:
    """Return a finding with the treatment of its kind."""
    treatment = TREATMENT[kind]
    return Finding(kind, count, moments, first, treatment.action, treatment.severity, treatment.about)


def merged(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return one finding for each kind, in the order of `Fault`: counts added, the first place kept."""
    by_kind: dict[Fault, Finding] = {}
    for finding in findings:
        earlier = by_kind.get(finding.kind)
        if earlier is None:
            by_kind[finding.kind] = finding
        else:
            by_kind[finding.kind] = msgspec.structs.replace(
                earlier, count=earlier.count + finding.count, moments=earlier.moments + finding.moments
            )
    return tuple(by_kind[kind] for kind in Fault if kind in by_kind)

"""
Time in Kasauti.

Inside, a moment is `int` nanoseconds since 1970-01-01 UTC. Wherever a person or a file sees it, it is
Indian Standard Time with its offset. IST is UTC+05:30 and has had no daylight saving since 1945, so a
fixed offset is exact and needs no time-zone database. A moment out of a column is a number of numpy: what is
whole by its type counts as an int here.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from operator import index
from typing import Final, SupportsIndex

from kasauti.errors import InvalidInput

NS_PER_SECOND: Final = 1_000_000_000
NS_PER_MS: Final = 1_000_000
NS_PER_MINUTE: Final = 60 * NS_PER_SECOND
NS_PER_DAY: Final = 86_400 * NS_PER_SECOND

IST = timezone(timedelta(hours=5, minutes=30), "IST")
IST_OFFSET_NS: Final = (5 * 60 + 30) * NS_PER_MINUTE

_SECONDS_PER_DAY: Final = 86_400
#: Each millisecond of a second as it is written: looked up many times as fast as formatted.
_MILLISECONDS: Final = tuple(f"{each:03d}" for each in range(1_000))
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def ist_day_number(at: SupportsIndex) -> int:
    """Return the IST calendar day of `at` as days since 1970-01-01: cheap to compare."""
    return (index(at) + IST_OFFSET_NS) // NS_PER_DAY


def ist_date(at: SupportsIndex) -> date:
    """Return the IST calendar date of `at`."""
    return date.fromordinal(ist_day_number(at) + _EPOCH_ORDINAL)


def ist_ns(day: date, clock: time = time(0, 0)) -> int:
    """Return the moment at which IST clocks show `clock` on `day`."""
    midnight = (day.toordinal() - _EPOCH_ORDINAL) * NS_PER_DAY - IST_OFFSET_NS
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return midnight + seconds * NS_PER_SECOND + clock.microsecond * 1_000


def ist_datetime(at: SupportsIndex) -> datetime:
    """Return `at` as an aware IST datetime, to the microsecond."""
    seconds, rest = divmod(index(at), NS_PER_SECOND)
    return datetime.fromtimestamp(seconds, UTC).astimezone(IST) + timedelta(microseconds=rest // 1_000)


def ist_clock(at: SupportsIndex) -> str:
    """Return the IST time of day of `at`, like 09:15:00."""
    seconds = (index(at) + IST_OFFSET_NS) % NS_PER_DAY // NS_PER_SECOND
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def ist_iso(at: SupportsIndex) -> str:
    """Return `at` as ISO 8601 with milliseconds and +05:30."""
    seconds, rest = divmod(index(at) + IST_OFFSET_NS, NS_PER_SECOND)
    return f"{_iso_second(seconds)}.{_MILLISECONDS[rest // NS_PER_MS]}+05:30"


@lru_cache(maxsize=64)
def _iso_second(seconds: int) -> str:
    day, seconds = divmod(seconds, _SECONDS_PER_DAY)
    minutes, second = divmod(seconds, 60)
    return f"{_iso_date(day)}T{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"


@lru_cache(maxsize=64)
def _iso_date(day: int) -> str:
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


def parse_ist(text: str) -> int:
    """
    Return the moment that `text` names: an ISO date and time; IST where it carries no offset.

    Raises `InvalidInput` if it names none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{text!r} is not a date and time; write it like 2026-11-23T09:15:00") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=IST)
    whole = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (whole.days * 86_400 + whole.seconds) * NS_PER_SECOND + whole.microseconds * 1_000

"""The time of day in India as a number, cheap to compare on every tick."""

from datetime import date, datetime, time, timedelta

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND


def clock_of(at: int) -> int:
    """Return the nanoseconds since midnight that IST clocks show at `at`."""
    return (at + IST_OFFSET_NS) % NS_PER_DAY


def since_midnight(clock: time) -> int:
    """Return `clock` as nanoseconds since midnight."""
    seconds = (clock.hour * 60 + clock.minute) * 60 + clock.second
    return seconds * NS_PER_SECOND + clock.microsecond * 1_000


def second_after(clock: time) -> time:
    """Return the time a second after `clock`, on the same day."""
    return (datetime.combine(date.min, clock) + timedelta(seconds=1)).time()

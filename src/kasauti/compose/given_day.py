"""A day as callers give it: text, a date, or a time stamp as pandas and numpy have it."""

from datetime import date, datetime

import numpy as np

from kasauti.errors import InvalidInput

#: What may be given for a day: numpy's is `datetime64`, and pandas' time stamps are dates.
Day = date | str | np.datetime64


def day_of(day: Day | None, name: str) -> date | None:
    """Return the day that was given, of a time its date; `InvalidInput`, naming `name`, for what is none."""
    if isinstance(day, datetime):
        return day.date()
    if day is None or isinstance(day, date):
        return day
    try:
        return date.fromisoformat(str(day.astype("M8[D]")) if isinstance(day, np.datetime64) else day)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name} is {day!r}, which is not a day; write it like 2026-01-22") from error

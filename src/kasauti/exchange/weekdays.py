"""A last trading day, and the weekdays on which contracts can have it."""

from datetime import date
from enum import StrEnum

import msgspec


class Weekday(StrEnum):
    """A day on which contracts can expire; its place is Python's `date.weekday()`."""

    MONDAY = "Monday"
    TUESDAY = "Tuesday"
    WEDNESDAY = "Wednesday"
    THURSDAY = "Thursday"
    FRIDAY = "Friday"


PLACE = {weekday: place for place, weekday in enumerate(Weekday)}


class Expiry(msgspec.Struct, frozen=True, order=True):
    """A last trading day. `scheduled` is the day it would be if that were not a holiday."""

    day: date
    monthly: bool
    scheduled: date

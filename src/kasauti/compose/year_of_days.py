"""The days of a year on which a market is closed, or open at other hours than usual."""

from datetime import date

import msgspec

from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.trading_days import Holiday, Special

#: The segments of each exchange, the one whose holidays they all keep first.
SEGMENTS: dict[str, tuple[Segment, ...]] = {
    **dict.fromkeys(("NSE", "BSE"), (Segment.EQUITY, Segment.EQUITY_WITH_DERIVATIVES)),
    **dict.fromkeys(("NFO", "BFO"), (Segment.DERIVATIVES,)),
    **dict.fromkeys(("CDS", "BCD"), (Segment.CURRENCY, Segment.CURRENCY_CROSS)),
    "MCX": tuple(each for each in Segment if each.is_commodity),
}


class YearOfDays(msgspec.Struct, frozen=True):
    """Weekdays on which an exchange is closed or open in part, and its sessions at special hours."""

    exchange: str
    year: int
    holidays: list[Holiday]
    special_sessions: list[Special]


def year_of_days(year: int, exchange: str) -> YearOfDays:
    """Return what is unusual in a year; `RuleUnknown` for one that the exchange has not published."""
    days = Calendar().days_of(SEGMENTS[exchange][0])
    for each in (date(year, 1, 1), date(year, 12, 31)):
        days.check(each)
    return YearOfDays(
        exchange,
        year,
        [each for each in days.holidays if each.date.year == year],
        [each for each in days.specials if each.date.year == year],
    )

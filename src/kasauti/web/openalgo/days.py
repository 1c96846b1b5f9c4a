"""On which days the exchanges are closed, and when they trade on one."""

from datetime import date
from typing import Annotated, ClassVar

from starlette.responses import Response

from kasauti.domain.ist import NS_PER_MS, ist_date
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.trading_days import Holiday
from kasauti.web.endpoint import Call
from kasauti.web.openalgo.data_requests import Plain
from kasauti.web.openalgo.fields import Between, Text
from kasauti.web.openalgo.words import failure, reply

#: The segment by which each exchange's hours go.
_SEGMENTS = {
    "NSE": Segment.EQUITY,
    "BSE": Segment.EQUITY,
    "NFO": Segment.DERIVATIVES,
    "BFO": Segment.DERIVATIVES,
    "CDS": Segment.CURRENCY,
    "BCD": Segment.CURRENCY,
    "MCX": Segment.COMMODITY,
}
_YEARS = (2020, 2050)


class Holidays(Plain, kw_only=True, frozen=True):
    """The holidays of a year, of this one if none is named."""

    OPEN: ClassVar[bool] = False
    year: Annotated[float, Between(*_YEARS, nullable=True)] = 0


class Timings(Plain, kw_only=True, frozen=True):
    """When the exchanges trade on a day."""

    date: Annotated[str, Text()]


async def holidays(call: Call) -> Response:
    """Return the holidays, each with the exchanges that are closed and those that trade in part."""
    asked: Holidays = call.body
    calendar = call.desk.floor.calendar
    year = int(asked.year) or ist_date(call.desk.now).year
    named: dict[date, Holiday] = {}
    for segment in dict.fromkeys(_SEGMENTS.values()):
        for each in calendar.days_of(segment).holidays:
            if each.date.year == year:
                named.setdefault(each.date, each)
    rows = [_holiday(calendar, day, named[day].name) for day in sorted(named)]
    return reply({"status": "success", "year": year, "timezone": "Asia/Kolkata", "data": rows})


def _holiday(calendar: Calendar, day: date, name: str) -> dict[str, object]:
    trading = _trading(calendar, day)
    open_ones = {row["exchange"] for row in trading}
    return {
        "date": day.isoformat(),
        "description": name,
        "holiday_type": "TRADING_HOLIDAY",
        "closed_exchanges": [each for each in _SEGMENTS if each not in open_ones],
        "open_exchanges": trading,
    }


async def timings(call: Call) -> Response:
    """Return when each exchange trades, in milliseconds; nothing on a holiday."""
    asked: Timings = call.body
    try:
        day = date.fromisoformat(asked.date)
    except ValueError:
        return failure("Invalid date format. Use YYYY-MM-DD", 400)
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        return failure("Date must be between 2020-01-01 and 2050-12-31", 400)
    try:
        return reply({"status": "success", "data": _trading(call.desk.floor.calendar, day)})
    except RuleUnknown as error:
        return failure(str(error), 400)


def _trading(calendar: Calendar, day: date) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for exchange, segment in _SEGMENTS.items():
        try:
            session = calendar.session(day, segment)
        except RuleUnknown:
            if segment is Segment.EQUITY:
                raise
            continue  # a market whose calendar of that year is not known is not said to be open
        if session is not None:
            rows.append(
                {
                    "exchange": exchange,
                    "start_time": session.open // NS_PER_MS,
                    "end_time": session.close // NS_PER_MS,
                }
            )
    return rows

"""Results by calendar: a table of months, and every day as a cell."""

from collections.abc import Sequence
from datetime import date, timedelta

from kasauti.analytics.breakdowns import Day, Month
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.svg import drawing, rectangle, words

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_CELL, _LEFT, _TOP = 13, 34, 18
#: Shades of a cell, from nearly nothing to the largest result.
_SHADES = 4
#: Years drawn as days, the last ones; earlier ones stand in the table of months alone.
_YEARS = 3


def month_table(months: Sequence[Month]) -> str:
    """Return a table with a row a year and a column a month: the change of equity, and by its begin."""
    if not months:
        return ""
    largest = max(abs(month.net) for month in months)
    rows = []
    for year in dict.fromkeys(month.year for month in months):
        own = {month.month: month for month in months if month.year == year}
        cells = "".join(_month(own.get(number), largest) for number in range(1, 13))
        total = sum(month.net for month in own.values())
        rows.append(f'<tr><th scope="row">{year}</th>{cells}{_cell(total, "", "total")}</tr>')
    heads = "".join(f'<th scope="col">{name}</th>' for name in _NAMES)
    return (
        '<div class="scroll"><table class="months"><thead><tr><th scope="col">₹</th>'
        f'{heads}<th scope="col">Year</th></tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _month(month: Month | None, largest: int) -> str:
    if month is None:
        return '<td class="empty"></td>'
    return _cell(month.net, fmt.percent(month.part, plus=True), _shade(month.net, largest))


def _cell(net: int, part: str, name: str) -> str:
    under = f"<small>{part}</small>" if part else ""
    whole = fmt.whole_rupees(net, plus=True).replace("₹", "")
    return f'<td class="{name}" title="{fmt.amount(net)}">{whole}{under}</td>'


def _shade(net: int, largest: int) -> str:
    if not net or not largest:
        return "flat"
    shade = min(_SHADES, 1 + abs(net) * _SHADES // (largest + 1))
    return f"{'won' if net > 0 else 'lost'}{shade}"


def day_calendar(days: Sequence[Day]) -> str:
    """Return every trading day as a cell, a column a week, a strip a year."""
    if len(days) < 2:  # noqa: PLR2004  one cell says nothing
        return ""
    ordered = sorted(abs(day.net) for day in days)
    # The largest day would leave all others pale: the strongest shade begins at the nineteenth of twenty.
    largest = max(ordered[min(len(ordered) - 1, len(ordered) * 19 // 20)], 1)
    by_day = {date.fromisoformat(day.day): day for day in days}
    years = sorted({day.year for day in by_day})[-_YEARS:]
    first, last = min(by_day), max(by_day)
    if len(years) > 1:
        first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    parts: list[str] = []
    for strip, year in enumerate(years):
        top = _TOP + strip * (7 * _CELL + 26)
        parts += _year(max(first, date(year, 1, 1)), min(last, date(year, 12, 31)), top, by_day, largest)
    height = _TOP + len(years) * (7 * _CELL + 26) - 20
    wide = _LEFT + 54 * _CELL + 8
    return drawing(height, parts, "Results day by day", width=wide, extra=' class="calendar"')


def _year(first: date, last: date, top: float, days: dict[date, Day], largest: int) -> list[str]:
    """Draw the days of one year from `first` to `last`."""
    begin = first - timedelta(days=first.weekday())
    parts = [words(0, top + 4 * _CELL, str(first.year), "axis")]
    for month in range(first.month, last.month + 1):
        week = max((date(first.year, month, 1) - begin).days // 7, 0)
        parts.append(words(_LEFT + week * _CELL, top - 5, _NAMES[month - 1], "axis"))
    for when in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        day = days.get(when)
        if day is None and when.weekday() > 4:  # noqa: PLR2004  a weekend without a session
            continue
        x, y = _LEFT + (when - begin).days // 7 * _CELL, top + when.weekday() * _CELL
        name = "day none" if day is None else f"day {_shade(day.net, largest)}"
        said = "" if day is None else f"{fmt.day(when)}: {fmt.amount(day.net)}, {fmt.count(day.fills)} fills"
        parts.append(rectangle(x, y, _CELL - 2, _CELL - 2, name, said))
    return parts

"""The top of the screen: mode, prices, clock, index, and how far the day has come."""

from rich.text import Text

from kasauti.cli.sheet import joined, spread
from kasauti.cli.typography import (
    BADGE,
    DOWN,
    SOFT,
    STRONG,
    UP,
    calendar_day,
    percent,
    price,
    sparkline,
    symbol,
)
from kasauti.domain.ist import ist_clock, ist_date
from kasauti.domain.money import format_price

#: The widths from which there is room for a weekday, and for the whole of the second line.
_MIDDLE, _WIDE = 90, 120

#: Cells of the day's progress where there is little and much room, and the most of the index's line.
_SHORT_BAR, _LONG_BAR, _TRAIL = 12, 24, 30


def header(width: int, *, badge: str, market: str, at: int, speed: str) -> Text:
    """Return the first line: mode and prices left, day, clock and speed right."""
    left = joined([Text(f" {badge} ", BADGE), Text(market, STRONG)])
    day = ist_date(at)
    parts = [
        Text(calendar_day(day) if width >= _MIDDLE else day.isoformat()),
        Text(f"{ist_clock(at)} IST", STRONG),
    ]
    if speed:
        parts.append(Text(speed, SOFT))
    return spread(left, joined(parts), width)


def index_line(
    width: int,
    *,
    underlying: str,
    prices: tuple[int, int],
    since: int,
    trail: list[int],
    at: int,
    hours: tuple[int, int],
) -> Text:
    """
    Return the second line: the index with its change and its line left, the day's progress right.

    `prices` are its last price and the first one seen, at `since`.
    """
    last, opened = prices
    right = _progress(at, hours, width)
    parts = [Text(f" {symbol(underlying)}", STRONG), Text(price(last), STRONG)]
    if last and opened:
        parts.append(_change(last, opened))
        if width >= _WIDE:
            parts.append(Text(f"since {ist_clock(since)[:5]}", SOFT))
    room = width - joined(parts).cell_len - right.cell_len - 4
    parts.append(Text(sparkline(trail, min(_TRAIL, room)), "cyan"))
    return spread(joined(parts), right, width)


def _change(last: int, opened: int) -> Text:
    change = last - opened
    arrow, style = ("▲", UP) if change > 0 else ("▼", DOWN) if change < 0 else ("=", "")
    sign = "+" if change > 0 else ""
    return Text(f"{arrow} {sign}{format_price(change)} ({percent(change / opened, signed=True)})", style)


def _progress(at: int, hours: tuple[int, int], width: int) -> Text:
    opens, closes = hours
    part = min(1.0, max(0.0, (at - opens) / (closes - opens))) if closes > opens else 0.0
    cells = _LONG_BAR if width >= _MIDDLE else _SHORT_BAR
    done = round(part * cells)
    line = Text(f"{ist_clock(opens)[:5]} " if width >= _MIDDLE else "", SOFT)
    line.append("━" * done, "cyan")
    line.append("─" * (cells - done), SOFT)
    end = f" {ist_clock(closes)[:5]}" if width >= _MIDDLE else ""
    line.append(f"{end} {round(100 * part):3d} %", SOFT)
    return line

"""
How numbers, times and names look in the terminal: one place for all of them.

Colour carries four meanings only: side, result, mode, warning; and each also stands in a word or a sign, so
that everything reads without colour. Amounts are grouped by lakh and crore. What is missing is a dash,
never a zero.
"""

from datetime import date
from typing import Final

from rich.text import Text

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.money import PAISA, RUPEE, format_price, group_indian, to_paise_half_up
from kasauti.domain.order import Side

DASH: Final = "–"  # noqa: RUF001  the en dash that stands for a missing number

UP: Final = "green"
DOWN: Final = "red"
BUY: Final = "dodger_blue1"
SELL: Final = "dark_orange3"
SOFT: Final = "dim"
STRONG: Final = "bold"
WARN: Final = "yellow"
BADGE: Final = "bold black on yellow"
EDGE: Final = "bright_black"

_LAKH: Final = 100_000
_CRORE: Final = 100 * _LAKH
_NS_PER_MS: Final = 1_000_000
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_BARS: Final = "▁▂▃▄▅▆▇█"


def price(units: int) -> str:
    """Return a price with its decimals, a dash for none."""
    return format_price(units) if units else DASH


def mean_price(units: int) -> str:
    """Return an average to the paisa, a dash for none: averages need not be on a tick."""
    return format_price(to_paise_half_up(units)) if units else DASH


def result(units: int, *, sign: str = "") -> Text:
    """Return a profit or loss, signed, green or red; `sign` is put before the number, like a rupee's."""
    style = UP if units > 0 else DOWN if units < 0 else ""
    plus = "+" if units > 0 else "-" if units < 0 else ""
    return Text(f"{plus}{sign}{format_price(abs(units))}", style)


def amount(units: int) -> str:
    """Return an amount without a currency sign, for columns whose head has it."""
    return format_price(units)


def whole_rupees(units: int) -> str:
    """Return an amount without paise, for where there is little room."""
    rupees = (2 * abs(units) + RUPEE) // (2 * RUPEE)
    return f"{'-' if units < 0 and rupees else ''}₹{group_indian(rupees)}"


def quantity(units: int) -> str:
    """Return units, grouped, with a minus where they are short."""
    return f"{'-' if units < 0 else ''}{group_indian(abs(units))}"


def counted(number: int, noun: str) -> str:
    """Return a number of things: 1 trade, 2 trades."""
    return f"{group_indian(number)} {noun}{'' if number == 1 else 's'}"


def compact(units: int, *, signed: bool = False) -> str:
    """Return a large count with three or four figures: 98,450 or 70.80L or 2.83Cr; a dash for none."""
    if not units:
        return "0" if signed else DASH
    sign = "-" if units < 0 else "+" if signed else ""
    size = abs(units)
    if size < _LAKH:
        return f"{sign}{group_indian(size)}"
    scale, word = (_LAKH, "L") if size < _CRORE else (_CRORE, "Cr")
    return f"{sign}{size / scale:.2f}{word}"


def lakhs(units: int, *, signed: bool = False) -> str:
    """Return a count in lakhs, for columns whose head says so; a dash for none."""
    if not units and not signed:
        return DASH
    return f"{units / _LAKH:{'+' if signed else ''}.2f}"


def percent(fraction: float | None, *, signed: bool = False) -> str:
    """Return a fraction in per cent, a dash for None."""
    if fraction is None:
        return DASH
    return f"{100 * fraction:{'+' if signed else ''}.2f} %"


def clock(at: int) -> str:
    """Return the IST time of day to the second, a dash for none."""
    return ist_clock(at) if at else DASH


def clock_ms(at: int) -> str:
    """Return the IST time of day to the millisecond."""
    return f"{ist_clock(at)}.{at // _NS_PER_MS % 1000:03d}"


def calendar_day(day: date) -> str:
    """Return a date with its weekday: Mon 23 Nov 2026."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1].title()} {day.year}"


def day_month(day: date) -> str:
    """Return a date without its year: 23 Nov."""
    return f"{day.day} {_MONTHS[day.month - 1].title()}"


def duration(ns: int) -> str:
    """Return a length of time in its two largest units: 41 s, 5 min 03 s, 2 h 07 min."""
    seconds = round(ns / NS_PER_SECOND)
    if seconds < 60:  # noqa: PLR2004  a minute
        return f"{seconds} s"
    minutes, seconds = divmod(seconds, 60)
    if minutes < 60:  # noqa: PLR2004  an hour
        return f"{minutes} min {seconds:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def side(way: Side) -> Text:
    """Return BUY or SELL in its colour."""
    return Text(way.value, BUY if way is Side.BUY else SELL)


def symbol(instrument_id: str) -> str:
    """Return the tradingsymbol of an id, which is what people copy."""
    return instrument_id.partition(":")[2] or instrument_id


def contract(instrument: Instrument, *, short: bool = False) -> str:
    """Return a contract as people say it: NIFTY 24 NOV 26000 CE, short NIFTY 26000 CE."""
    if instrument.expiry is None:
        return instrument.tradingsymbol
    name = instrument.name or symbol(instrument.underlying) or instrument.tradingsymbol
    day = "" if short else f" {instrument.expiry.day} {_MONTHS[instrument.expiry.month - 1]}"
    if instrument.kind is Kind.FUTURE:
        return f"{name}{day} FUT"
    return f"{name}{day} {strike(instrument.strike)} {instrument.kind}"


def strike(units: int) -> str:
    """Return a strike without the paise it does not have, and without grouping, as symbols write it."""
    whole, rest = divmod(units, RUPEE)
    return f"{whole}.{rest // PAISA:02d}" if rest else str(whole)


def short_id(order_id: str) -> str:
    """Return the part of an order's id that tells it from all others of its account: #1A."""
    return f"#{order_id.rpartition('_')[2]}"


def bar(part: float, width: int, *, to_left: bool = False) -> str:
    """Return a horizontal bar that fills `part`, 0 to 1, of `width` cells, to half a cell."""
    whole, half = divmod(round(min(max(part, 0.0), 1.0) * width * 2), 2)
    if to_left:
        return f"{'▐' * half}{'█' * whole}".rjust(width)
    return f"{'█' * whole}{'▌' * half}".ljust(width)


def sparkline(values: list[int], width: int) -> str:
    """Return values as a line of small bars, the lowest at the bottom; empty for fewer than two."""
    if len(values) < 2 or width < 1:  # noqa: PLR2004  one value is no line
        return ""
    shown = _thinned(values, width)
    low, high = min(shown), max(shown)
    if low == high:
        return _BARS[0] * len(shown)
    return "".join(_BARS[(value - low) * (len(_BARS) - 1) // (high - low)] for value in shown)


def _thinned(values: list[int], width: int) -> list[int]:
    """Return at most `width` of the values, evenly spread, the last one among them."""
    if len(values) <= width:
        return values
    return [values[(n + 1) * len(values) // width - 1] for n in range(width)]

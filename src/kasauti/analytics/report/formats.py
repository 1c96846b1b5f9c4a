"""Numbers, money and moments as a reader in India expects them; what is not known is a dash."""

from datetime import date
from html import escape

from kasauti.domain.ist import NS_PER_DAY, NS_PER_MINUTE, NS_PER_SECOND, ist_date, ist_datetime
from kasauti.domain.money import RUPEE, format_price, group_indian

DASH = "–"  # noqa: RUF001  the sign of a missing value
MINUS = "\N{MINUS SIGN}"
_LAKH, _CRORE = 100_000, 10_000_000
_NS_PER_HOUR = 60 * NS_PER_MINUTE
#: Below this a percentage has two decimals, from it on one.
_TEN = 10


def text(words: str) -> str:
    """Return words that stand in HTML as they are."""
    return escape(words, quote=True)


def sign_of(value: float, *, plus: bool) -> str:
    """Return the sign of a value as a character, empty where none is shown."""
    return MINUS if value < 0 else "+" if plus and value > 0 else ""


def rupees(units: float | None, *, plus: bool = False) -> str:
    """Return an amount in a sentence or as a headline: ₹12,345.50; whole rupees from ₹1 lakh on."""
    if units is None:
        return DASH
    if abs(units) >= _LAKH * RUPEE:
        return whole_rupees(round(units), plus=plus)
    paise = _rounded(abs(units), RUPEE // 100)
    return f"{sign_of(paise and units, plus=plus)}₹{_two_decimals(paise)}"


def whole_rupees(units: int, *, plus: bool = False) -> str:
    """Return an amount as a headline, to whole rupees."""
    whole = _rounded(abs(units), RUPEE)
    return f"{sign_of(whole and units, plus=plus)}₹{group_indian(whole)}"


def amount(units: float | None, *, plus: bool = True) -> str:
    """Return an amount in a table: +1,12,480.50, without the currency's sign."""
    if units is None:
        return DASH
    paise = _rounded(abs(units), RUPEE // 100)
    return f"{sign_of(paise and units, plus=plus)}{_two_decimals(paise)}"


def _rounded(units: float, step: int) -> int:
    """Return how many steps an amount is, halves up."""
    return (2 * round(units) + step) // (2 * step)


def _two_decimals(paise: int) -> str:
    return f"{group_indian(paise // 100)}.{paise % 100:02d}"


def compact(units: float) -> str:
    """Return an amount for an axis: 2.5 L, 1.2 Cr, 40,000."""
    value = abs(units) / RUPEE
    sign = sign_of(units, plus=False)
    if value >= _CRORE:
        return f"{sign}{_short(value / _CRORE)} Cr"
    if value >= _LAKH:
        return f"{sign}{_short(value / _LAKH)} L"
    if value == int(value):
        return f"{sign}{group_indian(int(value))}"
    return f"{sign}{_short(value)}"


def _short(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def price(units: int) -> str:
    """Return a price: 24,853.55."""
    return format_price(units).replace("-", MINUS)


def count(number: int) -> str:
    """Return a whole number with lakh and crore grouping."""
    return f"{MINUS if number < 0 else ''}{group_indian(abs(number))}"


def percent(part: float | None, *, plus: bool = False) -> str:
    """Return a fraction as a percentage: two decimals below ten, one from there on."""
    if part is None:
        return DASH
    value = abs(part) * 100
    return f"{sign_of(part, plus=plus)}{value:.{1 if value >= _TEN else 2}f} %"


def ratio(value: float | None, decimals: int = 2) -> str:
    """Return a ratio with so many decimals."""
    if value is None:
        return DASH
    rounded = round(value, decimals)
    return f"{sign_of(rounded, plus=False)}{abs(rounded):,.{decimals}f}"


def length(ns: float | None) -> str:
    """Return a length of time: 42 min, 3 h 05 min, 12 d."""
    if ns is None:
        return DASH
    if ns < NS_PER_MINUTE:
        return f"{ns / NS_PER_SECOND:.0f} s"
    if ns < _NS_PER_HOUR:
        return f"{ns / NS_PER_MINUTE:.0f} min"
    if ns < NS_PER_DAY:
        hours, minutes = divmod(round(ns / NS_PER_MINUTE), 60)
        return f"{hours} h {minutes:02d} min"
    return f"{ns / NS_PER_DAY:,.1f} d"


def day(when: date | str) -> str:
    """Return a calendar day: 25 Nov 2026."""
    moment = date.fromisoformat(when) if isinstance(when, str) else when
    return f"{moment.day} {moment:%b %Y}"


def span(first: str, last: str) -> str:
    """Return the days from `first` to `last`, both ISO text."""
    if not first:
        return "no trading day"
    return day(first) if first == last else f"{day(first)} to {day(last)}"


def moment(at: int) -> str:
    """Return a moment: 25 Nov 2026 10:05, or a dash for none."""
    if not at:
        return DASH
    return f"{day(ist_date(at))} {ist_datetime(at):%H:%M}"


def day_of(at: int) -> str:
    """Return the calendar day of a moment, or a dash for none."""
    return day(ist_date(at)) if at else DASH


def short_moment(at: int) -> str:
    """Return a moment in a table: 2026-11-25 10:05, with seconds where it has them."""
    if not at:
        return DASH
    seconds = ":%S" if at % NS_PER_MINUTE else ""
    return f"{ist_datetime(at):%Y-%m-%d %H:%M{seconds}}"

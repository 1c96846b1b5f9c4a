"""What to think of a report: each remark is one reason to trust its result less, said plainly."""

from collections.abc import Callable, Iterator

from kasauti.analytics.day_report import DayReport
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.money import format_rupees

#: Below this many round trips a result is mostly luck; a common rule of thumb for the mean of a sample.
_FEW_TRIPS = 30

#: Kinds of market data that show no bid, ask or size.
_WITHOUT_BOOK = (Source.PRINT.value, Source.BAR.value)

#: Words by which a feed says that its prices are made.
_MADE_UP = ("builtin", "built-in", "synthetic")


def remarks_on(report: DayReport) -> list[str]:
    """Return the remarks that apply, the weightiest first."""
    return [remark for write in _REMARKS for remark in write(report)]


def _made_up(report: DayReport) -> Iterator[str]:
    if any(word in prices.lower() for prices in report.basis.prices for word in _MADE_UP):
        yield (
            "The prices are made up, and their trends begin so that strategies find entries:"
            " a profit made on them proves nothing."
        )


def _few_trips(report: DayReport) -> Iterator[str]:
    trips = report.results.trips
    if not report.fills:
        yield "Nothing was traded."
    elif not trips:
        yield "No position was opened and closed, so there is no result to judge yet."
    elif trips < _FEW_TRIPS:
        yield f"{_count(trips, 'round trip')}: below about {_FEW_TRIPS}, luck and skill look the same."


def _one_carries(report: DayReport) -> Iterator[str]:
    results = report.results
    closed = results.won - results.lost
    if results.trips > 1 and closed > 0 and closed <= results.best:
        rest = format_rupees(closed - results.best, signed=True)
        best = format_rupees(results.best, signed=True)
        yield f"One round trip ({best}) carries the result; all the others together made {rest}."


def _without_book(report: DayReport) -> Iterator[str]:
    sources, rules = report.basis.sources, report.basis.rules
    blind = sum(sources.get(source, 0) for source in _WITHOUT_BOOK)
    if blind and blind == report.fills:
        yield (
            f"{_all(blind)} on last prices or bars: no bid, ask or size was known."
            " Real fills would pay the spread."
        )
    elif blind:
        yield f"{blind} of {report.fills} fills rest on last prices or bars, without a bid or an ask."
    if blind and not report.basis.slipped and rules.get(Rule.LAST.value, 0) + rules.get(Rule.OPEN.value, 0):
        yield "No slippage was added to fills at last prices: that is kinder than any market."


def _touched(report: DayReport) -> Iterator[str]:
    touched = report.basis.rules.get(Rule.TOUCHED.value, 0)
    if touched:
        yield (
            f"{touched} of {report.fills} fills happened when a trade merely touched the limit;"
            " in a real queue those ahead trade first, and some of these would have been missed."
        )


def _kind_profile(report: DayReport) -> Iterator[str]:
    kind = sum(fills for profile, fills in report.basis.profiles.items() if profile.startswith("ltp/"))
    if kind:
        yield f"{_count(kind, 'fill')} by the profile ltp, which knows no spread, size or queue."


def _no_latency(report: DayReport) -> Iterator[str]:
    if report.basis.longest_latency_ns == 0:
        yield "Orders reached the venue in no time; real ones take tens of milliseconds or more."


def _charges(report: DayReport) -> Iterator[str]:
    if report.gross > 0 >= report.net:
        gross, charges = format_rupees(report.gross), format_rupees(report.charges.total)
        yield f"Charges of {charges} ate a gross profit of {gross}."


def _refused(report: DayReport) -> Iterator[str]:
    if report.orders.denied:
        yield (
            f"{_count(report.orders.denied, 'order')} would have been refused by the exchange, the broker"
            " or a limit of yours; the table of refusals says why."
        )


def _left_open(report: DayReport) -> Iterator[str]:
    if report.left_open:
        held = _count(len(report.left_open), "position")
        unrealised = format_rupees(report.unrealised, signed=True)
        if all(position.mark for position in report.left_open):
            yield f"{held} left open: {unrealised} unrealised is not in the result."
        else:
            yield f"{held} left open, and not all have a price: what they are worth is not in the result."


def _not_whole(report: DayReport) -> Iterator[str]:
    if not report.day_closed:
        yield "The last day is not closed: its contract note may still round the charges."
    if report.troubles:
        yield f"{_count(len(report.troubles), 'thing')} went wrong on the way; see the list of troubles."


_REMARKS: tuple[Callable[[DayReport], Iterator[str]], ...] = (
    _made_up,
    _few_trips,
    _one_carries,
    _without_book,
    _touched,
    _kind_profile,
    _no_latency,
    _charges,
    _refused,
    _left_open,
    _not_whole,
)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _all(fills: int) -> str:
    return "The one fill rests" if fills == 1 else f"All {fills:,} fills rest"

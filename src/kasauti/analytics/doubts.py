"""What to think of a run: each remark is one reason to trust its result less, said plainly."""

from collections import Counter
from collections.abc import Callable, Iterator

import numpy as np

from kasauti.analytics.headline import share
from kasauti.analytics.metrics import Metrics
from kasauti.analytics.run import Ending, Run
from kasauti.domain.evidence import Rule, Source
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE, group_indian
from kasauti.domain.order import Product

#: Below this many round trips a result is mostly luck; a common rule of thumb for the mean of a sample.
FEW_TRIPS = 30
#: Below this many days, figures by year are stretched: a quarter of a year.
FEW_DAYS = 63
#: A yearly Sharpe ratio above this over weeks or months is a mistake more often than a discovery.
_TOO_GOOD = 4.0
#: A probability that the Sharpe ratio is above zero, below which the evidence is called weak.
_CONVINCING = 0.95
#: Of the best trips, how many may be taken away before a result should still stand: one in twenty.
_BEST_PART = 20
#: Words by which a source says that its prices are made.
_MADE_UP = ("builtin", "built-in", "synthetic", "generated")


def doubts_about(run: Run, metrics: Metrics) -> list[str]:
    """Return the remarks that apply, the weightiest first, in sentences."""
    return [remark for write in _REMARKS for remark in write(run, metrics)]


def _ended(run: Run, metrics: Metrics) -> Iterator[str]:
    if run.ending is Ending.INTERRUPTED:
        yield "The run was interrupted: what follows is the part until then, not the result."
    elif run.ending is Ending.FAILED:
        yield f"The strategy failed, and the run ended there: {run.failure or 'no reason was recorded'}."


def _made_up(run: Run, metrics: Metrics) -> Iterator[str]:
    if any(word in run.assumptions.data.lower() for word in _MADE_UP):
        yield "The prices are made up: a profit made on them proves nothing."


def _overnight(run: Run, metrics: Metrics) -> Iterator[str]:
    """Tell of intraday positions that no price came to close: a broker would have closed them."""
    times = sum(_nights(run, rows) for rows in _intraday_fills(run))
    if times:
        yield (
            f"{_count(times, 'intraday position')} (MIS) went over night: the data has no price at which the"
            " square-off of that day could trade. A broker closes them on the day, at a price not known here."
        )


def _intraday_fills(run: Run) -> Iterator[Ints]:
    """Yield the rows of each instrument's intraday fills."""
    intraday = np.array([product == Product.MIS for product in run.orders.product], np.bool_)
    asked = np.flatnonzero(run.fills.order >= 0)
    rows = asked[intraday[run.fills.order[asked]]]
    for place in np.unique(run.fills.instrument[rows]).tolist():
        yield rows[run.fills.instrument[rows] == place]


def _nights(run: Run, rows: Ints) -> int:
    """Return between how many of these fills and the next one a position stood as the day changed."""
    held = np.cumsum(run.fills.side[rows] * run.fills.quantity[rows])
    days = (run.fills.at[rows] + IST_OFFSET_NS) // NS_PER_DAY
    return int(((held[:-1] != 0) & (days[1:] > days[:-1])).sum())


def _few(run: Run, metrics: Metrics) -> Iterator[str]:
    if not metrics.fills:
        yield "Nothing was traded."
    elif not metrics.trips:
        yield "No position was opened and closed, so there is no trade to judge yet."
    elif metrics.trips < FEW_TRIPS:
        yield f"{_count(metrics.trips, 'round trip')}: below about {FEW_TRIPS}, luck and skill look the same."
    if metrics.trips and metrics.days < FEW_DAYS:
        yield (
            f"{_count(metrics.days, 'trading day')}: figures by year (growth, volatility, Sharpe and their"
            " like) stretch a short time to a whole year, so read them as hints at most."
        )


def _carried(run: Run, metrics: Metrics) -> Iterator[str]:
    net = run.trips.net
    total = int(net.sum())
    if total <= 0 or len(net) < 2:  # noqa: PLR2004  one trip is the result
        return
    best = np.sort(net)[::-1]
    if total <= best[0]:
        rest = _rupees(int(total - best[0]))
        yield f"One round trip ({_rupees(best[0])}) carries the result; all the others together made {rest}."
        return
    most = max(2, len(net) // _BEST_PART)
    if len(net) >= FEW_TRIPS and total <= int(best[:most].sum()):
        yield (
            f"Without its {most} best round trips of {group_indian(len(net))} the result would be"
            f" {_rupees(total - int(best[:most].sum()))}."
        )


def _one_day(run: Run, metrics: Metrics) -> Iterator[str]:
    best = metrics.best_day or 0
    if metrics.days > 1 and 0 < metrics.net <= best:
        rest = _rupees(metrics.net - best)
        yield f"One day ({_rupees(best)}) carries the result; all the others together made {rest}."


def _costs(run: Run, metrics: Metrics) -> Iterator[str]:
    if metrics.gross > 0 >= metrics.gross - metrics.charges:
        yield (
            f"Charges of {_plain(metrics.charges)} ate all of the gross profit of {_plain(metrics.gross)}."
        )
    elif 0 < metrics.net < metrics.charges:
        yield (
            f"The profit ({_plain(metrics.net)}) is smaller than the charges"
            f" ({_plain(metrics.charges)}): a little more cost or slippage turns it into a loss."
        )


def _touched(run: Run, metrics: Metrics) -> Iterator[str]:
    touched = run.fills.rule.count(Rule.TOUCHED.value)
    if touched:
        yield (
            f"{group_indian(touched)} of {_count(metrics.fills, 'fill')} happened when a price merely touched"
            " the limit. In a real queue those ahead trade first, and some of these would have been missed."
        )


def _blind(run: Run, metrics: Metrics) -> Iterator[str]:
    blind = sum(run.fills.source.count(source.value) for source in (Source.PRINT, Source.BAR))
    if not blind:
        return
    every = "All fills rest" if blind == metrics.fills else f"{group_indian(blind)} fills rest"
    yield f"{every} on last prices or bars, where no bid, ask or size was known. Real fills pay the spread."
    if not run.fills.slip.any():
        yield "No slippage was added to them: that is kinder than any market."


def _same_bar(run: Run, metrics: Metrics) -> Iterator[str]:
    same = int((run.trips.entry_at == run.trips.exit_at).sum())
    if same and Source.BAR.value in run.fills.source:
        yield (
            f"{_count(same, 'round trip')} began and ended in the same bar, and a bar does not say in which"
            " order its prices came."
        )


def _too_good(run: Run, metrics: Metrics) -> Iterator[str]:
    if metrics.sharpe is not None and metrics.sharpe > _TOO_GOOD:
        yield (
            f"A Sharpe ratio of {metrics.sharpe:.1f} is too good: look for prices from the future, fills that"
            " no market gives, or too short a sample. `kasauti lookahead-check` tests the first."
        )
    elif metrics.deflated_sharpe is not None and metrics.net > 0 and metrics.deflated_sharpe < _CONVINCING:
        tried = f" after {metrics.trials} trials" if metrics.trials > 1 else ""
        yield (
            f"Weak evidence: by its daily results{tried} the chance that there is any edge at all is"
            f" {metrics.deflated_sharpe:.0%}."
        )


def benchmark_return(run: Run) -> float | None:
    """Return what holding the benchmark from its first price to its last made; None without one."""
    known = run.equity.benchmark[run.equity.benchmark > 0]
    return int(known[-1]) / int(known[0]) - 1.0 if len(known) else None


def benchmark_words(run: Run) -> str:
    """Return in words what the run is compared with, and what that made."""
    held, name = benchmark_return(run), run.assumptions.benchmark or "the benchmark"
    return (
        "" if held is None else f"{name}, held all the time with all the capital: {share(held, signed=True)}"
    )


def _benchmark(run: Run, metrics: Metrics) -> Iterator[str]:
    held, name = benchmark_return(run), run.assumptions.benchmark or "the benchmark"
    if held is not None and metrics.total_return is not None and held > max(metrics.total_return, 0.0):
        yield f"Doing nothing but holding {name} made {held:+.2%} in the same time."


def _open(run: Run, metrics: Metrics) -> Iterator[str]:
    if run.open_at_end:
        held = _count(len(run.open_at_end), "position")
        yield f"{held} still open at the end: they are in the equity at their last price, in no round trip."


def _denied(run: Run, metrics: Metrics) -> Iterator[str]:
    orders = run.orders
    reasons = Counter(
        why for status, why in zip(orders.status, orders.why, strict=True) if status in {"DENIED", "REJECTED"}
    )
    if reasons:
        ((usual, times),) = reasons.most_common(1)
        yield (
            f"{_count(reasons.total(), 'order')} refused by the exchange's rules or a limit of the account:"
            f" what the strategy wanted and what it did are not the same. Said of {times}: {usual}"
        )


def _seen(run: Run, metrics: Metrics) -> Iterator[str]:
    if metrics.trips and metrics.net > 0:
        yield (
            "Nothing here says that this data is new to the strategy. What was chosen by looking at it does"
            " better on it than it will afterwards; `kasauti sweep --walk-forward` keeps data back."
        )


_REMARKS: tuple[Callable[[Run, Metrics], Iterator[str]], ...] = (
    _ended,
    _made_up,
    _overnight,
    _few,
    _carried,
    _one_day,
    _costs,
    _touched,
    _too_good,
    _blind,
    _same_bar,
    _benchmark,
    _denied,
    _open,
    _seen,
)


def _rupees(units: int) -> str:
    """Return an amount to whole rupees with its sign, as it stands in a sentence."""
    sign = "\N{MINUS SIGN}" if units < 0 else "+" if units > 0 else ""
    return f"{sign}{_plain(abs(units))}"


def _plain(units: int) -> str:
    return f"₹{group_indian((int(units) + RUPEE // 2) // RUPEE)}"


def _count(number: int, noun: str) -> str:
    return f"{group_indian(number)} {noun}" if number == 1 else f"{group_indian(number)} {noun}s"

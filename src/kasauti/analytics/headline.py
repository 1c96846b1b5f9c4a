"""The figures that somebody wants first, as text: for a terminal, a notebook, a line in a table."""

from kasauti.analytics.metrics import Metrics
from kasauti.analytics.run import Run
from kasauti.domain.money import format_rupees, to_paise_half_up

#: What stands where a figure is not defined.
MISSING = "–"  # noqa: RUF001  the en dash that stands for a missing number


def headline(run: Run, metrics: Metrics) -> list[tuple[str, str]]:
    """Return (what it is, the figure) of the most important figures of a run, in the order of a reader."""
    return [
        ("Days", _days(metrics)),
        ("Capital", format_rupees(metrics.capital)),
        ("Gross", format_rupees(metrics.gross, signed=True)),
        ("Charges", format_rupees(-metrics.charges)),
        ("Net", f"{format_rupees(metrics.net, signed=True)} ({share(metrics.total_return, signed=True)})"),
        ("Per year (CAGR)", share(metrics.cagr, signed=True)),
        ("Sharpe", ratio(metrics.sharpe)),
        ("Deepest fall", f"{format_rupees(-metrics.max_drawdown_amount)} ({share(metrics.max_drawdown)})"),
        ("Round trips", f"{metrics.trips:,}, {metrics.wins:,} won ({share(metrics.win_rate)})"),
        ("Profit factor", ratio(metrics.profit_factor)),
        ("Per trip", rupees_or_none(metrics.expectancy)),
        ("Orders, fills", f"{metrics.orders:,}, {metrics.fills:,}"),
    ]


def _days(metrics: Metrics) -> str:
    if not metrics.days:
        return "none"
    if metrics.days == 1:
        return metrics.first_day
    return f"{metrics.days:,}, {metrics.first_day} to {metrics.last_day}"


def share(part: float | None, *, signed: bool = False) -> str:
    """Return a fraction as per cent with two decimals."""
    if part is None:
        return MISSING
    return f"{part * 100:+.2f} %" if signed else f"{part * 100:.2f} %"


def ratio(value: float | None) -> str:
    """Return a ratio with two decimals."""
    return MISSING if value is None else f"{value:.2f}"


def rupees_or_none(amount: float | None) -> str:
    """Return an average amount, signed, to the paisa."""
    return MISSING if amount is None else format_rupees(to_paise_half_up(round(amount)), signed=True)

"""How a sweep's values read to a person: lakh and crore, per cent, dates; a dash for what is missing."""

from typing import Final

from kasauti.domain.money import RUPEE, group_indian
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.figures import METRICS, Unit
from kasauti.sweeps.space import Combination, Value, shown

DASH: Final = "–"  # noqa: RUF001  the en dash that stands for a missing number
_LAKH: Final = 100_000
_CRORE: Final = 100 * _LAKH

#: The columns of ranked tables after the parameters, and their heads.
COLUMNS: Final = {
    "net": "Net ₹",
    "total_return": "Return",
    "sharpe": "Sharpe",
    "max_drawdown": "Drawdown",
    "trips": "Trips",
    "win_rate": "Won",
    "profit_factor": "Profit factor",
    "charges": "Charges ₹",
}


def metric_text(metric: str, value: float | None) -> str:
    """Return a metric's value: money grouped by lakh and crore, parts in per cent."""
    if value is None:
        return DASH
    match METRICS[metric].unit:
        case Unit.MONEY:
            return rupees_text(value)
        case Unit.PART:
            return f"{100 * value:.2f} %"
        case Unit.COUNT:
            return group_indian(round(value))
        case _:
            return f"{value:.2f}"


def short_text(metric: str, value: float) -> str:
    """Return a metric's value in few characters, for a cell of a map."""
    match METRICS[metric].unit:
        case Unit.MONEY:
            return _short_rupees(value / RUPEE)
        case Unit.PART:
            return f"{100 * value:.1f}"
        case Unit.COUNT:
            return f"{value:.0f}"
        case _:
            return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"  # noqa: PLR2004  three figures do


def rupees_text(units: float) -> str:
    """Return money in whole rupees: -1,23,456."""
    whole = round(abs(units) / RUPEE)
    return f"{'-' if units < 0 and whole else ''}{group_indian(whole)}"


def amount_text(units: float) -> str:
    """Return money with its sign and the rupee's: -₹1,23,456."""
    text = rupees_text(units)
    return f"-₹{text[1:]}" if text.startswith("-") else f"₹{text}"


def _short_rupees(rupees: float) -> str:
    size, sign = abs(rupees), "-" if rupees < 0 else ""
    if size < 1_000:  # noqa: PLR2004  a rupee more or less can be seen
        return f"{sign}{size:.0f}"
    if size < _LAKH:
        return f"{sign}{size / 1_000:.1f}k"
    return f"{sign}{size / _LAKH:.2f}L" if size < _CRORE else f"{sign}{size / _CRORE:.2f}Cr"


def parameters_text(combination: Combination, names: list[str] | None = None) -> str:
    """Return parameters in one line: fast 10, slow 50."""
    return ", ".join(
        f"{name} {shown(value)}" for name, value in combination.items() if names is None or name in names
    )


def columns_of(metric: str) -> dict[str, str]:
    """Return the columns of a ranked table by their heads; the metric that ranks comes first."""
    rest = {name: head for name, head in COLUMNS.items() if name != metric}
    return {metric: COLUMNS.get(metric, metric.replace("_", " ").capitalize()), **rest}


def counts_text(counts: list[tuple[Value, int]]) -> str:
    """Return values with how often each came: 10 (3 times), 15 (once)."""
    words = {1: "once", 2: "twice"}
    return ", ".join(f"{shown(value)} ({words.get(count, f'{count} times')})" for value, count in counts)


def reasons(trials: list[Trial]) -> list[tuple[str, int]]:
    """Return why trials have no result, the most frequent first, each with its count."""
    texts = [trial.outcome.error for trial in trials]
    return sorted(((text, texts.count(text)) for text in dict.fromkeys(texts)), key=lambda each: -each[1])

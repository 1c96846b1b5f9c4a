"""The tables of a sweep's page: the ranking, and what has no result."""

from collections.abc import Sequence
from html import escape

from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.space import shown
from kasauti.sweeps.wording import columns_of, metric_text, reasons

#: Reasons that are listed one by one.
_REASONS = 8


def ranking(result: SweepResult, most: int) -> str:
    """Return the best combinations as a table."""
    ranked = result.ranked
    if not ranked:
        return ""
    axes, columns = result.swept or list(result.axes), columns_of(result.metric)
    heads = ["#", *(axis.name for axis in axes), *columns.values()]
    rows = []
    for number, trial in enumerate(ranked[:most], 1):
        cells = [(str(number), ""), *((shown(trial.combination[axis.name]), "") for axis in axes)]
        for name in columns:
            value = trial.outcome.figure(name)
            cells.append((metric_text(name, value), sign_class(name, value)))
        rows.append(cells)
    left = f" of {len(ranked):,} with a result" if len(ranked) > most else ""
    return f"<h2>The best {min(most, len(ranked))}{left}</h2>{table(heads, rows)}"


def sign_class(name: str, value: float | None) -> str:
    """Return the class of a cell: results are coloured, other figures are not."""
    if value is None or name not in {"net", "total_return", "expectancy"} or not value:
        return ""
    return "up" if value > 0 else "down"


def failures(result: SweepResult) -> str:
    """Return why combinations have no result, each reason once with its count."""
    parts = []
    for name, trials in (("failed", result.failed), ("refused by the strategy", result.refused)):
        if not trials:
            continue
        found = reasons(trials)
        rows = [[(f"{count:,}", ""), (text, "text")] for text, count in found[:_REASONS]]
        more = (
            f'<p class="soft">and {len(found) - _REASONS:,} other reasons</p>'
            if len(found) > _REASONS
            else ""
        )
        parts.append(f"<h2>{len(trials):,} {name}</h2>{table(['', 'why'], rows, kind='plain')}{more}")
    return "".join(parts)


def table(heads: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]], *, kind: str = "") -> str:
    """Return a table of cells, each a text and its class; heads of text columns are on the left."""
    lefts = {place for row in rows for place, (_, name) in enumerate(row) if name in {"text", "left"}}
    top = "".join(
        f"<th{' class=left' if place in lefts else ''}>{escape(head)}</th>"
        for place, head in enumerate(heads)
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{f' class={name}' if name else ''}>{escape(text)}</td>" for text, name in row)
        + "</tr>"
        for row in rows
    )
    shape = f' class="{kind}"' if kind else ""
    return f'<div class="wide"><table{shape}><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'

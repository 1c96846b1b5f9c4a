"""A sweep in the terminal: the verdict, the best combinations, a map of coloured blocks, the walk forward."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.style import Style
from rich.text import Text

from kasauti.cli.sheet import Cell, Column, Grid, Sheet
from kasauti.cli.typography import DOWN, SOFT, STRONG, UP, WARN, counted
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.heat import Heat, heats
from kasauti.sweeps.odds import SIGNIFICANT, Odds
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.space import shown
from kasauti.sweeps.walking import Walk, stability
from kasauti.sweeps.wording import (
    DASH,
    amount_text,
    columns_of,
    counts_text,
    metric_text,
    parameters_text,
    reasons,
    rupees_text,
    short_text,
)

#: Rows of the ranking.
_RANKED: Final = 10
#: Reasons for missing results that are shown.
_REASONS: Final = 3
#: Heights from bad to good, and colours from bad over nothing to good, dark enough for white text.
_BARS: Final = "▁▂▃▄▅▆▇█"
_BAD, _NOTHING, _GOOD = (178, 72, 48), (58, 62, 68), (28, 124, 84)


class SweepView:
    """A result for a person."""

    def __init__(self, result: SweepResult) -> None:
        self._result = result

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in self._parts(options.max_width):
            yield part
            yield Text()

    def _parts(self, width: int) -> Iterator[RenderableType]:
        result = self._result
        yield _head(result)
        if result.ranked:
            yield ranking(result)
        for heat in heats(result.trials, result.axes, result.metric)[:1]:
            drawn = heat_map(heat, result.metric, result.best, width)
            if drawn is not None:
                yield drawn
        if result.walk is not None:
            yield _walk_rows(result, result.walk)
            yield Grid(_walk_words(result, result.walk))
        if result.odds is not None:
            yield Grid(_odds_rows(result.odds))
        missing = list(_missing(result))
        if missing:
            yield Grid(missing)


def _head(result: SweepResult) -> Text:
    basis = result.basis
    text = Text()
    text.append(f"Sweep of {basis.strategy}\n", STRONG)
    text.append(
        f"{basis.data}, {basis.span.first} to {basis.span.last}, {counted(basis.days, 'trading day')},"
        f" capital ₹{rupees_text(basis.capital)}, {basis.search}\n",
        SOFT,
    )
    if basis.changed:
        text.append(
            f"Computed anew: earlier results here are of another {', another '.join(basis.changed)}.\n", WARN
        )
    for remark in basis.remarks:
        text.append(f"{remark}\n", SOFT)
    if result.interrupted:
        text.append("Interrupted: this is what was computed until then; the same command goes on.\n", WARN)
    if result.best is None:
        text.append("No combination has a result to rank.", DOWN)
    elif result.odds is not None:
        text.append(result.odds.verdict, UP if result.odds.verdict.startswith("Holds") else WARN)
    return text


def ranking(result: SweepResult) -> Sheet:
    """Return the best combinations as a table."""
    axes, columns = result.swept or list(result.axes), columns_of(result.metric)
    heads = [Column("#", right=True), *(Column(axis.name, right=True) for axis in axes)]
    heads += [Column(head, right=True, drop=place) for place, head in enumerate(columns.values())]
    rows: list[list[Cell]] = []
    for number, trial in enumerate(result.ranked[:_RANKED], 1):
        values = [shown(trial.combination[axis.name]) for axis in axes]
        rows.append([str(number), *values, *(_figure(trial, name) for name in columns)])
    return Sheet(heads, rows)


def _figure(trial: Trial, name: str) -> Cell:
    value = trial.outcome.figure(name)
    if name not in {"net", "total_return"} or not value:
        return metric_text(name, value)
    return Text(metric_text(name, value), UP if value > 0 else DOWN)


def heat_map(heat: Heat, metric: str, best: Trial | None, width: int) -> RenderableType | None:
    """Return a map of coloured blocks with their values, as many characters wide as there is room for."""
    labels = max(len(shown(value)) for value in heat.down.values)
    labels = max(labels, len(heat.down.name))
    room = (width - labels - 2) // len(heat.across.values)
    texts = [short_text(metric, v) for row in heat.values for v in row if v is not None]
    needed = max(len(text) for text in [*texts, *(shown(value) for value in heat.across.values)]) + 1
    cell = needed if room >= needed else min(room, 2)
    if cell < 1:
        return None
    chosen = None if best is None else (best.combination[heat.down.name], best.combination[heat.across.name])
    others = f", the best over all {' and '.join(heat.others)}" if heat.others else ""
    text = Text(no_wrap=True)
    text.append(
        f"{metric.replace('_', ' ').capitalize()} by {heat.across.name} (across) and {heat.down.name}", STRONG
    )
    text.append(f"{others}; ▸ marks the best\n", SOFT)
    if cell == needed:
        across = "".join(shown(value).center(cell) for value in heat.across.values)
        text.append(f"{heat.down.name.rjust(labels)}  {across}\n", SOFT)
    else:
        ends = shown(heat.across.values[0]), shown(heat.across.values[-1])
        gap = max(1, cell * len(heat.across.values) - len(ends[0]) - len(ends[1]))
        text.append(f"{heat.down.name.rjust(labels)}  {ends[0]}{' ' * gap}{ends[1]}\n", SOFT)
    for value, row in zip(heat.down.values, heat.values, strict=True):
        text.append(f"{shown(value).rjust(labels)}  ", SOFT)
        for column, found in zip(heat.across.values, row, strict=True):
            text.append_text(
                _block(heat, metric, found, cell, marked=chosen == (value, column), full=cell == needed)
            )
        text.append("\n")
    low, high = metric_text(metric, heat.low), metric_text(metric, heat.high)
    text.append(" " * (labels + 2))
    text.append("  ", _style(heat, heat.low))
    text.append(f" {low}   ", SOFT)
    text.append("  ", _style(heat, heat.high))
    text.append(f" {high}", SOFT)
    return text


def _block(heat: Heat, metric: str, value: float | None, cell: int, *, marked: bool, full: bool) -> Text:
    if value is None:
        return Text("·".center(cell), SOFT)
    # Without room for the value its size is a bar, so that the map reads without colour too.
    words = short_text(metric, value) if full else _BARS[round((heat.part(value) + 1) / 2 * (len(_BARS) - 1))]
    mark = "▸" if marked else ""
    return Text(f"{mark}{words}"[:cell].center(cell), _style(heat, value, bold=marked))


def _style(heat: Heat, value: float, *, bold: bool = False) -> Style:
    strength = heat.part(value)
    end = _GOOD if strength >= 0 else _BAD
    mixed = (round(start + (stop - start) * abs(strength)) for start, stop in zip(_NOTHING, end, strict=True))
    return Style(color="#ffffff", bgcolor="#{:02x}{:02x}{:02x}".format(*mixed), bold=bold)


def _walk_rows(result: SweepResult, walk: Walk) -> Sheet:
    metric, names = result.metric, [axis.name for axis in result.swept]
    name = metric.replace("_", " ")
    heads = [
        Column("#", right=True),
        Column("Chosen on", drop=3),
        Column("Tested on"),
        Column("Chosen", least=12),
        Column(f"{name} inside", right=True, drop=2),
        Column(f"{name} outside", right=True, drop=1),
        Column("Net ₹ outside", right=True),
    ]
    rows: list[list[Cell]] = []
    for number, step in enumerate(walk.steps, 1):
        spans: list[Cell] = [str(number), str(step.window.inside), str(step.window.outside)]
        if step.chosen is None or step.inside is None or step.outside is None:
            rows.append([*spans, "nothing worked inside", DASH, DASH, DASH])
            continue
        net = step.outside.figure("net")
        inside, outside = (metric_text(metric, each.figure(metric)) for each in (step.inside, step.outside))
        gained = Text(metric_text("net", net), UP if (net or 0) > 0 else DOWN if net else "")
        rows.append([*spans, parameters_text(step.chosen, names), inside, outside, gained])
    return Sheet(heads, rows, title=f"Walk forward, {result.basis.walk_forward}")


def _walk_words(result: SweepResult, walk: Walk) -> list[tuple[Cell, Cell]]:
    gained = (walk.equity[-1] if walk.equity else walk.capital) - walk.capital
    rows: list[tuple[Cell, Cell]] = [
        ("Out of sample", f"{amount_text(gained)} after charges in {counted(len(walk.days), 'day')}")
    ]
    if walk.efficiency is not None:
        rows.append(("Efficiency", f"{walk.efficiency:.0%} of the profit a day inside"))
    for axis in result.swept:
        found = stability(walk, axis.name)
        rows.append((axis.name, counts_text(found) or DASH))
    return rows


def _odds_rows(odds: Odds) -> list[tuple[Cell, Cell]]:
    real = Text(f"{odds.deflated:.1%}", UP if odds.deflated >= SIGNIFICANT else WARN)
    real.append(f"  that the best's Sharpe ratio is real, as the best of {odds.trials:,}", "not bold")
    rows: list[tuple[Cell, Cell]] = [("Deflated Sharpe", real)]
    if odds.selection is not None:
        found = odds.selection
        rows.append(
            (
                "Overfitting",
                f"{found.probability:.1%}  of splits have the best of one half below the median in the other",
            )
        )
    needed = DASH if odds.needed is None else f"{odds.needed:,}"
    rows.append(("Days needed", f"{needed} to be 95 % sure that it makes money; there are {odds.record:,}"))
    return rows


def _missing(result: SweepResult) -> Iterator[tuple[Cell, Cell]]:
    for name, trials in (("failed", result.failed), ("refused", result.refused)):
        found: Sequence[tuple[str, int]] = reasons(trials)
        for text, count in found[:_REASONS]:
            yield Text(f"{count:,} {name}", WARN), text
        if len(found) > _REASONS:
            yield "", f"and {counted(len(found) - _REASONS, 'other reason')}; results.csv has them all"

"""Charts of a sweep's page as SVG text: a heat map, a line with its stretches, bars with a mark."""

from collections.abc import Sequence
from html import escape
from typing import Final

from kasauti.sweeps.heat import Heat
from kasauti.sweeps.space import shown
from kasauti.sweeps.wording import metric_text, short_text

#: Cells of a map: no wider, no narrower, and their height; in user units of the drawing.
_WIDEST, _NARROWEST, _HEIGHT = 64.0, 9.0, 30.0
#: The width all charts are drawn for.
_WIDTH: Final = 1000.0
_LEFT, _TOP = 64.0, 46.0
#: A cell at least this wide has its value written in it.
_WRITTEN: Final = 34.0
#: The height of a line of text, and how strong a colour is from where light text reads better.
_LINE: Final = 14.0
_LIGHT: Final = 0.62
#: At most this many values of an axis are written beside it.
_LABELS: Final = 24


def heat_map(heat: Heat, metric: str, best: tuple[object, object] | None) -> str:
    """Return a map with its axes and values; the cell of `best`, (across, down), has a frame."""
    columns, rows = len(heat.across.values), len(heat.down.values)
    cell = min(_WIDEST, max(_NARROWEST, (_WIDTH - _LEFT - 8) / columns))
    tall = min(_HEIGHT, max(_NARROWEST, 620 / rows))
    wide, high = _LEFT + cell * columns + 8, _TOP + tall * rows + 8
    parts = [
        _text("axis", _LEFT + cell * columns / 2, 14, f"{heat.across.name} →", "middle"),
        _text("axis", 0, _TOP - 10, f"{heat.down.name} ↓", "start"),
    ]
    for number in _some(columns):
        x = _LEFT + cell * (number + 0.5)
        parts.append(_text("tick", x, _TOP - 8, shown(heat.across.values[number]), "middle"))
    for row, value in enumerate(heat.down.values):
        y = _TOP + tall * (row + 0.5) + 4
        if row in _some(rows):
            parts.append(_text("tick", _LEFT - 8, y, shown(value), "end"))
        parts += [_cell(heat, metric, row, column, cell, tall, best) for column in range(columns)]
    return _svg(wide, high, parts, f"{metric} by {heat.across.name} and {heat.down.name}")


def _cell(
    heat: Heat,
    metric: str,
    row: int,
    column: int,
    cell: float,
    tall: float,
    best: tuple[object, object] | None,
) -> str:
    x, y = _LEFT + cell * column, _TOP + tall * row
    across, down = heat.across.values[column], heat.down.values[row]
    value = heat.values[row][column]
    if value is None:
        return (
            f'<rect class="none" x="{x:.1f}" y="{y:.1f}" width="{cell - 1.5:.1f}" height="{tall - 1.5:.1f}"/>'
        )
    title = (
        f"{heat.across.name} {shown(across)}, {heat.down.name} {shown(down)}: {metric_text(metric, value)}"
    )
    strength = heat.part(value)
    kind = f"{'good' if strength >= 0 else 'bad'}{' best' if best == (across, down) else ''}"
    drawn = f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell - 1.5:.1f}" height="{tall - 1.5:.1f}"/>'
    if cell >= _WRITTEN and tall >= _LINE:
        words = f"value{' strong' if abs(strength) > _LIGHT else ''}"
        drawn += _text(words, x + cell / 2 - 0.75, y + tall / 2 + 3.5, short_text(metric, value), "middle")
    return (
        f'<g class="{kind}" style="--p:{abs(strength) * 100:.0f}%"><title>{escape(title)}</title>{drawn}</g>'
    )


def line(values: Sequence[float], stretches: Sequence[tuple[int, str]], labels: tuple[str, str, str]) -> str:
    """
    Return a line of values from left to right.

    `stretches` are where its parts begin and what they are; every other one is shaded. `labels` are those of
    the lowest value, the highest, and the level where the line begins.
    """
    if len(values) < 2:  # noqa: PLR2004  one point is no line
        return ""
    low, high = min(values), max(values)
    reach = (high - low) or 1.0
    wide, tall, left = _WIDTH, 240.0, 84.0

    def at(place: float, value: float) -> tuple[float, float]:
        return left + (wide - left - 6) * place / (len(values) - 1), 12 + (tall - 42) * (high - value) / reach

    parts = []
    bounds = [*(begin for begin, _ in stretches), len(values) - 1]
    for number, (begin, name) in enumerate(stretches):
        x, end = at(begin, low)[0], at(bounds[number + 1], low)[0]
        kind = "stretch" if number % 2 else "stretch other"
        parts.append(
            f'<g><title>{escape(name)}</title><rect class="{kind}" x="{x:.1f}" y="12" width="{end - x:.1f}"'
            f' height="{tall - 42:.1f}"/>'
            f"{_text('tick', (x + end) / 2, tall - 12, str(number + 1), 'middle')}</g>"
        )
    zero = at(0, values[0])[1]
    parts.append(f'<line class="level" x1="{left:.1f}" x2="{wide - 6:.1f}" y1="{zero:.1f}" y2="{zero:.1f}"/>')
    marks = {at(0, low)[1] + 4: labels[0], at(0, high)[1] + 4: labels[1], zero + 4: labels[2]}
    written: list[float] = []
    for y, label in marks.items():
        if all(abs(y - other) > _LINE for other in written):
            parts.append(_text("tick", left - 8, y, label, "end"))
            written.append(y)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(n, value) for n, value in enumerate(values)))
    parts.append(f'<polyline class="curve" points="{points}"/>')
    return _svg(wide, tall, parts, "equity out of sample")


def bars(counts: Sequence[int], edges: tuple[float, float], marks: Sequence[tuple[float, str]]) -> str:
    """Return bars of `counts` between `edges`; `marks` are values with their names. Below 0 is bad."""
    wide, tall, base = 430.0, 210.0, 176.0
    most = max([*counts, 1])
    low, high = edges
    step = (high - low) / len(counts)
    width = (wide - 12) / len(counts)
    parts = []
    for number, count in enumerate(counts):
        height = (base - 40) * count / most
        kind = "bad" if low + step * (number + 0.5) <= 0 else "good"
        title = f"{low + step * number:.2f} to {low + step * (number + 1):.2f}: {count:,}"
        parts.append(
            f'<g class="{kind}" style="--p:62%"><title>{title}</title><rect x="{6 + width * number:.1f}"'
            f' y="{base - height:.1f}" width="{width - 1.5:.1f}" height="{height:.1f}"/></g>'
        )
    parts.append(f'<line class="level" x1="6" x2="{wide - 6:.1f}" y1="{base:.1f}" y2="{base:.1f}"/>')
    for number, value in enumerate((low, 0.0, high) if low < 0 < high else (low, high)):
        x = 6 + (wide - 12) * (value - low) / (high - low)
        anchor = "start" if number == 0 else "end" if value == high else "middle"
        parts.append(_text("tick", x, base + 16, f"{value:.1f}", anchor))
    for number, (value, name) in enumerate(marks):
        x = 6 + (wide - 12) * min(max((value - low) / (high - low), 0.0), 1.0)
        y = 12 + 14 * (number % 2)
        anchor = "end" if x > wide * 0.7 else "start" if x < wide * 0.3 else "middle"
        parts.append(f'<line class="mark" x1="{x:.1f}" x2="{x:.1f}" y1="{y + 4:.1f}" y2="{base:.1f}"/>')
        parts.append(_text("tick named", x, y, name, anchor))
    return _svg(wide, tall, parts, "distribution")


def _text(kind: str, x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _some(count: int) -> range:
    """Return the places of an axis that are labelled."""
    return range(0, count, -(-count // _LABELS))


def _svg(wide: float, high: float, parts: Sequence[str], name: str) -> str:
    return (
        f'<svg viewBox="0 0 {wide:.0f} {high:.0f}" style="max-width:{wide:.0f}px" role="img"'
        f' aria-label="{escape(name)}">{"".join(parts)}</svg>'
    )

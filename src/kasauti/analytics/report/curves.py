"""The chart of the account: equity with its benchmark, drawdown, and what was held."""

from collections.abc import Sequence

import msgspec
import numpy as np

from kasauti.analytics.drawdowns import deepest_fall
from kasauti.analytics.metrics import curve_of
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.downsampling import even_rows, telling_rows
from kasauti.analytics.report.svg import LEFT, RIGHT, WIDTH, Panel, drawing, line
from kasauti.analytics.report.ticks import round_values, time_rows
from kasauti.analytics.run import Run
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE

#: Stretches that a curve is drawn from; each keeps its high and its low.
_BUCKETS = 550
#: Points that a pointer can read.
_READABLE = 600
_EQUITY, _DRAWDOWN, _EXPOSURE = (30, 270), (336, 96), (468, 70)
_HEIGHT = 572
_MARGIN = 0.04


def equity_chart(run: Run) -> str:
    """Return the chart of a run's account as SVG; a sentence where nothing is known of it."""
    if not len(run.equity.at):
        return '<p class="none">The run has no equity curve.</p>'
    at, curve = curve_of(run)
    highs = np.maximum.accumulate(curve)
    exposure = np.append(np.int64(0), run.equity.exposure)
    benchmark = rebased(run)
    ticks = time_rows(at)
    parts = [
        *_equity(curve, benchmark, run.assumptions.benchmark, run.capital, ticks),
        *_drawdown(curve, highs, ticks),
        *_exposure(exposure, ticks),
    ]
    hover = _readable(at, curve, highs, exposure, benchmark)
    label = f"Equity from {fmt.rupees(run.capital)} to {fmt.rupees(int(curve[-1]))}, drawdown and exposure"
    return drawing(_HEIGHT, parts, label, extra=f" data-hover='{fmt.text(hover)}'")


def rebased(run: Run) -> Ints | None:
    """Return the benchmark with the capital before the first row, as if the capital were in it; or None."""
    prices = run.equity.benchmark
    known = np.flatnonzero(prices)
    if not len(known):
        return None
    first = int(prices[known[0]])
    filled = np.where(prices > 0, prices, first)
    # In floats: capital by price is larger than a whole number of 64 bits.
    values = np.rint(filled / first * run.capital).astype(np.int64)
    return np.append(np.int64(run.capital), values)


def _equity(
    curve: Ints, benchmark: Ints | None, named: str, capital: int, ticks: list[tuple[int, str]]
) -> list[str]:
    low, high = int(min(curve.min(), capital)), int(max(curve.max(), capital))
    if benchmark is not None:
        low, high = min(low, int(benchmark.min())), max(high, int(benchmark.max()))
    room = (high - low) * _MARGIN
    panel = Panel(*_EQUITY, (0, len(curve) - 1), (low - room, high + room))
    panel.row_lines(ticks)
    panel.value_lines(_money_ticks(panel, 7))
    panel.draw(line(panel.left, panel.y(capital), panel.left + panel.width, panel.y(capital), "zero"))
    if benchmark is not None:
        _thinned(panel, benchmark, "curve benchmark")
    _fall(panel, curve)
    _thinned(panel, curve, "curve equity")
    panel.title(_title(curve, named, benchmark))
    return panel.parts


def _title(curve: Ints, named: str, benchmark: Ints | None) -> str:
    """Return what the lines and the shade of the chart are."""
    parts = ["Equity, ₹"]
    if benchmark is not None:
        parts.append(f"dotted: the capital held in {named or 'the benchmark'}")
    if deepest_fall(curve) is not None:
        parts.append("shaded: the deepest fall, until it was made good")
    return "; ".join(parts)


def _fall(panel: Panel, curve: Ints) -> None:
    """Mark the deepest fall, from its high to where it had recovered."""
    fall = deepest_fall(curve)
    if fall is None:
        return
    end = len(curve) - 1 if fall.recovery is None else fall.recovery
    x = panel.x(fall.peak)
    width = max(panel.x(end) - x, 1)
    panel.draw(
        f'<rect class="fall" x="{x:.1f}" y="{panel.top}" width="{width:.1f}" height="{panel.height}">'
        f"<title>Deepest fall: {fmt.percent(fall.part)}</title></rect>"
    )


def _drawdown(curve: Ints, highs: Ints, ticks: list[tuple[int, str]]) -> list[str]:
    parts = np.divide(curve - highs, highs, out=np.zeros(len(curve)), where=highs > 0)
    lowest = float(parts.min())
    panel = Panel(*_DRAWDOWN, (0, len(curve) - 1), (lowest * (1 + _MARGIN) if lowest < 0 else -0.01, 0.0))
    panel.row_lines(ticks)
    values = round_values(panel.low, 0.0, 4)
    panel.value_lines([(value, fmt.percent(value)) for value in values])
    rows = telling_rows(curve - highs, _BUCKETS)
    panel.area(rows.tolist(), parts[rows].tolist(), 0.0, "area drawdown")
    panel.title("Drawdown from the highest equity so far")
    return panel.parts


def _exposure(exposure: Ints, ticks: list[tuple[int, str]]) -> list[str]:
    panel = Panel(*_EXPOSURE, (0, len(exposure) - 1), (0, int(exposure.max()) * (1 + _MARGIN)))
    panel.row_lines(ticks, panel.top + panel.height + 18)
    panel.value_lines(_money_ticks(panel, 2))
    rows = telling_rows(exposure, _BUCKETS)
    panel.area(rows.tolist(), exposure[rows].tolist(), 0, "area exposure")
    panel.title("Held: price times quantity, ₹")
    return panel.parts


def _thinned(panel: Panel, values: Ints, name: str) -> None:
    rows = telling_rows(values, _BUCKETS)
    panel.curve(rows.tolist(), values[rows].tolist(), name)


def _money_ticks(panel: Panel, wanted: int) -> list[tuple[float, str]]:
    low, high = panel.low / RUPEE, panel.high / RUPEE
    return [(value * RUPEE, fmt.compact(value * RUPEE)) for value in round_values(low, high, wanted)]


def _readable(at: Ints, curve: Ints, highs: Ints, exposure: Ints, benchmark: Ints | None) -> str:
    """Return what a pointer reads off the chart, as JSON: where it stands, and the values there."""
    rows = even_rows(len(at), _READABLE)
    scale = (WIDTH - LEFT - RIGHT) / max(len(at) - 1, 1)
    columns: list[tuple[str, Sequence[int]]] = [
        ("Equity", _whole(curve[rows])),
        ("Drawdown", _whole((curve - highs)[rows])),
        ("Held", _whole(exposure[rows])),
    ]
    if benchmark is not None:
        columns.insert(1, ("Benchmark", _whole(benchmark[rows])))
    hover = {
        "x": [round(LEFT + row * scale, 1) for row in rows.tolist()],
        "at": (at[rows] // 1_000_000_000).tolist(),
        "values": dict(columns),
        "top": _EQUITY[0],
        "bottom": sum(_EXPOSURE),
    }
    return msgspec.json.encode(hover).decode()


def _whole(units: Ints) -> list[int]:
    rounded: list[int] = np.rint(units / RUPEE).astype(np.int64).tolist()
    return rounded

"""A run in a notebook cell: the figures that come first, and the equity curve; no script, no other file."""

from html import escape

import numpy as np

from kasauti.analytics.doubts import doubts_about
from kasauti.analytics.headline import headline
from kasauti.analytics.metrics import Metrics, curve_of
from kasauti.analytics.run import Ending, Run
from kasauti.domain.market import Ints
from kasauti.domain.money import format_rupees

#: The curve's size in its own units, and how many points it has at most.
_WIDE, _HIGH, _POINTS = 480, 120, 480
_DOUBTS = 6


def notebook_html(run: Run, metrics: Metrics) -> str:
    """Return a run as HTML for a notebook; it takes its colours from the notebook."""
    rows = "".join(
        f'<tr><td style="text-align:left;opacity:.7">{escape(label)}</td>'
        f'<td style="text-align:right">{escape(figure)}</td></tr>'
        for label, figure in headline(run, metrics)
    )
    told = run.assumptions.remarks  # what was assumed weighs more than what the figures show
    doubts = "".join(f"<li>{escape(each)}</li>" for each in [*told, *doubts_about(run, metrics)][:_DOUBTS])
    ending = (
        "" if run.ending is Ending.COMPLETE else f" <b>{escape(str(run.ending))}</b> {escape(run.failure)}"
    )
    return (
        f'<div style="max-width:56em"><p><b>{escape(run.label)}</b>{ending}</p>'
        '<div style="display:flex;flex-wrap:wrap;gap:2em;align-items:flex-start">'
        f'<table style="font-variant-numeric:tabular-nums">{rows}</table>{_curve(run)}</div>'
        + (f'<ul style="opacity:.8">{doubts}</ul>' if doubts else "")
        + "</div>"
    )


def _curve(run: Run) -> str:
    """Draw the equity curve, the highest and lowest of every stretch so that no fall is lost."""
    _, values = curve_of(run)
    low, high = int(values.min()), int(values.max())
    if low == high:
        return ""
    shown = _thinned(values)
    xs = np.linspace(0, _WIDE, len(shown))
    ys = _HIGH - (shown - low) * _HIGH / (high - low)
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs.tolist(), ys.tolist(), strict=True))
    base = _HIGH - (run.capital - low) * _HIGH / (high - low)
    return (
        f'<figure style="margin:0;flex:1;min-width:20em"><svg viewBox="-2 -4 {_WIDE + 4} {_HIGH + 8}"'
        ' role="img" aria-label="equity" style="width:100%">'
        f'<line x1="0" x2="{_WIDE}" y1="{base:.1f}" y2="{base:.1f}" stroke="currentColor" opacity=".3"/>'
        f'<polyline points="{points}" fill="none" stroke="#3987e5" stroke-width="1.5"/></svg>'
        f'<figcaption style="opacity:.7">Equity, {escape(format_rupees(low))} to'
        f" {escape(format_rupees(high))}; the line is the capital</figcaption></figure>"
    )


def _thinned(values: Ints) -> Ints:
    if len(values) <= _POINTS:
        return values
    pieces = np.array_split(values, _POINTS // 2)
    return np.array([value for each in pieces for value in (each.min(), each.max())], np.int64)

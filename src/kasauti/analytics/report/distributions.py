"""Charts of round trips as a crowd: how results are spread, and what they went through on the way."""

import numpy as np

from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.downsampling import even_rows
from kasauti.analytics.report.svg import Panel, dot, dots, drawing, line, rectangle, words
from kasauti.analytics.report.ticks import round_values
from kasauti.analytics.run import Run
from kasauti.domain.ist import NS_PER_DAY, NS_PER_MINUTE
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE

#: A chart of half the page's width.
_WIDE = 540.0
_LEFT, _TOP, _HEIGHT, _WHOLE = 58.0, 12.0, 220.0, 274.0
#: Dots of one chart; beyond them every so many is drawn.
_DOTS = 1500
#: As many say what they are when a pointer rests on them.
_TOLD = 400
#: Results beyond these percentiles are counted in the outermost bars, so that one cannot squeeze the others.
_OUTSIDE = 0.5
_BARS = 41
#: Units of time on an axis, and how many of one are still readable.
_UNITS = ((NS_PER_MINUTE, "minutes"), (60 * NS_PER_MINUTE, "hours"), (NS_PER_DAY, "days"))
_MOST_UNITS = 200


def histogram(run: Run) -> str:
    """Return how net results of round trips are spread."""
    net = run.trips.net
    if not len(net):
        return ""
    edges = _edges(net)
    counts, _ = np.histogram(np.clip(net, edges[0], edges[-1]), edges)
    panel = _panel((float(edges[0]), float(edges[-1])), (0, float(counts.max()) * 1.05))
    panel.value_lines(
        [(value, f"{value:.0f}") for value in round_values(0, panel.high, 4) if value == int(value)]
    )
    _across(panel, float(edges[0]), float(edges[-1]))
    for first, last, size in zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True):
        if size:
            x, y = panel.x(first) + 0.5, panel.y(size)
            said = f"{fmt.amount(first)} to {fmt.amount(last)}: {fmt.count(size)}"
            name = "bar won" if first + last > 0 else "bar lost"
            panel.draw(rectangle(x, y, panel.x(last) - x - 0.5, panel.top + panel.height - y, name, said))
    mean = float(net.mean())
    x = panel.x(min(max(mean, float(edges[0])), float(edges[-1])))
    panel.draw(line(x, panel.top, x, panel.top + panel.height, "mean"))
    panel.draw(words(x + 4, panel.top + 10, f"mean {fmt.amount(mean)}", "note"))
    panel.draw(words(_LEFT + panel.width / 2, _WHOLE - 6, "net result of a round trip, ₹", "axis middle"))
    return drawing(_WHOLE, panel.parts, f"Spread of {len(net)} results", width=_WIDE)


def _edges(net: Ints) -> Ints:
    """Return the edges of the bars: of one width, with zero among them."""
    low, high = (float(value) for value in np.percentile(net, [_OUTSIDE, 100 - _OUTSIDE]))
    width = max((high - low) / min(_BARS, 4 + 2 * int(np.sqrt(len(net)))), RUPEE / 100)
    step = next(iter(round_values(width * 0.999, width * 10, 9)), width)
    below, above = np.floor(min(low, 0) / step), np.ceil(max(high, 0) / step)
    if above == below:
        above += 1
    edges: Ints = np.rint(np.arange(below, above + 1) * step).astype(np.int64)
    return edges


def against(run: Run) -> str:
    """Return each trip's result over how far it went against its holder."""
    return _scatter(run, -run.trips.worst, RUPEE, "how far against it at worst, ₹")


def along(run: Run) -> str:
    """Return each trip's result over how far it went with its holder."""
    return _scatter(run, run.trips.best, RUPEE, "how far with it at best, ₹")


def by_time_held(run: Run) -> str:
    """Return each trip's result over the time it was held, in minutes, hours or days."""
    held = run.trips.exit_at - run.trips.entry_at
    longest = int(held.max(initial=0))
    unit, name = next(each for each in _UNITS if longest <= each[0] * _MOST_UNITS or each is _UNITS[-1])
    return _scatter(run, held, unit, f"{name} held")


def _scatter(run: Run, reach: Ints, unit: int, said: str) -> str:
    """Draw net results over `reach`, which the axis counts in `unit`."""
    net = run.trips.net
    if not len(net):
        return ""
    right = float(max(reach.max(), unit)) * 1.03
    low, high = float(min(net.min(), 0)), float(max(net.max(), 0))
    room = (high - low) * 0.05 or RUPEE
    panel = _panel((0.0, right), (low - room, high + room))
    values = round_values(panel.low / RUPEE, panel.high / RUPEE, 5)
    panel.value_lines([(value * RUPEE, fmt.compact(value * RUPEE)) for value in values])
    _across(panel, 0.0, right, unit)
    panel.draw(line(_LEFT, panel.y(0), _LEFT + panel.width, panel.y(0), "zero"))
    rows = even_rows(len(net), _DOTS)
    if len(rows) <= _TOLD:
        for trip in rows.tolist():
            x, y = panel.x(float(reach[trip])), panel.y(float(net[trip]))
            panel.draw(dot(x, y, 2.6, "dot won" if net[trip] > 0 else "dot lost", _said(run, trip)))
    else:
        for name, own in (("lost", rows[net[rows] <= 0]), ("won", rows[net[rows] > 0])):
            panel.draw(dots([(panel.x(float(reach[n])), panel.y(float(net[n]))) for n in own.tolist()], name))
    panel.draw(words(_LEFT + panel.width / 2, _WHOLE - 6, said, "axis middle"))
    return drawing(_WHOLE, panel.parts, f"Net results over {said}", width=_WIDE)


def _said(run: Run, trip: int) -> str:
    trips = run.trips
    symbol = run.instruments[int(trips.instrument[trip])].tradingsymbol
    net = fmt.amount(int(trips.gross[trip] - trips.charges[trip].sum()))
    return f"{trip + 1}. {symbol}, {fmt.moment(int(trips.entry_at[trip]))}: net {net}"


def _panel(across: tuple[float, float], values: tuple[float, float]) -> Panel:
    return Panel(_TOP, _HEIGHT, across, values, left=_LEFT, width=_WIDE - _LEFT - 12)


def _across(panel: Panel, low: float, high: float, unit: int = RUPEE) -> None:
    """Draw the axis below, counted in `unit`."""
    ticks = [(value * unit, fmt.compact(value * RUPEE)) for value in round_values(low / unit, high / unit, 5)]
    panel.row_lines(ticks, _TOP + _HEIGHT + 18)

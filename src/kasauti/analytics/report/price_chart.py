"""The chart of one instrument: its price where that is known, and every entry and exit of the run."""

from collections.abc import Callable

import numpy as np

from kasauti.analytics.excursions import Prices
from kasauti.analytics.report import formats as fmt
from kasauti.analytics.report.downsampling import even_rows, telling_rows
from kasauti.analytics.report.svg import Panel, dots, drawing, number
from kasauti.analytics.report.ticks import round_values, time_rows
from kasauti.analytics.run import Run
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE

PricesOf = Callable[[str], Prices | None]

_BUCKETS = 700
#: Marks of one chart; more would be a smear.
_MARKS = 1500
#: Trades that can be told apart in one chart.
_TOLD_APART = 120
_TOP, _HEIGHT, _WHOLE = 14, 250, 296
_ROOM = 0.05
_ARROW = 6.0


def price_charts(run: Run, prices: PricesOf, most: int) -> list[tuple[str, str]]:
    """
    Return (title, SVG) of the instruments that were traded most, the busiest first.

    One with more trades than can be told apart has a second chart, of the last ones.
    """
    counts = np.bincount(run.fills.instrument, minlength=len(run.instruments))
    busiest = [int(place) for place in np.argsort(-counts, kind="stable") if counts[place]][:most]
    charts = []
    for place in busiest:
        own, known = np.flatnonzero(run.fills.instrument == place), prices(run.instruments[place].id)
        symbol = run.instruments[place].tradingsymbol
        if known is None or not len(known.at):
            known = _of_fills(run, own)
        charts.append((symbol, _chart(run, place, own, known)))
        if len(own) > _TOLD_APART:
            last = own[-_TOLD_APART:]
            chart = _chart(run, place, last, _around(run, last, known))
            charts.append((f"{symbol}, the last {_TOLD_APART} trades", chart))
    return charts


def _of_fills(run: Run, own: Ints) -> Prices:
    """Return the prices of the trades alone: nothing else is known."""
    price = run.fills.price[own]
    return Prices(run.fills.at[own], price, price, price)


def _around(run: Run, own: Ints, known: Prices) -> Prices:
    """Return the prices from a little before the first of these trades to a little after the last."""
    first, last = (_row_of(known, int(run.fills.at[fill])) for fill in (own[0], own[-1]))
    room = max((last - first) // 50, 5)
    rows = slice(max(first - room, 0), last + room)
    return Prices(known.at[rows], known.high[rows], known.low[rows], known.close[rows])


def _chart(run: Run, place: int, own: Ints, known: Prices) -> str:
    price = run.fills.price[own]
    low, high = int(min(known.low.min(), price.min())), int(max(known.high.max(), price.max()))
    room = max((high - low) * _ROOM, RUPEE / 10)
    panel = Panel(_TOP, _HEIGHT, (0, max(len(known.at) - 1, 1)), (low - room, high + room))
    panel.row_lines(time_rows(known.at), _TOP + _HEIGHT + 18)
    values = round_values(panel.low / RUPEE, panel.high / RUPEE)
    panel.value_lines([(value * RUPEE, _price_label(value)) for value in values])
    rows = telling_rows(known.close, _BUCKETS)
    panel.curve(rows.tolist(), known.close[rows].tolist(), "curve price")
    _marks(panel, run, place, own, known)
    label = f"Price of {run.instruments[place].tradingsymbol} with {len(own)} trades"
    return drawing(_WHOLE, panel.parts, label)


def _marks(panel: Panel, run: Run, place: int, own: Ints, known: Prices) -> None:
    """Mark trades: with arrows, and round trips as lines, while they can be told apart; else with dots."""
    fills = run.fills
    if len(own) > _TOLD_APART:
        rows = own[even_rows(len(own), _MARKS)]
        for name, some in (("buy", rows[fills.side[rows] > 0]), ("sell", rows[fills.side[rows] < 0])):
            places = [panel.x(_row_of(known, at)) for at in fills.at[some].tolist()]
            prices = map(panel.y, fills.price[some].tolist())
            panel.draw(dots(zip(places, prices, strict=True), f"small {name}"))
        return
    _connections(panel, run, place, known)
    for row in own.tolist():
        x, price = panel.x(_row_of(known, int(fills.at[row]))), int(fills.price[row])
        _arrow(panel, x, price, buys=bool(fills.side[row] > 0), said=_said(run, row))


def _price_label(value: float) -> str:
    return f"{value:,.2f}".removesuffix(".00") if value < 1e5 else fmt.compact(value * RUPEE)  # noqa: PLR2004  1 lakh


def _row_of(known: Prices, at: int) -> int:
    """Return the row of the prices that stood at a moment."""
    return max(int(np.searchsorted(known.at, at, "right")) - 1, 0)


def _connections(panel: Panel, run: Run, place: int, known: Prices) -> None:
    """Join the entry and the exit of each round trip that lies inside the chart."""
    trips, first, last = run.trips, int(known.at[0]), int(known.at[-1])
    inside = (trips.instrument == place) & (trips.entry_at >= first) & (trips.exit_at <= last)
    net = trips.net
    for trip in np.flatnonzero(inside).tolist():
        x1, x2 = (panel.x(_row_of(known, int(at[trip]))) for at in (trips.entry_at, trips.exit_at))
        y1, y2 = (panel.y(int(paid[trip])) for paid in (trips.entry_price, trips.exit_price))
        name = "won" if net[trip] > 0 else "lost"
        panel.draw(f'<path class="trip {name}" d="M{number(x1)},{number(y1)}L{number(x2)},{number(y2)}"/>')


def _arrow(panel: Panel, x: float, price: int, *, buys: bool, said: str) -> None:
    """Draw a mark whose tip is the price: from below for a buy, from above for a sell."""
    y, down = panel.y(price), _ARROW if buys else -_ARROW
    name = "buy" if buys else "sell"
    shape = f"M{number(x)},{number(y)}l-4,{number(down * 1.4)}h8z"
    panel.draw(f'<path class="mark {name}" d="{shape}"><title>{fmt.text(said)}</title></path>')


def _said(run: Run, fill: int) -> str:
    fills = run.fills
    side = "bought" if fills.side[fill] > 0 else "sold"
    order = int(fills.order[fill])
    tag = run.orders.tag[order] if order >= 0 else "settled at expiry"
    price = fmt.price(int(fills.price[fill]))
    return (
        f"{fmt.moment(int(fills.at[fill]))}: {side} {fmt.count(int(fills.quantity[fill]))} at {price}, {tag}"
    )

"""
How far each round trip went against and with its holder, before charges, as the data shows it.

What counts between two fills of a trip is every tick after the one and until the other, or the range of every
bar in between. A bar does not say in which order its prices came, so it counts where the units were held from
its open to its close: the bar at whose open they came or at whose close they went counts, one inside which
they came or went does not. The trip's own prices always count: it was worth that when it traded. So a worst
of zero means that the data never showed a loss, not that there was none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kasauti.analytics.trips_of_fills import Flow, Legs
from kasauti.domain.market import Ints


@dataclass(frozen=True, slots=True)
class Prices:
    """One instrument's prices in order of time, a row a bar (`at` is its end) or a tick."""

    at: Ints
    high: Ints
    low: Ints
    close: Ints


def excursions(flow: Flow, legs: Legs, prices: Callable[[int], Prices | None]) -> tuple[Ints, Ints]:
    """
    Return the lowest (at most 0) and the highest (at least 0) profit of each closed trip, in money units.

    `prices` returns those of an instrument by its place, None where they are not known.
    """
    worst, best = np.zeros(legs.closed, np.int64), np.zeros(legs.closed, np.int64)
    if not legs.closed:
        return worst, best
    price = flow.price[legs.fill]
    booked = _within_trips(legs, -legs.signed * price)
    traded_at = booked + legs.held * price
    closed = np.flatnonzero(legs.trip < legs.closed)
    np.minimum.at(worst, legs.trip[closed], traded_at[closed])
    np.maximum.at(best, legs.trip[closed], traded_at[closed])
    held = closed[legs.held[closed] != 0]
    instrument = flow.instrument[legs.fill[held]]
    for place in np.unique(instrument).tolist():
        known = prices(place)
        if known is not None and len(known.at):
            _between(flow, legs, held[instrument == place], booked, known, worst, best)
    return worst, best


def _within_trips(legs: Legs, flows: Ints) -> Ints:
    """Return running sums of `flows` that begin again with each trip."""
    sums = np.cumsum(flows)
    before = np.concatenate((np.zeros(1, np.int64), sums))[legs.starts]
    within: Ints = sums - np.repeat(before, np.diff(np.append(legs.starts, len(flows))))
    return within


def _between(
    flow: Flow, legs: Legs, rows: Ints, booked: Ints, known: Prices, worst: Ints, best: Ints
) -> None:
    """Take in the prices after each leg in `rows` and until the next of its trip; all in one instrument."""
    first = np.searchsorted(known.at, flow.since[legs.fill[rows]], "right")
    last = np.searchsorted(known.at, flow.until[legs.fill[rows + 1]], "right")
    some = first < last
    rows, first, last = rows[some], first[some], last[some]
    if not len(rows):
        return
    by_start = np.argsort(first, kind="stable")
    rows, first, last = rows[by_start], first[by_start], last[by_start]
    low, high = _extremes(known, first, last)
    units = legs.held[rows]
    one, other = booked[rows] + units * low, booked[rows] + units * high
    np.minimum.at(worst, legs.trip[rows], np.minimum(one, other))
    np.maximum.at(best, legs.trip[rows], np.maximum(one, other))


def _extremes(known: Prices, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Return the lowest low and the highest high of the rows from each `first` to before each `last`."""
    if np.all(first[1:] >= last[:-1]):
        bounds = np.column_stack((first, last)).ravel()
        if bounds[-1] == len(known.at):
            bounds = bounds[:-1]
        return np.minimum.reduceat(known.low, bounds)[::2], np.maximum.reduceat(known.high, bounds)[::2]
    # Two products hold the instrument at once, so that stretches overlap.
    stretches = list(zip(first.tolist(), last.tolist(), strict=True))
    low = [known.low[begin:end].min() for begin, end in stretches]
    high = [known.high[begin:end].max() for begin, end in stretches]
    return np.array(low, np.int64), np.array(high, np.int64)

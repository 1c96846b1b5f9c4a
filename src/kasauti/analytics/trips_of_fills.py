"""
Round trips of a whole run at once, from its fills as columns: the fold of `round_trips` without a loop.

A trip runs from flat to flat in one position: one instrument in one product. A fill through zero ends one
trip and begins the next, and its charges are shared by quantity.
"""

from dataclasses import dataclass

import numpy as np

from kasauti.analytics.run import Signs
from kasauti.domain.market import Ints, Slots


@dataclass(frozen=True, slots=True)
class Flow:
    """
    Fills in order of time, with what their orders say about them; one row a fill.

    `key` numbers the position. `since` is from when on the data shows what happened to the units that
    entered, `until` up to when to those that left; `excursions` says why they differ. `strategy` is -1 where
    nobody's order filled (a contract that expired).
    """

    at: Ints
    since: Ints
    until: Ints
    key: Slots
    instrument: Slots
    side: Signs
    quantity: Ints
    price: Ints
    charges: Ints
    reason: Slots
    strategy: Slots


@dataclass(frozen=True, slots=True)
class Legs:
    """
    Fills by position and then by time, those through zero cut in two.

    `fill` is the row in the flow, `signed` the units with their sign, `held` what the position holds after
    it, `trip` the number of its trip; closed ones come first, in the order they closed. `starts` are the rows
    at which a trip begins, `trips` their numbers.
    """

    fill: Ints
    signed: Ints
    held: Ints
    trip: Ints
    starts: Ints
    trips: Ints
    closed: int


@dataclass(frozen=True, slots=True)
class ClosedTrips:
    """Closed trips as columns, in the order they closed. `strategies` has those of several: first to last."""

    instrument: Slots
    side: Signs
    quantity: Ints
    entry_at: Ints
    entry_price: Ints
    exit_at: Ints
    exit_price: Ints
    gross: Ints
    charges: Ints
    reason: Slots
    strategy: Slots
    strategies: dict[int, tuple[int, ...]]


def legs_of(flow: Flow) -> Legs:
    """Return the fills of `flow` as legs of trips."""
    order = np.argsort(flow.key, kind="stable")
    signed = flow.side[order].astype(np.int64) * flow.quantity[order]
    held = _within(flow.key[order], signed)
    before = held - signed
    crosses = np.sign(before) * np.sign(held) < 0
    rows = np.repeat(np.arange(len(order)), 1 + crosses)
    closing = np.flatnonzero(crosses) + np.arange(int(crosses.sum()))
    fill, parts, left = order[rows], signed[rows], held[rows]
    parts[closing], left[closing] = -before[crosses], 0
    parts[closing + 1] = held[crosses]
    begins = left - parts == 0
    local = np.cumsum(begins) - 1
    starts, ends = np.flatnonzero(begins), np.flatnonzero(left == 0)
    number = np.full(len(starts), -1, np.int64)
    number[local[ends][np.argsort(fill[ends], kind="stable")]] = np.arange(len(ends))
    still_open = number < 0
    number[still_open] = len(ends) + np.arange(int(still_open.sum()))
    return Legs(fill, parts, left, number[local], starts, number, len(ends))


def _within(key: Slots, signed: Ints) -> Ints:
    """Return running sums of `signed` that begin again with each key."""
    sums = np.cumsum(signed)
    firsts = np.flatnonzero(np.diff(key, prepend=-1))
    before = np.concatenate((np.zeros(1, np.int64), sums))[firsts]
    within: Ints = sums - np.repeat(before, np.diff(np.append(firsts, len(key))))
    return within


def closed_trips(flow: Flow, legs: Legs) -> ClosedTrips:
    """Return the trips that were closed; values are exact, prices means to the nearest unit, halves up."""
    if not legs.closed:
        return _no_trips(flow.charges.shape[1])
    fill, starts = legs.fill, legs.starts
    ends = np.append(starts[1:], len(fill)) - 1
    chosen = np.argsort(legs.trips)[: legs.closed]
    side = np.sign(legs.signed[starts])
    size, price = np.abs(legs.signed), flow.price[fill]
    enters = np.sign(legs.signed) == np.repeat(side, ends - starts + 1)
    value = size * price
    entered = np.add.reduceat(np.where(enters, size, 0), starts)[chosen]
    paid = np.add.reduceat(np.where(enters, value, 0), starts)[chosen]
    got = np.add.reduceat(np.where(enters, 0, value), starts)[chosen]
    first, last = fill[starts[chosen]], fill[ends[chosen]]
    strategy, several = _strategies(flow, legs, chosen)
    return ClosedTrips(
        instrument=flow.instrument[first],
        side=side[chosen].astype(np.int8),
        quantity=entered,
        entry_at=flow.at[first],
        entry_price=_mean(paid, entered),
        exit_at=flow.at[last],
        exit_price=_mean(got, entered),
        gross=side[chosen] * (got - paid),
        charges=np.add.reduceat(charges_of(flow, legs), starts, axis=0)[chosen],
        reason=flow.reason[last],
        strategy=strategy,
        strategies=several,
    )


def charges_of(flow: Flow, legs: Legs) -> Ints:
    """Return the charges of each leg: of a fill through zero, the closing part's rounded down."""
    charges: Ints = flow.charges[legs.fill]
    cut = np.flatnonzero(legs.fill[1:] == legs.fill[:-1])
    whole = flow.quantity[legs.fill[cut]][:, None]
    closing = charges[cut] * np.abs(legs.signed[cut])[:, None] // whole
    charges[cut + 1] -= closing
    charges[cut] = closing
    return charges


def _mean(value: Ints, quantity: Ints) -> Ints:
    return (2 * value + quantity) // (2 * quantity)


def _strategies(flow: Flow, legs: Legs, chosen: Ints) -> tuple[Slots, dict[int, tuple[int, ...]]]:
    """Return each trip's strategy, and all of them, in order of appearance, where there are several."""
    own = flow.strategy[legs.fill]
    first = own[legs.starts]
    same = np.where(own < 0, np.repeat(first, np.diff(np.append(legs.starts, len(own)))), own)
    mixed = np.minimum.reduceat(same, legs.starts) != np.maximum.reduceat(same, legs.starts)
    ends = np.append(legs.starts[1:], len(own))
    several = {}
    for trip in np.flatnonzero(mixed[chosen]).tolist():
        place = chosen[trip]
        names = own[legs.starts[place] : ends[place]].tolist()
        several[trip] = tuple(dict.fromkeys(name for name in names if name >= 0))
    return first[chosen].astype(np.int32), several


def _no_trips(heads: int) -> ClosedTrips:
    none, slots = np.zeros(0, np.int64), np.zeros(0, np.int32)
    return ClosedTrips(
        instrument=slots,
        side=np.zeros(0, np.int8),
        quantity=none,
        entry_at=none,
        entry_price=none,
        exit_at=none,
        exit_price=none,
        gross=none,
        charges=np.zeros((0, heads), np.int64),
        reason=slots,
        strategy=slots,
        strategies={},
    )


def realised_by_fill(flow: Flow, legs: Legs) -> Ints:
    """
    Return what each fill realised before charges, at average cost, as `domain.position` books it.

    A trip with one exit realises all of its result there; only others are counted leg by leg.
    """
    realised: Ints = np.zeros(len(flow.at), np.int64)
    if not len(legs.fill):
        return realised
    ends = np.append(legs.starts[1:], len(legs.fill))
    side = np.repeat(np.sign(legs.signed[legs.starts]), ends - legs.starts)
    leaves = np.sign(legs.signed) != side
    exits = np.add.reduceat(leaves.astype(np.int64), legs.starts)
    flows = -legs.signed * flow.price[legs.fill]
    results = np.add.reduceat(flows, legs.starts)
    simple = (exits == 1) & (legs.held[ends - 1] == 0)
    np.add.at(realised, legs.fill[ends[simple] - 1], results[simple])
    for trip in np.flatnonzero((exits > 0) & ~simple).tolist():
        begin, end = int(legs.starts[trip]), int(ends[trip])
        _by_leg(realised, flow, legs, slice(begin, end))
    return realised


def _by_leg(realised: Ints, flow: Flow, legs: Legs, rows: slice) -> None:
    """Count one trip leg by leg: the cost taken out is rounded towards zero, the last unit takes the rest."""
    held = cost = 0
    fills, signed = legs.fill[rows], legs.signed[rows].tolist()
    for fill, units, price in zip(fills.tolist(), signed, flow.price[fills].tolist(), strict=True):
        if held and (held > 0) != (units > 0):
            size, traded = abs(held), abs(units)
            out = cost * traded // size if cost >= 0 else -(-cost * traded // size)
            realised[fill] += -units * price - out
            cost -= out
        else:
            cost += units * price
        held += units

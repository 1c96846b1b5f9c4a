"""
What can be wrong with whole snapshots of an option chain.

A snapshot is what a file has of one underlying at one moment; a chain is its options of one expiry.
"""

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.market import Ints
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.values import Bools

_Places = NDArray[np.intp]


def frozen_repeat(rows: Rows, context: Context) -> Bools:
    """Mark snapshots in which nothing differs from the one before: last prices, volume, interest, spot."""
    groups, count = _snapshots(rows, context)
    names = [name for name in rows.columns if name != "in_market"]
    changed = np.bincount(groups, weights=~rows.repeats(names), minlength=count) > 0
    sizes = np.bincount(groups, minlength=count)
    before = _before(groups, context.listing.underlying[rows.slot], count)
    same_size = (before >= 0) & (sizes == sizes[before])
    frozen: Bools = ~changed & same_size
    return frozen[groups]


def half_empty(rows: Rows, context: Context) -> Bools:
    """
    Mark snapshots in which fewer than half of the options of a chain have a price.

    Counted against the rows of the chain in this snapshot, or in the fullest one so far that day if that
    has more: a long file just leaves options out. The underlying goes when no chain of its snapshot stays.
    """
    options = context.listing.is_option[rows.slot]
    if not options.any():
        return np.zeros(len(rows), np.bool_)
    snapshots, count = _snapshots(rows, context)
    chains = _chain_of(rows, context)
    pairs, group = np.unique(
        snapshots[options] * (int(chains.max()) + 1) + chains[options], return_inverse=True
    )
    priced = np.bincount(group, weights=rows.columns["last"][options] > 0, minlength=len(pairs))
    listed = np.bincount(group, minlength=len(pairs))
    chain_of_group = pairs % (int(chains.max()) + 1)
    for chain in np.unique(chain_of_group).tolist():
        places = np.flatnonzero(chain_of_group == chain)
        listed[places] = np.maximum.accumulate(listed[places])
    empty = 2 * priced < listed
    marked = np.zeros(len(rows), np.bool_)
    marked[options] = empty[group]
    whole = np.bincount(snapshots[options], weights=~empty[group], minlength=count) == 0
    marked[~options] = whole[snapshots[~options]]
    return marked


def _snapshots(rows: Rows, context: Context) -> tuple[Ints, int]:
    """Return the number of each row's snapshot, in order of time, and how many there are."""
    families = len(context.listing.underlyings)
    moments = np.cumsum(np.concatenate([[0], rows.at[1:] != rows.at[:-1]])).astype(np.int64)
    numbers, groups = np.unique(
        moments * families + context.listing.underlying[rows.slot], return_inverse=True
    )
    return groups.astype(np.int64), len(numbers)


def _before(groups: Ints, families: Ints, count: int) -> _Places:
    """Return the snapshot before each one of the same underlying, -1 for the first."""
    family = np.empty(count, np.int64)
    family[groups] = families
    order = np.argsort(family, kind="stable")
    before = np.full(count, -1, np.intp)
    same = family[order[1:]] == family[order[:-1]]
    before[order[1:][same]] = order[:-1][same]
    return before


def _chain_of(rows: Rows, context: Context) -> Ints:
    """Return a number for each row's underlying and expiry."""
    listing = context.listing
    keys = listing.underlying * (1 << 20) + listing.expiry
    numbers: Ints = np.unique(keys, return_inverse=True)[1].astype(np.int64)[rows.slot]
    return numbers

"""
Index data as data that can be traded: a near-month future made from the index, and said so.

An index has prices and cannot be bought. What follows it is its future, and where there is only the index,
the nearest honest thing is a future at the index's own prices: no basis, no roll, no volume. The contracts
are those that were listed, with their lots and charges; everything else about them is an assumption.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.ist import ist_date
from kasauti.domain.market import BarBatch, Slots
from kasauti.errors import MarketDataError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.indices import Index, index_named
from kasauti.exchange.symbols import future_symbol
from kasauti.feeds.recorded.naming import Naming, Wanted

if TYPE_CHECKING:
    from kasauti.compose.markets import Batch, Market

_VALUES = ("open", "high", "low", "close", "volume", "open_interest")
#: The longest way to the next monthly expiry.
_AHEAD = timedelta(days=70)
_REMARK = (
    "The futures of {names} are made from the index: they trade at its own prices, without basis, roll or a"
    " limit of volume. Real futures differ by some points, and by more where rates or dividends do."
)


def with_index_futures(market: "Market") -> "Market":
    """
    Return `market` with the near-month future of each of its indices, at the prices of the index.

    Raises `MarketDataError` where there is no index that has futures, or no bars of it.
    """
    indices = {each.id: found for each in market.universe if (found := index_named(each.id)) is not None}
    calendar = Calendar()
    near = _near(list(indices.values()), market, Expiries(calendar))
    if not near or not market.is_bars:
        raise MarketDataError(
            f"the {market.label} has no bars of an index that has futures; leave --index-futures out"
        )
    naming = Naming(calendar, {})
    contracts: dict[str, Instrument] = {}
    for (index, day), expiry in near.items():
        symbol = f"{index.derivatives}:{future_symbol(index.name, expiry)}"
        if symbol not in contracts:
            contracts[symbol] = naming.instrument(Wanted(symbol=symbol), day, lambda: 1, lambda: 1)
    universe = Universe([*market.universe, *contracts.values()])
    slots = {
        (index.id, day): universe.slot(f"{index.derivatives}:{future_symbol(index.name, expiry)}")
        for (index, day), expiry in near.items()
    }

    def play(start: int | None) -> "Iterator[Batch]":
        for batch in market.play(start):
            yield _followed(batch, market.universe, slots)

    names = " and ".join(sorted({each.name for each in contracts.values()}))
    return msgspec.structs.replace(
        market,
        universe=universe,
        play=play,
        remarks=(*market.remarks, _REMARK.format(names=names)),
    )


def _near(indices: list[Index], market: "Market", expiries: Expiries) -> dict[tuple[Index, date], date]:
    """Return the next monthly expiry of each index on each day, for those that have any."""
    found: dict[tuple[Index, date], date] = {}
    known = set(expiries.names)
    for index in (each for each in indices if each.name in known):
        listed = expiries.expiries(index.name, market.days[0], market.days[-1] + _AHEAD)
        monthly = [each.day for each in listed if each.monthly]
        for day in market.days:
            found[index, day] = next(each for each in monthly if each >= day)
    return found


def _followed(batch: "Batch", universe: Universe, slots: dict[tuple[str, date], int]) -> "Batch":
    """Return a batch, of one day, with the bars of each index again as bars of its future."""
    day = ist_date(int(batch.at[0]))
    follower = np.array([slots.get((each.id, day), -1) for each in universe], np.int32)
    if isinstance(batch, BarGrid):
        return _followed_grid(batch, follower)
    assert isinstance(batch, BarBatch), "a market of bars plays bars"
    followers = follower[batch.slot]
    followed = followers >= 0
    slot = np.concatenate((batch.slot, followers[followed]))
    columns = {
        name: np.concatenate((getattr(batch, name), getattr(batch, name)[followed]))
        for name in ("at", *_VALUES)
    }
    order = np.lexsort((slot, columns["at"]))
    return BarBatch(
        batch.seconds, slot=slot[order], **{name: column[order] for name, column in columns.items()}
    )


def _followed_grid(grid: BarGrid, follower: Slots) -> BarGrid:
    followers = follower[grid.slots]
    followed = np.flatnonzero(followers >= 0)
    slots = np.concatenate((grid.slots, followers[followed]))
    order = np.argsort(slots)
    places = np.concatenate((np.arange(len(grid.slots)), followed))[order]
    present = None if grid.present is None else grid.present[places]
    values = {name: getattr(grid, name)[places] for name in _VALUES}
    return BarGrid(grid.seconds, grid.at, slots[order], **values, present=present)

"""
Prices of before an ex-date in the units of after it, so that a chart or an indicator sees no jump.

A split or bonus divides the prices of the days before it by its ratio and multiplies their volumes; with
`dividends` a dividend comes off the prices before it as a whole. Only shares have such a history: an adjusted
contract is another contract. Prices are rounded to the nearest money unit, not to the tick: they are for
looking at, and what traded was something else.
"""

from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import ist_ns
from kasauti.domain.market import BarBatch, Depth, Ints, TickBatch
from kasauti.exchange.corporate_actions import Action, Adjusted, CorporateActions

Batch = TickBatch | BarBatch | BarGrid
Bools = NDArray[np.bool_]

_PRICES = {
    TickBatch: ("last", "bid", "ask"),
    BarBatch: ("open", "high", "low", "close"),
    BarGrid: ("open", "high", "low", "close"),
}
_UNITS = {
    TickBatch: ("bid_quantity", "ask_quantity", "volume", "open_interest"),
    BarBatch: ("volume", "open_interest"),
    BarGrid: ("volume", "open_interest"),
}


class _Change(msgspec.Struct, frozen=True):
    slot: int
    before: int
    numerator: int
    denominator: int
    off: int


class AdjustedHistory:
    """
    Adjusts market data of `universe` to the units of `last`, the last day that it is looked at from.

    `applied` are the actions that change any of it, oldest first.
    """

    def __init__(
        self, universe: Universe, actions: CorporateActions, last: date, *, dividends: bool = False
    ) -> None:
        self.applied: list[Action] = []
        self._changes: list[_Change] = []
        for action in actions.between(date.min, last):
            changes = [
                change
                for slot, each in enumerate(universe)
                if (change := _change(action, action.of_share(each.id), each.id, slot, dividends=dividends))
            ]
            if changes:
                self.applied.append(action)
                self._changes += changes

    def of(self, batch: Batch) -> Batch:
        """Return the batch with every row from before an ex-date adjusted; the same one if there is none."""
        for change in self._changes:
            batch = _changed(batch, change)
        return batch


def _change(
    action: Action, adjusted: Adjusted | None, instrument_id: str, slot: int, *, dividends: bool
) -> _Change | None:
    if adjusted is None or adjusted.into != instrument_id:
        return None  # under another symbol, it is the history of another instrument
    off = adjusted.dividend if dividends else 0
    if adjusted.numerator == adjusted.denominator and not off:
        return None
    return _Change(slot, ist_ns(action.ex_date), adjusted.numerator, adjusted.denominator, off)


def _changed(batch: Batch, change: _Change) -> Batch:
    rows = _rows(batch, change)
    if not rows.any():
        return batch
    columns: dict[str, Any] = {
        name: _prices(getattr(batch, name), rows, change) for name in _PRICES[type(batch)]
    }
    columns |= {name: _units(getattr(batch, name), rows, change) for name in _UNITS[type(batch)]}
    if isinstance(batch, TickBatch) and batch.depth is not None:
        deep, depth = rows[:, None] & np.ones((1, batch.depth.bid_prices.shape[1]), np.bool_), batch.depth
        changed = Depth(
            _prices(depth.bid_prices, deep, change),
            _units(depth.bid_quantities, deep, change),
            _prices(depth.ask_prices, deep, change),
            _units(depth.ask_quantities, deep, change),
        )
        return replace(batch, **columns, depth=changed)
    return replace(batch, **columns)


def _rows(batch: Batch, change: _Change) -> Bools:
    """Return where the batch has the share before its ex-date: of a grid's cells, of the others' rows."""
    early: Bools = batch.at < change.before
    if isinstance(batch, BarGrid):
        cells: Bools = (batch.slots == change.slot)[:, None] & early[None, :]
        return cells
    rows: Bools = (batch.slot == change.slot) & early
    return rows


def _prices(column: Ints, rows: Bools, change: _Change) -> Ints:
    """Return prices lowered and divided, to the nearest money unit; 0, which is none, stays."""
    lowered = (column - change.off) * change.denominator
    adjusted = np.maximum((2 * lowered + change.numerator) // (2 * change.numerator), 1)
    found: Ints = np.where(rows & (column != 0), adjusted, column)
    return found


def _units(column: Ints, rows: Bools, change: _Change) -> Ints:
    found: Ints = np.where(rows, column * change.numerator // change.denominator, column)
    return found

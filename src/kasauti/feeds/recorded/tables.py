"""Batches as Arrow tables in our own layouts: prices in rupees, null where there is none, times in IST."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.inputs import MarketData
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.market import DEPTH_LEVELS, BarBatch, Ints, Slots, TickBatch
from kasauti.domain.money import RUPEE
from kasauti.errors import InvalidInput
from kasauti.feeds.recorded.layout import OWN_BARS, OWN_CHAIN, OWN_TICKS
from kasauti.feeds.recorded.sessions import Listing

_ZONE = "Asia/Kolkata"
_GROUP_ROWS = 1 << 17


def tables(universe: Universe, batches: Iterable[MarketData], layout: str | None) -> Iterator[pa.Table]:
    """Yield `batches` as tables of about the size of a row group, all of one schema."""
    maker = _Maker(universe, layout)
    waiting: list[pa.Table] = []
    rows = 0
    for batch in batches:
        if len(batch):
            table = maker.table(batch.rows() if isinstance(batch, BarGrid) else batch)
            waiting.append(table)
            rows += table.num_rows
        if rows >= _GROUP_ROWS:
            yield pa.concat_tables(waiting)
            waiting, rows = [], 0
    if waiting:
        yield pa.concat_tables(waiting)


class _Maker:
    """Makes tables, and sees to it that all batches are of one kind."""

    def __init__(self, universe: Universe, layout: str | None) -> None:
        self._layout = layout
        self._names = pa.array([instrument.id for instrument in universe])
        self._listing = Listing(universe)
        self._seen: tuple[type, bool] | None = None

    def table(self, batch: TickBatch | BarBatch) -> pa.Table:
        """Return one batch as a table."""
        deep = isinstance(batch, TickBatch) and batch.depth is not None
        if self._seen not in {None, (type(batch), deep)}:
            raise InvalidInput(
                "A recording holds bars, or ticks that all have depth, or ticks without; write these batches"
                " to different files."
            )
        self._seen = (type(batch), deep)
        if isinstance(batch, BarBatch):
            self._check_layout(OWN_BARS.name)
            return self._bars(batch)
        self._check_layout(OWN_TICKS.name, OWN_CHAIN.name)
        return self._chain(batch) if self._layout == OWN_CHAIN.name else self._ticks(batch)

    def _check_layout(self, *fitting: str) -> None:
        if self._layout is not None and self._layout not in fitting:
            raise InvalidInput(f"These batches are written as {' or '.join(fitting)}, not as {self._layout}.")

    def _bars(self, bars: BarBatch) -> pa.Table:
        return pa.table(
            {
                "instrument": self._instruments(bars.slot),
                "end": _moments(bars.at),
                "seconds": pa.array(np.full(len(bars), bars.seconds, np.int64)),
                **{name: _rupees(getattr(bars, name)) for name in ("open", "high", "low", "close")},
                "volume": pa.array(bars.volume),
                "open_interest": pa.array(bars.open_interest),
            }
        )

    def _ticks(self, ticks: TickBatch) -> pa.Table:
        columns: dict[str, Any] = {"instrument": self._instruments(ticks.slot), "at": _moments(ticks.at)}
        columns |= _quote_columns(ticks, np.arange(len(ticks)))
        if ticks.depth is not None:
            for side in ("bid", "ask"):
                prices: Ints = getattr(ticks.depth, f"{side}_prices")
                quantities: Ints = getattr(ticks.depth, f"{side}_quantities")
                for level in range(DEPTH_LEVELS):
                    columns[f"{side}_price_{level + 1}"] = _rupees(prices[:, level])
                    columns[f"{side}_quantity_{level + 1}"] = pa.array(quantities[:, level])
        return pa.table(columns)

    def _instruments(self, slots: Slots) -> pa.DictionaryArray:
        return pa.DictionaryArray.from_arrays(pa.array(slots), self._names)

    def _chain(self, ticks: TickBatch) -> pa.Table:
        """Return an option a row, with the price of its underlying at that moment beside it."""
        listing, slots = self._listing, ticks.slot
        options = np.flatnonzero(listing.is_option[slots])
        indices = np.flatnonzero(listing.is_index[slots])
        if ticks.depth is not None or len(options) + len(indices) < len(ticks):
            raise InvalidInput(
                f"{OWN_CHAIN.name} holds options on indices and their indices, without depth; write these"
                f" batches as {OWN_TICKS.name}."
            )
        chosen = [listing.universe[slot] for slot in range(len(listing.universe))]
        names = pa.array([i.name for i in chosen])
        return pa.table(
            {
                "at": _moments(ticks.at[options]),
                "underlying": pa.DictionaryArray.from_arrays(pa.array(slots[options]), names).cast(
                    pa.string()
                ),
                "expiry": pa.array(listing.expiry[slots[options]].astype(np.int32)).cast(pa.date32()),
                "strike": _rupees(np.array([i.strike for i in chosen], np.int64)[slots[options]]),
                "option_type": pa.array(
                    np.where(np.array([i.kind is Kind.CALL for i in chosen])[slots[options]], "CE", "PE")
                ),
                "spot": _rupees(self._spots(ticks, options, indices)),
                **_quote_columns(ticks, options),
            }
        )

    def _spots(self, ticks: TickBatch, options: NDArray[np.intp], indices: NDArray[np.intp]) -> Ints:
        """Return the last price of the underlying at the moment of each option, 0 where there is none."""
        families = len(self._listing.underlyings)
        moments = np.cumsum(np.concatenate([[0], ticks.at[1:] != ticks.at[:-1]]))
        keys = moments * families + self._listing.underlying[ticks.slot]
        known, where = np.unique(keys[indices], return_index=True)
        if np.setdiff1d(known, keys[options]).size:
            raise InvalidInput(
                f"An index has a price at a moment without its options, which {OWN_CHAIN.name} cannot say;"
                f" write these batches as {OWN_TICKS.name}."
            )
        if not len(known):
            return np.zeros(len(options), np.int64)
        place = np.minimum(np.searchsorted(known, keys[options]), len(known) - 1)
        spots = ticks.last[indices[where]][place]
        return np.where(known[place] == keys[options], spots, 0)


def _quote_columns(ticks: TickBatch, which: NDArray[np.intp]) -> dict[str, Any]:
    return {
        **{name: _rupees(getattr(ticks, name)[which]) for name in ("last", "bid", "ask")},
        **{
            name: pa.array(getattr(ticks, name)[which])
            for name in ("bid_quantity", "ask_quantity", "volume", "open_interest")
        },
    }


def _moments(at: Ints) -> pa.Array:
    return pa.array(at).cast(pa.timestamp("ns", _ZONE))


def _rupees(prices: Ints) -> pa.Array:
    return pa.array(prices / RUPEE, mask=prices == 0)

"""
The ticker's packets, made of whole columns: one pass of numpy for all instruments that moved.

All numbers are big-endian. A price is a whole number of the segment's smallest unit; money units are
ten-thousandths of a rupee, so each segment has a ratio to them. Layouts: brokers.md 1.11.
"""

from collections.abc import Hashable, Iterable, Sequence
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kasauti.desk.floor import Floor
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import DEPTH_LEVELS, Depth, Ints
from kasauti.web.kite.tokens import INDEX_SEGMENT, lot_of, tokens_of

HEARTBEAT = b"\x00"


class Mode(StrEnum):
    """How much of an instrument is shown."""

    LTP = "ltp"
    QUOTE = "quote"
    FULL = "full"

    __hash__ = str.__hash__


#: Units of a rupee in prices on the wire, by the low byte of the token: CDS, BCD, NCO; others have paise.
DIVISORS = {3: 10_000_000, 6: 10_000, 12: 10_000}
_PAISE = 100
_RUPEE = 10_000
#: The scale of prices by the low byte.
_SCALE: Ints = np.array([DIVISORS.get(segment, _PAISE) for segment in range(256)], np.int64)

_LEVEL = np.dtype([("quantity", ">u4"), ("price", ">i4"), ("orders", ">u2"), ("pad", ">u2")])
_LTP = [("length", ">u2"), ("token", ">u4"), ("last", ">i4")]
_QUOTE = [
    *_LTP,
    ("last_quantity", ">u4"),
    ("average", ">i4"),
    ("volume", ">u4"),
    ("buy_quantity", ">u4"),
    ("sell_quantity", ">u4"),
    ("open", ">i4"),
    ("high", ">i4"),
    ("low", ">i4"),
    ("close", ">i4"),
]
_FULL: list[Any] = [
    *_QUOTE,
    ("trade_time", ">u4"),
    ("oi", ">u4"),
    ("oi_high", ">u4"),
    ("oi_low", ">u4"),
    ("time", ">u4"),
    ("bids", _LEVEL, DEPTH_LEVELS),
    ("asks", _LEVEL, DEPTH_LEVELS),
]
_INDEX = [
    *_LTP,
    ("high", ">i4"),
    ("low", ">i4"),
    ("open", ">i4"),
    ("close", ">i4"),
    ("change", ">i4"),
]
#: The layout of a packet with the two bytes of its length, by mode and whether it is of an index.
LAYOUTS = {
    (Mode.LTP, False): np.dtype(_LTP),
    (Mode.LTP, True): np.dtype(_LTP),
    (Mode.QUOTE, False): np.dtype(_QUOTE),
    (Mode.QUOTE, True): np.dtype(_INDEX),
    (Mode.FULL, False): np.dtype(_FULL),
    (Mode.FULL, True): np.dtype([*_INDEX, ("time", ">u4")]),
}
_LENGTH = 2
_MOST_SIGNED, _MOST_UNSIGNED = 2**31 - 1, 2**32 - 1


def frame(packets: Sequence[bytes]) -> bytes:
    """Return packets, each with its length before it, as one message."""
    return len(packets).to_bytes(2, "big") + b"".join(packets)


def packed(mode: Mode, columns: dict[str, Any], *, index: bool) -> list[bytes]:
    """Return a packet for each row of `columns`, which are as on the wire; what is left out is 0."""
    layout = LAYOUTS[mode, index]
    rows = np.zeros(len(columns["token"]), layout)
    rows["length"] = layout.itemsize - _LENGTH
    for name, column in columns.items():
        kind = layout[name]
        if kind.subdtype is not None:
            rows[name] = column
        else:
            most, least = (_MOST_SIGNED, -_MOST_SIGNED) if kind.kind == "i" else (_MOST_UNSIGNED, 0)
            rows[name] = np.clip(column, least, most)
    raw, size = rows.tobytes(), layout.itemsize
    return [raw[start : start + size] for start in range(0, len(raw), size)]


def encode(floor: Floor, mode: Hashable, slots: Sequence[int]) -> list[bytes]:
    """Return the packets of some slots, in their order, each made once for all clients."""
    assert isinstance(mode, Mode), "the ticker knows no other"
    at = np.fromiter(slots, np.int64, len(slots))
    tokens = tokens_of(floor.universe).column[at]
    is_index = (tokens & 0xFF) == INDEX_SEGMENT
    if is_index.any() and not is_index.all():
        return _mixed(floor, mode, at, is_index)
    if not len(at):
        return []
    index = bool(is_index[0])
    return packed(mode, _columns(floor, mode, at, tokens, index=index), index=index)


def _mixed(floor: Floor, mode: Mode, at: Ints, is_index: NDArray[np.bool_]) -> list[bytes]:
    indices = iter(encode(floor, mode, at[is_index].tolist()))
    others = iter(encode(floor, mode, at[~is_index].tolist()))
    return [next(indices if each else others) for each in is_index.tolist()]


def _columns(floor: Floor, mode: Mode, at: Ints, tokens: Ints, *, index: bool) -> dict[str, Any]:
    board, seen = floor.board, floor.seen
    scale = _SCALE[tokens & 0xFF]

    def price(column: Ints) -> Ints:
        scaled: Ints = column[at] * scale // _RUPEE
        return scaled

    columns: dict[str, Any] = {"token": tokens, "last": price(board.last)}
    if mode is Mode.LTP:
        return columns
    columns["open"], columns["high"] = price(seen.day_open), price(seen.day_high)
    columns["low"], columns["close"] = price(seen.day_low), price(floor.previous_close)
    seconds = board.at[at] // NS_PER_SECOND
    if index:
        columns["change"] = np.where(columns["close"] > 0, columns["last"] - columns["close"], 0)
        return columns if mode is Mode.QUOTE else {**columns, "time": seconds}
    lots = _lots(floor, at.tolist())
    depth = _depth(floor, at)
    columns["last_quantity"] = seen.trades.last_quantity[at] // lots
    columns["average"] = seen.trades.average(at) * scale // _RUPEE
    columns["volume"] = board.volume[at] // lots
    columns["buy_quantity"] = depth.bid_quantities.sum(axis=1) // lots
    columns["sell_quantity"] = depth.ask_quantities.sum(axis=1) // lots
    if mode is Mode.FULL:
        columns.update(trade_time=seconds, time=seconds, oi=board.open_interest[at] // lots)
        columns["oi_high"] = seen.trades.interest_high[at] // lots
        columns["oi_low"] = seen.trades.interest_low[at] // lots
        columns["bids"] = _levels(depth.bid_prices, depth.bid_quantities, scale, lots)
        columns["asks"] = _levels(depth.ask_prices, depth.ask_quantities, scale, lots)
    return columns


def _lots(floor: Floor, slots: Iterable[int]) -> Ints:
    return np.array([lot_of(floor.universe[slot]) for slot in slots], np.int64)


def _depth(floor: Floor, at: Ints) -> Depth:
    """Return five levels a side; where only the best is known it is the first."""
    board = floor.board
    deep = board.has_depth[at]
    whole = Depth(
        board.depth.bid_prices[at],
        board.depth.bid_quantities[at],
        board.depth.ask_prices[at],
        board.depth.ask_quantities[at],
    )
    if deep.all():
        return whole
    flat = ~deep
    best = (
        (whole.bid_prices, board.bid),
        (whole.bid_quantities, board.bid_quantity),
        (whole.ask_prices, board.ask),
        (whole.ask_quantities, board.ask_quantity),
    )
    for levels, column in best:
        levels[flat] = 0
        levels[flat, 0] = column[at[flat]]
    return whole


def _levels(prices: Ints, quantities: Ints, scale: Ints, lots: Ints) -> NDArray[Any]:
    side = np.zeros(prices.shape, _LEVEL)
    side["price"] = prices * scale[:, None] // _RUPEE
    side["quantity"] = np.minimum(quantities // lots[:, None], _MOST_UNSIGNED)
    # How many orders stand at a price is in no market data here.
    side["orders"] = quantities > 0
    return side

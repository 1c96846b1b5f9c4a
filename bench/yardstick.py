"""
A yardstick for machines: the least that an order costs in plain Python, and in SQLite.

An order is made, passes seven checks, fills and changes a position: no charges, no margins, no evidence and
no hash chain. What is promised was set beside a prototype of that kind. It says how fast a machine runs what
Kasauti consists of; it says nothing of Kasauti, none of whose code is in it.
"""

import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

#: Orders a second where the promises were set, on two cores of a Xeon at 2.6 GHz. A prototype made 651,000,
#: 219,000 and 2,900 there. In turns with it, on another machine, this yardstick makes 1.8 and 1.45 times as
#: many in memory and in groups, and as many with a sync for each, where both wait for the disk.
REFERENCE: Final = {"yardstick": 1_170_000, "yardstick_groups": 318_000, "yardstick_synced": 2_900}

_ORDERS: Final = 200_000
_SYNCED: Final = 2_000
_GROUP: Final = 100
_LOT, _FREEZE, _TICK = 75, 1_800, 500
_BID, _ASK = 1_000_000, 1_000_500
_LARGEST, _MOST_OPEN = 10**12, 10
_TABLE: Final = (
    "CREATE TABLE log (number INTEGER, kind TEXT, instrument INTEGER, quantity INTEGER, price INTEGER)"
)
_INSERT: Final = "INSERT INTO log VALUES (?, ?, ?, ?, ?)"

#: What is noted of an order: its number, what happened, instrument, signed quantity and price.
_Note = tuple[int, str, int, int, int]


class _Order:
    __slots__ = ("filled", "instrument", "number", "price", "quantity", "status")

    def __init__(self, number: int, instrument: int, quantity: int) -> None:
        self.number = number
        self.instrument = instrument
        self.quantity = quantity
        self.price = self.filled = 0
        self.status = "new"


class _Account:
    """Takes orders one by one; `note` is told what happens to each."""

    def __init__(self, note: Callable[[_Note], None]) -> None:
        self._note = note
        self._quotes = dict.fromkeys(range(500), (_BID, _ASK))
        self._open: dict[int, _Order] = {}
        self._positions: dict[int, tuple[int, int]] = {}
        self.cash = 10**13
        self.orders = 0

    def place(self, instrument: int, quantity: int) -> _Order:
        """Place an order at the market, which fills it at once."""
        self.orders += 1
        order = _Order(self.orders, instrument, quantity)
        order.status = self._refusal(order) or "open"
        self._note((order.number, "placed", instrument, quantity, 0))
        if order.status == "open":
            self._open[order.number] = order
            self._fill(order)
        return order

    def _refusal(self, order: _Order) -> str:
        quote, units = self._quotes.get(order.instrument), abs(order.quantity)
        if quote is None:
            return "unknown instrument"
        if not units:
            return "no quantity"
        if units % _LOT:
            return "not whole lots"
        if units > _FREEZE:
            return "beyond the freeze quantity"
        if order.price % _TICK:
            return "off the tick grid"
        if len(self._open) >= _MOST_OPEN:
            return "too many open orders"
        if units * quote[1] > min(_LARGEST, self.cash):
            return "beyond what there is"
        return ""

    def _fill(self, order: _Order) -> None:
        bid, ask = self._quotes[order.instrument]
        price = ask if order.quantity > 0 else bid
        held, cost = self._positions.get(order.instrument, (0, 0))
        self._positions[order.instrument] = (held + order.quantity, cost + order.quantity * price)
        self.cash -= order.quantity * price
        order.price, order.filled, order.status = price, order.quantity, "complete"
        del self._open[order.number]
        self._note((order.number, "filled", order.instrument, order.quantity, price))


class _Groups:
    """Writes what is noted into a file of SQLite, in groups of `size`."""

    def __init__(self, path: Path, synchronous: str, size: int) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute(f"PRAGMA synchronous = {synchronous}")
        self._connection.execute(_TABLE)
        self._size = size
        self._waiting: list[_Note] = []

    def note(self, what: _Note) -> None:
        self._waiting.append(what)
        if len(self._waiting) >= self._size:
            self._connection.execute("BEGIN")
            self._connection.executemany(_INSERT, self._waiting)
            self._connection.execute("COMMIT")
            self._waiting.clear()

    def close(self) -> None:
        self._connection.close()


def _forget(_what: _Note) -> None:
    """Keep nothing."""


def _timed(account: _Account, orders: int) -> dict[str, float]:
    began = perf_counter()
    for number in range(orders):
        account.place(7, -_LOT if number % 2 else _LOT)
    seconds = perf_counter() - began
    assert account.orders == orders, "each was taken"
    return {"n": orders, "seconds": seconds}


def _written(orders: int, synchronous: str, size: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        groups = _Groups(Path(folder) / "yardstick.db", synchronous, size)
        figures = _timed(_Account(groups.note), orders)
        groups.close()
    return figures


def in_memory() -> dict[str, float]:
    """Orders in plain Python, nothing written."""
    return _timed(_Account(_forget), _ORDERS)


def in_groups() -> dict[str, float]:
    """The same, written in groups of a hundred."""
    return _written(_ORDERS, "NORMAL", _GROUP)


def synced() -> dict[str, float]:
    """The same, each step on the disk before the next."""
    return _written(_SYNCED, "FULL", 1)


def speeds(results: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return how fast this machine is by each part of the yardstick in `results`; 1 is as the reference."""
    return {
        name: results[name]["n"] / results[name]["seconds"] / reference
        for name, reference in REFERENCE.items()
        if name in results
    }


YARDSTICKS: dict[str, Callable[[], dict[str, float]]] = {
    "yardstick": in_memory,
    "yardstick_groups": in_groups,
    "yardstick_synced": synced,
}

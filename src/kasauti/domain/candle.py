"""Candles, and the columns of bars that they are read from."""

from collections.abc import Sequence
from operator import index
from typing import Final, SupportsIndex

import numpy as np
from numpy.typing import NDArray

from kasauti.domain.compiler_hints import mypyc_attr
from kasauti.domain.ist import NS_PER_SECOND

_OPEN: Final = 0
_HIGH: Final = 1
_LOW: Final = 2
_CLOSE: Final = 3
_VOLUME: Final = 4
_OPEN_INTEREST: Final = 5

#: From which question on running sums of volumes cost less than a sum for each.
_OFTEN: Final = 4


#: Of a row that is not asked often what has traded.
_NO_SUMS: Final = memoryview(b"")


class BarRow:
    """
    Bars of one length of one instrument, as candles that are read where somebody looks.

    `ends` are the moments at which they end, `columns` their open, high, low, close, volume and open
    interest, `present` says where there is one, None: everywhere. A column becomes a list, once, when the
    first of its values is asked for: nobody pays for what nobody reads.
    """

    __slots__ = ("_asked", "_columns", "_sums", "_views", "ends", "instrument", "lists", "seconds", "there")

    def __init__(
        self,
        instrument: str,
        seconds: int,
        ends: Sequence[int],
        columns: Sequence[NDArray[np.int64]],
        present: NDArray[np.bool_] | None = None,
    ) -> None:
        self.instrument = instrument
        self.seconds = seconds
        self.ends = ends
        self.there: list[bool] | None = None if present is None else present.tolist()
        self.lists: list[list[int]] = [[], [], [], [], [], []]
        self._columns = columns
        #: The memory of the columns that single values were asked of: of a view, one is read at once.
        self._views: list[memoryview | None] = [None, None, None, None, None, None]
        #: What has traded before each of its bars, and in all, once that was asked often.
        self._asked, self._sums = 0, _NO_SUMS

    def list_of(self, column: int) -> list[int]:
        """Return a column, by its number, as a list from now on."""
        values: list[int] = self._columns[column].tolist()
        self.lists[column] = values
        return values

    def value(self, column: int, number: int) -> int:
        """Return one value of a column: for who looks at a bar now and then, and pays for no list."""
        values = self.lists[column]
        if values:
            return values[number]
        view = self._views[column]
        if view is None:
            view = self._views[column] = self._columns[column].data
        found: int = view[number]
        return found

    def close_at(self, number: int) -> int:
        """Return the last price of a bar, as `value` reads it."""
        return self.value(_CLOSE, number)

    def open_interest_at(self, number: int) -> int:
        """Return the open interest of a bar, as `value` reads it."""
        return self.value(_OPEN_INTEREST, number)

    def traded(self, first: int, stop: int) -> int:
        """Return what has traded from the bar `first` on and before `stop`."""
        sums = self._sums
        if not sums:
            self._asked += 1
            volumes = self._columns[_VOLUME]
            if self._asked < _OFTEN:
                return int(np.add.reduce(volumes[first:stop]))
            running = np.zeros(len(volumes) + 1, np.int64)
            volumes.cumsum(out=running[1:])
            sums = self._sums = running.data
        before: int = sums[first]
        until: int = sums[stop]
        return until - before

    def candle(self, number: int) -> "Candle | None":
        """Return the bar of a number as a candle, None where there is none."""
        if self.there is not None and not self.there[number]:
            return None
        return BarOfRow(self, number)

    def candles(self) -> "list[Candle]":
        """Return all of its bars as candles."""
        return [BarOfRow(self, number) for number in range(len(self.ends)) if self.has(number)]

    def has(self, number: int) -> bool:
        """Whether there is a bar of a number."""
        return self.there is None or self.there[number]

    def without_gaps(self) -> "BarRow":
        """Return the bars that there are, as a row that has one everywhere."""
        if self.there is None:
            return self
        present = np.array(self.there, np.bool_)
        ends = [end for end, is_there in zip(self.ends, self.there, strict=True) if is_there]
        columns = [column[present] for column in self._columns]
        return BarRow(self.instrument, self.seconds, ends, columns)

    @property
    def close(self) -> NDArray[np.int64]:
        """The last prices, as a column."""
        return self._columns[_CLOSE]


class Candle:
    """
    Open, high, low and close of `seconds` from `start`; known at `start + seconds`.

    Prices are money units, `start` is ns UTC. `volume` is what traded inside it, `open_interest` the value
    at its end. Candles do not change, and are equal if all of their values are. They are made of any numbers
    that are whole by their type, as columns have them.
    """

    __slots__ = ("_number", "_row")

    def __init__(
        self,
        instrument: str,
        seconds: SupportsIndex,
        start: SupportsIndex,
        open: SupportsIndex,  # noqa: A002  the field's name
        high: SupportsIndex,
        low: SupportsIndex,
        close: SupportsIndex,
        volume: SupportsIndex = 0,
        open_interest: SupportsIndex = 0,
    ) -> None:
        lasts = index(seconds)
        row = BarRow(instrument, lasts, [index(start) + lasts * NS_PER_SECOND], ())
        values = (open, high, low, close, volume, open_interest)
        row.lists = [[index(each)] for each in values]
        self._row = row
        self._number = 0

    def number_in(self, row: BarRow | None) -> int:
        """Return its number among the bars of `row`, -1 if it is none of them."""
        return self._number if self._row is row else -1

    @property
    def instrument(self) -> str:
        """The id of its instrument."""
        return self._row.instrument

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self._row.seconds

    @property
    def start(self) -> int:
        """When it begins, ns UTC."""
        return self._row.ends[self._number] - self._row.seconds * NS_PER_SECOND

    @property
    def open(self) -> int:
        """The first price."""
        return (self._row.lists[_OPEN] or self._row.list_of(_OPEN))[self._number]

    @property
    def high(self) -> int:
        """The highest price."""
        return (self._row.lists[_HIGH] or self._row.list_of(_HIGH))[self._number]

    @property
    def low(self) -> int:
        """The lowest price."""
        return (self._row.lists[_LOW] or self._row.list_of(_LOW))[self._number]

    @property
    def close(self) -> int:
        """The last price."""
        return (self._row.lists[_CLOSE] or self._row.list_of(_CLOSE))[self._number]

    @property
    def volume(self) -> int:
        """Units traded inside it, 0 where that is not known."""
        return (self._row.lists[_VOLUME] or self._row.list_of(_VOLUME))[self._number]

    @property
    def open_interest(self) -> int:
        """Open interest at its end, 0 where there is none."""
        return (self._row.lists[_OPEN_INTEREST] or self._row.list_of(_OPEN_INTEREST))[self._number]

    def _values(self) -> tuple[str, int, int, int, int, int, int, int, int]:
        prices = self.open, self.high, self.low, self.close
        return (self.instrument, self.seconds, self.start, *prices, self.volume, self.open_interest)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Candle) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        names = "instrument", "seconds", "start", "open", "high", "low", "close", "volume", "open_interest"
        values = zip(names, self._values(), strict=True)
        return f"Candle({', '.join(f'{name}={value!r}' for name, value in values)})"


# One a bar, and mostly gone before the next one: compiled, its memory is used again at once.
@mypyc_attr(free_list_len=1)
class BarOfRow(Candle):
    """A candle that is one of many: it reads its row."""

    __slots__ = ()

    def __init__(self, row: BarRow, number: int) -> None:
        self._row = row
        self._number = number


@mypyc_attr(free_list_len=1)
class LoneBar(BarOfRow):
    """A candle whose row nobody goes through: each of its values is read by itself."""

    __slots__ = ()

    @property
    def open(self) -> int:
        """The first price."""
        return self._row.value(_OPEN, self._number)

    @property
    def high(self) -> int:
        """The highest price."""
        return self._row.value(_HIGH, self._number)

    @property
    def low(self) -> int:
        """The lowest price."""
        return self._row.value(_LOW, self._number)

    @property
    def close(self) -> int:
        """The last price."""
        return self._row.value(_CLOSE, self._number)

    @property
    def volume(self) -> int:
        """Units traded inside it, 0 where that is not known."""
        return self._row.value(_VOLUME, self._number)

    @property
    def open_interest(self) -> int:
        """Open interest at its end, 0 where there is none."""
        return self._row.value(_OPEN_INTEREST, self._number)

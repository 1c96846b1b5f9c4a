"""What the screen remembers of a day: how it opened, and a value a minute of index and result."""

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.ist import NS_PER_MINUTE, ist_day_number
from kasauti.domain.market import Ints
from kasauti.domain.state import State
from kasauti.domain.view import Chain


class DayResult(msgspec.Struct, frozen=True):
    """The day's result so far in money units; `unrealised` at the last prices."""

    realised: int
    unrealised: int
    charges: int

    @property
    def gross(self) -> int:
        """The result before charges."""
        return self.realised + self.unrealised

    @property
    def net(self) -> int:
        """The result after charges."""
        return self.gross - self.charges


def day_result(state: State, board: Board) -> DayResult:
    """Return the day's result as the screen shows it."""
    unrealised = 0
    for position in state.held:
        mark = board.mark(position.instrument)
        unrealised += position.unrealised(mark) if mark else 0
    return DayResult(state.day_realised, unrealised, state.day_charges)


class DayMemory:
    """
    What was seen first on a day and once a minute since; a new day begins a new memory.

    `index` is the first price of the underlying, seen at `since`; the open interests are those of the chain
    when it first had any.
    """

    def __init__(self) -> None:
        self._day = -1
        self.since = 0
        self.index = 0
        self.call_open_interest: Ints | None = None
        self.put_open_interest: Ints | None = None
        self._index: dict[int, int] = {}
        self._net: dict[int, int] = {}

    def see(self, state: State, board: Board, at: int, underlying: str, chain: Chain | None) -> None:
        """Take one moment in."""
        day = ist_day_number(at)
        if day != self._day:
            self.__init__()  # type: ignore[misc]  # a new day is a new memory
            self._day = day
        minute = at // NS_PER_MINUTE
        index = board.mark(underlying)
        if index:
            if not self.index:
                self.index, self.since = index, at
            self._index[minute] = index
        self._net[minute] = day_result(state, board).net
        if chain is not None and self.call_open_interest is None and chain.call_open_interest.any():
            self.call_open_interest = chain.call_open_interest
            self.put_open_interest = chain.put_open_interest

    @property
    def index_trail(self) -> list[int]:
        """The underlying, the last price of each minute."""
        return list(self._index.values())

    @property
    def net_trail(self) -> list[int]:
        """The day's net result, the last value of each minute."""
        return list(self._net.values())

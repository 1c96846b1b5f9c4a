"""What a strategy may see, and what it asks to be called for."""

from collections.abc import Sequence
from datetime import date, time

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.domain.board import Board
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.ist import ist_date
from kasauti.domain.market import Ints, Quote
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State


class CandleWanted(msgspec.Struct, frozen=True):
    """Candles of `seconds` of one instrument."""

    instrument: str
    seconds: int


class ChainWanted(msgspec.Struct, frozen=True):
    """The option chain of the nearest expiry of `underlying`, every `seconds` within the session."""

    underlying: str
    seconds: int


class TimerWanted(msgspec.Struct, frozen=True):
    """A call named `name`, at an IST clock time or every `seconds` within the session."""

    name: str
    at: time | None = None
    seconds: int = 0


class Subscriptions(msgspec.Struct, frozen=True):
    """All that one strategy wants to be called for, besides its own fills and the ticks of what it holds."""

    candles: Sequence[CandleWanted] = ()
    chains: Sequence[ChainWanted] = ()
    ticks: Sequence[str] = ()
    timers: Sequence[TimerWanted] = ()


class Chain(msgspec.Struct, frozen=True):
    """
    One expiry of an option chain as columns by strike, ascending.

    Prices are money units, open interest and day volume units; 0 where there is none. `call_ids` and
    `put_ids` are the instruments, None where a strike has no such option.
    """

    at: int
    underlying: str
    expiry: date
    spot: int
    strikes: Ints
    call_ids: tuple[str | None, ...]
    put_ids: tuple[str | None, ...]
    call_last: Ints
    put_last: Ints
    call_open_interest: Ints
    put_open_interest: Ints
    call_volume: Ints
    put_volume: Ints


class ChainLayout:
    """Where the options of one expiry stand on the board: made once a day, read every minute."""

    def __init__(self, board: Board, underlying: str, expiry: date) -> None:
        options = board.universe.chain(underlying, expiry)
        self.underlying, self.expiry = underlying, expiry
        self.strikes = np.array(sorted({option.strike for option in options}), np.int64)
        self.call_ids, self._calls = self._side(board, options, Kind.CALL)
        self.put_ids, self._puts = self._side(board, options, Kind.PUT)

    def _side(
        self, board: Board, options: list[Instrument], kind: Kind
    ) -> tuple[tuple[str | None, ...], NDArray[np.intp]]:
        listed = {option.strike: option.id for option in options if option.kind is kind}
        ids = tuple(listed.get(int(strike)) for strike in self.strikes)
        slots = np.array([-1 if i is None else board.universe.slot(i) for i in ids], np.intp)
        return ids, slots

    def read(self, board: Board, at: int) -> Chain:
        """Return the chain as it stands on `board`."""

        def column(values: Ints, slots: NDArray[np.intp]) -> Ints:
            return np.where(slots >= 0, values[slots], 0)

        return Chain(
            at,
            self.underlying,
            self.expiry,
            board.mark(self.underlying),
            self.strikes,
            self.call_ids,
            self.put_ids,
            column(board.last, self._calls),
            column(board.last, self._puts),
            column(board.open_interest, self._calls),
            column(board.open_interest, self._puts),
            column(board.volume, self._calls),
            column(board.volume, self._puts),
        )


class View:
    """
    The account and the market as one strategy may see them: its own orders and positions, every price.

    It is read-only by agreement and valid during the call it is handed to.
    """

    __slots__ = ("_board", "_moments", "_state", "number", "resumed", "strategy")

    def __init__(self, strategy: str, state: State, board: Board) -> None:
        self.strategy = strategy
        self._moments, self.number = [0], 0
        self.resumed = False
        self._state = state
        self._board = board

    @property
    def at(self) -> int:
        """The time of now, ns UTC."""
        return self._moments[self.number]

    @at.setter
    def at(self, at: int) -> None:
        self._moments, self.number = [at], 0

    def go_through(self, moments: list[int]) -> None:
        """Have `number` say which of these it is now: going on then costs a bar next to nothing."""
        self._moments, self.number = moments, 0

    @property
    def day(self) -> date:
        """The IST date of now."""
        return ist_date(self.at)

    @property
    def cash(self) -> int:
        """Money the account can use."""
        return self._state.ledger.cash

    @property
    def happened(self) -> int:
        """How many things have happened to the account: while it stays, no order and no position changes."""
        return self._state.seq

    @property
    def is_stopped(self) -> bool:
        """Whether this strategy failed today and may only reduce what it holds."""
        return self.strategy in self._state.failed

    def instrument(self, instrument_id: str) -> Instrument | None:
        """Return what is known of an instrument, or None."""
        return self._board.universe.find(instrument_id)

    def quote(self, instrument_id: str) -> Quote:
        """Return the last quote of an instrument; all zeros before its first tick."""
        return self._board.quote(self._board.universe.slot(instrument_id))

    def last(self, instrument_id: str) -> int:
        """Return the last price of an instrument, 0 before its first tick."""
        return self._board.mark(instrument_id)

    def near_future(self, underlying: str) -> Instrument | None:
        """Return the future on `underlying` that expires next, today's included; None if none is listed."""
        listed = self._board.universe.futures(underlying)
        return next((each for each in listed if each.expiry is not None and each.expiry >= self.day), None)

    def expiries(self, underlying: str) -> list[date]:
        """Return the expiries of the options on `underlying` that have not passed, nearest first."""
        return [each for each in self._board.universe.expiries(underlying) if each >= self.day]

    def chain(self, underlying: str, nth: int = 0) -> Chain | None:
        """Return the option chain of the `nth` expiry that has not passed, 0 the nearest, as it stands."""
        listed = self.expiries(underlying)
        if nth >= len(listed):
            return None
        return ChainLayout(self._board, underlying, listed[nth]).read(self._board, self.at)

    def position(self, instrument_id: str, product: str) -> int:
        """Return the signed units this strategy holds."""
        position = self._state.position(instrument_id, product, self.strategy)
        return 0 if position is None else position.quantity

    def held(self, instrument_id: str) -> int:
        """Return the signed units of an instrument that this strategy holds, in whatever product."""
        own = self._state.books.get(self.strategy, {}).values()
        return sum(position.quantity for position in own if position.instrument == instrument_id)

    def positions(self) -> list[Position]:
        """Return what this strategy holds, flat ones left out."""
        return [own for own in self._state.books.get(self.strategy, {}).values() if own.quantity]

    def standing(self) -> list[Instruction]:
        """Return this strategy's standing instructions that may still act."""
        return [
            one for one in self._state.standing.values() if one.strategy == self.strategy and not one.is_over
        ]

    def working(self, tag: str | None = None) -> list[Order]:
        """Return this strategy's orders that can still trade, with this tag if one is given."""
        return [
            order
            for order in self._state.working_orders()
            if order.strategy == self.strategy and (tag is None or order.tag == tag)
        ]

"""What the jobs of a day need of the engine, and what several of them ask."""

from typing import Protocol

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import Command
from kasauti.domain.position import Position
from kasauti.domain.state import State


class Desk(Protocol):
    """The engine, as its jobs see it."""

    state: State
    board: Board

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Make an event history."""

    def send(
        self, command: Command, at: int, cause: str, strategy: str = "", *, forced: bool = False
    ) -> str | None:
        """Decide a command and hand it to the venue."""

    def end(self, event: ev.OrderExpired | ev.OrderCancelled, cause: str, at: int) -> None:
        """End an order without asking the venue."""

    def begin_auction(self, at: int) -> None:
        """Tell the venue that a call auction begins."""

    def end_venue_day(self, at: int) -> None:
        """Have the venue end its day."""


def held(state: State) -> list[Position]:
    """Return what the account holds, or its strategies hold against each other."""
    by_strategies = {key for book in state.books.values() for key, own in book.items() if own.quantity}
    return [
        position for key, position in state.positions.items() if position.quantity or key in by_strategies
    ]

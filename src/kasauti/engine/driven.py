"""
What the parts of an engine need of it.

Base classes rather than protocols: a compiled core calls what is inherited from directly.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from kasauti.domain.board import Board
from kasauti.domain.commands import Command
from kasauti.domain.event import Event
from kasauti.domain.reports import Report
from kasauti.domain.state import State
from kasauti.engine.agenda import Agenda
from kasauti.engine.jobs.closing import ClosingWindow


class Account(ABC):
    """What strategies' commands need of the engine."""

    state: State
    board: Board

    @property
    @abstractmethod
    def next_due(self) -> int:
        """When something is to be done without an input."""

    @abstractmethod
    def record(self, event: Event, cause: str, at: int) -> None:
        """Make an event history."""

    @abstractmethod
    def send(
        self,
        command: Command,
        at: int,
        cause: str,
        strategy: str = "",
        forced: bool = False,  # noqa: FBT001, FBT002  as `Decider.place`
        last: int = 0,
    ) -> str | None:
        """Decide a command and hand it to the venue."""


class Driven(Account):
    """An engine, as ticks and bars drive it."""

    now: int
    agenda: Agenda
    day_ends: int
    windows: Sequence[ClosingWindow]

    @abstractmethod
    def enter(self, at: int) -> None:
        """Begin the trading day of `at` if it has not begun."""

    @abstractmethod
    def run_until(self, to: int) -> None:
        """Do everything that is due until `to`."""

    @abstractmethod
    def admit(self, reports: Sequence[Report]) -> None:
        """Record what the venue reports."""

"""What the ways of market data through an engine need of it."""

from collections.abc import Sequence
from typing import Protocol

from kasauti.domain.board import Board
from kasauti.domain.reports import Report
from kasauti.engine.agenda import Agenda
from kasauti.engine.jobs.closing import ClosingWindow


class Driven(Protocol):
    """An engine, as ticks and bars drive it."""

    board: Board
    now: int
    agenda: Agenda
    day_ends: int
    windows: Sequence[ClosingWindow]

    @property
    def next_due(self) -> int:
        """When something is to be done without an input."""

    def enter(self, at: int) -> None:
        """Begin the trading day of `at` if it has not begun."""

    def run_until(self, to: int) -> None:
        """Do everything that is due until `to`."""

    def admit(self, reports: Sequence[Report]) -> None:
        """Record what the venue reports."""

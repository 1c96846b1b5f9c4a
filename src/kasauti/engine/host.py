"""Where strategies live: their hooks are called here, and what goes wrong in them ends here."""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.commands import Command
from kasauti.domain.state import State
from kasauti.domain.view import Subscriptions, View
from kasauti.ports import Strategy

StrategyMaker = Callable[[], Strategy]


class Guard(Protocol):
    """How a hook is run when time matters. Without one it runs in place: recorded data waits for it."""

    def __call__(self, hook: Callable[[], Sequence[Command]]) -> Sequence[Command]:
        """Return what the hook yields, or raise what went wrong."""


class HookFailed(msgspec.Struct, frozen=True):
    """A hook that raised or took too long, as a value: the engine records it and goes on."""

    hook: str
    error: str


class Hosted:
    """
    One strategy with what it sees and what it asked for.

    After a failure its object cannot be trusted: a hung hook may still be running in it. `renew` makes a
    fresh one from what it last noted, as after a crash.
    """

    __slots__ = ("_guard", "_make", "cause", "holding", "name", "silenced", "strategy", "view", "wants")

    def __init__(self, make: StrategyMaker, state: State, board: Board, guard: Guard | None) -> None:
        self._make = make
        self._guard = guard
        self.strategy = make()
        self.name = self.strategy.name
        self.cause = f"strategy:{self.name}"
        self.view = View(self.name, state, board)
        self.wants: Subscriptions = self.strategy.subscriptions()
        self.silenced = False
        self.holding: set[str] = set()

    def call(self, hook: str, *arguments: object, at: int) -> Sequence[Command] | HookFailed:
        """Return what `hook` asks for, or how it failed."""
        if self.silenced:
            return ()
        self.view.at = at
        method: Callable[..., Iterable[Command] | None] = getattr(self.strategy, hook)
        try:
            if self._guard is None:
                answer = method(*arguments, self.view)
                return () if not answer else answer if type(answer) is tuple else list(answer)
            return self._guard(lambda: list(method(*arguments, self.view) or ()))
        except Exception as error:  # noqa: BLE001  whatever a strategy raises stops it, not the account
            return HookFailed(hook, f"{type(error).__name__}: {error}")

    def renew(self, note: msgspec.Raw | None) -> HookFailed | None:
        """Replace the strategy by a fresh one that remembers `note`; return how that failed, if it did."""
        try:
            self.strategy = self._make()
            if note is not None:
                self.strategy.restore(bytes(note))
        except Exception as error:  # noqa: BLE001  as above
            return HookFailed("restore", f"{type(error).__name__}: {error}")
        return None

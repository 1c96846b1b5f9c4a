"""Where strategies live: their hooks are called here, and what goes wrong in them ends here."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Protocol

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, Command, HaltTrading, ModifyOrder, Note, PlaceOrder
from kasauti.domain.state import State
from kasauti.domain.view import Subscriptions, View
from kasauti.ports import Strategy

StrategyMaker = Callable[[], Strategy]

#: Money is the owner's, and so is the decision to trade again after a halt.
_MAY_ASK = frozenset({PlaceOrder, ModifyOrder, CancelOrder, Note, HaltTrading})


class Guard(Protocol):
    """How a hook is run when time matters. Without one it runs in place: recorded data waits for it."""

    def __call__(self, hook: Callable[[], Sequence[Command]]) -> Sequence[Command]:
        """Return what the hook yields, or raise what went wrong."""


class StrategyGaveUp(Exception):
    """A strategy failed where that ends everything; the failure has been recorded."""


class HookFailed(msgspec.Struct, frozen=True):
    """
    A hook that raised or took too long, as a value: the engine records it and goes on.

    `place` is the file and line of the strategy that raised, "" where it is not known.
    """

    hook: str
    error: str
    place: str = ""


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

    def call(self, hook: str, at: int, arguments: tuple[object, ...]) -> Sequence[Command] | HookFailed:
        """Return what `hook` asks for, or how it failed."""
        if self.silenced:
            return ()
        self.view.at = at
        method: Callable[..., Iterable[Command] | None] = getattr(self.strategy, hook)
        try:
            if self._guard is None:
                answer = method(*arguments, self.view)
                if not answer:
                    return ()
                commands: Sequence[Command] = answer if type(answer) is tuple else list(answer)
            else:
                commands = self._guard(partial(_asked, method, arguments, self.view))
        except (Exception, SystemExit) as error:  # noqa: BLE001  what a strategy raises stops it, nobody else
            return HookFailed(hook, f"{type(error).__name__}: {error}", _place(error))
        for command in commands:
            if type(command) not in _MAY_ASK:
                return HookFailed(hook, _cannot_ask(command))
        return commands

    def renew(self, note: msgspec.Raw | None) -> HookFailed | None:
        """Replace the strategy by a fresh one that remembers `note`; return how that failed, if it did."""
        made: list[Strategy] = []

        def make() -> Sequence[Command]:
            strategy = self._make()
            if note is not None:
                strategy.restore(bytes(note))
            made.append(strategy)
            return ()

        try:
            if self._guard is None:
                make()
            else:
                self._guard(make)
        except (Exception, SystemExit) as error:  # noqa: BLE001  as above
            return HookFailed("restore", f"{type(error).__name__}: {error}", _place(error))
        self.strategy = made[0]
        return None


def _asked(
    method: Callable[..., Iterable[Command] | None], arguments: tuple[object, ...], view: View
) -> Sequence[Command]:
    return list(method(*arguments, view) or ())


def _place(error: BaseException) -> str:
    """Return the file of the strategy that raised, and its last line on the way to `error`."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if frame.filename != __file__]
    own = [frame for frame in outside if frame.filename == outside[0].filename]
    return f"{own[-1].filename} line {own[-1].lineno}" if own else ""


def _cannot_ask(command: object) -> str:
    return f"TypeError: a strategy cannot ask for {command!r}; it may place, change, cancel, note and halt"

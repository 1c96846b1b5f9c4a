"""Where strategies live: their hooks are called here, and what goes wrong in them ends here."""

import traceback
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final, Protocol, Self, get_args

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.candle import BarRow, Candle
from kasauti.domain.commands import (
    CancelOrder,
    Command,
    HaltTrading,
    ModifyOrder,
    Note,
    PlaceOrder,
    StandingCommand,
)
from kasauti.domain.state import State
from kasauti.domain.view import Subscriptions, View
from kasauti.engine.asked import wrong_with
from kasauti.engine.readings import Column, readings_of
from kasauti.ports import Strategy

#: The folder of a frame of the engine, which calls hooks: compiled, it has no folder above that.
_ENGINE: Final = __name__.rpartition(".")[0].replace(".", "/") + "/"
# Looked up once: a name of another module costs every order a look into it.
_NOTE: Final = Note
_HOOKS: Final = ("on_start", "on_candle", "on_chain", "on_tick", "on_fill", "on_timer")

StrategyMaker = Callable[[], Strategy]

#: Money is the owner's, and so is the decision to trade again after a halt.
_MAY_ASK: Final = frozenset(
    {PlaceOrder, ModifyOrder, CancelOrder, Note, HaltTrading, *get_args(StandingCommand)}
)


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

    @classmethod
    def of(cls, hook: str, error: BaseException) -> Self:
        """Return what is recorded of an error."""
        return cls(hook, f"{type(error).__name__}: {error}", _place(error))


class Hosted:
    """
    One strategy with what it sees and what it asked for.

    After a failure its object cannot be trusted: a hung hook may still be running in it. `renew` makes a
    fresh one from what it last noted, as after a crash.
    """

    __slots__ = (
        "_guard",
        "_make",
        "cause",
        "follows",
        "holding",
        "idle",
        "name",
        "readings",
        "silenced",
        "strategy",
        "ticked",
        "view",
        "wants",
    )

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
        #: What its indicators read, by instrument and seconds of the candles they follow.
        self.readings = readings_of(self.strategy, self.wants)
        #: Hooks that do nothing, and are not called.
        self.idle = _idle_hooks(self.strategy)
        #: Whether it hears the ticks of what it holds; those of `ticked` it hears anyway.
        self.follows = self.wants_to_follow
        self.ticked = frozenset(self.wants.ticks)

    @property
    def wants_to_follow(self) -> bool:
        """Whether it wants the ticks of what it holds, as it is now."""
        return "on_tick" not in self.idle and bool(getattr(self.strategy, "follows", True))

    @property
    def is_guarded(self) -> bool:
        """Whether hooks may not simply be called."""
        return self._guard is not None

    def call(self, hook: str, at: int, arguments: tuple[object, ...]) -> Sequence[Command] | HookFailed:
        """Return what `hook` asks for, or how it failed."""
        if self.silenced or hook in self.idle:
            return ()
        self.view.at = at
        method: Callable[..., Iterable[Command] | None] = getattr(self.strategy, hook)
        try:
            if self._guard is None:
                answer = method(*arguments)
                if not answer:
                    return ()  # the commonest answer
                commands = commands_of(answer)
            else:
                commands = self._guard(partial(_asked, method, arguments))
        except (Exception, SystemExit) as error:  # noqa: BLE001  what a strategy raises stops it, nobody else
            return HookFailed.of(hook, error)
        return checked(hook, commands)

    # What its indicators read stands on the strategy, under their names.

    def begin_readings(self) -> None:
        """Show what the indicators read as a day begins: of several that share a name, the last one."""
        for readings in self.readings.values():
            self._show(readings.standing())

    def follow(self, candle: Candle) -> HookFailed | None:
        """Have the indicators of a candle follow it; return how that failed, if it did."""
        readings = self.readings.get((candle.instrument, candle.seconds))
        if readings is None:
            return None

        def read() -> Sequence[Command]:
            self._show(readings.after(candle))
            return ()

        try:
            if self._guard is None:
                read()
            else:
                self._guard(read)
        except (Exception, SystemExit) as error:  # noqa: BLE001  as above
            readings.begin_again()
            return HookFailed.of("indicators", error)
        return None

    def columns(self, row: BarRow, *, whole: bool) -> list[Column] | None:
        """Return what its indicators read after each bar of a row; None where they have to follow each."""
        readings = self.readings.get((row.instrument, row.seconds))
        if readings is None:
            return []
        if not _has_plain_attributes(self.strategy, readings.names):
            return None
        return readings.columns if readings.read(row, whole=whole) else None

    def _show(self, values: Iterable[tuple[str, object]]) -> None:
        for name, value in values:
            setattr(self.strategy, name, value)

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
            return HookFailed.of("restore", error)
        before, self.strategy = self.strategy, made[0]
        self._show(
            (name, getattr(before, name, None)) for each in self.readings.values() for name in each.names
        )
        self.idle = _idle_hooks(self.strategy)
        self.follows = self.wants_to_follow
        return None


def _asked(
    method: Callable[..., Iterable[Command] | None], arguments: tuple[object, ...]
) -> Sequence[Command]:
    return commands_of(method(*arguments))


def _has_plain_attributes(strategy: Strategy, names: Iterable[str]) -> bool:
    """Whether setting attributes of these names is no more than putting them among what it has."""
    kind = type(strategy)
    return (
        hasattr(strategy, "__dict__")
        and kind.__setattr__ is object.__setattr__
        and not any(hasattr(getattr(kind, name, None), "__set__") for name in names)
    )


def _idle_hooks(strategy: Strategy) -> frozenset[str]:
    return frozenset(hook for hook in _HOOKS if getattr(getattr(strategy, hook), "idle", False))


def commands_of(answer: Iterable[Command] | None) -> Sequence[Command]:
    """Return what a hook answered as a sequence; a generator runs here."""
    if not answer:
        return ()
    return answer if type(answer) is tuple else list(answer)


def checked(hook: str, commands: Sequence[Command]) -> Sequence[Command] | HookFailed:
    """Return `commands` if each is a strategy's to ask, else how the hook failed."""
    for command in commands:
        if type(command) not in _MAY_ASK:
            return HookFailed(hook, _cannot_ask(command))
        if type(command) is not _NOTE and (wrong := wrong_with(command)):
            return HookFailed(hook, f"TypeError: a strategy asked for {command!r}: {wrong}")
    return commands


def _place(error: BaseException) -> str:
    """Return the file of the strategy that raised, and its last line on the way to `error`."""
    frames = traceback.extract_tb(error.__traceback__)
    outside = [frame for frame in frames if not _is_own(frame.filename)]
    own = [frame for frame in outside if frame.filename == outside[0].filename]
    return f"{own[-1].filename} line {own[-1].lineno}" if own else ""


def _is_own(file: str) -> bool:
    return _ENGINE in file.replace("\\", "/")


def _cannot_ask(command: object) -> str:
    return f"TypeError: a strategy cannot ask for {command!r}; it may place, change, cancel, note and halt"

"""Bars of a grid, and the strategies that hear them: every bar of a dense strategy comes through here."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from kasauti.domain.board import Board
from kasauti.domain.candle import BarOfRow, BarRow, Candle
from kasauti.domain.commands import Command
from kasauti.domain.view import View
from kasauti.engine.host import HookFailed, Hosted, checked, commands_of
from kasauti.engine.readings import Column
from kasauti.ports import Strategy


class Lane(NamedTuple):
    """A strategy and the bars of a grid that it hears of."""

    number: int
    row: BarRow
    view: View
    on_candle: Callable[[Candle, View], Iterable[Command] | None]
    hosted: Hosted
    #: What its indicators read after each bar, and where that stands: among the strategy's attributes.
    columns: list[Column]
    attributes: dict[str, object]

    @classmethod
    def of(cls, hosted: Hosted, row: BarRow, number: int, columns: list[Column]) -> "Lane":
        """Return the lane of a strategy as it is now: one that is renewed needs another."""
        strategy = hosted.strategy
        attributes = _attributes(strategy) if columns else {}
        return cls(number, row, hosted.view, strategy.on_candle, hosted, columns, attributes)


class Lanes:
    """
    Who hears which bars of a grid.

    `slots` are those whose bars somebody wants, with them. Where `are_direct`, each is a candle as it is, and
    `direct` says for which strategy; else the desk has to see to it.
    """

    __slots__ = ("are_direct", "direct", "slots")

    def __init__(self) -> None:
        self.slots: list[tuple[int, BarRow]] = []
        self.direct: list[Lane] = []
        self.are_direct = True


def listen(
    lanes: Sequence[Lane], board: Board, moments: list[int], first: int, stop: int
) -> tuple[int, int, Sequence[Command] | HookFailed]:
    """
    Let strategies hear candles, moment by moment, from number `first` on and before `stop`.

    It ends when one asks for something or fails: returns the number of that moment and of its lane, and what
    it asks for; (`stop`, 0, nothing) if nobody does.
    """
    if len(lanes) == 1:
        if lanes[0].columns:
            return _read_alone(lanes[0], board, moments, first, stop)
        return _listen_alone(lanes[0], board, moments, first, stop)
    for each in lanes:
        each.view.go_through(moments)
    for number in range(first, stop):
        board.moment = number
        for lane, row, view, on_candle, _, columns, attributes in lanes:
            if row.there is not None and not row.there[number]:
                continue
            view.number = number
            try:
                for name, values in columns:
                    attributes[name] = values[number]
                answer = on_candle(BarOfRow(row, number), view)
                if answer and (asked := commands_of(answer)):
                    return number, lane, checked("on_candle", asked)
            except (Exception, SystemExit) as error:  # noqa: BLE001  as in `host`
                return number, lane, HookFailed.of("on_candle", error)
    return stop, 0, ()


def _attributes(strategy: Strategy) -> dict[str, object]:
    """Return what a strategy has, to be set in place."""
    attributes = vars(strategy)
    # While it shares its keys with others of its class, Python reads it slowly once it is a dictionary.
    # Taking an item out ends that.
    name, value = attributes.popitem()
    attributes[name] = value
    return attributes


def _listen_alone(
    lane: Lane, board: Board, moments: list[int], first: int, stop: int
) -> tuple[int, int, Sequence[Command] | HookFailed]:
    """As `listen`, for the strategy that is alone with its one instrument: a step costs half as much."""
    _, row, view, on_candle, _, _, _ = lane
    number, there = first, row.there
    view.go_through(moments)
    try:
        for number in range(first, stop):
            if there is None or there[number]:
                board.moment = number
                view.number = number
                answer = on_candle(BarOfRow(row, number), view)
                if answer and (asked := commands_of(answer)):
                    return number, 0, checked("on_candle", asked)
    except (Exception, SystemExit) as error:  # noqa: BLE001  as in `host`
        return number, 0, HookFailed.of("on_candle", error)
    board.moment = stop - 1
    return stop, 0, ()


def _read_alone(
    lane: Lane, board: Board, moments: list[int], first: int, stop: int
) -> tuple[int, int, Sequence[Command] | HookFailed]:
    """As `_listen_alone`, for one that has indicators: a loop of its own costs the others nothing."""
    _, row, view, on_candle, _, columns, attributes = lane
    number, there = first, row.there
    view.go_through(moments)
    try:
        for number in range(first, stop):
            if there is None or there[number]:
                board.moment = number
                view.number = number
                for name, values in columns:
                    attributes[name] = values[number]
                answer = on_candle(BarOfRow(row, number), view)
                if answer and (asked := commands_of(answer)):
                    return number, 0, checked("on_candle", asked)
    except (Exception, SystemExit) as error:  # noqa: BLE001  as in `host`
        return number, 0, HookFailed.of("on_candle", error)
    board.moment = stop - 1
    return stop, 0, ()

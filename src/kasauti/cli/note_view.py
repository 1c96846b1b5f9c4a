"""What strategies remember, for people: notes are JSON of any shape, and keys say what the numbers are."""

import re
from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any

import msgspec
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kasauti.cli.sheet import line_of, shortened
from kasauti.cli.typography import (
    DASH,
    DOWN,
    SOFT,
    STRONG,
    UP,
    WARN,
    clock,
    compact,
    mean_price,
    percent,
    short_id,
    strike,
    symbol,
)
from kasauti.domain.board import Board
from kasauti.domain.state import State

#: Last words of keys whose whole numbers are prices in money units, counts of units, and moments.
_PRICES = frozenset({"price", "peak", "stop", "spot", "last", "vwap", "high", "low", "close", "entry"})
_COUNTS = frozenset({"interest", "oi", "volume", "quantity", "units"})
_MOMENTS = frozenset({"at", "time", "ends"})

#: Keys whose members are all stops: prices, but for those about open interest.
_STOPS = frozenset({"stops", "levels"})

#: Ids, which people know by their last part.
_ORDER_ID = re.compile(r"[A-Z][A-Z0-9]*_[0-9]{14}_.+_[0-9A-Z]+")
_INSTRUMENT_ID = re.compile(r"[A-Z]{3}:\S.*")

#: Groups whose name says nothing that their members do not.
_TRANSPARENT = _STOPS | {"held"}

#: Lists and groups with more members than this are for machines.
_MANY = 12

#: Cells for whether a condition holds.
_SIGN = 4

#: The most labels and values that stand side by side, and the cells between two of them.
_ABREAST, _GAP = 3, 2


class Remembered(msgspec.Struct, frozen=True):
    """One thing a strategy remembers: where a stop stands, whether a condition holds, or anything else."""

    label: str
    value: str
    is_stop: bool = False
    holds: bool | None = None


def read_note(note: bytes, mark: int = 0) -> list[Remembered]:
    """
    Return what a note says, stops first; groups in it are flattened, what is empty or long is left out.

    `mark` is the last price of what the strategy holds: stops then also say how far away they are.
    """
    data = msgspec.json.decode(note)
    if not isinstance(data, dict):
        return [Remembered("note", str(data))]
    return sorted(_read(data, mark), key=lambda each: not each.is_stop)


def _read(data: dict[str, Any], mark: int, *, within: str = "", stops: bool = False) -> Iterator[Remembered]:
    for key, value in data.items():
        label = f"{within} {key} {'stop' if stops else ''}".replace("_", " ").strip()
        match value:
            case None | "":
                continue
            case dict() | list() if not 0 < len(value) <= _MANY:
                continue
            case dict():
                inner = "" if key in _TRANSPARENT else key
                yield from _read(value, mark, within=inner, stops=key in _STOPS)
            case list() if _are_verdicts(value):
                yield from (_condition(each) for each in value)
            case list():
                yield Remembered(label, ", ".join(_worded(key, each, stops=stops) for each in value))
            case _:
                worded = _worded(key, value, stops=stops) + _away(key, value, mark, stops=stops)
                yield Remembered(label, worded, stops)


def _is_interest(key: str) -> bool:
    words = re.split(r"[_ ]", key)
    return "oi" in words or words[-1] in _COUNTS


def _worded(key: str, value: object, *, stops: bool) -> str:
    word = re.split(r"[_ ]", key)[-1]
    match value:
        case bool():
            return "yes" if value else "no"
        case int() if _is_interest(key):
            return compact(value)
        case int() if word == "strike":
            return strike(value)
        case int() if stops or word in _PRICES:
            return mean_price(value)
        case int() if word in _MOMENTS:
            return clock(value)
        case None:
            return DASH
        case str() if _ORDER_ID.fullmatch(value):
            return short_id(value)
        case str() if _INSTRUMENT_ID.fullmatch(value):
            return symbol(value)
        case _:
            return str(value)


def _away(key: str, value: object, mark: int, *, stops: bool) -> str:
    """Return how far a stop is from the last price, in per cent of it."""
    if not (stops and mark and isinstance(value, int) and value) or _is_interest(key):
        return ""
    return f" ({percent((value - mark) / mark, signed=True)})"


def _are_verdicts(values: list[Any]) -> bool:
    return all(isinstance(each, dict) and {"condition", "holds", "because"} <= each.keys() for each in values)


def _condition(verdict: dict[str, Any]) -> Remembered:
    return Remembered(str(verdict["condition"]), str(verdict["because"]), holds=bool(verdict["holds"]))


class NotesView:
    """What every strategy remembers: stops first, short values side by side, conditions in a line each."""

    def __init__(self, state: State, board: Board) -> None:
        self._state = state
        self._board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self._state.notes:
            yield Text("No strategy has noted anything yet.", SOFT)
        for name, note in self._state.notes.items():
            stopped = self._state.failed.get(name)
            title = Text(name, STRONG)
            if stopped is not None:
                title.append(f"  failed today, stopped: {stopped}", f"bold {DOWN}")
            yield title
            remembered = read_note(bytes(note), self._mark(name))
            yield from _pairs([each for each in remembered if each.holds is None], options.max_width)
            conditions = [each for each in remembered if each.holds is not None]
            yield from _conditions(conditions, options.max_width, (options.height or 100) - 3)

    def _mark(self, strategy: str) -> int:
        """Return the last price of what a strategy holds, if that is one thing."""
        held = [own for own in self._state.books.get(strategy, {}).values() if own.quantity]
        return self._board.mark(held[0].instrument) if len(held) == 1 else 0


def _pairs(remembered: Sequence[Remembered], width: int) -> Iterator[Text]:
    """Yield labels and values in as many columns as have room, read down and then right."""
    abreast = next((n for n in range(_ABREAST, 1, -1) if sum(_widths(remembered, n)) <= width), 1)
    widths = _widths(remembered, abreast)
    rows = -(-len(remembered) // abreast)
    for row in range(rows):
        cells: list[Text] = []
        for each in remembered[row::rows]:
            cells += [Text(each.label, SOFT), Text(each.value, WARN if each.is_stop else "")]
        yield shortened(line_of(cells, widths[: len(cells)], ["left"] * len(cells), 0), width)


def _widths(remembered: Sequence[Remembered], abreast: int) -> list[int]:
    """Return the widths of labels and values, gaps included, in so many columns."""
    rows = -(-len(remembered) // abreast)
    widths = []
    for start in range(0, len(remembered), max(1, rows)):
        column = remembered[start : start + rows]
        widths.append(max(len(each.label) for each in column) + _GAP)
        widths.append(max(len(each.value) for each in column) + _GAP)
    return widths


def _conditions(conditions: Sequence[Remembered], width: int, room: int) -> Iterator[Text]:
    """Yield conditions, those that do not hold first; wrapped where that fits in `room` lines."""
    ordered = sorted(conditions, key=lambda each: bool(each.holds))
    wrapped = [wrap(f"{each.label}: {each.value}", max(10, width - _SIGN)) for each in ordered]
    fits = sum(len(lines) for lines in wrapped) <= room
    for each, lines in zip(ordered, wrapped, strict=True):
        sign, style = ("yes ", UP) if each.holds else ("no  ", WARN)
        words = lines if fits else [f"{each.label}: {each.value}"]
        yield shortened(Text.assemble((sign, style), words[0]), width)
        yield from (Text(" " * _SIGN + line) for line in words[1:])

"""The option chain around the money: calls left, strikes in the middle, puts right."""

from collections.abc import Iterator, Sequence

import numpy as np
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from kasauti.cli.screen_memory import DayMemory
from kasauti.cli.sheet import Way, line_of
from kasauti.cli.typography import DASH, SOFT, STRONG, bar, day_month, lakhs, price, strike
from kasauti.domain.board import Board
from kasauti.domain.ist import ist_date
from kasauti.domain.market import Ints
from kasauti.domain.money import RUPEE, format_price, group_indian
from kasauti.domain.state import State
from kasauti.domain.view import Chain

#: Columns of one side from the edge to the strike, the fullest set first; the first that has room is shown.
_SETS = (
    ("bar", "OI lakh", "change", "Bid", "Ask", "LTP"),
    ("OI lakh", "change", "Bid", "Ask", "LTP"),
    ("OI lakh", "change", "LTP"),
    ("OI lakh", "LTP"),
)
_BAR = 6
_WIDEST_GAP = 4
_LONG, _SHORT = "●", "○"


class ChainView:
    """
    The chain as a table of `strikes_each_side` strikes above and below the money.

    Options that are held are bold and marked, long with a full dot, short with an empty one; the line without
    a strike is where the underlying stands. Changes of open interest are since the day was first seen.
    """

    def __init__(
        self, chain: Chain, state: State, board: Board, memory: DayMemory, strikes_each_side: int
    ) -> None:
        self._chain = chain
        self._held = _held(state)
        self._rows = near_the_money(chain, strikes_each_side)
        opened = memory.call_open_interest, memory.put_open_interest
        calls = _Side(chain.call_ids, chain.call_last, chain.call_open_interest, opened[0], board)
        puts = _Side(chain.put_ids, chain.put_last, chain.put_open_interest, opened[1], board)
        self._calls, self._puts = calls, puts
        shown = [*calls.interest[self._rows].tolist(), *puts.interest[self._rows].tolist()]
        self._most = max(shown, default=0)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for columns in _SETS:
            names = [*columns, "Strike", *_mirrored(columns)]
            heads = [Text("" if name == "bar" else name, SOFT) for name in names]
            lines = [heads, *self._lines(columns)]
            widths = [max(line[place].cell_len for line in lines) for place in range(len(names))]
            if sum(widths) + len(widths) - 1 <= options.max_width or columns is _SETS[-1]:
                yield from _spaced(lines, widths, _ways(columns), options.max_width)
                return

    def _lines(self, columns: Sequence[str]) -> list[list[Text]]:
        spot, strikes = self._chain.spot, self._chain.strikes
        lines: list[list[Text]] = []
        marked = not spot
        for row in self._rows.tolist():
            if not marked and strikes[row] > spot:
                lines.append(self._spot(columns))
                marked = True
            calls = [self._cell(self._calls, row, name, left=True) for name in columns]
            puts = [self._cell(self._puts, row, name, left=False) for name in _mirrored(columns)]
            lines.append([*calls, self._strike(row), *puts])
        if not marked:
            lines.append(self._spot(columns))
        return lines

    def _strike(self, row: int) -> Text:
        style = "bold reverse" if row == at_the_money(self._chain) else STRONG
        return Text(f" {group_indian(int(self._chain.strikes[row]) // RUPEE)} ", style)

    def _spot(self, columns: Sequence[str]) -> list[Text]:
        blanks = [Text() for _ in columns]
        return [*blanks, Text(format_price(self._chain.spot), "bold cyan"), *blanks]

    def _cell(self, side: "_Side", row: int, name: str, *, left: bool) -> Text:
        option = side.ids[row]
        if option is None:
            return Text()
        match name:
            case "bar":
                part = int(side.interest[row]) / self._most if self._most else 0.0
                return Text(bar(part, _BAR, to_left=left), SOFT)
            case "OI lakh":
                return Text(lakhs(int(side.interest[row])))
            case "change":
                return Text(side.change(row))
            case "LTP":
                held = self._held.get(option, 0)
                mark = _LONG if held > 0 else _SHORT if held < 0 else ""
                return Text(f"{mark}{price(int(side.last[row]))}", "bold cyan" if held else STRONG)
            case _:
                return Text(side.quoted(option, name), SOFT)


class _Side:
    """The calls or the puts of a chain as columns by strike."""

    def __init__(
        self, ids: Sequence[str | None], last: Ints, interest: Ints, opened: Ints | None, board: Board
    ) -> None:
        self.ids = ids
        self.last = last
        self.interest = interest
        self._opened = opened
        self._board = board

    def change(self, row: int) -> str:
        if self._opened is None or not self.interest[row]:
            return DASH
        return lakhs(int(self.interest[row] - self._opened[row]), signed=True)

    def quoted(self, option: str, name: str) -> str:
        column = self._board.bid if name == "Bid" else self._board.ask
        return price(int(column[self._board.universe.slot(option)]))


def _ways(columns: Sequence[str]) -> list[Way]:
    """Return how the columns are aligned: numbers to the right, the bars of the puts to the left."""
    last: Way = "left" if columns[0] == "bar" else "right"
    ways: list[Way] = ["right"] * len(columns)
    return [*ways, "center", *ways[1:], last]


def _spaced(
    lines: Sequence[Sequence[Text]], widths: Sequence[int], ways: Sequence[Way], width: int
) -> Iterator[Text]:
    """Yield the lines in the middle of `width`, with as much between columns as there is room for."""
    gap = max(1, min(_WIDEST_GAP, (width - sum(widths)) // (len(widths) - 1)))
    margin = " " * max(0, (width - sum(widths) - gap * (len(widths) - 1)) // 2)
    for line in lines:
        yield Text(margin, no_wrap=True).append_text(line_of(line, widths, ways, gap))


def _mirrored(columns: Sequence[str]) -> list[str]:
    """Return the columns of the other side; there too the bid is left of the ask."""
    swapped = {"Bid": "Ask", "Ask": "Bid"}
    return [swapped.get(name, name) for name in reversed(columns)]


def at_the_money(chain: Chain) -> int:
    """Return the row of the strike nearest to the underlying, the lower one of two."""
    return int(np.abs(chain.strikes - chain.spot).argmin())


def near_the_money(chain: Chain, each_side: int) -> Ints:
    """Return the rows of the strikes to show, in rising order."""
    if not len(chain.strikes):
        return np.zeros(0, np.int64)
    middle = at_the_money(chain) if chain.spot else len(chain.strikes) // 2
    return np.arange(max(0, middle - each_side), min(len(chain.strikes), middle + each_side + 1))


def chain_titles(chain: Chain, at: int) -> list[str]:
    """Return titles for the chain, the one that says most first."""
    name = chain.underlying.partition(":")[2]
    days = (chain.expiry - ist_date(at)).days
    when = "today" if days == 0 else "tomorrow" if days == 1 else f"in {days} days"
    short = f"{name} options, expiry {day_month(chain.expiry)}"
    titles = [f"{short} ({when})", short, f"{name} options"]
    calls, puts = int(chain.call_open_interest.sum()), int(chain.put_open_interest.sum())
    if calls and puts:
        most_calls = strike(int(chain.strikes[chain.call_open_interest.argmax()]))
        most_puts = strike(int(chain.strikes[chain.put_open_interest.argmax()]))
        ratio = f"{titles[0]} · PCR {puts / calls:.2f}"
        titles = [f"{ratio} · most OI {most_calls} CE, {most_puts} PE", ratio, *titles]
    return titles


def _held(state: State) -> dict[str, int]:
    held: dict[str, int] = {}
    for position in state.held:
        held[position.instrument] = held.get(position.instrument, 0) + position.quantity
    return held

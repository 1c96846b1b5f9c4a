"""Tables that fit: where the terminal is narrow, the columns that matter least are left out."""

from collections.abc import Sequence

import msgspec
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from kasauti.cli.typography import SOFT, STRONG

Cell = str | Text

_EDGE = "bright_black"

#: Cells between a label and its figure.
_GAP = 2


class Column(msgspec.Struct, frozen=True):
    """
    One column.

    `drop` is the order in which columns are left out where there is no room: the highest goes first, 0
    never goes. `least` is the width to which a text may be shortened; 0: it is shown whole.
    """

    head: str
    right: bool = False
    drop: int = 0
    least: int = 0


class Sheet:
    """
    A table that chooses its columns by the width it is given, and its rows by the height.

    One row is one line. `empty` is what stands there instead of no rows. `newest_last` keeps the last rows
    where not all fit, otherwise the first ones stay.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        empty: str = "",
        title: str = "",
        footer: Sequence[Cell] = (),
        newest_last: bool = False,
        ruled: bool = True,
    ) -> None:
        self._columns = tuple(columns)
        self._rows = [[_text(cell) for cell in row] for row in rows]
        self._footer = [_text(cell) for cell in footer]
        self._empty = empty
        self._title = title
        self._newest_last = newest_last
        self._ruled = ruled

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, STRONG)
        if not self._rows:
            yield Text(self._empty, SOFT)
            return
        kept = self._kept(options.max_width)
        rows = self._fitting(options.height)
        table = Table(
            box=box.SIMPLE_HEAD if self._ruled else None,
            show_edge=False,
            show_footer=bool(self._footer),
            header_style=STRONG if self._ruled else SOFT,
            footer_style=STRONG,
            pad_edge=False,
            padding=(0, 1),
            collapse_padding=True,
        )
        widths = self._widths(kept, options.max_width)
        for place in kept:
            column = self._columns[place]
            table.add_column(
                column.head,
                self._footer[place] if self._footer else "",
                justify="right" if column.right else "left",
                no_wrap=True,
                overflow="ellipsis",
                width=widths[place],
            )
        for row in rows:
            table.add_row(*(row[place] for place in kept))
        yield table

    def _widths(self, kept: Sequence[int], width: int) -> dict[int, int]:
        """Return the width of each column: texts that may be shortened share what the others leave."""
        widths = {place: self._needed(place) for place in kept}
        spare = max(0, width - self._width(kept))
        for place in kept:
            if self._columns[place].least:
                more = min(spare, self._natural(place) - widths[place])
                widths[place] += more
                spare -= more
        return widths

    def _natural(self, place: int) -> int:
        cells = [row[place].cell_len for row in self._rows]
        if self._footer:
            cells.append(self._footer[place].cell_len)
        return max([*cells, len(self._columns[place].head)])

    def _needed(self, place: int) -> int:
        """Return the width a column cannot do without."""
        natural, least = self._natural(place), self._columns[place].least
        return min(natural, least) if least else natural

    def _width(self, kept: Sequence[int]) -> int:
        gap = 2 if self._ruled else 1
        return sum(self._needed(place) for place in kept) + gap * (len(kept) - 1)

    def _kept(self, width: int) -> list[int]:
        kept = list(range(len(self._columns)))
        while self._width(kept) > width:
            last = max(kept, key=lambda place: self._columns[place].drop)
            if not self._columns[last].drop:
                break
            kept.remove(last)
        return kept

    def _fitting(self, height: int | None) -> list[list[Text]]:
        heads = 2 if self._ruled else 1
        if height is None or len(self._rows) + heads <= height:
            return self._rows
        room = max(1, height - heads)
        return self._rows[-room:] if self._newest_last else self._rows[:room]


class Lines:
    """Lines of text, each shortened to one line of the terminal; the last ones where not all fit."""

    def __init__(self, lines: Sequence[Text], *, empty: str = "") -> None:
        self._lines = list(lines)
        self._empty = empty

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self._lines:
            yield Text(self._empty, SOFT)
            return
        room = options.height or len(self._lines)
        for line in self._lines[-room:]:
            shown = line.copy()
            shown.truncate(options.max_width, overflow="ellipsis")
            shown.no_wrap = True
            yield shown


class Box:
    """A framed part of a screen; of its titles, the first that fits is shown."""

    def __init__(self, titles: Sequence[str], content: RenderableType) -> None:
        self._titles = titles
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.max_width - 6
        title = next((title for title in self._titles if cell_len(title) <= room), self._titles[-1])
        yield Panel(
            self._content,
            title=Text(title, "bold default"),
            title_align="left",
            border_style=_EDGE,
            padding=(0, 1),
            height=options.height,
        )


class Grid:
    """
    Rows of label and text without rules; texts wrap under themselves and never under the label.

    `widest` is the width from which texts wrap even where there is more room; 0: none.
    """

    def __init__(
        self, rows: Sequence[tuple[Cell, Cell]], *, label_style: str = SOFT, widest: int = 0
    ) -> None:
        self._rows = rows
        self._label_style = label_style
        self._widest = widest

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(style=self._label_style, no_wrap=True)
        table.add_column()
        for label, text in self._rows:
            table.add_row(label, text)
        if self._widest and options.max_width > self._widest:
            table.width = self._widest
        yield table


class Abreast:
    """Blocks side by side, as many as fit, the others below."""

    def __init__(self, blocks: Sequence["Figures"], *, gap: int = 5) -> None:
        self._blocks = blocks
        self._gap = gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        row: list[Figures] = []
        for block in self._blocks:
            width = sum(each.breadth for each in [*row, block]) + self._gap * len(row)
            if row and width > options.max_width:
                yield self._side_by_side(row)
                yield Text()
                row = []
            row.append(block)
        yield self._side_by_side(row)

    def _side_by_side(self, blocks: Sequence["Figures"]) -> Table:
        table = Table.grid(padding=(0, self._gap, 0, 0))
        for block in blocks:
            table.add_column(width=block.breadth, no_wrap=True)
        table.add_row(*blocks)
        return table


class Figures:
    """A block of labels and figures: labels left, figures to the right in one column."""

    def __init__(self, title: str, rows: Sequence[tuple[Cell, Cell]], *, empty: str = "") -> None:
        self._title = title
        self._rows = [(_text(label), _text(figure)) for label, figure in rows]
        self._empty = empty

    @property
    def breadth(self) -> int:
        """The cells it takes."""
        labels = max((label.cell_len for label, _ in self._rows), default=0)
        figures = max((figure.cell_len for _, figure in self._rows), default=len(self._empty))
        return max(labels + figures + _GAP if self._rows else figures, len(self._title))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, STRONG)
        if not self._rows:
            yield Text(self._empty, SOFT)
            return
        table = Table.grid(padding=(0, _GAP, 0, 0))
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_column(no_wrap=True, justify="right")
        for label, figure in self._rows:
            table.add_row(label, figure)
        yield table


def _text(cell: Cell) -> Text:
    return cell if isinstance(cell, Text) else Text(cell)


def joined(parts: Sequence[Cell], between: str = "  ") -> Text:
    """Return texts side by side in one line."""
    line = Text()
    for number, part in enumerate(parts):
        if number:
            line.append(between)
        line.append_text(_text(part))
    return line


def spread(left: Text, right: Text, width: int) -> Text:
    """Return two texts at the two ends of one line; the left one is shortened if both do not fit."""
    room = max(0, width - right.cell_len - 1)
    line = left.copy()
    line.truncate(room, overflow="ellipsis")
    line.append(" " * (width - line.cell_len - right.cell_len))
    line.append_text(right)
    return line

"""
Tables and boxes that fit: where the terminal is narrow, the columns that matter least are left out.

A screen is drawn several times a second, so a row here is one line of text that is put together once, and
nothing is measured twice.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.text import Text

from kasauti.cli.typography import EDGE, SOFT, STRONG

Cell = str | Text
Way = Literal["left", "right", "center"]

#: Cells between columns: where a rule is below the heads, and where there is none.
_GAP, _TIGHT = 2, 1


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
        self._rows = [[text(cell) for cell in row] for row in rows]
        self._footer = [text(cell) for cell in footer]
        self._empty = empty
        self._title = title
        self._newest_last = newest_last
        self._ruled = ruled

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self._title:
            yield Text(self._title, SOFT)
        if not self._rows:
            yield Text(self._empty, SOFT)
            return
        natural = [self._natural(place) for place in range(len(self._columns))]
        kept = self._kept(natural, options.max_width)
        widths = self._widths(kept, natural, options.max_width)
        yield self._line(
            [Text(column.head) for column in self._columns], kept, widths, STRONG if self._ruled else SOFT
        )
        if self._ruled:
            yield Text("─" * (sum(widths) + _GAP * (len(kept) - 1)), SOFT)
        for row in self._fitting(options.height):
            yield self._line(row, kept, widths)
        if self._footer:
            yield Text()
            yield self._line(self._footer, kept, widths, STRONG)

    def _line(self, row: Sequence[Text], kept: Sequence[int], widths: Sequence[int], style: str = "") -> Text:
        ways: list[Way] = ["right" if self._columns[place].right else "left" for place in kept]
        line = line_of([row[place] for place in kept], widths, ways, _GAP if self._ruled else _TIGHT)
        if style:
            line.stylize_before(style)
        return line

    def _natural(self, place: int) -> int:
        cells = [row[place].cell_len for row in self._rows]
        if self._footer:
            cells.append(self._footer[place].cell_len)
        return max([*cells, len(self._columns[place].head)])

    def _needed(self, kept: Sequence[int], natural: Sequence[int]) -> list[int]:
        """Return the widths that columns cannot do without."""
        return [min(natural[place], self._columns[place].least or natural[place]) for place in kept]

    def _breadth(self, widths: Sequence[int]) -> int:
        return sum(widths) + (_GAP if self._ruled else _TIGHT) * (len(widths) - 1)

    def _kept(self, natural: Sequence[int], width: int) -> list[int]:
        kept = list(range(len(self._columns)))
        while self._breadth(self._needed(kept, natural)) > width:
            last = max(kept, key=lambda place: self._columns[place].drop)
            if not self._columns[last].drop:
                break
            kept.remove(last)
        return kept

    def _widths(self, kept: Sequence[int], natural: Sequence[int], width: int) -> list[int]:
        """Return the width of each column: texts that may be shortened share what the others leave."""
        widths = self._needed(kept, natural)
        spare = max(0, width - self._breadth(widths))
        for number, place in enumerate(kept):
            more = min(spare, natural[place] - widths[number])
            widths[number] += more
            spare -= more
        return widths

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
            yield shortened(line, options.max_width)


class Box:
    """A framed part of a screen; of its titles, the first that fits is shown."""

    def __init__(self, titles: Sequence[str], content: RenderableType) -> None:
        self._titles = titles
        self._content = content

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        title = next((title for title in self._titles if cell_len(title) <= width - 6), self._titles[-1])
        title = title[: max(0, width - 6)]
        edge, strong = console.get_style(EDGE), console.get_style(STRONG)
        height = None if options.height is None else max(0, options.height - 2)
        inside = console.render_lines(self._content, options.update(width=width - 4, height=height))
        yield Segment("╭─ ", edge)
        yield Segment(title, strong)
        yield Segment(f" {'─' * (width - 5 - cell_len(title))}╮\n", edge)
        for line in inside:
            yield Segment("│ ", edge)
            yield from line
            yield Segment(" │\n", edge)
        yield Segment(f"╰{'─' * (width - 2)}╯\n", edge)


class Grid:
    """
    Rows of label and text without rules; texts wrap under themselves and never under the label.

    `widest` is the width from which texts wrap even where there is more room; 0: none.
    """

    def __init__(
        self, rows: Sequence[tuple[Cell, Cell]], *, label_style: str = SOFT, widest: int = 0
    ) -> None:
        self._rows = [(text(label), text(words)) for label, words in rows]
        self._label_style = label_style
        self._widest = widest

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(options.max_width, self._widest or options.max_width)
        labels = max((label.cell_len for label, _ in self._rows), default=0)
        for label, words in self._rows:
            beside = Text.assemble((label.plain.ljust(labels + _GAP), self._label_style))
            for line in words.wrap(console, max(1, width - labels - _GAP)):
                line.rstrip()
                yield beside.append_text(line)
                beside = Text(" " * (labels + _GAP))


class Figures:
    """A block of labels and figures: labels left, figures to the right in one column."""

    def __init__(self, title: str, rows: Sequence[tuple[Cell, Cell]], *, empty: str = "") -> None:
        self._title = title
        self._rows = [(text(label), text(figure)) for label, figure in rows]
        self._empty = empty

    @property
    def breadth(self) -> int:
        """The cells it takes."""
        return max(sum(self._widths()) + _GAP if self._rows else len(self._empty), len(self._title))

    def _widths(self) -> list[int]:
        return [
            max(label.cell_len for label, _ in self._rows),
            max(figure.cell_len for _, figure in self._rows),
        ]

    def lines(self) -> list[Text]:
        """Return its lines."""
        head = [Text(self._title, STRONG)] if self._title else []
        if not self._rows:
            return [*head, Text(self._empty, SOFT)]
        widths = self._widths()
        return [*head, *(line_of(row, widths, ("left", "right"), _GAP) for row in self._rows)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self.lines():
            yield shortened(line, options.max_width)


class Abreast:
    """Blocks side by side, as many as fit, the others below."""

    def __init__(self, blocks: Sequence[Figures], *, gap: int = 5) -> None:
        self._blocks = blocks
        self._gap = gap

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        row: list[Figures] = []
        for block in self._blocks:
            width = sum(each.breadth for each in [*row, block]) + self._gap * len(row)
            if row and width > options.max_width:
                yield from self._side_by_side(row)
                yield Text()
                row = []
            row.append(block)
        yield from self._side_by_side(row)

    def _side_by_side(self, blocks: Sequence[Figures]) -> list[Text]:
        columns = [block.lines() for block in blocks]
        widths = [block.breadth for block in blocks]
        rows = range(max(len(column) for column in columns))
        cells = [[column[row] if row < len(column) else Text() for column in columns] for row in rows]
        return [line_of(row, widths, ["left"] * len(widths), self._gap) for row in cells]


def text(cell: Cell) -> Text:
    """Return a cell as a text."""
    return cell if isinstance(cell, Text) else Text(cell)


def line_of(cells: Sequence[Text], widths: Sequence[int], ways: Sequence[Way], gap: int) -> Text:
    """Return cells as one line, each in its width and aligned its way, shortened where it has to be."""
    line = Text(no_wrap=True)
    between = ""
    for cell, width, way in zip(cells, widths, ways, strict=True):
        shown = cell if cell.cell_len <= width else shortened(cell, width)
        room = width - shown.cell_len
        before = room if way == "right" else room // 2 if way == "center" else 0
        line.append(between + " " * before).append_text(shown).append(" " * (room - before))
        between = " " * gap
    line.rstrip()
    return line


def shortened(line: Text, width: int) -> Text:
    """Return a text in one line of at most `width` cells."""
    shown = line.copy()
    shown.truncate(width, overflow="ellipsis")
    shown.no_wrap = True
    return shown


def joined(parts: Sequence[Cell], between: str = "  ") -> Text:
    """Return texts side by side in one line."""
    line = Text()
    for number, part in enumerate(parts):
        if number:
            line.append(between)
        line.append_text(text(part))
    return line


def spread(left: Text, right: Text, width: int) -> Text:
    """Return two texts at the two ends of one line; the left one is shortened if both do not fit."""
    line = shortened(left, max(0, width - right.cell_len - 1))
    line.append(" " * (width - line.cell_len - right.cell_len))
    line.append_text(right)
    return line

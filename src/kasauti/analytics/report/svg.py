"""A small drawing board: one panel of a chart, with its axes, in SVG."""

from collections.abc import Iterable, Sequence

from kasauti.analytics.report.formats import text

#: Width of a full chart in its own units; the page scales it.
WIDTH = 1100
#: Room for the labels of the axis of values.
LEFT, RIGHT = 64, 12


class Panel:
    """
    A rectangle of a chart: values grow upwards, rows to the right.

    `low` and `high` bound the values, `first` and `last` the rows. Everything is drawn with a class of the
    page's style sheet, so that light, dark and print have their own colours.
    """

    def __init__(
        self,
        top: float,
        height: float,
        rows: tuple[float, float],
        values: tuple[float, float],
        *,
        left: float = LEFT,
        width: float = WIDTH - LEFT - RIGHT,
    ) -> None:
        self.top, self.height, self.left, self.width = top, height, left, width
        first, last = rows
        low, high = values
        self.low, self.high = (low - 1, high + 1) if high <= low else (low, high)
        self._first, self._scale = first, width / (last - first) if last > first else 0.0
        self.parts: list[str] = []

    def x(self, row: float) -> float:
        """Return where a row stands."""
        return self.left + (row - self._first) * self._scale if self._scale else self.left + self.width / 2

    def y(self, value: float) -> float:
        """Return where a value stands."""
        return self.top + self.height * (1 - (value - self.low) / (self.high - self.low))

    def draw(self, shape: str) -> None:
        """Add a shape."""
        self.parts.append(shape)

    def value_lines(self, ticks: Iterable[tuple[float, str]]) -> None:
        """Draw the lines of the axis of values, with their labels on the left."""
        for value, label in ticks:
            y = self.y(value)
            self.draw(line(self.left, y, self.left + self.width, y, "grid"))
            self.draw(words(self.left - 8, y + 4, label, "axis end"))

    def row_lines(self, ticks: Iterable[tuple[float, str]], labels_at: float | None = None) -> None:
        """Draw upright lines at rows; with `labels_at`, their labels at that height."""
        for row, label in ticks:
            x = self.x(row)
            self.draw(line(x, self.top, x, self.top + self.height, "grid"))
            if labels_at is not None:
                self.draw(words(x, labels_at, label, "axis middle"))

    def curve(self, rows: Sequence[float], values: Sequence[float], name: str) -> None:
        """Draw a line through the points."""
        if len(rows) == 1:
            self.draw(dot(self.x(rows[0]), self.y(values[0]), 3, name))
            return
        self.draw(f'<path class="{name}" d="M{self._points(rows, values)}"/>')

    def area(self, rows: Sequence[float], values: Sequence[float], base: float, name: str) -> None:
        """Fill what lies between the points and `base`."""
        if not len(rows):
            return
        y = self.y(base)
        begin, end = f"{number(self.x(rows[0]))},{number(y)}", f"{number(self.x(rows[-1]))},{number(y)}"
        self.draw(f'<path class="{name}" d="M{begin}L{self._points(rows, values)}L{end}Z"/>')

    def _points(self, rows: Sequence[float], values: Sequence[float]) -> str:
        return "L".join(
            f"{number(self.x(row))},{number(self.y(value))}" for row, value in zip(rows, values, strict=True)
        )

    def title(self, title: str) -> None:
        """Write what the panel shows above it."""
        self.draw(words(self.left, self.top - 8, title, "panel-title"))


def number(value: float) -> str:
    """Return a coordinate to a tenth, as short as it gets."""
    return f"{value:.1f}".removesuffix(".0")


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    """Return a straight line."""
    return f'<path class="{name}" d="M{number(x1)},{number(y1)}L{number(x2)},{number(y2)}"/>'


def rectangle(x: float, y: float, width: float, height: float, name: str, title: str = "") -> str:
    """Return a rectangle, with what it says when a pointer rests on it."""
    place = (
        f'x="{number(x)}" y="{number(y)}" width="{number(max(width, 0.5))}" height="{number(max(height, 0))}"'
    )
    if title:
        return f'<rect class="{name}" {place}><title>{text(title)}</title></rect>'
    return f'<rect class="{name}" {place}/>'


def dot(x: float, y: float, radius: float, name: str, title: str = "") -> str:
    """Return a small disc, with what it says when a pointer rests on it."""
    place = f'cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"'
    if title:
        return f'<circle class="{name}" {place}><title>{text(title)}</title></circle>'
    return f'<circle class="{name}" {place}/>'


def dots(points: Iterable[tuple[float, float]], name: str) -> str:
    """Return many small discs as one shape: a tenth of the text of so many circles."""
    return f'<path class="dots {name}" d="{"".join(f"M{number(x)},{number(y)}h0" for x, y in points)}"/>'


def words(x: float, y: float, content: str, name: str) -> str:
    """Return a line of text."""
    return f'<text class="{name}" x="{number(x)}" y="{number(y)}">{text(content)}</text>'


def drawing(height: float, parts: Iterable[str], label: str, *, width: float = WIDTH, extra: str = "") -> str:
    """Return a whole picture; `label` says in words what it shows, for who cannot see it."""
    return (
        f'<svg viewBox="0 0 {number(width)} {number(height)}" role="img" aria-label="{text(label)}"{extra}>'
        f"{''.join(parts)}</svg>"
    )

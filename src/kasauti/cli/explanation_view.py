"""Explanations as a person reads them: one trade in full, or its reason where there is little room."""

from collections.abc import Callable, Sequence
from textwrap import wrap

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.text import Text

from kasauti.analytics.explain import Explanation, Step
from kasauti.cli.sheet import Grid, joined, shortened
from kasauti.cli.typography import DOWN, SOFT, STRONG, UP, clock, price, quantity, side, symbol

#: Steps in the order in which they are left out where not all fit, the least telling first.
_LEAST_TELLING = ("rule", "slippage", "latency", "changed", "woke", "arrived", "decided", "level", "charges")

#: Cells between the left edge of a step and its text: the longest label and a gap.
_LABEL = 13

Name = Callable[[str], str]


class FillReason:
    """
    The last fill with its steps, as many as fit, then the earlier ones in one line each.

    `name` says what to call an instrument.
    """

    def __init__(self, fills: Sequence[Explanation], name: Name = symbol) -> None:
        self._fills = list(fills)
        self._name = name

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self._fills:
            yield Text("Nothing has traded yet. Each fill shows here what stood in the market then.", SOFT)
            return
        width, room = options.max_width, options.height or 100
        last = self._fills[-1]
        reason = f"because {last.reason}"
        yield shortened(trade_line(last, self._name), width)
        yield Text(reason, "cyan")
        room -= 1 + len(wrap(reason, width))
        steps = _fitting(last.steps, room, width)
        yield Grid([_row(step) for step in steps])
        room -= sum(_lines_of(step, width) for step in steps)
        if room > 1 and len(self._fills) > 1:
            yield Text("before that", SOFT)
            for earlier in list(reversed(self._fills[:-1]))[: room - 1]:
                line = joined([trade_line(earlier, self._name), Text(earlier.reason, SOFT)])
                yield shortened(line, width)


def explanation(fill: Explanation) -> Group:
    """Return an explanation in full, for a page of its own."""
    lines = trade_line(fill), Text(f"because {fill.reason}", "cyan"), Text()
    return Group(*lines, Grid([_row(step) for step in fill.steps]))


def trade_line(fill: Explanation, name: Name = symbol) -> Text:
    """Return a trade in one line."""
    parts = [
        Text(clock(fill.at), SOFT),
        side(fill.side),
        Text(f"{quantity(fill.quantity)} {name(fill.instrument)} at {price(fill.price)}", STRONG),
        Text(fill.trade_id, SOFT),
    ]
    return joined(parts, " ")


def _row(step: Step) -> tuple[str, Text]:
    style = ""
    if step.what == "price":
        style = f"bold {DOWN}" if step.text.startswith("WRONG") else UP
    return step.what, Text(step.text, style)


def _fitting(steps: Sequence[Step], room: int, width: int) -> list[Step]:
    """Return the steps that fit in `room` lines, leaving out what tells least."""
    kept = list(steps)
    for what in _LEAST_TELLING:
        if sum(_lines_of(step, width) for step in kept) <= room:
            break
        kept = [step for step in kept if step.what != what]
    return kept


def _lines_of(step: Step, width: int) -> int:
    """Return how many lines a step takes, its text wrapped beside its label."""
    return max(1, len(wrap(step.text, max(1, width - _LABEL))))

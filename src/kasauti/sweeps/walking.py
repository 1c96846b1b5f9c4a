"""
Walk-forward: choose on past days, trade the days that follow, move on; then look at those days only.

`6:2` optimises over six months and tests on the two that follow; `60d:20d` counts trading days. Each test
begins with the capital and cold indicators, as a strategy that is switched on that morning would.
"""

import calendar
import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from kasauti.errors import InvalidInput
from kasauti.sweeps.columns import Span
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.outcome import Outcome, ordering
from kasauti.sweeps.space import Combination, Value

_PLAN = re.compile(r"(\d+)(d?):(\d+)(d?)\Z")


class Window(msgspec.Struct, frozen=True):
    """Days to choose on, and the days that follow, to test on."""

    inside: Span
    outside: Span


class Step(msgspec.Struct, frozen=True):
    """A window, what was chosen in it, and what that came to; None where nothing worked."""

    window: Window
    chosen: Combination | None
    inside: Outcome | None
    outside: Outcome | None


class Walk(msgspec.Struct, frozen=True):
    """
    A walk forward: its steps, and the tests one after the other as one account.

    `days` and `equity` are of the tests only, each with the same capital: their profits are added, not
    compounded. `efficiency` is the profit a day outside by that inside, None without a profit inside.
    """

    steps: tuple[Step, ...]
    days: tuple[str, ...]
    equity: tuple[int, ...]
    capital: int
    efficiency: float | None


def windows(plan: str, days: Sequence[date]) -> list[Window]:
    """
    Return the windows of `plan`, like 6:2 or 60d:20d, over trading `days`; the last test may be shorter.

    Raises `InvalidInput` for what is no plan, or for days that do not hold one window.
    """
    found = _PLAN.match(plan.strip())
    if found is None or not int(found[1]) or not int(found[3]) or found[2] != found[4]:
        raise InvalidInput(
            f"--walk-forward {plan} is no plan; write months like 6:2, or trading days like 60d:20d"
        )
    inside, outside = int(found[1]), int(found[3])
    made = _by_days(inside, outside, days) if found[2] else _by_months(inside, outside, days)
    if not made:
        raise InvalidInput(
            f"--walk-forward {plan} needs more than the {len(days)} trading days from {days[0]} to"
            f" {days[-1]}; choose shorter windows, like 20d:5d, or more data"
        )
    return made


def _by_days(inside: int, outside: int, days: Sequence[date]) -> list[Window]:
    return [
        Window(
            Span(days[start - inside], days[start - 1]),
            Span(days[start], days[min(start + outside, len(days)) - 1]),
        )
        for start in range(inside, len(days), outside)
    ]


def _by_months(inside: int, outside: int, days: Sequence[date]) -> list[Window]:
    """Months count from the first day: six from 15 January end on 14 July."""
    made: list[Window] = []
    moved = 0
    while True:
        begin, middle = _later(days[0], moved), _later(days[0], moved + inside)
        first, second = _within(days, begin, middle), _within(days, middle, _later(middle, outside))
        if middle > days[-1]:
            return made
        if first is not None and second is not None:
            made.append(Window(first, second))
        moved += outside


def _later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _within(days: Sequence[date], begin: date, end: date) -> Span | None:
    """Return the trading days from `begin` to the day before `end`."""
    low, high = bisect_left(days, begin), bisect_right(days, end - timedelta(days=1))
    return Span(days[low], days[high - 1]) if low < high else None


def best_of(trials: Sequence[Trial], metric: str) -> Trial | None:
    """Return the trial with the best value of `metric`, the first of equals; None if none has a value."""
    valued = [trial for trial in trials if trial.outcome.ok and trial.outcome.figure(metric) is not None]
    return min(valued, key=lambda trial: ordering(metric, trial.outcome), default=None)


def walked(steps: Sequence[Step], capital: int) -> Walk:
    """Return the steps as one walk."""
    days: list[str] = []
    equity: list[int] = []
    held, inside, inside_days = capital, 0, 0
    for step in steps:
        if step.outside is None or not step.outside.ok or step.inside is None:
            continue
        days += step.outside.days
        equity += [held + value - step.outside.capital for value in step.outside.equity]
        held = equity[-1] if equity else held
        inside += _gained(step.inside)
        inside_days += len(step.inside.days)
    outside = held - capital
    efficiency = (outside / len(days)) / (inside / inside_days) if days and inside > 0 else None
    return Walk(tuple(steps), tuple(days), tuple(equity), capital, efficiency)


def _gained(outcome: Outcome) -> int:
    return outcome.equity[-1] - outcome.capital if outcome.equity else 0


def stability(walk: Walk, name: str) -> list[tuple[Value, int]]:
    """Return how often each value of a parameter was chosen, the most frequent first."""
    chosen = [step.chosen[name] for step in walk.steps if step.chosen is not None]
    return sorted(
        ((value, chosen.count(value)) for value in dict.fromkeys(chosen)), key=lambda each: -each[1]
    )

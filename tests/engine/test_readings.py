"""Indicators that a strategy declares: what they read follows from the past alone, however bars come."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.grids import grid_of, grids
from tests.trading import DAY, INDEX, NEXT_DAY, SHARE, UNIVERSE, Scripted, Session, buys, difference, moment

from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.candle import BarRow
from kasauti.domain.commands import Command, HaltTrading, Note, buy, sell
from kasauti.domain.inputs import Ask
from kasauti.domain.instrument import Instrument
from kasauti.domain.market import Candle, Quote
from kasauti.domain.state import State
from kasauti.domain.view import CandleWanted, Subscriptions, TimerWanted, View
from kasauti.errors import InvalidInput
from kasauti.strategies.base import Strategy
from kasauti.strategies.indicators import Atr, Ema, Indicator, Rsi, Sma

KINDS: dict[str, type[Sma | Ema | Rsi | Atr]] = {"sma": Sma, "ema": Ema, "rsi": Rsi, "atr": Atr}
SLOTS, MINUTES = len(UNIVERSE), 30
names = st.dictionaries(st.sampled_from(sorted(KINDS)), st.integers(1, 12), min_size=1)
wanted = st.lists(
    st.builds(CandleWanted, st.sampled_from([INDEX.id, SHARE.id]), st.sampled_from([60, 60, 60, 120, 300])),
    min_size=1,
    max_size=3,
)


class Said(msgspec.Struct):
    """What a strategy read at one of its calls."""

    number: int
    hook: str
    about: str
    read: dict[str, object]


class Reader(Strategy):
    """Notes at every call what its indicators read; trades and fails at the calls it is told to."""

    def __init__(
        self, wants: Subscriptions, periods: Mapping[str, int], plan: Mapping[int, str] | None = None
    ) -> None:
        super().__init__()
        self.wants, self.periods, self.plan, self.calls = wants, periods, plan or {}, 0

    def restore(self, note: bytes) -> None:
        """It needs nothing: what it read is in the log."""

    def subscriptions(self) -> Subscriptions:
        return self.wants

    def indicators(self, wanted: CandleWanted) -> dict[str, Indicator]:
        return {name: KINDS[name](period) for name, period in self.periods.items()}

    def _said(self, hook: str, about: str) -> Iterator[Command]:
        self.calls += 1
        yield Note(Said(self.calls, hook, about, {name: getattr(self, name) for name in self.periods}))
        act = self.plan.get(self.calls)
        if act == "fail":
            raise RuntimeError("planned")
        if act == "buy":
            yield buys(SHARE, 1)

    def on_start(self, view: View) -> Iterable[Command]:
        return self._said("on_start", "")

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        return self._said("on_candle", f"{candle.instrument} {candle.close}")

    def on_timer(self, name: str, view: View) -> Iterable[Command]:
        return self._said("on_timer", name)


class Ticked(Reader):
    """Hears the ticks of what it holds, so the bars of a grid are not simply handed on."""

    def on_tick(self, quote: Quote, instrument: Instrument, view: View) -> Iterable[Command]:
        return ()


class Marking(Reader):
    """What is set under the name of an indicator goes through a method of its own."""

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, {"set": value} if name in KINDS else value)


class Telling(Reader):
    """One of its indicators' names is a property."""

    read: object = None

    @property
    def sma(self) -> object:
        return self.read

    @sma.setter
    def sma(self, value: object) -> None:
        self.read = {"set": value}


def play(run: Session, items: Iterable[Any], day: date = DAY) -> Session:
    for item in items:
        run.feed(item)
    return run.until("15:31", day)


def said(run: Session) -> list[Said]:
    return [msgspec.json.decode(each.state, type=Said) for each in run.events(ev.StrategyNoted)]


@settings(max_examples=30)
@given(data=st.data())
def test_a_grid_is_read_as_its_rows_are(data: st.DataObject) -> None:
    today = data.draw(grids(SLOTS, MINUTES))
    tomorrow = data.draw(grids(SLOTS, MINUTES, NEXT_DAY))
    timers = [TimerWanted("often", seconds=420)]
    wants = Subscriptions(candles=data.draw(wanted), timers=timers)
    kind, periods = data.draw(st.sampled_from([Reader, Ticked, Marking, Telling])), data.draw(names)
    plan = data.draw(st.dictionaries(st.integers(1, 40), st.sampled_from(["buy", "buy", "fail"]), max_size=4))
    cut = data.draw(st.integers(1, len(today)))
    pieces = [piece for piece in (today[:cut], today[cut:]) if len(piece)]

    def session() -> Session:
        return Session(strategies=[lambda: kind(wants, periods, plan)])

    as_rows = play(session(), [*(piece.rows() for piece in pieces), tomorrow.rows()], NEXT_DAY)
    as_grids = play(session(), [*pieces, tomorrow], NEXT_DAY)

    assert difference(as_rows.log, as_grids.log) == ""


@settings(max_examples=12)
@given(
    grid=grids(SLOTS, MINUTES),
    cut=st.integers(1, MINUTES),
    periods=names,
    seconds=st.sampled_from([60, 120]),
)
def test_what_is_read_follows_from_the_past_alone(
    grid: BarGrid, cut: int, periods: dict[str, int], seconds: int
) -> None:
    """What was read before a cut is the same without anything behind it, and whatever else comes there."""
    wants = Subscriptions(candles=[CandleWanted(each, seconds) for each in (INDEX.id, SHARE.id)])
    shown = (
        [grid[:cut]] if cut >= len(grid) else [grid, replace(grid, close=_otherwise(grid, cut)), grid[:cut]]
    )
    logs = []
    for each in shown:
        run = Session(strategies=[lambda: Reader(wants, periods)]).feed(each)
        last = int(grid.at[min(cut, len(grid)) - 1])
        logs.append([recorded for recorded in run.log if recorded.at <= last])

    assert all(difference(log, logs[0]) == "" for log in logs)


def _otherwise(grid: BarGrid, cut: int) -> Any:
    close = grid.close.copy()
    close[:, cut:] = grid.high[:, cut:]
    return close


def test_the_values_are_those_of_an_indicator_that_is_fed() -> None:
    grid, slow, strength = grid_of(3, [UNIVERSE.slot(SHARE.id)], 40), Sma(4), Rsi(3)
    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)])
    expected: list[dict[str, object]] = [{"sma": None, "rsi": None}]
    expected += [{"sma": slow.add(close), "rsi": strength.add(close)} for close in grid.close[0].tolist()]

    run = Session(strategies=[lambda: Reader(wants, {"sma": 4, "rsi": 3})]).feed(grid)

    assert [each.read for each in said(run)] == expected
    assert expected[-1]["sma"] == float(np.mean(grid.close[0, -4:]))


# Going on


@settings(max_examples=20, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(
    seed=st.integers(0, 2**32),
    periods=names,
    seconds=st.sampled_from([60, 120, 300]),
    crash=st.tuples(st.integers(0, 1), st.integers(1, MINUTES)),
    as_rows=st.booleans(),
)
def test_a_restart_changes_nothing_of_what_is_read(
    seed: int, periods: dict[str, int], seconds: int, crash: tuple[int, int], *, as_rows: bool
) -> None:
    """In the middle of a day and after its close, also with a candle half made."""
    slots = [UNIVERSE.slot(INDEX.id), UNIVERSE.slot(SHARE.id)]
    days = [
        grid_of(seed + number, slots, MINUTES, opens=moment("09:15", day), missing=0.2)
        for number, day in enumerate((DAY, NEXT_DAY))
    ]
    wants = Subscriptions(candles=[CandleWanted(INDEX.id, seconds), CandleWanted(SHARE.id, 60)])
    setup: dict[str, Any] = {"strategies": [lambda: Reader(wants, periods)]}
    logs = []
    for crashes in (False, True):
        run = Session(**setup)
        for number, (grid, day) in enumerate(zip(days, (DAY, NEXT_DAY), strict=True)):
            data: list[Any] = [grid[: crash[1]], grid[crash[1] :]] if crash[0] == number else [grid]
            for place, piece in enumerate(each for each in data if len(each)):
                run.feed(piece.rows() if as_rows else piece)
                if len(data) > 1 and place == 0:
                    run.engine.handle(Ask(int(piece.at[-1]) + 1, HaltTrading("mark")))
                    run = run.restart([piece], **setup) if crashes else run
            run.until("15:31", day)
            if crashes:
                run = run.restart([grid], **setup)
        logs.append([*_read(run)])

        assert State.replay(run.log) == run.state

    assert logs[0] == logs[1]


def _read(run: Session) -> Iterator[tuple[int, str, object]]:
    """Yield what was read and recorded, but at a start: there is one more after each restart."""
    for each in run.log:
        if isinstance(each.event, ev.IndicatorsNoted):
            yield each.at, "", bytes(each.event.state)
        elif isinstance(each.event, ev.StrategyNoted):
            told = msgspec.json.decode(each.event.state, type=Said)
            if told.hook != "on_start":
                yield each.at, f"{told.hook} {told.about}", told.read


def test_an_indicator_that_was_changed_begins_again_and_the_others_go_on() -> None:
    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)])
    run = Session(strategies=[lambda: Reader(wants, {"sma": 3, "rsi": 3})])
    run.feed(grid_of(1, [UNIVERSE.slot(SHARE.id)], 10)).until("15:31")

    again = run.restart(strategies=[lambda: Reader(wants, {"sma": 3, "rsi": 4})]).until("09:15", NEXT_DAY)

    assert said(again)[-1].read["sma"] is not None
    assert said(again)[-1].read["rsi"] is None


def test_after_a_failure_the_fresh_strategy_reads_what_the_old_one_did() -> None:
    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)], timers=[TimerWanted("often", seconds=60)])
    runs = [
        Session(strategies=[lambda plan=plan: Reader(wants, {"sma": 2}, plan)]).feed(  # type: ignore[misc]
            grid_of(5, [UNIVERSE.slot(SHARE.id)], 9)
        )
        for plan in ({}, {8: "fail"})
    ]

    steady, failed = ([each.read for each in said(run) if each.hook == "on_timer"] for run in runs)

    assert [each.hook for each in runs[1].events(ev.StrategyFailed)] == ["on_candle"]
    assert steady == failed


# What can go wrong


class Sour(Indicator):
    """Raises at the third candle."""

    seen: int = 0
    value: int | None = None

    def follow(self, candle: Candle) -> object:
        self.seen += 1
        if self.seen % 3 == 0:
            raise ValueError("sour")
        self.value = self.seen
        return self.value


class Short(Sma):
    """Has too few values for a row."""

    def over(self, bars: BarRow) -> list[object]:
        return super().over(bars)[1:]


def _with(indicators: Mapping[str, object]) -> Session:
    class Own(Reader):
        def indicators(self, wanted: CandleWanted) -> dict[str, Any]:
            return dict(indicators)

    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)], timers=[TimerWanted("often", seconds=60)])
    return Session(strategies=[lambda: Own(wants, dict.fromkeys(indicators, 0))])


def test_an_indicator_that_raises_stops_its_strategy_at_that_candle_and_begins_again() -> None:
    grid = grid_of(5, [UNIVERSE.slot(SHARE.id)], 5)
    logs = [_with({"sour": Sour()}).feed(each) for each in (grid, grid.rows())]

    (failed,) = logs[0].events(ev.StrategyFailed)
    assert (failed.hook, failed.error, failed.stopped) == ("indicators", "ValueError: sour", "entries")
    assert [each.read["sour"] for each in said(logs[0]) if each.hook == "on_timer"] == [1, 2, 2, 1, 2]
    assert difference(logs[0].log, logs[1].log) == ""


def test_a_row_with_too_few_values_is_read_candle_by_candle() -> None:
    grid = grid_of(5, [UNIVERSE.slot(SHARE.id)], 5)

    short, plain = (_with({"mean": kind(2)}).feed(grid) for kind in (Short, Sma))

    assert [each.read for each in said(short)] == [each.read for each in said(plain)]


@pytest.mark.parametrize(
    ("name", "indicator", "says"),
    [
        ("on_tick", Sma(2), "has that name for something else"),
        ("memory", Sma(2), "has that name for something else"),
        ("two words", Sma(2), "has that name for something else"),
        ("mean", object(), "has to be a strategies.indicators.Indicator"),
    ],
)
def test_an_indicator_that_cannot_be_is_refused_in_words(name: str, indicator: object, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        _with({name: indicator})


def test_a_strategy_without_the_base_class_needs_no_indicators() -> None:
    heard: list[tuple[str, str, str]] = []
    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)])
    run = Session(strategies=[lambda: Scripted("plain", wants, heard)])

    run.feed(grid_of(5, [UNIVERSE.slot(SHARE.id)], 2)).until("15:31")

    assert [each[0] for each in heard] == ["on_start", "on_candle", "on_candle"]
    assert run.events(ev.IndicatorsNoted) == []


def test_the_example_in_the_documents_trades_where_its_averages_cross() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text(encoding="utf-8")
    (code,) = [
        each for each in re.findall(r"```python\n(.*?)```", guide, re.DOTALL) if "def indicators" in each
    ]
    known = {"Strategy": Strategy, "Ema": Ema, "buy": buy, "sell": sell}
    exec(code, known)  # noqa: S102  the documents are ours
    example: Any = known["Cross"]
    example.instruments = (SHARE.id,)
    grid = grid_of(2, [UNIVERSE.slot(SHARE.id)], 300)
    closes = grid.close[0, 4::5].tolist()
    fast, slow = Ema(9), Ema(21)
    above = [f > s for f, s in zip(map(fast.add, closes), map(slow.add, closes), strict=True) if f and s]

    run = Session("ltp", strategies=[example]).feed(grid)

    turns = sum(one is not other for one, other in pairwise([False, *above]))
    assert turns > 1
    assert len(run.events(ev.OrderPlaced)) == turns
    assert run.events(ev.StrategyFailed) == []

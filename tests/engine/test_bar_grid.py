"""Whatever strategies do, bars as a grid lead to the same log as the same bars one by one."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.grids import grid_of, grids
from tests.trading import (
    CALL,
    FUTURE,
    INDEX,
    NEXT_CALL,
    NEXT_DAY,
    PUT,
    SHARE,
    UNIVERSE,
    Scripted,
    Session,
    buys,
    difference,
)
from tests.wishes import Wish, wishes

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, Command, ModifyOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.market import Candle
from kasauti.domain.view import CandleWanted, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.strategies.base import Strategy

SLOTS = len(UNIVERSE)
MINUTES = 40
TRADED = (SHARE, FUTURE, CALL, PUT, NEXT_CALL)

Act = Wish | tuple[str, int, int]
acts = st.one_of(
    wishes,
    wishes,
    st.tuples(st.just("cancel"), st.integers(0, 3), st.just(0)),
    st.tuples(st.just("modify"), st.integers(0, 3), st.integers(-4, 4)),
    st.tuples(st.just("fail"), st.sampled_from([0, 0, 0, 1]), st.just(0)),
)
plans = st.dictionaries(st.integers(0, 25), st.lists(acts, min_size=1, max_size=3), max_size=8)
wanted = st.builds(
    Subscriptions,
    candles=st.lists(
        st.builds(
            CandleWanted,
            instrument=st.sampled_from([i.id for i in (INDEX, *TRADED)]),
            seconds=st.sampled_from([60, 60, 60, 120, 300]),
        ),
        max_size=3,
        unique_by=lambda candle: (candle.instrument, candle.seconds),
    ),
    chains=st.lists(st.builds(ChainWanted, st.just(INDEX.id), st.sampled_from([60, 180])), max_size=1),
    ticks=st.lists(st.sampled_from([INDEX.id, SHARE.id]), max_size=1),
    timers=st.lists(
        st.sampled_from(
            [
                TimerWanted("soon", at=time(9, 20)),
                TimerWanted("later", at=time(9, 40, 30)),
                TimerWanted("often", seconds=240),
            ]
        ),
        max_size=2,
        unique_by=lambda timer: timer.name,
    ),
)


class Planned(Scripted):
    """Counts its calls, and does what is planned for each."""

    def __init__(self, name: str, wants: Subscriptions, plan: dict[int, list[Act]]) -> None:
        super().__init__(name, wants)
        self.plan = plan
        self.calls = 0

    def _run(self, hook: str, about: str, view: View, *arguments: Any) -> Iterable[Command]:
        self.calls += 1
        for act in self.plan.get(self.calls, ()):
            if isinstance(act, Wish):
                yield act.command(view.last(act.instrument.id) or 100_0000)
            elif act[0] == "fail":
                if act[1]:
                    raise RuntimeError(f"planned, in call {self.calls}")
            else:
                yield from self.change(act, view)

    @staticmethod
    def change(act: tuple[str, int, int], view: View) -> Iterator[Command]:
        working = view.working()
        if not working:
            return
        chosen = working[act[1] % len(working)]
        if act[0] == "cancel":
            yield CancelOrder(chosen.order_id)
        else:
            yield ModifyOrder(chosen.order_id, price=max(0, chosen.price + act[2] * 1000) or None)


class Deaf(Planned):
    """Hears no ticks: what it holds does not wake it."""

    on_tick = Strategy.on_tick


def session(profile: str, latency_ms: int, slippage: int, strategies: list[Any]) -> Session:
    return Session(
        profile, capital=50_000_000, latency_ms=latency_ms, slippage=slippage, strategies=strategies
    )


def play(run: Session, items: Iterable[Any]) -> Session:
    for item in items:
        run.engine.handle(item)
        run.engine.commit()
    return run.until("15:31", NEXT_DAY)


@settings(max_examples=80)
@given(data=st.data())
def test_a_grid_leads_to_the_log_of_its_rows(data: st.DataObject) -> None:
    today = data.draw(grids(SLOTS, MINUTES, lots=400, tick=1000))
    tomorrow = data.draw(grids(SLOTS, 10, NEXT_DAY, lots=400, tick=1000))
    makers: list[Any] = []
    for name in data.draw(st.sampled_from([["a"], ["a", "b"]])):
        kind = data.draw(st.sampled_from([Planned, Deaf]))
        wants, plan = data.draw(wanted), data.draw(plans)
        makers.append(lambda kind=kind, name=name, wants=wants, plan=plan: kind(name, wants, plan))
    setup = (
        data.draw(st.sampled_from(["depth", "touch", "pessimistic", "ltp"])),
        data.draw(st.sampled_from([0, 0, 0, 90_500])),
        data.draw(st.sampled_from([0, 2])),
        makers,
    )
    cuts = sorted(data.draw(st.lists(st.integers(0, MINUTES), max_size=2)))
    pieces = [today[a:b] for a, b in zip([0, *cuts], [*cuts, len(today)], strict=True) if len(today[a:b])]
    asked = data.draw(st.lists(wishes, max_size=2))
    inbetween = [Ask(int(pieces[0].at[-1]) + 1, wish.command(100_0000)) for wish in asked]

    as_rows = play(
        session(*setup), [pieces[0].rows(), *inbetween, *(p.rows() for p in pieces[1:]), tomorrow.rows()]
    )
    as_grids = play(session(*setup), [pieces[0], *inbetween, *pieces[1:], tomorrow])

    assert difference(as_rows.log, as_grids.log) == ""
    assert [as_rows.board.quote(slot) for slot in range(SLOTS)] == [
        as_grids.board.quote(slot) for slot in range(SLOTS)
    ]


class Heard(Strategy):
    """Notes the candles that it hears, and what stands on the board then."""

    def __init__(self) -> None:
        super().__init__()
        self.candles_heard: list[tuple[Candle, int]] = []

    def subscriptions(self) -> Subscriptions:
        return Subscriptions(candles=[CandleWanted(SHARE.id, 60), CandleWanted(FUTURE.id, 60)])

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        self.candles_heard.append((candle, view.last(candle.instrument)))
        return ()


def test_a_strategy_hears_every_bar_with_its_close_on_the_board() -> None:
    heard = Heard()
    grid = grid_of(5, [UNIVERSE.slot(SHARE.id), UNIVERSE.slot(FUTURE.id)], 30, missing=0.3)

    Session(strategies=[lambda: heard]).feed(grid)

    rows = grid.rows()
    bars = [rows.candle(row, UNIVERSE[int(rows.slot[row])].id) for row in range(len(rows))]
    assert heard.candles_heard == [(bar, bar.close) for bar in bars]


def test_a_strategy_that_raises_on_a_bar_is_stopped_there_and_the_rest_goes_on() -> None:
    class Raises(Heard):
        def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
            super().on_candle(candle, view)
            if len(self.candles_heard) == 5:
                raise RuntimeError("enough")
            return ()

    good = Heard()
    good.name = "good"
    grid = grid_of(5, [UNIVERSE.slot(SHARE.id), UNIVERSE.slot(FUTURE.id)], 30)
    run = Session(strategies=[Raises, lambda: good]).feed(grid)

    (failed,) = run.events(ev.StrategyFailed)
    (at,) = [each.at for each in run.log if each.event is failed]
    assert (failed.hook, failed.error) == ("on_candle", "RuntimeError: enough")
    assert at == grid.moments[2]
    assert len(good.candles_heard) == 60


def test_a_stop_trades_at_the_first_bar_that_reaches_it_however_many_there_are_before() -> None:
    slot = UNIVERSE.slot(SHARE.id)
    quiet = grid_of(1, [slot], 200, tick=0, lots=0)
    high = quiet.high.copy()
    high[0, 150] += 5_0000
    grid = replace(quiet, high=high)
    run = Session("touch")
    run.feed(grid[:1])
    stop = run.ask("09:16:30", buys(SHARE, 10, trigger="103"))

    run.feed(grid[1:])

    assert run.fills() == [("11:46:00", 10, "103.00")]
    assert run.order(stop).filled == 10

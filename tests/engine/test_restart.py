"""A process that ends at any moment and comes back: nothing is lost, nothing happens twice."""

from collections.abc import Iterable
from datetime import time

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st
from tests.busy import busy, random_ticks
from tests.tables import bars_of, ticks_of
from tests.trading import (
    DAY,
    SHARE,
    UNIVERSE,
    Memory,
    Scripted,
    Session,
    buys,
    difference,
    moment,
    sells,
)

from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, Command, HaltTrading, ModifyOrder, Note
from kasauti.domain.market import Candle, TickBatch
from kasauti.domain.order import Product, Status
from kasauti.domain.state import State
from kasauti.domain.view import CandleWanted, Subscriptions, TimerWanted, View
from kasauti.simulator.latency import UniformLatency

HEADER = "time last bid bid_quantity ask ask_quantity volume"
QUIET = f"{HEADER}\n09:15:00 100 99.95 500 100.05 500 1000"


def ticks(*rows: str) -> TickBatch:
    return ticks_of("\n".join([HEADER, *rows]), lambda _: UNIVERSE.slot(SHARE.id), DAY)


# Orders


def test_working_orders_are_taken_up_and_trade() -> None:
    session = Session()
    order_id = session.ticks(QUIET).ask("09:15:01", buys(SHARE, 100, "99.80"))
    again = session.restart([ticks("09:15:00 100 99.95 500 100.05 500 1000")])
    again.ticks(f"{HEADER}\n09:15:02 99.7 99.65 500 99.75 60 1000")

    assert again.fills() == [("09:15:02", 60, "99.80")]
    assert again.order(order_id).leaves == 40
    assert again.proof().passed


def test_of_our_own_orders_the_one_that_rested_first_is_still_first() -> None:
    session = Session("touch")
    session.ticks(QUIET)
    first, second, third = (session.ask(f"09:15:0{i}", buys(SHARE, 10, "99.80")) for i in (1, 2, 3))
    session.ask("09:15:04", ModifyOrder(first, quantity=20))  # goes to the end
    again = session.restart(profile="touch")
    fourth = again.ask("09:15:05", buys(SHARE, 10, "99.80"))
    again.ticks(f"{HEADER}\n09:15:06 99.7 99.65 500 99.75 1000 1000")

    assert [order_id for _, order_id, *_ in again.trades()] == [second, third, first, fourth]


def test_an_order_joins_the_end_of_the_queue_that_is_displayed_now() -> None:
    session = Session("depth")
    session.ticks(QUIET).ask("09:15:01", buys(SHARE, 100, "99.95"))
    session.ticks(f"{HEADER}\n09:15:02 99.95 99.95 500 100.05 500 1499")  # one of the 500 is left
    history = [ticks("09:15:00 100 99.95 500 100.05 500 1000", "09:15:02 99.95 99.95 500 100.05 500 1499")]
    again = session.restart(history)
    again.ticks(f"{HEADER}\n09:15:03 99.95 99.95 500 100.05 500 1999")
    assert again.fills() == []
    again.ticks(f"{HEADER}\n09:15:04 99.95 99.95 500 100.05 500 2009")

    assert again.fills() == [("09:15:04", 10, "99.95")]


def test_without_history_it_claims_no_place_in_a_queue_it_cannot_see() -> None:
    session = Session("depth")
    session.ticks(QUIET).ask("09:15:01", buys(SHARE, 100, "99.95"))
    again = session.restart()
    again.ticks(f"{HEADER}\n09:15:02 99.95 99.95 500 100.05 500 9000")
    assert again.fills() == []
    again.ticks(f"{HEADER}\n09:15:03 99.95 99.95 500 100.05 500 9510")

    assert again.fills() == [("09:15:03", 10, "99.95")]


def test_a_sleeping_stop_sleeps_on_and_a_woken_one_stays_awake() -> None:
    session = Session("touch")
    session.ticks(QUIET)
    asleep = session.ask("09:15:01", sells(SHARE, 10, trigger="99"))
    awake = session.ask("09:15:01", buys(SHARE, 10, "101", trigger="101"))
    session.ticks(f"{HEADER}\n09:15:02 102 101.95 500 102.05 500 1000")
    again = session.restart(profile="touch")

    assert (again.status(asleep), again.status(awake)) == (Status.TRIGGER_PENDING, Status.OPEN)
    again.ticks(f"{HEADER}\n09:15:03 100.5 100.45 500 100.55 500 1000")
    assert again.fills() == [("09:15:03", 10, "101.00")]
    again.ticks(f"{HEADER}\n09:15:04 99 98.95 500 99.05 500 1000")
    assert again.fills()[1:] == [("09:15:04", -10, "98.95")]
    assert len(again.events(ev.OrderTriggered)) == 2


@pytest.mark.parametrize(("back", "arrives"), [("09:15:01.050", "09:15:01.100"), ("09:15:09", "09:15:09")])
def test_an_order_on_its_way_arrives_when_it_would_have_or_when_the_process_is_back(
    back: str, arrives: str
) -> None:
    session = Session(latency_ms=100)
    order_id = session.ticks(QUIET).ask("09:15:01", buys(SHARE, 10))
    again = Session(log=list(session.log), latency_ms=100)
    again.engine.resume([], moment(back))
    again.until("09:15:10")
    assert again.status(order_id) is Status.OPEN

    opened = [each.at for each in again.log if isinstance(each.event, ev.OrderOpened)]
    assert opened == [moment(arrives)]
    again.ticks(f"{HEADER}\n09:15:11 100 99.95 500 100.05 500 1000")
    assert again.fills() == [("09:15:11", 10, "100.05")]
    assert again.proof().passed


def test_what_stood_before_may_have_been_used_so_it_is_not_used_again() -> None:
    """60 at 100.05 are displayed; they were bought before the crash."""
    row = "09:15:00 100 99.95 500 100.05 60 1000"
    session = Session().ticks(f"{HEADER}\n{row}")
    session.ask("09:15:01", buys(SHARE, 60))
    again = session.restart([ticks(row)])
    again.ask("09:15:01.500", buys(SHARE, 60))
    assert sum(quantity for _, quantity, _ in again.fills()) == 60

    again.ticks(f"{HEADER}\n09:15:02 100 99.95 500 100.05 60 1000")
    assert again.proof().passed


def test_requests_on_their_way_are_repeated_or_said_to_be_lost() -> None:
    session = Session(latency_ms=500)
    session.ticks(QUIET)
    changed = session.ask("09:15:01", buys(SHARE, 10, "99.80"))
    cancelled = session.ask("09:15:01", buys(SHARE, 10, "99.80"))
    session.until("09:15:02")
    session.ask("09:15:03", ModifyOrder(changed, quantity=50))
    session.ask("09:15:03", CancelOrder(cancelled))
    again = session.restart(latency_ms=500)
    again.until("09:15:04")

    assert [event.order_id for event in again.events(ev.ModifyRejected)] == [changed]
    assert "ask again" in again.events(ev.ModifyRejected)[0].message
    order = again.order(changed)
    assert (order.quantity, order.modify_asked, order.blocked) == (10, False, 1_996_000)
    assert again.status(cancelled) is Status.CANCELLED
    again.ask("09:15:05", ModifyOrder(changed, quantity=50))
    again.until("09:15:06")
    assert again.order(changed).quantity == 50
    assert again.proof().passed


def test_a_command_id_makes_one_order_also_across_a_restart() -> None:
    session = Session().ticks(QUIET)
    once = session.ask("09:15:01", buys(SHARE, 10, "99", command_id="abc"))
    twice = session.ask("09:15:02", buys(SHARE, 10, "99", command_id="abc"))
    again = session.restart()
    thrice = again.ask("09:15:03", buys(SHARE, 10, "99", command_id="abc"))

    assert once == twice == thrice
    assert len(again.events(ev.OrderPlaced)) == 1


def test_a_refused_command_id_stays_refused() -> None:
    """Retrying with the same id is the same command; a new wish needs a new id."""
    session = Session().ticks(QUIET)
    first = session.ask("09:15:01", buys(SHARE, 0, command_id="abc"))
    second = session.ask("09:15:02", buys(SHARE, 10, command_id="abc"))

    assert first == second
    assert session.events(ev.OrderPlaced) == []


def test_a_halt_stays() -> None:
    session = Session().ticks(QUIET)
    session.ask("09:15:01", HaltTrading("stop"))
    again = session.restart()
    again.ask("09:15:02", buys(SHARE, 10, "99"))

    assert again.denial().rule == "trading.halted"


def test_coming_back_twice_is_like_coming_back_once() -> None:
    session = Session(latency_ms=500)
    session.ticks(QUIET).ask("09:15:01", buys(SHARE, 10, "99.80"))
    once = session.restart(latency_ms=500)
    twice = once.restart(latency_ms=500)
    for back in (once, twice):
        back.ticks(f"{HEADER}\n09:15:02 99.7 99.65 500 99.75 500 1000")

    assert twice.state == once.state


# The day's jobs, timers and candles


def test_jobs_that_have_run_do_not_run_again() -> None:
    session = Session(stale_s=100_000).ticks(QUIET)
    session.ask("09:15:01", buys(SHARE, 10))
    session.until("15:20:30")
    again = session.restart(stale_s=100_000)
    again.until("15:31")

    names = [event.name for event in again.events(ev.TimerFired)]
    assert len(set(names)) == len(names)
    assert len([e for e in again.events(ev.OrderPlaced) if e.tag == "square_off"]) == 1
    assert again.proof().passed


def test_a_strategy_s_timers_go_on_behind_the_last_event() -> None:
    heard: list[tuple[str, str, str]] = []

    def make() -> Scripted:
        def notes(name: str, view: View) -> Iterable[Command]:
            return (Note(Memory(view.at)),)

        wants = Subscriptions(timers=[TimerWanted("m", seconds=60), TimerWanted("exit", at=time(9, 17, 30))])
        return Scripted("ann", wants, heard, on_timer=notes)

    session = Session(strategies=[make]).ticks(QUIET).until("09:17:10")
    before = len(heard)
    again = session.restart(strategies=[make])
    again.until("09:18:10")

    assert heard[before:] == [
        ("on_start", "ann", "09:17:00"),
        ("on_timer", "exit", "09:17:30"),
        ("on_timer", "m", "09:18:00"),
    ]


def test_a_timer_missed_while_nobody_was_here_rings_late_once() -> None:
    """The exit of 14:50 is not skipped because the process was down at 14:50."""
    heard: list[tuple[str, str, str]] = []
    wants = Subscriptions(timers=[TimerWanted("exit", at=time(14, 50))])
    maker = lambda: Scripted("ann", wants, heard)  # noqa: E731
    session = Session(strategies=[maker]).ticks(QUIET)
    heard.clear()
    again = Session(log=list(session.log), strategies=[maker])
    again.engine.resume([], moment("15:00"))
    again.until("15:10")

    assert heard == [("on_start", "ann", "15:00:00"), ("on_timer", "exit", "15:00:00")]


@pytest.mark.parametrize("bars", [False, True])
def test_the_candle_that_was_half_built_is_whole(bars: bool) -> None:  # noqa: FBT001
    """A five-minute candle sees what came before the crash and after it."""
    seen: list[Candle] = []

    def make() -> Scripted:
        def on_candle(candle: Candle, view: View) -> Iterable[Command]:
            seen.append(candle)
            return ()

        return Scripted("ann", Subscriptions(candles=[CandleWanted(SHARE.id, 300)]), on_candle=on_candle)

    rows = [
        f"time open high low close volume\n09:{15 + m} {100 + m} {104 - m} {98 - m} {101 + m} 10"
        for m in range(5)
    ]
    ticked = [f"{HEADER}\n09:{15 + m}:10 {100 + m * (-1) ** m} 99 50 105 50 {1000 + m}" for m in range(5)]
    runs = []
    for crash in (None, 2):
        seen.clear()
        session = Session(strategies=[make])
        history: list[TickBatch] = []
        for number, table in enumerate(rows if bars else ticked):
            session = session.bars(table) if bars else session.ticks(table)
            if number == crash:
                session.ask(f"09:{15 + number + bars}:30", HaltTrading("mark"))
                history = [*_batches(rows if bars else ticked, number, bars=bars)]
                session = session.restart(history, strategies=[make])
        session.until("09:21")
        runs.append(list(seen))

    assert len(runs[0]) == 1
    assert runs[1] == runs[0]


def _batches(tables: list[str], until: int, *, bars: bool) -> Iterable[TickBatch]:
    for table in tables[: until + 1]:
        yield (  # type: ignore[misc]
            bars_of(table, lambda _: UNIVERSE.slot(SHARE.id), DAY, 60)
            if bars
            else ticks_of(table, lambda _: UNIVERSE.slot(SHARE.id), DAY)
        )


def test_a_candle_that_was_heard_of_before_the_restart_is_not_heard_of_again() -> None:
    seen: list[int] = []

    def make() -> Scripted:
        def on_candle(candle: Candle, view: View) -> Iterable[Command]:
            seen.append(candle.start)
            yield Note(Memory(candle.start))

        return Scripted("ann", Subscriptions(candles=[CandleWanted(SHARE.id, 60)]), on_candle=on_candle)

    row = "09:15:30 100 99.95 500 100.05 500 1000"
    session = Session(strategies=[make]).ticks(f"{HEADER}\n{row}").until("09:16")
    again = session.restart([ticks(row)], strategies=[make])
    again.ticks(f"{HEADER}\n09:16:30 101 100.95 500 101.05 500 1100").until("09:17")

    assert seen == [moment("09:15"), moment("09:16")]


# Any moment at all


@given(seed=st.integers(0, 10_000), crash=st.integers(1, 119), latency_ms=st.sampled_from([0, 40, 900]))
@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_a_crash_between_any_two_moments_loses_nothing_and_repeats_nothing(
    seed: int, crash: int, latency_ms: int
) -> None:
    """
    The log of a session that crashed begins with what was recorded before, and proves.

    Its state is what its log folds to, its orders end, and nothing is filled twice.
    """
    data = random_ticks(seed, 120, opens="15:10")
    places = sorted(set(data.at.tolist()))
    cut = int(data.at.searchsorted(places[crash % len(places)], "left"))
    setup = {
        "profile": "depth",
        "strategies": busy(seed),
        "latency": UniformLatency(0, latency_ms, seed),
        "slippage": 1,
    }
    session = Session(**setup)  # type: ignore[arg-type]
    if cut:
        session.feed(data[:cut])
    seen = int(data.at.searchsorted(session.state.at, "right"))
    again = session.restart([data[:seen]] if seen else [], **setup)
    again.feed(data[seen:]).until("15:31")

    assert difference(again.log[: len(session.log)], session.log) == ""
    assert State.replay(again.log) == again.state
    assert again.proof().problem == ""
    assert again.state.working == {}
    assert again.events(ev.VenueAnomaly) == []


@given(seed=st.integers(0, 10_000), crash=st.integers(1, 119))
@example(seed=116, crash=26)  # the last event is a candle's, and the next tick is of the next minute
@settings(max_examples=25, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_decisions_after_a_restart_are_those_without_one(seed: int, crash: int) -> None:
    """
    A strategy that decides by candles and timers alone, trading at the next tick, on last prices.

    Nothing of it depends on a queue or on a quote that stood, so both runs have the same log.
    """

    def make() -> Scripted:
        wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)], timers=[TimerWanted("m", seconds=60)])

        def on_candle(candle: Candle, view: View) -> Iterable[Command]:
            side = buys if candle.close >= candle.open else sells
            yield side(SHARE, 1 + candle.volume % 7)
            yield Note(Memory(candle.close))

        def on_timer(name: str, view: View) -> Iterable[Command]:
            if view.position(SHARE.id, Product.MIS) % 3 == 1:
                yield sells(SHARE, 2, str((view.last(SHARE.id) + 1000) / 10_000))

        return Scripted("ann", wants, on_candle=on_candle, on_timer=on_timer)

    data = random_ticks(seed, 120, opens="15:05", step_ms=2000, book=False)
    setup = {"profile": "touch", "strategies": [make], "latency_ms": 40}
    whole = Session(**setup)  # type: ignore[arg-type]
    whole.feed(data).until("15:31")
    cut = int(data.at.searchsorted(sorted(set(data.at.tolist()))[crash % 119], "left"))
    session = Session(**setup)  # type: ignore[arg-type]
    if cut:
        session.feed(data[:cut])
    seen = int(data.at.searchsorted(session.state.at, "right"))
    again = session.restart([data[:seen]] if seen else [], **setup)
    again.feed(data[seen:]).until("15:31")

    assert difference(again.log, whole.log) == ""


def test_there_is_nothing_to_take_up_in_a_new_account() -> None:
    session = Session()
    session.engine.resume([])

    assert len(session.log) == 1

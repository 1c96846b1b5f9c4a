"""A strategy that raises or hangs is stopped and recorded; its exits and everybody else go on."""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from typing import Any

import msgspec
import numpy as np
import pytest
from tests.trading import NEXT_DAY, OTHER, SHARE, Memory, Scripted, Session, buys, sells, timed

from kasauti.domain import events as ev
from kasauti.domain.commands import (
    CancelOrder,
    Command,
    HaltTrading,
    ModifyOrder,
    MoveMoney,
    Note,
    PlaceBracket,
    PlaceIceberg,
    ResumeTrading,
    buy,
    sell,
)
from kasauti.domain.market import Quote
from kasauti.domain.order import Product, Status
from kasauti.domain.view import CandleWanted, ChainWanted, Subscriptions, TimerWanted, View
from kasauti.engine.guard import HookOverdue, TimedGuard
from kasauti.errors import InvalidInput

MARKET = "time last bid bid_quantity ask ask_quantity\n09:15:00 100 99.95 5000 100.05 5000"

ENTRY = Subscriptions(candles=[CandleWanted(SHARE.id, 60)], ticks=[SHARE.id])


def at(*clocks: str) -> Subscriptions:
    return Subscriptions(timers=[TimerWanted(clock, at=time.fromisoformat(clock)) for clock in clocks])


def failures(session: Session) -> list[tuple[str, str, str]]:
    return [(event.strategy, event.hook, event.stopped) for event in session.events(ev.StrategyFailed)]


def asks(*commands: Any) -> Callable[..., Iterable[Command]]:
    return lambda *_: commands


def raises(*_: object) -> Iterable[Command]:
    raise ValueError("boom")


def ticking(session: Session, *clocks: str) -> Session:
    for clock in clocks:
        session.ticks(MARKET.replace("09:15:00", clock))
    return session


@pytest.mark.parametrize("hook", ["on_start", "on_tick", "on_candle", "on_timer", "on_chain", "on_fill"])
def test_whatever_hook_raises_is_recorded_with_what_it_said(hook: str) -> None:
    wants = Subscriptions(
        candles=[CandleWanted(SHARE.id, 60)],
        ticks=[SHARE.id],
        chains=[ChainWanted("NSE:NIFTY 50", 60)],
        timers=[TimerWanted("m", seconds=60)],
    )
    hooks: dict[str, Any] = {"on_start": asks(buys(SHARE, 1, "101"))} if hook == "on_fill" else {}
    session = Session(strategies=[lambda: Scripted("ann", wants, None, **{**hooks, hook: raises})])
    ticking(session, "09:15:00", "09:15:30", "09:16:30")

    first = session.events(ev.StrategyFailed)[0]
    assert (first.strategy, first.hook, first.error) == ("ann", hook, "ValueError: boom")
    assert session.state.trades == (1 if hook == "on_fill" else 0)
    assert session.proof().passed


def test_a_failed_strategy_is_not_asked_for_entries_again_but_for_exits() -> None:
    heard: list[tuple[str, str, str]] = []

    def make() -> Scripted:
        def on_tick(quote: Quote, instrument: object, view: View) -> Iterable[Command]:
            return (sells(SHARE, 10),) if view.position(SHARE.id, Product.MIS) and view.is_stopped else ()

        return Scripted(
            "ann", ENTRY, heard, on_start=asks(buys(SHARE, 10, "101")), on_tick=on_tick, on_candle=raises
        )

    session = ticking(Session(strategies=[make]), "09:15:00", "09:15:30", "09:16:00", "09:17:00", "09:18:00")

    assert failures(session) == [("ann", "on_candle", "entries")]
    assert [clock for hook, _, clock in heard if hook == "on_candle"] == ["09:16:00"]
    assert session.held(SHARE, Product.MIS) == 0
    assert [clock for clock, quantity, _ in session.fills() if quantity < 0] == ["09:17:00"]


def test_after_a_failure_it_goes_on_as_a_fresh_object_with_its_last_note() -> None:
    """What was half done in the failed object is not trusted."""
    made: list[Scripted] = []

    def make() -> Scripted:
        script = Scripted("ann", at("09:20", "09:30", "09:40"))

        def on_timer(name: str, view: View) -> Iterator[Command]:
            if name == "09:20":
                yield Note(Memory(7))
            if name == "09:30":
                yield Note(Memory(8))  # lost with the rest of what this call asked for
                raise ValueError("boom")

        script.hooks["on_timer"] = on_timer
        made.append(script)
        return script

    session = Session(strategies=[make])
    session.ticks(MARKET).until("10:00")

    assert len(made) == 2
    assert made[1].restored == b'{"count":7}'
    assert made[1].heard == [("on_timer", "09:40", "09:40:00")]
    assert bytes(session.state.notes["ann"]) == b'{"count":7}'


def test_what_a_failing_call_asked_for_before_it_raised_is_not_done() -> None:
    session = Session(strategies=[timed("ann", ("09:20", buys(SHARE, 10)), fails_at="09:20")])
    session.ticks(MARKET).until("09:30")

    assert session.events(ev.OrderPlaced, ev.OrderDenied) == []
    assert failures(session) == [("ann", "on_timer", "entries")]


def test_a_second_failure_silences_it_and_the_square_off_closes_the_rest() -> None:
    heard: list[tuple[str, str, str]] = []

    def make() -> Scripted:
        return Scripted("ann", ENTRY, heard, on_start=asks(buys(SHARE, 10, "101")), on_tick=raises)

    session = Session(strategies=[make], stale_s=100_000)
    ticking(session, "09:15:00", "09:16:00", "09:17:00", "09:18:00").until("15:21")

    assert failures(session) == [("ann", "on_tick", "entries"), ("ann", "on_tick", "all")]
    assert [hook for hook, _, _ in heard] == ["on_start", "on_fill", "on_tick", "on_tick"]
    assert session.held(SHARE, Product.MIS) == 0


def test_one_that_cannot_even_start_again_is_silenced() -> None:
    class Fragile(Scripted):
        def restore(self, note: bytes) -> None:
            raise ValueError("this note is from another time")

    def make() -> Scripted:
        return Fragile("ann", at("09:20", "09:30", "09:40"), on_timer=acts)

    def acts(name: str, view: View) -> Iterator[Command]:
        yield Note(Memory(1))
        if name == "09:30":
            raise ValueError("boom")

    session = Session(strategies=[make])
    session.ticks(MARKET).until("10:00")

    assert failures(session) == [("ann", "on_timer", "entries"), ("ann", "restore", "all")]


def test_others_never_notice() -> None:
    bad = timed("ann", fails_at="09:20")
    good = timed("bob", ("09:20", buys(OTHER, 10, "50")), ("09:40", buys(OTHER, 10, "49")))
    alone, together = Session(strategies=[good]), Session(strategies=[bad, good])
    for session in (alone, together):
        session.ticks(MARKET).until("15:30")

    placed = [(e.instrument, e.quantity, e.price) for e in alone.events(ev.OrderPlaced)]
    assert placed == [(e.instrument, e.quantity, e.price) for e in together.events(ev.OrderPlaced)]


def test_a_failure_is_over_with_the_day() -> None:
    session = Session(strategies=[timed("ann", ("09:40", buys(SHARE, 10, "90")), fails_at="09:20")])
    session.ticks(MARKET).until("15:31")
    assert session.denial().rule == "strategy.stopped"
    session.ticks(MARKET, NEXT_DAY)

    assert session.state.failed == {}


def test_a_failure_is_remembered_over_a_restart() -> None:
    maker = timed("ann", ("09:40", buys(SHARE, 10, "90")), fails_at="09:20")
    session = Session(strategies=[maker])
    session.ticks(MARKET).until("09:21")
    again = session.restart(strategies=[maker])
    again.until("09:41")

    assert again.denial().rule == "strategy.stopped"


def test_leaving_the_program_is_a_failure_like_any_other() -> None:
    def leaves(*_: object) -> Iterable[Command]:
        raise SystemExit(0)

    session = Session(strategies=[lambda: Scripted("ann", ENTRY, on_tick=leaves)])
    ticking(session, "09:15:00", "09:16:00")

    assert failures(session)[0] == ("ann", "on_tick", "entries")


# What a strategy may ask for


@pytest.mark.parametrize(
    "asked", [MoveMoney(1, "a gift"), ResumeTrading("I know better"), "BUY 10 ACME", None, 7]
)
def test_what_is_not_a_strategy_s_to_ask_is_a_failure(asked: Any) -> None:
    def make() -> Scripted:
        return Scripted("ann", at("09:20"), on_timer=asks(buys(SHARE, 1), asked))

    session = Session(strategies=[make])
    session.ticks(MARKET)
    session.ask("09:16", HaltTrading("stop"))
    session.until("09:30")

    assert failures(session) == [("ann", "on_timer", "entries")]
    assert "cannot ask for" in session.events(ev.StrategyFailed)[0].error
    assert session.state.halted == "stop"
    assert session.events(ev.MoneyMoved, ev.OrderPlaced) == []


def test_a_strategy_may_halt_trading() -> None:
    session = Session(strategies=[timed("ann", ("09:20", HaltTrading("too wild")))])
    session.ticks(MARKET).until("09:21")

    assert session.state.halted == "too wild"


def test_a_strategy_touches_its_own_orders_only() -> None:
    session = Session()
    others = session.ticks(MARKET).ask("09:15:01", buys(SHARE, 10, "90"))
    plan: list[tuple[str, Command]] = [
        ("09:20", CancelOrder(others)),
        ("09:21", ModifyOrder(others, quantity=500)),
    ]
    again = session.restart(strategies=[timed("ann", *plan)])
    again.until("09:30")

    assert [denied.rule for denied in again.events(ev.ModifyDenied)] == ["order.not_own"] * 2
    assert again.status(others) is Status.OPEN
    assert again.order(others).quantity == 10


def test_two_strategies_of_one_name_are_a_mistake() -> None:
    with pytest.raises(AssertionError, match="different names"):
        Session(strategies=[timed("ann"), timed("ann")])


# Hanging, with a guard


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What a hanging hook waits for; set when the test is over, so that its thread ends."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def guard() -> Iterator[TimedGuard]:
    guard = TimedGuard(0.05)
    yield guard
    guard.close()


def hanging(event: threading.Event) -> Callable[..., tuple[Command, ...]]:
    def hang(*_: object) -> tuple[Command, ...]:
        event.wait(30)
        return (buys(SHARE, 1),)

    return hang


def test_a_hung_entry_delays_no_exit_neither_its_own_nor_that_of_others(
    release: threading.Event, guard: TimedGuard
) -> None:
    def exits(quote: Quote, instrument: object, view: View) -> Iterable[Command]:
        held = view.position(SHARE.id, Product.MIS)
        return (sells(SHARE, held),) if held and quote.last < 1_000_000 else ()

    def make(name: str, on_candle: Callable[..., Iterable[Command]]) -> Scripted:
        return Scripted(
            name, ENTRY, on_start=asks(buys(SHARE, 10, "101")), on_tick=exits, on_candle=on_candle
        )

    session = Session(
        strategies=[lambda: make("ann", hanging(release)), lambda: make("bob", asks())], guard=guard
    )
    session.ticks(
        """
        time      last  bid    bid_quantity  ask     ask_quantity
        09:15:00  100   99.95  5000          100.05  5000
        09:16:00  100   99.95  5000          100.05  5000   # the entry of ann hangs here
        09:16:01  99    98.95  5000          99.05   5000   # the stop is reached
        """
    )

    assert failures(session) == [("ann", "on_candle", "entries")]
    assert "no answer within 0.05 s" in session.events(ev.StrategyFailed)[0].error
    assert [(clock, quantity) for clock, quantity, _ in session.fills() if quantity < 0] == [
        ("09:16:01", -10),
        ("09:16:01", -10),
    ]
    assert session.held(SHARE, Product.MIS) == 0


def test_what_a_hung_hook_answers_later_is_dropped(release: threading.Event, guard: TimedGuard) -> None:
    session = Session(strategies=[lambda: Scripted("ann", ENTRY, on_candle=hanging(release))], guard=guard)
    ticking(session, "09:15:00", "09:16:00")
    release.set()
    ticking(session, "09:16:01", "09:17:00", "09:18:00")

    assert session.events(ev.OrderPlaced) == []


def test_a_strategy_that_hangs_when_it_is_made_again_is_silenced(
    release: threading.Event, guard: TimedGuard
) -> None:
    class Stuck(Scripted):
        def restore(self, note: bytes) -> None:
            release.wait(30)

    def acts(name: str, view: View) -> Iterator[Command]:
        yield Note(Memory(1))
        if name == "09:30":
            raise ValueError("boom")

    session = Session(strategies=[lambda: Stuck("ann", at("09:20", "09:30"), on_timer=acts)], guard=guard)
    session.ticks(MARKET).until("10:00")

    assert failures(session) == [("ann", "on_timer", "entries"), ("ann", "restore", "all")]


def test_a_guard_hands_on_what_a_hook_returns_and_raises(guard: TimedGuard) -> None:
    assert guard(lambda: [buys(SHARE, 1)]) == [buys(SHARE, 1)]
    with pytest.raises(ZeroDivisionError):
        guard(lambda: [1 // 0])  # type: ignore[list-item]
    with pytest.raises(SystemExit):
        guard(leaves)
    assert guard(lambda: ()) == ()


def leaves() -> Any:
    raise SystemExit(3)


def test_a_guard_is_ready_again_after_a_hook_was_left_behind(
    release: threading.Event, guard: TimedGuard
) -> None:
    with pytest.raises(HookOverdue, match=r"no answer within 0\.05 s"):
        guard(hanging(release))
    assert guard(lambda: [buys(SHARE, 2)]) == [buys(SHARE, 2)]


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (msgspec.structs.replace(buys(SHARE, 1), quantity="3"), "quantity is '3' (str)"),
        (msgspec.structs.replace(buys(SHARE, 1), quantity=2.0), "quantity is 2.0 (float)"),
        (msgspec.structs.replace(buys(SHARE, 1), quantity=10**30), "quantity is 1000"),
        (msgspec.structs.replace(buys(SHARE, 1), price=np.int64(5)), "price is np.int64(5) (int64)"),
        (msgspec.structs.replace(buys(SHARE, 1), side="BUY"), "side is 'BUY' (str)"),
        (msgspec.structs.replace(buys(SHARE, 1), instrument=None), "instrument is None (NoneType)"),
        (ModifyOrder("PAPER_1", price=99.5), "price is 99.5 (float)"),  # type: ignore[arg-type]
        (PlaceBracket(buys(SHARE, 1), stoploss=98.5), "stoploss is 98.5 (float)"),  # type: ignore[arg-type]
        (PlaceIceberg(msgspec.structs.replace(buys(SHARE, 9), quantity="9"), 3), "quantity is '9' (str)"),
    ],
)
def test_what_is_no_whole_number_ends_at_the_strategy_that_sent_it(wish: Command, said: str) -> None:
    one = Session(strategies=[lambda: Scripted("ann", ENTRY, None, on_tick=asks(wish))])
    ticking(one, "09:15:00", "09:16:00", "09:17:00")

    failed, *_ = one.events(ev.StrategyFailed)
    assert said in failed.error
    assert not one.state.orders


def test_short_ways_take_any_number_that_is_whole_by_its_type() -> None:
    order = buy(SHARE.id, np.int64(5), order_type="LIMIT", price=np.int32(1000000))
    assert (type(order.quantity), type(order.price)) == (int, int)
    with pytest.raises(InvalidInput, match=r"quantity is 5\.0; write a whole number"):
        sell(SHARE.id, 5.0)  # type: ignore[arg-type]

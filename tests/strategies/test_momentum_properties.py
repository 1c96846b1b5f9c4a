"""Whatever the market and the venue do, in whatever order: what always holds of the momentum strategy."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies.floor import STRIKES, Floor, at, option_id
from tests.strategies.momentum import CALL, PUT, SPOT, WALL, decide, floor

from kasauti.domain.commands import Command
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.domain.view import Chain

CONTESTED = (CALL, PUT, option_id(25_750, "CE"), option_id(26_200, "PE"))


class Step(NamedTuple):
    """What happens: seconds pass, one option's values change, then a hook is called or the venue acts."""

    seconds: int
    action: str
    option: int
    last: int
    interest: int
    traded: int


ACTIONS = ("tick", "timer", "chain", "candle", "signal", "fill", "part", "cancel", "deny", "accept")

steps = st.lists(
    st.builds(
        Step,
        st.sampled_from((0, 1, 5, 59, 60, 300, 1_200)),
        st.sampled_from(ACTIONS),
        st.integers(0, len(CONTESTED) - 1),
        st.sampled_from((0, 1, 60, 82, 95, 99, 100, 105, 110, 121, 150)).map(rupees),
        st.sampled_from((0, 1, WALL * 9 // 10, WALL, WALL * 11 // 10)),
        st.sampled_from((-10, 0, 75, 10_000)),
    ),
    max_size=40,
)


def take(on: Floor, step: Step) -> list[Command]:
    """Let one step happen; return what the strategy asks for."""
    on.now += step.seconds * NS_PER_SECOND
    option = CONTESTED[step.option]
    volume = max(0, on.view.quote(option).volume + step.traded)
    on.set(option, last=step.last, oi=step.interest, volume=volume)
    working = on.working
    match step.action:
        case "tick":
            return on.tick(option)
        case "timer":
            return on.timer()
        case "chain":
            return on.chain()
        case "candle":
            return [*on.candle(SPOT), *on.chain()]
        case "signal":
            return decide(on, "10:30") if on.now < at("10:25") else []
        case "fill" if working:
            return on.fill(step.last or rupees(100))
        case "part" if working and working[0].leaves > 75:
            return on.fill(step.last or rupees(100), 75)
        case "cancel" if working:
            on.end(working[-1])
        case "deny" | "accept":
            on.denies = step.action == "deny"
    return []


def check(on: Floor) -> None:
    """Check what holds after every step."""
    selling: dict[str, int] = {}
    for order in on.working:
        if order.side is Side.SELL:
            selling[order.instrument] = selling.get(order.instrument, 0) + order.leaves
    for option in CONTESTED:
        assert 0 <= selling.get(option, 0) <= on.held(option)
    entered = [order for order in on.state.orders.values() if order.tag == "entry" and order.filled]
    assert len(entered) <= 1
    assert msgspec.json.encode(on.strategy.memory) == on.notes[-1]


@given(steps, st.sampled_from((1, 4)))
@settings(max_examples=150, deadline=None)
def test_one_entry_no_double_exit_and_nothing_unnoted(script: list[Step], lots: int) -> None:
    on = floor(rupees(200_000), lots=lots)
    decide(on, "10:00")
    for step in script:
        take(on, step)
        check(on)


@given(steps, st.sampled_from((1, 4)))
@settings(max_examples=100, deadline=None)
def test_a_restart_before_every_step_changes_nothing(script: list[Step], lots: int) -> None:
    whole, broken = floor(rupees(200_000), lots=lots), floor(rupees(200_000), lots=lots)
    assert decide(whole, "10:00") == decide(broken, "10:00") != []
    for step in script:
        broken.restart()
        assert take(broken, step) == take(whole, step)
        assert broken.notes[-1] == whole.notes[-1]


def test_the_same_day_in_one_go_and_in_three_processes_notes_the_same() -> None:
    """A day with an entry, a peak, an exit by the trailing stop, and a candle after it."""

    def play(between: Callable[[Floor], None]) -> list[bytes]:
        on = floor()
        decide(on, "10:00")
        between(on)
        on.now += NS_PER_SECOND
        on.fill(rupees(110))
        between(on)
        for last in (115, 130, 128, 117):
            on.now += 60 * NS_PER_SECOND
            on.tick(CALL, last=rupees(last))
            on.timer()
            between(on)
        on.fill(rupees(117))
        decide(on, "10:30")
        return [msgspec.json.encode(on.state.orders), on.notes[-1]]

    assert play(Floor.restart) == play(lambda _: None)


# Broken data


def _emptied(chain: Chain, *columns: str) -> Chain:
    zeros = {name: np.zeros(len(chain.strikes), np.int64) for name in columns}
    return msgspec.structs.replace(chain, **zeros)


def _cut(chain: Chain, size: int) -> Chain:
    names = [name for name in chain.__struct_fields__ if name not in {"at", "underlying", "expiry", "spot"}]
    return msgspec.structs.replace(chain, **{name: getattr(chain, name)[:size] for name in names})


BROKEN: dict[str, Callable[[Chain], Chain]] = {
    "no strikes": lambda chain: _cut(chain, 0),
    "one strike": lambda chain: _cut(chain, 1),
    "strikes on one side only": lambda chain: _cut(chain, 4),
    "no prices": lambda chain: _emptied(chain, "call_last", "put_last"),
    "no call prices": lambda chain: _emptied(chain, "call_last"),
    "no open interest": lambda chain: _emptied(chain, "call_open_interest", "put_open_interest"),
    "no puts open": lambda chain: _emptied(chain, "put_open_interest"),
    "no volume": lambda chain: _emptied(chain, "call_volume", "put_volume"),
    "no spot": lambda chain: msgspec.structs.replace(chain, spot=0),
    "nothing listed": lambda chain: msgspec.structs.replace(
        _emptied(chain, "call_open_interest", "put_open_interest", "call_last", "put_last"),
        call_ids=(None,) * len(STRIKES),
        put_ids=(None,) * len(STRIKES),
    ),
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_snapshot_is_taken_without_an_error(damage: Callable[[Chain], Chain]) -> None:
    on = floor()
    decide(on, "10:00", values={"oi": WALL})
    on.now = at("10:05")
    on.candle(SPOT)

    on.chain(damage(on.read_chain()))

    assert decide(on, "10:15") != [], "a whole chain is decided on again"


@pytest.mark.parametrize(
    "damage",
    [pytest.param(BROKEN[name], id=name) for name in BROKEN if name not in {"no volume", "no spot"}],
)
def test_a_broken_snapshot_is_not_decided_on(damage: Callable[[Chain], Chain]) -> None:
    """The snapshot of the signal itself is broken."""
    on = floor()
    decide(on, "10:00", values={"oi": WALL})
    on.now = at("10:05")
    on.set(CALL, last=rupees(110), oi=WALL - 10_000)
    on.candle(SPOT)

    assert on.chain(damage(on.read_chain())) == []


def test_a_floor_without_a_market_asks_for_nothing() -> None:
    on = floor()
    on.board.last[:] = on.board.open_interest[:] = on.board.volume[:] = 0
    for clock in ("09:30", "09:35", "14:50"):
        on.now = at(clock)
        assert on.candle(0) == on.chain() == on.timer() == []

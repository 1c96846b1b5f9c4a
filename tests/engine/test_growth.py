"""
Nothing per event grows with history: twice the work takes twice the steps.

Steps are lines of the package that are run, counted by a trace function, so no clock is involved.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from tests.trading import (
    CALENDAR,
    DAY,
    SHARE,
    UNIVERSE,
    Session,
    buys,
    moment,
    sells,
    timed,
)

from kasauti import compiled
from kasauti.analytics.proof import prove
from kasauti.domain import events as ev
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.inputs import Advance, Ask
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.market import TickBatch
from kasauti.domain.order import Product
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook
from kasauti.ports import RiskRule
from kasauti.risk.rules import MaxDailyLoss, MaxOpenOrders, MaxOrdersPerDay, MaxOrderValue

pytestmark = pytest.mark.skipif(bool(compiled.MODULES), reason="compiled code runs no lines to be counted")


def clock_after(clock: str, seconds: int) -> str:
    """Return the clock that many seconds later."""
    return ist_clock(moment(clock) + seconds * NS_PER_SECOND)


GATE: list[RiskRule] = [
    MaxOrderValue(10**18),
    MaxOpenOrders(10**9),
    MaxOrdersPerDay(10**9),
    MaxDailyLoss(10**18),
]


def steps(work: Callable[[], Any]) -> int:
    """Return how many lines of kasauti `work` runs."""
    count = 0

    def line(frame: FrameType, what: str, _: object) -> Any:
        nonlocal count
        count += what == "line"
        return line

    def call(frame: FrameType, what: str, _: object) -> Any:
        return (
            line
            if "kasauti" in frame.f_code.co_filename and "/tests/" not in frame.f_code.co_filename
            else None
        )

    before = sys.gettrace()
    sys.settrace(call)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def market(profile: str = "depth", universe: Universe = UNIVERSE, **setup: Any) -> Session:
    """Return a session in which a price stands for every instrument, and nothing moves by itself."""
    session = Session(profile, universe=universe, capital=10**11, stale_s=100_000, risk=GATE, **setup)
    size = len(universe)
    prices = [1_000_000] * size
    at = [moment("09:15")] * size
    return session.feed(TickBatch.of(at=at, slot=list(range(size)), last=prices, bid=prices, ask=prices))


def trades(session: Session, n: int) -> None:
    for number in range(n):
        command = (buys, sells)[number % 2](SHARE, 1)
        session.engine.handle(Ask(moment("09:16") + number, command))


def resting(session: Session, n: int, start: str = "09:16") -> list[str]:
    ids = []
    for number in range(n):
        price = str(50 + number % 40)
        at = moment(start) + number
        ids.append(
            session.engine.handle(Ask(at, buys(SHARE, 1, price, command_id=f"c{start}{number}"))) or ""
        )
    return ids


def ticks(n: int) -> TickBatch:
    """Return `n` ticks of one share that does not move."""
    start, prices = moment("09:30"), [1_000_000] * n
    slots = [UNIVERSE.slot(SHARE.id)] * n
    return TickBatch.of(at=range(start, start + n), slot=slots, last=prices, bid=prices, ask=prices)


def place_and_fill(n: int) -> int:
    session = market()
    return steps(lambda: trades(session, n))


def place_and_rest(n: int) -> int:
    session = market("touch")
    return steps(lambda: resting(session, n))


def place_and_cancel(n: int) -> int:
    session = market("touch")

    def work() -> None:
        for number in range(n):
            (order_id,) = resting(session, 1, f"09:{16 + number // 60}:{number % 60:02d}")
            session.engine.handle(Ask(session.engine.now + 1, ModifyOrder(order_id, quantity=2)))
            session.engine.handle(Ask(session.engine.now + 1, CancelOrder(order_id)))

    return steps(work)


def ask_the_same_again(n: int) -> int:
    session = market()
    return steps(lambda: [session.ask("09:16", buys(SHARE, 1, "90", command_id="once")) for _ in range(n)])


def be_denied(n: int) -> int:
    session = market()
    return steps(lambda: [session.ask("09:16", buys(SHARE, 0)) for _ in range(n)])


def part_fills_of_one_order(n: int) -> int:
    session = market("touch")
    session.ask("09:16", buys(SHARE, 10 * n, "99"))

    def work() -> None:
        size = [1] * n
        at = [moment("09:30") + number for number in range(n)]
        asks = [980_000 + 500 * (number % 2) for number in range(n)]
        slot = [session.universe.slot(SHARE.id)] * n
        session.feed(
            TickBatch.of(
                at=at, slot=slot, last=asks, bid=asks, ask=asks, bid_quantity=size, ask_quantity=size
            )
        )

    counted = steps(work)
    assert session.state.trades == n
    return counted


def watched_ticks(n: int) -> int:
    session = market("depth")
    resting(session, 5)
    data = ticks(n)
    return steps(lambda: session.feed(data))


def ticks_nobody_waits_for(n: int) -> int:
    session = market("touch")
    resting(session, 50)
    data = ticks(20 * n)
    return steps(lambda: session.feed(data))


def ticks_after_much_history(n: int) -> int:
    """A hundred ticks cost the same after n trades as after 2 n."""
    session = market("depth")
    trades(session, n)
    data = ticks(100)
    return steps(lambda: session.feed(data))


def orders_after_much_history(n: int) -> int:
    session = market()
    trades(session, n)
    return steps(lambda: [session.ask("09:40", buys(SHARE, 1)) for _ in range(20)])


def stops(n: int) -> int:
    session = market("touch")

    def work() -> None:
        for number in range(n):
            trigger = str(150 + number % 40)
            session.engine.handle(Ask(moment("09:16") + number, buys(SHARE, 1, trigger=trigger)))

    return steps(work)


def trades_among_many_stops(n: int) -> int:
    session = market("touch")
    for number in range(n):
        session.engine.handle(Ask(moment("09:16") + number, buys(SHARE, 1, trigger=str(150 + number % 40))))
    return steps(lambda: trades(session, 20))


def many(n: int) -> Universe:
    return Universe([Instrument(Exchange.NSE, f"S{i}", Kind.EQUITY, 500, name=f"S{i}") for i in range(n)])


def positions_and_their_close(n: int) -> int:
    universe = many(n)
    session = market("touch", universe)

    def work() -> None:
        for number, instrument in enumerate(universe):
            session.engine.handle(Ask(moment("09:16") + number, buys(instrument, 1)))
        session.engine.handle(Advance(moment("15:31")))

    counted = steps(work)
    assert session.state.trades == 2 * n
    return counted


def a_close_after_many_orders_in_many_instruments(n: int) -> int:
    universe = many(n)
    session = market("touch", universe)
    for number in range(4 * n):
        command = buys(universe[number % n], 1, product=Product.CNC)
        session.engine.handle(Ask(moment("09:16") + number, command))
    return steps(lambda: session.until("15:31"))


def days(n: int) -> int:
    session = market()
    day = DAY

    def work() -> None:
        nonlocal day
        for _ in range(n):
            session.ask("10:00", buys(SHARE, 1, "90", product=Product.CNC), day)
            session.until("15:31", day)
            day = CALENDAR.next_trading_day(day)

    return steps(work)


def strategies_timers(n: int) -> int:
    clocks = [clock_after("09:16", 20 * number) for number in range(n)]
    session = market(strategies=[timed("ann", *((clock, buys(SHARE, 1)) for clock in clocks))])
    counted = steps(lambda: session.until(clock_after("09:16", 20 * n)))
    assert session.state.trades == n
    return counted


def a_log(n: int) -> list[ev.Recorded]:
    session = market("touch")
    trades(session, n)
    resting(session, n, "09:20")
    return list(session.log)


def replay(n: int) -> int:
    log = a_log(n)
    return steps(lambda: State.replay(log))


def proof(n: int) -> int:
    log = a_log(n)
    return steps(lambda: prove(log, UNIVERSE.find, ChargeBook))


def restart(n: int) -> int:
    session = market("touch")
    resting(session, n)
    return steps(lambda: session.restart(profile="touch"))


DOUBLES = [
    place_and_fill,
    place_and_rest,
    place_and_cancel,
    ask_the_same_again,
    be_denied,
    part_fills_of_one_order,
    stops,
    watched_ticks,
    positions_and_their_close,
    a_close_after_many_orders_in_many_instruments,
    days,
    strategies_timers,
    replay,
    proof,
    restart,
]
STAYS = [ticks_nobody_waits_for, ticks_after_much_history, orders_after_much_history, trades_among_many_stops]


@pytest.mark.parametrize("work", DOUBLES, ids=lambda work: work.__name__)
def test_twice_as_much_takes_twice_the_steps(work: Callable[[int], int]) -> None:
    work(3)  # what is looked up once has been
    once, twice = work(40), work(80)

    assert once > 40
    assert twice / once < 2.3


@pytest.mark.parametrize("work", STAYS, ids=lambda work: work.__name__)
def test_what_nobody_waits_for_and_what_is_past_costs_nothing(work: Callable[[int], int]) -> None:
    work(3)
    once, twice = work(40), work(80)

    assert twice / once < 1.3


def test_steps_are_counted() -> None:
    """The measure itself: work that is quadratic is seen as that."""
    session = market()
    trades(session, 40)

    def quadratic(n: int) -> int:
        return steps(lambda: [State.replay(session.log[:length]) for length in range(0, n, 5)])

    assert quadratic(80) / quadratic(40) > 3

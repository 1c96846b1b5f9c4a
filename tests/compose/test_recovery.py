"""A session that is cut off anywhere and taken up again ends its day as if nothing had happened."""

import random
from pathlib import Path

import pytest
from tests.compose.worlds import (
    BUSY_DAY,
    by_moments,
    events_of,
    fills_of,
    market_of,
    momentum_day,
    renumbered,
    rows,
    settings,
    strategy,
    trade,
    trade_until_cut,
)
from tests.tables import bars_of, ticks_of
from tests.trading import DAY, NAMES, UNIVERSE

from kasauti.analytics.proof import prove
from kasauti.compose.account import OpenAccount
from kasauti.compose.instruments import known_instrument
from kasauti.compose.markets import Market
from kasauti.compose.trader import Answer, UniversalPaperTrader
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI

SHARE = "NSE:RELIANCE"
#: Events that a session records before its engine runs: the account's opening and its own start.
NOT_TOLD = 2


def busy(profile: str) -> Loaded:
    """Return the settings of a strategy that keeps orders of all kinds open."""
    return settings(
        strategies=strategy(BUSY_DAY, instrument=SHARE),
        simulator__fill_profile=profile,
        simulator__stale_after_s=20,
    )


def uninterrupted(folder: Path, market: Market, loaded: Loaded) -> list[ev.Recorded]:
    trade(folder, market, loaded)
    return events_of(folder)


def cuts(seed: int, log: list[ev.Recorded], count: int) -> list[int]:
    """Return numbers of events before the last ones, which come together and close the day."""
    return sorted(random.Random(seed).sample(range(2, len(log) - 8), count))


def test_the_momentum_strategy_goes_on_wherever_it_was_cut(tmp_path: Path) -> None:
    market, loaded = momentum_day(), settings()
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    assert [each.event.TAG for each in whole].count("order.filled") == 2, "it trades"
    entry = next(each.seq for each in whole if isinstance(each.event, ev.OrderPlaced))

    for cut in [*cuts(1, whole, 6), entry - 2, entry - 1, entry]:
        folder = tmp_path / str(cut)
        assert trade_until_cut(folder, market, loaded, cut)
        trade(folder, market, loaded)

        assert renumbered(events_of(folder)) == renumbered(whole), f"cut after event {cut}"


@pytest.mark.parametrize("profile", ["touch", "pessimistic", "ltp", "depth"])
def test_orders_of_every_kind_go_on_after_cuts_in_cuts(tmp_path: Path, profile: str) -> None:
    """
    At the end of a minute's batch nothing is on its way.

    With `depth` a resting order loses its place in the queue, which here changes no trade: what it may change
    is in `test_after_a_restart_a_resting_order_joins_the_end_of_its_queue`.
    """
    market, loaded = momentum_day(), busy(profile)
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    assert [each.event.TAG for each in whole].count("order.filled") > 30, "it is busy"

    folder = tmp_path / "cut"
    sessions = 0
    while trade_until_cut(folder, market, loaded, 25):
        sessions += 1

    assert sessions > 5
    assert renumbered(events_of(folder)) == renumbered(whole)


def test_a_crash_of_the_recovery_itself_changes_nothing(tmp_path: Path) -> None:
    market, loaded = momentum_day(), busy("touch")
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    folder = tmp_path / "cut"
    assert trade_until_cut(folder, market, loaded, 90)
    for _ in range(5):
        with OpenAccount(folder, "main") as account:
            trader = UniversalPaperTrader(loaded, account, market, guarded=False)
            trader.begin(trader.past(0), Answer.RESUME)
            # And the process is gone: it has said that it is here, and not that it went.

    trade(folder, market, loaded)

    log = events_of(folder)
    assert renumbered(log) == renumbered(whole)
    assert [each.event.TAG for each in log].count("session.started") == 7
    assert [each.event.TAG for each in log].count("session.stopped") == 1


def test_an_order_on_its_way_at_the_cut_arrives_and_meets_what_comes_next(tmp_path: Path) -> None:
    """What stood on the board may have been used before the crash, so it is not traded against."""
    market, loaded = by_moments(momentum_day()), settings()
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    placed = next(each for each in whole if isinstance(each.event, ev.OrderPlaced))
    noted = whole[placed.seq]
    (filled_at, _), *_ = fills_of(whole)
    folder = tmp_path / "cut"
    assert trade_until_cut(folder, market, loaded, placed.seq - NOT_TOLD)
    assert rows(events_of(folder))[-2:] == rows([placed, noted]), "the order is on its way"

    trade(folder, market, loaded)

    log = events_of(folder)
    again = next(each for each in log if isinstance(each.event, ev.OrderPlaced))
    (at, fill), *_ = fills_of(log)
    assert again == placed, "the decision is the one that was made, and made once"
    assert filled_at - placed.at < NS_PER_SECOND, "without a crash it meets what stands"
    assert at - placed.at == 10 * NS_PER_SECOND, "after one, the next moment of this market"
    assert fill.evidence.at == at
    assert prove(log, known_instrument, ChargeBook).passed


QUEUE = """
time      last   bids                 asks                 volume
09:15:00  100    100x500,99.95x500    100.05x500,100.1x500  1000
09:16:00  100    100x500,99.95x500    100.05x500,100.1x500  1000
09:17:00  100    100x500,99.95x500    100.05x500,100.1x500  1400    # 400 ahead of us trade
09:18:00  100    100x500,99.95x500    100.05x500,100.1x500  1400
09:19:00  100    100x500,99.95x500    100.05x500,100.1x500  1700    # our turn, unless we queue again
09:20:00  100    100x500,99.95x500    100.05x500,100.1x500  1700
"""

JOIN = """
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.order import OrderType, Side
from kasauti.strategies import Product, Strategy, Subscriptions, TimerWanted


class Join(Strategy):
    class Memory(Strategy.Memory, kw_only=True):
        minutes: int = 0

    def subscriptions(self):
        return Subscriptions(timers=[TimerWanted("join", seconds=60)])

    def on_timer(self, name, view):
        if not view.working() and not view.positions():
            yield PlaceOrder("NSE:ACME", Side.BUY, 100, OrderType.LIMIT, Product.MIS, 100_0000)
        self.memory.minutes += 1
        yield self.note()
"""


def filled(log: list[ev.Recorded]) -> int:
    return sum(fill.quantity for _, fill in fills_of(log))


def test_after_a_restart_a_resting_order_joins_the_end_of_its_queue(tmp_path: Path) -> None:
    """The one thing that a crash costs: where an order stood in its queue is nobody's to know any more."""
    file = tmp_path / "join.py"
    file.write_text(JOIN)
    loaded = settings(
        strategies=strategy(f"{file}:Join"), simulator__fill_profile="depth", simulator__stale_after_s=3600
    )
    batch = ticks_of(QUEUE, lambda name: UNIVERSE.slot(NAMES[name].id), DAY)
    market = by_moments(market_of([batch], "queue"))
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    later = [each.seq for each in whole if isinstance(each.event, ev.StrategyNoted)][2]
    assert trade_until_cut(tmp_path / "cut", market, loaded, later - NOT_TOLD)

    trade(tmp_path / "cut", market, loaded)

    log = events_of(tmp_path / "cut")
    assert filled(whole) == 100, "behind 500, of which 400 traded before and 300 after"
    assert filled(log) == 0, "behind 500 again"
    assert prove(log, known_instrument, ChargeBook).passed


def test_a_strategy_on_bars_goes_on_wherever_it_was_cut(tmp_path: Path) -> None:
    draw = random.Random(4)
    lines, price = ["time open high low close volume"], 100.0
    for minute in range(120):
        opened, price = price, round(price + draw.choice((-0.4, -0.2, 0, 0.2, 0.4)), 2)
        high, low = max(opened, price) + 0.1, min(opened, price) - 0.1
        clock = f"{9 + (15 + minute) // 60}:{(15 + minute) % 60:02d}"
        lines.append(f"{clock} {opened:.2f} {high:.2f} {low:.2f} {price:.2f} 500")
    bars = bars_of("\n".join(lines), lambda name: UNIVERSE.slot(NAMES[name].id), DAY, 60)
    market = market_of([bars[at : at + 5] for at in range(0, 120, 5)], "bars")
    loaded = settings(
        strategies=strategy(
            "ema_rsi", instrument="NSE:ACME", candle_s=180, periods=[2, 4, 3], quantity=10, rsi_ceiling=100
        ),
        simulator__fill_profile="touch",
    )
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    assert [each.event.TAG for each in whole].count("order.filled") > 4, "it trades"

    for cut in cuts(2, whole, 8):
        folder = tmp_path / str(cut)
        assert trade_until_cut(folder, market, loaded, cut)
        trade(folder, market, loaded)

        assert renumbered(events_of(folder)) == renumbered(whole), f"cut after event {cut}"


def test_what_a_start_finds_is_what_the_crash_left(tmp_path: Path) -> None:
    """Positions, stops, peaks, the day's counts and what the strategy knows, from the log alone."""
    market, loaded = momentum_day(), settings()
    whole = uninterrupted(tmp_path / "whole", market, loaded)
    entered = next(each.seq for each in whole if isinstance(each.event, ev.OrderFilled))
    folder = tmp_path / "cut"
    assert trade_until_cut(folder, market, loaded, entered + 9)

    with OpenAccount(folder, "main") as account:
        found, log = account.state, list(account.log.read())
        at_the_time = State.replay(log)
        trader = UniversalPaperTrader(loaded, account, market, guarded=False)
        past = trader.past(account.last_written_ns + 90 * 10**9)
        trader.begin(past, Answer.RESUME)
        after = account.state

        assert found.held
        assert found.day_trades == 1
        note = found.notes["intraday_momentum_oi"]
        assert b'"peak":' in bytes(note)
        assert b'"levels":' in bytes(note)
        assert (past.crashed, past.same_day, past.last_at) == (True, True, log[-1].at)
        assert past.downtime_s == 90
        for field in ("positions", "books", "ledger", "orders", "working", "timers", "day_trades", "notes"):
            assert getattr(after, field) == getattr(at_the_time, field), field
        running = trader.engine._desk._hosted[0].strategy
        assert isinstance(running, IntradayMomentumOI)
        held = running.memory.held
        assert held is not None
        assert held.instrument == found.held[0].instrument
        assert str(held.peak).encode() in bytes(note)


def test_snapshots_change_nothing_but_the_time_a_start_takes(tmp_path: Path) -> None:
    market = momentum_day()
    whole = uninterrupted(tmp_path / "whole", market, settings())
    loaded = settings(storage__snapshot_every=20)
    folder = tmp_path / "cut"
    while trade_until_cut(folder, market, loaded, 60):
        assert list(folder.glob("*.snapshot"))

    opened = ev.AccountOpened  # has the settings in it
    assert renumbered(events_of(folder), opened) == renumbered(whole, opened)

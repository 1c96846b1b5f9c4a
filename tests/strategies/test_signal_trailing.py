"""A signal strategy's stop follows the best close, as an order at the exchange, and never goes back."""

from decimal import Decimal

import numpy as np
import pytest
from tests.trading import SHARE, Session

from kasauti.domain import events as ev
from kasauti.domain.money import format_price
from kasauti.domain.order import OrderType, Product
from kasauti.domain.signals import LevelKind, SignalTag
from kasauti.simulator.kernel.running import BarColumns, run_kernel
from kasauti.simulator.kernel.terms import NotHere
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy, rows_of


class Trailing(SignalStrategy):
    """Buys on the first bar, or sells, and leaves by its stop."""

    side = 1
    stop: float | None = None

    def signals(self, bars: Bars) -> Signals:
        first = np.arange(len(bars)) == 0
        entry = {"long_entry": first} if self.side > 0 else {"short_entry": first}
        return Signals(**entry, quantity=10, trail_percent=1, stop_percent=self.stop)


def run(closes: list[float], side: int = 1, stop: float | None = None) -> Session:
    """Return a session over bars that go straight from close to close."""

    def make() -> SignalStrategy:
        made = Trailing(Trailing.Parameters(instrument=SHARE.id, product=Product.MIS))
        made.side, made.stop = side, stop
        return made

    session = Session("touch", strategies=[make])
    before, rows = closes[0], []
    for n, close in enumerate(closes):
        low, high = min(before, close), max(before, close)
        rows.append(f"{9 + (15 + n) // 60:02d}:{(15 + n) % 60:02d} {before} {high} {low} {close}")
        before = close
    return session.bars("time open high low close\n" + "\n".join(rows))


def stops(session: Session) -> list[str]:
    """Return where the stop was placed and moved to."""
    placed = {
        each.order_id: each.trigger_price
        for each in session.events(ev.OrderPlaced)
        if each.tag == SignalTag.STOP
    }
    moved = [each.trigger_price for each in session.events(ev.OrderModified) if each.order_id in placed]
    return [format_price(price) for price in [*placed.values(), *moved]]


def test_it_begins_behind_the_entry_and_follows_better_closes_only() -> None:
    session = run([100, 100, 102, 101.5, 103, 102.5, 101, 101])
    assert stops(session) == ["99.00", "100.95", "101.95"]
    sold = session.fills()[-1]
    assert sold[1:] == (-10, "101.95"), "the stop trades at its trigger within the bar"
    assert session.held(SHARE, Product.MIS) == 0


def test_a_stop_of_its_own_stands_until_the_trail_is_nearer() -> None:
    session = run([100, 100, 100.5, 103, 103.5], stop=3)
    assert stops(session)[0] == "97.00"
    assert stops(session)[1:] == ["99.45", "101.95", "102.45"]


def test_a_short_is_followed_from_above() -> None:
    session = run([100, 100, 98, 98.5, 97, 97.5, 98.5, 99], side=-1)
    assert stops(session) == ["101.00", "99.00", "98.00"]
    assert session.held(SHARE, Product.MIS) == 0


def test_after_25_changes_it_is_placed_anew() -> None:
    closes = [100.0, 100.0, *(100 + n for n in range(1, 32))]
    session = run(closes)
    placed = [each for each in session.events(ev.OrderPlaced) if each.tag == SignalTag.STOP]
    assert len(placed) == 2
    assert session.events(ev.ModifyDenied) == []
    working = [each for each in session.state.working_orders() if each.order_type is OrderType.SL_M]
    assert [format_price(each.trigger_price) for each in working] == [stops(session)[-1]]
    assert format_price(working[0].trigger_price) == "129.65", "one per cent behind 131, to the tick"


def test_the_kernel_leaves_it_to_the_engine() -> None:
    strategy = Trailing(Trailing.Parameters(instrument=SHARE.id))
    size = 4
    bars = Bars.of(
        instrument=SHARE,
        seconds=60,
        start=np.arange(size) * 60_000_000_000,
        open=np.full(size, 1_000_000),
        high=np.full(size, 1_000_000),
        low=np.full(size, 1_000_000),
        close=np.full(size, 1_000_000),
        volume=np.zeros(size, np.int64),
    )
    rows = rows_of(strategy.signals(bars), bars, strategy.parameters)
    assert (rows.trail.kind, rows.row(0).trail) == (LevelKind.PARTS, 10_000)
    nothing = np.zeros((0, 0), np.int64)
    columns = BarColumns.of(bars.start, (bars.start,) * 4, bars.start, 60)
    with pytest.raises(NotHere, match="follows the price"):
        run_kernel(columns, rows, nothing, nothing, nothing)


def test_a_decimal_is_a_per_cent_too() -> None:
    signals = Signals(trail_percent=Decimal("0.5"))
    assert signals.trail_percent == Decimal("0.5")

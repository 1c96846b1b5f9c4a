"""A strategy that knows what is listed tomorrow is found out; one that does not passes."""

from datetime import date
from itertools import count
from typing import ClassVar

import msgspec
import numpy as np
import pytest
from tests.compose.worlds import settings
from tests.tables import bars_of

import kasauti
from kasauti.compose.lookahead import Changed, Step, check_lookahead
from kasauti.compose.markets import Market
from kasauti.compose.played import Played
from kasauti.compose.strategies import given_strategy
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import ist_clock
from kasauti.errors import InvalidInput
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

DAYS = (date(2026, 11, 23), date(2026, 11, 25))
OLD, NEW = (Instrument(Exchange.NSE, name, Kind.EQUITY, 500, name=name) for name in ("OLD", "NEW"))

MINUTES = """
    time  of   open high low close volume
    09:16 {0}  100  101  99  100   1000
    09:17 {0}  100  102  99  101   1000
    09:18 {0}  101  103  99  102   1000
    09:19 {0}  102  104  99  103   1000
"""


def market() -> Market:
    """Return a day of OLD, then a day of NEW."""
    universe = Universe([OLD, NEW])
    batches = [
        bars_of(MINUTES.format(each.name), lambda name: universe.slot(f"NSE:{name}"), day, 60)
        for each, day in zip((OLD, NEW), DAYS, strict=True)
    ]
    return Market(
        label="two days",
        source="test",
        universe=universe,
        days=DAYS,
        is_bars=True,
        is_dense=False,
        underlying="",
        play=lambda _: iter(batches),
    )


def waves() -> Market:
    """Return two hours of OLD that rise and fall."""
    rows = [
        f"{9 + (16 + n) // 60:02d}:{(16 + n) % 60:02d} OLD {p} {p + 1} {p - 1} {p} 1000"
        for n, p in enumerate([100, 101, 102, 103, 102, 101] * 20)
    ]
    table = "\n".join(["time of open high low close volume", *rows])
    batches = [bars_of(table, lambda _: 0, DAYS[0], 60)]
    return msgspec.structs.replace(
        market(), universe=Universe([OLD]), days=DAYS[:1], play=lambda _: iter(batches)
    )


class Honest(kasauti.Strategy):
    """Buys and sells in turn, by what it has seen."""

    candles = "1m"

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        held = view.held(candle.instrument)
        if held:
            return [kasauti.sell(candle.instrument, held, product="MIS")]
        return [kasauti.buy(candle.instrument, 1, product="MIS")]


class Clairvoyant(Honest):
    """Buys more on the first day where a share is known that comes on the second."""

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        if candle.instrument == OLD.id and not view.held(OLD.id) and view.instrument(NEW.id) is not None:
            return [kasauti.buy(OLD.id, 7, product="MIS")]
        return super().on_candle(candle, view)


class Peeks(SignalStrategy):
    """Long where the next bar closes higher."""

    def signals(self, bars: Bars) -> Signals:
        """Look one bar ahead."""
        rises = np.append(bars.close[1:] > bars.close[:-1], False)
        return Signals(long_entry=rises, long_exit=~rises)


class Follows(SignalStrategy):
    """Long where the bar closed higher than the one before."""

    def signals(self, bars: Bars) -> Signals:
        """Look one bar back."""
        rises = np.append(False, bars.close[1:] > bars.close[:-1])
        return Signals(long_entry=rises, long_exit=~rises)


class Idle(kasauti.Strategy):
    """Wants candles and does nothing."""

    candles = "1m"


def test_decisions_on_the_past_do_not_change() -> None:
    checked = check_lookahead(settings(), market(), given_strategy(Honest), cuts=20)

    assert checked.changed is None
    assert len(checked.cuts) > 5


def test_the_first_decision_that_less_data_changes_is_named() -> None:
    checked = check_lookahead(settings(), market(), given_strategy(Clairvoyant))

    assert isinstance(checked.changed, Changed)
    assert ist_clock(checked.changed.at) == "09:17:00"
    assert checked.changed.with_all == "BUY 7 NSE:OLD MARKET"
    assert checked.changed.with_less == "BUY 1 NSE:OLD MARKET"
    assert "At 2026-11-23T09:17:00.000+05:30 it decided BUY 7" in checked.changed.sentence


@pytest.mark.parametrize(("strategy", "peeks"), [(Follows, False), (Peeks, True)])
def test_columns_of_signals_are_cut_as_well(strategy: type[SignalStrategy], *, peeks: bool) -> None:
    given = given_strategy(strategy, {"candle_s": 60, "quantity": 10})

    checked = check_lookahead(settings(), waves(), given, cuts=10)

    assert (checked.changed is not None) is peeks


def test_without_a_decision_there_is_nothing_to_check() -> None:
    with pytest.raises(InvalidInput, match="idle asked for nothing"):
        check_lookahead(settings(), market(), given_strategy(Idle))


def test_how_far_it_has_come_is_told() -> None:
    told: list[Step] = []
    check_lookahead(settings(), waves(), given_strategy(Honest), cuts=2, tell=told.append)

    assert [(each.run, each.runs) for each in told] == [(1, 3), (2, 3), (3, 3)]
    done = [each.done for each in told]
    assert done == sorted(done)
    assert 0 < done[0] < done[-1] <= 1


def test_what_time_does_not_suffice_for_is_said_and_the_first_cut_is_always_made() -> None:
    """A clock on which every look takes ten seconds: the first run took ten, and each cut begins later."""
    clock = count(0.0, 10.0).__next__
    checked = check_lookahead(
        settings(), waves(), given_strategy(Honest), cuts=10, seconds=25, clock=lambda: float(clock())
    )

    assert 1 <= len(checked.cuts) < 10
    assert checked.changed is None
    assert len(checked.cuts) + len(checked.left_out) == 10
    assert checked.cuts[-1] < checked.left_out[0]
    assert 0 < checked.unchecked < checked.decisions
    assert not checked.interrupted


class Stopped(Honest):
    """Honest until it has heard 150 candles in all: then somebody presses Ctrl-C, in a run on less data."""

    heard: ClassVar[list[int]] = []

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        self.heard.append(candle.close)
        if len(self.heard) == 150:
            raise KeyboardInterrupt
        return super().on_candle(candle, view)


def test_ctrl_c_ends_it_with_what_is_known_and_nobody_looks_ahead() -> None:
    checked = check_lookahead(settings(), waves(), given_strategy(Stopped), cuts=6)

    assert checked.interrupted
    assert checked.changed is None
    assert checked.cuts
    assert checked.left_out


def test_it_is_seen_what_a_market_had_by_when() -> None:
    at = np.array([10, 20, 30, 40], np.int64)
    ones = np.ones((3, 4), np.int64)
    present = np.array([[1, 1, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0]], np.bool_)
    slots = np.array([0, 2, 3], np.int32)
    grid = BarGrid(60, at, slots, ones, ones, ones, ones, ones, ones, present=present)
    rows = bars_of(MINUTES.format("NEW"), lambda _: 1, DAYS[0], 60)
    four = [Instrument(Exchange.NSE, name, Kind.EQUITY, 500) for name in "ABCD"]
    played = Played(
        msgspec.structs.replace(market(), universe=Universe(four), play=lambda _: iter([grid, rows]))
    )
    assert len(list(played.market.play(None))) == 2

    assert played.rows == 9
    assert played.part(40) == 5 / 9
    assert played.part(int(rows.at[0])) == 1
    assert played.first[:3].tolist() == [10, int(rows.at[0]), 30]
    assert played.first[3] > rows.at[-1]

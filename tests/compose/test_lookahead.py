"""A strategy that knows what is listed tomorrow is found out; one that does not passes."""

from datetime import date

import msgspec
import numpy as np
import pytest
from tests.compose.worlds import settings
from tests.tables import bars_of

import kasauti
from kasauti.compose.lookahead import Changed, check_lookahead
from kasauti.compose.markets import Market
from kasauti.compose.strategies import given_strategy
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
    told: list[tuple[int, int]] = []
    check_lookahead(
        settings(), market(), given_strategy(Honest), cuts=2, tell=lambda *each: told.append(each)
    )

    assert told == [(1, 3), (2, 3)]

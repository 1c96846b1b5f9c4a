"""Many signal strategies over the same bars: each row is what one run alone comes to."""

from datetime import date

import numpy as np
import pytest
from tests.compose.test_signals import Cross, _market, _minutes, run_signals
from tests.compose.worlds import settings
from tests.trading import DAY, NEXT_DAY, SHARE

from kasauti.analytics.metrics import metrics_of
from kasauti.compose.signal_sweep import figures_of, joined_ground, run_many, run_on
from kasauti.domain.order import Product
from kasauti.simulator.kernel import layout
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

PAIRS = [{"fast": fast, "slow": slow, "quantity": 10} for fast in (2, 3, 5) for slow in (9, 15)]


def test_every_row_is_the_run_alone() -> None:
    market, loaded = _market(_minutes(DAY, 1), _minutes(NEXT_DAY, 2)), settings()
    figures = run_many(loaded, market, Cross, PAIRS, threads=2)
    for place, pair in enumerate(PAIRS):
        run = run_signals(loaded, market, lambda pair=pair: Cross.from_parameters(pair))  # type: ignore[misc]
        alone = metrics_of(run)
        assert figures.net[place] == alone.net
        assert figures.charges[place] + figures.rounding[place] == alone.charges
        assert figures.fills[place] == alone.fills
        assert (figures.trips[place], figures.wins[place]) == (alone.trips, alone.wins)
        assert figures.equity[place].tolist() == run.days.equity.tolist()
        assert figures.sharpe[place] == pytest.approx(alone.sharpe)
        assert figures.max_drawdown[place] == alone.max_drawdown_amount
    assert figures.reasons == {}


def test_a_run_that_the_kernel_cannot_do_has_its_reason_and_no_figures() -> None:
    market = _market(_minutes(DAY, 1, volume=50))
    sizes = [{"quantity": 10}, {"quantity": 60}]
    figures = run_many(settings(), market, Cross, sizes, threads=1)
    assert list(figures.reasons) == [1]
    assert "larger than what its bar traded" in figures.reasons[1]
    assert (figures.fills[1], figures.net[1]) == (0, 0)
    assert figures.fills[0] > 0


class Always(SignalStrategy):
    """Buys on the first bar and leaves on the last but one."""

    def signals(self, bars: Bars) -> Signals:
        rows = np.arange(len(bars))
        return Signals(long_entry=rows == 0, long_exit=rows == len(bars) - 2)


@pytest.mark.parametrize(("at_close", "bought", "sold"), [(False, 101, 105), (True, 100, 104)])
def test_joined_days_carry_a_signal_over_the_night(at_close: bool, bought: int, sold: int) -> None:  # noqa: FBT001
    """Daily bars: bought at the open of the second or the close of the first, sold so at the end."""
    day = 86_400 * 10**9
    opens, closes = [99, 101, 103, 105], [100, 102, 104, 106]
    bars = Bars.of(
        start=np.arange(4) * day,
        open=np.array(opens) * 10_000,
        high=np.array(closes) * 10_000,
        low=np.array(opens) * 10_000,
        close=np.array(closes) * 10_000,
        seconds=86_400,
        instrument=SHARE,
    )
    ground = joined_ground(
        bars, SHARE, Product.CNC, plan="zerodha", on=date(2026, 1, 13), capital=10**8, at_close=at_close
    )
    outcome = run_on(ground, Always(), keeps=True)
    assert outcome.fills[:, layout.FILL_PRICE].tolist() == [bought * 10_000, sold * 10_000]
    figures = figures_of(ground, [Always()])
    assert figures.gross.tolist() == [(sold - bought) * 10_000]

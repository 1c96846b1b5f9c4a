"""A signal strategy through `kasauti.backtest`: computed at once where that can be, with a log if asked."""

from datetime import date

import msgspec
import pytest
from tests.tables import bars_of

import kasauti
from kasauti.compose import signals
from kasauti.compose.markets import Market
from kasauti.domain.events import OrderFilled
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.strategies.columns import Bars
from kasauti.strategies.signals import Signals, SignalStrategy

ACME = Instrument(Exchange.NSE, "ACME", Kind.EQUITY, 500, name="ACME")
DAY = date(2026, 11, 23)
TABLE = "time open high low close volume\n" + "\n".join(
    f"{9 + (16 + n) // 60:02d}:{(16 + n) % 60:02d} {p} {p + 1} {p - 1} {p} 1000"
    for n, p in enumerate([100, 101, 102, 103, 104, 105, 106] * 17)
)


def market() -> Market:
    batches = [bars_of(TABLE, lambda _: 0, DAY, 60)]
    return Market(
        label="two hours",
        source="test",
        universe=Universe([ACME]),
        days=(DAY,),
        is_bars=True,
        is_dense=False,
        underlying="",
        play=lambda _: iter(batches),
    )


class Steps(SignalStrategy):
    """Long in the first three bars of every seven."""

    def signals(self, bars: Bars) -> Signals:
        """Tell them by their price."""
        low = bars.close < 103
        return Signals(long_entry=low, long_exit=~low)


@pytest.fixture
def _kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the kernel compute what is small, too."""
    monkeypatch.setattr(signals, "KERNEL_FROM", 0)


def test_few_bars_are_done_before_the_kernel_is_loaded() -> None:
    result = kasauti.backtest(Steps, market(), parameters={"candle_s": 60, "quantity": 10})

    assert "takes longer to load" in result.run.assumptions.engine
    assert result.metrics.trips > 10


@pytest.mark.usefixtures("_kernel")
def test_the_kernel_computes_it_and_the_log_can_be_had_all_the_same() -> None:
    parameters = {"candle_s": 60, "quantity": 10}
    result = kasauti.backtest(Steps, market(), parameters=parameters)

    assert result.run.assumptions.engine.startswith("the compiled kernel")
    assert result.metrics.trips > 10
    fills = [each.event for each in result.log.read() if isinstance(each.event, OrderFilled)]
    assert [fill.price for fill in fills] == result.run.fills.price.tolist()


def test_what_the_kernel_cannot_do_goes_through_the_engine_and_says_why() -> None:
    result = kasauti.backtest(Steps, market(), parameters={"candle_s": 300, "quantity": 10})

    assert "Not the kernel for signals" in result.run.assumptions.engine


INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY")
CALL = Instrument(
    Exchange.NFO, "NIFTY26N24100CE", Kind.CALL, 5, 10, 0, "NIFTY", date(2026, 11, 24), 1_000_000, INDEX.id,
    on_index=True,
)  # fmt: skip


class Writes(Steps):
    """Short where the other is long."""

    def signals(self, bars: Bars) -> Signals:
        """Tell them by their price."""
        low = bars.close < 103
        return Signals(short_entry=low, short_exit=~low)


@pytest.mark.usefixtures("_kernel")
@pytest.mark.parametrize(
    ("strategy", "universe", "by"),
    [
        (Steps, [CALL, INDEX], "the compiled kernel"),
        (Writes, [CALL], "the compiled kernel"),  # nothing but its strike is known
        (
            Writes,
            [CALL, INDEX],
            "it sells an option to open, whose margin rests on the price of the underlying",
        ),
    ],
)
def test_options_that_are_sold_beside_their_underlying_are_margined_by_the_engine(
    strategy: type[SignalStrategy], universe: list[Instrument], by: str
) -> None:
    given = msgspec.structs.replace(market(), universe=Universe(universe))
    result = kasauti.backtest(strategy, given, parameters={"candle_s": 60, "quantity": 10, "product": "NRML"})

    assert by in result.run.assumptions.engine

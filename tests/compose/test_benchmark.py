"""What a backtest is compared with: the index, or what it trades; never an index that nobody can hold."""

import msgspec
import pytest
from tests.compose.test_failing_backtest import frame

import kasauti
from kasauti.compose.benchmark import with_benchmark
from kasauti.compose.markets import Market, built_in_market
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.simulator.market.built_in import DEMO_DAY

NIFTY, BANK, VIX = (
    Instrument(Exchange.NSE, name, Kind.INDEX, 500, name=name)
    for name in ("NIFTY 50", "NIFTY BANK", "INDIA VIX")
)
ACME, OMEGA = (Instrument(Exchange.NSE, name, Kind.EQUITY, 500, name=name) for name in ("ACME", "OMEGA"))


def market_with(*instruments: Instrument, underlying: str = "") -> Market:
    market = built_in_market(1, DEMO_DAY)
    return msgspec.structs.replace(market, universe=Universe(list(instruments)), underlying=underlying)


@pytest.mark.parametrize(
    ("instruments", "wanted", "benchmark"),
    [
        ([BANK, NIFTY, ACME, OMEGA], [], "NSE:NIFTY 50"),
        ([BANK, VIX, ACME, OMEGA], [], "NSE:NIFTY BANK"),
        ([VIX, ACME, OMEGA], [], ""),
        ([VIX, ACME], [], "NSE:ACME"),
        ([NIFTY, ACME, OMEGA], ["NSE:OMEGA", "NSE:OMEGA"], "NSE:OMEGA"),
        ([ACME, OMEGA], ["NSE:ACME", "NSE:OMEGA"], ""),
    ],
)
def test_the_benchmark_is_what_the_result_can_be_held_against(
    instruments: list[Instrument], wanted: list[str], benchmark: str
) -> None:
    assert with_benchmark(market_with(*instruments), wanted).benchmark == benchmark


def test_the_markets_underlying_comes_first() -> None:
    market = market_with(NIFTY, BANK, ACME, underlying="NSE:NIFTY BANK")

    assert with_benchmark(market, ["NSE:ACME"]).benchmark == "NSE:NIFTY BANK"


class Holds(kasauti.Strategy):
    """Buys ACME once, and sees no other price."""

    candles = "1m"
    instruments = ("NSE:ACME",)

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        return [] if view.held("NSE:ACME") or view.working() else [kasauti.buy("NSE:ACME", 1, product="CNC")]


def test_a_strategy_of_one_share_is_compared_with_the_share() -> None:
    result = kasauti.backtest(Holds, frame())

    assert result.run.assumptions.benchmark == "ACME"
    assert result.equity["benchmark"].to_list()[:3] == [100, 101, 102]

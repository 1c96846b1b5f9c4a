"""A strategy that raises while it hears a day at once: the report names its line, the bar and the time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import polars as pl
import pytest

import kasauti
from kasauti.analytics.run import Ending
from kasauti.errors import InvalidInput

#: A Monday and a Wednesday (between them was a holiday) of two shares, minute by minute, without a gap.
MINUTES = 375
DAYS = (datetime(2026, 11, 23, 9, 15), datetime(2026, 11, 25, 9, 15))  # noqa: DTZ001  IST, as in files


def frame() -> pl.DataFrame:
    """Return bars that rise and fall by turns, none like the one before."""
    rows = [
        (day + timedelta(minutes=minute), symbol, 100 + minute % 7, 1000 + minute)
        for day in DAYS
        for minute in range(MINUTES)
        for symbol in ("ACME", "OMEGA")
    ]
    return pl.DataFrame(
        {
            "time": [at for at, _, _, _ in rows],
            "symbol": [symbol for _, symbol, _, _ in rows],
            "open": [float(price) for _, _, price, _ in rows],
            "high": [price + 1.0 for _, _, price, _ in rows],
            "low": [price - 1.0 for _, _, price, _ in rows],
            "close": [float(price) for _, _, price, _ in rows],
            "volume": [volume for _, _, _, volume in rows],
        }
    )


class Raises(kasauti.Strategy):
    """Buys at the fifth bar of OMEGA, and raises at bar 1,001 of all: minute 126 of the second day, ACME."""

    candles = "1m"
    instruments = ("NSE:ACME", "NSE:OMEGA")
    heard = 0

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        self.heard += 1
        if self.heard == 1_001:
            raise ValueError("boom")
        if self.heard == 10:
            return [kasauti.buy("NSE:OMEGA", 10, product="CNC")]
        return []


class RaisesAsItYields(Raises):
    """The same, as a generator: it raises where the engine asks it for the next command."""

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> Iterator[kasauti.Command]:  # type: ignore[override]
        yield from super().on_candle(candle, view)


@pytest.mark.parametrize("strategy", [Raises, RaisesAsItYields])
def test_the_line_the_bar_and_the_time_are_those_of_the_bar_that_raised(strategy: type[Raises]) -> None:
    result = kasauti.backtest(strategy, frame())

    assert result.ending is Ending.FAILED
    assert f"ValueError: boom ({__file__} line " in result.failure
    assert result.failure.endswith("at 2026-11-25T11:21:00.000+05:30, after 1,002 bars")


def test_the_report_goes_up_to_the_bar_that_raised() -> None:
    result = kasauti.backtest(Raises, frame())

    last = result.equity["at"][-1]
    assert (last.day, last.hour, last.minute) == (25, 11, 21)
    assert result.metrics.fills == 1


def test_a_text_where_instruments_belong_is_told_from_a_tuple() -> None:
    class OneName(Raises):
        instruments = "NSE:ACME"  # type: ignore[assignment]

    with pytest.raises(InvalidInput, match=r"write a tuple, with its comma: instruments = \('NSE:ACME',\)"):
        kasauti.backtest(OneName, frame())

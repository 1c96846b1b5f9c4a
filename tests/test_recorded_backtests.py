"""
The strategies that ship, on recorded data, against the same trades worked out from the raw files.

The files are read here with pyarrow alone, and what is worked out shares nothing with the strategies but the
rules that the documents state.
"""

import os
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pyarrow.parquet as pq
import pytest

import kasauti
from kasauti.domain.ist import ist_datetime
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[2] / "shared")) / "data"
INDEX = SHARED / "index_1min" / "NIFTY_2024-01_2024-04_1min.parquet"
CHAIN = SHARED / "nifty_chain_1min_202608"
WEEK = SHARED / "index_chain_5min_2026"
SHARES = SHARED / "equities_1min_2016"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"the recorded data is not there: {SHARED}")

TICK = 500
MINUTE = timedelta(minutes=1)
#: 20 January 2024, a Saturday with a full session; 2 March was one in two parts, without intraday positions.
TWO_PARTS = datetime(2024, 3, 2).date()  # noqa: DTZ001  times in the files are IST without an offset


class Bar(msgspec.Struct):
    open: int
    high: int
    low: int
    close: int


class Trade(msgspec.Struct):
    side: int
    entry: int
    exit: int
    at: datetime


@cache
def days() -> dict[Any, dict[datetime, Bar]]:
    """Return the minutes of NIFTY by day, between 09:15 and 15:30."""
    found: dict[Any, dict[datetime, Bar]] = {}
    for row in pq.read_table(INDEX).to_pylist():
        if time(9, 15) <= row["ts"].time() < time(15, 30):
            prices = [round(row[name] * 100) * 100 for name in ("open", "high", "low", "close")]
            found.setdefault(row["ts"].date(), {})[row["ts"]] = Bar(*prices)
    return found


def worked_out(minutes: dict[datetime, Bar]) -> Trade | None:
    """
    Work an opening-range breakout out: 15 minutes, candles of five, in until 14:00, out at 15:10.

    Market orders take the next open and a tick; the stop works from the minute after the entry's own.
    """
    day = min(minutes).date()
    opens = datetime.combine(day, time(9, 15))
    first = [bar for at, bar in minutes.items() if at < opens + 15 * MINUTE]
    high, low = max(bar.high for bar in first), min(bar.low for bar in first)
    for ends in (opens + 15 * MINUTE + number * 5 * MINUTE for number in range(1, 55)):
        closes = [minutes[at].close for at in sorted(minutes) if ends - 5 * MINUTE <= at < ends]
        if not closes or low <= closes[-1] <= high or ends.time() > time(14, 0):
            continue
        side = 1 if closes[-1] > high else -1
        return _followed(minutes, ends, side, low if side > 0 else high)
    return None


def _followed(minutes: dict[datetime, Bar], since: datetime, side: int, stop: int) -> Trade:
    later = [at for at in sorted(minutes) if at >= since]
    entry = minutes[later[0]].open + side * TICK
    for at in later[1:]:
        bar = minutes[at]
        if at.time() >= time(15, 10):
            return Trade(side, entry, bar.open - side * TICK, later[0])
        if (bar.open - stop) * side <= 0:
            return Trade(side, entry, bar.open - side * TICK, later[0])
        if (bar.low if side > 0 else bar.high) * side <= stop * side:
            return Trade(side, entry, stop - side * TICK, later[0])
    raise AssertionError("a day has a minute at 15:10")


def test_every_opening_range_trade_of_four_months_is_the_one_worked_out_from_the_file() -> None:
    result = kasauti.backtest("opening_range", INDEX, index_futures=True)

    trips = result.run.trips
    made = {
        ist_datetime(at).date(): (side, entry, out)
        for side, at, entry, out in zip(
            trips.side.tolist(),
            trips.entry_at.tolist(),
            trips.entry_price.tolist(),
            trips.exit_price.tolist(),
            strict=True,
        )
    }
    expected = {
        day: (trade.side, trade.entry, trade.exit)
        for day, minutes in days().items()
        if day != TWO_PARTS and len(minutes) > 300 and (trade := worked_out(minutes)) is not None
    }
    assert len(expected) > 60
    assert {day: made.get(day) for day in expected} == expected
    assert set(made) == set(expected)
    assert TWO_PARTS not in made


def test_what_the_data_lacks_on_other_days_is_not_said() -> None:
    """Three trading days are missing in the file, 20 January has a flat tail; early February is whole."""
    (january,) = kasauti.backtest(
        "opening_range", INDEX, index_futures=True, end="2024-01-31"
    ).run.assumptions.gaps
    february = kasauti.backtest(
        "opening_range", INDEX, index_futures=True, start="2024-02-05", end="2024-02-16"
    ).run.assumptions.gaps

    assert january.startswith("repeat of everything that came before: 164")
    assert february == ()


def test_days_the_wrong_way_round_are_told() -> None:
    with pytest.raises(InvalidInput, match="2024-03-01 is after 2024-02-01; the first day comes before"):
        kasauti.backtest("opening_range", INDEX, index_futures=True, start="2024-03-01", end="2024-02-01")


def test_lots_and_charges_are_those_of_the_day() -> None:
    """NIFTY's lot was 50 until the contracts of 26 April 2024, and STT on futures 0.0125 % of the sale."""
    result = kasauti.backtest("opening_range", INDEX, index_futures=True, end="2024-01-31")

    assert set(result.run.trips.quantity.tolist()) == {50}
    sold = result.run.fills.side < 0
    turnover = (result.run.fills.price * result.run.fills.quantity)[sold]
    stt = result.run.fills.charges[sold, 1]
    assert abs(stt / turnover - 0.000125).max() < 1e-6


def test_a_straddle_on_a_recorded_chain_trades_at_prices_of_the_file() -> None:
    """Entries at the snapshot after 09:35, exits at the one after 10:15, each a tick worse."""
    result = kasauti.backtest(
        "short_straddle", CHAIN, parameters={"entry": "09:35", "exit": "10:15", "stop_percent": 60}
    )
    (file,) = CHAIN.glob("*.parquet")
    rows = {
        (row["ts"], row["strike"], row["option_type"]): row
        for row in pq.read_table(file).to_pylist()
        if row["expiry"] == datetime(2026, 8, 18)  # noqa: DTZ001  as above
    }
    decided = datetime(2026, 8, 17, 9, 35)  # noqa: DTZ001  as above
    spot = next(row["spot"] for (at, _, _), row in rows.items() if at == decided)
    strike = min({strike for _, strike, _ in rows}, key=lambda each: abs(each - spot))

    entry, leave = decided + MINUTE, datetime(2026, 8, 17, 10, 16)  # noqa: DTZ001  as above
    expected = {
        (right, *(rupees(str(round(rows[at, strike, right]["ltp"], 2))) for at in (entry, leave)))
        for right in ("CE", "PE")
    }
    trips = result.run.trips
    made = {
        (result.run.instruments[place].kind.value, sold + TICK, bought - TICK)
        for place, sold, bought in zip(
            trips.instrument.tolist(), trips.entry_price.tolist(), trips.exit_price.tolist(), strict=True
        )
    }
    assert made == expected


@pytest.mark.parametrize(
    ("strategy", "data", "more"),
    [
        ("opening_range", SHARES, {"assume_rules_of": "2024-01-01"}),
        (
            "ema_rsi",
            SHARES,
            {"assume_rules_of": "2024-01-01", "parameters": {"instrument": "NSE:RELIANCE", "quantity": 50}},
        ),
        ("ema_rsi", INDEX, {"index_futures": True, "parameters": {"instrument": "NSE:NIFTY 50"}}),
        ("intraday_momentum_oi", WEEK, {"symbols": ["NIFTY"]}),
        ("short_straddle", WEEK, {"symbols": ["BANKNIFTY"], "parameters": {"underlying": "NSE:NIFTY BANK"}}),
    ],
)
def test_what_ships_runs_on_recorded_data_with_a_report(
    strategy: str, data: Path, more: dict[str, Any], tmp_path: Path
) -> None:
    result = kasauti.backtest(strategy, data, **more)

    report = result.report(tmp_path / "report.html").read_text(encoding="utf-8")
    assert result.metrics.fills > 0
    assert result.metrics.net == int(result.run.days.equity[-1]) - result.run.capital
    assert strategy in report

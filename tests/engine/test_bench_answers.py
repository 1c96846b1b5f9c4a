"""The workloads of the comparison with other engines lead to the trades that are known of them."""

from datetime import date
from importlib import import_module
from typing import Any

import numpy as np

from kasauti.domain.ist import ist_date

bars, data = import_module("bench.bars"), import_module("bench.peers.data")

BARS = 45_000


def cross_by_columns(columns: dict[str, Any]) -> tuple[int, float]:
    """Return the fills of W1 and their profit: at the next open, what is left at the last close."""
    close, opens = columns["close"].astype(np.float64), columns["open"].astype(np.float64)
    total = np.concatenate(([0], np.cumsum(np.rint(close * 100).astype(np.int64))))
    held, fills, profit = 0, 0, 0.0
    for row in range(29, len(close) - 1):
        gap = 3 * (total[row + 1] - total[row - 9]) - (total[row + 1] - total[row - 29])
        wish = held if gap == 0 else int(gap > 0)
        if wish != held:
            fills += 1
            profit += (held - wish) * opens[row + 1]
            held = wish
    return fills, round(float(profit + held * close[-1]), 2)


def test_a_cross_on_every_bar_trades_as_its_columns_say() -> None:
    columns = {name: values[:BARS] for name, values in data.minute_bars().items()}

    figures = bars.minute_bars(columns)

    assert (figures["fills"], figures["profit"]) == cross_by_columns(columns)


def test_a_day_of_the_long_series_has_its_bars_on_a_trading_day() -> None:
    columns = {name: values[: 2 * bars.BARS_A_DAY] for name, values in data.minute_bars().items()}

    made = bars.grids(columns, date(2024, 1, 1), bars.SECONDS, bars.BARS_A_DAY)

    assert [ist_date(grid.moments[0]) for grid in made] == [date(2024, 1, 1), date(2024, 1, 2)]
    assert [len(grid) for grid in made] == [bars.BARS_A_DAY] * 2


def test_a_straddle_with_stops_has_the_known_fills_stops_and_profit() -> None:
    figures = bars.option_chain(data.option_chain())

    assert (figures["fills"], figures["stops"], figures["profit"]) == (80, 17, 15_322.50)

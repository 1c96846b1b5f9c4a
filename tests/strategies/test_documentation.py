"""What the documents promise of strategies: the example runs, and the tables are those of the code."""

import re
from datetime import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.strategies.floor import SHARE, Floor

from kasauti import plugins
from kasauti.domain.commands import buy, sell
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.market import Candle
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.ports import Strategy as StrategyPort
from kasauti.strategies import Strategy
from kasauti.strategies.ema_rsi import EmaRsi
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI
from kasauti.strategies.opening_range import OpeningRange
from kasauti.strategies.short_straddle import ShortStraddle

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "strategies.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "examples" / "first_strategy.py").read_text(encoding="utf-8")


def first_strategy() -> Strategy:
    """Find the example as the configuration does."""
    name = "examples/first_strategy.py:FirstStrategy"
    made = plugins.find("kasauti.strategies", name, port=StrategyPort, beside=ROOT).from_parameters({})
    assert isinstance(made, Strategy)
    return made


def bar(on: Floor, opened: int, closed: int) -> Candle:
    on.now += NS_PER_MINUTE
    prices = (rupees(opened), rupees(max(opened, closed)), rupees(min(opened, closed)), rupees(closed))
    return Candle(SHARE, 60, on.now - NS_PER_MINUTE, *prices)


def test_the_first_strategy_buys_on_a_rise_and_sells_on_a_fall() -> None:
    on = Floor(first_strategy)
    assert on.start() == []
    assert on.call("on_candle", bar(on, 100, 100)) == []

    assert on.call("on_candle", bar(on, 100, 101)) == [buy(SHARE, 1, product=Product.MIS)]
    assert on.call("on_candle", bar(on, 101, 102)) == [], "its order can still trade"
    on.fill(rupees(102))
    assert on.call("on_candle", bar(on, 102, 103)) == []
    assert on.call("on_candle", bar(on, 103, 102)) == [sell(SHARE, 1, product=Product.MIS)]
    on.fill(rupees(102))
    assert on.held(SHARE) == 0


def test_the_first_strategy_is_ten_lines_and_the_page_has_them_all() -> None:
    lines = EXAMPLE[EXAMPLE.index("class FirstStrategy") :].splitlines()

    assert len([line for line in lines if line.strip()]) <= 10
    assert "\n".join(lines) in PAGE


def _shown(value: Any) -> str:
    match value:
        case None:
            return "none"
        case time():
            return f"{value:%H:%M}"
        case tuple():
            return ", ".join(str(each) for each in value)
        case _:
            return str(value)


@pytest.mark.parametrize("strategy", [IntradayMomentumOI, EmaRsi, OpeningRange, ShortStraddle])
def test_the_page_has_every_parameter_with_its_default(strategy: type[Strategy]) -> None:
    section = PAGE[PAGE.index(f"\n## {strategy.name}\n") :]
    section = section[: section.index("\n## ", 4)] if "\n## " in section[4:] else section
    table = section[section.index("| parameter |") :]
    documented = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", table, re.MULTILINE))

    fields = msgspec.structs.fields(strategy.Parameters)
    assert documented == {
        field.name: "has to be set" if field.required else _shown(field.default) for field in fields
    }


def test_the_page_has_every_hook() -> None:
    hooks = [name for name in vars(StrategyPort) if name.startswith("on_")]

    assert [name for name in hooks if f"| `{name}(" not in PAGE] == []

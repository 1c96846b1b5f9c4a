"""The base class: defaults, parameters from plain values, and memory over a restart."""

from collections.abc import Iterable, Mapping
from datetime import time
from decimal import Decimal

import msgspec
import pytest
from tests.strategies.floor import INDEX, SHARE, Floor

from kasauti.domain.commands import Command, Note
from kasauti.domain.market import Candle
from kasauti.domain.money import rupees
from kasauti.errors import ConfigError, InvalidInput
from kasauti.ports import Strategy as StrategyPort
from kasauti.strategies import PlaceOrder, Product, Strategy, View, buy
from kasauti.strategies.ema_rsi import EmaRsi
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI
from kasauti.strategies.momentum_entry import Verdict
from kasauti.strategies.parameters import basis_points
from kasauti.strategies.session_vwap import SessionVwap


class Counter(Strategy):
    """Counts candles, and buys on every second one."""

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        share: str
        every: int = 2
        fraction: Decimal = Decimal(1)
        from_time: time = time(9, 15)
        product: Product = Product.MIS

    class Memory(Strategy.Memory, kw_only=True):
        candles: int = 0

    parameters: Parameters
    memory: Memory

    def on_candle(self, candle: Candle, view: View) -> Iterable[Command]:
        self.memory.candles += 1
        if self.memory.candles % self.parameters.every == 0:
            yield buy(self.parameters.share, 1)
        yield self.note()


class HTTPBridgeV2(Strategy):
    """A name with an abbreviation."""


def counter(**values: object) -> Counter:
    return Counter.from_parameters({"share": SHARE, **values})


def test_a_strategy_without_hooks_asks_for_nothing() -> None:
    floor = Floor(HTTPBridgeV2)

    assert floor.start() == floor.candle(rupees(100)) == floor.chain() == floor.timer() == []
    assert floor.tick(SHARE, last=rupees(100)) == []
    assert floor.notes == []
    assert floor.strategy.subscriptions().candles == ()


def test_every_strategy_is_one_for_the_engine() -> None:
    strategies: list[StrategyPort] = [
        HTTPBridgeV2(),
        counter(),
        IntradayMomentumOI(),
        EmaRsi.from_parameters({"instrument": SHARE}),
    ]
    methods = [name for name in vars(StrategyPort) if not name.startswith("_") and name != "name"]

    assert len(methods) >= 8
    assert all(callable(getattr(each, name)) for each in strategies for name in methods)


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (HTTPBridgeV2(), "http_bridge_v2"),
        (IntradayMomentumOI(), "intraday_momentum_oi"),
        (HTTPBridgeV2(name="other"), "other"),
        (Counter.from_parameters({"share": SHARE}, name="second"), "second"),
    ],
)
def test_a_name_is_the_class_in_snake_case_or_what_is_given(made: Strategy, name: str) -> None:
    assert made.name == name


def test_parameters_come_from_plain_values() -> None:
    values = {"every": 3, "fraction": 12.5, "from_time": "14:50", "product": "NRML"}

    assert counter(**values).parameters == Counter.Parameters(
        share=SHARE, every=3, fraction=Decimal("12.5"), from_time=time(14, 50), product=Product.NRML
    )


def test_a_whole_number_may_come_as_a_decimal() -> None:
    assert counter(every=Decimal("3.0")).parameters.every == 3


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"evry": 3}, ["counter", "'evry'", "Did you mean 'every'?"]),
        ({"zzz": 3}, ["'zzz'", "It has: share, every"]),
        ({"every": "3"}, ["every", "counter", "'3'", "expected `int`"]),
        ({"every": 2.5}, ["every", "2.5"]),
        ({"every": True}, ["every", "True"]),
        ({"fraction": "25%"}, ["fraction", "'25%'"]),
        ({"from_time": 890}, ["from_time", "890", 'in quotes, like "14:50"']),
        ({"from_time": "25:00"}, ["from_time", "25:00"]),
        ({"product": "MISS"}, ["product", "'MISS'"]),
        ({"share": None}, ["share", "None"]),
    ],
)
def test_a_wrong_parameter_is_named(values: Mapping[str, object], words: list[str]) -> None:
    with pytest.raises(ConfigError) as raised:
        counter(**values)

    assert [word for word in words if word not in str(raised.value)] == []


def test_a_missing_parameter_is_named() -> None:
    with pytest.raises(ConfigError, match="counter needs the parameter 'share'"):
        Counter.from_parameters({})


def test_a_strategy_without_parameters_says_so() -> None:
    with pytest.raises(ConfigError, match=r"http_bridge_v2 has no parameter 'lots'\. It has none\."):
        HTTPBridgeV2.from_parameters({"lots": 1})


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"initial_stop_percent": -1}, "initial_stop_percent is -1"),
        ({"initial_stop_percent": 0}, "initial_stop_percent is 0"),
        ({"initial_stop_percent": "100.01"}, "initial_stop_percent is 100.01"),
        ({"trailing_stop_percent": "9.999"}, "trailing_stop_percent is 9.999"),
        ({"vwap_stop_percent": "NaN"}, "vwap_stop_percent is NaN"),
        ({"min_unwinding_percent": "-0.01"}, "min_unwinding_percent is -0.01"),
        ({"capital_percent": 101}, "capital_percent is 101"),
        ({"initial_stop_bps": 2500}, "Did you mean 'initial_stop_percent'?"),
        ({"lots": 0}, "lots"),
        ({"lots": 1, "capital_percent": 10}, "leave one of them out"),
        ({"product": "CNC"}, "options trade as MIS or NRML"),
        ({"last_entry": "14:50"}, "have to follow each other"),
        ({"first_entry": "14:01"}, "have to follow each other"),
    ],
)
def test_wrong_parameters_of_the_momentum_strategy(values: Mapping[str, object], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        IntradayMomentumOI.from_parameters(values)

    assert words in str(raised.value)


def test_percentages_are_exact_in_whatever_way_they_are_written() -> None:
    for written in (12.5, "12.50", Decimal("12.5")):
        made = IntradayMomentumOI.from_parameters({"initial_stop_percent": written})
        assert made.parameters.stops().initial == 1_250
    assert basis_points("x", Decimal("0.01")) == 1
    assert basis_points("x", Decimal(100)) == 10_000


def test_the_defaults_are_those_of_the_source_document() -> None:
    """25 % initial, 5 % VWAP, 10 % OI reversal, 10 % trailing after 10 % profit, out by 14:50 IST."""
    chosen = IntradayMomentumOI.from_parameters().parameters

    assert msgspec.structs.astuple(chosen.stops()) == (2_500, 500, 1_000, 1_000, 1_000)
    assert chosen.mandatory_exit == time(14, 50)
    assert (chosen.candle_s, chosen.monitor_s, chosen.underlying) == (300, 60, INDEX)


def test_memory_goes_on_after_a_restart() -> None:
    floor = Floor(counter)
    assert floor.candle(rupees(100)) == []

    floor.restart()

    assert floor.candle(rupees(100)) == [PlaceOrder(SHARE, buy(SHARE, 1).side, 1)]
    assert floor.notes[-1] == b'{"candles":2}'


def test_two_strategies_of_one_class_share_no_memory() -> None:
    one, other = IntradayMomentumOI(), IntradayMomentumOI()
    one.memory.vwaps["NFO:X"] = SessionVwap()
    one.memory.verdicts.append(Verdict("window", holds=True, because="x"))

    assert other.memory == IntradayMomentumOI.Memory()


@pytest.mark.parametrize(
    "note", [b'{"candels":2}', b'{"candles":"2"}', b'{"candles":2', b"", b"[]", b'{"candles":2,"more":1}']
)
def test_a_note_that_is_not_its_own_is_refused(note: bytes) -> None:
    with pytest.raises(InvalidInput, match="counter cannot take up what it noted"):
        counter().restore(note)


def test_a_note_is_what_memory_holds() -> None:
    made = counter()
    made.memory.candles = 7

    assert isinstance(made.note(), Note)
    assert msgspec.json.encode(made.note().state) == b'{"candles":7}'

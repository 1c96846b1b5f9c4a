"""The opening range, hook by hook, on one share whose figures are worked out by hand."""

from typing import Any

import pytest
from tests.strategies.floor import SHARE, Floor, at

from kasauti import plugins
from kasauti.domain.commands import CancelOrder, Command, PlaceOrder
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import Candle
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Side
from kasauti.errors import ConfigError
from kasauti.strategies.opening_range import OpeningRange


def floor(**parameters: Any) -> Floor:
    """Return a floor at 09:30 with the range 99 to 102 made by three candles."""

    def make() -> OpeningRange:
        strategy = OpeningRange.from_parameters({"lots": 10, **parameters})
        strategy.instruments = (SHARE,)
        return strategy

    on = Floor(make)
    on.start()
    for clock, high, low, close in (
        ("09:20", 101, 100, 100),
        ("09:25", 102, 99, 101),
        ("09:30", 101, 100, 101),
    ):
        assert candle(on, clock, high, low, close) == []
    return on


def candle(on: Floor, ends: str, high: int, low: int, close: int) -> list[Command]:
    on.now = at(ends)
    on.set(SHARE, last=rupees(close))
    start = on.now - 300 * NS_PER_SECOND
    prices = rupees(close), rupees(high), rupees(low), rupees(close)
    return on.call("on_candle", Candle(SHARE, 300, start, *prices))


def placed(commands: list[Command]) -> list[tuple[Side, int, OrderType, int, str]]:
    return [
        (c.side, c.quantity, c.order_type, c.trigger_price, c.tag)
        for c in commands
        if isinstance(c, PlaceOrder)
    ]


@pytest.mark.parametrize(
    ("close", "direction", "side"),
    [
        (103, "both", Side.BUY),
        (98, "both", Side.SELL),
        (102, "both", None),
        (99, "both", None),
        (103, "short", None),
        (98, "long", None),
        (98, "short", Side.SELL),
    ],
)
def test_the_first_close_outside_the_range_is_followed(close: int, direction: str, side: Side | None) -> None:
    on = floor(direction=direction)

    orders = placed(candle(on, "09:35", 104, 97, close))

    assert orders == ([] if side is None else [(side, 10, OrderType.MARKET, 0, "entry")])
    assert placed(candle(on, "09:40", 104, 97, close)) == [], "once a day"


@pytest.mark.parametrize(("close", "side", "stop"), [(103, Side.SELL, 99), (98, Side.BUY, 102)])
def test_the_stop_rests_at_the_other_end_of_the_range(close: int, side: Side, stop: int) -> None:
    on = floor()
    candle(on, "09:35", 104, 97, close)

    assert placed(on.fill(rupees(close))) == [(side, 10, OrderType.SL_M, rupees(stop), "exit:stop")]


def test_an_entry_that_fell_through_its_stop_is_closed_at_the_market() -> None:
    on = floor()
    candle(on, "09:35", 104, 97, 103)
    on.set(SHARE, last=rupees(99))

    assert placed(on.fill(rupees(99))) == [(Side.SELL, 10, OrderType.MARKET, 0, "exit:stop")]


def test_after_the_last_entry_nothing_is_followed() -> None:
    on = floor(last_entry="09:30")

    assert candle(on, "09:35", 104, 97, 103) == []


def test_at_the_exit_the_stop_is_taken_back_before_the_position_is_closed() -> None:
    on = floor()
    candle(on, "09:35", 104, 97, 103)
    on.fill(rupees(103))
    (stop,) = on.working
    on.now = at("15:10")

    assert on.timer("exit") == [CancelOrder(stop.order_id, "leaving")]
    assert on.timer("out") == []
    on.end(stop)
    assert placed(on.timer("out")) == [(Side.SELL, 10, OrderType.MARKET, 0, "exit:time")]


def test_a_target_is_measured_in_widths_of_the_range() -> None:
    """The range is 3 wide: two of them above 102 are 108."""
    on = floor(target_ranges="2")
    candle(on, "09:35", 104, 97, 103)
    on.fill(rupees(103))
    (stop,) = on.working

    candle(on, "09:40", 108, 103, 107)
    assert on.timer("leave") == []
    candle(on, "09:45", 109, 103, 108)
    assert on.timer("leave") == [CancelOrder(stop.order_id, "leaving")]
    on.end(stop)
    assert placed(on.timer("leave")) == [(Side.SELL, 10, OrderType.MARKET, 0, "exit:target")]


def test_the_size_is_what_the_rupees_pay_for() -> None:
    """1,000 rupees buy 9 shares at 103."""
    on = floor(rupees_per_trade=1_000)

    assert placed(candle(on, "09:35", 104, 97, 103))[0][1] == 9


def test_a_restart_keeps_the_range_and_the_entry() -> None:
    on = floor()
    on.restart()
    assert len(placed(candle(on, "09:35", 104, 97, 103))) == 1
    on.restart()

    assert placed(candle(on, "09:40", 104, 97, 103)) == []


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"range_minutes": 7}, "no multiple of candle_s"),
        ({"last_entry": "15:30"}, "must come before exit"),
        ({"target_ranges": 0}, "target_ranges"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(parameters: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        plugins.make(OpeningRange, parameters, lambda name: name)

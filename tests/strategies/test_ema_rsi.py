"""
The small strategy, worked by hand.

Closes 100, 98, 96, 97, 100 with periods 2, 3 and 2. The fast EMA from the third on: 97, 97, 99; the slow one:
98, 97.5, 98.75. So it crosses above at the fifth. RSI there: rises 1.75, falls 0.5, 77.8. A sixth close of 90
gives 93 and 94.375: below again.
"""

import pytest
from tests.strategies.floor import FUTURE, INDEX, LOT, SHARE, Floor

from kasauti.domain.commands import Command, buy, sell
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.domain.view import CandleWanted, Subscriptions
from kasauti.errors import ConfigError, InvalidInput
from kasauti.strategies.ema_rsi import EmaRsi

CROSS = (100, 98, 96, 97, 100)
BOUGHT = [buy(SHARE, 10, product=Product.MIS, tag="entry")]


def floor(**parameters: object) -> Floor:
    values = {"instrument": SHARE, "quantity": 10, "periods": [2, 3, 2], "rsi_ceiling": 80, **parameters}
    return Floor(lambda: EmaRsi.from_parameters(values))


def closes(on: Floor, *values: int, of: str = SHARE) -> list[list[Command]]:
    """Let a candle close at each of `values`, in rupees; return what is asked for at each."""
    asked = []
    for value in values:
        on.now += 5 * NS_PER_MINUTE
        on.set(of, last=rupees(value))
        asked.append(on.candle(rupees(value), of))
    return asked


def holding(**parameters: object) -> Floor:
    on = floor(**parameters)
    closes(on, *CROSS)
    on.fill(rupees(100))
    return on


def sold(reason: str, quantity: int = 10) -> list[Command]:
    return [sell(SHARE, quantity, product=Product.MIS, tag=f"exit:{reason}")]


def test_it_asks_for_the_candles_of_its_share() -> None:
    assert floor(candle_s=60).strategy.subscriptions() == Subscriptions(candles=(CandleWanted(SHARE, 60),))


def test_it_buys_where_the_fast_average_crosses_above_the_slow_one() -> None:
    assert closes(floor(), *CROSS) == [[], [], [], [], BOUGHT]


@pytest.mark.parametrize(("ceiling", "asked"), [(77, []), (78, BOUGHT)])
def test_it_does_not_run_after_a_share_that_has_run_too_far(ceiling: int, asked: list[Command]) -> None:
    assert closes(floor(rsi_ceiling=ceiling), *CROSS)[-1] == asked


def test_where_it_follows_an_index_it_trades_a_lot_of_the_future_that_expires_next() -> None:
    on = floor(instrument=INDEX, quantity=None)
    assert on.strategy.subscriptions().candles == (CandleWanted(INDEX, 300),)
    assert on.start() == []

    bought = [buy(FUTURE, LOT, product=Product.MIS, tag="entry")]
    assert closes(on, *CROSS, of=INDEX)[-1] == bought
    on.fill(rupees(100))
    assert closes(on, 90, of=INDEX) == [[sell(FUTURE, LOT, product=Product.MIS, tag="exit:cross")]]


def test_of_a_share_it_buys_one_where_nothing_is_said() -> None:
    assert closes(floor(quantity=None), *CROSS)[-1] == [buy(SHARE, 1, product=Product.MIS, tag="entry")]


def test_an_index_without_futures_is_told_as_the_day_begins() -> None:
    with pytest.raises(InvalidInput, match="NSE:NIFTY BANK cannot be traded itself and has no future"):
        floor(instrument="NSE:NIFTY BANK").start()


def test_averages_that_start_above_each_other_are_no_cross() -> None:
    assert closes(floor(), 96, 98, 100, 102) == [[], [], [], []]


def test_an_order_on_its_way_is_not_asked_for_again() -> None:
    on = floor()
    closes(on, *CROSS)

    assert closes(on, 90, 110) == [[], []]


def test_it_sells_where_the_fast_average_is_below_again() -> None:
    on = holding()

    assert closes(on, 90) == [sold("cross")]
    assert closes(on, 90) == [[]], "the exit can still trade"


def test_an_exit_that_came_to_nothing_is_asked_for_at_the_next_candle() -> None:
    on = holding()
    closes(on, 90)
    order = on.working[0]
    on.fill(rupees(90), 4)
    on.end(order)

    assert closes(on, 90) == [sold("cross", 6)]


@pytest.mark.parametrize(
    ("last", "asked"), [("99.01", []), ("99", sold("stop")), ("98.99", sold("stop")), ("0", [])]
)
def test_the_stop_on_both_sides(last: str, asked: list[Command]) -> None:
    """0.99 % and 1.00 % below an entry at 100.00."""
    assert holding(stop_basis_points=100).tick(SHARE, last=rupees(last)) == asked


def test_without_a_stop_no_tick_sells() -> None:
    assert holding().tick(SHARE, last=rupees(1)) == []


def test_a_restart_before_every_candle_changes_nothing() -> None:
    whole, broken = floor(), floor()
    for close in (*CROSS, 101, 99, 103, 97, 98, 104):
        broken.restart()
        assert closes(broken, close) == closes(whole, close)
        for on in (whole, broken):
            if on.working:
                on.fill(rupees(close))


def test_other_periods_than_those_noted_begin_afresh() -> None:
    before = floor()
    closes(before, *CROSS)
    after = floor(periods=[3, 4, 2])
    after.strategy.restore(before.notes[-1])

    assert after.strategy.memory == after.strategy.blank()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"periods": [0, 3, 2]}, "periods"),
        ({"periods": [9]}, "periods"),
        ({"stop_basis_points": 10_000}, "stop"),
    ],
)
def test_wrong_parameters(values: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        floor(**values)

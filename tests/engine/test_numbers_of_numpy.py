"""Numbers out of columns are numpy's: every door of the public interface takes them, compiled or not."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
import pytest
from tests.trading import SHARE, Scripted, Session

from kasauti import Strategy, View, backtest, charges, margin, sweep
from kasauti.compose.given_day import day_of
from kasauti.domain import events as ev
from kasauti.domain import ist, money
from kasauti.domain.candle import Candle
from kasauti.domain.commands import Command, Note, buy, change, sell
from kasauti.domain.order import Side
from kasauti.domain.standing_wishes import cover, for_minutes, gtt, gtt_oco, iceberg, with_exits
from kasauti.domain.view import Subscriptions, TimerWanted
from kasauti.errors import InvalidInput

AT = ist.parse_ist("2026-11-23T09:15:00.250000")
UNITS = 12_345_678
N = np.int64


@pytest.mark.parametrize(
    "shown",
    [ist.ist_day_number, ist.ist_date, ist.ist_datetime, ist.ist_clock, ist.ist_iso],
    ids=lambda each: each.__name__,
)
def test_a_moment_out_of_a_column_is_shown_as_any_other(shown: Callable[[Any], object]) -> None:
    found = shown(N(AT))
    assert found == shown(AT)
    assert type(found) is type(shown(AT))


@pytest.mark.parametrize(
    "shown",
    [money.to_decimal, money.group_indian, money.format_price, money.format_rupees, money.rupees],
    ids=lambda each: each.__name__,
)
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint32])
def test_an_amount_out_of_a_column_is_shown_as_any_other(
    shown: Callable[[Any], object], kind: Callable[[int], object]
) -> None:
    assert shown(kind(UNITS)) == shown(UNITS)
    assert type(shown(kind(UNITS))) is type(shown(UNITS))


def test_a_candle_is_made_of_numbers_of_a_column() -> None:
    plain = Candle("NSE:SBIN", 60, AT, 10, 12, 9, 11, 500, 7)
    made = Candle("NSE:SBIN", N(60), N(AT), *(N(each) for each in (10, 12, 9, 11, 500, 7)))

    assert made == plain
    assert repr(made) == repr(plain)
    assert {type(each) for each in (made.start, made.open, made.close, made.volume)} == {int}


def test_a_float_that_is_no_exact_amount_is_told_how_to_be_one() -> None:
    with pytest.raises(
        InvalidInput, match=r'25980\.05 as a float is not exact; write it as text, "25980\.05"'
    ):
        money.rupees(25980.05)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="is not an amount in rupees"):
        money.rupees(object())  # type: ignore[arg-type]


def numbers(command: Any) -> Iterator[object]:
    """Yield every number of a command, of what it holds too."""
    fields = getattr(command, "__struct_fields__", None)
    if fields is None and not isinstance(command, tuple):
        yield command
        return
    for each in command if fields is None else (getattr(command, name) for name in fields):
        yield from numbers(each)


ORDER = buy(SHARE.id, 5, product="MIS")


@pytest.mark.parametrize(
    ("wish", "same"),
    [
        (buy(SHARE.id, N(5), market_protection=N(150)), buy(SHARE.id, 5, market_protection=150)),
        (sell(SHARE.id, N(5), order_type="SL", price=N(9), trigger_price=N(10)),
         sell(SHARE.id, 5, order_type="SL", price=9, trigger_price=10)),
        (change("A", quantity=N(3), disclosed_quantity=N(1), market_protection=N(-1)),
         change("A", quantity=3, disclosed_quantity=1, market_protection=-1)),
        (gtt(SHARE.id, Side.BUY, N(5), N(90), N(91)), gtt(SHARE.id, Side.BUY, 5, 90, 91)),
        (gtt_oco(SHARE.id, Side.SELL, N(5), (N(90), N(89)), (N(110), N(111))),
         gtt_oco(SHARE.id, Side.SELL, 5, (90, 89), (110, 111))),
        (with_exits(ORDER, stoploss=N(90), target=N(110), trailing=N(2), trail_step=N(1)),
         with_exits(ORDER, stoploss=90, target=110, trailing=2, trail_step=1)),
        (cover(ORDER, N(90), N(89)), cover(ORDER, 90, 89)),
        (iceberg(ORDER, N(3)), iceberg(ORDER, 3)),
        (for_minutes(ORDER, N(3)), for_minutes(ORDER, 3)),
    ],
)  # fmt: skip
def test_what_a_strategy_asks_for_with_numbers_of_a_column_is_what_ints_ask_for(
    wish: Command, same: Command
) -> None:
    assert wish == same
    assert not [each for each in numbers(wish) if isinstance(each, np.generic)]


@pytest.mark.parametrize(
    "asked",
    [
        lambda: change("A", quantity=2.0),
        lambda: buy(SHARE.id, 5, market_protection="1"),
        lambda: gtt(SHARE.id, Side.BUY, 5, 90.5, 91),  # type: ignore[arg-type]
        lambda: iceberg(ORDER, np.float64(3)),  # type: ignore[arg-type]
    ],
)
def test_what_is_not_whole_by_its_type_is_refused_where_it_is_written(asked: Callable[[], object]) -> None:
    with pytest.raises(InvalidInput, match="write a whole number"):
        asked()


class Noting(Strategy):
    """Buys as many as it is told, and notes numbers as numpy makes them."""

    candles = "15m"
    instruments = ("NSE:INFY",)

    class Parameters(Strategy.Parameters, frozen=True, kw_only=True):
        quantity: int = 1
        share: float = 0.5
        stop_percent: Decimal = Decimal(1)

    class Memory(Strategy.Memory, kw_only=True):
        seen: int = 0
        mean: float = 0.0
        rising: bool = False

    parameters: Parameters
    memory: Memory

    def on_candle(self, candle: Candle, view: View) -> Iterator[Command]:
        closes = np.array([candle.open, candle.close])
        self.memory.seen, self.memory.mean = closes.sum(), closes.mean()
        self.memory.rising = closes[0] < closes[1]
        assert ist.ist_date(N(view.at)) == view.day
        yield self.note()
        if not view.held("NSE:INFY") and not view.working():
            yield buy("NSE:INFY", self.parameters.quantity, product="MIS")


@pytest.mark.parametrize(
    "strategy",
    [Noting, Noting(Noting.Parameters(quantity=N(7)))],  # type: ignore[arg-type]
    ids=["class", "object"],
)
def test_a_backtest_takes_numbers_of_numpy_wherever_it_takes_numbers(strategy: object) -> None:
    given = {"quantity": N(7), "share": np.float64(0.25), "stop_percent": N(2)}
    result = backtest(
        strategy,
        capital=N(500_000),
        seed=N(3),
        parameters=given if isinstance(strategy, type) else None,
        start=np.datetime64("2026-11-01"),
        end=np.datetime64("2026-11-30T09:15"),
    )
    assert not result.failure
    assert result.trades["quantity"].to_list()[:1] == [7]
    noted = [each.event for each in result.log.read() if isinstance(each.event, ev.StrategyNoted)]
    assert {b'"rising":true' in bytes(each.state) for each in noted} == {True, False}


class Odd(Strategy.Memory, kw_only=True):
    """What no file can hold."""

    what: object = None


def test_a_note_that_no_file_can_hold_ends_at_the_strategy_that_wrote_it() -> None:
    wants = Subscriptions(timers=[TimerWanted("m", seconds=60)])
    note = Note(Odd(what={1, 2}.__iter__()))
    session = Session(strategies=[lambda: Scripted("ann", wants, None, on_timer=lambda *_: [note])])
    session.ticks("time last\n09:15:00 100")
    session.ticks("time last\n09:17:00 100")

    failed, *_ = session.events(ev.StrategyFailed)
    assert (failed.strategy, failed.hook) == ("ann", "note")
    assert "set_iterator" in failed.error
    assert "can be noted" in failed.error


def test_margins_and_charges_take_days_and_prices_as_frames_have_them() -> None:
    legs, frame = ["SELL 65 NIFTY26D0126000CE @120"], pl.DataFrame({"spot": [25980.05, 25980.0]})
    want = margin(legs, on=date(2026, 11, 20), spot={"NIFTY": "25980.05"})

    for price in (frame["spot"][0], frame["spot"].to_numpy()[0], Decimal("25980.05")):
        assert margin(legs, on=np.datetime64("2026-11-20"), spot={"NIFTY": price}) == want
    whole = margin(legs, on="2026-11-20", spot={"NIFTY": N(25980)})
    assert whole == margin(legs, on="2026-11-20", spot={"NIFTY": 25980})
    for wrong in (-5, 0, np.nan, "x"):
        with pytest.raises(InvalidInput, match="The price of NIFTY"):
            margin(legs, on="2026-11-20", spot={"NIFTY": wrong})
    order = "BUY 65 NIFTY26D0126000CE @120"
    assert charges(order, on="2026-11-20") == charges(order, on=date(2026, 11, 20))


def test_a_time_stamp_is_its_day_and_what_is_none_is_said() -> None:
    pandas = pytest.importorskip("pandas")
    for stamp in (pandas.Timestamp("2026-11-20 10:00"), np.datetime64("2026-11-20T10:00:00.5"), "2026-11-20"):
        found = day_of(stamp, "start")
        assert (found, type(found)) == (date(2026, 11, 20), date)
    assert day_of(None, "start") is None
    for wrong in ("20th", np.datetime64("NaT"), 20261120):
        with pytest.raises(InvalidInput, match=r"start is .*, which is not a day; write it like 2026-01-22"):
            day_of(wrong, "start")  # type: ignore[arg-type]


def test_a_sweep_takes_them_to_try_and_to_search_by() -> None:
    result = sweep(
        Noting,
        "builtin",
        {"quantity": np.arange(1, 4), "share": np.linspace(0.25, 0.75, 2)},
        search="random",
        trials=N(2),
        seed=N(5),
        jobs=N(1),
        capital=N(500_000),
    )
    assert len(result.trials) == 2

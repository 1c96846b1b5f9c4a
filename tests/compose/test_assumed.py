"""Assumptions that somebody asks for: futures made from an index, and rules of a later day."""

from datetime import date, time, timedelta

import numpy as np
import pytest
from tests.compose.worlds import market_of, minutes
from tests.tables import bars_of

import kasauti
from kasauti.compose.assumed_rules import AssumedCalendar
from kasauti.compose.index_futures import with_index_futures
from kasauti.compose.markets import Market
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import ist_ns
from kasauti.domain.market import BarBatch
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import MarketDataError, RuleUnknown
from kasauti.exchange.calendar import Calendar, Segment
from kasauti.exchange.charges import ChargeBook

INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY")
#: NIFTY's January contracts of 2024 expired on the 25th, Thursday before Republic Day.
BEFORE, AFTER = date(2024, 1, 25), date(2024, 1, 29)

TABLE = """
    time  open  high  low   close
    09:16 21400 21410 21390 21405
    09:17 21405 21420 21400 21415
    09:18 21415 21430 21410 21425
"""


def index_market(days: tuple[date, ...] = (BEFORE, AFTER)) -> Market:
    """Return three minutes of the index on each day."""
    batches = [bars_of(TABLE, lambda _: 0, day, 60) for day in days]
    return Market(
        label="an index",
        source="test",
        universe=Universe([INDEX]),
        days=days,
        is_bars=True,
        is_dense=False,
        underlying=INDEX.id,
        play=lambda _: iter(batches),
    )


def test_an_index_comes_with_the_future_that_was_nearest_at_its_own_prices() -> None:
    """A lot was 50 until contracts of 26 April 2024."""
    market = with_index_futures(index_market())

    january, february = list(market.universe)[1:]
    assert (january.id, january.expiry, january.lot_size) == ("NFO:NIFTY24JANFUT", BEFORE, 50)
    assert (february.id, february.expiry) == ("NFO:NIFTY24FEBFUT", date(2024, 2, 29))
    before, after = market.play(None)
    assert isinstance(before, BarBatch)
    assert isinstance(after, BarBatch)
    assert before.slot.tolist() == [0, 1, 0, 1, 0, 1]
    assert after.slot.tolist() == [0, 2, 0, 2, 0, 2]
    own, made = (before[np.flatnonzero(before.slot == slot)] for slot in (0, 1))  # type: ignore[index]
    for name in ("at", "open", "high", "low", "close"):
        assert getattr(own, name).tolist() == getattr(made, name).tolist()
    assert "without basis" in market.remarks[0]


def test_known_special_sessions_stand_also_before_an_assumed_day() -> None:
    """20 January 2024 was a Saturday with a full session, 2 March one in two parts without MIS orders."""
    assumed, known = AssumedCalendar(date(2024, 10, 1)), Calendar()

    for day in (date(2024, 1, 20), date(2024, 3, 2)):
        assert assumed.session(day, Segment.EQUITY) == known.session(day, Segment.EQUITY) is not None
        assert assumed.square_off(day, Segment.EQUITY) == known.square_off(day, Segment.EQUITY)
    assert not assumed.is_trading_day(date(2024, 1, 26))
    assert assumed.is_trading_day(date(2023, 1, 26)), "whether it was a holiday nobody knows"


def test_data_without_an_index_that_has_futures_is_refused() -> None:
    with pytest.raises(MarketDataError, match="no bars of an index"):
        with_index_futures(market_of(minutes(), "ticks"))


class BuysOnce(kasauti.Strategy):
    """Buys one lot of whatever can be traded, at the first minute."""

    candles = "1m"

    def on_candle(self, candle: kasauti.Candle, view: kasauti.View) -> list[kasauti.Command]:
        if view.held(candle.instrument) or view.working():
            return []
        return [kasauti.buy(candle.instrument, 50, product="MIS")]


def test_a_backtest_trades_the_future_and_says_so() -> None:
    result = kasauti.backtest(BuysOnce, index_market((BEFORE,)), index_futures=True)

    assert set(result.trades["symbol"]) == {"NIFTY24JANFUT"}
    assert result.run.fills.price.tolist()[0] == rupees("21405.05"), "the next open, and a tick"
    assert any(
        "The futures of NIFTY are made from the index" in each for each in result.run.assumptions.remarks
    )


def test_an_index_alone_is_refused_with_the_way_out() -> None:
    with pytest.raises(MarketDataError, match=r"feed\.index_futures"):
        kasauti.backtest(BuysOnce, index_market((BEFORE,)))


# Rules of a later day.

OLD = date(2016, 8, 16)
ASSUMED = date(2024, 1, 2)


def test_days_before_the_calendar_trade_on_weekdays_with_the_usual_hours() -> None:
    calendar = AssumedCalendar(ASSUMED)

    week = [date(2016, 8, 15) + timedelta(days=number) for number in range(7)]
    assert [calendar.is_trading_day(day) for day in week] == [True] * 5 + [False] * 2
    session = calendar.session(OLD, Segment.EQUITY)
    assert session is not None
    assert (session.open, session.close) == (ist_ns(OLD, time(9, 15)), ist_ns(OLD, time(15, 30)))
    usual = Calendar().square_off(ASSUMED, Segment.EQUITY) - ist_ns(ASSUMED)
    assert calendar.square_off(OLD, Segment.EQUITY) == ist_ns(OLD) + usual


def test_days_after_the_assumed_one_are_as_the_calendar_has_them() -> None:
    known, assumed = Calendar(), AssumedCalendar(ASSUMED)
    days = [date(2024, 1, 3) + timedelta(days=number) for number in range(200)]

    assert [assumed.is_trading_day(day) for day in days] == [known.is_trading_day(day) for day in days]
    with pytest.raises(RuleUnknown):
        assumed.is_trading_day(date(2027, 1, 4))


def test_charges_of_an_earlier_day_are_those_of_the_assumed_one() -> None:
    share = Instrument(Exchange.NSE, "INFY", Kind.EQUITY, 500, name="INFY")
    with pytest.raises(RuleUnknown):
        ChargeBook("zerodha").schedule(share, Product.MIS, OLD)

    assumed = ChargeBook("zerodha", assumed=ASSUMED)
    assert assumed.schedule(share, Product.MIS, OLD) == assumed.schedule(share, Product.MIS, ASSUMED)
    later = date(2025, 1, 6)
    of_later = ChargeBook("zerodha").schedule(share, Product.MIS, later)
    turnover = rupees(100_000)
    of_assumed = assumed.schedule(share, Product.MIS, later)
    assert of_assumed.order_charges(Side.BUY, turnover) == of_later.order_charges(Side.BUY, turnover)

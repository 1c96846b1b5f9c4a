"""Strategies ask for standing instructions in every mode, and see their own."""

from collections.abc import Iterator

from tests.engine.standing_tables import ends, placed
from tests.trading import FUTURE, SHARE, Scripted, Session, timed

from kasauti.domain.commands import Command, GttLeg, PlaceAfterMarket, PlaceCover, PlaceGtt, PlaceIceberg
from kasauti.domain.market import Candle
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.view import CandleWanted, Subscriptions, View
from kasauti.strategies import (
    after_market,
    buy,
    cover,
    for_minutes,
    gtt,
    gtt_oco,
    iceberg,
    sell,
    with_exits,
)

BUYS = buy(SHARE.id, 100, product="MIS")


def test_the_short_ways_are_the_commands() -> None:
    limit = buy(SHARE.id, 2_000, order_type="LIMIT", price=rupees(100), product="CNC")
    leg = GttLeg(Side.SELL, 10, rupees(94), rupees(95))
    assert gtt(SHARE.id, Side.SELL, 10, rupees(95), rupees(94)) == PlaceGtt(SHARE.id, (leg,), Product.CNC)
    two = gtt_oco(FUTURE.id, Side.SELL, 10, (rupees(95), rupees(94)), (rupees(105), rupees(105)), "NRML")
    assert two == PlaceGtt(FUTURE.id, (leg, GttLeg(Side.SELL, 10, rupees(105), rupees(105))), Product.NRML)
    assert cover(BUYS, rupees(97)) == PlaceCover(BUYS, rupees(97))
    assert iceberg(limit, 4) == PlaceIceberg(limit, 4)
    assert after_market(limit) == PlaceAfterMarket(limit)
    assert (for_minutes(limit, 5).order, for_minutes(limit, 5).minutes) == (limit, 5)


def test_a_strategy_holds_its_exits_with_the_account_and_sees_them() -> None:
    seen: list[int] = []

    def on_candle(candle: Candle, view: View) -> Iterator[Command]:
        seen.append(len(view.standing()))
        if not view.held(SHARE.id) and not seen[1:]:
            yield with_exits(BUYS, stoploss=rupees(2), target=rupees(5), relative=True)

    wants = Subscriptions(candles=[CandleWanted(SHARE.id, 60)])
    session = Session(strategies=[lambda: Scripted("mine", wants, on_candle=on_candle)])
    session.bars("""
        time   open  high  low  close
        09:15  100   100   100  100
        09:16  100   101   99   101
        09:17  101   106   101  106
        09:18  106   107   105  106
        09:19  106   107   105  106
    """)
    assert placed(session) == [("BUY", 100, ""), ("SELL", 100, "target")]
    assert [each[:2] for each in session.fills()] == [("09:17:00", 100), ("09:18:00", -100)]
    assert ends(session) == [("complete", "exited by its target")]
    assert seen == [0, 1, 0, 0, 0]


def test_somebody_elses_instructions_are_not_shown() -> None:
    seen: list[int] = []
    watcher = Scripted("watcher", Subscriptions(candles=[CandleWanted(SHARE.id, 60)]))
    watcher.hooks["on_candle"] = lambda _, view: seen.append(len(view.standing()))
    plan = gtt(SHARE.id, Side.BUY, 1, rupees(90), rupees(90))
    session = Session(strategies=[timed("one", ("09:15:30", plan)), lambda: watcher])
    session.ticks("""
        time      last  bid    ask
        09:15:01  100   99.95  100.05
        09:17:01  100   99.95  100.05
    """)
    assert len(session.state.standing) == 1
    assert seen == [0]


def test_a_sale_has_its_exits_the_other_way_round() -> None:
    plan = with_exits(sell(SHARE.id, 10, product="MIS"), stoploss=rupees(105), target=rupees(90))
    session = Session(strategies=[timed("short", ("09:15:30", plan))])
    session.ticks("""
        time      last  bid    ask
        09:15:01  100   99.95  100.05
        09:15:31  100   99.95  100.05
        09:16:01  90    89.95  90
    """)
    assert placed(session) == [("SELL", 10, ""), ("BUY", 10, "target")]
    assert session.held(SHARE, Product.MIS, "short") == 0

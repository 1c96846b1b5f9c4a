"""A desk that ended, cleanly or not, goes on where it was."""

import asyncio
from pathlib import Path

import pytest

from kasauti.config import load_config
from kasauti.desk.market_time import MarketTime, keep_market_time, kept_market_time
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Side
from kasauti.errors import LogWriteFailed
from kasauti.simulator.market.built_in import DEMO_DAY
from kasauti.store.sqlite import SqliteLog

LOADED = load_config(None, {"account.regime": "permissive"}, {})
HOUR = 3_600 * NS_PER_SECOND


def began(folder: Path) -> DeskPlay:
    """Return the desk of a folder, with an account."""
    play = DeskPlay(LOADED, folder, 1.0)
    if not play.accounts:
        play.open_account("main", opened(LOADED, "main", capital=500_000 * RUPEE, plan="zerodha"))
    return play


def test_a_market_goes_on_where_it_was_although_nothing_happened_to_any_account(tmp_path: Path) -> None:
    play = began(tmp_path)
    at, source = play.desk.now, play.desk.floor.market.source
    play.close("end")
    keep_market_time(tmp_path, MarketTime(source, DEMO_DAY, at + HOUR))
    again = began(tmp_path)
    shown = again.desk.floor.board.ticks
    assert (again.desk.now, again.desk.floor.clock.now()) == (at + HOUR, at + HOUR)
    assert shown > 3_000
    again.close("end")


def test_the_time_of_another_market_is_not_this_ones(tmp_path: Path) -> None:
    keep_market_time(tmp_path, MarketTime("recorded:another", DEMO_DAY, 2**62))
    play = began(tmp_path)
    assert play.desk.now < 2**62
    play.close("end")
    assert kept_market_time(tmp_path) == MarketTime(play.desk.floor.market.source, DEMO_DAY, play.desk.now)


def test_what_warms_up_leaves_nothing_in_any_log(tmp_path: Path) -> None:
    play = began(tmp_path)
    account = play.accounts[0]
    before, board = account.state.seq, play.desk.floor.board.ticks
    play.warm_up()
    assert (account.state.seq, play.store.pending, play.desk.floor.board.ticks) == (before, [], board)
    play.close("end")


def test_a_disk_that_takes_nothing_more_stops_the_desk_and_nothing_is_acknowledged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trade() -> int:
        play = began(tmp_path)
        account, option = play.accounts[0], next(each for each in play.desk.floor.universe if each.is_option)
        durable = account.state.seq

        def full() -> None:
            play.store.failed = "the disk is full"
            raise LogWriteFailed(play.store.failed)

        monkeypatch.setattr(play.store, "commit", full)
        playing = asyncio.create_task(play.run())
        for _ in range(2):
            with pytest.raises(LogWriteFailed, match="the disk is full"):
                await play.desk.ask(account, PlaceOrder(option.id, Side.BUY, option.lot_size), "user")
        play.stop()
        with pytest.raises(LogWriteFailed):
            await playing
        play.close("end")
        return durable

    durable = asyncio.run(trade())
    with SqliteLog.open(tmp_path / "log.db", "main", readonly=True) as log:
        assert log.verify() == durable

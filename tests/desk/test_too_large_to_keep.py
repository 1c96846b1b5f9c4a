"""An account with a number that 64 bits do not hold, as earlier versions took, stops alone and says so."""

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.web.serving import SETTINGS, an_option

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.market import TickBatch
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side
from kasauti.errors import AccountStopped, NumberTooLarge
from kasauti.store.homes import Home
from kasauti.store.reading import tables
from kasauti.store.snapshot import save_snapshot

_SOUND, _SPOILT = "owner/main/1", "owner/rich/1"
_CAPITAL = {_SOUND: 500_000 * RUPEE, _SPOILT: 10**30}


def desk(folder: Path) -> DeskPlay:
    return DeskPlay(load_config(None, SETTINGS, {}), folder, 1.0)


def play_once(play: DeskPlay) -> None:
    """Open the accounts past the door that refuses such numbers now, and let them go."""
    for name, capital in _CAPITAL.items():
        play.open_account(name, opened(play.loaded, name, capital=capital, plan="zerodha"))
    batch = next(play._rest)
    assert isinstance(batch, TickBatch)
    play.desk.take(next(iter(play.desk.floor.moments(batch))))
    play.desk.flush()
    play.close("the test ends it")


def test_a_spoilt_account_lets_its_desk_end_and_stops_alone_at_the_next_start(tmp_path: Path) -> None:
    with desk(tmp_path) as play:
        play_once(play)

    async def trade(play: DeskPlay) -> None:
        option, lot = an_option(play)
        order = PlaceOrder(option, Side.BUY, lot, OrderType.MARKET, Product.NRML)
        sound, spoilt = (play.desk.accounts[name] for name in _CAPITAL)
        assert (await play.desk.ask(sound, order, "test")).denied is None
        with pytest.raises(AccountStopped, match="64 bits"):
            await play.desk.ask(spoilt, order, "test")

    with desk(tmp_path) as play:
        asyncio.run(trade(play))
        spoilt = play.desk.accounts[_SPOILT]
        assert "kasauti account reset" in spoilt.failed
        seq = spoilt.state.seq
        play.close("the test ends it")
        assert spoilt.state.seq == seq, "nothing was added to its log"
    with desk(tmp_path) as play:
        play.dismiss(play.desk.accounts[_SPOILT], "the account is reset")
        assert [each.name for each in play.accounts] == [_SOUND]
        play.close("the test ends it")


def test_a_state_that_cannot_be_kept_is_said_in_a_sentence(tmp_path: Path) -> None:
    with desk(tmp_path) as play:
        spoilt = play.open_account(_SPOILT, opened(play.loaded, _SPOILT, capital=10**30, plan="zerodha"))
        play.store.commit()
        with pytest.raises(NumberTooLarge, match=f"'{_SPOILT}'"):
            save_snapshot(spoilt.state, spoilt.log, tmp_path)
    assert not list(tmp_path.glob("*rich*"))


def test_tables_are_made_of_all_other_logs_and_the_spoilt_one_is_named(tmp_path: Path) -> None:
    with desk(tmp_path) as play:
        play_once(play)
    home = Home(tmp_path)
    with pytest.raises(NumberTooLarge, match=_SPOILT):
        home.rebuild()
    with home.registry() as database, database.read() as connection:
        streams = set(connection.execute(sa.select(tables.PROJECTED.c.stream)).scalars())
    assert streams == {_SOUND}
    (tmp_path / "copy").mkdir()
    assert {each.stream for each in home.copy_to(Home(tmp_path / "copy"))} == set(_CAPITAL)

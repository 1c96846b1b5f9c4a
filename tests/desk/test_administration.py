"""Accounts of a desk: opened, reset, archived, paid in and out, while it plays and while it rests."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kasauti.config import load_config
from kasauti.desk.administration import (
    Administration,
    ArchiveAccount,
    Done,
    MoveAccountMoney,
    OpenAccount,
    Request,
    ResetAccount,
)
from kasauti.desk.control import Control, ask_running
from kasauti.desk.first_start import KEY_FILE, found
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.domain.commands import MoveMoney, PlaceOrder
from kasauti.domain.market import TickBatch
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side
from kasauti.errors import ConfigError, InvalidInput, LogLocked, NameTaken, StorageError
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import Actor
from kasauti.store.sqlite import SqliteLog

LAKH = 100_000 * RUPEE
ASHA = Actor("asha")
LOADED = load_config(None, {}, {})


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    """Return a registry with its owner and an account."""
    registry = Registry.open(tmp_path)
    found(registry, LOADED, tmp_path, {})
    yield registry
    registry.close()


def playing(registry: Registry, folder: Path) -> DeskPlay:
    """Return the desk of a folder, with all accounts begun."""
    streams = {each.stream for each in registry.accounts.all()}
    play = DeskPlay(LOADED, folder, 1.0, streams=streams)
    Administration(registry, folder, play).begin_missing()
    return play


def asked(registry: Registry, folder: Path, request: Request, play: DeskPlay | None = None) -> Done:
    """Have something done."""
    return asyncio.run(Administration(registry, folder, play).do(request, ASHA))


def test_a_first_start_leaves_an_owner_an_account_and_a_key_only_the_owner_can_read(
    registry: Registry, tmp_path: Path
) -> None:
    secret = (tmp_path / KEY_FILE).read_text().strip()
    key = registry.keys.key_of(secret, wall_ns())
    assert key is not None
    assert [each.stream for each in registry.accounts.all()] == ["owner/main/1"]
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert found(registry, LOADED, tmp_path, {}) == ""


@pytest.mark.parametrize("currency", ["INR", "USD", "EUR"])
def test_the_environment_says_what_the_first_account_begins_with(tmp_path: Path, currency: str) -> None:
    registry = Registry.open(tmp_path)
    environ = {"PAPER_DEFAULT_BALANCE": "50000", "PAPER_DEFAULT_CURRENCY": currency}
    found(registry, load_config(None, {}, environ), tmp_path, environ)
    (account,) = registry.accounts.all()
    registry.close()
    assert (account.capital, account.currency) == (50_000 * RUPEE, currency)


def test_an_unknown_currency_in_the_environment_is_named(tmp_path: Path) -> None:
    registry = Registry.open(tmp_path)
    with pytest.raises(ConfigError, match="PAPER_DEFAULT_CURRENCY is 'GBP'"):
        found(registry, LOADED, tmp_path, {"PAPER_DEFAULT_CURRENCY": "GBP"})
    registry.close()


@pytest.mark.parametrize("plays", [True, False])
def test_a_reset_begins_a_new_epoch_and_keeps_the_old_log(
    registry: Registry, tmp_path: Path, *, plays: bool
) -> None:
    play = playing(registry, tmp_path)
    if not plays:
        play.close("rest")
    done = asked(registry, tmp_path, ResetAccount("owner", "main", 5 * LAKH), play if plays else None)
    assert (done.account.stream, done.account.epoch) == ("owner/main/2", 2)
    if not plays:
        play = playing(registry, tmp_path)
    assert [each.name for each in play.accounts] == ["owner/main/2"]
    assert play.accounts[0].state.ledger.cash == 5 * LAKH
    play.close("end")
    with SqliteLog.open(tmp_path / "log.db", "owner/main/1", readonly=True) as log:
        assert isinstance(list(log.read(verify=True))[-1].event, ev.SessionStopped)


@pytest.mark.parametrize("plays", [True, False])
def test_money_is_paid_in_and_out_as_far_as_it_is_free(
    registry: Registry, tmp_path: Path, *, plays: bool
) -> None:
    play = playing(registry, tmp_path)
    if not plays:
        play.close("rest")
    desk = play if plays else None
    assert asked(registry, tmp_path, MoveAccountMoney("owner", "main", LAKH, "more"), desk).cash == 2 * LAKH
    with pytest.raises(InvalidInput, match=r"3,00,000.00 INR cannot be taken out of main: 2,00,000.00 are"):
        asked(registry, tmp_path, MoveAccountMoney("owner", "main", -3 * LAKH, "all"), desk)
    assert asked(registry, tmp_path, MoveAccountMoney("owner", "main", -2 * LAKH, "all"), desk).cash == 0
    told = [each.event for each in registry.audit.entries(category="money")]
    assert told == ["money.moved", "money.refused", "money.moved"]
    if plays:
        play.close("end")


def test_what_is_opened_while_the_desk_rests_begins_with_it(registry: Registry, tmp_path: Path) -> None:
    asked(registry, tmp_path, OpenAccount("owner", "second", LAKH, Currency.USD, "zerodha"))
    play = playing(registry, tmp_path)
    opened = {each.name: each.state.account for each in play.accounts}
    play.close("end")
    assert opened["owner/second/1"] is not None
    assert opened["owner/second/1"].currency == "USD"


@pytest.mark.parametrize("request_", [ArchiveAccount("owner", "main"), ResetAccount("owner", "main")])
def test_what_is_open_when_an_epoch_ends_is_said(
    registry: Registry, tmp_path: Path, request_: Request
) -> None:
    async def talk(play: DeskPlay) -> Done:
        option = next(each for each in play.desk.floor.universe if each.is_option)
        order = PlaceOrder(
            option.id, Side.BUY, option.lot_size, OrderType.LIMIT, Product.NRML, price=option.tick_size
        )
        answer = await play.desk.ask(play.accounts[0], order, "test")
        assert answer.denied is None, answer.denied
        return await Administration(registry, tmp_path, play).do(request_, ASHA)

    with playing(registry, tmp_path) as play:
        batch = next(play._rest)
        assert isinstance(batch, TickBatch)
        play.desk.take(next(iter(play.desk.floor.moments(batch))))
        done = asyncio.run(talk(play))
        assert (done.positions, done.orders) == (0, 1)
        play.close("end")


def test_an_archived_account_is_not_taken_up_again(registry: Registry, tmp_path: Path) -> None:
    play = playing(registry, tmp_path)
    asked(registry, tmp_path, ArchiveAccount("owner", "main"), play)
    assert not play.accounts
    play.close("end")
    assert not playing_names(registry, tmp_path)
    with pytest.raises(InvalidInput, match="archived"):
        asked(registry, tmp_path, MoveAccountMoney("owner", "main", LAKH, "more"))


def playing_names(registry: Registry, folder: Path) -> list[str]:
    """Return the accounts that a start takes up."""
    play = playing(registry, folder)
    play.close("end")
    return [each.name for each in play.accounts]


def test_a_desk_that_another_process_runs_is_left_alone(registry: Registry, tmp_path: Path) -> None:
    play = playing(registry, tmp_path)
    with pytest.raises(LogLocked):
        asked(registry, tmp_path, ResetAccount("owner", "main"))
    play.close("end")


def test_commands_reach_a_desk_that_plays_by_its_socket(registry: Registry, tmp_path: Path) -> None:
    wish = OpenAccount("owner", "third", LAKH, Currency.INR, "zerodha")

    async def talk() -> list[Done | str | None]:
        play = playing(registry, tmp_path)
        control = Control(tmp_path, Administration(registry, tmp_path, play))
        await control.open()
        said: list[Done | str | None] = [await asyncio.to_thread(ask_running, tmp_path, wish, "asha")]
        try:
            await asyncio.to_thread(ask_running, tmp_path, wish, "asha")
        except InvalidInput as error:
            said.append(str(error))
        await control.close()
        play.close("end")
        return said

    first, second = asyncio.run(talk())
    assert isinstance(first, Done)
    assert first.account.stream == "owner/third/1"
    assert "third" in str(second)
    assert ask_running(tmp_path, wish, "asha") is None
    with pytest.raises(NameTaken):
        asked(registry, tmp_path, wish)


def test_while_the_registry_is_slow_orders_go_on_and_commands_wait_for_each_other(
    registry: Registry, tmp_path: Path
) -> None:
    async def meanwhile() -> None:
        do = Administration(registry, tmp_path, play).do
        resets = [ResetAccount("owner", "main", capital) for capital in (2 * LAKH, 3 * LAKH)]
        with closing(sqlite3.connect(tmp_path / "desk.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            asked = [asyncio.create_task(do(each, ASHA)) for each in resets]
            account = play.accounts[0]
            for _ in range(20):
                await asyncio.sleep(0.005)
                answer = await play.desk.ask(account, MoveMoney(RUPEE, "still here"), "user")
                assert answer.events
            assert not any(each.done() for each in asked)
            other.execute("ROLLBACK")
        done = await asyncio.gather(*asked)
        assert [each.account.stream for each in done] == ["owner/main/2", "owner/main/3"]

    play = playing(registry, tmp_path)
    asyncio.run(meanwhile())
    assert [(each.name, each.state.ledger.cash) for each in play.accounts] == [("owner/main/3", 3 * LAKH)]
    play.close("end")


def test_what_the_registry_does_not_take_leaves_the_account_where_it_was(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*given: object) -> None:
        raise StorageError("the disk is full; nothing of it was kept")

    play = playing(registry, tmp_path)
    monkeypatch.setattr(registry.accounts, "new_epoch", full)
    monkeypatch.setattr(registry.accounts, "archive", full)
    for request in (ResetAccount("owner", "main"), ArchiveAccount("owner", "main")):
        with pytest.raises(StorageError, match="the disk is full"):
            asked(registry, tmp_path, request, play)
    assert [(each.name, each.trades) for each in play.accounts] == [("owner/main/1", True)]
    play.close("end")


@pytest.mark.parametrize("amount", [10**16 + 1, -(10**16) - 1, 2**63, 0])
def test_what_is_more_than_an_account_can_have_is_not_moved(
    registry: Registry, tmp_path: Path, amount: int
) -> None:
    play = playing(registry, tmp_path)
    cash = play.accounts[0].state.ledger.cash
    with pytest.raises(InvalidInput, match=r"too much|moves nothing"):
        asked(registry, tmp_path, MoveAccountMoney("owner", "main", amount, "much"), play)
    if amount > 0:
        with pytest.raises(InvalidInput, match="a lakh crore"):
            asked(registry, tmp_path, ResetAccount("owner", "main", amount), play)
    assert [(each.name, each.state.ledger.cash) for each in play.accounts] == [("owner/main/1", cash)]
    play.close("end")

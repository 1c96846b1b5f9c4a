"""Keys of the registry at the door: whose they are, what they open, and what they may trade."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from kasauti.config import load_config
from kasauti.desk.administration import Administration
from kasauti.desk.first_start import found
from kasauti.desk.playing import DeskPlay
from kasauti.domain.commands import CancelOrder, Command, GttLeg, PlaceCover, PlaceGtt, PlaceOrder
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.errors import KeyRefused
from kasauti.feeds.clock import wall_ns
from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.keys import REFRESH_NS, Scope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import Actor
from kasauti.store.registry.users import Role
from kasauti.store.tables import ACCOUNTS
from kasauti.web import access
from kasauti.web.caps import check_within
from kasauti.web.doorkeeper import RegistryDoorkeeper

BY = Actor("test")
LOADED = load_config(None, {}, {})
UNIVERSE = BuiltInMarket(seed=7, day=DEMO_DAY).universe
OPTION = next(each for each in UNIVERSE if each.is_option)


class Desk:
    """A desk at rest with two users, and the time."""

    def __init__(self, folder: Path) -> None:
        self.registry = Registry.open(folder)
        found(self.registry, LOADED, folder, {})
        self.at = wall_ns()
        self.ravi = self.registry.users.create("ravi", Role.USER, "", BY, self.at)
        for name in ("main", "second"):
            self.registry.accounts.open(
                "ravi", name, plan="zerodha", capital=RUPEE, currency=Currency.INR, by=BY, at=self.at
            )
        self.play = DeskPlay(LOADED, folder, 1.0)
        Administration(self.registry, folder, self.play).begin_missing()
        self.doorkeeper = RegistryDoorkeeper(self.registry, self.play, lambda: self.at)

    def key(self, *scopes: Scope, **more: Any) -> str:
        """Make a key of Ravi's."""
        return self.registry.keys.create(self.ravi.id, frozenset(scopes), BY, self.at, **more)[1]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Return the desk."""
    desk = Desk(tmp_path)
    yield desk
    desk.play.close("end")
    desk.registry.close()


def test_a_key_opens_the_accounts_of_its_user_and_no_others(desk: Desk) -> None:
    caller = desk.doorkeeper.caller_of(desk.key(Scope.TRADE))
    assert caller is not None
    assert (caller.user, caller.accounts) == ("ravi", ("ravi/main/1", "ravi/second/1"))
    assert [caller.stream_of(name) for name in ("", "second", "ravi/main/1", "owner/main/1", "third")] == [
        "ravi/main/1",
        "ravi/second/1",
        "ravi/main/1",
        "",
        "",
    ]


def test_a_key_of_one_account_opens_that_one(desk: Desk) -> None:
    second = desk.registry.accounts.get("ravi", "second")
    caller = desk.doorkeeper.caller_of(desk.key(Scope.READ, account_id=second.id))
    assert caller is not None
    assert caller.accounts == ("ravi/second/1",)


@pytest.mark.parametrize(
    ("scopes", "may"),
    [
        ((Scope.READ,), [True, False, False]),
        ((Scope.TRADE,), [True, True, False]),
        # What an admin's key may do concerns everybody.
        ((Scope.READ, Scope.ADMIN), [True, True, False]),
    ],
)
def test_a_key_is_good_for_its_highest_scope(desk: Desk, scopes: tuple[Scope, ...], may: list[bool]) -> None:
    caller = desk.doorkeeper.caller_of(desk.key(*scopes))
    assert caller is not None
    assert [caller.may(scope) for scope in access.Scope] == may


def test_an_admins_key_may_administer(desk: Desk) -> None:
    owner = desk.registry.users.get("owner")
    _, secret = desk.registry.keys.create(owner.id, frozenset({Scope.ADMIN}), BY, desk.at)
    caller = desk.doorkeeper.caller_of(secret)
    assert caller is not None
    assert caller.may(access.Scope.ADMIN)


def test_a_key_that_expired_or_was_revoked_opens_nothing(desk: Desk) -> None:
    expiring = desk.key(Scope.READ, expires_at=desk.at + REFRESH_NS)
    revoked = desk.key(Scope.READ)
    assert desk.doorkeeper.caller_of(expiring)
    key = desk.registry.keys.key_of(revoked, desk.at)
    assert key is not None
    desk.registry.keys.revoke(key.id, BY, desk.at)
    desk.at += REFRESH_NS
    assert [desk.doorkeeper.caller_of(each) for each in (expiring, revoked, "", "guess")] == [None] * 4


def test_an_account_opened_later_is_behind_a_key_that_is_known_already(desk: Desk) -> None:
    secret = desk.key(Scope.READ)
    assert desk.doorkeeper.caller_of(secret)
    account = desk.registry.accounts.open(
        "ravi", "third", plan="zerodha", capital=RUPEE, currency=Currency.INR, by=BY, at=desk.at
    )
    Administration(desk.registry, desk.play.folder, desk.play).begin([account])
    caller = desk.doorkeeper.caller_of(secret)
    assert caller is not None
    assert caller.accounts[-1] == "ravi/third/1"


def order(instrument: str, quantity: int) -> PlaceOrder:
    """Return an order to buy."""
    return PlaceOrder(instrument, Side.BUY, quantity)


@pytest.mark.parametrize(
    ("symbols", "most", "command", "refusal"),
    [
        ({OPTION.name}, 0, order(OPTION.id, 75), ""),
        ({OPTION.tradingsymbol}, 75, order(OPTION.id, 75), ""),
        ({OPTION.id}, 75, order(OPTION.id, 76), "75 units at once, not 76"),
        ({"RELIANCE"}, 0, order(OPTION.id, 1), f"may trade RELIANCE, not {OPTION.id}"),
        ({"RELIANCE"}, 0, order("NSE:NOWHERE", 1), "not NSE:NOWHERE"),
        ({"RELIANCE"}, 0, PlaceCover(order(OPTION.id, 1), 5), "may trade RELIANCE"),
        (set(), 10, PlaceGtt(OPTION.id, (GttLeg(Side.SELL, 11, 5, 5),)), "10 units at once, not 11"),
        ({"RELIANCE"}, 1, CancelOrder("any"), ""),
    ],
)
def test_a_key_trades_its_symbols_and_so_many_units(
    symbols: set[str], most: int, command: Command, refusal: str
) -> None:
    caller = access.Caller(
        user="ravi",
        key_id="k",
        scope=access.Scope.TRADE,
        accounts=("a",),
        symbols=frozenset(symbols),
        max_quantity=most,
    )
    if not refusal:
        check_within(caller, UNIVERSE, State(), command)
        return
    with pytest.raises(KeyRefused, match=refusal):
        check_within(caller, UNIVERSE, State(), command)


def test_what_another_process_changed_is_taken_over_without_asking_at_a_request(desk: Desk) -> None:
    secret = desk.key(Scope.READ)
    assert desk.doorkeeper.caller_of(secret) is not None
    other = Registry.open(desk.play.folder)
    other.keys.create(desk.ravi.id, frozenset({Scope.READ}), BY, desk.at)
    other.close()
    desk.at += REFRESH_NS - 1
    desk.doorkeeper.refresh()
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *more: Any) -> None:
        asked.append(statement)

    event.listen(desk.registry.database.engine, "before_cursor_execute", note)
    desk.at += REFRESH_NS - 1
    assert desk.doorkeeper.caller_of(secret) is not None
    assert asked == []
    desk.registry.keys.revoke(desk.registry.keys.by_public(_public(desk, secret)).id, BY, desk.at)
    desk.doorkeeper.refresh()
    assert desk.doorkeeper.caller_of(secret) is None


def _public(desk: Desk, secret: str) -> str:
    caller = desk.doorkeeper.caller_of(secret)
    assert caller is not None
    return caller.key_id


def test_a_key_for_paper_opens_no_account_of_another_mode(desk: Desk) -> None:
    usual, other = desk.key(Scope.TRADE), desk.key(Scope.TRADE, paper_only=False)
    alone = desk.key(Scope.TRADE, account_id=desk.registry.accounts.get("ravi", "second").id)
    with desk.registry.database.write() as connection:
        connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.name == "second").values(mode="live"))

    def opened(secret: str) -> tuple[str, ...]:
        caller = desk.doorkeeper.caller_of(secret)
        return () if caller is None else caller.accounts

    assert opened(usual) == ("ravi/main/1",)
    assert opened(other) == ("ravi/main/1", "ravi/second/1")
    assert opened(alone) == ()

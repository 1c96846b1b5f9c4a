"""
A desk that shares its accounts with others: which are its own now, and which it hands back.

Every process plays the same market and has some of the accounts, by their names (`store.shards`). When one
goes, the others take its accounts up where their logs end; when it comes again, they hand them back.
"""

import logging
from collections.abc import Callable, Iterable, Sequence

import msgspec

from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.roll import Roll, opened
from kasauti.errors import LogCorrupt, LogLocked
from kasauti.store.chained_log import LAST
from kasauti.store.log_store import SharedStore
from kasauti.store.registry.accounts import Account
from kasauti.store.shards import Share, owner

_LOGGER = logging.getLogger(__name__)


class Shard(msgspec.Struct, frozen=True):
    """One of several processes: its name, and the names of all that there may be."""

    me: str
    processes: tuple[str, ...]


class Sharing:
    """
    What a desk has of the accounts in a `store` that several write to; `roll` are those.

    An account that comes from a process whose market had come further waits until this one's has, which is
    set forward for it: what it has done lies in no future.
    """

    def __init__(self, store: SharedStore, shard: Shard, roll: Roll, loaded: Loaded) -> None:
        """Say that this process is there; raises `LogLocked` if another one has its name."""
        self._store = store
        self._me = shard.me
        self._share = Share(store, shard.me, shard.processes)
        self._roll = roll
        self._loaded = loaded
        self._arriving: list[DeskAccount] = []
        self._broken: set[str] = set()

    def due(self, accounts: Iterable[str]) -> list[str]:
        """Return which of the accounts are this process's to take now."""
        return self._share.to_take(accounts)

    def elsewhere(self, account: str) -> str:
        """Return which other process an account belongs to now, "" for none."""
        found = owner(account, self._share.present())
        return "" if found == self._me else found

    def last_moment(self, accounts: Iterable[str]) -> int:
        """Return when something last happened to any of the accounts, 0 for never."""
        return max((row[1] for each in accounts for row in self._store.rows(LAST, each)), default=0)

    def turn(self, desk: Desk, accounts: Sequence[Account], begin: Callable[[DeskAccount], None]) -> None:
        """Hand over what belongs to a process that is there again; take, and `begin`, what is this one's."""
        mine = {each.name: each for each in self._roll.accounts if not each.failed}
        for name in self._share.to_release():
            if name in mine:
                desk.dismiss(mine[name])
                self._roll.dismiss(mine[name], "another process has it now", desk.now)
                self._store.release(name)
        there = {each.stream: each for each in accounts}
        logs = set(self._store.streams())
        for name in self.due(sorted(there.keys() - self._broken)):
            try:
                if name in logs:
                    self._arriving.append(self._roll.arrival(name))
                else:
                    self._open(there[name], desk.now, begin)
            except LogLocked:  # a third one was quicker
                continue
            except LogCorrupt as error:
                self._broken.add(name)
                _LOGGER.critical("the account %s cannot be taken up: %s", name, error)
        self._admit(desk, begin)

    def _open(self, new: Account, at: int, begin: Callable[[DeskAccount], None]) -> None:
        event = opened(
            self._loaded, new.name, capital=new.capital, plan=new.plan, currency=new.currency.value
        )
        for account in self._roll.open([(new.stream, event)], at):
            begin(account)

    def _admit(self, desk: Desk, begin: Callable[[DeskAccount], None]) -> None:
        """Have accounts trade whose last event this market has come to; else have it come there."""
        now, arrived = desk.now, self._arriving
        self._arriving = [each for each in arrived if each.state.at > now]
        for account in arrived:
            if account.state.at <= now:
                self._roll.add(account)
                begin(account)
                _LOGGER.warning("the account %s is this process's now", account.name)
        desk.flush()
        if self._arriving:
            desk.floor.clock.forward(max(each.state.at for each in self._arriving))

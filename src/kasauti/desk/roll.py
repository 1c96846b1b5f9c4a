"""The accounts of a desk's home: taken up from their logs, opened, let go."""

import contextlib
import logging
from collections.abc import Collection, Iterable
from itertools import count
from pathlib import Path

from kasauti.compose import parts
from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.errors import LogError, NumberTooLarge
from kasauti.store.log_store import LogStore
from kasauti.store.snapshot import check_can_be_kept, load_state, save_snapshot

_LOGGER = logging.getLogger(__name__)
#: The file of the logs, in a desk's folder.
LOG = "log.db"
#: Stands between an account and the number of its replay in the name of a log.
REPLAY = "@replay-"


class Roll:
    """
    The accounts that a desk has, in the order they came; `store` has their logs, `folder` their snapshots.

    `changes` counts openings and goings. While `waiting` is not None a recorded day is replayed: the accounts
    are those of the replay, and the desk's own are the ones that wait.
    """

    def __init__(self, folder: Path, store: LogStore) -> None:
        self.store = store
        self.accounts: list[DeskAccount] = []
        self.waiting: list[DeskAccount] | None = None
        self.changes = 0
        self._folder = folder

    def own_logs(self, wanted: Collection[str] | None) -> list[str]:
        """Return the logs there are, without those of replays; with `wanted` only those of them."""
        there = [each for each in self.store.streams() if REPLAY not in each]
        return [each for each in there if wanted is None or each in wanted]

    def arrival(self, name: str) -> DeskAccount:
        """
        Take an account where its log ends, to be added later; `LogLocked` if another process has it.

        One that no snapshot and no table can keep has stopped.
        """
        log = self.store.stream(name)
        account = DeskAccount(name, log, load_state(log, self._folder))
        try:
            check_can_be_kept(account.state, log)
        except NumberTooLarge as error:
            account.failed = str(error)
            _LOGGER.critical("the account %s stops: %s", name, error)
        return account

    def add(self, account: DeskAccount) -> None:
        """Have an account on the desk."""
        self.accounts.append(account)
        self.changes += 1

    def open(self, wanted: Iterable[tuple[str, ev.AccountOpened]], at: int) -> list[DeskAccount]:
        """Open accounts; raises `LogError` if there is one of such a name, or a replay goes on."""
        self.check_no_replay()
        there, made = set(self.store.streams()), []
        for name, event in wanted:
            if name in there:
                raise LogError(f"there is an account {name!r} already; choose another name")
            account = DeskAccount(name, self.store.stream(name), State())
            account.record(event, "session", at)
            self.accounts.append(account)
            made.append(account)
        self.changes += 1
        return made

    def dismiss(self, account: DeskAccount, reason: str, at: int) -> None:
        """Let one account go; its log stays, to which one that has stopped adds nothing."""
        self.check_no_replay()
        if not account.failed:
            account.record(ev.SessionStopped(reason), "session", at)
        self.store.commit()
        self.accounts.remove(account)
        self.changes += 1

    def let_go(self, reason: str, at: int) -> None:
        """
        Have every account end its session in the market that has played.

        One that has stopped within an event may not stand where its log does; the next start folds that anew.
        """
        sound = [account for account in self.accounts if not account.failed]
        for account in sound:
            account.record(ev.SessionStopped(reason), "session", at)
        self.store.commit()
        for account in self.accounts:
            account.end()
        for account in sound:
            self.save(account)

    def save(self, account: DeskAccount) -> None:
        """Keep a snapshot of an account, which makes the next start quicker; no more than that is lost."""
        with contextlib.suppress(OSError, NumberTooLarge):
            save_snapshot(account.state, account.log, self._folder)

    # Replays.

    def check_no_replay(self) -> None:
        """Raise `LogError` while a recorded day is replayed."""
        if self.waiting is not None:
            raise LogError("a recorded day is being replayed; end the replay, then open or reset accounts")

    def begin_replay(self, at: int) -> None:
        """Put a new account in place of each: under the same name, with a log that nothing is in."""
        if self.waiting is None:
            self.waiting = self.accounts
        self.accounts = [self._replayed(each, at) for each in self.waiting]

    def end_replay(self) -> None:
        """Have the desk's own accounts again."""
        assert self.waiting is not None, "a replay goes on"
        self.accounts, self.waiting = self.waiting, None

    def _replayed(self, own: DeskAccount, at: int) -> DeskAccount:
        known = self.store.streams()
        number = next(n for n in count(1) if f"{own.name}{REPLAY}{n}" not in known)
        account = DeskAccount(own.name, self.store.stream(f"{own.name}{REPLAY}{number}"), State())
        assert own.state.account is not None, "an account of a desk is open"
        account.record(own.state.account, "session", at)
        return account


def opened(loaded: Loaded, name: str, *, capital: int, plan: str, currency: str = "INR") -> ev.AccountOpened:
    """Return the event with which an account of the desk begins."""
    usual = parts.account_opened(loaded)
    return ev.AccountOpened(
        name,
        usual.mode,
        usual.order_prefix,
        capital,
        plan,
        currency=currency,
        config=usual.config,
        rules=usual.rules,
    )

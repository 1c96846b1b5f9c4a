"""A desk on its data folder: takes the accounts up, plays its market day after day, lets them go."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from kasauti import __version__
from kasauti.compose.markets import Batch, Market, check_tradable, market_of, taken_up
from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.first_start import given_defaults
from kasauti.desk.floor import Floor, Follower
from kasauti.desk.market_time import (
    MarketTime,
    check_whole_days,
    first_market,
    keep_market_time,
    kept_market_time,
    reached_in,
)
from kasauti.desk.memory import release_memory
from kasauti.desk.roll import LOG, Roll
from kasauti.desk.sharing import Shard, Sharing
from kasauti.desk.warm_up import warm_up
from kasauti.domain import events as ev
from kasauti.domain.inputs import Advance, MarketData
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.errors import ConfigError, LogError, LogWriteFailed, StorageError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.rules import rules_in_force
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import paced
from kasauti.store.log_store import LogStore
from kasauti.store.opening import open_shared_store, open_store
from kasauti.store.registry.registry import DATABASE, Registry

_LOGGER = logging.getLogger(__name__)
#: How often it is kept how far the market has come, and looked for accounts that moved.
_KEPT_EVERY_S = 1.0


class DeskPlay:
    """
    The desk of a data folder, from taking its accounts up to letting them go.

    `desk` is the one of the market that plays; another market follows when its data ends, with the same
    accounts. `database` is where the logs are if not in the folder; `streams` names the accounts to take up,
    None for all, `registry` is the folder's where it is open already. With a `shard` other processes share
    the accounts of the database, and those of this one change while it plays.
    """

    def __init__(
        self,
        loaded: Loaded,
        folder: Path,
        speed: float,
        *,
        database: str = "",
        streams: Collection[str] | None = None,
        registry: Registry | None = None,
        shard: Shard | None = None,
    ) -> None:
        check_whole_days(loaded.config.feed)
        self._given = registry
        self.loaded = loaded
        self.folder = folder
        self.speed = speed
        folder.mkdir(parents=True, exist_ok=True)
        #: The file or URL of the logs, for whoever reads them beside the desk.
        self.logs: str | Path = database or folder / LOG
        #: What accounts are opened with until an admin sets something else.
        self.usual = given_defaults(loaded, {})
        self._wanted: Market | None = None
        self._turn = asyncio.Event()
        self._stopping = asyncio.Event()
        #: Held while accounts are opened, reset or put away: the market does not change meanwhile.
        self.administering = asyncio.Lock()
        self._followers: list[Follower] = []
        self.desk: Desk
        self._rest: Iterator[Batch] = iter(())
        self._sharing: Sharing | None = None
        with contextlib.ExitStack() as opening:
            shared = None if shard is None else open_shared_store(database)
            self.store: LogStore = opening.enter_context(shared or open_store(self.logs, create=True))
            self._roll = Roll(folder, self.store)
            if shared is not None and shard is not None:
                self._sharing = Sharing(shared, shard, self._roll, loaded)
            self._take_up(streams)
            opening.pop_all()

    def _take_up(self, streams: Collection[str] | None) -> None:
        """Take up the accounts that are this desk's, and begin on the market that they have come to."""
        sharing, wanted = self._sharing, self._roll.own_logs(streams)
        for name in wanted if sharing is None else sharing.due(wanted):
            self._roll.add(self._roll.arrival(name))
        self._others_at = 0 if sharing is None else sharing.last_moment(wanted)
        self._set_up(self._first_market())

    @property
    def accounts(self) -> list[DeskAccount]:
        """The accounts that trade here, in the order they came."""
        return self._roll.accounts

    @property
    def changes(self) -> int:
        """How often accounts came and went."""
        return self._roll.changes

    def _first_market(self) -> Market:
        return first_market(self.loaded.config.feed, self.folder, self.accounts, self._others_at)

    def _set_up(self, market: Market) -> None:
        """Begin on a market; accounts whose day in it is open go on where they were."""
        kept = None if self.is_replay else kept_market_time(self.folder)
        moment = reached_in(market, kept, self.accounts, self._others_at)
        first = next(market.play(None), None)
        if first is None:
            raise ConfigError(f"the {market.label} has no data; choose another feed")
        history: list[Batch] = []
        self._rest = market.play(None)
        if moment:
            again = taken_up(market, moment, 0)
            history, self._rest = again.history, again.rest
        start = max(int(first.at[0]), moment)
        floor = Floor(self.loaded, market, MarketClock(start, self.speed))
        floor.followers = self._followers
        for follower in self._followers:
            follower.begin(floor)
        self.desk = Desk(floor, self.store)
        self.desk.resume(history, start)
        for account in self.accounts:
            self._begin(account)
        self.desk.flush()

    def _begin(self, account: DeskAccount) -> None:
        if account.failed:
            self.desk.accounts[account.name] = account
            return
        state, now = account.state, self.desk.now
        started = ev.SessionStarted(
            __version__,
            self.desk.floor.market.source,
            "resume",
            state.session is not None,
            state.at,
            config=self.loaded.as_json(),
            rules=rules_in_force(),
        )
        account.record(started, "session", now)
        self.desk.admit(account)

    def open_account(self, name: str, event: ev.AccountOpened) -> DeskAccount:
        """Open an account; raises `LogError` if there is one of that name."""
        (account,) = self.open_accounts([(name, event)])
        return account

    def open_accounts(self, wanted: Iterable[tuple[str, ev.AccountOpened]]) -> list[DeskAccount]:
        """Open accounts with one commit for all; raises `LogError` if there is one of such a name."""
        made = self._roll.open(wanted, self.desk.now)
        for account in made:
            self._begin(account)
        self.desk.flush()
        return made

    def dismiss(self, account: DeskAccount, reason: str) -> None:
        """Let one account go for good; its log stays."""
        self.check_no_replay()
        self.desk.dismiss(account)
        self._roll.dismiss(account, reason, self.desk.now)

    # Accounts that several processes share.

    def elsewhere(self, stream: str) -> str:
        """Return which other process an account is to be asked at, "" if it is this one."""
        return "" if self._sharing is None else self._sharing.elsewhere(stream)

    def why_not_here(self, stream: str) -> str:
        """Return why an account does not trade on this desk although it is open, for whoever asked for it."""
        who = self.elsewhere(stream)
        where = f"with the process {who!r}: ask there" if who else "about to come here: ask again in a second"
        return f"the account {stream} is {where}"

    @property
    def is_shared(self) -> bool:
        """Whether other processes have a part of the accounts."""
        return self._sharing is not None

    def share(self) -> None:
        """Hand over what belongs to a process that is there again, and take up what is this one's now."""
        if self._sharing is not None and not self.is_replay and not self.store.failed:
            self._sharing.turn(self.desk, self.registry.accounts.all(), self._begin)

    def warm_up(self) -> None:
        """Read now what rules would read when a first order comes."""
        opened = [each.state.account for each in self.accounts]
        alike = {(one.plan, one.config): one for one in opened if one is not None}
        for account in alike.values():
            warm_up(self.desk.floor, account, self.desk.now)

    async def run(self) -> None:
        """
        Play until `stop`; a built-in market is followed by the one of its next trading day.

        Where the disk takes nothing more the market stands still, and everything is refused until `stop`;
        then `LogWriteFailed` is raised.
        """
        keeping = asyncio.create_task(self._keep_time())
        try:
            await self._play()
            # A write for a command may have failed while the market said nothing.
            self.store.check_writable()
        except LogWriteFailed:
            await self._stopping.wait()
            raise
        finally:
            keeping.cancel()

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(_KEPT_EVERY_S)
            self._keep_time_now()
            self._share_now()

    def _share_now(self) -> None:
        try:
            self.share()
        except LogWriteFailed:
            _LOGGER.critical("the desk stops: %s", self.store.failed)
        except StorageError as error:
            _LOGGER.warning("which accounts are open is not known now: %s", error)
        except LogError as error:
            # Whoever cannot ask has lost the session, and with it the right to write.
            self.store.failed = self.store.failed or str(error)
            _LOGGER.critical("the desk stops: %s", error)

    def _keep_time_now(self) -> None:
        if self.is_replay:
            return
        market, now = self.desk.floor.market, self.desk.now
        keep_market_time(self.folder, MarketTime(market.source, ist_date(now), now))

    async def _play(self) -> None:
        while not self._stopping.is_set():
            playing = asyncio.create_task(self.desk.run(self._paced()))
            turning = asyncio.create_task(self._turn.wait())
            await asyncio.wait([playing, turning], return_when=asyncio.FIRST_COMPLETED)
            if playing.done():
                playing.result()
                if self.is_replay or self.loaded.config.feed.kind != "builtin":
                    await turning
            if not playing.done():
                playing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await playing
            turned = turning.done()
            turning.cancel()
            if self._stopping.is_set():
                return
            self._turn.clear()
            async with self.administering:
                self._next_market(turned=turned)

    def _next_market(self, *, turned: bool) -> None:
        """Begin on the market that is wanted, or on that of the next day."""
        if turned:
            self._change_market()
        else:
            last = ist_date(self.desk.now)
            self._let_go("the market's data ended")
            self._set_up(market_of(self.loaded.config.feed, Calendar().next_trading_day(last)))
        release_memory()

    # Replays.

    @property
    def is_replay(self) -> bool:
        """Whether a recorded day is being replayed instead of the desk's own market."""
        return self._roll.waiting is not None

    def check_no_replay(self) -> None:
        """Raise `LogError` while a recorded day is replayed: its accounts are not the desk's own."""
        self._roll.check_no_replay()

    def replay(self, market: Market) -> None:
        """
        Have a recorded market in place of the one that plays, from its beginning, standing still.

        Every account has another log while it lasts, with the capital that it was opened with.
        """
        check_tradable(market, self.loaded.config.simulator.assume_rules_of)
        self._wanted = market
        self._turn.set()

    def end_replay(self) -> None:
        """Go back to the desk's own market, where its accounts were."""
        self._wanted = None
        self._turn.set()

    def _change_market(self) -> None:
        wanted = self._wanted
        if wanted is None and not self.is_replay:
            return
        self._keep_time_now()
        self._let_go("a replay begins" if wanted is not None else "the replay ended")
        if wanted is None:
            self._roll.end_replay()
            self._set_up(self._first_market())
            return
        begins = next(wanted.play(None), None)
        if begins is None:
            raise ConfigError(f"the {wanted.label} has no data; choose another recording")
        self._roll.begin_replay(int(begins.at[0]))
        self._set_up(wanted)
        self.desk.floor.clock.pause()

    def _paced(self) -> AsyncIterator[MarketData | Advance]:
        return paced(self._rest, self.desk.floor.clock, until=self._end_of_data)

    def _end_of_data(self) -> int:
        """Return until when time goes on after the last data: to the close of the day it has come to."""
        now, ends = self.desk.now, self.desk.floor.market.ends
        closes = max((a.engine.day_closes for a in self.accounts if a.trades), default=now)
        return max(now, closes if ends is None else min(closes, ist_ns(ist_date(closes), ends)))

    def follow(self, follower: Follower) -> None:
        """Have somebody told what moves on the floor, of this market and those after it."""
        self._followers.append(follower)
        follower.begin(self.desk.floor)

    def stop(self) -> None:
        """Have `run` return."""
        self._stopping.set()
        self._turn.set()

    def close(self, reason: str) -> None:
        """Let every account go, and the store; after a failed write nothing more is recorded."""
        if not self.store.failed:
            self._let_go(reason)
            self._keep_time_now()
        self._close_files()

    @cached_property
    def registry(self) -> Registry:
        """Users, strategies, hooks and alerts of this folder; opened when it is first asked for."""
        return self._given or Registry.open(self.folder)

    @property
    def has_registry(self) -> bool:
        """Whether there is a registry already, so that looking into it makes none."""
        is_open = self._given is not None or "registry" in self.__dict__
        return is_open or (self.folder / DATABASE).exists()

    def _close_files(self) -> None:
        self.store.close()
        if self._given is None and "registry" in self.__dict__:
            self.registry.close()

    def _let_go(self, reason: str) -> None:
        self.desk.flush()
        self._roll.let_go(reason, self.desk.now)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_files()

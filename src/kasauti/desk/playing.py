"""A desk on its data folder: takes the accounts up, plays its market day after day, lets them go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Iterable, Iterator
from datetime import date
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from kasauti import __version__
from kasauti.compose import parts
from kasauti.compose.markets import Batch, Market, check_tradable, market_of, taken_up
from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.floor import Floor, Follower
from kasauti.desk.market_time import MarketTime, keep_market_time, kept_market_time
from kasauti.desk.warm_up import warm_up
from kasauti.domain import events as ev
from kasauti.domain.inputs import Advance, MarketData
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.domain.state import State
from kasauti.errors import ConfigError, LogError, LogWriteFailed
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.rules import rules_in_force
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import paced
from kasauti.store.log_store import LogStore
from kasauti.store.opening import open_store
from kasauti.store.registry.registry import DATABASE, Registry
from kasauti.store.snapshot import load_state, save_snapshot

#: The file of the logs, in a desk's folder.
LOG = "log.db"
#: How often it is kept how far the market has come.
_KEPT_EVERY_S = 1.0
#: Stands between an account and the number of its replay in the name of a log.
REPLAY = "@replay-"


class DeskPlay:
    """
    The desk of a data folder, from taking its accounts up to letting them go.

    `desk` is the one of the market that plays; another market follows when its data ends, with the same
    accounts. `database` is where the logs are if not in the folder; `streams` names the accounts to take up,
    None for all, `registry` is the folder's where it is open already. `changes` counts openings and goings of
    accounts.
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
    ) -> None:
        self._given = registry
        self.loaded = loaded
        self.folder = folder
        self.speed = speed
        folder.mkdir(parents=True, exist_ok=True)
        #: The file or URL of the logs, for whoever reads them beside the desk.
        self.logs: str | Path = database or folder / LOG
        self.store: LogStore = open_store(self.logs, create=True)
        there = self.store.streams()
        self.accounts = [self._taken_up(name) for name in there if self._is_mine(name, streams)]
        self.changes = 0
        #: The accounts that wait while a recorded day is replayed; None while none is.
        self._waiting: list[DeskAccount] | None = None
        self._wanted: Market | None = None
        self._turn = asyncio.Event()
        self._stopping = asyncio.Event()
        self._followers: list[Follower] = []
        self.desk: Desk
        self._rest: Iterator[Batch] = iter(())
        self._set_up(self._first_market())

    def _is_mine(self, stream: str, streams: Collection[str] | None) -> bool:
        """Whether a log is of an account to take up: not of a replay, and among those that are named."""
        return REPLAY not in stream and (streams is None or stream in streams)

    def _taken_up(self, name: str) -> DeskAccount:
        log = self.store.stream(name)
        return DeskAccount(name, log, load_state(log, self.folder))

    def _first_market(self) -> Market:
        """Return the market of the configuration, at the day that the accounts have come to."""
        feed = self.loaded.config.feed
        days = [account.state.day for account in self.accounts if account.state.day]
        kept = kept_market_time(self.folder)
        if kept is not None and feed.kind == "builtin" and feed.day is None:
            market = market_of(feed, kept.day)
            if market.source == kept.source and kept.day.isoformat() >= max(days, default=""):
                return market
        if feed.day is not None or not days:
            return market_of(feed)
        last = date.fromisoformat(max(days))
        is_open = any(a.state.day_open and a.state.day == max(days) for a in self.accounts)
        if feed.kind != "builtin":
            return market_of(feed)
        return market_of(feed, last if is_open else Calendar().next_trading_day(last))

    def _set_up(self, market: Market) -> None:
        """Begin on a market; accounts whose day in it is open go on where they were."""
        moment = self._come_to(market)
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

    def _come_to(self, market: Market) -> int:
        """Return the latest moment that the market or an account has come to in its days, 0 for none."""
        days, kept = {day.isoformat() for day in market.days}, kept_market_time(self.folder)
        moments = [a.state.at for a in self.accounts if a.state.day_open and a.state.day in days]
        if kept is not None and kept.source == market.source and not self.is_replay:
            moments.append(kept.at)
        return max(moments, default=0)

    def _begin(self, account: DeskAccount) -> None:
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

    def open_account(self, name: str, opened: ev.AccountOpened) -> DeskAccount:
        """Open an account; raises `LogError` if there is one of that name."""
        (account,) = self.open_accounts([(name, opened)])
        return account

    def open_accounts(self, wanted: Iterable[tuple[str, ev.AccountOpened]]) -> list[DeskAccount]:
        """Open accounts with one commit for all; raises `LogError` if there is one of such a name."""
        self._check_no_replay()
        there, made = set(self.store.streams()), []
        for name, opened in wanted:
            if name in there:
                raise LogError(f"there is an account {name!r} already; choose another name")
            account = DeskAccount(name, self.store.stream(name), State())
            account.record(opened, "session", self.desk.now)
            self.accounts.append(account)
            self._begin(account)
            made.append(account)
        self.changes += 1
        self.desk.flush()
        return made

    def dismiss(self, account: DeskAccount, reason: str) -> None:
        """Let one account go for good; its log stays."""
        self._check_no_replay()
        self.desk.dismiss(account)
        account.record(ev.SessionStopped(reason), "session", self.desk.now)
        self.store.commit()
        self.accounts.remove(account)
        self.changes += 1

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
        except LogWriteFailed:
            await self._stopping.wait()
            raise
        finally:
            keeping.cancel()

    async def _keep_time(self) -> None:
        while True:
            await asyncio.sleep(_KEPT_EVERY_S)
            self._keep_time_now()

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
            if turned:
                self._change_market()
            else:
                last = ist_date(self.desk.now)
                self._let_go("the market's data ended")
                self._set_up(market_of(self.loaded.config.feed, Calendar().next_trading_day(last)))

    # Replays.

    @property
    def is_replay(self) -> bool:
        """Whether a recorded day is being replayed instead of the desk's own market."""
        return self._waiting is not None

    def _check_no_replay(self) -> None:
        if self.is_replay:
            raise LogError("a recorded day is being replayed; end the replay, then open or reset accounts")

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
        wanted, own = self._wanted, self._waiting
        if wanted is None and own is None:
            return
        self._keep_time_now()
        self._let_go("a replay begins" if wanted is not None else "the replay ended")
        if own is None:
            own = self.accounts
        if wanted is None:
            self.accounts, self._waiting = own, None
            self._set_up(self._first_market())
            return
        begins = next(wanted.play(None), None)
        if begins is None:
            raise ConfigError(f"the {wanted.label} has no data; choose another recording")
        at = int(begins.at[0])
        self.accounts, self._waiting = [self._replayed(each, at) for each in own], own
        self._set_up(wanted)
        self.desk.floor.clock.pause()

    def _replayed(self, own: DeskAccount, at: int) -> DeskAccount:
        """Return an account for a replay: under the same name, with a log that nothing is in."""
        known = self.store.streams()
        number = next(n for n in count(1) if f"{own.name}{REPLAY}{n}" not in known)
        account = DeskAccount(own.name, self.store.stream(f"{own.name}{REPLAY}{number}"), State())
        assert own.state.account is not None, "an account of a desk is open"
        account.record(own.state.account, "session", at)
        return account

    def _paced(self) -> AsyncIterator[MarketData | Advance]:
        market, floor = self.desk.floor.market, self.desk.floor
        closes = max((a.engine.day_closes for a in self.accounts if a.trades), default=self.desk.now)
        until = closes if market.ends is None else min(closes, ist_ns(ist_date(closes), market.ends))
        return paced(self._rest, floor.clock, until=lambda: max(until, self.desk.now))

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
        for account in self.accounts:
            account.record(ev.SessionStopped(reason), "session", self.desk.now)
            account.end()
        self.store.commit()
        for account in self.accounts:
            with contextlib.suppress(OSError):
                save_snapshot(account.state, account.log, self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close_files()


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

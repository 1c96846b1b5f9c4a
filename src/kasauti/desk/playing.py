"""A desk on its data folder: takes the accounts up, plays its market day after day, lets them go."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import date
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from kasauti import __version__
from kasauti.compose import parts
from kasauti.compose.markets import Batch, Market, market_of, taken_up
from kasauti.config import Loaded
from kasauti.desk.account import DeskAccount
from kasauti.desk.desk import Desk
from kasauti.desk.floor import Floor, Follower
from kasauti.domain import events as ev
from kasauti.domain.inputs import Advance, MarketData
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.domain.state import State
from kasauti.errors import ConfigError, LogError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.rules import rules_in_force
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import paced
from kasauti.store.registry.registry import DATABASE, Registry
from kasauti.store.snapshot import load_state, save_snapshot
from kasauti.store.sqlite import SqliteStore

_LOG = "log.db"


class DeskPlay:
    """
    The desk of a data folder, from taking its accounts up to letting them go.

    `desk` is the one of the market that plays; another market follows when its data ends, with the same
    accounts.
    """

    def __init__(self, loaded: Loaded, folder: Path, speed: float) -> None:
        self.loaded = loaded
        self.folder = folder
        self.speed = speed
        folder.mkdir(parents=True, exist_ok=True)
        self.store = SqliteStore.open(folder / _LOG, create=True)
        self.accounts = [self._taken_up(name) for name in self.store.streams()]
        self._stopping = asyncio.Event()
        self._followers: list[Follower] = []
        self.desk: Desk
        self._rest: Iterator[Batch] = iter(())
        self._set_up(self._first_market())

    def _taken_up(self, name: str) -> DeskAccount:
        log = self.store.stream(name)
        return DeskAccount(name, log, load_state(log, self.folder))

    def _first_market(self) -> Market:
        """Return the market of the configuration, at the day that the accounts have come to."""
        feed = self.loaded.config.feed
        days = [account.state.day for account in self.accounts if account.state.day]
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

    def _come_to(self, market: Market) -> int:
        """Return the latest moment that an account has come to in a day of this market, 0 for none."""
        days = {day.isoformat() for day in market.days}
        return max((a.state.at for a in self.accounts if a.state.day_open and a.state.day in days), default=0)

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
        if name in self.store.streams():
            raise LogError(f"there is an account {name!r} already; choose another name")
        account = DeskAccount(name, self.store.stream(name), State())
        account.record(opened, "session", self.desk.now)
        self.accounts.append(account)
        self._begin(account)
        return account

    async def run(self) -> None:
        """Play until `stop`; a built-in market is followed by the one of its next trading day."""
        while not self._stopping.is_set():
            playing = asyncio.create_task(self.desk.run(self._paced()))
            stopping = asyncio.create_task(self._stopping.wait())
            await asyncio.wait([playing, stopping], return_when=asyncio.FIRST_COMPLETED)
            if not playing.done():
                playing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await playing
                return
            stopping.cancel()
            playing.result()
            if self.loaded.config.feed.kind != "builtin":
                await self._stopping.wait()
                return
            last = ist_date(self.desk.now)
            self._let_go("the market's data ended")
            self._set_up(market_of(self.loaded.config.feed, Calendar().next_trading_day(last)))

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

    def close(self, reason: str) -> None:
        """Let every account go, and the store."""
        self._let_go(reason)
        self._close_files()

    @cached_property
    def registry(self) -> Registry:
        """Users, strategies, hooks and alerts of this folder; opened when it is first asked for."""
        return Registry.open(self.folder)

    @property
    def has_registry(self) -> bool:
        """Whether there is a registry already, so that looking into it makes none."""
        return "registry" in self.__dict__ or (self.folder / DATABASE).exists()

    def _close_files(self) -> None:
        self.store.close()
        if "registry" in self.__dict__:
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

"""
The universal paper trader: one account, one market, one process, from the first check to the last line.

The order of a start is fixed: settings and credentials have been read, the market is connected, then the
account is taken up, its past is looked at, an answer to it is found, and only then do the simulated
exchange, the strategies and the loops begin.
"""

import contextlib
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import msgspec

from kasauti import __version__
from kasauti.compose import parts
from kasauti.compose.account import OpenAccount
from kasauti.compose.markets import Batch, Market, check_tradable, taken_up, within
from kasauti.compose.masters import day_lists
from kasauti.compose.strategies import strategies
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import Command
from kasauti.domain.ist import NS_PER_SECOND, ist_date, ist_day_number, ist_iso, ist_ns
from kasauti.domain.state import State
from kasauti.engine.engine import Engine
from kasauti.engine.guard import TimedGuard
from kasauti.engine.live import LiveLoop
from kasauti.engine.rules import Rules
from kasauti.errors import ConfigError
from kasauti.exchange.rules import rules_in_force
from kasauti.feeds.clock import MarketClock
from kasauti.feeds.pacing import paced
from kasauti.ports import Subscriber
from kasauti.store.projections import DayFiles
from kasauti.store.snapshot import save_snapshot, snapshot_due

#: What a hook may take before it is left behind: the most that a hung entry can delay an exit by.
HOOK_BUDGET_S = 1.0
#: Why trading is halted after the answer `hold`.
HELD = "held after a crash; `kasauti run --resume` goes on"


class Answer(StrEnum):
    """What to do about a session that ended without saying so."""

    RESUME = "resume"
    FRESH = "fresh"
    HOLD = "hold"


class Past(msgspec.Struct, frozen=True):
    """
    What a start finds.

    `crashed` is whether the last process ended without saying so, `same_day` whether its trading day is not
    over in this market, `downtime_s` the wall seconds since it last wrote, at `wrote_ns` (0: never).
    """

    crashed: bool
    day: str
    day_open: bool
    same_day: bool
    last_at: int
    wrote_ns: int
    downtime_s: float
    feed: str

    @property
    def needs_an_answer(self) -> bool:
        """Whether a person should be asked."""
        return self.crashed and self.same_day

    @property
    def missed(self) -> str:
        """What did not happen because nobody was here, as a sentence; only asked after a crash."""
        if self.same_day:
            return "nothing: the prices go on where the account stopped"
        if self.day_open:
            return f"the close of {self.day}: its orders lapse, and its books close, when this session begins"
        return "nothing: the day was over"


class UniversalPaperTrader:
    """Runs `account` on `market` as `loaded` says. Use it in the order of its methods."""

    def __init__(
        self,
        loaded: Loaded,
        account: OpenAccount,
        market: Market,
        *,
        subscribers: Sequence[Subscriber] = (),
        guarded: bool = True,
    ) -> None:
        check_tradable(market, loaded.config.simulator.assume_rules_of)
        self._loaded = loaded
        self.config = loaded.config
        self.market = within(market, self.config.feed.starts_at, self.config.feed.ends_at)
        self.account = account
        self._subscribers = tuple(subscribers)
        self._guard = TimedGuard(HOOK_BUDGET_S) if guarded else None
        self._makers = strategies(loaded, market.universe)
        self._rest: Iterator[Batch] = iter(())
        self._loop: LiveLoop | None = None
        self._kept = account.state.seq
        self.engine: Engine
        #: The day's readable files; `problem` says if they cannot be written.
        self.files: DayFiles
        self.board = Board(market.universe)
        self.clock: MarketClock

    @property
    def state(self) -> State:
        """The account's state."""
        return self.account.state

    def past(self, wall_ns: int) -> Past:
        """Look at what the last process left."""
        state, wrote = self.state, self.account.last_written_ns
        return Past(
            crashed=state.session is not None,
            day=state.day,
            day_open=state.day_open,
            same_day=state.day_open and state.day in {day.isoformat() for day in self.market.days},
            last_at=state.at,
            wrote_ns=wrote,
            downtime_s=max(0.0, (wall_ns - wrote) / NS_PER_SECOND) if wrote else 0.0,
            feed=state.feed,
        )

    def begin(self, past: Past, answer: Answer, *, lifts_hold: bool = False) -> None:
        """
        Take the account up: open it if it is new, say who has it now, and build the engine.

        `lifts_hold` ends the halt that an earlier `hold` began. Raises `ConfigError` if the account's day was
        begun on other prices than these, or if a file of rules cannot be read; nothing has happened then.
        """
        fresh = answer is Answer.FRESH and self.account.has_history
        rules = self._rules(State() if fresh else self.state)
        if fresh:
            self.account.begin_again()
            self._kept = 0
        if self.state.day_open and self.state.feed != self.market.source and past.same_day:
            raise ConfigError(
                f"the account's day {self.state.day} was begun on {self.state.feed} and cannot go on on "
                f"{self.market.source}; choose the same prices, or --fresh"
            )
        at = self._first_moment(self.state)
        self.files = DayFiles(self.account.folder, self.account.log, self.state)
        if not self.state.seq:
            self.account.record(parts.account_opened(self._loaded), "session", at)
        started = ev.SessionStarted(
            __version__,
            self.market.source,
            answer.value,
            past.crashed,
            past.last_at,
            round(past.downtime_s, 3) if past.crashed else 0.0,
            self._loaded.as_json(),
            rules_in_force(),
        )
        self.account.record(started, "session", at)
        if answer is Answer.HOLD and not self.state.halted:
            self.account.record(ev.TradingHalted(HELD), "session", at)
        if lifts_hold and self.state.halted == HELD:
            self.account.record(ev.TradingResumed("resumed by the user"), "session", at)
        self._build(at, rules)

    def _first_moment(self, state: State) -> int:
        """Return the first moment that is still to be traded; `ConfigError` if there is none."""
        for day in self.market.days:
            text = day.isoformat()
            if text > state.day or (text == state.day and state.day_open):
                return max(state.at, ist_ns(day))
        raise ConfigError(
            f"every day of the {self.market.label} has been traded by this account, up to {state.day}; "
            "choose another day, or --fresh"
        )

    def _build(self, at: int, rules: Rules) -> None:
        state = self.state
        resumes = state.day_open and bool(state.day)
        history: list[Batch] = []
        if resumes:
            again = taken_up(self.market, state.at, self._longest_candle_s())
            history, self._rest, self.board.ticks = again.history, again.rest, again.skipped
        else:
            self._rest = _from_day(self.market.play(None), ist_day_number(at))
        self.engine = Engine(
            state=state,
            log=self.account.log,
            board=self.board,
            venue=parts.venue(self.config, self.board, state, rules, is_bars=self.market.is_bars),
            rules=rules,
            strategies=self._makers,
            guard=self._guard,
            subscribers=(self.files, *self._subscribers, self),
        )
        if resumes:
            self.engine.resume(history)
            self.engine.commit()

    def _rules(self, state: State) -> Rules:
        """
        Return the rules, with the day's instrument lists if any were loaded.

        Margins of the first day are made ready: what they come from is read before anything happens.
        """
        account = state.account or parts.account_opened(self._loaded)
        rules = parts.rules(self.config, account.plan, account.capital, self.market.universe)
        parts.make_ready(rules, ist_date(self._first_moment(state)))
        lists = day_lists(Path(self.config.storage.data_dir))
        return msgspec.structs.replace(rules, lists=lists)

    def _longest_candle_s(self) -> int:
        wanted = [candle for make in self._makers for candle in make().subscriptions().candles]
        return max((candle.seconds for candle in wanted), default=0)

    async def run(self, speed: float) -> None:
        """Trade until the market's data ends or `stop` is called; `speed` 0 is as fast as possible."""
        first = next(self._rest, None)
        start = self.state.at if first is None else max(self.state.at, int(first.at[0]))
        self.clock = MarketClock(start, speed)
        self._loop = LiveLoop(self.engine, self.clock.now)
        batches = self._rest if first is None else _put_back(first, self._rest)
        await self._loop.run(paced(batches, self.clock, until=self._until))

    def _until(self) -> int:
        """Return how far time goes after the last data: to the close of the day, or where the market ends."""
        closes, ends = self.engine.day_closes, self.market.ends
        return closes if ends is None or closes < 0 else min(closes, ist_ns(ist_date(closes), ends))

    async def ask(self, command: Command, cause: str = "user") -> str | None:
        """Have a command decided while `run` runs; returns its order's id once it is durable."""
        assert self._loop is not None, "the trader runs"
        return await self._loop.ask(command, cause)

    def stop(self) -> None:
        """Have `run` return."""
        if self._loop is not None:
            self._loop.stop()

    def end(self, reason: str) -> None:
        """Say that this process lets go of the account, and why."""
        if self._guard is not None:
            self._guard.close()
        self.account.record(ev.SessionStopped(reason), "session", self.state.at)
        self.files.catch_up()
        self._keep_snapshot()

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        """Keep a snapshot every so many events, so that the next start is quick."""
        if snapshot_due(self.state.seq, self._kept, self.config.storage.snapshot_every):
            self._keep_snapshot()

    def _keep_snapshot(self) -> None:
        """Keep one; a disk that takes none costs the next start some time, and this session nothing."""
        if self.config.storage.snapshot_every:
            with contextlib.suppress(OSError):
                save_snapshot(self.state, self.account.log, self.account.folder)
            self._kept = self.state.seq

    def describe(self) -> str:
        """Return what is traded on, and how far it has come."""
        return f"{self.market.label}, at {ist_iso(self.state.at)}"


def _put_back(first: Batch, rest: Iterator[Batch]) -> Iterator[Batch]:
    yield first
    yield from rest


def _from_day(batches: Iterator[Batch], day_number: int) -> Iterator[Batch]:
    """Drop the days before."""
    return (batch for batch in batches if ist_day_number(int(batch.at[0])) >= day_number)

"""
The desk: a market and the accounts that trade in it, one engine each, one commit for all of them.

Everything happens on one thread, in the order it comes: a moment of the market, a command of somebody. A
command is decided at once; its answer waits for the commit at the end of the loop's turn, which it shares
with every other command of that turn. A moment of the market visits the accounts that it matters to.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable
from heapq import heappop, heappush

from kasauti.desk.account import DeskAccount
from kasauti.desk.answer import Answer
from kasauti.desk.crossings import Crossings
from kasauti.desk.floor import Floor
from kasauti.domain.board import quote_at
from kasauti.domain.commands import Command
from kasauti.domain.inputs import Advance, Ask, MarketData
from kasauti.domain.ist import ist_day_number
from kasauti.domain.market import Quote, TickBatch
from kasauti.engine.asked import wrong_with
from kasauti.errors import AccountStopped, InvalidInput, KasautiError, LogWriteFailed
from kasauti.simulator.transit import NEVER
from kasauti.store.log_store import LogStore

_LOGGER = logging.getLogger(__name__)
_STOPPED = "the account stopped on an error of ours; what it recorded is safe: restart the desk to go on"


class Desk:
    """
    Runs accounts on the market of a `floor`; `store` has their logs.

    `accounts` are by name. Nothing is answered or told before it is durable; once a commit has failed the
    desk takes nothing more.
    """

    def __init__(self, floor: Floor, store: LogStore) -> None:
        self.floor = floor
        self.store = store
        self.accounts: dict[str, DeskAccount] = {}
        #: The time this desk has come to, that of the latest market data, and how often it has committed.
        self.now = self.data_at = self.commits = 0
        self._crossings: Crossings[DeskAccount] = Crossings(len(floor.universe))
        #: When accounts have something to do by themselves: (when, name); `_due` says which entry holds.
        self._agenda: list[tuple[int, str]] = []
        self._due: dict[str, int] = {}
        self._touched: dict[str, DeskAccount] = {}
        self._answers: list[tuple[asyncio.Future[Answer], Answer]] = []
        self._day = -1
        #: Before this moment no account has a closing average to keep: most of a day.
        self._windows_begin = NEVER
        self._flush_asked = False

    def resume(self, history: Iterable[MarketData], at: int) -> None:
        """Begin at `at`, within a day of which the market has shown `history` before."""
        if at:
            self._begin_day_of(at)
        for batch in history:
            self.floor.show(batch)
        self.now = at

    # Accounts.

    def admit(self, account: DeskAccount) -> None:
        """Have an account trade in this market from now on; durable after the next `flush`."""
        self.accounts[account.name] = account
        account.begin(self.floor.engine_for(account))
        if account.state.day_open:
            account.engine.resume((), self.now)
        elif self._day >= 0:
            account.engine.handle(Advance(self.now))
        self._windows_begin = min(self._windows_begin, _windows_begin(account))
        self._visited(account)

    def dismiss(self, account: DeskAccount) -> None:
        """Let an account go, once what it has is durable."""
        self.flush()
        self._crossings.drop(account)
        self._due.pop(account.name, None)
        account.end()
        self.accounts.pop(account.name, None)

    # Commands.

    async def ask(self, account: DeskAccount, command: Command, cause: str, strategy: str = "") -> Answer:
        """
        Have a command decided; return what became of it once that is durable.

        With a `strategy` its trades are in that strategy's book as well.

        Raises `InvalidInput` for a number that no log can hold, `AccountStopped` if the account trades no
        more, `LogWriteFailed` if the disk does not take it.
        """
        wrong = wrong_with(command)
        if wrong:
            raise InvalidInput(wrong)
        if account.failed:
            raise AccountStopped(f"{account.name}: {account.failed}")
        self.store.check_writable()
        engine, at = account.engine, max(self.floor.clock.now(), self.now)
        self.now = at
        known = len(engine.untold)
        try:
            order_id = engine.handle(Ask(at, command, cause, strategy))
        except KasautiError:
            raise
        except Exception as error:
            self._fail(account, error)
            raise AccountStopped(f"{account.name}: {account.failed}") from error
        self._visited(account)
        answer = Answer(order_id, engine.untold[known:])
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._answers.append((future, answer))
        if not self._flush_asked:
            self._flush_asked = True
            loop.call_soon(self._flush_in_turn)
        return await future

    # The market.

    async def run(self, market: AsyncIterator[MarketData | Advance]) -> None:
        """Take the market's moments in as they come; raises what stops the whole desk."""
        async for item in market:
            if isinstance(item, TickBatch):
                for moment in self.floor.moments(item):
                    self.take(moment)
            elif isinstance(item, Advance):
                self.advance(item.at)
            else:
                self.take_bars(item)
            self.flush()

    def take(self, moment: TickBatch) -> None:
        """Take the ticks of one moment in."""
        if int(moment.at[0]) < self.now:
            moment = moment.not_before(self.now)
        at = int(moment.at[-1])
        self._begin_day_of(at)
        for account in self._due_by(at):
            self._in(account, account.ticks.come_to, at)
        self.now = self.data_at = at
        board, base = self.floor.board, self.floor.board.ticks + 1
        shown: dict[str, list[tuple[int, Quote]]] = {}
        for row, accounts in self._crossings.hits(moment):
            slot = int(moment.slot[row])
            quote = quote_at(moment, row, base + row, board.traded(moment, 0, row))
            for account in accounts:
                shown.setdefault(account.name, []).append((slot, quote))
        self.floor.show(moment)
        if at >= self._windows_begin:
            for account in self.accounts.values():
                for window in account.engine.windows:
                    window.ticks(moment, 0, len(moment))
        for name, quotes in shown.items():
            account = self.accounts[name]
            self._in(account, account.ticks.come_to, at)
            self._in(account, account.ticks.look, at, quotes)
        for account in self._due_by(at):
            self._in(account, account.engine.run_until, at)

    def take_bars(self, bars: MarketData) -> None:
        """Take bars in: every account sees all of them, on a board of its own."""
        at = int(bars.at[-1])
        self._begin_day_of(int(bars.at[0]))
        self.now = self.data_at = max(self.now, at)
        self.floor.show(bars)
        for account in self.accounts.values():
            self._in(account, account.engine.handle, bars)

    def advance(self, at: int) -> None:
        """Say that time has come to `at`."""
        self.now = at = max(at, self.now)
        self._begin_day_of(at)
        for account in self._due_by(at):
            self._in(account, account.engine.handle, Advance(at))

    def _begin_day_of(self, at: int) -> None:
        day = ist_day_number(at)
        if day == self._day:
            return
        self._day = day
        self.floor.begin_day()
        for account in self.accounts.values():
            self._in(account, account.engine.enter, at)
        self._windows_begin = min(map(_windows_begin, self.accounts.values()), default=NEVER)

    def _due_by(self, at: int) -> Iterable[DeskAccount]:
        """Return the accounts that have something to do by themselves until `at`, earliest first."""
        agenda, found = self._agenda, []
        while agenda and agenda[0][0] <= at:
            due, name = heappop(agenda)
            if self._due.get(name) == due:
                del self._due[name]
                found.append(self.accounts[name])
        return found

    def _in(self, account: DeskAccount, do: Callable[..., object], *given: object) -> None:
        """Do something in one account; what goes wrong there stops that account and no other."""
        if not account.trades:
            return
        try:
            do(*given)
        except KasautiError:
            raise
        except Exception as error:  # noqa: BLE001  an error of ours, recorded where the account stops
            self._fail(account, error)
        else:
            self._visited(account)

    def _fail(self, account: DeskAccount, error: Exception) -> None:
        account.failed = f"{_STOPPED} ({type(error).__name__})"
        self._crossings.drop(account)
        self._due.pop(account.name, None)
        _LOGGER.critical("the account %s stops", account.name, exc_info=error)

    def _visited(self, account: DeskAccount) -> None:
        """Take over what an account waits for now."""
        self._touched[account.name] = account
        self._crossings.update(account)
        due = account.engine.next_due
        if due < NEVER and self._due.get(account.name) != due:
            self._due[account.name] = due
            heappush(self._agenda, (due, account.name))

    @property
    def waiting(self) -> int:
        """How many commands wait for the commit that covers them."""
        return len(self._answers)

    # Durable, then told.

    def _flush_in_turn(self) -> None:
        self._flush_asked = False
        try:
            self.flush()
        except LogWriteFailed:
            _LOGGER.critical("the desk stops: %s", self.store.failed)

    def flush(self) -> None:
        """Make everything recorded durable, then answer and tell; `LogWriteFailed` if that cannot be."""
        answers, self._answers = self._answers, []
        touched, self._touched = self._touched, {}
        try:
            self.store.commit()
        except LogWriteFailed as error:
            for future, _ in answers:
                if not future.done():
                    future.set_exception(LogWriteFailed(str(error)))
            raise
        self.commits += 1
        for account in touched.values():
            if account.trades:
                account.engine.commit()
        for future, answer in answers:
            if not future.done():
                future.set_result(answer)


def _windows_begin(account: DeskAccount) -> int:
    """Return when the first of an account's closing windows of the day begins, `NEVER` if it has none."""
    return min((window.begins for window in account.engine.windows), default=NEVER)

"""
What a desk's owner asks of it: open accounts, begin them anew, put them away, move their money.

The registry says which accounts there are, a log what each of them has. While a desk plays, its accounts
change with it; otherwise only what is on the disk does, and the next start takes that up.

The registry is asked in a thread, so that nobody's order waits for it, and before the desk: what it has kept
and the desk could not do is what the next start does.
"""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import msgspec

from kasauti.desk.account import DeskAccount
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import LOG, opened
from kasauti.domain.commands import MoveMoney
from kasauti.domain.events import MoneyMoved
from kasauti.domain.money import format_price
from kasauti.errors import AccountElsewhere, InvalidInput, LogError
from kasauti.feeds.clock import wall_ns
from kasauti.store.opening import open_store
from kasauti.store.registry.accounts import MOST_CAPITAL, Account, Currency
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import Actor
from kasauti.store.snapshot import load_state


class OpenAccount(msgspec.Struct, frozen=True, tag="open"):
    """Open an account with `capital` money units."""

    user: str
    account: str
    capital: int
    currency: Currency
    plan: str


class ResetAccount(msgspec.Struct, frozen=True, tag="reset"):
    """End an account's epoch and begin the next, with `capital` money units, 0 for as many as before."""

    user: str
    account: str
    capital: int = 0


class ArchiveAccount(msgspec.Struct, frozen=True, tag="archive"):
    """Put an account away for good; it can still be read."""

    user: str
    account: str


class MoveAccountMoney(msgspec.Struct, frozen=True, tag="money"):
    """Pay `amount` money units in, or with a negative one out."""

    user: str
    account: str
    amount: int
    reason: str


Request = OpenAccount | ResetAccount | ArchiveAccount | MoveAccountMoney


class Done(msgspec.Struct, frozen=True):
    """
    What an account is after a request; `cash` is what it has free, as far as it has begun to trade.

    `positions` and `orders` were open in the epoch that a reset or archiving ended, and stay so in its log.
    """

    account: Account
    cash: int
    positions: int = 0
    orders: int = 0


class Administration:
    """Does what is asked of the accounts of a desk's folder; `play` is the desk, if it plays here."""

    def __init__(
        self, registry: Registry, folder: Path, play: DeskPlay | None = None, database: str = ""
    ) -> None:
        self._registry = registry
        self._play = play
        self._logs: str | Path = database or folder / LOG
        self._folder = folder

    async def do(self, request: Request, by: Actor) -> Done:
        """
        Do what is asked, durably.

        Raises `InvalidInput` for what cannot be, `NameTaken` and `NotThere` for names, and `LogLocked` if
        another process runs the desk.
        """
        if self._play is None:
            self._check_alone()
            return await self._do(request, by)
        async with self._play.administering:
            await self._check_here(request, self._play)
            return await self._do(request, by)

    async def _do(self, request: Request, by: Actor) -> Done:
        match request:
            case OpenAccount():
                return await self._open(request, by)
            case ResetAccount():
                return await self._reset(request, by)
            case ArchiveAccount():
                return await self._archive(request, by)
            case MoveAccountMoney():
                return await self._move(request, by)

    def _check_alone(self) -> None:
        open_store(self._logs, create=True).close()

    async def _check_here(self, request: Request, play: DeskPlay) -> None:
        if not isinstance(request, MoveAccountMoney):
            play.check_no_replay()
        if not isinstance(request, OpenAccount) and play.is_shared:
            account = await self._account(request)
            if self._playing(account) is None and not account.archived_at:
                raise AccountElsewhere(play.why_not_here(account.stream))

    async def _account(self, request: ResetAccount | ArchiveAccount | MoveAccountMoney) -> Account:
        return await asyncio.to_thread(self._registry.accounts.get, request.user, request.account)

    async def _open(self, request: OpenAccount, by: Actor) -> Done:
        account = await asyncio.to_thread(
            self._registry.accounts.open,
            request.user,
            request.account,
            plan=request.plan,
            capital=request.capital,
            currency=request.currency,
            by=by,
            at=wall_ns(),
        )
        self.begin([account])
        return Done(account, account.capital)

    def begin(self, accounts: list[Account]) -> None:
        """Have accounts trade that the registry has and no log yet; others may be another process's."""
        play = self._play
        if play is not None:
            there = {each.name for each in play.accounts}
            accounts = [each for each in accounts if each.stream not in there]
            accounts = [each for each in accounts if not play.elsewhere(each.stream)]
            play.open_accounts(
                (
                    each.stream,
                    opened(
                        play.loaded,
                        each.name,
                        capital=each.capital,
                        plan=each.plan,
                        currency=each.currency.value,
                    ),
                )
                for each in accounts
            )

    def begin_missing(self) -> None:
        """Begin what was opened or reset while no desk played, or just when one ended."""
        assert self._play is not None, "only a desk that plays begins accounts"
        there = {each.name for each in self._play.accounts}
        there |= set(self._play.store.streams()) if self._play.is_shared else set()
        missing = [each for each in self._registry.accounts.all() if each.stream not in there]
        if missing:
            self.begin(missing)

    async def _reset(self, request: ResetAccount, by: Actor) -> Done:
        before = await self._account(request)
        _refuse_archived(before)
        capital = request.capital or before.capital
        account = await asyncio.to_thread(
            self._registry.accounts.new_epoch, before.id, capital, by, wall_ns()
        )
        left = self._left_open(before)
        self._dismiss(before, "the account is reset")
        self.begin([account])
        return Done(account, account.capital, *left)

    async def _archive(self, request: ArchiveAccount, by: Actor) -> Done:
        before = await self._account(request)
        _refuse_archived(before)
        account = await asyncio.to_thread(self._registry.accounts.archive, before.id, by, wall_ns())
        playing = self._playing(before)
        cash = playing.state.ledger.cash if playing else 0
        left = self._left_open(before)
        self._dismiss(before, "the account is archived")
        return Done(account, cash, *left)

    def _left_open(self, account: Account) -> tuple[int, int]:
        """Return how many positions and orders of an account that plays are open."""
        playing = self._playing(account)
        return (0, 0) if playing is None else (len(playing.state.held), len(playing.state.working))

    async def _move(self, request: MoveAccountMoney, by: Actor) -> Done:
        account = await self._account(request)
        _refuse_archived(account)
        if not request.amount:
            raise InvalidInput("an amount of 0 moves nothing; name how much")
        if abs(request.amount) > MOST_CAPITAL:
            raise InvalidInput(f"{format_price(request.amount)} at once is too much; move less")
        playing = self._playing(account)
        if playing is None:
            cash = await self._move_on_disk(account, request, by)
        else:
            assert self._play is not None, "it plays"
            await self._check_free(account, playing, request, by)
            await self._play.desk.ask(playing, MoveMoney(request.amount, request.reason), "user")
            cash = playing.state.ledger.cash
        await self._record(by, "money.moved", account, {"amount": request.amount, "reason": request.reason})
        return Done(account, cash)

    async def _record(self, by: Actor, event: str, account: Account, told: Mapping[str, object]) -> None:
        """Add a line to the audit trail."""
        record = self._registry.audit.record
        await asyncio.to_thread(record, by, event, f"account:{account.id}", wall_ns(), after=dict(told))

    async def _move_on_disk(self, account: Account, request: MoveAccountMoney, by: Actor) -> int:
        with closing(open_store(self._logs, create=True)) as store:
            log = store.stream(account.stream)
            if not log.seq:
                raise LogError(
                    f"{account.name} has not begun yet: start `kasauti up` once, or open an account with"
                    " another capital"
                )
            found = DeskAccount(account.stream, log, load_state(log, self._folder))
            await self._check_free(account, found, request, by)
            found.record(MoneyMoved(request.amount, request.reason), "user", found.state.at)
            store.commit()
            return found.state.ledger.cash

    async def _check_free(
        self, account: Account, found: DeskAccount, request: MoveAccountMoney, by: Actor
    ) -> None:
        """Refuse what is more than is free; what passes has not let anything else happen in between."""
        free = found.state.ledger.cash
        if free + request.amount >= 0 or request.amount > 0:
            return
        why = (
            f"{format_price(-request.amount)} {account.currency} cannot be taken out of {account.name}:"
            f" {format_price(free)} are free; what positions and orders block stays"
        )
        await self._record(
            by, "money.refused", account, {"amount": request.amount, "free": free, "reason": why}
        )
        raise InvalidInput(why)

    def _playing(self, account: Account) -> DeskAccount | None:
        return None if self._play is None else self._play.desk.accounts.get(account.stream)

    def _dismiss(self, account: Account, reason: str) -> None:
        playing = self._playing(account)
        if playing is not None:
            assert self._play is not None, "it plays"
            self._play.dismiss(playing, reason)


def _refuse_archived(account: Account) -> None:
    if account.archived_at:
        raise InvalidInput(f"the account {account.name!r} of {account.user!r} is archived: it is only read")

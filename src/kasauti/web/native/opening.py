"""For admins: accounts opened, begun anew and put away, and all of them with their epochs."""

import asyncio
from collections.abc import Sequence

import msgspec
from starlette.responses import Response

from kasauti.desk.administration import Administration, ArchiveAccount, OpenAccount, Request, ResetAccount
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.exchange.brokerage import plan_named
from kasauti.store.registry.accounts import Account, Currency, Epoch
from kasauti.store.registry.rows import Actor
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import answer
from kasauti.web.native.shown import moment, money


class EpochShown(msgspec.Struct, frozen=True, kw_only=True):
    """One life of an account; `ended_at` is "" for the one that goes on. `log` names it for `/api/log`."""

    number: int
    log: str
    capital: str
    opened_at: str
    ended_at: str


class AccountOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An account as the registry has it; `log` is the one that goes on."""

    account: str
    user: str
    log: str
    epoch: int
    capital: str
    currency: Currency
    plan: str
    mode: str
    opened_at: str
    archived_at: str
    epochs: list[EpochShown]


class AllAccounts(msgspec.Struct, frozen=True):
    """Every account of the desk, in the order they were opened."""

    accounts: list[AccountOpen]


class NewAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    An account to open for a user, the caller if left out.

    What is left out is as `/api/admin/defaults` has it; `capital` is an amount as text, one of the presets or
    any other. Capital, currency and plan are fixed then.
    """

    account: str
    user: str = ""
    capital: str = ""
    currency: Currency | None = None
    plan: str = ""


class ResetAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`confirm` is the account's own name, typed again; `capital` is as before if left out."""

    confirm: str
    capital: str = ""


class ArchiveAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`confirm` is the account's own name, typed again."""

    confirm: str


async def open_account(call: Call) -> Response:
    """Open an account."""
    asked: NewAccount = call.body
    assert call.caller is not None, "the endpoint asks for a key"
    usual = await asyncio.to_thread(call.play.registry.defaults.current, call.play.usual)
    if asked.plan:
        plan_named(asked.plan)
    request = OpenAccount(
        asked.user or call.caller.user,
        asked.account,
        rupees(asked.capital) if asked.capital else usual.capital,
        asked.currency or usual.currency,
        asked.plan or usual.plan,
    )
    return await _done(call, request)


async def reset(call: Call) -> Response:
    """Begin an account anew."""
    asked: ResetAsked = call.body
    account = await _meant(call, asked.confirm)
    capital = rupees(asked.capital) if asked.capital else 0
    return await _done(call, ResetAccount(account.user, account.name, capital))


async def archive(call: Call) -> Response:
    """Put an account away."""
    asked: ArchiveAsked = call.body
    account = await _meant(call, asked.confirm)
    return await _done(call, ArchiveAccount(account.user, account.name))


async def all_accounts(call: Call) -> Response:
    """Return every account with its epochs."""

    def read() -> list[AccountOpen]:
        registry = call.play.registry.accounts
        return [_shown(each, registry.epochs(each.id)) for each in registry.all(archived=True)]

    return answer(AllAccounts(await asyncio.to_thread(read)))


async def _meant(call: Call, confirmed: str) -> Account:
    """Return the account of the path, if its name was typed again."""
    assert call.caller is not None, "the endpoint asks for a key"
    word, accounts = call.request.path_params["account"], call.play.registry.accounts
    if word.count("/") > 1:
        account = await asyncio.to_thread(accounts.by_stream, word)
    else:
        user, _, name = word.rpartition("/")
        account = await asyncio.to_thread(accounts.get, user or call.caller.user, name)
    if confirmed != account.name:
        raise InvalidInput(
            f"confirm is {confirmed[:80]!r}, not the account's name, and nothing was done; type"
            f" {account.name!r} to go on"
        )
    return account


async def administer(call: Call, request: Request) -> Account:
    """Have the desk do something for an admin, in its own thread: its accounts change with it."""
    assert call.caller is not None, "the endpoint asks for a key"
    address = call.request.client.host if call.request.client else ""
    play = call.play
    administration = Administration(play.registry, play.folder, play, str(play.logs))
    return (await administration.do(request, Actor(call.caller.user, address))).account


async def _done(call: Call, request: Request) -> Response:
    account = await administer(call, request)
    return answer(_shown(account, await asyncio.to_thread(call.play.registry.accounts.epochs, account.id)))


def _shown(account: Account, epochs: Sequence[Epoch]) -> AccountOpen:
    return AccountOpen(
        account=account.name,
        user=account.user,
        log=account.stream,
        epoch=account.epoch,
        capital=money(account.capital),
        currency=account.currency,
        plan=account.plan,
        mode=account.mode,
        opened_at=moment(account.opened_at),
        archived_at=moment(account.archived_at),
        epochs=[
            EpochShown(
                number=each.number,
                log=each.stream,
                capital=money(each.capital),
                opened_at=moment(each.opened_at),
                ended_at=moment(each.ended_at),
            )
            for each in epochs
        ],
    )


ENDPOINTS = (
    Endpoint(
        method="POST",
        path="/api/accounts",
        handler=open_account,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Open an account.",
        takes=NewAccount,
        gives=AccountOpen,
    ),
    Endpoint(
        method="POST",
        path="/api/accounts/{account:path}/reset",
        handler=reset,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="End an account's epoch and begin the next in a new log; the old one stays, to be read.",
        takes=ResetAsked,
        gives=AccountOpen,
    ),
    Endpoint(
        method="POST",
        path="/api/accounts/{account:path}/archive",
        handler=archive,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Put an account away for good; it can still be read.",
        takes=ArchiveAsked,
        gives=AccountOpen,
    ),
    Endpoint(
        method="GET",
        path="/api/admin/accounts",
        handler=all_accounts,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Every account of every user with its epochs, also those that were put away.",
        gives=AllAccounts,
    ),
)

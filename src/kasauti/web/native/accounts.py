"""Accounts over the native API: which there are, where their money is, deposits and withdrawals."""

import asyncio

import msgspec
from starlette.responses import Response

from kasauti.desk.account import DeskAccount
from kasauti.desk.administration import MoveAccountMoney
from kasauti.desk.floor import Floor
from kasauti.domain.commands import MoveMoney
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, NotThere
from kasauti.store.registry.accounts import Account
from kasauti.web.access import Scope
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.books import PAPER, Source, last_price
from kasauti.web.native.dialect import answer
from kasauti.web.native.opening import administer
from kasauti.web.native.shown import charges_shown, moment, money


class AccountShown(msgspec.Struct, frozen=True, kw_only=True):
    """
    An account and its money.

    `cash` is free, `margin` blocked for positions, `blocked` for working orders, `unsettled` of sales that
    cannot be used yet; `funds` is all of it. `equity` adds what is held at its last price, None where a price
    lacks. `failed` says why the account takes nothing more.
    """

    account: str
    source: Source
    currency: str
    plan: str
    day: str
    day_open: bool
    at: str
    last_event: int
    capital: str
    cash: str
    margin: str
    blocked: str
    unsettled: str
    funds: str
    realised: str
    unrealised: str | None
    equity: str | None
    day_realised: str
    day_charges: str
    charges: dict[str, str]
    orders_today: int
    trades_today: int
    denied_today: int
    halted: str
    failed: str


class Accounts(msgspec.Struct, frozen=True):
    """The accounts that the key opens."""

    accounts: list[AccountShown]


class MoneyAsked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A deposit, or with a negative `amount` a withdrawal, in rupees as text."""

    amount: str
    reason: str = "asked by the user"


def account_shown(floor: Floor, account: DeskAccount) -> AccountShown:
    """Return an account for the wire."""
    state, ledger, opened = account.state, account.state.ledger, account.state.account
    assert opened is not None, "an account of a desk is open"
    marks = {each.instrument: last_price(floor, each.instrument) for each in state.held}
    known = all(marks.values())
    unrealised = sum(each.unrealised(marks[each.instrument]) for each in state.held) if known else 0
    at_cost = ledger.securities + ledger.clearing + ledger.variation
    return AccountShown(
        account=account.name,
        source=PAPER,
        currency=opened.currency,
        plan=opened.plan,
        day=state.day,
        day_open=state.day_open,
        at=moment(state.at),
        last_event=state.seq,
        capital=money(-ledger.capital),
        cash=money(ledger.cash),
        margin=money(ledger.margin - state.blocked_for_orders),
        blocked=money(state.blocked_for_orders),
        unsettled=money(ledger.unsettled),
        funds=money(ledger.funds),
        realised=money(-ledger.realised),
        unrealised=money(unrealised) if known else None,
        equity=money(ledger.funds + at_cost + unrealised) if known else None,
        day_realised=money(state.day_realised),
        day_charges=money(state.day_charges),
        charges=charges_shown(ledger.by_head),
        orders_today=state.day_orders,
        trades_today=state.day_trades,
        denied_today=state.day_denied,
        halted=state.halted,
        failed=account.failed,
    )


async def accounts(call: Call) -> Response:
    """Return the accounts that the key opens."""
    assert call.caller is not None, "the endpoint asks for a key"
    mine = [call.desk.accounts[name] for name in call.caller.accounts if name in call.desk.accounts]
    return answer(Accounts([account_shown(call.desk.floor, each) for each in mine]))


async def one_account(call: Call) -> Response:
    """Return one account."""
    return answer(account_shown(call.desk.floor, call.account(call.request.path_params["account"])))


async def move_money(call: Call) -> Response:
    """Pay in, or take out."""
    asked: MoneyAsked = call.body
    account, amount = call.account(call.request.path_params["account"]), rupees(asked.amount)
    if not amount:
        raise InvalidInput("an amount of 0 moves nothing; name how many rupees, negative to take some out")
    registered = await asyncio.to_thread(_registered, call, account)
    if registered is not None:
        wish = MoveAccountMoney(registered.user, registered.name, amount, asked.reason)
        await administer(call, wish)
    elif amount < 0 and -amount > account.state.ledger.cash:
        free = money(account.state.ledger.cash)
        raise InvalidInput(f"{money(-amount)} cannot be taken out: {free} rupees are free; ask for less")
    else:
        await call.ask(account, MoveMoney(amount, asked.reason), "api")
    return answer(account_shown(call.desk.floor, account))


def _registered(call: Call, account: DeskAccount) -> Account | None:
    """Return an account as the registry has it, None for one of a desk that has no registry."""
    try:
        return call.play.registry.accounts.by_stream(account.name) if call.play.has_registry else None
    except NotThere:
        return None


ENDPOINTS = (
    Endpoint(
        method="GET",
        path="/api/accounts",
        handler=accounts,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="The accounts that the key opens, and where their money is.",
        gives=Accounts,
    ),
    Endpoint(
        method="GET",
        path="/api/accounts/{account:path}/funds",
        handler=one_account,
        scope=Scope.READ,
        pace=Pace.READS,
        summary="One account, and where its money is.",
        gives=AccountShown,
    ),
    Endpoint(
        method="POST",
        path="/api/accounts/{account:path}/money",
        handler=move_money,
        scope=Scope.ADMIN,
        pace=Pace.READS,
        summary="Pay money into an account, or take it out.",
        takes=MoneyAsked,
        gives=AccountShown,
    ),
)

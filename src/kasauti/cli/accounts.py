"""`kasauti account`: the accounts of a desk, while it plays or while it rests."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kasauti.cli.console import console
from kasauti.cli.desk_folder import DeskData, Url, User, desk_folder, registry_of, whoever_asks
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json, load
from kasauti.desk.administration import (
    Administration,
    ArchiveAccount,
    Done,
    MoveAccountMoney,
    OpenAccount,
    Request,
    ResetAccount,
)
from kasauti.desk.control import ask_running
from kasauti.desk.first_start import OWNER, defaults_of, found
from kasauti.domain.ist import ist_iso
from kasauti.domain.money import format_price, rupees
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Account, Currency
from kasauti.store.registry.users import Role

#: Amounts that people say in a word.
PRESETS = {"50k": 50_000, "1L": 100_000, "5L": 500_000, "10L": 1_000_000}

Name = Annotated[str, typer.Argument(help="The account's name.")]
Capital = Annotated[str, typer.Option(help=f"What it begins with: an amount, or {', '.join(PRESETS)}.")]
Amount = Annotated[str, typer.Argument(help="How much, like 25000.")]
Reason = Annotated[str, typer.Option(help="Why, for the account's log.")]

account_app = typer.Typer(
    help="The accounts of a desk: open, list, begin anew, put away, pay in and out.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(account_app, name="account")


@account_app.command("open")
def open_(
    name: Name,
    capital: Capital = "",
    currency: Annotated[str, typer.Option(help="INR, USD or EUR, for ever.")] = "",
    plan: Annotated[str, typer.Option(help="Whose price list it pays, for ever.")] = "",
    user: User = OWNER,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Open an account of a user, who is added if new; its capital, currency and plan are fixed then."""
    folder = desk_folder(data)
    loaded = load(None, None, account__plan=plan or None)
    with registry_of(folder, url) as registry:
        found(registry, loaded, folder, os.environ)
        usual = defaults_of(registry, loaded, os.environ)
        if user not in {each.name for each in registry.users.all()}:
            registry.users.create(user, Role.USER, "", whoever_asks(), wall_ns())
    request = OpenAccount(
        user,
        name,
        amount_of(capital) if capital else usual.capital,
        _currency(currency) if currency else usual.currency,
        plan or usual.plan,
    )
    _tell(_do(folder, url, request), f"{name} is open", as_json=as_json)


@account_app.command("list")
def list_(
    user: Annotated[str, typer.Option("--user", help="Only this user's.")] = "",
    archived: Annotated[bool, typer.Option("--archived", help="Also those that were put away.")] = False,
    epochs: Annotated[bool, typer.Option("--epochs", help="Also what was before each reset.")] = False,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """List accounts, and with --epochs what they were before they were reset."""
    with registry_of(desk_folder(data), url) as registry:
        accounts = registry.accounts.all(user, archived=archived)
        lives = {each.id: registry.accounts.epochs(each.id) for each in accounts}
    if as_json:
        typer.echo(
            to_json([_row(each) | {"epochs": [one.stream for one in lives[each.id]]} for each in accounts])
        )
        return
    table = Table("user", "account", "epoch", "capital", "currency", "plan", "opened", "state")
    for each in accounts:
        for life in lives[each.id] if epochs else lives[each.id][-1:]:
            state = "archived" if each.archived_at else "before" if life.ended_at else "open"
            money, since = format_price(life.capital), ist_iso(life.opened_at)
            table.add_row(
                each.user, each.name, str(life.number), money, each.currency, each.plan, since, state
            )
    console().print(table)


@account_app.command()
def reset(
    name: Name,
    capital: Capital = "",
    user: User = OWNER,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Begin an account anew, in its next epoch; the one before stays as it is, to be read."""
    request = ResetAccount(user, name, amount_of(capital) if capital else 0)
    _tell(_do(desk_folder(data), url, request), f"{name} begins anew", as_json=as_json)


@account_app.command()
def archive(
    name: Name, user: User = OWNER, data: DeskData = None, url: Url = "", as_json: Json = False
) -> None:
    """Put an account away for good; it can still be read."""
    _tell(_do(desk_folder(data), url, ArchiveAccount(user, name)), f"{name} is archived", as_json=as_json)


@account_app.command()
def deposit(
    name: Name,
    amount: Amount,
    reason: Reason = "deposit",
    user: User = OWNER,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Pay money into an account."""
    request = MoveAccountMoney(user, name, _positive(amount), reason)
    _tell(_do(desk_folder(data), url, request), f"{amount} are in {name}", as_json=as_json)


@account_app.command()
def withdraw(
    name: Name,
    amount: Amount,
    reason: Reason = "withdrawal",
    user: User = OWNER,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Take money out of an account, as much as is free; what was refused is in the audit trail."""
    request = MoveAccountMoney(user, name, -_positive(amount), reason)
    _tell(_do(desk_folder(data), url, request), f"{amount} are out of {name}", as_json=as_json)


def amount_of(text: str) -> int:
    """Return an amount as money units, also one that is said in a word."""
    words = {word.lower(): amount for word, amount in PRESETS.items()}
    return rupees(words.get(text.lower(), text.replace(",", "")))


def _positive(text: str) -> int:
    amount = amount_of(text)
    if amount <= 0:
        raise InvalidInput(f"{text} is not more than nothing; deposit and withdraw say which way it goes")
    return amount


def _currency(word: str) -> Currency:
    if word.upper() not in set(Currency):
        raise InvalidInput(f"{word!r} is not a currency of accounts; choose INR, USD or EUR")
    return Currency(word.upper())


def _do(folder: Path, url: str, request: Request) -> Done:
    """Have the desk that plays there do it, else do it on the disk."""
    by = whoever_asks()
    done = ask_running(folder, request, by.name)
    if done is not None:
        return done
    with registry_of(folder, url) as registry:
        return asyncio.run(Administration(registry, folder, database=url).do(request, by))


def _tell(done: Done, what: str, *, as_json: bool) -> None:
    account = done.account
    if as_json:
        left = {"positions_left_open": done.positions, "orders_left_open": done.orders}
        typer.echo(to_json(_row(account) | {"cash": format_price(done.cash)} | left))
        return
    typer.echo(f"{what}: epoch {account.epoch}, {format_price(done.cash)} {account.currency} free")
    if done.positions or done.orders:
        typer.echo(
            f"Open were {done.positions} positions and {done.orders} orders: they trade no more, and stay as"
            " they are in the log of the epoch that has ended."
        )
    if account.currency is not Currency.INR:
        typer.echo(
            f"Prices, margins and charges are those of rupees, taken as {account.currency} one to one: no"
            " exchange rate is applied."
        )


def _row(account: Account) -> dict[str, object]:
    return {
        "user": account.user,
        "account": account.name,
        "epoch": account.epoch,
        "stream": account.stream,
        "capital": format_price(account.capital),
        "currency": account.currency.value,
        "plan": account.plan,
        "archived": bool(account.archived_at),
    }

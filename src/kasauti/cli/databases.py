"""`kasauti db`: where a desk keeps its accounts."""

from pathlib import Path
from shutil import rmtree
from typing import Annotated

import msgspec
import typer

from kasauti.cli.desk_folder import DeskData, Url, desk_folder, make, opened
from kasauti.cli.options import Json
from kasauti.domain.ist import ist_iso
from kasauti.errors import InvalidInput, LogCorrupt, StorageError
from kasauti.store.homes import Checked, Home
from kasauti.store.registry.registry import SERVER_KEY

db_app = typer.Typer(
    help="Where a desk keeps its accounts: make it, check it, save it.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(db_app, name="db")


@db_app.command()
def init(data: DeskData = None, url: Url = "", as_json: Json = False) -> None:
    """Make the database of users, accounts and keys, or bring an older one up to date."""
    registry = opened(desk_folder(data), url)
    users, accounts = registry.users.all(), registry.accounts.all()
    where = registry.database.where
    registry.close()
    if as_json:
        told = {"database": where, "users": len(users), "accounts": len(accounts)}
        typer.echo(msgspec.json.encode(told))
    else:
        typer.echo(f"{where} is ready: {len(users):,} users, {len(accounts):,} accounts")


@db_app.command()
def verify(data: DeskData = None, url: Url = "", as_json: Json = False) -> None:
    """Check every log, hash by hash and fold by fold, its books, and the chain of the audit trail."""
    home = Home(desk_folder(data), url)
    found = list(home.check())
    if as_json:
        told = [{**msgspec.structs.asdict(each), "until": ist_iso(each.until)} for each in found]
        typer.echo(msgspec.json.encode({"logs": told, "whole": True}))
        return
    _tell(found)
    typer.echo(f"{home.where} is whole: {_count(found)}, {sum(each.events for each in found):,} events")


@db_app.command()
def rebuild(data: DeskData = None, url: Url = "") -> None:
    """Make the tables of orders, trades, positions, legs and sessions anew from the logs."""
    home = Home(desk_folder(data), url)
    count = home.rebuild()
    typer.echo(f"the tables in {home.where} are made of {count:,} events")


@db_app.command()
def backup(
    to: Annotated[Path, typer.Argument(help="The folder to make; it must not exist.")],
    data: DeskData = None,
    url: Url = "",
) -> None:
    """Copy everything into a folder, also while a desk runs; it is checked, and appears once it is whole."""
    if to.exists():
        raise InvalidInput(f"{to} exists already; name a folder that does not")
    unfinished = to.with_name(f".{to.name}.unfinished")
    try:
        unfinished.mkdir(parents=True)
        found = Home(desk_folder(data), url).copy_to(Home(unfinished))
        unfinished.rename(to)
    except OSError as error:
        raise StorageError(f"{to} cannot be made: {error.strerror}; choose another place") from error
    finally:
        rmtree(unfinished, ignore_errors=True)
    _tell(found)
    typer.echo(
        f"{to} has {_count(found)}, whole. The server's key is not in it: keep a copy of {SERVER_KEY} apart"
    )


@db_app.command()
def restore(
    archive: Annotated[Path, typer.Argument(help="A folder that `db backup` made.")],
    data: DeskData = None,
    url: Url = "",
) -> None:
    """Check a backup, and put it into a place that has nothing yet, whatever kind of database that is."""
    source = Home(archive)
    checked = list(source.check())
    folder = desk_folder(data)
    home = Home(folder, url)
    make(folder)
    found = source.copy_to(home)
    if [each.last_hash for each in found] != [each.last_hash for each in checked]:
        raise LogCorrupt(f"{home.where} does not have what {archive} has; do not use it")
    _tell(found)
    typer.echo(f"{home.where} has {_count(found)}, whole")


def _count(found: list[Checked]) -> str:
    return "1 log" if len(found) == 1 else f"{len(found):,} logs"


def _tell(found: list[Checked]) -> None:
    for each in found:
        typer.echo(f"{each.stream}: {each.events:,} events until {ist_iso(each.until)}, {each.last_hash}")

"""`kasauti db`: where a desk keeps its accounts."""

from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from kasauti.cli.options import Json
from kasauti.errors import StorageError
from kasauti.store.registry.registry import Registry

#: The variables that may name a database, the first that is set holds: those of the sources come last.
URL_VARIABLES: Final = ("KASAUTI_DATABASE_URL", "PAPER_TRADING_DATABASE_URL", "DATABASE_URL")

Folder = Annotated[Path, typer.Option("--data", help="The desk's folder.")]
Url = Annotated[
    str, typer.Option("--url", envvar=list(URL_VARIABLES), help="PostgreSQL instead of files in the folder.")
]

db_app = typer.Typer(
    help="Where a desk keeps its accounts: make it, check it, save it.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(db_app, name="db")


@db_app.command()
def init(data: Folder = Path("desk"), url: Url = "", as_json: Json = False) -> None:
    """Make the database of users, accounts and keys, or bring an older one up to date."""
    registry = opened(data, url)
    users, accounts = registry.users.all(), registry.accounts.all()
    where = registry.database.where
    registry.close()
    if as_json:
        told = {"database": where, "users": len(users), "accounts": len(accounts)}
        typer.echo(msgspec.json.encode(told))
    else:
        typer.echo(f"{where} is ready: {len(users):,} users, {len(accounts):,} accounts")


def opened(data: Path, url: str) -> Registry:
    """Return the registry of a desk."""
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{data} cannot be made: {error.strerror}; choose another --data folder"
        ) from error
    return Registry.open(data, url)

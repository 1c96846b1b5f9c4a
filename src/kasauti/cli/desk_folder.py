"""The folder of a desk, as the commands about accounts and keys find it."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from kasauti.config import load_config
from kasauti.errors import StorageError
from kasauti.store.files import make_folder
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import Actor

#: The variables that may name a database, the first that is set holds: those of the sources come last.
URL_VARIABLES: Final = ("KASAUTI_DATABASE_URL", "PAPER_TRADING_DATABASE_URL", "DATABASE_URL")

DeskData = Annotated[Path | None, typer.Option("--data", help="The desk's folder.")]
Url = Annotated[
    str,
    typer.Option(
        "--url", "--database", envvar=list(URL_VARIABLES), help="PostgreSQL instead of files in the folder."
    ),
]
User = Annotated[str, typer.Option("--user", help="Whose; left out, the only user's or the owner's.")]

#: Where a desk is, below the folder of accounts.
DESK = "desk"


def desk_folder(data: Path | None) -> Path:
    """Return the folder of the desk: the one that is named, else the usual one."""
    return data or Path(load_config(None, {}, os.environ).config.storage.data_dir) / DESK


def make(folder: Path) -> None:
    """Make the folder of a desk."""
    make_folder(folder, "--data folder", StorageError)


def opened(folder: Path, url: str) -> Registry:
    """Return the registry of a desk."""
    make(folder)
    return Registry.open(folder, url)


@contextmanager
def registry_of(folder: Path, url: str) -> Iterator[Registry]:
    """Open the registry of a desk for as long as the block lasts."""
    registry = opened(folder, url)
    try:
        yield registry
    finally:
        registry.close()


def whoever_asks() -> Actor:
    """Return who gives the command, for the audit trail."""
    try:
        return Actor(getpass.getuser(), "command line")
    except (KeyError, OSError):  # a user without a name
        return Actor("(somebody)", "command line")

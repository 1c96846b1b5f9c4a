"""`kasauti vault`: credentials of brokers, sealed."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from kasauti.brokers.credential_imports import import_credentials
from kasauti.cli.desk_folder import DeskData, desk_folder, make
from kasauti.store.vault import Vault


class Place(StrEnum):
    """Where a vault's key can be."""

    KEYRING = "keyring"
    FILE = "file"


vault_app = typer.Typer(help="Credentials of brokers, sealed; nothing shows them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name under which they are kept.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(vault_app, name="vault")


@vault_app.command()
def add(
    file: Annotated[
        Path,
        typer.Argument(help="A credentials file: key = value on each line, OpenAlgo's .env, JSON or YAML."),
    ],
    name: Annotated[str, typer.Option(help="Keep them under this name; the broker's if left out.")] = "",
    broker: Annotated[
        str, typer.Option(help="Whose they are, where the file does not say or has several.")
    ] = "",
    data: DeskData = None,
) -> None:
    """Keep what a credentials file has; the file can be removed then."""
    found = import_credentials(file, broker)
    under, credentials = name or found.broker, found.credentials
    folder = desk_folder(data)
    make(folder)
    Vault(folder).put(under, {key: secret.reveal() for key, secret in credentials.items()})
    typer.echo(f"the vault has {len(credentials)} values under {under}; {file} is not needed any more")


@vault_app.command("list")
def list_(data: DeskData = None) -> None:
    """Show names and fields."""
    vault = Vault(desk_folder(data))
    for name in vault.names():
        typer.echo(f"{name}: {', '.join(vault.get(name))}")
    if not vault.names():
        typer.echo("The vault is empty; `kasauti vault add FILE` keeps what a credentials file has.")


@vault_app.command()
def remove(name: Name, data: DeskData = None) -> None:
    """Forget what is kept under a name."""
    Vault(desk_folder(data)).remove(name)
    typer.echo(f"the vault has nothing under {name} any more")


@vault_app.command()
def rotate(data: DeskData = None) -> None:
    """Seal everything with a new key."""
    typer.echo(f"{Vault(desk_folder(data)).rotate()} entries are sealed with a new key")


@vault_app.command()
def key(
    to: Annotated[
        Place | None, typer.Option(help="Move it: into the system's keyring, or into a file of its owner's.")
    ] = None,
    data: DeskData = None,
) -> None:
    """Say where the vault's key is, and with --to move it."""
    place = Vault(desk_folder(data)).key
    if to is not None:
        place.move(to_keyring=to is Place.KEYRING)
    typer.echo(f"the vault's key is in {place.shown}")

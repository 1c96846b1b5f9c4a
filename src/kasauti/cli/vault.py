"""`kasauti vault`: credentials of brokers, sealed."""

from pathlib import Path
from typing import Annotated

import typer

from kasauti.brokers.credentials import detect
from kasauti.brokers.credentials_file import load_credentials_from_file
from kasauti.cli.databases import make
from kasauti.cli.desk_folder import DeskData, desk_folder
from kasauti.store.vault import Vault

vault_app = typer.Typer(help="Credentials of brokers, sealed; nothing shows them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name under which they are kept.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(vault_app, name="vault")


@vault_app.command()
def add(
    file: Annotated[Path, typer.Argument(help="A credentials file, key = value on each line.")],
    name: Annotated[str, typer.Option(help="Keep them under this name; the broker's if left out.")] = "",
    data: DeskData = None,
) -> None:
    """Keep what a credentials file has; the file can be removed then."""
    credentials = load_credentials_from_file(file)
    under = name or detect(credentials).broker
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

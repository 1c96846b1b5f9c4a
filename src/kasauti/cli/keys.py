"""`kasauti key`: the keys by which programs reach a desk."""

from datetime import timedelta
from typing import Annotated

import typer
from rich.table import Table

from kasauti.cli.console import console
from kasauti.cli.desk_folder import DeskData, Url, User, desk_folder, registry_of, whoever_asks
from kasauti.cli.json_view import to_json
from kasauti.cli.options import Json
from kasauti.desk.first_start import OWNER
from kasauti.domain.ist import NS_PER_SECOND, ist_iso
from kasauti.errors import InvalidInput
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.keys import Key, Scope
from kasauti.store.registry.registry import Registry

_DAY_NS = int(timedelta(days=1).total_seconds()) * NS_PER_SECOND

key_app = typer.Typer(
    help="The keys by which programs reach a desk: make, list, revoke.", no_args_is_help=True
)


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(key_app, name="key")


@key_app.command()
def create(
    label: Annotated[str, typer.Option(help="What it is for.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="read, trade or admin; repeatable; left out: trade.")
    ] = None,
    account: Annotated[str, typer.Option("--account", help="Only this account; left out: all.")] = "",
    days: Annotated[int, typer.Option(min=0, help="For how many days; 0: until it is revoked.")] = 0,
    symbol: Annotated[
        list[str] | None, typer.Option(help="Only this symbol or underlying; repeatable; left out: all.")
    ] = None,
    max_quantity: Annotated[int, typer.Option(min=0, help="At most so many units at once; 0: any.")] = 0,
    paper_only: Annotated[
        bool, typer.Option(help="Opens accounts that trade on paper, and never another.")
    ] = True,
    user: User = OWNER,
    data: DeskData = None,
    url: Url = "",
    as_json: Json = False,
) -> None:
    """Make a key and show it, once; a desk that plays takes it within a second."""
    at = wall_ns()
    with registry_of(desk_folder(data), url) as registry:
        key, secret = registry.keys.create(
            registry.users.get(user).id,
            frozenset(map(_scope, scope or [Scope.TRADE])),
            whoever_asks(),
            at,
            account_id=registry.accounts.get(user, account).id if account else 0,
            label=label,
            expires_at=at + days * _DAY_NS if days else 0,
            symbols=frozenset(symbol or ()),
            max_quantity=max_quantity,
            paper_only=paper_only,
        )
        row = _row(registry, key)
    if as_json:
        typer.echo(to_json(row | {"key": secret}))
    else:
        typer.echo(f"Key {key.public}: {secret}")
        typer.echo("It is shown this once; `kasauti key revoke` ends it.")


@key_app.command("list")
def list_(user: User = OWNER, data: DeskData = None, url: Url = "", as_json: Json = False) -> None:
    """List a user's keys, by their public names; the keys themselves are nowhere to be read."""
    with registry_of(desk_folder(data), url) as registry:
        rows = [_row(registry, key) for key in registry.keys.of(registry.users.get(user).id)]
    if as_json:
        typer.echo(to_json(rows))
        return
    table = Table(
        *("key", "label", "scopes", "account", "symbols", "at once", "expires", "last used", "state")
    )
    for row in rows:
        paper = ", paper" if row.pop("paper_only") else ""
        table.add_row(*map(str, (row | {"account": f"{row['account']}{paper}"}).values()))
    console().print(table)


@key_app.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's public name, as `kasauti key list` has it.")],
    data: DeskData = None,
    url: Url = "",
) -> None:
    """End a key; a desk that plays takes no more of it after a second."""
    with registry_of(desk_folder(data), url) as registry:
        registry.keys.revoke(registry.keys.by_public(key).id, whoever_asks(), wall_ns())
    typer.echo(f"Key {key} is revoked.")


def _scope(word: str) -> Scope:
    if word not in set(Scope):
        raise InvalidInput(f"{word!r} is not what a key can be good for; choose read, trade or admin")
    return Scope(word)


def _row(registry: Registry, key: Key) -> dict[str, object]:
    is_over = key.revoked_at or 0 < key.expires_at <= wall_ns()
    return {
        "public": key.public,
        "label": key.label,
        "scopes": ", ".join(sorted(key.scopes)),
        "account": registry.accounts.by_id(key.account_id).name if key.account_id else "all",
        "paper_only": key.paper_only,
        "symbols": ", ".join(sorted(key.symbols)) or "all",
        "max_quantity": key.max_quantity or "any",
        "expires": ist_iso(key.expires_at) if key.expires_at else "",
        "last_used": ist_iso(key.last_used_at) if key.last_used_at else "",
        "state": "ended" if is_over else "open",
    }

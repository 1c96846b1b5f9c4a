"""`kasauti hook`: doors by which alerts become orders of a strategy."""

import http.client
import os
import time
from typing import Annotated, Any

import msgspec
import typer

from kasauti.cli.desk_folder import DeskData, Url, desk_folder, opened
from kasauti.cli.options import Config, Json, Set, load
from kasauti.desk.first_start import found
from kasauti.domain.ist import ist_iso
from kasauti.errors import ConfigError, NotThere
from kasauti.store.registry.accounts import Account
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.strategies import StrategySetup
from kasauti.web.webhooks.settings import KEY, Mode, settings_of

hook_app = typer.Typer(
    help="Doors by which alerts of TradingView, ChartInk and others come in.", no_args_is_help=True
)

Name = Annotated[str, typer.Option("--strategy", help="The strategy whose orders they are.")]
Of = Annotated[str, typer.Option("--account", help="The account that the strategy trades in.")]
Port = Annotated[int, typer.Option(min=1, max=65_535, help="The port of `kasauti up`.")]
Number = Annotated[int, typer.Argument(help="The number that `hook list` shows.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(hook_app, name="hook")


@hook_app.command()
def add(
    strategy: Name,
    account: Of = "main",
    mode: Mode = Mode.LONG,
    exchange: Annotated[str, typer.Option(help="Where symbols without one are looked for.")] = "NSE",
    product: Annotated[str, typer.Option(help="CNC, MIS or NRML.")] = "MIS",
    quantity: Annotated[int, typer.Option(min=0, help="Units of an order; 0 goes by lots.")] = 0,
    lots: Annotated[int, typer.Option(min=0, help="Lots of an order.")] = 1,
    start: Annotated[str, typer.Option(help="Opens positions from this IST time on, like 09:20.")] = "",
    end: Annotated[str, typer.Option(help="Opens no positions from this IST time on.")] = "",
    square_off: Annotated[str, typer.Option(help="Closes what it holds at this IST time.")] = "",
    only: Annotated[list[str] | None, typer.Option(help="A symbol it may open; repeatable.")] = None,
    max_quantity: Annotated[int, typer.Option(min=0, help="Units at most that an alert opens.")] = 0,
    max_value: Annotated[int, typer.Option(min=0, help="Rupees at most that an alert opens.")] = 0,
    signed: Annotated[bool, typer.Option(help="The body has to be signed with the secret.")] = False,
    address: Annotated[list[str] | None, typer.Option(help="A network it may come from.")] = None,
    config: Config = None,
    set_: Set = None,
    data: DeskData = None,
    url: Url = "",
    port: Port = 5000,
) -> None:
    """Make a strategy's hook, and show its URL once: whoever has it can trade."""
    told: dict[str, Any] = {
        "mode": mode, "exchange": exchange.upper(), "product": product.upper(), "quantity": quantity,
        "lots": lots, "start": start, "end": end, "square_off": square_off,
        "only": only or (), "max_quantity": max_quantity, "max_value": max_value,
    }  # fmt: skip
    settings_of(msgspec.json.encode({KEY: told}).decode())
    loaded = load(config, set_)
    folder, at = desk_folder(data), time.time_ns()
    registry = opened(folder, url)
    found(registry, loaded, folder, os.environ)
    row = _account(registry, account)
    setup = _strategy(registry, row, strategy, told, at)
    hook, secret = registry.hooks.create(setup.id, DESK, at, signed=signed, addresses=tuple(address or ()))
    registry.close()
    path = hook.public if signed else f"{hook.public}.{secret}"
    typer.echo(f"hook {hook.id} of {strategy}, {mode}\nhttp://127.0.0.1:{port}/hook/{path}")
    typer.echo(
        f"the secret signs the body: {secret}" if signed else "the secret is the part behind the point"
    )
    typer.echo('{"symbol": "SBIN", "action": "BUY"}')


@hook_app.command("list")
def list_(account: Of = "main", as_json: Json = False, data: DeskData = None, url: Url = "") -> None:
    """Show the hooks of an account; secrets were shown once."""
    registry = opened(desk_folder(data), url)
    rows = [
        {
            "hook": hook.id,
            "strategy": strategy.name,
            "mode": str(settings_of(strategy.params).mode),
            "public": hook.public,
            "signed": hook.signed,
            "addresses": hook.addresses,
            "created": ist_iso(hook.created_at),
            "revoked": ist_iso(hook.revoked_at) if hook.revoked_at else "",
        }
        for each in registry.accounts.all()
        if account in {each.name, each.stream}
        for strategy in registry.strategies.all(each.id)
        for hook in registry.hooks.of(strategy.id)
    ]
    registry.close()
    if as_json:
        typer.echo(msgspec.json.encode(rows))
        return
    for row in rows:
        state = f"removed {row['revoked']}" if row["revoked"] else f"since {row['created']}"
        typer.echo(f"{row['hook']}: {row['strategy']}, {row['mode']}, /hook/{row['public']}.…, {state}")
    if not rows:
        typer.echo("There are no hooks; `kasauti hook add --strategy NAME` makes one.")


@hook_app.command()
def remove(hook: Number, data: DeskData = None, url: Url = "") -> None:
    """Close a hook for good; alerts that came by it stay to be seen."""
    registry = opened(desk_folder(data), url)
    registry.hooks.revoke(hook, DESK, time.time_ns())
    registry.close()
    typer.echo(f"hook {hook} is closed")


@hook_app.command("test")
def send_one(
    token: Annotated[str, typer.Argument(help="What stands behind /hook/ in the URL.")],
    symbol: Annotated[str, typer.Option(help="What to trade.")],
    action: Annotated[str, typer.Option(help="BUY, SELL, SHORT or COVER.")] = "BUY",
    port: Port = 5000,
) -> None:
    """Send an alert to the desk that runs here, as a sender would, and show what it answers."""
    body = msgspec.json.encode({"symbol": symbol, "action": action, "alert_id": str(time.time_ns())})
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", f"/hook/{token}", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        typer.echo(f"{answer.status} {answer.read().decode()}")
    except OSError as error:
        raise ConfigError(
            f"no desk answers on port {port}: {error.strerror or error}; start one with `kasauti up`"
        ) from error
    finally:
        connection.close()


def _strategy(registry: Registry, row: Account, name: str, told: dict[str, Any], at: int) -> StrategySetup:
    """Return the strategy of a name with these settings, made if it is missing."""
    known = next((each for each in registry.strategies.all(row.id) if each.name == name), None)
    if known is not None:
        params = msgspec.json.decode(known.params, type=dict[str, Any])
        return registry.strategies.set_params(known.id, {**params, KEY: told}, DESK, at)
    portfolios = registry.portfolios.all(row.id)
    portfolio = portfolios[0] if portfolios else registry.portfolios.create(row.id, "webhooks", "", DESK, at)
    return registry.strategies.create(portfolio.id, name, by=DESK, at=at, params={KEY: told})


def _account(registry: Registry, name: str) -> Account:
    for each in registry.accounts.all():
        if name in {each.name, each.stream}:
            return each
    raise NotThere(f"there is no account {name!r}; `kasauti account list` shows what there is")

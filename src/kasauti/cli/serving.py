"""`kasauti up`: the desk and its doors, until it is told to stop."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.panel import Panel

from kasauti.cli.console import console
from kasauti.cli.desk_folder import DeskData, Url, desk_folder, registry_of
from kasauti.cli.options import Config, Set, load
from kasauti.config import Loaded
from kasauti.desk.administration import Administration
from kasauti.desk.control import Control
from kasauti.desk.first_start import KEY_FILE, found, given_defaults
from kasauti.desk.floor import regime_of
from kasauti.desk.playing import DeskPlay
from kasauti.desk.sharing import Shard
from kasauti.errors import ConfigError
from kasauti.web.binding import Binding, checked_binding
from kasauti.web.desk_server import serving
from kasauti.web.doorkeeper import RegistryDoorkeeper
from kasauti.web.journal import journal_in
from kasauti.web.server import Serving

_HOST = "127.0.0.1"
#: Where OpenAlgo's clients look for its WebSocket.
_FEED_PORT = 8765
#: Where the twin of Kite Connect is: its calls are at the root of a port.
_KITE_PORT = 5010
#: After so many new objects Python looks among them for rings that nothing refers to, after so many of those
#: looks among the older ones. Hardly anything here makes rings; each order of a day is older objects.
_YOUNG, _AGED = 20_000, 20
#: So many accounts are named at the start.
_SHOWN = 10


class Ports(NamedTuple):
    """The ports of the doors; 0 is any that is free."""

    native: int
    feed: int
    kite: int


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(up)


def up(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port of the API; 0 is any.")] = 5000,
    speed: Annotated[
        float, typer.Option(min=1, max=1000, help="How many times faster than the clock.")
    ] = 1.0,
    config: Config = None,
    set_: Set = None,
    data: DeskData = None,
    url: Url = "",
    host: Annotated[str, typer.Option(help="Where to listen; elsewhere than here only with TLS.")] = _HOST,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Another name to answer to; repeatable.")
    ] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(help="A proxy whose X-Forwarded-For is believed: an address or network; repeatable."),
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="The certificate, PEM.")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key, PEM.")] = None,
    insecure: Annotated[
        bool,
        typer.Option("--insecure", help="Listen elsewhere without TLS: whoever is on the way reads keys."),
    ] = False,
    process: Annotated[
        str, typer.Option(help="This process's name, where several share the accounts of a PostgreSQL.")
    ] = "",
    processes: Annotated[str, typer.Option(help="The names of all of them: a,b.")] = "",
    feed_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help=f"The port of OpenAlgo's WebSocket. [{_FEED_PORT}]")
    ] = None,
    kite_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help=f"The port of Kite's twin. [{_KITE_PORT}]")
    ] = None,
) -> None:
    """Start the desk: accounts, market and APIs, on this machine only, until Ctrl-C."""
    loaded = load(config, set_)
    folder = desk_folder(data)
    binding = checked_binding(
        host, allow_host or (), tls_cert, tls_key, insecure=insecure, proxies=trust_proxy or ()
    )
    shard = _shard(process, processes)
    main = _up(loaded, folder, url, binding, _ports(port, feed_port, kite_port), speed, shard)
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop  # noqa: PLC0415  not there on Windows

        uvloop.run(main)


def _ports(native: int, feed: int | None, kite: int | None) -> Ports:
    """Return the ports: where clients look unless something else is said, any if the first is 0."""
    if feed is None:
        feed = _FEED_PORT if native else 0
    if kite is None:
        kite = _KITE_PORT if native else 0
    return Ports(native, feed, kite)


def _shard(process: str, processes: str) -> Shard | None:
    if bool(process) != bool(processes):
        raise ConfigError("--process names this process and --processes all that share; give both or none")
    return Shard(process, tuple(processes.split(","))) if process else None


async def _up(
    loaded: Loaded, folder: Path, url: str, binding: Binding, ports: Ports, speed: float, shard: Shard | None
) -> None:
    with registry_of(folder, url) as registry, journal_in(folder) as journal:
        secret = found(registry, loaded, folder, os.environ)
        streams = {each.stream for each in registry.accounts.all()}
        with DeskPlay(
            loaded, folder, speed, database=url, streams=streams, registry=registry, shard=shard
        ) as play:
            play.usual = given_defaults(loaded, os.environ)
            administration = Administration(registry, folder, play, url)
            administration.begin_missing()
            play.warm_up()
            doors = serving(
                play,
                RegistryDoorkeeper(registry, play),
                binding,
                ports.native,
                openalgo_feed_port=ports.feed,
                kite_port=ports.kite,
                journal=journal,
            )
            journal.note("the desk begins", market=play.desk.floor.market.label)
            await _serve(play, doors, binding, Control(folder, administration), secret)
        registry.keys.save_last_used()
        journal.note("the desk ended cleanly")
    console().print("Stopped cleanly: everything is recorded.")


async def _serve(play: DeskPlay, doors: Serving, binding: Binding, control: Control, secret: str) -> None:
    loop = asyncio.get_running_loop()
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, play.stop)
    await doors.open()
    await control.open()
    _look_less_for_cycles()
    console().print(
        Panel("\n".join(_lines(play, doors, binding, secret)), title="Kasauti is up", expand=False)
    )
    try:
        await play.run()
    finally:
        await control.close()
        await doors.close()
        play.close("stopped by the user")


def _look_less_for_cycles() -> None:
    """Have Python look for rings of dead objects more seldom, and never among what is here to stay."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _AGED, _AGED)


def _lines(play: DeskPlay, doors: Serving, binding: Binding, secret: str) -> Iterator[str]:
    kept, s = play.folder / KEY_FILE, "s" if binding.is_encrypted else ""
    host = binding.url_host
    yield f"API        http{s}://{host}:{doors.ports['native']}/api, explained at /api/docs"
    yield f"OpenAlgo   http{s}://{host}:{doors.ports['native']}, ws{s}://{host}:{doors.ports['openalgo-feed']}"
    yield f"Kite       http{s}://{host}:{doors.ports['kite']}, ws{s}://{host}:{doors.ports['kite']}"
    # Where nobody looks on, what is printed ends in some log.
    seen = secret and sys.stdout.isatty()
    if kept.exists():
        yield f"Key        {secret}  (also in {kept})" if seen else f"Key        in {kept}"
    else:
        yield "Key        none is kept in this folder; `kasauti key create` makes one"
    yield f"Accounts   {', '.join(account.name for account in play.accounts[:_SHOWN])}"
    wanted = play.loaded.config.account.regime
    opened = [(each.name, each.state.account) for each in play.accounts]
    kept_on = [name for name, one in opened if one is not None and regime_of(one.config) != wanted]
    if kept_on:
        other = "live" if wanted == "permissive" else "permissive"
        yield f"Regime     {', '.join(kept_on[:_SHOWN])} stays {other}, as opened; a reset takes {wanted}"
    yield f"Market     {play.desk.floor.market.label}"

"""`kasauti up`: the desk and its doors, until it is told to stop."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel

from kasauti.cli.console import console
from kasauti.cli.options import Config, Data, Set, load
from kasauti.desk.playing import DeskPlay, opened
from kasauti.web.desk_server import serving
from kasauti.web.keys import SessionKey

_HOST = "127.0.0.1"
_MAIN = "main"
#: Where OpenAlgo's clients look for its WebSocket.
_FEED_PORT = 8765


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
    data: Data = None,
) -> None:
    """Start the desk: accounts, market and APIs, on this machine only, until Ctrl-C."""
    loaded = load(config, set_)
    folder = data or Path(loaded.config.storage.data_dir) / "desk"
    if sys.platform == "win32":
        asyncio.run(_up(DeskPlay(loaded, folder, speed), port))
    else:
        import uvloop  # noqa: PLC0415  not there on Windows

        uvloop.run(_up(DeskPlay(loaded, folder, speed), port))


async def _up(play: DeskPlay, port: int) -> None:
    loop, loaded = asyncio.get_running_loop(), play.loaded
    if sys.platform != "win32":
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, play.stop)
    if not play.accounts:
        account = loaded.config.account
        play.open_account(_MAIN, opened(loaded, _MAIN, capital=account.capital, plan=account.plan))
    key = SessionKey(tuple(account.name for account in play.accounts))
    doors = serving(play, key, _HOST, port, openalgo_feed_port=_FEED_PORT if port else 0)
    with play:
        await doors.open()
        lines = [
            f"API        http://{_HOST}:{doors.ports['native']}/api",
            f"OpenAlgo   http://{_HOST}:{doors.ports['native']}, ws://{_HOST}:{doors.ports['openalgo-feed']}",
            f"Key        {key.secret}",
            f"Accounts   {', '.join(account.name for account in play.accounts)}",
            f"Market     {play.desk.floor.market.label}",
        ]
        console().print(Panel("\n".join(lines), title="Kasauti is up", expand=False))
        try:
            await play.run()
        finally:
            await doors.close()
            play.close("stopped by the user")
    console().print("Stopped cleanly: everything is recorded.")

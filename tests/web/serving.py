"""A desk that is served on a free port, for tests that speak to it as programs do."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import httpx

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.money import RUPEE
from kasauti.web.desk_server import serving
from kasauti.web.keys import SessionKey

SETTINGS = {"account.regime": "permissive", "simulator.latency_low_ms": "0", "simulator.latency_high_ms": "0"}
Talk = Callable[[httpx.AsyncClient, DeskPlay], Awaitable[None]]
TalkToAll = Callable[[dict[str, httpx.AsyncClient], DeskPlay, str], Awaitable[None]]
_Talk = Callable[[httpx.AsyncClient, DeskPlay, dict[str, int], str], Awaitable[None]]


def served(folder: Path, talk: Talk, settings: Mapping[str, str] | None = None, speed: float = 1.0) -> None:
    """Serve a desk of one account and have `talk` speak to it, with the key."""

    async def at_native(
        client: httpx.AsyncClient, play: DeskPlay, ports: dict[str, int], secret: str
    ) -> None:
        await talk(client, play)

    asyncio.run(_served(folder, at_native, {**SETTINGS, **(settings or {})}, speed))


def served_doors(folder: Path, talk: TalkToAll, settings: Mapping[str, str]) -> None:
    """Serve a desk of one account and have `talk` speak to its native API and to Kite's twin."""

    async def at_native(
        client: httpx.AsyncClient, play: DeskPlay, ports: dict[str, int], secret: str
    ) -> None:
        headers = {"authorization": f"token bot:{secret}", "x-kite-version": "3"}
        base = f"http://127.0.0.1:{ports['kite']}"
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=30) as kite:
            await talk({"native": client, "kite": kite}, play, secret)

    asyncio.run(_served(folder, at_native, {**SETTINGS, **settings}, 1.0))


def served_at_ports(folder: Path, talk: "_Talk") -> None:
    """Serve a desk of one account and have `talk` speak to it, told all its ports and the key."""
    asyncio.run(_served(folder, talk, SETTINGS, 1.0))


async def _served(folder: Path, talk: _Talk, settings: dict[str, str], speed: float) -> None:
    loaded = load_config(None, settings, {})
    with DeskPlay(loaded, folder, speed) as play:
        if not play.accounts:
            play.open_account("main", opened(loaded, "main", capital=500_000 * RUPEE, plan="zerodha"))
        key = SessionKey(("main",))
        doors = serving(play, key, "127.0.0.1", 0)
        await doors.open()
        playing = asyncio.create_task(play.run())
        base = f"http://127.0.0.1:{doors.ports['native']}"
        headers = {"authorization": f"Bearer {key.secret}"}
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
            try:
                await talk(client, play, doors.ports, key.secret)
            finally:
                play.stop()
                await playing
                await doors.close()
                play.close("stopped by the test")


def an_option(play: DeskPlay) -> tuple[str, int]:
    """Return an option near the money, and its lot."""
    options = [each for each in play.desk.floor.universe if each.is_option]
    return options[len(options) // 2].id, options[len(options) // 2].lot_size

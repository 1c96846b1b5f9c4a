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


def served(folder: Path, talk: Talk, settings: Mapping[str, str] | None = None, speed: float = 1.0) -> None:
    """Serve a desk of one account and have `talk` speak to it, with the key."""
    asyncio.run(_served(folder, talk, {**SETTINGS, **(settings or {})}, speed))


async def _served(folder: Path, talk: Talk, settings: dict[str, str], speed: float) -> None:
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
                await talk(client, play)
            finally:
                play.stop()
                await playing
                await doors.close()
                play.close("stopped by the test")


def an_option(play: DeskPlay) -> tuple[str, int]:
    """Return an option near the money, and its lot."""
    options = [each for each in play.desk.floor.universe if each.is_option]
    return options[len(options) // 2].id, options[len(options) // 2].lot_size

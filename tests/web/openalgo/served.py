"""A desk that serves OpenAlgo's API on a free port, and who talks to it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import msgspec

from kasauti.config import load_config
from kasauti.desk.account import DeskAccount
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.money import RUPEE
from kasauti.web.access import Caller
from kasauti.web.desk_server import serving
from kasauti.web.keys import SessionKey
from kasauti.web.openalgo.symbols import Symbols, symbols_of
from kasauti.web.server import Serving

SETTINGS = {
    "account.regime": "permissive",
    "simulator.latency_low_ms": "0",
    "simulator.latency_high_ms": "0",
}
CAPITAL = 5_000_000 * RUPEE


class Client:
    """Speaks to the desk with its key."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        play: DeskPlay,
        account: DeskAccount,
        key: SessionKey,
        doors: Serving,
        keys: "Keys",
    ) -> None:
        self.http = http
        self.play = play
        self.account = account
        self.key = key
        self.doors = doors
        self._keys = keys

    def restrict(self, **limits: Any) -> None:
        """Have the key be good for less from now on."""
        self._keys.restrict(self.key, **limits)

    async def post(
        self, name: str, body: Mapping[str, object] | None = None, **more: object
    ) -> httpx.Response:
        """Post a request with the key."""
        asked = {"apikey": self.key.secret, **(body or {}), **more}
        return await self.http.post(f"/api/v1/{name}", json=asked)

    async def told(self, name: str, body: Mapping[str, object] | None = None, **more: object) -> Any:
        """Post a request that succeeds; return its answer."""
        said = await self.post(name, body, **more)
        assert said.status_code == 200, said.text
        return said.json()

    async def bought(self, **more: object) -> str:
        """Place an order that fills at once; return its id."""
        answer = await self.told("placeorder", an_order(self.symbols, **more))
        order_id: str = answer["orderid"]
        return order_id

    @property
    def symbols(self) -> Symbols:
        """The market's symbols."""
        return symbols_of(self.play.desk.floor.universe)


def an_order(symbols: Symbols, **more: object) -> dict[str, object]:
    """Return an order for one lot of the near future, numbers as text, as the clients send them."""
    future = next(each for each in symbols.universe if each.kind == "FUT")
    return {
        "strategy": "test",
        "symbol": symbols.of(future.id).symbol,
        "exchange": "NFO",
        "action": "BUY",
        "quantity": str(future.lot_size),
        "pricetype": "MARKET",
        "product": "NRML",
        **more,
    }


Talk = Callable[[Client], Awaitable[None]]


class House:
    """One desk for many tests, each with an account of its own; the market stands still between them."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None, speed: float = 1) -> None:
        self._runner = asyncio.Runner()
        self._loaded = load_config(None, {**SETTINGS, **(settings or {})}, {})
        self._play = DeskPlay(self._loaded, folder, speed)
        self._keys = Keys()
        self._doors = serving(self._play, self._keys, "127.0.0.1", 0)
        self._playing: asyncio.Task[None]
        self._runner.run(self._open())

    async def _open(self) -> None:
        await self._doors.open()
        self._playing = asyncio.create_task(self._play.run())
        base = f"http://127.0.0.1:{self._doors.ports['native']}"
        self._http = httpx.AsyncClient(base_url=base, trust_env=False)

    def host(self, talk: Talk) -> None:
        """Open an account and have `talk` speak to the desk with its key."""
        self._runner.run(self._host(talk))

    async def _host(self, talk: Talk) -> None:
        name = f"test{len(self._play.accounts)}"
        event = opened(self._loaded, name, capital=CAPITAL, plan="zerodha")
        account = self._play.open_account(name, event)
        key = SessionKey((name,))
        self._keys.add(key)
        await talk(Client(self._http, self._play, account, key, self._doors, self._keys))

    def wait(self, minutes: int) -> None:
        """Let the market go on for some of its minutes."""
        until = self._play.desk.now + minutes * NS_PER_MINUTE

        async def watch() -> None:
            while self._play.desk.now < until:  # noqa: ASYNC110  the market tells nobody of its time
                await asyncio.sleep(0)

        self._runner.run(watch())

    def close(self) -> None:
        """End it all."""
        self._runner.run(self._close())
        self._runner.close()

    async def _close(self) -> None:
        await self._http.aclose()
        self._play.stop()
        await self._playing
        await self._doors.close()
        self._play.close("stopped by the test")


class Keys:
    """The keys of all accounts."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}

    def add(self, key: SessionKey) -> None:
        """Take a key in."""
        caller = key.caller_of(key.secret)
        assert caller is not None
        self._callers[key.secret] = caller

    def restrict(self, key: SessionKey, **limits: Any) -> None:
        """Have a key be good for less."""
        self._callers[key.secret] = msgspec.structs.replace(self._callers[key.secret], **limits)

    def refresh(self) -> None:
        """Nobody changes it."""

    def caller_of(self, secret: str) -> Caller | None:
        """Return who has a key."""
        return self._callers.get(secret)

"""A desk that serves its Kite twin in a thread, and the official client that talks to it."""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from kiteconnect import KiteConnect  # type: ignore[import-untyped]

from kasauti.config import load_config
from kasauti.desk.account import DeskAccount
from kasauti.desk.first_start import KEY_FILE
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import RUPEE
from kasauti.web.desk_server import serving
from kasauti.web.keys import SessionKey

SETTINGS = {"account.regime": "permissive", "simulator.latency_low_ms": "0", "simulator.latency_high_ms": "0"}


class Seen:
    """Which events an account was told of, for a thread that waits for one."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._told = threading.Condition()

    def __call__(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        """Take note of events, by the names of their classes."""
        with self._told:
            self._names |= {type(each.event).__name__ for each in recorded}
            self._told.notify_all()

    def wait_for(self, name: str) -> None:
        """Wait until there was such an event."""
        with self._told:
            assert self._told.wait_for(lambda: name in self._names, timeout=20), f"there was no {name}"


class House:
    """A desk in a thread of its own: the official client blocks the one that it is called in."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        speed: float = 1,
        *,
        keeps_key: bool = False,
    ) -> None:
        self._loaded = load_config(None, {**SETTINGS, **(settings or {})}, {})
        self._folder, self._speed = folder, speed
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.play: DeskPlay
        self.key = SessionKey(("main",))
        self.port = 0
        self.ports: dict[str, int] = {}
        if keeps_key:
            (folder / KEY_FILE).write_text(self.key.secret, encoding="utf-8")
        self._thread.start()
        self._ready.wait()
        assert self.port, "the desk did not start; its thread says why"

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        finally:
            self._ready.set()

    async def _serve(self) -> None:
        with DeskPlay(self._loaded, self._folder, self._speed) as play:
            self.play = play
            if not play.accounts:
                capital = 5_000_000 * RUPEE
                play.open_account("main", opened(self._loaded, "main", capital=capital, plan="zerodha"))
            doors = serving(play, self.key, "127.0.0.1", 0)
            await doors.open()
            self.port, self.ports = doors.ports["kite"], doors.ports
            self._loop = asyncio.get_running_loop()
            playing = asyncio.create_task(play.run())
            self._ready.set()
            await playing
            await doors.close()
            play.close("stopped by the test")

    @contextmanager
    def watching(self) -> Iterator["Seen"]:
        """Take note of what is recorded of the account."""
        seen, (account,) = Seen(), self.play.accounts
        account.listeners.append(seen)
        yield seen
        account.listeners.remove(seen)

    @contextmanager
    def standing_still(self) -> Iterator[None]:
        """Have the market stand still meanwhile, so that two questions are about the same prices."""
        clock = self.play.desk.floor.clock
        self._do(clock.pause)
        try:
            yield
        finally:
            self._do(clock.go_on)

    def _do(self, what: Callable[[], None]) -> None:
        done = threading.Event()
        self._loop.call_soon_threadsafe(what)
        self._loop.call_soon_threadsafe(done.set)
        done.wait()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self.play.stop)
        self._thread.join()

    @property
    def root(self) -> str:
        """Where it is served."""
        return f"http://127.0.0.1:{self.port}"

    def kite(self) -> KiteConnect:
        """Return the official client, with the desk's key as its access token."""
        client = KiteConnect("bot", self.key.secret, root=self.root)
        client.reqsession.trust_env = False
        return client

    def request_token(self, app: str) -> str:
        """Log in on the login page; return the request token of an app."""
        with httpx.Client(base_url=self.root, trust_env=False) as browser:
            back = browser.post("/connect/login", data={"api_key": app, "key": self.key.secret})
        return str(httpx.URL(back.headers["location"]).params["request_token"])

    def future(self) -> Instrument:
        """Return the near future."""
        return next(each for each in self.play.desk.floor.universe if each.kind == "FUT")

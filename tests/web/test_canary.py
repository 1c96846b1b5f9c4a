"""Secrets are planted, a desk trades and errs with them; nothing that it left or said has one in it."""

import json
import re
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from tests.cli.command import kasauti
from tests.web.process import Up
from tests.web.webhooks.test_killed import OPTION, hook_of

from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK

BROKER = {"broker_name": "zerodha", "api_key": "CANARYbrokerkey0", "api_secret": "CANARYbrokersecret"}
FILED = {
    "api_key": "CANARYfiledkey00", "api_secret": "CANARYfiledsecret", "user_id": "AB1234",
    "user_password": "CANARYpassword", "totp_key": "CANARYTOTPKEY234",
}  # fmt: skip
PASSWORD = "CANARY-login-password"  # noqa: S105  that it is found nowhere
#: Where a secret is meant to be.
ITS_PLACE = "owner.key"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is looked at")


class Session:
    """A desk that has been told secrets, and everything that it answered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.desk = Up(folder)
        self.token = hook_of(folder, "canary")
        self.said: list[str] = []
        credentials = folder.parent / "credentials.txt"
        credentials.write_text("".join(f"{name} = {value}\n" for name, value in FILED.items()))
        credentials.chmod(0o600)
        kept = kasauti("vault", "add", credentials, "--data", folder)
        assert kept.code == 0, kept.err
        credentials.unlink()
        self.said.append(kept.out)
        with closing(Registry.open(folder)) as registry:
            registry.users.set_password("owner", PASSWORD, DESK, wall_ns())
            assert registry.users.login("owner", PASSWORD, wall_ns()) is not None
            assert registry.users.login("owner", f"{PASSWORD}x", wall_ns()) is None
        self.sessions: list[str] = []

    def secrets(self) -> list[str]:
        """Return what must be nowhere."""
        _, _, hook = self.token.partition(".")
        planted = [self.desk.key, hook, PASSWORD, BROKER["api_secret"], BROKER["api_key"], *self.sessions]
        return [*planted, *(value for name, value in FILED.items() if name != "user_id")]

    def hear(self, said: httpx.Response) -> httpx.Response:
        """Keep an answer."""
        self.said.append(f"{said.headers}{said.text}")
        return said

    def native(self) -> None:
        """Speak the native API, well and badly."""
        client, key = self.desk.client, self.desk.key
        order = {"instrument": OPTION.id, "side": "BUY", "quantity": OPTION.lot_size}
        assert self.hear(client.post("/api/orders", json=order)).status_code == 200
        assert self.hear(client.post("/api/broker/configure", json=BROKER)).status_code == 200
        self.hear(client.post("/api/broker/configure", json={**BROKER, "broker_name": "nobody"}))
        self.hear(
            client.post("/api/broker/configure", json={**BROKER, "api_secret": f"{BROKER['api_secret']} "})
        )
        for body in (f'{{"apikey": "{key}"', f'{{"apikey": "{key}", "quantity": NaN}}', f'["{key}"]'):
            self.hear(client.post("/api/orders", content=body))
            self.hear(client.post("/api/v1/placeorder", content=body))
        self.hear(client.get("/api/orders", params={"apikey": key}))
        self.hear(client.get("/api/orders", headers={"authorization": f"Basic {key}"}))
        for path in (
            "/metrics", "/ready", "/api/docs", "/api/openapi.json", "/api/admin/audit", "/", "/api/accounts",
            "/api/broker/current", "/api/log", "/api/alerts",
        ):  # fmt: skip
            self.hear(client.get(path))

    def openalgo(self) -> None:
        """Speak OpenAlgo's dialect."""
        client, key = self.desk.client, self.desk.key
        order = {
            "apikey": key, "strategy": "x", "symbol": "NIFTY23NOV26FUT", "exchange": "NFO", "action": "BUY",
            "quantity": OPTION.lot_size, "product": "NRML",
        }  # fmt: skip
        assert self.hear(client.post("/api/v1/placeorder", json=order)).status_code == 200
        for wrong in ({"symbol": "NOBODY"}, {"quantity": "x"}, {"apikey": f"{key}x"}, {"more": 1}):
            self.hear(client.post("/api/v1/placeorder", json={**order, **wrong}))
        for path in ("orderbook", "funds", "tradebook", "analyzer"):
            self.hear(client.post(f"/api/v1/{path}", json={"apikey": key}))

    def kite(self) -> None:
        """Log in as a bot of Kite Connect does, trade and err."""
        key = self.desk.key
        with self.desk.to("kite", {}) as client:
            login = {"api_key": "bot", "key": key}
            told = client.post("/connect/login", data=login).headers["location"]
            token = re.search(r"request_token=([\w-]+)", told)
            assert token is not None
            checksum = sha256(f"bot{token[1]}{key}".encode()).hexdigest()
            form = {"api_key": "bot", "request_token": token[1], "checksum": checksum}
            begun = client.post("/session/token", data=form)
            self.sessions += [begun.json()["data"]["access_token"], token[1]]
            client.headers["authorization"] = f"token bot:{self.sessions[0]}"
            order = {
                "exchange": "NFO", "tradingsymbol": OPTION.tradingsymbol, "transaction_type": "BUY",
                "quantity": OPTION.lot_size, "product": "NRML", "order_type": "MARKET",
            }  # fmt: skip
            assert self.hear(client.post("/orders/regular", data=order)).status_code == 200
            self.hear(client.post("/orders/regular", data={**order, "quantity": "x"}))
            self.hear(client.post("/connect/login", data={**login, "key": f"{key}x"}))
            self.hear(client.post("/session/token", data=form))
            for path in ("/orders", "/user/profile", "/user/margins", "/nowhere"):
                self.hear(client.get(path))
            self.hear(client.get("/orders", headers={"authorization": f"token {key}"}))

    def hooks(self) -> None:
        """Knock at the hook, with the secret in each of its places."""
        client, (public, _, secret) = self.desk.client, self.token.partition(".")
        alert = {"symbol": OPTION.id, "action": "BUY", "position_size": "1"}
        said = self.hear(client.post(f"/hook/{public}", json={**alert, "secret": secret}))
        assert said.status_code == 202
        number = said.json()["alert"]
        self.hear(client.post(f"/hook/{self.token}", content=f'{{"secret": "{secret}", "symbol"'))
        self.hear(client.post(f"/hook/{public}", json=alert, headers={"x-kasauti-secret": f"{secret}x"}))
        for accept in ("text/html", "application/json"):
            page = client.get(f"/hook/{self.token}/alerts/{number}", headers={"accept": accept})
            assert self.hear(page).status_code == 200

    def left(self) -> Iterator[tuple[str, bytes]]:
        """Yield everything that the desk left or said, by a name for each."""
        yield "what it printed", self.desk.said.encode()
        for number, each in enumerate(self.said):
            yield f"answer {number}: {each[-150:]}", each.encode()
        for path in self.folder.parent.rglob("*"):
            if path.is_file() and path.name != ITS_PLACE:
                yield str(path.relative_to(self.folder.parent)), path.read_bytes()

    def exported(self) -> None:
        """Export everything in every form, and make a backup."""
        for name in ("log.json", "log.csv", "log.parquet"):
            done = kasauti("log", "export", self.folder.parent / name, "--data", self.folder)
            assert done.code == 0, done.err
            self.said.append(done.out)
        for words in (
            ("db", "backup", self.folder.parent / "copy"),
            ("key", "list"),
            ("hook", "list"),
            ("vault", "list"),
        ):
            done = kasauti(*words, "--data", self.folder)
            assert done.code == 0, done.err
            self.said.append(done.out)


def _of_processes(process: int) -> Iterator[tuple[str, bytes]]:
    """Yield the command line and the environment of a process and of its children."""
    yield f"the command line of {process}", Path(f"/proc/{process}/cmdline").read_bytes()
    yield f"the environment of {process}", Path(f"/proc/{process}/environ").read_bytes()
    for task in Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _of_processes(int(child))


def test_no_secret_is_anywhere_but_in_its_place(tmp_path: Path) -> None:
    session = Session(tmp_path / "desk")
    session.native()
    session.openalgo()
    session.kite()
    session.hooks()
    processes = list(_of_processes(session.desk.process.pid))
    assert session.desk.end(signal.SIGTERM) == 0
    session.exported()
    secrets = session.secrets()
    assert all(len(each) > 8 for each in secrets)
    found = [
        (name, secret)
        for name, content in (*processes, *session.left())
        for secret in secrets
        if secret.encode() in content
    ]
    assert found == []
    assert session.desk.key.encode() in (tmp_path / "desk" / ITS_PLACE).read_bytes(), (
        "what is looked for is real"
    )
    noted = [json.loads(line) for line in (tmp_path / "desk/server.log").read_text().split("\n") if line]
    assert {each.get("dialect") for each in noted} >= {"native", "openalgo", "kite"}
    assert (tmp_path / "desk" / ITS_PLACE).stat().st_mode & 0o077 == 0

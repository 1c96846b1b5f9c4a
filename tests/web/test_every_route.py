"""Every route has its checks, and nothing that is sent to any of them is answered with an error of ours."""

import json
import re
from pathlib import Path

import httpx
from tests.web.serving import served

from kasauti.desk.playing import DeskPlay
from kasauti.web.access import Scope
from kasauti.web.desk_server import serving
from kasauti.web.endpoint import Endpoint, Pace
from kasauti.web.keys import SessionKey
from kasauti.web.limits import RATES

#: Who may be asked without a key: what says how the server is, what describes the API, and hooks, whose
#: secret is their own.
PUBLIC = {
    "/health",
    "/ready",
    "/",
    "/api/docs",
    "/api/openapi.json",
    "/hook/{token}",
    "/hook/{token}/alerts/{alert}",
    "/strategy/webhook/{token}",
    "/chartink/webhook/{token}",
    # The login of Kite Connect's twin, which leads to a key.
    "/connect/login",
    "/connect/done",
    "/session/token",
    "/session/refresh_token",
}
MALFORMED = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"\\u0000"',
    b"\xff\xfe",
    b"[" * 5_000,
    b'{"quantity": NaN}',
    b'{"quantity": 1e309, "symbol": "X"}',
    b'{"a": 1, "a": 2}',
    b'{"instrument": "\\u0000", "side": "BUY", "quantity": 1}',
    b'{"quantity": 99999999999999999999999999}',
)
#: What the server may say to them.
EXPECTED = {200, 202, 307, 400, 401, 403, 404, 409, 413, 415, 422, 429}


def sent_to(row: Endpoint) -> tuple[bytes, ...]:
    """Return what is sent to a route: OpenAlgo's have a test of their own, others may be asked seldom."""
    if row.method == "GET" or row.pace is Pace.SESSIONS:
        return MALFORMED[:1]
    return MALFORMED[1:3] if row.path.startswith("/api/v1/") else MALFORMED


def doors_of(play: DeskPlay) -> dict[str, list[Endpoint]]:
    """Return the rows of every application by its door."""
    doors = serving(play, SessionKey(("main",)), "127.0.0.1", 0).doors
    return {door.name: list(getattr(door.app, "endpoints", ())) for door in doors}


def test_every_route_has_its_checks_and_takes_anything_without_an_error_of_ours(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        doors = doors_of(play)
        for rows in doors.values():
            assert len({(row.method, row.path) for row in rows}) == len(rows)
            for row in rows:
                assert row.summary, row.path
                assert row.pace in RATES, row.path
                assert row.max_bytes > 0, row.path
                assert isinstance(row.scope, Scope) or row.path.removeprefix("/oms") in PUBLIC, row.path
        for row in doors["native"]:
            await one(client, row)

    async def one(client: httpx.AsyncClient, row: Endpoint) -> None:
        path, texts = re.sub(r"\{[^}]*\}", "x", row.path), []
        for body in sent_to(row):
            said = await client.request(row.method, path, content=body)
            assert said.status_code in EXPECTED | {405}, (row.method, path, body[:40], said.text)
            texts.append(said.text)
        if row.scope is not None:
            headers = {"authorization": ""}
            said = await client.request(row.method, path, content=b"{}", headers=headers)
            assert said.status_code in {401, 403, 400}, (row.method, path, said.text)
        assert not any("Traceback" in text for text in texts)

    served(tmp_path, talk)


def test_a_broker_is_set_up_and_its_secret_is_nowhere_to_be_read(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        asked = {"broker_name": "zerodha", "api_key": "KEYKEYKEYKEY", "api_secret": "canary-secret"}
        said = [
            await client.get("/api/brokers/supported"),
            await client.post("/api/broker/configure", json=asked),
            await client.get("/api/broker/current"),
            await client.post("/api/broker/test"),
            await client.get("/api/admin/audit"),
            await client.post("/api/broker/configure", json={**asked, "broker_name": "nobody"}),
        ]
        assert [each.status_code for each in said] == [200, 200, 200, 200, 200, 400]
        assert said[2].json() == {"broker": "zerodha", "api_key": "KEYK…", "has_secret": True}
        assert not any("canary" in each.text or "KEYKEY" in each.text for each in said)
        assert json.loads(said[4].text)["lines"][-1]["event"] == "broker.configured"

    served(tmp_path, talk)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"canary" in path.read_bytes() for path in kept)

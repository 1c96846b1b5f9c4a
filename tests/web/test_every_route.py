"""Every route has its checks; `test_hostile.py` sees that they hold."""

import json
from pathlib import Path

import httpx
from tests.web.serving import served

from kasauti.desk.playing import DeskPlay
from kasauti.web.access import Scope
from kasauti.web.desk_server import serving
from kasauti.web.endpoint import Endpoint
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
#: What is posted without a body.
BODILESS = {"/api/broker/test"}


def doors_of(play: DeskPlay) -> dict[str, list[Endpoint]]:
    """Return the rows of every application by its door."""
    doors = serving(play, SessionKey(("main",)), "127.0.0.1", 0).doors
    return {door.name: list(getattr(door.app, "endpoints", ())) for door in doors}


def test_every_route_has_a_key_or_stands_on_the_list_and_has_a_pace_and_a_size(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        public = set()
        for rows in doors_of(play).values():
            assert len({(row.method, row.path) for row in rows}) == len(rows)
            for row in rows:
                assert row.summary, row.path
                assert row.pace in RATES, row.path
                assert row.max_bytes > 0, row.path
                assert row.takes is not None or row.method not in {"POST", "PATCH"} or row.path in BODILESS
                public |= set() if isinstance(row.scope, Scope) else {row.path.removeprefix("/oms")}
        assert public == PUBLIC

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
        assert said[2].json() == {"name": "zerodha", "api_key": "KEYK…", "has_secret": True}
        assert not any("canary" in each.text or "KEYKEY" in each.text for each in said)
        assert json.loads(said[4].text)["lines"][-1]["event"] == "broker.configured"

    served(tmp_path, talk)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(b"canary" in path.read_bytes() for path in kept)

"""The stream: a snapshot at N, then N+1 and on, resumed by a cursor; who does not read is let go."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
from tests.web.serving import an_option, served
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake

from kasauti.desk.playing import DeskPlay


def address(client: httpx.AsyncClient) -> str:
    """Return the stream's address."""
    return f"ws://{client.base_url.host}:{client.base_url.port}/api/stream"


async def heard(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """Return the next message of a kind."""
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        assert message["type"] != "error" or kind == "error", message
        if message["type"] == kind:
            return message


async def named(socket: ClientConnection, client: httpx.AsyncClient) -> None:
    """Name the key."""
    key = client.headers["authorization"].removeprefix("Bearer ")
    await socket.send(json.dumps({"action": "authenticate", "key": key}))
    await heard(socket, "authenticated")


def test_events_follow_a_snapshot_without_gap_or_repeat_also_over_a_reconnect(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        order = {"instrument": option, "side": "BUY", "quantity": lot}
        seen: list[int] = []
        async with connect(address(client), proxy=None) as socket:
            await named(socket, client)
            await socket.send(json.dumps({"action": "events"}))
            snapshot = await heard(socket, "snapshot")
            for _ in range(3):
                await client.post("/api/orders", json=order)
            while len(seen) < 3:
                seen += [each["seq"] for each in (await heard(socket, "events"))["events"]]
        await client.post("/api/orders", json=order)
        async with connect(address(client), proxy=None) as socket:
            await named(socket, client)
            await socket.send(json.dumps({"action": "events", "after": seen[-1]}))
            seen += [each["seq"] for each in (await heard(socket, "events"))["events"]]
            await socket.send(json.dumps({"action": "quotes", "instruments": [option]}))
            assert (await heard(socket, "quote"))["quote"]["instrument"] == option
            await socket.send(json.dumps({"action": "events", "after": 10_000_000}))
            assert (await heard(socket, "error"))["error"]["code"] == "stream.cursor"
        assert seen == list(range(snapshot["seq"] + 1, play.accounts[0].state.seq + 1))
        while play.accounts[0].listeners:  # noqa: ASYNC110  the server notices that the client went
            await asyncio.sleep(0)

    served(tmp_path, talk)


def test_nobody_follows_without_a_key_or_from_a_strange_page(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        async with connect(address(client), proxy=None) as socket:
            for said in (
                '{"action": "events"}',
                '{"action": "authenticate", "key": "x"}',
                "[[[",
                '{"action": 1}',
            ):
                await socket.send(said)
                assert json.loads(await socket.recv())["type"] == "error"
        try:
            async with connect(address(client), proxy=None, origin="https://evil.example"):  # type: ignore[arg-type]
                raise AssertionError("a strange page was let in")
        except InvalidHandshake:
            pass

    served(tmp_path, talk)


def test_the_portfolio_has_positions_with_their_source_and_admins_see_figures(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        [held] = (await client.get("/api/v1/portfolio/positions")).json()["positions"]
        assert (held["source"], held["quantity"], held["tradingsymbol"]) == ("PAPER", lot, option[4:])
        live = await client.get("/api/v1/portfolio/positions", params={"source": "LIVE"})
        assert live.json() == {"positions": []}
        assert (await client.get("/api/v1/portfolio/positions?source=x")).status_code == 400
        assert (await client.get("/api/v1/portfolio/strategies")).json() == {"strategies": []}
        figures = (await client.get("/api/admin/statistics")).json()
        assert (figures["accounts"], figures["orders_today"], figures["positions_open"]) == (1, 1, 1)
        assert (await client.get("/api/admin/audit")).json()["lines"] == []
        assert (await client.get("/api/admin/defaults")).json()["capital"] == "100000"
        document = (await client.get("/api/openapi.json")).json()
        assert set(document["paths"]) >= {
            "/api/orders/{order_id}",
            "/api/v1/portfolio/positions",
            "/hook/{token}",
        }

    served(tmp_path, talk)


def test_a_changed_order_is_an_event_with_its_new_terms(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        future = next(each for each in play.desk.floor.universe if each.kind == "FUT")
        lot = future.lot_size
        stop = {
            "instrument": future.id, "side": "BUY", "quantity": lot, "product": "NRML",
            "order_type": "SL", "price": "30010", "trigger_price": "30000",
        }  # fmt: skip
        order_id = (await client.post("/api/orders", json=stop)).json()["order_id"]
        async with connect(address(client), proxy=None) as socket:
            await named(socket, client)
            await socket.send(json.dumps({"action": "events"}))
            await heard(socket, "snapshot")
            changes: list[dict[str, object]] = [
                {"order_type": "LIMIT", "price": "20000"}, {"price": "20001"}, {"quantity": 2 * lot},
            ]  # fmt: skip
            told: list[dict[str, Any]] = []
            for change in changes:
                said = await client.patch(f"/api/orders/{order_id}", json=change)
                assert said.status_code == httpx.codes.OK, said.text
            while len(told) < len(changes):
                events = (await heard(socket, "events"))["events"]
                told += [each["event"] for each in events if each["tag"] == "order.modified"]
        assert {each["order_id"] for each in told} == {order_id}
        terms = [(each.get("order_type"), each["price"], each["quantity"]) for each in told]
        assert terms == [
            ("LIMIT", 200_000_000, lot), (None, 200_010_000, lot), (None, 200_010_000, 2 * lot),
        ]  # fmt: skip

    served(tmp_path, talk)

"""Whether a server says how it is, and counts what it answers."""

import asyncio
import logging
from pathlib import Path

import httpx
import pytest
from tests.web.serving import an_option, served

from kasauti.desk.playing import DeskPlay


def test_a_server_that_lives_and_trades_says_so_without_a_key(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        assert (await client.get("/health", headers={"authorization": ""})).json() == {"status": "ok"}
        said = await client.get("/ready", headers={"authorization": ""})
        assert (said.status_code, said.json()["ready"], said.json()["accounts"]) == (200, True, 1)

    served(tmp_path, talk)


def test_a_stopped_account_makes_it_unready(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        play.desk.accounts["main"].failed = "it broke"
        said = await client.get("/ready")
        assert (said.status_code, said.json()["problems"]) == (
            503,
            ["1 of the accounts stopped: see the server's own log"],
        )
        play.desk.accounts["main"].failed = ""

    served(tmp_path, talk)


def test_answers_are_counted_by_endpoint_and_status_for_who_has_a_key(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        for side in ("BUY", "SIDEWAYS"):
            await client.post("/api/orders", json={"instrument": option, "side": side, "quantity": lot})
        lines = (await client.get("/metrics")).text.splitlines()
        labels = 'dialect="native",endpoint="POST /api/orders"'
        assert f"kasauti_request_seconds_count{{{labels}}} 2" in lines
        assert f'kasauti_request_seconds_bucket{{{labels},le="+Inf"}} 2' in lines
        assert f'kasauti_requests_total{{{labels},status="200"}} 1' in lines
        assert f'kasauti_requests_total{{{labels},status="400"}} 1' in lines
        assert "kasauti_accounts 1" in lines
        assert (await client.get("/metrics", headers={"authorization": ""})).status_code == 401

    served(tmp_path, talk)


def test_who_hangs_up_within_an_order_ordered_nothing_and_is_no_failure_of_ours(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        _, writer = await asyncio.open_connection(client.base_url.host, client.base_url.port)
        writer.write(b"POST /api/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 90\r\n\r\n{")
        await writer.drain()
        writer.close()
        counted = 'kasauti_requests_total{dialect="native",endpoint="POST /api/orders",status="499"} 1'
        async with asyncio.timeout(10):
            while counted not in (await client.get("/metrics")).text:
                pass
        assert (await client.get("/api/orders")).json() == {"orders": []}

    with caplog.at_level(logging.WARNING):
        served(tmp_path, talk)

    assert not caplog.records

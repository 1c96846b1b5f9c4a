"""Whether a server says how it is, and counts what it answers."""

from pathlib import Path

import httpx
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
        assert (said.status_code, said.json()["problems"]) == (503, ["the account main has stopped"])
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

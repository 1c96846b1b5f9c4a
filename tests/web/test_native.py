"""The native API over real sockets: an order goes in, what became of it comes out, and it is in the log."""

from pathlib import Path

import httpx
import pytest
from tests.web.serving import an_option, served

from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.store.sqlite import SqliteLog
from kasauti.web.native.shown import money


@pytest.mark.parametrize(
    ("units", "shown"),
    [(0, "0"), (1, "0.0001"), (1_234_500, "123.45"), (-500, "-0.05"), (-20_000, "-2"), (10**8, "10000")],
)
def test_money_is_shown_without_zeros_behind_it(units: int, shown: str) -> None:
    assert money(units) == shown


def test_an_order_is_filled_and_in_the_log_when_it_is_answered(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        said = await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})
        assert (said.status_code, said.json()["status"], said.json()["filled"]) == (200, "COMPLETE", lot)
        with SqliteLog.open(tmp_path / "log.db", "main", readonly=True) as log:
            filled = [each.event for each in log.read(verify=True) if isinstance(each.event, ev.OrderFilled)]
        assert [fill.order_id for fill in filled] == [said.json()["order_id"]]

    served(tmp_path, talk)


def test_what_a_restart_takes_up_is_what_was_held(tmp_path: Path) -> None:
    held: list[int] = []

    async def buy(client: httpx.AsyncClient, play: DeskPlay) -> None:
        option, lot = an_option(play)
        await client.post("/api/orders", json={"instrument": option, "side": "BUY", "quantity": lot})

    async def look(client: httpx.AsyncClient, play: DeskPlay) -> None:
        held.extend(position.quantity for position in play.accounts[0].state.held)

    served(tmp_path, buy)
    served(tmp_path, look)
    assert held == [65]


@pytest.mark.parametrize(
    ("method", "path", "content", "key", "status", "code"),
    [
        ("POST", "/api/orders", "{}", "", 401, "request.no_key"),
        ("POST", "/api/orders", "{}", "Bearer wrong", 403, "request.wrong_key"),
        ("POST", "/api/orders", "{", None, 400, "request.bad_body"),
        ("POST", "/api/orders", '{"instrument": "NFO:X", "side": "BUY", "quantity": 1e309}', None, 400,
         "request.bad_body"),
        ("POST", "/api/orders", "[" * 20_000, None, 400, "request.bad_body"),
        ("POST", "/api/orders", " " * 70_000, None, 413, "request.too_large"),
        ("PUT", "/api/orders", "", None, 405, "request.not_allowed"),
        ("GET", "/nowhere", "", None, 404, "request.not_found"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_refused_with_a_code(
    tmp_path: Path, method: str, path: str, content: str, key: str | None, status: int, code: str
) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        headers = {} if key is None else {"authorization": key}
        said = await client.request(method, path, content=content, headers=headers)
        assert (said.status_code, said.json()["error"]["code"]) == (status, code)

    served(tmp_path, talk)


def test_a_name_that_is_not_ours_is_not_answered(tmp_path: Path) -> None:
    async def talk(client: httpx.AsyncClient, play: DeskPlay) -> None:
        said = await client.post("/api/orders", content="{}", headers={"host": "evil.example"})
        assert said.status_code == 421

    served(tmp_path, talk)

"""Postbacks: signed as Kite signs them, sent again when they do not arrive, never in the desk's way."""

import contextlib
import hashlib
import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from kiteconnect import exceptions  # type: ignore[import-untyped]
from tests.web.kite.served import House

from kasauti.config import load_config
from kasauti.desk.first_start import KEY_FILE
from kasauti.desk.playing import DeskPlay
from kasauti.errors import ConfigError
from kasauti.web.keys import SessionKey
from kasauti.web.kite.courier import PAUSES_S, Courier
from kasauti.web.kite.postbacks import postbacks

_URL = "http://bot.example/kite"


@contextmanager
def _receiver() -> Iterator[tuple[str, "queue.Queue[dict[str, Any]]"]]:
    """Receive postbacks at a port of this machine."""
    came: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *said: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/kite", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_becomes_of_an_order_is_posted_and_signed_with_the_apps_secret(tmp_path: Path) -> None:
    with _receiver() as (url, came):
        house = House(tmp_path, {"kite.postback_url": url}, keeps_key=True)
        future = house.future()
        order = {
            "variety": "regular", "exchange": "NFO", "tradingsymbol": future.tradingsymbol,
            "transaction_type": "BUY", "quantity": future.lot_size, "product": "NRML",
        }  # fmt: skip
        kite = house.kite()
        done = kite.place_order(**order, order_type="MARKET", market_protection=-1)
        resting = kite.place_order(**order, order_type="LIMIT", price=20_000)
        kite.modify_order("regular", resting, price=20_001)
        kite.cancel_order("regular", resting)
        much = {**order, "quantity": future.freeze_quantity // future.lot_size * future.lot_size}
        with contextlib.suppress(exceptions.KiteException):
            kite.place_order(**much, order_type="LIMIT", price=29_000)
        refused = kite.orders()[-1]["order_id"]
        house.close()
        told = [came.get(timeout=5) for _ in range(4)]
    assert [(each["order_id"], each["status"]) for each in told] == [
        (done, "COMPLETE"), (resting, "UPDATE"), (resting, "CANCELLED"), (refused, "REJECTED"),
    ]  # fmt: skip
    for each in told:
        text = f"{each['order_id']}{each['order_timestamp']}{house.key.secret}"
        assert each["checksum"] == hashlib.sha256(text.encode()).hexdigest()
        assert each.keys() >= {"user_id", "unfilled_quantity", "app_id", "guid", "placed_by", "tags"}
    assert came.empty(), "an order that was only placed is not posted"


def _courier(statuses: list[int | None]) -> tuple[Courier, list[bytes], list[float]]:
    """Return a courier whose receiver answers with these, None for a lost connection, and what it saw."""
    seen: list[bytes] = []
    paused: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        assert str(request.url) == _URL
        seen.append(request.content)
        status = statuses.pop(0)
        if status is None:
            raise httpx.ConnectError("nobody is there")
        return httpx.Response(status, headers={"location": "http://elsewhere.example"})

    def pause(seconds: float) -> bool:
        paused.append(seconds)
        return False

    return Courier(_URL, httpx.MockTransport(answer), pause), seen, paused


@pytest.mark.parametrize(
    ("statuses", "tries", "lost"),
    [
        ([200], 1, 0),
        ([None, 503, 429, 204], 4, 0),
        ([None] * 6, 6, 1),
        ([400], 1, 1),
        ([307], 1, 1),
    ],
)
def test_a_message_is_sent_until_it_arrives_or_is_given_up(
    statuses: list[int | None], tries: int, lost: int
) -> None:
    courier, seen, paused = _courier([*statuses, 200])
    courier.give(b"one")
    courier.give(b"two")
    courier.begin()
    courier.end()
    assert seen == [b"one"] * tries + [b"two"]
    assert (paused, courier.lost) == (list(PAUSES_S[: tries - 1]), lost)


def test_who_takes_nothing_loses_messages_and_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kasauti.web.kite.courier.MOST_WAITING", 2)
    courier, seen, _ = _courier([200, 200])
    for number in range(5):
        courier.give(b"%d" % number)
    assert (courier.lost, seen) == (3, [])


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://host/x", "http://", "http://user:word@host/", "host"]
)
def test_only_an_address_of_the_web_is_taken(url: str) -> None:
    with pytest.raises(ConfigError, match=r"kite\.postback_url"):
        load_config(None, {"kite.postback_url": url}, {})


def test_a_missing_key_is_said_at_the_start(tmp_path: Path) -> None:
    loaded = load_config(None, {"kite.postback_url": _URL}, {})
    with DeskPlay(loaded, tmp_path, 1) as play, pytest.raises(ConfigError, match=KEY_FILE):
        postbacks(play, SessionKey(("main",)))

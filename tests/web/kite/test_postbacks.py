"""Postbacks: signed as Kite signs them, sent again when they do not arrive, never in the desk's way."""

import contextlib
import hashlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from kiteconnect import exceptions  # type: ignore[import-untyped]
from tests.web.kite.receiving import receiver
from tests.web.kite.served import House

from kasauti.config import load_config
from kasauti.desk.first_start import KEY_FILE
from kasauti.desk.playing import DeskPlay
from kasauti.errors import ConfigError, StorageError
from kasauti.store.registry.registry import Registry
from kasauti.web.keys import SessionKey
from kasauti.web.kite.courier import OLDEST_S, PAUSES_S, Courier
from kasauti.web.kite.delivered import FILE, Delivered
from kasauti.web.kite.postbacks import postbacks

_URL = "http://bot.example/kite"


def test_what_becomes_of_an_order_is_posted_and_signed_with_the_apps_secret(tmp_path: Path) -> None:
    with receiver() as (url, came, _):
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
        told = [came.get(timeout=5).row for _ in range(4)]
    assert [(each["order_id"], each["status"]) for each in told] == [
        (done, "COMPLETE"), (resting, "UPDATE"), (resting, "CANCELLED"), (refused, "REJECTED"),
    ]  # fmt: skip
    for each in told:
        text = f"{each['order_id']}{each['order_timestamp']}{house.key.secret}"
        assert each["checksum"] == hashlib.sha256(text.encode()).hexdigest()
        assert each.keys() >= {"user_id", "unfilled_quantity", "app_id", "guid", "placed_by", "tags"}
    assert came.empty(), "an order that was only placed is not posted"


class _Numbers:
    """The numbers of a registry, or of one whose disk is full."""

    def __init__(self, *, is_full: bool = False) -> None:
        self.kept: dict[str, int] = {}
        self._is_full = is_full

    def delivered(self, stream: str) -> int | None:
        return self.kept.get(stream)

    def mark(self, stream: str, seq: int) -> None:
        if self._is_full:
            raise StorageError("the disk is full")
        self.kept[stream] = max(seq, self.kept.get(stream, 0))


def _courier(
    folder: Path,
    statuses: list[int | None],
    now_s: Callable[[], float] = lambda: 0.0,
    *,
    in_time: bool = True,
    numbers: _Numbers | None = None,
) -> tuple[Courier, list[bytes], list[float]]:
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
        return not in_time

    delivered = Delivered(numbers or _Numbers(), folder)
    courier = Courier(_URL, delivered, httpx.MockTransport(answer), pause, now_s)
    return courier, seen, paused


@pytest.mark.parametrize(
    ("statuses", "tries", "lost"),
    [
        ([200], 1, 0),
        ([None, 503, 429, 204], 4, 0),
        ([None] * 8, 8, 1),
        ([400], 1, 1),
        ([307], 1, 1),
    ],
)
def test_a_message_is_sent_until_it_arrives_or_is_given_up(
    statuses: list[int | None], tries: int, lost: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = _Numbers()
    courier, seen, paused = _courier(tmp_path, [*statuses, 200], numbers=numbers)
    courier.note("new", 3)
    courier.give("main", 7, b"one")
    courier.give("main", 9, b"two")
    courier.give("main@replay-1", 4, b"")
    courier.begin()
    assert courier.end()
    assert seen == [b"one"] * tries + [b"two"]
    assert (paused, courier.lost) == (list(PAUSES_S[: tries - 1]), lost)
    assert ("the postback main:7 was given up" in caplog.text) == bool(lost)
    assert numbers.kept == {"new": 3, "main": 9}


def test_what_there_is_no_time_for_waits_and_nothing_overtakes_it(tmp_path: Path) -> None:
    numbers = _Numbers()
    courier, seen, _ = _courier(tmp_path, [200, 503, 200], in_time=False, numbers=numbers)
    for seq in (7, 8, 9):
        courier.give("main", seq, b"%d" % seq)
    courier.begin()
    assert not courier.end()
    assert (seen, courier.lost) == ([b"7", b"8"], 0)
    assert numbers.kept == {"main": 7}


def test_what_waits_for_a_log_that_goes_to_another_process_is_not_sent_by_this_one(tmp_path: Path) -> None:
    numbers = _Numbers()
    courier, seen, _ = _courier(tmp_path, [200, 200], numbers=numbers)
    courier.give("main", 7, b"is the other's")
    courier.give("b", 3, b"b")
    courier.note("main", 8)
    courier.withdraw("main")
    courier.give("main", 12, b"of when it had come back")
    courier.begin()
    assert courier.end()
    assert seen == [b"b", b"of when it had come back"]
    assert numbers.kept == {"main": 12, "b": 3}


def test_what_is_tried_again_and_again_ends_when_its_log_goes_to_another_process(tmp_path: Path) -> None:
    numbers = _Numbers()
    tries: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        tries.append(request.content)
        return httpx.Response(503)

    def pause(seconds: float) -> bool:
        courier.withdraw("main")
        return False

    courier = Courier(_URL, Delivered(numbers, tmp_path), httpx.MockTransport(answer), pause)
    courier.give("main", 7, b"one")
    courier.begin()
    assert courier.end()
    assert (tries, numbers.kept, courier.lost) == ([b"one"], {}, 0)


def test_what_has_waited_too_long_is_given_up_unsent(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    moments = iter((0.0, 1.0, OLDEST_S + 0.5, OLDEST_S + 0.5))
    courier, seen, _ = _courier(tmp_path, [200], now_s=lambda: next(moments))
    courier.give("main", 7, b"old")
    courier.give("main", 9, b"new")
    courier.begin()
    assert courier.end()
    assert (seen, courier.lost) == ([b"new"], 1)
    assert "the postback main:7 was given up: it has waited" in caplog.text


def test_who_takes_nothing_loses_messages_and_delays_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kasauti.web.kite.courier.MOST_WAITING", 2)
    courier, seen, _ = _courier(tmp_path, [200, 200])
    for number in range(5):
        courier.give("main", number, b"%d" % number)
    assert (courier.lost, seen) == (3, [])


def test_a_disk_that_is_full_and_a_file_that_is_broken_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    Delivered(_Numbers(is_full=True), tmp_path).mark("main", 1)
    assert "could not be kept: the disk is full" in caplog.text
    (tmp_path / FILE).write_text("{")
    with pytest.raises(ConfigError, match="remove it, and postbacks go on"):
        Delivered(_Numbers(), tmp_path)


def test_what_an_earlier_version_left_in_a_file_is_taken_over_once(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"delivered": {"owner/main/1": 41, "owner/main/1@replay-1": 7}}')
    with closing(Registry.open(tmp_path)) as registry:
        registry.postbacks.mark("owner/b/1", 5)
        Delivered(registry.postbacks, tmp_path)
        assert not (tmp_path / FILE).exists()
        delivered = Delivered(registry.postbacks, tmp_path)
        delivered.mark("owner/main/1", 40)
        numbers = {log: delivered.of(log) for log in ("owner/main/1", "owner/b/1", "owner/main/1@replay-1")}
    assert numbers == {"owner/main/1": 41, "owner/b/1": 5, "owner/main/1@replay-1": None}


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

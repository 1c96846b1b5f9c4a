"""A changed order as the official ticker is told of it and the postback says it: type, price, quantity."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.web.kite.receiving import receiver
from tests.web.kite.served import House

_BOT = """
import json, sys
from kiteconnect import KiteTicker
port, key = sys.argv[1:]
ticker = KiteTicker("bot", key, root=f"ws://127.0.0.1:{port}")
def on_connect(ws, response):
    ws.subscribe([256265])
def on_ticks(ws, ticks):
    print("there", flush=True)
def on_order_update(ws, data):
    print(json.dumps(data), flush=True)
    if data["status"] == "CANCELLED":
        ws.stop()
ticker.on_connect, ticker.on_ticks = on_connect, on_ticks
ticker.on_order_update = on_order_update
ticker.connect()
"""
_TOLD = ("order_id", "status", "order_type", "price", "trigger_price", "quantity", "pending_quantity")


@contextmanager
def _ticker(house: House) -> Iterator[IO[str]]:
    """Have the official ticker follow; what it prints."""
    words = [sys.executable, "-c", _BOT, str(house.port), house.key.secret]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as bot:
        assert bot.stdout is not None
        try:
            assert bot.stdout.readline() == "there\n"
            yield bot.stdout
        finally:
            bot.kill()


def _said(lines: IO[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines if line != "there\n"]


def test_a_change_of_type_price_and_quantity_is_told_by_ticker_and_postback_alike(tmp_path: Path) -> None:
    with receiver() as (url, came, _):
        house = House(tmp_path, {"kite.postback_url": url}, keeps_key=True)
        kite, future = house.kite(), house.future()
        lot = future.lot_size
        with _ticker(house) as lines:
            order_id = kite.place_order(
                "regular", "NFO", future.tradingsymbol, "BUY", lot, "NRML", "SL-M", trigger_price=30_000,
                market_protection=-1,
            )  # fmt: skip
            kite.modify_order("regular", order_id, order_type="LIMIT", price=20_000)
            kite.modify_order("regular", order_id, price=20_001)
            kite.modify_order("regular", order_id, quantity=2 * lot)
            kite.cancel_order("regular", order_id)
            told = _said(lines)
        posted = [came.get(timeout=10).row for _ in range(4)]
        house.close()
    assert [tuple(row[name] for name in _TOLD) for row in told] == [
        (order_id, "UPDATE", "LIMIT", 20_000, 0, lot, lot),
        (order_id, "UPDATE", "LIMIT", 20_001, 0, lot, lot),
        (order_id, "UPDATE", "LIMIT", 20_001, 0, 2 * lot, 2 * lot),
        (order_id, "CANCELLED", "LIMIT", 20_001, 0, 2 * lot, 0),
    ]
    assert posted == told
    for row in posted:
        text = f"{row['order_id']}{row['order_timestamp']}{house.key.secret}"
        assert row["checksum"] == hashlib.sha256(text.encode()).hexdigest()
        assert (row["modified"], row["app_id"]) == (True, 0)


def test_a_trigger_that_moves_is_told_with_the_trigger(house: House) -> None:
    kite, future = house.kite(), house.future()
    with _ticker(house) as lines:
        order_id = kite.place_order(
            "regular", "NFO", future.tradingsymbol, "BUY", future.lot_size, "NRML", "SL", price=30_010,
            trigger_price=30_000,
        )  # fmt: skip
        kite.modify_order("regular", order_id, trigger_price=30_005)
        kite.cancel_order("regular", order_id)
        told = _said(lines)
    assert [(row["status"], row["price"], row["trigger_price"]) for row in told] == [
        ("UPDATE", 30_010, 30_005),
        ("CANCELLED", 30_010, 30_005),
    ]

"""The official ticker client, in a process of its own because its reactor runs but once."""

import subprocess
import sys

from tests.web.kite.served import House

_BOT = """
import sys
from kiteconnect import KiteTicker
port, key = sys.argv[1:]
ticker = KiteTicker("bot", key, root=f"ws://127.0.0.1:{port}")
def on_connect(ws, response):
    ws.subscribe([256265])
    ws.set_mode(ws.MODE_FULL, [256265])
def on_ticks(ws, ticks):
    for tick in ticks:
        if tick["mode"] == "full":
            print(tick["instrument_token"], tick["last_price"] > 0, tick["tradable"], flush=True)
            ws.stop()
def on_error(ws, code, reason):
    print("error", code, reason, flush=True)
    ws.stop()
ticker.on_connect, ticker.on_ticks, ticker.on_error = on_connect, on_ticks, on_error
ticker.connect()
"""


def test_the_official_ticker_is_shown_what_it_subscribes_to(house: House) -> None:
    words = [sys.executable, "-c", _BOT, str(house.port), house.key.secret]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert said.stdout.splitlines()[:1] == ["256265 True False"], said.stderr[-2_000:]

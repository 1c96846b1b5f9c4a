"""A bot of the official client and its ticker trades through a part of a day at sixty times the clock."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.web.kite.served import House
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from kasauti.web.kite.ticker import MOST_CONNECTIONS, MOST_TOKENS

_BOT = """
import json, sys
from kiteconnect import KiteConnect, KiteTicker
from kiteconnect.ticker import KiteTickerClientFactory
KiteTickerClientFactory.initialDelay = 0.1  # its own is a second
root, key, symbol, token, lot = sys.argv[1:]
kite = KiteConnect("bot", key, root=f"http://{root}")
kite.reqsession.trust_env = False
ticker = KiteTicker("bot", key, root=f"ws://{root}", reconnect_max_tries=3)
day = {"bought": 0, "ticks": 0, "updates": [], "connects": 0, "sold": False, "dropped": False}
def order(side):
    return kite.place_order(
        variety="regular", exchange="NFO", tradingsymbol=symbol, transaction_type=side, quantity=int(lot),
        product="MIS", order_type="MARKET", market_protection=-1)
def on_connect(ws, response):
    day["connects"] += 1
    ws.subscribe([int(token)])
    ws.set_mode(ws.MODE_FULL, [int(token)])
def on_ticks(ws, ticks):
    at = ticks[0].get("exchange_timestamp")
    if at is None:
        return
    day["ticks"] += 1
    if not day["bought"]:
        day["bought"] = at.timestamp()
        order("BUY")
    elif not day["dropped"] and day["updates"]:
        day["dropped"] = True
        ws.transport.abortConnection()
    elif day["connects"] == 2 and not day["sold"] and at.timestamp() - day["bought"] > 20:
        day["sold"] = True
        order("SELL")
def on_order_update(ws, update):
    day["updates"].append(update["transaction_type"] + " " + update["status"])
    if day["updates"][-1] == "SELL COMPLETE":
        day["flat"] = [each["quantity"] for each in kite.positions()["net"]]
        day["trades"] = len(kite.trades())
        print(json.dumps(day), flush=True)
        ws.stop()
def on_close(ws, code, reason):
    pass
ticker.on_connect, ticker.on_ticks, ticker.on_order_update = on_connect, on_ticks, on_order_update
ticker.on_close = on_close
ticker.connect()
"""


def test_a_bot_completes_its_day_at_sixty_times_the_clock(tmp_path: Path) -> None:
    """It buys, loses its line, is connected again by itself, and sells when the market has gone on."""
    house = House(tmp_path, speed=60)
    future = house.future()
    name = f"NFO:{future.tradingsymbol}"
    token = house.kite().ltp(name)[name]["instrument_token"]
    words = [
        f"127.0.0.1:{house.port}",
        house.key.secret,
        future.tradingsymbol,
        str(token),
        str(future.lot_size),
    ]
    done = subprocess.run(
        [sys.executable, "-c", _BOT, *words], capture_output=True, text=True, check=False, timeout=60
    )
    house.close()
    assert done.stdout, done.stderr[-2_000:]
    day = json.loads(done.stdout.splitlines()[0])
    assert (day["connects"], day["flat"], day["trades"]) == (2, [0], 2)
    assert day["updates"] == ["BUY COMPLETE", "SELL COMPLETE"]
    assert day["ticks"] > 3


def test_a_key_has_three_lines_and_so_many_instruments_on_each(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (MOST_CONNECTIONS, MOST_TOKENS) == (3, 3_000), "as Kite has it"
    monkeypatch.setattr("kasauti.web.kite.ticker.MOST_TOKENS", 5)
    url = f"ws://127.0.0.1:{house.port}?api_key=bot&access_token={house.key.secret}"
    tokens = [each["instrument_token"] for each in house.kite().instruments("NFO")][:6]
    with contextlib.ExitStack() as lines:
        first, *_ = [lines.enter_context(connect(url, proxy=None)) for _ in range(MOST_CONNECTIONS)]
        with pytest.raises(InvalidStatus) as refused, connect(url, proxy=None):
            pass
        assert refused.value.response.status_code == 403
        first.send(json.dumps({"a": "subscribe", "v": tokens}))
        said = next(each for each in iter(lambda: first.recv(timeout=10), None) if isinstance(each, str))
        assert json.loads(said) == {
            "type": "error",
            "data": "You can subscribe to at most 5 instruments on one connection.",
        }
        first.ping().wait(10)

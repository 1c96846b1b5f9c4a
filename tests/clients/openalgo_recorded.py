"""
Has OpenAlgo's own client trade a recorded day that is played fast, and writes what it saw.

It is run in an environment of its own, by test_openalgo_recorded.py: the client needs Python 3.12.
"""

import json
import sys
import threading
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

from openalgo import api  # type: ignore[import-not-found]

#: Prices that it watches before it sells what it bought: a second of the recorded day has one.
_WATCHED = 60


def begin(key: str, host: str) -> None:
    """Have the day begin, now that the client is there."""
    asked = Request(  # noqa: S310  the desk's address
        f"{host}/api/replay/control",
        b'{"action": "play"}',
        {"authorization": f"Bearer {key}", "content-type": "application/json"},
    )
    build_opener(ProxyHandler({})).open(asked).close()


def main(key: str, host: str, feed_url: str, future: str) -> None:
    """Buy, watch the price for a while, sell, and read the books."""
    client = api(api_key=key, host=host, ws_url=feed_url, timeout=60.0)
    of = {"symbol": future, "exchange": "NFO"}
    order = {**of, "strategy": "recorded", "price_type": "MARKET", "product": "NRML", "quantity": 65}
    begin(key, host)
    while not client.quotes(**of)["data"]["ltp"]:
        pass
    moments: set[int] = set()
    enough = threading.Event()

    def seen(message: Any) -> None:
        moments.add(int(message["data"]["timestamp"]))
        if len(moments) >= _WATCHED:
            enough.set()

    told: dict[str, Any] = {"bought": client.placeorder(action="BUY", **order), "connect": client.connect()}
    client.subscribe_ltp([of], on_data_received=seen)
    told["watched"] = enough.wait(120)
    client.unsubscribe_ltp([of])
    client.disconnect()
    told["moments"] = sorted(moments)
    told["sold"] = client.placeorder(action="SELL", **order)
    told["trades"] = client.tradebook()["data"]
    told["positions"] = client.positionbook()["data"]
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:5])

"""Orders for the built-in market's future, at the twin of a desk that is a process of its own."""

import time

import httpx
from tests.web.process import Up

from kasauti.simulator.market.built_in import DEMO_DAY, BuiltInMarket

_FUTURE = next(each for each in BuiltInMarket(seed=7, day=DEMO_DAY).universe if each.kind == "FUT")
_PATIENCE_S = 60


def order(kind: str = "MARKET", price: int = 0) -> dict[str, str | int]:
    """Return a purchase of one lot as bots write it, at `price` rupees where it has a limit."""
    wanted: dict[str, str | int] = {
        "exchange": "NFO", "tradingsymbol": _FUTURE.tradingsymbol, "transaction_type": "BUY",
        "product": "NRML", "quantity": _FUTURE.lot_size, "order_type": kind, "validity": "DAY",
    }  # fmt: skip
    return {**wanted, "market_protection": -1} if kind == "MARKET" else {**wanted, "price": price}


def bought(desk: Up) -> str:
    """
    Buy at the market and return the order's id when it is complete.

    Each order has a latency of its own, so of two on their way the later one may be filled first.
    """
    with desk.to("kite", {"authorization": f"token bot:{desk.key}"}) as kite:
        said = kite.post("/orders/regular", data=order())
        assert said.status_code == httpx.codes.OK, said.text
        order_id = str(said.json()["data"]["order_id"])
        ends = time.monotonic() + _PATIENCE_S
        while kite.get(f"/orders/{order_id}").json()["data"][-1]["status"] != "COMPLETE":
            assert time.monotonic() < ends, f"{order_id} is not filled after {_PATIENCE_S} s"
            time.sleep(0.12)  # Kite lets ten of these a second pass
    return order_id

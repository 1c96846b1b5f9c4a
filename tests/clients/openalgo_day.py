"""
Calls everything that OpenAlgo's own client has, against the desk at an address, and writes what came back.

It is run in an environment of its own, by test_openalgo_client.py: the client needs Python 3.12.
"""

import json
import sys
import threading
from collections.abc import Callable
from typing import Any

import pandas as pd  # type: ignore[import-untyped,unused-ignore]
from openalgo import api  # type: ignore[import-not-found]

SBIN = {"exchange": "NSE", "symbol": "SBIN"}
NIFTY = {"underlying": "NIFTY", "exchange": "NSE_INDEX"}


def shown(told: Any) -> Any:
    """Return an answer as JSON can hold it."""
    if isinstance(told, pd.DataFrame):
        index = told.index
        return {
            "columns": list(told.columns),
            "rows": len(told),
            "first": str(index[0]),
            "zone": str(getattr(index, "tz", None)),
        }
    return told


def orders(client: Any, future: str) -> dict[str, Any]:
    """Trade with every kind of order."""
    lot = {"symbol": future, "exchange": "NFO", "product": "NRML", "quantity": 65}
    share = {**SBIN, "action": "BUY", "product": "MIS", "quantity": 10}
    told: dict[str, Any] = {}
    told["placeorder"] = client.placeorder(strategy="day", action="BUY", price_type="MARKET", **lot)
    told["limit"] = client.placeorder(action="BUY", price_type="LIMIT", price=20000, **lot)
    limit = {"order_id": told["limit"]["orderid"], "action": "BUY", "price": 20100, **lot}
    told["modifyorder"] = client.modifyorder(**limit)
    stop = client.placeorder(action="BUY", price_type="SL", price=30010, trigger_price=30000, **lot)
    told["to_market"] = client.modifyorder(
        order_id=stop["orderid"], action="BUY", price_type="MARKET", price=0, **lot
    )
    told["became"] = client.orderstatus(order_id=stop["orderid"])
    client.placeorder(action="SELL", price_type="MARKET", **lot)
    told["cancelorder"] = client.cancelorder(order_id=limit["order_id"])
    told["orderstatus"] = client.orderstatus(order_id=limit["order_id"])
    told["placesmartorder"] = client.placesmartorder(action="BUY", position_size=130, **lot)
    told["matched"] = client.placesmartorder(action="BUY", position_size=130, **lot)
    ltp = client.quotes(symbol=future, exchange="NFO")["data"]["ltp"]
    exits = {"stoploss": round(ltp - 100), "target": round(ltp + 100), "trailing_sl": 50}
    told["exits"] = client.placeorder(action="BUY", **lot, **exits)
    told["unknown"] = client.placeorder(action="BUY", **lot, squareoff=1)
    told["denied"] = client.placeorder(action="BUY", **{**lot, "quantity": 64})
    told["basketorder"] = client.basketorder(
        orders=[{**share, "pricetype": "MARKET"}, {**share, "action": "SELL"}]
    )
    told["splitorder"] = client.splitorder(**{**share, "quantity": 105}, splitsize=20)
    told["openposition"] = client.openposition(symbol=future, exchange="NFO", product="NRML")
    last = round(client.quotes(**SBIN)["data"]["ltp"])
    gtt = {**SBIN, "action": "BUY", "trigger_type": "SINGLE", "quantity": 1, "triggerprice_sl": last - 50}
    told["placegttorder"] = client.placegttorder(**gtt, price=last - 51)
    told["modifygttorder"] = client.modifygttorder(
        trigger_id=told["placegttorder"]["trigger_id"], **{**gtt, "product": "CNC"}, price=last - 55
    )
    told["gttorderbook"] = client.gttorderbook()
    told["cancelgttorder"] = client.cancelgttorder(trigger_id=told["placegttorder"]["trigger_id"])
    return told


def options(client: Any, expiry: str) -> dict[str, Any]:
    """Look at options and trade them."""
    leg = {"option_type": "CE", "quantity": 65, "product": "NRML"}
    near = {**NIFTY, "expiry_date": expiry}
    told: dict[str, Any] = {}
    told["optionchain"] = client.optionchain(**NIFTY, strike_count=2)
    told["optionsymbol"] = client.optionsymbol(**near, offset="OTM2", option_type="CE")
    told["optionsorder"] = client.optionsorder(
        **near, strategy="o", offset="ATM", option_type="PE", action="BUY", quantity=65, product="NRML"
    )
    told["optionsmultiorder"] = client.optionsmultiorder(
        **near,
        strategy="o",
        legs=[{**leg, "offset": "OTM1", "action": "SELL"}, {**leg, "offset": "OTM3", "action": "BUY"}],
    )
    told["optiongreeks"] = client.optiongreeks(symbol=told["optionsymbol"]["symbol"], exchange="NFO")
    told["syntheticfuture"] = client.syntheticfuture(**near)
    told["expiry"] = client.expiry(symbol="NIFTY", exchange="NFO", instrumenttype="options")
    return told


def market(client: Any, future: str) -> dict[str, Any]:
    """Ask for prices, the past, symbols and days."""
    told: dict[str, Any] = {}
    told["quotes"] = client.quotes(**SBIN)
    told["multiquotes"] = client.multiquotes(symbols=[SBIN, {"symbol": future, "exchange": "NFO"}])
    told["depth"] = client.depth(**SBIN)
    told["history"] = client.history(**SBIN, interval="1m", start_date="2026-11-23", end_date="2026-11-23")
    told["daily"] = client.history(**SBIN, interval="D", start_date="2026-11-20", end_date="2026-11-20")
    told["intervals"] = client.intervals()
    told["interval"] = client.interval()
    told["symbol"] = client.symbol(symbol=future, exchange="NFO")
    told["missing"] = client.symbol(symbol="NOTHING", exchange="NSE")
    told["search"] = client.search(query="NIFTY FUT")
    told["instruments"] = client.instruments()
    told["nse"] = client.instruments(exchange="NSE")
    told["holidays"] = client.holidays(year=2026)
    told["timings"] = client.timings(date="2026-11-23")
    leg = {"symbol": future, "exchange": "NFO", "action": "SELL", "product": "NRML", "quantity": 65}
    told["margin"] = client.margin(positions=[{**leg, "pricetype": "MARKET"}])
    return told


def account(client: Any) -> dict[str, Any]:
    """Read every book, then close everything."""
    names = ("funds", "orderbook", "tradebook", "positionbook", "holdings", "analyzerstatus")
    told: dict[str, Any] = {name: getattr(client, name)() for name in names}
    told["analyzertoggle"] = client.analyzertoggle(mode=True)
    told["live"] = client.analyzertoggle(mode=False)
    told["telegram"] = client.telegram(username="u", message="m")
    told["cancelallorder"] = client.cancelallorder()
    told["closeposition"] = client.closeposition()
    told["flat"] = client.positionbook()
    return told


def feed(client: Any, future: str) -> dict[str, Any]:
    """Watch prices in every mode, and an order."""
    told: dict[str, Any] = {"connect": client.connect()}
    future_of = [{"exchange": "NFO", "symbol": future}]
    came: dict[str, threading.Event] = {
        name: threading.Event() for name in ("ltp", "quote", "depth", "order")
    }

    def keeps(name: str) -> Callable[[Any], None]:
        def keep(message: Any) -> None:
            told.setdefault(f"on_{name}", message)
            came[name].set()

        return keep

    client.subscribe_ltp(future_of, on_data_received=keeps("ltp"))
    client.subscribe_quote(future_of, on_data_received=keeps("quote"))
    client.subscribe_depth(future_of, on_data_received=keeps("depth"))
    client.subscribe_orders(on_order_update=keeps("order"))
    client.placeorder(symbol=future, exchange="NFO", action="BUY", product="NRML", quantity=65)
    told["came"] = {name: each.wait(20) for name, each in came.items()}
    told["get_ltp"], told["get_quotes"], told["get_depth"] = (
        client.get_ltp(),
        client.get_quotes(),
        client.get_depth(),
    )
    for leave in (client.unsubscribe_ltp, client.unsubscribe_quote, client.unsubscribe_depth):
        leave(future_of)
    client.unsubscribe_orders()
    client.disconnect()
    return told


def main(key: str, host: str, feed_url: str) -> None:
    """Do all of it."""
    client = api(api_key=key, host=host, ws_url=feed_url, timeout=30.0)
    future = client.search(query="NIFTY FUT")["data"][0]["symbol"]
    expiry = future.removeprefix("NIFTY").removesuffix("FUT")
    told = {
        "feed": feed(client, future),
        "orders": orders(client, future),
        "options": options(client, expiry),
        "market": market(client, future),
        "account": account(client),
        "wrong_key": api(api_key="wrong", host=host).funds(),
    }
    sys.stdout.write(json.dumps(told, default=shown))


if __name__ == "__main__":
    main(*sys.argv[1:4])

"""
OpenAlgo's paper engine: market orders one by one, in its process, in a database of its own.

    python peer_openalgo.py CHECKOUT ORDERS

The quote of each order is given with it, so that none is fetched; HTTP is left out too.
"""

import json
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

_SHARE = {
    "symbol": "SBIN",
    "brsymbol": "SBIN-EQ",
    "name": "STATE BANK OF INDIA",
    "exchange": "NSE",
    "brexchange": "NSE",
    "token": "3045",
    "lotsize": 1,
    "instrumenttype": "EQ",
    "tick_size": 0.05,
}


def main(checkout: Path, count: int) -> None:
    """Place the orders, and print how long each took, in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{folder}/openalgo.db",
            "SANDBOX_DATABASE_URL": f"sqlite:///{folder}/sandbox.db",
            "API_KEY_PEPPER": "0" * 64,
            "APP_KEY": "0" * 64,
            "LOG_LEVEL": "ERROR",
            "LOG_TO_FILE": "False",
        }
        os.chdir(folder)
        sys.path.insert(0, str(checkout))
        from database import sandbox_db, symbol  # noqa: PLC0415  it reads its settings when it is imported
        from sandbox.order_manager import OrderManager  # noqa: PLC0415  as above

        symbol.init_db()
        sandbox_db.init_db()
        symbol.db_session.add(symbol.SymToken(**_SHARE))
        symbol.db_session.commit()
        orders, quote = OrderManager("somebody"), {"ltp": 800.0, "bid": 799.95, "ask": 800.0}
        took = []
        for number in range(count):
            wish = {
                "symbol": "SBIN",
                "exchange": "NSE",
                "action": "SELL" if number % 2 else "BUY",
                "quantity": 1,
                "price_type": "MARKET",
                "product": "CNC",
            }
            began = perf_counter()
            done, said, _ = orders.place_order(wish, prefetched_quote=quote)
            took.append(perf_counter() - began)
            assert done, said
        assert sandbox_db.SandboxTrades.query.count() == count, "every order filled"
        print(json.dumps(took))


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))

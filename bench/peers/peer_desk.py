"""
Kasauti's desk: market orders one by one, in its process, each in the log on the disk before it is answered.

    python peer_desk.py ORDERS
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Side

_SETTINGS = {
    "account.regime": "permissive",
    "simulator.latency_low_ms": "0",
    "simulator.latency_high_ms": "0",
}


async def main(count: int) -> None:
    """Place the orders, and print how long each took, in seconds."""
    loaded = load_config(None, _SETTINGS, {})
    with tempfile.TemporaryDirectory() as folder, DeskPlay(loaded, Path(folder), 1.0) as play:
        account = play.open_account(
            "main", opened(loaded, "main", capital=50_000_000 * RUPEE, plan="zerodha")
        )
        options = [each for each in play.desk.floor.universe if each.is_option]
        option = options[len(options) // 2]
        playing = asyncio.create_task(play.run())
        await asyncio.sleep(0.1)
        took = []
        for number in range(count):
            side = Side.SELL if number % 2 else Side.BUY
            began = perf_counter()
            became = await play.desk.ask(account, PlaceOrder(option.id, side, option.lot_size), "user")
            took.append(perf_counter() - began)
            assert became.denied is None, became.denied
        assert account.state.day_trades >= count, "every order filled"
        play.stop()
        await playing
        play.close("measured")
        print(json.dumps(took))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

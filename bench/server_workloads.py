"""
The measured workloads of the server: orders over the loopback, and a desk of a thousand accounts.

Every order is durable before it is answered. Clients and server share the machine, so a machine of two cores
measures both.
"""

import asyncio
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np

from kasauti.compose.markets import built_in_market
from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.market import TickBatch
from kasauti.domain.money import RUPEE
from kasauti.domain.order import OrderType, Product, Side
from kasauti.feeds.pacing import moments
from kasauti.simulator.market.built_in import DEMO_DAY

_SETTINGS = {
    "account.regime": "permissive",
    "account.capital_rupees": "500000000",
    "simulator.latency_low_ms": "0",
    "simulator.latency_high_ms": "0",
}
_OPTIONS = [each for each in built_in_market(7, DEMO_DAY).universe if each.is_option]
_OPTION = _OPTIONS[len(_OPTIONS) // 2]
_ORDERS = 2_000
_CLIENTS = 32
_ACCOUNTS, _RESTING = 1_000, 10


class Server(msgspec.Struct):
    """A server of its own process; `folder` is its desk's."""

    port: int
    kite_port: int
    folder: Path
    key: str
    process: int
    started_s: float

    def request(self, number: int) -> bytes:
        """Return an order of a lot, buying and selling in turn."""
        side = "BUY" if number % 2 else "SELL"
        body = msgspec.json.encode({"instrument": _OPTION.id, "side": side, "quantity": _OPTION.lot_size})
        return (
            b"POST /api/orders HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
            b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n%b"
        ) % (self.key.encode(), len(body), body)

    async def trade(self, orders: int) -> list[float]:
        """Place orders one after the other on one connection; return how long each took, in seconds."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        took = []
        for number in range(orders):
            request = self.request(number)
            began = perf_counter()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            assert length is not None, head
            body = await reader.readexactly(int(length[1]))
            took.append(perf_counter() - began)
            assert b'"COMPLETE"' in body, body
        writer.close()
        return took


@contextmanager
def served(settings: Mapping[str, str] = _SETTINGS) -> Iterator[Server]:
    """Have a desk of its own process for as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "kasauti", "up", "--port", "0", "--data", folder]
        command += [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
        # A server that was started before has its bytecode.
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        began, said = perf_counter(), ""
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            command, stdout=subprocess.PIPE, text=True, env=kept | {"COLUMNS": "200"}
        )
        assert process.stdout is not None, "it is a pipe"
        while "Market" not in said:
            said += process.stdout.readline()
        started = perf_counter() - began
        port = re.search(r"127\.0\.0\.1:(\d+)/api", said)
        kite = re.search(r"Kite +http://127\.0\.0\.1:(\d+)", said)
        assert port is not None, said
        assert kite is not None, said
        try:
            key = (Path(folder) / "owner.key").read_text().strip()
            yield Server(int(port[1]), int(kite[1]), Path(folder), key, process.pid, started)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def http_orders_one() -> dict[str, float]:
    """One client, order after order: answered when it has filled and is on the disk."""
    with served() as server:
        megabytes = _resident_mb(server.process)
        (first, *_) = asyncio.run(server.trade(1))
        asyncio.run(server.trade(200))
        before = cpu_s(server.process)
        took = np.array(asyncio.run(server.trade(_ORDERS))) * 1_000
        spent = cpu_s(server.process) - before
    p50, p99 = (float(np.quantile(took, part)) for part in (0.5, 0.99))
    return {
        "n": _ORDERS,
        "seconds": float(took.sum()) / 1_000,
        "p50_ms": round(p50, 3),
        "p99_ms": round(p99, 3),
        "cpu_us_each": round(spent * 1e6 / _ORDERS),
        "first_ms": round(first * 1_000, 1),
        "start_s": round(server.started_s, 2),
        "idle_mb": round(megabytes, 1),
    }


def http_orders_many() -> dict[str, float]:
    """Thirty-two clients at once, on one account."""

    async def all_of_them(server: Server) -> None:
        await asyncio.gather(*(server.trade(_ORDERS // 8) for _ in range(_CLIENTS)))

    with served() as server:
        asyncio.run(server.trade(200))
        began, before = perf_counter(), cpu_s(server.process)
        asyncio.run(all_of_them(server))
        seconds, spent = perf_counter() - began, cpu_s(server.process) - before
    orders = _CLIENTS * (_ORDERS // 8)
    return {"n": orders, "seconds": seconds, "cpu_us_each": round(spent * 1e6 / orders)}


def desk_of_thousand() -> dict[str, float]:
    """A thousand accounts with ten resting orders each, and the ticks of a built-in minute past them."""
    loaded = load_config(None, _SETTINGS, {})
    with tempfile.TemporaryDirectory() as folder, DeskPlay(loaded, Path(folder), 0) as play:
        ticks = []
        for _, moment in islice(moments(play.desk.floor.market.play(None)), 121):
            assert isinstance(moment, TickBatch), "the built-in market has ticks"
            ticks.append(moment)
        play.desk.take(ticks[0])
        before, began = _own_mb(), perf_counter()
        play.open_accounts(
            (f"a{number}", opened(loaded, f"a{number}", capital=500_000 * RUPEE, plan="zerodha"))
            for number in range(_ACCOUNTS)
        )
        opening = perf_counter() - began
        asyncio.run(_rest(play))
        per_account = (_own_mb() - before) * 1_000 / _ACCOUNTS
        began = perf_counter()
        for moment in ticks[1:]:
            play.desk.take(moment)
            play.desk.flush()
        seconds = perf_counter() - began
        play.close("measured")
    return {
        "n": sum(map(len, ticks[1:])),
        "seconds": seconds,
        "open_ms_each": round(opening * 1_000 / _ACCOUNTS, 2),
        "kb_each": round(per_account, 0),
    }


async def _rest(play: DeskPlay) -> None:
    """Have every account place orders that wait, each a little farther away."""
    near = _OPTIONS[len(_OPTIONS) // 2 - 5 : len(_OPTIONS) // 2 + 5]
    play.desk.floor.clock.tell(play.desk.now + NS_PER_SECOND // 2)
    for account in play.accounts:
        orders = [
            PlaceOrder(
                each.id, Side.BUY, each.lot_size, OrderType.LIMIT, Product.NRML, each.tick_size * (number + 1)
            )
            for number, each in enumerate(near[:_RESTING])
        ]
        await asyncio.gather(*(play.desk.ask(account, order, "user") for order in orders))


def _resident_mb(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def cpu_s(process: int) -> float:
    """Return what a process has spent of processor time: it says more than the clock on a busy machine."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _own_mb() -> float:
    return _resident_mb(os.getpid())


SERVER_WORKLOADS: dict[str, Callable[[], dict[str, float]]] = {
    "http_orders_one": http_orders_one,
    "http_orders_many": http_orders_many,
    "desk_of_thousand": desk_of_thousand,
}

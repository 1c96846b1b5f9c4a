"""
A server under random requests, in a world where every address leads back to this machine and is watched.

    unshare -rn python -m tests.web.fuzzing COUNT FOLDER

In the network namespace all addresses are local, and a raw socket sees every packet: one to anything but the
loopback would be somebody reaching for a broker. Prints what was answered, and how many of those there were.
"""

import asyncio
import json
import random
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlencode

from tests.web.fuzzing_sockets import talk, urls
from tests.web.hostile import signed
from tests.web.serving import SETTINGS

from kasauti.config import load_config
from kasauti.desk.playing import DeskPlay
from kasauti.desk.roll import opened
from kasauti.domain.money import RUPEE
from kasauti.feeds.clock import wall_ns
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.rows import DESK
from kasauti.store.registry.users import Role
from kasauti.web.application import Application
from kasauti.web.desk_server import ByPath, serving
from kasauti.web.endpoint import Endpoint, Pace
from kasauti.web.keys import SessionKey
from kasauti.web.limits import RATES

_CLIENTS = 8
#: Where a broker's order endpoint would be: an address for documents only.
_BROKER = ("192.0.2.1", 443)
_LOOPBACK = 127
_IP = 0x0800

_NAMES = (
    "instrument", "side", "quantity", "order_type", "product", "price", "trigger_price", "validity",
    "tag", "command_id", "account", "apikey", "strategy", "symbol", "action", "exchange", "pricetype",
    "orderid", "disclosed_quantity", "position_size", "orders", "splitsize", "underlying", "offset",
    "expiry_date", "option_type", "interval", "start_date", "end_date", "symbols", "query", "stoploss",
    "target", "trailing", "tradingsymbol", "transaction_type", "variety", "order_id", "i", "from", "to",
    "type", "condition", "legs", "name", "capital", "plan", "amount", "reason", "speed", "at", "cursor",
    "limit", "mode",
)  # fmt: skip
_WORDS = (
    "BUY", "SELL", "buy", "MARKET", "LIMIT", "SL", "SL-M", "MIS", "NRML", "CNC", "NFO", "NSE",
    "NSE_INDEX", "NIFTY", "0", "1", "65", "130", "-65", "1e309", "NaN", "65.5", "100.05", "{{x}}",
    "../../etc/passwd", "<script>", "D", "5m", "2026-11-23", "main", "DAY", "IOC",
)  # fmt: skip
_VALUES: tuple[object, ...] = (
    *_WORDS, "", "9" * 40, "\x00", "\ud7ff", "' OR 1=1 --", 0, 1, 65, -1, 2**63, 2**200, 0.1, -0.0, True,
    None, [], {}, [[]], ["NFO:X"], {"a": {"b": []}},
)  # fmt: skip
_RAW = (
    b"", b"{", b"[]", b"null", b"NaN", b'{"quantity": 1e309}', b'{"a": NaN}', b'"\\u0000"', b"\xff\xfe",
    b"[" * 5_000, b'{"apikey": "x", "apikey": "y"}', b"a=1&b=2", b'{"a":' * 2_000, b"\x00" * 100,
)  # fmt: skip


class Tripwire:
    """Counts packets to any address but the loopback's."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(_IP))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        self._socket.bind(("lo", 0))
        self._socket.settimeout(0)

    def count(self) -> int:
        """Return how many there were since this was asked last."""
        found = 0
        while True:
            try:
                frame = self._socket.recv(64)
            except BlockingIOError:
                return found
            found += frame[30] != _LOOPBACK


def all_addresses_lead_here() -> None:
    """Have every address of this network namespace be local."""
    for command in ("ip link set lo up", "ip route add local 0.0.0.0/0 dev lo"):
        subprocess.run(command.split(), check=True)


def trips(tripwire: Tripwire) -> bool:
    """Whether somebody who reaches for a broker is seen."""
    with socket.socket() as reaching:
        reaching.settimeout(1)
        reaching.connect_ex(_BROKER)
    return tripwire.count() > 0


def bodies(draw: random.Random, key: str, options: list[str]) -> bytes:
    """Return a body: often nonsense, sometimes an order that means something."""
    kind = draw.random()
    if kind < 0.1:
        return draw.choice(_RAW)
    names = draw.sample(_NAMES, draw.randint(0, 12))
    body: dict[str, object] = {name: draw.choice(_VALUES) for name in names}
    if kind > 0.3:
        option = draw.choice(options)
        body |= {"tradingsymbol": option.partition(":")[2], "transaction_type": "BUY", "order_type": "MARKET"}
        body |= {"instrument": option, "symbol": option.partition(":")[2], "exchange": "NFO", "side": "BUY"}
        body |= {"action": "SELL", "quantity": 65, "product": "NRML", "pricetype": "MARKET", "apikey": key}
        for name in draw.sample(list(body), draw.randint(0, 2)):
            del body[name]
    if kind > 0.8:
        return urlencode(
            {name: str(value).encode("utf-8", "replace") for name, value in body.items()}
        ).encode()
    return json.dumps(body).encode("utf-8", "surrogatepass")


def paths(draw: random.Random, endpoint: Endpoint, token: str) -> str:
    """Return the endpoint's path with something for each parameter, and sometimes a query."""
    if "{token}" in endpoint.path and draw.random() < 0.8:
        return endpoint.path.replace("{token}", token).replace("{alert}", "1")
    some = (token, "regular", "main", "NFO:X", "1", "%00", "..%2f..", "x" * 300)
    parts = [draw.choice(some) if part.startswith("{") else part for part in endpoint.path.split("/")]
    query = f"?{draw.choice(_NAMES)}={draw.choice(('1', 'main', '-1', '%00', 'NFO:X'))}"
    return "/".join(parts) + (query if draw.random() < 0.3 else "")


async def client(
    dialect: str,
    port: int,
    endpoints: tuple[Endpoint, ...],
    count: int,
    draw: random.Random,
    key: str,
    token: str,
    options: list[str],
) -> Counter[int]:
    """Ask `count` times; return the statuses. A connection that the server closed is opened anew."""
    seen: Counter[int] = Counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        endpoint = draw.choice(endpoints)
        body = b"" if endpoint.method == "GET" else bodies(draw, key, options)
        headers = signed(dialect, key if draw.random() < 0.9 else "wrong")
        head = f"{endpoint.method} {paths(draw, endpoint, token)} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head += f"Content-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).lower()
        seen[int(answer.split(b" ", 2)[1])] += 1
        length = answer.partition(b"content-length: ")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length or b"0"))
        if b"connection: close" in answer:
            writer.close()
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
    return seen


def hook_of(play: DeskPlay) -> str:
    """Make a strategy with a hook, and return its token."""
    registry, at = play.registry, wall_ns()
    registry.users.create("owner", Role.ADMIN, "", DESK, at)
    row = registry.accounts.open(
        "owner", "main", plan="zerodha", capital=RUPEE, currency=Currency.INR, by=DESK, at=at
    )
    portfolio = registry.portfolios.create(row.id, "hooks", "", DESK, at)
    params = {"webhook": {"exchange": "NFO", "product": "NRML"}}
    strategy = registry.strategies.create(portfolio.id, "fuzzed", by=DESK, at=at, params=params)
    hook, secret = registry.hooks.create(strategy.id, DESK, at)
    return f"{hook.public}.{secret}"


async def fuzz(count: int, folder: Path) -> dict[str, object]:
    """Serve a desk and ask it `count` things; return what came of it."""
    loaded = load_config(None, SETTINGS, {})
    for pace in Pace:
        RATES[pace] = (1e9, 10**9)
    tripwire = Tripwire()
    seen: Counter[int] = Counter()
    with DeskPlay(loaded, folder, 1.0) as play:
        play.open_account("main", opened(loaded, "main", capital=500_000 * RUPEE, plan="zerodha"))
        key = SessionKey(("main",))
        works = trips(tripwire)
        doors = serving(play, key, "127.0.0.1", 0)
        await doors.open()
        playing = asyncio.create_task(play.run())
        options = [each.id for each in play.desk.floor.universe if each.is_option]
        token = hook_of(play)
        tables = [
            (app.name, doors.ports[door.name], app.endpoints)
            for door in doors.doors
            for app in (door.app.apps if isinstance(door.app, ByPath) else (door.app,))
            if isinstance(app, Application)
        ]
        draw = random.Random(count)
        share = count // (len(tables) * _CLIENTS)
        asking = [
            client(*table, share, random.Random(draw.random()), key.secret, token, options)
            for table in tables
            for _ in range(_CLIENTS)
        ]
        talking = [
            talk(url, count // 20, random.Random(draw.random()), key.secret, (*_VALUES, *options[:20]))
            for url in urls(doors.ports, key.secret)
        ]
        said = asyncio.gather(*talking)
        for statuses in await asyncio.gather(*asking):
            seen += statuses
        messages = sum(await said, Counter[str]())
        play.stop()
        await playing
        await doors.close()
        play.close("the fuzzing is over")
    return {
        "tripwire_works": works,
        "reached_out": tripwire.count(),
        "requests": seen.total(),
        "statuses": dict(sorted(seen.items())),
        "messages": dict(sorted(messages.items())),
    }


def main(arguments: Iterable[str]) -> None:
    """Fuzz as the command line says, and print what came of it as JSON."""
    count, folder = arguments
    all_addresses_lead_here()
    sys.stdout.write(json.dumps(asyncio.run(fuzz(int(count), Path(folder)))))


if __name__ == "__main__":
    main(sys.argv[1:])

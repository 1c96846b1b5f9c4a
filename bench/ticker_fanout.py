"""
What Kite's ticker costs: 3,000 instruments that all move four times a second, to twenty clients in full mode.

The desk is a process of its own, with a recording for its market; the clients read everything and look at
nothing. What a slow client has not taken is replaced by what came later, so the packets that arrived are
counted, too: 240,000 a second are all of them.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from time import perf_counter

import msgspec
import numpy as np
from bench.server_workloads import cpu_s, served

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import DEPTH_LEVELS, Depth, TickBatch
from kasauti.feeds.clock import wall_ns
from kasauti.feeds.recorded.writing import write_recording
from kasauti.simulator.market.built_in import DEMO_DAY
from kasauti.store.registry.keys import Scope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.rows import DESK
from kasauti.web.kite.packets import LAYOUTS, Mode
from kasauti.web.kite.tokens import tokens_of

_INSTRUMENTS, _CLIENTS, _HERTZ = 3_000, 20, 4
_LASTS_S, _SETTLES_S, _MEASURED_S = 60, 3, 15
#: As many as the ticker takes of one.
_CLIENTS_OF_A_KEY = 3
_TICK = 500
_PACKET = LAYOUTS[Mode.FULL, False].itemsize


def ticker_fanout() -> dict[str, float]:
    """Return how many packets came to all clients, and what part of a core the desk spent on them."""
    universe = Universe(
        Instrument(Exchange.NSE, f"SHARE{number:04}", Kind.EQUITY, _TICK, series="EQ")
        for number in range(_INSTRUMENTS)
    )
    tokens = [int(token) for token in tokens_of(universe).column]
    with tempfile.TemporaryDirectory() as folder:
        recording = Path(folder) / "moving.parquet"
        write_recording(recording, universe, _moments())
        with served({"feed.kind": "recorded", "feed.path": str(recording)}) as desk:
            keys = _keys(desk.folder)
            return asyncio.run(_watched(desk.kite_port, desk.process, keys, tokens))


def _moments() -> Iterator[TickBatch]:
    """Yield moments in which every instrument moves, five levels a side."""
    opens, slots = ist_ns(DEMO_DAY, time(9, 15)), np.arange(_INSTRUMENTS)
    levels = np.arange(DEPTH_LEVELS) * _TICK
    for number in range(_LASTS_S * _HERTZ):
        last = 8_000_000 + (slots % 7 + number % 11) * _TICK
        quantities = np.full((_INSTRUMENTS, DEPTH_LEVELS), 100 + number % 13)
        depth = Depth(last[:, None] - _TICK - levels, quantities, last[:, None] + _TICK + levels, quantities)
        yield TickBatch.of(
            at=np.full(_INSTRUMENTS, opens + number * NS_PER_SECOND // _HERTZ),
            slot=slots,
            last=last,
            bid=last - _TICK,
            ask=last + _TICK,
            bid_quantity=quantities[:, 0],
            ask_quantity=quantities[:, 0],
            volume=np.full(_INSTRUMENTS, 1_000 * (number + 1)),
            depth=depth,
        )


def _keys(folder: Path) -> list[str]:
    registry = Registry.open(folder)
    try:
        owner, at = registry.users.all()[0].id, wall_ns()
        wanted = -(-_CLIENTS // _CLIENTS_OF_A_KEY)
        return [registry.keys.create(owner, frozenset({Scope.READ}), DESK, at)[1] for _ in range(wanted)]
    finally:
        registry.close()


class _Client(asyncio.Protocol):
    """A client of the ticker that counts what comes."""

    def __init__(self, key: str, tokens: list[int]) -> None:
        self._key = key
        self._tokens = tokens
        self.bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Say who it is."""
        assert isinstance(transport, asyncio.Transport), "it is a connection"
        self._transport = transport
        transport.write(
            b"GET /?api_key=bench&access_token=%b HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" % self._key.encode()
        )

    def data_received(self, data: bytes) -> None:
        """Count what comes; when it is let in, say what it watches."""
        if not self.bytes:
            assert data.startswith(b"HTTP/1.1 101"), data
            for said in ({"a": "subscribe", "v": self._tokens}, {"a": "mode", "v": ["full", self._tokens]}):
                self._transport.write(_as_frame(msgspec.json.encode(said)))
        self.bytes += len(data)


def _as_frame(text: bytes) -> bytes:
    """Return a text as a WebSocket frame of a client, under a mask that changes nothing."""
    return b"\x81\xfe" + len(text).to_bytes(2) + bytes(4) + text


async def _watched(port: int, process: int, keys: list[str], tokens: list[int]) -> dict[str, float]:
    await asyncio.sleep(_SETTLES_S)  # a key opens a second after it was made
    loop = asyncio.get_running_loop()
    clients = [_Client(keys[number // _CLIENTS_OF_A_KEY], tokens) for number in range(_CLIENTS)]
    for client in clients:
        await loop.create_connection(lambda client=client: client, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.sleep(_SETTLES_S)
    began, before, had = perf_counter(), cpu_s(process), sum(client.bytes for client in clients)
    await asyncio.sleep(_MEASURED_S)
    seconds, spent = perf_counter() - began, cpu_s(process) - before
    came = sum(client.bytes for client in clients) - had
    return {
        "n": came // _PACKET,
        "seconds": seconds,
        "core_percent": round(100 * spent / seconds, 1),
        "mb_per_s": round(came / seconds / 1e6, 1),
    }

"""Random messages to the WebSockets of a desk; each is answered or refused, and the desk lives on."""

import json
import random
from collections import Counter
from collections.abc import Sequence

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

#: A client that wrote as much hangs up and comes again.
_A_LIFE = 50
_ACTIONS = (
    "authenticate", "auth", "subscribe", "unsubscribe", "unsubscribe_all", "subscribe_orders", "mode",
    "unsubscribe_orders", "get_broker_info", "ping", "events", "leave_events", "quotes", "leave_quotes", "",
)  # fmt: skip
_NAMES = (
    "key", "api_key", "account", "after", "instruments", "symbols", "symbol", "exchange", "mode", "depth",
    "request_id", "timestamp", "v", "type", "user_id",
)  # fmt: skip
_RAW = (
    "",
    "{",
    "[]",
    "null",
    '"\\ud800"',
    "[" * 3_000,
    '{"a": NaN}',
    '{"action": 1e309}',
    '{"a":"b","a":"c"}',
)


def urls(ports: dict[str, int], key: str) -> tuple[str, ...]:
    """Return where the sockets of a desk are."""
    native, feed, kite = (f"ws://127.0.0.1:{ports[name]}" for name in ("native", "openalgo-feed", "kite"))
    return f"{native}/api/stream", f"{feed}/", f"{kite}/?api_key=bot&access_token={key}", f"{kite}/?x"


def _message(draw: random.Random, key: str, words: Sequence[object]) -> str | bytes:
    if draw.random() < 0.1:
        raw = draw.choice(_RAW)
        return raw.encode() if draw.random() < 0.5 else raw
    said: dict[str, object] = {name: draw.choice(words) for name in draw.sample(_NAMES, draw.randint(0, 5))}
    said |= {"action": draw.choice(_ACTIONS), "a": draw.choice(_ACTIONS)}
    if draw.random() < 0.5:
        said |= {"key": key, "api_key": key}
    if draw.random() < 0.5:
        kept = ("action", "key", "account", "after", "instruments")
        said = {name: value for name, value in said.items() if name in kept}
    return json.dumps(said)


async def talk(url: str, count: int, draw: random.Random, key: str, words: Sequence[object]) -> Counter[str]:
    """Send `count` messages, on as many connections as that takes; return what became of them."""
    seen: Counter[str] = Counter()
    while seen["sent"] + seen["refused"] < count:
        try:
            # Nothing is read here: with a queue of some length the answer to the ping would stay behind it.
            async with connect(url, proxy=None, max_queue=None) as socket:
                await _life(socket, draw, key, words, seen)
        except InvalidStatus as refused:
            seen["refused"] += _A_LIFE
            seen[str(refused.response.status_code)] += 1
        except ConnectionClosed as closed:
            seen[f"closed {closed.rcvd.code if closed.rcvd is not None else 'without a word'}"] += 1
    return seen


async def _life(
    socket: ClientConnection, draw: random.Random, key: str, words: Sequence[object], seen: Counter[str]
) -> None:
    for _ in range(_A_LIFE):
        seen["sent"] += 1
        await socket.send(_message(draw, key, words))
    await (await socket.ping())

"""OpenAlgo's WebSocket proxy: a client names its key, asks for instruments, and is shown what moves."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from kasauti.desk.conversation import Conversation
from kasauti.desk.fanout import Fanout
from kasauti.desk.outbox import Outbox
from kasauti.desk.playing import DeskPlay
from kasauti.web.access import Caller, Doorkeeper
from kasauti.web.names import strangeness
from kasauti.web.openalgo.feed import Mode, encode, label, mode_of, text
from kasauti.web.openalgo.order_feed import OrderFeed
from kasauti.web.openalgo.symbols import symbols_of
from kasauti.web.openalgo.words import BROKER
from kasauti.web.sockets import record_of

#: A socket that does not name its key by then is closed with this code.
AUTH_DEADLINE_S = 15.0
AUTH_TIMEOUT = 4401
#: Instruments times modes that one socket may watch, as three connections upstream have.
_MOST_WATCHED = 3_000
_MS = 1_000
#: Messages that are written in one turn of the loop.
_IN_A_TURN = 50


class Proxy:
    """The proxy of a desk; all its sockets share one fan-out."""

    def __init__(self, play: DeskPlay, doorkeeper: Doorkeeper, hosts: Collection[str]) -> None:
        self.play = play
        self.doorkeeper = doorkeeper
        self.hosts = frozenset(hosts)
        self.fanout: Fanout[str] = Fanout(encode)
        play.follow(self.fanout)

    def app(self) -> Starlette:
        """Return the application; the path says nothing."""
        return Starlette(routes=[WebSocketRoute("/{path:path}", self._serve)])

    async def _serve(self, socket: WebSocket) -> None:
        if strangeness(socket.scope, self.hosts):
            await socket.close()
            return
        await socket.accept()
        await _Client(self, socket).run()


class _Client:
    """One socket: what it said, what it watches, what waits for it."""

    def __init__(self, proxy: Proxy, socket: WebSocket) -> None:
        self._proxy = proxy
        self._socket = socket
        self._box: Outbox[str] = Outbox()
        self._caller: Caller | None = None
        #: What it watches, and what that is called.
        self._watched: dict[tuple[Mode, str], tuple[str, str]] = {}
        self._orders: OrderFeed | None = None
        self._actions: dict[object, Callable[[Mapping[str, Any]], None]] = {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "unsubscribe_all": self._unsubscribe_all,
            "subscribe_orders": self._subscribe_orders,
            "unsubscribe_orders": self._unsubscribe_orders,
            "get_broker_info": self._broker,
        }

    async def run(self) -> None:
        """Talk until somebody hangs up."""
        deadline = asyncio.get_running_loop().call_later(AUTH_DEADLINE_S, self._expire)
        try:
            await Conversation(self._socket, self._box, self._take, self._write, WebSocketDisconnect).run()
        finally:
            deadline.cancel()
            self._proxy.fanout.drop(self._box)
            self._stop_orders()

    async def _write(self, messages: Sequence[str]) -> None:
        for count, message in enumerate(messages, 1):
            await self._socket.send_text(message)
            if count % _IN_A_TURN == 0:
                # A socket that takes all at once would keep the desk waiting.
                await asyncio.sleep(0)

    def _expire(self) -> None:
        if self._caller is None and self._socket.application_state is WebSocketState.CONNECTED:
            self._closing = asyncio.create_task(
                self._socket.close(AUTH_TIMEOUT, "no key was named in time"), name="close"
            )

    # What it says.

    def _take(self, raw: str | bytes) -> None:
        try:
            said = msgspec.json.decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._fault("INVALID_JSON", "Invalid JSON message")
            return
        if not isinstance(said, dict):
            self._fault("INVALID_JSON", "Invalid JSON message")
            return
        action = said.get("action") or said.get("type")
        if not isinstance(action, str):
            self._fault("INVALID_ACTION", "An action is a word")
            return
        if action in {"authenticate", "auth"}:
            self._authenticate(said)
        elif action == "ping":
            self._pong(said)
        elif action == "get_supported_brokers":
            self._say(type="supported_brokers", status="success", brokers=[BROKER], count=1)
        elif action not in self._actions:
            self._fault("INVALID_ACTION", f"Invalid action: {str(action)[:100]}")
        elif self._caller is None:
            self._fault("NOT_AUTHENTICATED", "You must authenticate first")
        else:
            self._actions[action](said)

    def _say(self, **message: object) -> None:
        self._box.say(text(message))

    def _fault(self, code: str, message: str, **more: object) -> None:
        self._say(status="error", code=code, message=message, **more)

    def _authenticate(self, said: Mapping[str, Any]) -> None:
        key = said.get("api_key")
        if not isinstance(key, str) or not key:
            self._no_key("API key is required")
            return
        caller = self._proxy.doorkeeper.caller_of(key)
        if caller is None:
            self._no_key("Invalid API key")
            return
        self._caller = caller
        doorkeeper = self._proxy.doorkeeper
        record_of(self._socket).belongs(caller.key_id, key, lambda: doorkeeper.caller_of(key) is not None)
        self._say(
            type="auth",
            status="success",
            message="Authentication successful",
            broker=BROKER,
            user_id=caller.user,
            supported_features={"ltp": True, "quote": True, "depth": True},
        )

    def _no_key(self, message: str) -> None:
        """Say it with a type as well: the client waits for that, and would wait for nothing."""
        self._fault("AUTHENTICATION_ERROR", message, type="auth")

    def _pong(self, said: Mapping[str, Any]) -> None:
        answer: dict[str, object] = {"type": "pong", "status": "success"}
        answer["server_timestamp"] = self._proxy.play.desk.floor.clock.now() // (1_000 * _MS)
        if "timestamp" in said:
            answer["client_timestamp"] = said["timestamp"]
        if "_pingId" in said:
            answer["_pingId"] = said["_pingId"]
        self._say(**answer)

    def _broker(self, said: Mapping[str, Any]) -> None:
        assert self._caller is not None, "it has named its key"
        self._say(
            type="broker_info", status="success", broker=BROKER, adapter_status="connected",
            user_id=self._caller.user,
        )  # fmt: skip

    # What it watches.

    def _subscribe(self, said: Mapping[str, Any]) -> None:
        mode = mode_of(said.get("mode", "Quote"))
        if mode is None:
            self._fault("INVALID_MODE", f"Invalid mode: {str(said.get('mode'))[:50]}")
            return
        pairs = _pairs(said)
        if not pairs:
            self._fault("INVALID_PARAMETERS", "At least one symbol must be specified")
            return
        rows = [self._watch(mode, *_named(pair), said.get("depth", 5)) for pair in pairs]
        whole = all(row["status"] == "success" for row in rows)
        answer: dict[str, object] = {
            "type": "subscribe",
            "status": "success" if whole else "partial",
            "subscriptions": rows,
            "message": "Subscription processing complete",
            "broker": BROKER,
        }
        if said.get("request_id") is not None:
            answer["request_id"] = said["request_id"]
        self._say(**answer)

    def _watch(self, mode: Mode, symbol: str, exchange: str, depth: object) -> dict[str, object]:
        instrument = symbols_of(self._proxy.play.desk.floor.universe).find(exchange, symbol)
        row: dict[str, object] = {"symbol": symbol, "exchange": exchange}
        fault = ""
        if instrument is None:
            fault = f"Symbol {symbol} not found for exchange {exchange}"
        elif len(self._watched) >= _MOST_WATCHED:
            fault = f"More than {_MOST_WATCHED} subscriptions on one connection"
        if instrument is None or fault:
            return {**row, "status": "error", "message": fault, "broker": BROKER}
        self._watched[mode, instrument.id] = symbol, exchange
        self._proxy.fanout.watch(self._box, mode, instrument.id)
        return {**row, "status": "success", "mode": label(mode), "depth": depth, "broker": BROKER}

    def _unsubscribe(self, said: Mapping[str, Any]) -> None:
        pairs = _pairs(said)
        if not pairs:
            self._fault("INVALID_PARAMETERS", "At least one symbol must be specified")
            return
        done: list[dict[str, object]] = []
        failed: list[dict[str, object]] = []
        for pair in pairs:
            symbol, exchange = _named(pair)
            mode = mode_of(pair.get("mode", said.get("mode", 2)))
            instrument = symbols_of(self._proxy.play.desk.floor.universe).find(exchange, symbol)
            row: dict[str, object] = {"symbol": symbol, "exchange": exchange, "broker": BROKER}
            if mode is None or instrument is None or (mode, instrument.id) not in self._watched:
                failed.append({**row, "status": "error", "message": "Not subscribed"})
                continue
            self._leave(mode, instrument.id)
            done.append({**row, "status": "success"})
        self._left(done, failed)

    def _leave(self, mode: Mode, instrument: str) -> None:
        del self._watched[mode, instrument]
        self._proxy.fanout.leave(self._box, mode, instrument)

    def _unsubscribe_all(self, said: Mapping[str, Any]) -> None:
        done: list[dict[str, object]] = []
        for (mode, instrument), (symbol, exchange) in list(self._watched.items()):
            self._leave(mode, instrument)
            done.append({"symbol": symbol, "exchange": exchange, "status": "success", "broker": BROKER})
        self._left(done, [])

    def _left(self, done: list[dict[str, object]], failed: list[dict[str, object]]) -> None:
        status = "success" if not failed else "partial" if done else "error"
        self._say(
            type="unsubscribe", status=status, message="Unsubscription processing complete",
            successful=done, failed=failed, broker=BROKER,
        )  # fmt: skip

    # Its orders.

    def _subscribe_orders(self, said: Mapping[str, Any]) -> None:
        assert self._caller is not None, "it has named its key"
        if self._orders is None:
            self._orders = OrderFeed(self._proxy.play, self._caller, self._box)
        self._say(type="subscribe_orders", status="success", message="Subscribed to order updates")

    def _unsubscribe_orders(self, said: Mapping[str, Any]) -> None:
        self._stop_orders()
        self._say(type="unsubscribe_orders", status="success", message="Unsubscribed from order updates")

    def _stop_orders(self) -> None:
        if self._orders is not None:
            self._orders.stop()
            self._orders = None


def _pairs(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is asked for, one or several."""
    several = said.get("symbols")
    found = several if isinstance(several, list) and several else [said]
    return [
        each
        for each in found
        if isinstance(each, dict)
        and isinstance(each.get("symbol"), str)
        and isinstance(each.get("exchange"), str)
    ]


def _named(pair: Mapping[str, Any]) -> tuple[str, str]:
    return pair["symbol"], pair["exchange"]

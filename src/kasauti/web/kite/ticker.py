"""
The ticker: prices as binary frames in three modes, order updates and errors as text.

A client that reads slowly gets the latest of each instrument. A byte that says nothing goes out when nothing
else does, so that clients know that the line is up.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kasauti.desk.account import DeskAccount
from kasauti.desk.conversation import Conversation
from kasauti.desk.fanout import Fanout
from kasauti.desk.outbox import Outbox
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.web.access import Caller
from kasauti.web.kite.packets import HEARTBEAT, Mode, encode, frame
from kasauti.web.kite.sessions import Sessions
from kasauti.web.kite.tokens import tokens_of
from kasauti.web.kite.updates import as_text, updates_of
from kasauti.web.names import strangeness
from kasauti.web.sockets import record_of

#: Of one key, and instruments of one connection. brokers.md 1.4.
MOST_CONNECTIONS, MOST_TOKENS = 3, 3_000
_HEARTBEAT_S = 1.0
#: A frame says in two bytes how many packets it has, and small frames reach a client sooner.
_IN_A_FRAME = 3_000
#: Slots that are encoded in one turn of the loop: whole columns cost little more than one row.
_AT_ONCE = 1_024
_MODES = {str(each): each for each in Mode}

Message = bytes | str


class Ticker:
    """The ticker of a desk; all connections share one fan-out."""

    def __init__(
        self, play: DeskPlay, sessions: Sessions, hosts: Collection[str], heartbeat_s: float = _HEARTBEAT_S
    ) -> None:
        self.play = play
        self.heartbeat_s = heartbeat_s
        self.fanout: Fanout[Message] = Fanout(encode, _AT_ONCE)
        self._sessions = sessions
        self._hosts = frozenset(hosts)
        self._open: Counter[str] = Counter()
        play.follow(self.fanout)

    def routes(self) -> Sequence[BaseRoute]:
        """Return where it is served: the path says nothing."""
        return [WebSocketRoute("/", self._serve), WebSocketRoute("/{path:path}", self._serve)]

    async def _serve(self, socket: WebSocket) -> None:
        asked = socket.query_params
        token = asked.get("access_token", "")
        caller = self._sessions.caller_of(asked.get("api_key", ""), token) if token else None
        strange = strangeness(socket.scope, self._hosts)
        if caller is None or strange or self._open[caller.key_id] >= MOST_CONNECTIONS:
            # Closed before it is accepted, the handshake is answered with 403.
            await socket.close()
            return
        app = asked["api_key"]
        record_of(socket).belongs(
            caller.key_id, (app, token), lambda: self._sessions.caller_of(app, token) is not None
        )
        self._open[caller.key_id] += 1
        try:
            await socket.accept()
            await _Client(self, socket, caller, self._sessions.key_behind(app, token)).run()
        finally:
            self._open[caller.key_id] -= 1


class _Client:
    """One connection: what it watches, what waits for it."""

    def __init__(self, ticker: Ticker, socket: WebSocket, caller: Caller, secret: str) -> None:
        self._ticker = ticker
        self._socket = socket
        self._caller = caller
        self._secret = secret
        self._box: Outbox[Message] = Outbox()
        #: The mode of each instrument that it watches.
        self._watched: dict[str, Mode] = {}
        self._accounts = [each for each in ticker.play.accounts if each.name in caller.accounts]

    async def run(self) -> None:
        """Talk until somebody hangs up."""
        for account in self._accounts:
            account.listeners.append(self._told)
        try:
            await Conversation(
                self._socket,
                self._box,
                self._take,
                self._send,
                WebSocketDisconnect,
                self._ticker.heartbeat_s,
                partial(self._socket.send_bytes, HEARTBEAT),
            ).run()
        finally:
            self._ticker.fanout.drop(self._box)
            for account in self._accounts:
                account.listeners.remove(self._told)

    async def _send(self, taken: Sequence[Message]) -> None:
        packets = []
        for message in taken:
            if isinstance(message, bytes):
                packets.append(message)
            else:
                await self._socket.send_text(message)
        for start in range(0, len(packets), _IN_A_FRAME):
            await self._socket.send_bytes(frame(packets[start : start + _IN_A_FRAME]))

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        universe = self._ticker.play.desk.floor.universe
        for update in updates_of(account, recorded, universe, self._caller.user, self._secret):
            self._box.say(as_text("order", update))

    # What it says.

    def _take(self, raw: str | bytes) -> None:
        try:
            said = msgspec.json.decode(raw, type=_Said)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._fault("Invalid message.")
            return
        match said.a, said.v:
            case "subscribe", [*tokens]:
                self._watch(tokens, None)
            case "unsubscribe", [*tokens]:
                self._leave(tokens)
            case "mode", [str(word), [*tokens]] if word in _MODES:
                self._watch(tokens, _MODES[word])
            case _:
                self._fault(f"Invalid message: {said.a[:40]!r} is not understood here.")

    def _fault(self, message: str) -> None:
        self._box.say(as_text("error", message))

    def _watch(self, asked: list[Any], mode: Mode | None) -> None:
        """Show instruments in a mode; without one as they are shown, or in quote mode."""
        new: dict[Mode, list[str]] = {}
        for instrument in self._instruments(asked):
            stands = self._watched.get(instrument)
            wanted = mode or stands or Mode.QUOTE
            if stands is None and len(self._watched) >= MOST_TOKENS:
                self._fault(f"You can subscribe to at most {MOST_TOKENS} instruments on one connection.")
                break
            if stands is not None and stands is not wanted:
                self._ticker.fanout.leave(self._box, stands, instrument)
            self._watched[instrument] = wanted
            new.setdefault(wanted, []).append(instrument)
        for wanted, instruments in new.items():
            self._ticker.fanout.watch_all(self._box, wanted, instruments)

    def _leave(self, asked: list[Any]) -> None:
        for instrument in self._instruments(asked):
            mode = self._watched.pop(instrument, None)
            if mode is not None:
                self._ticker.fanout.leave(self._box, mode, instrument)

    def _instruments(self, asked: list[Any]) -> list[str]:
        """Return the ids of tokens; those that are not in this market are passed over."""
        universe = self._ticker.play.desk.floor.universe
        tokens = tokens_of(universe)
        slots = (tokens.slot(each) for each in asked if type(each) is int)
        return [universe[slot].id for slot in slots if slot is not None]


class _Said(msgspec.Struct):
    """A message of a client: what it wants, and of what."""

    a: str
    v: list[Any] = []

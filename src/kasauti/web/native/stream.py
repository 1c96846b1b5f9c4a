"""
The stream: what happens to accounts, without gap or repeat, and prices as they move.

A client names its key, subscribes to an account and gets a snapshot at event N, then N+1 and on; by a cursor
it gets what followed that instead. Prices of a slow client are replaced by later ones; events cannot be, so
one that does not read them is let go, with the reason, and comes back with its cursor.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Hashable, Sequence
from itertools import islice
from typing import Any, Final, Literal

import msgspec
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import orders_of
from kasauti.desk.fanout import Fanout
from kasauti.desk.floor import Floor
from kasauti.desk.outbox import Outbox
from kasauti.desk.playing import DeskPlay
from kasauti.domain import events as ev
from kasauti.web.access import Caller, Doorkeeper
from kasauti.web.names import strangeness
from kasauti.web.native.accounts import account_shown
from kasauti.web.native.books import position_shown
from kasauti.web.native.market import quote_shown
from kasauti.web.native.orders import happened
from kasauti.web.native.shown import order_shown
from kasauti.web.sockets import record_of

_DEADLINE_S: Final = 15.0
#: How long a client may take to make room for one message.
_PATIENCE_S: Final = 10.0
_NOT_ALLOWED: Final = 4403
_TOO_SLOW: Final = 4408
_MOST_BYTES: Final = 64 * 1024
#: Events that are sent at once to who comes back; who is further behind reads the log first.
_MOST_BEHIND: Final = 5_000
_MOST_WATCHED: Final = 3_000
_QUOTE: Final = "quote"
_ENCODE: Final = msgspec.json.Encoder().encode


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a client says.

    `events` and `leave_events` are about an account, `quotes` and `leave_quotes` about instruments. `after`
    is the cursor: the number of the last event that the client has, -1 for a snapshot.
    """

    action: Literal["authenticate", "events", "leave_events", "quotes", "leave_quotes", "ping"]
    key: str = ""
    account: str = ""
    after: int = -1
    instruments: tuple[str, ...] = ()


_DECODE: Final = msgspec.json.Decoder(Said).decode


class Stream:
    """The stream of a desk; all its sockets share one fan-out of prices."""

    def __init__(self, play: DeskPlay, doorkeeper: Doorkeeper, hosts: Collection[str]) -> None:
        self.play = play
        self.doorkeeper = doorkeeper
        self._hosts = frozenset(hosts)
        self.fanout: Fanout[str] = Fanout(_quotes)
        play.follow(self.fanout)

    def route(self) -> WebSocketRoute:
        """Return its route."""
        return WebSocketRoute("/api/stream", self._serve)

    async def _serve(self, socket: WebSocket) -> None:
        if strangeness(socket.scope, self._hosts):
            await socket.close()
            return
        await socket.accept()
        await _Client(self, socket).run()


def _quotes(floor: Floor, mode: Hashable, slots: Sequence[int]) -> list[str]:
    return [_text(type="quote", quote=quote_shown(floor, slot)) for slot in slots]


def _text(**message: object) -> str:
    return _ENCODE(message).decode()


class _Client:
    """One socket: who it is, what it follows, what waits for it."""

    def __init__(self, stream: Stream, socket: WebSocket) -> None:
        self._stream = stream
        self._socket = socket
        self._box: Outbox[str] = Outbox()
        self._caller: Caller | None = None
        #: The accounts it follows, and the number of the last event it was told.
        self._told_to: dict[DeskAccount, int] = {}
        self._watched: set[str] = set()
        self._does: dict[str, Callable[[Said, Caller], None]] = {
            "events": self._events,
            "leave_events": self._leave_events,
            "quotes": self._quotes,
            "leave_quotes": self._leave_quotes,
        }

    async def run(self) -> None:
        """Talk until somebody hangs up."""
        writing = asyncio.create_task(self._write())
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait([writing, reading], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stream.fanout.drop(self._box)
            for account in list(self._told_to):
                self._leave(account)
            for task in (writing, reading):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                    await task

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_DEADLINE_S):
                while self._caller is None:
                    self._take(await self._heard())
        except TimeoutError:
            await self._socket.close(_NOT_ALLOWED, "no key was named in time")
            return
        while True:
            self._take(await self._heard())

    async def _heard(self) -> str | bytes:
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        said: str | bytes = message.get("text") or message.get("bytes") or ""
        return said[:_MOST_BYTES]

    async def _write(self) -> None:
        reads = True
        while reads and not self._box.overflowed:
            for message in await self._box.take():
                reads = reads and await self._within(self._socket.send_text(message))
        await self._within(
            self._socket.close(_TOO_SLOW, "this client does not read its events; come back with a cursor")
        )

    async def _within(self, sending: Awaitable[None]) -> bool:
        """Return whether something could be sent in time: a client that reads nothing holds nobody up."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await sending
        except TimeoutError:
            return False
        return True

    def _say(self, **message: object) -> None:
        self._box.say(_text(**message))

    def _fault(self, code: str, message: str) -> None:
        self._say(type="error", error={"code": code, "message": message})

    def _take(self, raw: str | bytes) -> None:
        try:
            said = _DECODE(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._fault("stream.unreadable", f"the message cannot be used: {error}")
            return
        if said.action == "ping":
            self._say(type="pong")
        elif said.action == "authenticate":
            self._authenticate(said.key)
        elif self._caller is None:
            self._fault("request.no_key", "authenticate first")
        else:
            self._does[said.action](said, self._caller)

    def _authenticate(self, key: str) -> None:
        caller_of = self._stream.doorkeeper.caller_of
        self._caller = caller_of(key)
        if self._caller is None:
            self._fault("request.wrong_key", "the key is not known here")
        else:
            record_of(self._socket).belongs(self._caller.key_id, key, lambda: caller_of(key) is not None)
            self._say(type="authenticated", accounts=self._caller.accounts)

    # Accounts.

    def _account(self, said: Said, caller: Caller) -> DeskAccount | None:
        account = self._stream.play.desk.accounts.get(caller.stream_of(said.account))
        if account is None:
            self._fault("input.invalid", f"there is no account {said.account[:100]!r} that this key opens")
        return account

    def _events(self, said: Said, caller: Caller) -> None:
        account = self._account(said, caller)
        if account is None:
            return
        self._stream.play.desk.flush()
        last = account.state.seq
        if said.after < 0:
            self._say(type="snapshot", seq=last, **self._snapshot(account))
        elif said.after > last or last - said.after > _MOST_BEHIND:
            self._fault(
                "stream.cursor", f"after is {said.after} and the log is at {last}; read /api/log first"
            )
            return
        else:
            missed = islice(account.log.read(said.after + 1), last - said.after)
            self._say(type="events", account=account.name, events=[happened(each) for each in missed])
        if account not in self._told_to:
            account.listeners.append(self._told)
        self._told_to[account] = last

    def _snapshot(self, account: DeskAccount) -> dict[str, Any]:
        floor = self._stream.play.desk.floor
        return {
            "account": account.name,
            "funds": account_shown(floor, account),
            "positions": [position_shown(floor, account, each) for each in account.state.positions.values()],
            "orders": [order_shown(order, account.name) for order in orders_of(account)],
        }

    def _told(self, account: DeskAccount, recorded: Sequence[ev.Recorded]) -> None:
        new = [each for each in recorded if each.seq > self._told_to[account]]
        if new:
            self._told_to[account] = new[-1].seq
            self._say(type="events", account=account.name, events=[happened(each) for each in new])

    def _leave_events(self, said: Said, caller: Caller) -> None:
        account = self._account(said, caller)
        if account in self._told_to and account is not None:
            self._leave(account)
            self._say(type="left", account=account.name)

    def _leave(self, account: DeskAccount) -> None:
        del self._told_to[account]
        account.listeners.remove(self._told)

    # Prices.

    def _quotes(self, said: Said, caller: Caller) -> None:
        universe = self._stream.play.desk.floor.universe
        unknown = [each for each in said.instruments if each not in universe]
        if unknown or len(self._watched | set(said.instruments)) > _MOST_WATCHED:
            problem = (
                f"{unknown[0][:100]!r} is not in this market" if unknown else f"more than {_MOST_WATCHED}"
            )
            self._fault("stream.instruments", f"{problem}; nothing of this was subscribed")
            return
        for each in said.instruments:
            self._watched.add(each)
            self._stream.fanout.watch(self._box, _QUOTE, each)

    def _leave_quotes(self, said: Said, caller: Caller) -> None:
        for each in self._watched & set(said.instruments):
            self._watched.discard(each)
            self._stream.fanout.leave(self._box, _QUOTE, each)

"""
Takes messages to one address over HTTP, in a thread of its own: whoever gives one never waits.

What does not arrive is sent again, each time after a longer pause, and given up after the last. A redirect is
not followed: only the address that was configured is reached. How far it came is kept after each message, so
what waits when the process ends can be given again.
"""

import logging
import threading
from collections import Counter
from collections.abc import Callable
from queue import Full, Queue
from time import monotonic
from typing import Final

import httpx
import msgspec

from kasauti.web.kite.delivered import Delivered

_LOGGER = logging.getLogger(__name__)

#: Pauses before a message is sent again; Kite's own are not documented.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0)
#: Messages that may wait; a receiver that takes none loses what comes after.
MOST_WAITING = 10_000
#: One that has waited longer is not sent.
OLDEST_S = 3_600.0
#: A message that comes twice has the same in both.
ID_HEADER: Final = "X-Kasauti-Postback"
_TIMEOUT_S = 5.0
#: So long the messages that wait have at the end.
_LAST_S = 2.0
_TOO_MANY, _BROKEN = 429, 500


class Parcel(msgspec.Struct, frozen=True):
    """
    A message: what event of which log it is about, and when it was given, in seconds of `monotonic`.

    One without a body is not sent; it says that up to that event there is nothing to send. `turn` counts how
    often the log had gone to another process before.
    """

    log: str
    seq: int
    body: bytes
    given_s: float
    turn: int

    @property
    def id(self) -> str:
        """What it is known by."""
        return f"{self.log}:{self.seq}"


class Courier:
    """
    Takes messages to `url`, in the order they are given, and keeps in `delivered` how far it came.

    `transport` is how they travel, None for the network; `pause` waits so many seconds and returns whether
    there is no time for more, `now_s` are seconds that never go back.
    """

    def __init__(
        self,
        url: str,
        delivered: Delivered,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], bool] | None = None,
        now_s: Callable[[], float] = monotonic,
    ) -> None:
        self._url = url
        self._delivered = delivered
        self._transport = transport
        self._ending = threading.Event()
        self._pause = pause or self._ending.wait
        self._now_s = now_s
        self._waiting: Queue[Parcel | None] = Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="postbacks", daemon=True)
        self._took_all = False
        #: How often each log has gone to another process.
        self._turns: Counter[str] = Counter()
        #: Messages that were given up.
        self.lost = 0

    def begin(self) -> None:
        """Begin to take messages."""
        self._thread.start()

    def give(self, log: str, seq: int, body: bytes) -> None:
        """Have a message taken, after those before it; it is given up if too many wait."""
        parcel = Parcel(log, seq, body, self._now_s(), self._turns[log])
        try:
            self._waiting.put_nowait(parcel)
        except Full:
            self._lose(parcel, "too many wait")

    def note(self, log: str, seq: int) -> None:
        """Keep that up to an event there is nothing to send, as soon as those before it are delivered."""
        self.give(log, seq, b"")

    def withdraw(self, log: str) -> None:
        """Send nothing more of what waits for a log: another process has it, and what was not delivered."""
        self._turns[log] += 1

    def end(self) -> bool:
        """End: what waits is tried once more, for a moment; return whether nothing waits any more."""
        self._ending.set()
        try:
            self._waiting.put_nowait(None)
        except Full:
            return False
        self._thread.join(_LAST_S)
        return self._took_all

    def _work(self) -> None:
        with httpx.Client(
            transport=self._transport, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False
        ) as client:
            while (parcel := self._waiting.get()) is not None:
                if not self._take(client, parcel):
                    # Those behind it may not overtake it: all of them wait for the next start.
                    return
        self._took_all = True

    def _take(self, client: httpx.Client, parcel: Parcel) -> bool:
        """Deliver a message or give it up; return False if there was no time for either."""
        if self._is_withdrawn(parcel):
            return True
        if not parcel.body:
            pass
        elif self._now_s() - parcel.given_s > OLDEST_S:
            self._lose(parcel, f"it has waited for more than {OLDEST_S:.0f} s")
        else:
            fault, again = self._try(client, parcel)
            for pause in PAUSES_S:
                if not again:
                    break
                if self._pause(pause):
                    return False
                if self._is_withdrawn(parcel):
                    return True
                fault, again = self._try(client, parcel)
            if fault:
                self._lose(parcel, fault)
        self._delivered.mark(parcel.log, parcel.seq)
        return True

    def _is_withdrawn(self, parcel: Parcel) -> bool:
        return parcel.turn != self._turns[parcel.log]

    def _try(self, client: httpx.Client, parcel: Parcel) -> tuple[str, bool]:
        """Send a message; return what went wrong, "" for nothing, and whether it may be sent again."""
        headers = {"Content-Type": "application/json", ID_HEADER: parcel.id}
        try:
            answer = client.post(self._url, content=parcel.body, headers=headers)
        except httpx.HTTPError as error:
            return type(error).__name__, True
        if answer.is_success:
            return "", False
        status = answer.status_code
        return f"it answers {status}", status == _TOO_MANY or status >= _BROKEN

    def _lose(self, parcel: Parcel, why: str) -> None:
        self.lost += 1
        _LOGGER.warning("the postback %s was given up: %s", parcel.id, why)

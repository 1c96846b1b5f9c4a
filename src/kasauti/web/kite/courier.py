"""
Takes messages to one address over HTTP, in a thread of its own: whoever gives one never waits.

What does not arrive is sent again, each time after a longer pause, and given up after the last. A redirect is
not followed: only the address that was configured is reached.
"""

import logging
import threading
from collections.abc import Callable
from queue import Full, Queue

import httpx

_LOGGER = logging.getLogger(__name__)

#: Pauses before a message is sent again; Kite's own are not documented.
PAUSES_S = (1.0, 2.0, 4.0, 8.0, 16.0)
#: Messages that may wait; a receiver that takes none loses what comes after.
MOST_WAITING = 10_000
_TIMEOUT_S = 5.0
#: So long the messages that wait have at the end.
_LAST_S = 2.0
_TOO_MANY, _BROKEN = 429, 500


class Courier:
    """
    Takes messages to `url`, in the order they are given.

    `transport` is how they travel, None for the network; `pause` waits so many seconds and returns whether
    there is no time for more.
    """

    def __init__(
        self,
        url: str,
        transport: httpx.BaseTransport | None = None,
        pause: Callable[[float], bool] | None = None,
    ) -> None:
        self._url = url
        self._transport = transport
        self._ending = threading.Event()
        self._pause = pause or self._ending.wait
        self._waiting: Queue[bytes | None] = Queue(MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name="postbacks", daemon=True)
        #: Messages that were given up.
        self.lost = 0

    def begin(self) -> None:
        """Begin to take messages."""
        self._thread.start()

    def give(self, message: bytes) -> None:
        """Have a message taken, after those before it; it is given up if too many wait."""
        try:
            self._waiting.put_nowait(message)
        except Full:
            self._lose("too many wait")

    def end(self) -> None:
        """End: what waits is tried once more, for a moment."""
        try:
            self._waiting.put_nowait(None)
        except Full:
            self._lose("too many wait")
        self._ending.set()
        self._thread.join(_LAST_S)

    def _work(self) -> None:
        with httpx.Client(
            transport=self._transport, timeout=_TIMEOUT_S, trust_env=False, follow_redirects=False
        ) as client:
            while (message := self._waiting.get()) is not None:
                self._take(client, message)

    def _take(self, client: httpx.Client, message: bytes) -> None:
        fault, again = self._try(client, message)
        for pause in PAUSES_S:
            if not again or self._pause(pause):
                break
            fault, again = self._try(client, message)
        if fault:
            self._lose(fault)

    def _try(self, client: httpx.Client, message: bytes) -> tuple[str, bool]:
        """Send a message; return what went wrong, "" for nothing, and whether it may be sent again."""
        try:
            answer = client.post(self._url, content=message, headers={"Content-Type": "application/json"})
        except httpx.HTTPError as error:
            return type(error).__name__, True
        if answer.is_success:
            return "", False
        status = answer.status_code
        return f"it answers {status}", status == _TOO_MANY or status >= _BROKEN

    def _lose(self, why: str) -> None:
        self.lost += 1
        _LOGGER.warning("a postback was given up: %s", why)

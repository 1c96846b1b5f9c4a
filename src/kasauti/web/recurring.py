"""
Heads of requests that came before on a connection.

A program sends the same head with each of its requests. The same bytes mean the same, so what was parsed once
needs no parsing again. Each connection has its own: they end with it, and none can push out another's.
"""

from typing import Any, Final

_END: Final = b"\r\n\r\n"
#: Heads that a connection remembers, and the bytes of the largest.
_MOST: Final = 8
_LARGEST: Final = 2_048
#: A body that comes along with its head; of larger ones reading has to pause.
_LARGEST_BODY: Final = 32 * 1024


class Head:
    """What a head means: its URL, its headers, the rest of its scope, and how long it and its body are."""

    def __init__(
        self, url: bytes, headers: list[tuple[bytes, bytes]], scope: dict[str, Any], size: int, body: int
    ) -> None:
        self.url = url
        self.headers = headers
        self.scope = scope
        self.size = size
        self.body = body


class RecurringHeads:
    """The heads of a connection whose requests came whole, each in one piece."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def of(self, data: bytes) -> Head | None:
        """Return the head of a request that is all that came, None if it has to be parsed."""
        if not self._known:
            return None
        size = data.find(_END) + len(_END)
        if size > _LARGEST:
            return None
        head = self._known.get(data[:size])
        return head if head is not None and size + head.body == len(data) else None

    def remember(
        self, data: bytes, body: int, url: bytes, headers: list[tuple[bytes, bytes]], scope: dict[str, Any]
    ) -> None:
        """
        Remember a request as it was parsed: all of `data`, with a body of so many bytes.

        Where these are not the bytes behind the first empty line, the parser saw another head than would be
        looked for here, or a body in chunks: of such a one nothing is remembered.
        """
        size = data.find(_END) + len(_END)
        if size < len(_END) or size > _LARGEST or body > _LARGEST_BODY or size + body != len(data):
            return
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[data[:size]] = Head(url, headers, scope, size, body)

"""
A request whose body is all here, and an answer that is: each handed over in one piece.

What uvicorn does for pieces costs more than both.
"""

from typing import Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from kasauti.web.answers import Json

_STATUS_LINE: Final = STATUS_LINE


class InOnePiece:
    """A request's body and answer, each in one piece: what uvicorn does for pieces costs more than both."""

    __slots__ = ("_cycle",)

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self._cycle = cycle

    def whole_body(self) -> bytes | None:
        """Return the body, None if it is not all here, or the client waits to be asked for it."""
        cycle = self._cycle
        if cycle.more_body or cycle.waiting_for_100_continue or cycle.disconnected:
            return None
        return bytes(cycle.body)

    def answer(self, answer: Json) -> bool:
        """Send an answer; return False where nothing was sent, because it has to go the usual way."""
        cycle = self._cycle
        if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or not cycle.keep_alive:
            return False
        if cycle.more_body or cycle.scope["method"] == "HEAD":
            return False
        cycle.response_started = cycle.response_complete = True
        cycle.transport.write(as_bytes(answer))
        cycle.message_event.set()
        cycle.on_response()
        return True


def as_bytes(answer: Response, ending: bytes = b"") -> bytes:
    """Return an answer as it is sent; `ending` is what its head has besides."""
    head = [_STATUS_LINE[answer.status_code]]
    for name, value in answer.raw_headers:
        head.append(name)
        head.append(b": ")
        head.append(value)
        head.append(b"\r\n")
    head.append(ending)
    head.append(b"\r\n")
    head.append(bytes(answer.body))
    return b"".join(head)

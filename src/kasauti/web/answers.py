"""Answers as they are made most: a body of JSON that is whole."""

from typing import Final

from starlette.responses import Response

_TYPE: Final = (b"content-type", b"application/json")


class Json(Response):
    """An answer with a body that is JSON already, and the two headers that it needs."""

    body: bytes

    def __init__(self, body: bytes, status: int = 200) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), _TYPE]

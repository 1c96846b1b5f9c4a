"""How the native API names its caller and words its errors."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kasauti.errors import AccountStopped, InvalidInput, KasautiError, LogWriteFailed
from kasauti.web.dialect import Refused
from kasauti.web.endpoint import Endpoint

_JSON = "application/json"
_BEARER = "Bearer "
_OURS = "something went wrong here; nothing of the request was done that is not in the log"


class Problem(msgspec.Struct, frozen=True):
    """What went wrong: a stable code, and a sentence that says what to do."""

    code: str
    message: str


class Failure(msgspec.Struct, frozen=True):
    """The body of every answer that is not a success."""

    error: Problem


def answer(value: object, status: int = 200) -> Response:
    """Return a value as a JSON answer."""
    return Response(msgspec.json.encode(value), status, media_type=_JSON)


class Native:
    """The native dialect; `endpoints` are its table."""

    name = "native"

    def __init__(self, endpoints: Sequence[Endpoint], routes: Sequence[BaseRoute] = ()) -> None:
        self.endpoints = endpoints
        self.routes = routes

    def key_of(self, request: Request, body: bytes) -> str:
        """Return the key behind `Authorization: Bearer`."""
        given = request.headers.get("authorization", "")
        return given.removeprefix(_BEARER).strip() if given.startswith(_BEARER) else ""

    def read(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:  # noqa: ANN401  as its Protocol
        """Return the body as the struct that the endpoint takes; fields that it has not are errors."""
        if endpoint.takes is None:
            return None
        try:
            return msgspec.json.decode(body, type=endpoint.takes)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InvalidInput(f"the body cannot be used: {error}") from error

    def refuse(self, request: Request, why: Refused, detail: str) -> Response:
        """Word a refusal."""
        status = 403 if why is Refused.OUT_OF_SCOPE else why.value
        return answer(Failure(Problem(f"request.{why.name.lower()}", detail)), status)

    def explain(self, error: Exception) -> Response:
        """Word an error: ours without a detail."""
        if not isinstance(error, KasautiError):
            return answer(Failure(Problem("server.error", _OURS)), 500)
        status = 400 if isinstance(error, InvalidInput) else 409 if isinstance(error, AccountStopped) else 422
        status = 503 if isinstance(error, LogWriteFailed) else status
        return answer(Failure(Problem(error.code, str(error))), status)

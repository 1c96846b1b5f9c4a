"""How the native API names its caller and words its errors."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kasauti.errors import (
    AccountStopped,
    InvalidInput,
    KasautiError,
    LogWriteFailed,
    NameTaken,
    NotAllowed,
    NotThere,
    StorageError,
)
from kasauti.web.answers import Json
from kasauti.web.dialect import Refused
from kasauti.web.endpoint import Endpoint
from kasauti.web.native.failures import Failure, Problem
from kasauti.web.once import check_names, once

#: Methods whose fields stand in the query.
QUERIED = frozenset({"GET", "DELETE"})
_NOTHING = frozenset({b"", b"{}", b"null"})
_BEARER = "Bearer "
#: The status of an error, by the first kind that it is; 422 for any other.
_STATUS: tuple[tuple[type[KasautiError], int], ...] = (
    (NotThere, 404),
    (NotAllowed, 403),
    (NameTaken, 409),
    (InvalidInput, 400),
    (AccountStopped, 409),
    (LogWriteFailed, 503),
    (StorageError, 503),
)
_OURS = "something went wrong here; nothing of the request was done that is not in the log"


def answer(value: object, status: int = 200) -> Response:
    """Return a value as a JSON answer."""
    return Json(msgspec.json.encode(value), status)


class Native:
    """The native dialect; `endpoints` are its table."""

    name = "native"

    def __init__(self, endpoints: Sequence[Endpoint], routes: Sequence[BaseRoute] = ()) -> None:
        self.endpoints = endpoints
        self.routes = routes

    def key_of(self, request: Request, body: bytes) -> str:
        """Return the key behind `Authorization: Bearer`."""
        for name, value in request.scope["headers"]:
            if name == b"authorization":
                given = value.decode("latin-1")
                return given.removeprefix(_BEARER).strip() if given.startswith(_BEARER) else ""
        return ""

    def read(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:  # noqa: ANN401  as its Protocol
        """Return the body, or the query of what has none, as what the endpoint takes; more is an error."""
        if endpoint.takes is bytes:
            return body
        in_query = endpoint.takes is None or endpoint.method in QUERIED
        if in_query and body and body.strip() not in _NOTHING:
            raise InvalidInput("this takes no body; leave it out")
        if endpoint.takes is None:
            return None
        try:
            if in_query:
                pairs = request.query_params.multi_items()
                return msgspec.convert(once(pairs), endpoint.takes, strict=False)
            value = msgspec.json.decode(body, type=endpoint.takes)
            check_names(body)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise InvalidInput(f"the request cannot be used: {error}") from error
        return value

    def refuse(self, request: Request, why: Refused, detail: str) -> Response:
        """Word a refusal."""
        return answer(Failure(Problem(f"request.{why.name.lower()}", detail)), why.status)

    def explain(self, error: Exception) -> Response:
        """Word an error: ours without a detail."""
        if not isinstance(error, KasautiError):
            return answer(Failure(Problem("server.error", _OURS)), 500)
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 422)
        return answer(Failure(Problem(error.code, str(error))), status)

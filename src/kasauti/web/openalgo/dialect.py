"""How OpenAlgo's clients name themselves, and how they are told what went wrong."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kasauti.errors import AccountStopped, InvalidInput, LogWriteFailed, StorageError
from kasauti.web.dialect import Refused, Worded
from kasauti.web.endpoint import Endpoint
from kasauti.web.once import check_names, once
from kasauti.web.openalgo.fields import Wrong, load
from kasauti.web.openalgo.words import (
    RETRY_AFTER_S,
    TOO_OFTEN,
    UNEXPECTED,
    WRONG_KEY,
    Family,
    failure,
    invalid,
)

_KEY = "apikey"
_MOST_KEY = 256
_NO_JSON = "The body is not valid JSON: {}"


class OpenAlgo:
    """The OpenAlgo dialect; `endpoints` are its table, each with and without a slash behind it."""

    name = "openalgo"

    def __init__(self, endpoints: Sequence[Endpoint], routes: Sequence[BaseRoute] = ()) -> None:
        slashed = [msgspec.structs.replace(each, path=f"{each.path}/") for each in endpoints]
        self.endpoints: Sequence[Endpoint] = (*endpoints, *slashed)
        self.routes: Sequence[BaseRoute] = routes
        self._takes = {(each.method, each.path): each.takes for each in self.endpoints}

    def key_of(self, request: Request, body: bytes) -> str:
        """
        Return the key in the body, or in the query of a GET; the header X-API-KEY stands in for either.

        A request without one is told everything that is wrong with it.
        """
        raw = _raw(request, body)
        key = raw.get(_KEY) if isinstance(raw, dict) else None
        if key is None and isinstance(raw, dict) and "x-api-key" in request.headers:
            key = raw[_KEY] = request.headers["x-api-key"]
        if isinstance(key, str) and 0 < len(key) <= _MOST_KEY:
            return key
        route = request.scope.get("route")
        takes = self._takes[request.method, request.scope["path"] if route is None else route.path]
        try:
            load(takes, raw)
        except Wrong as wrong:
            raise Worded(invalid(_family(takes), wrong.messages)) from None
        raise AssertionError("a request has a key, or is wrong")

    def read(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:  # noqa: ANN401  as its Protocol
        """Return the request as what the endpoint takes, whatever its content type says."""
        try:
            return load(endpoint.takes, _raw(request, body))
        except Wrong as wrong:
            raise Worded(invalid(_family(endpoint.takes), wrong.messages)) from None

    def refuse(self, request: Request, why: Refused, detail: str) -> Response:
        """Word a refusal."""
        match why:
            case Refused.NO_KEY | Refused.WRONG_KEY:
                return failure(WRONG_KEY, 401 if _is_greeks(request) else 403)
            case Refused.TOO_OFTEN:
                return failure(TOO_OFTEN, 429, retry_after=RETRY_AFTER_S)
            case Refused.OUT_OF_SCOPE:
                return failure(detail, 403)
            case _:
                return failure(detail, why.status)

    def explain(self, error: Exception) -> Response:
        """Word an error: ours without a detail."""
        if isinstance(error, InvalidInput):
            return failure(str(error), 400)
        if isinstance(error, AccountStopped | LogWriteFailed | StorageError):
            return failure(str(error), 503)
        return failure(UNEXPECTED, 500)


def _raw(request: Request, body: bytes) -> Any:  # noqa: ANN401  whatever JSON can say
    """Return what was sent, read once."""
    kept = request.scope.get("kasauti.raw")
    if kept is not None:
        return kept
    if request.method == "GET":
        try:
            raw: Any = once(request.query_params.multi_items())
        except InvalidInput as error:
            raise Worded(failure(str(error), 400)) from None
        raw.update(request.path_params)
    else:
        try:
            raw = msgspec.json.decode(body)
            check_names(body)
        except InvalidInput as error:
            raise Worded(failure(str(error), 400)) from None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Worded(failure(_NO_JSON.format(error), 400)) from None
    request.scope["kasauti.raw"] = raw
    return raw


def _family(takes: Any) -> Family:  # noqa: ANN401  a struct of a request
    family: Family = takes.FAMILY
    return family


def _is_greeks(request: Request) -> bool:
    return request.url.path.rstrip("/").endswith("optiongreeks")

"""How Kite's clients name themselves, and how they are told what went wrong."""

from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kasauti.errors import AccountStopped, InvalidInput, KeyRefused, LogWriteFailed, StorageError
from kasauti.web.dialect import Refused
from kasauti.web.endpoint import Endpoint
from kasauti.web.kite.reading import read
from kasauti.web.kite.sessions import Sessions
from kasauti.web.kite.words import NO_SESSION, TOO_OFTEN, Fault, failure

#: The official sandbox has everything under this prefix, too.
_SANDBOX = "/oms"
_UNAVAILABLE = 503


class Kite:
    """The dialect; `endpoints` are its table, each also as the official sandbox has it."""

    name = "kite"

    def __init__(
        self, endpoints: Sequence[Endpoint], sessions: Sessions, routes: Sequence[BaseRoute] = ()
    ) -> None:
        boxed = [msgspec.structs.replace(each, path=_SANDBOX + each.path) for each in endpoints]
        self.endpoints: Sequence[Endpoint] = (*endpoints, *boxed)
        self.routes: Sequence[BaseRoute] = routes
        self._sessions = sessions

    def key_of(self, request: Request, body: bytes) -> str:
        """Return the key behind `Authorization: token api_key:access_token`."""
        word, _, pair = request.headers.get("authorization", "").partition(" ")
        api_key, _, token = pair.strip().partition(":")
        return self._sessions.key_behind(api_key, token) if word.lower() == "token" and token else ""

    def read(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:  # noqa: ANN401  as its Protocol
        """Return a form, JSON, the query and the path as what the endpoint takes."""
        return read(endpoint.takes, request, body)

    def refuse(self, request: Request, why: Refused, detail: str) -> Response:
        """Word a refusal."""
        match why:
            case Refused.NO_KEY | Refused.WRONG_KEY:
                return failure(Fault.TOKEN, NO_SESSION)
            case Refused.OUT_OF_SCOPE:
                return failure(Fault.PERMISSION, detail)
            case Refused.TOO_OFTEN:
                return failure(Fault.NETWORK, TOO_OFTEN)
            case Refused.BAD_BODY | Refused.TOO_LARGE | Refused.HEAD_TOO_LARGE | Refused.NO_REQUEST:
                return failure(Fault.INPUT, detail, why.status)
            case Refused.TOO_MANY:
                return failure(Fault.NETWORK, detail, why.status)
            case _:
                return failure(Fault.GENERAL, detail, why.status)

    def explain(self, error: Exception) -> Response:
        """Word an error: ours without a detail."""
        if isinstance(error, InvalidInput):
            return failure(Fault.INPUT, str(error))
        if isinstance(error, KeyRefused):
            return failure(Fault.PERMISSION, str(error))
        if isinstance(error, AccountStopped | LogWriteFailed | StorageError):
            return failure(Fault.NETWORK, str(error), _UNAVAILABLE)
        return failure(Fault.GENERAL, "Something went wrong here; the log of the desk has the details.")

"""What a dialect is: its endpoints, how it names its caller, and how it words what went wrong."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any, Final, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from kasauti.web.endpoint import Endpoint

#: Statuses end here: where several refusals share one, their values have a digit more.
_HIGHEST: Final = 599


class Refused(Enum):
    """Why a request never came to its endpoint."""

    NO_KEY = 401
    WRONG_KEY = 403
    OUT_OF_SCOPE = 4031
    TOO_OFTEN = 429
    TOO_LARGE = 413
    TOO_SLOW = 408
    STRANGER = 421
    BAD_BODY = 400
    NOT_FOUND = 404
    NOT_ALLOWED = 405
    #: Of what never became a request: its head, the connection it came on, bytes that are no HTTP.
    HEAD_TOO_LARGE = 431
    TOO_MANY = 503
    NO_REQUEST = 4001

    @property
    def status(self) -> int:
        """The status that says so."""
        status: int = self.value
        return status if status <= _HIGHEST else status // 10


#: How what never became a request is refused: by its path as far as that came, why, and a sentence.
Words = Callable[[str, Refused, str], Response]


class Worded(Exception):
    """A refusal that its dialect has worded already: `key_of`, `read` and endpoints may raise it."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer)
        self.answer = answer


class Dialect(Protocol):
    """One API that programs speak to the desk."""

    name: str
    endpoints: Sequence[Endpoint]
    #: WebSockets and pages, which are no endpoints.
    routes: Sequence[BaseRoute]

    def key_of(self, request: Request, body: bytes) -> str:
        """Return the key that a request carries, "" if it has none."""

    def read(self, endpoint: Endpoint, request: Request, body: bytes) -> Any:  # noqa: ANN401  what the endpoint takes
        """Return the body as what the endpoint takes; `InvalidInput` if it is not that."""

    def refuse(self, request: Request, why: Refused, detail: str) -> Response:
        """Word a refusal that came before the endpoint."""

    def explain(self, error: Exception) -> Response:
        """Word an error of the endpoint; nothing of ours that is secret or internal is in it."""

"""From a dialect to an application: every route goes through the same checks, in the same order."""

import logging
import time
from collections.abc import Awaitable, Callable, Collection
from functools import partial

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from kasauti.desk.playing import DeskPlay
from kasauti.errors import InvalidInput, KasautiError
from kasauti.web.access import Caller, Doorkeeper, strangeness
from kasauti.web.access import Scope as KeyScope
from kasauti.web.answers import Json
from kasauti.web.dialect import Dialect, Refused, Worded
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.journal import Journal
from kasauti.web.limits import Limiter
from kasauti.web.metrics import Metrics
from kasauti.web.wire import LATE, WHOLE, Whole

#: Where a request keeps which key it came with.
_KEY = "kasauti.key"
#: What answers a request on a path without parameters.
StraightRoute = Callable[[Request], Awaitable[Response]]
_LOGGER = logging.getLogger(__name__)
#: What is counted where nobody waits for the answer any more, as nginx does.
_GONE = 499


class Application:
    """
    The application of a dialect, under the names in `hosts`; `name` is its, `endpoints` its whole table.

    A path without parameters is found in a table; everything else goes by Starlette's routes.
    """

    def __init__(
        self,
        dialect: Dialect,
        play: DeskPlay,
        doorkeeper: Doorkeeper,
        hosts: Collection[str],
        metrics: Metrics,
        limiter: Limiter | None = None,
        journal: Journal | None = None,
    ) -> None:
        limits = Limiter(time.monotonic) if limiter is None else limiter
        checks = _Checks(dialect, play, doorkeeper, frozenset(hosts), limits, metrics, journal)
        self.name = dialect.name
        self._dialect = dialect
        self.endpoints = tuple(dialect.endpoints)
        around = {(each.method, each.path): checks.around(each) for each in dialect.endpoints}
        self.straight: dict[tuple[str, str], StraightRoute] = {
            key: route for key, route in around.items() if "{" not in key[1]
        }
        routes = [
            Route(path, route, methods=[method], name=f"{method} {path}")
            for (method, path), route in around.items()
        ]
        self._routed = Starlette(
            routes=[*routes, *dialect.routes], exception_handlers={HTTPException: checks.not_routed}
        )

    def words(self, path: str, why: Refused, detail: str) -> Response:
        """Refuse what never became a request, in the dialect's words."""
        return self._dialect.refuse(Request({"type": "http", "path": path, "headers": []}), why, detail)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or talk on one WebSocket."""
        if scope["type"] == "http":
            straight = self.straight.get((scope["method"], scope["path"]))
            if straight is not None:
                await answered(straight, scope, receive, send)
                return
        await self._routed(scope, receive, send)


async def answered(route: StraightRoute, scope: Scope, receive: Receive, send: Send) -> None:
    """Have a route answer a request, in one piece where that can be."""
    response = await route(Request(scope, receive))
    whole: Whole | None = scope.get(WHOLE)
    if whole is None or not isinstance(response, Json) or not whole.answer(response):
        await response(scope, receive, send)


class _Checks:
    """What every request of a dialect passes before its endpoint."""

    def __init__(
        self,
        dialect: Dialect,
        play: DeskPlay,
        doorkeeper: Doorkeeper,
        hosts: frozenset[str],
        limiter: Limiter,
        metrics: Metrics,
        journal: Journal | None,
    ) -> None:
        self._dialect = dialect
        self._play = play
        self._doorkeeper = doorkeeper
        self._hosts = hosts
        self._limiter = limiter
        self._metrics = metrics
        self._journal = journal

    def around(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        """Return the endpoint behind its checks."""
        count, name, told = self._metrics.answered, self._dialect.name, f"{endpoint.method} {endpoint.path}"
        journal = self._journal

        async def route(request: Request) -> Response:
            began = time.perf_counter()
            response = await self._answer_or_explain(endpoint, request)
            took, status = time.perf_counter() - began, response.status_code
            count(name, told, status, took)
            if journal is not None:
                key = request.scope.get(_KEY, "")
                number = journal.request(name, told, status, took, key, _address(request))
                response.raw_headers.append((b"x-request-id", number.encode()))
            return response

        return route

    async def _answer_or_explain(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            return await self._answer(endpoint, request)
        except Worded as error:
            return error.answer
        except KasautiError as error:
            return self._dialect.explain(error)
        except ClientDisconnect:
            return Response(status_code=_GONE)
        except Exception as error:
            _LOGGER.exception("%s %s failed", endpoint.method, endpoint.path)
            return self._dialect.explain(error)

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        refuse = partial(self._dialect.refuse, request)
        strange = strangeness(request, self._hosts)
        if strange:
            return refuse(Refused.STRANGER, strange)
        body = await _body(request, endpoint.max_bytes)
        if isinstance(body, Refused):
            return self._unread(request, body, endpoint.max_bytes)
        caller = None if endpoint.scope is None else self._caller(request, body, endpoint.scope)
        if caller is not None:
            request.scope[_KEY] = caller.key_id
        who = caller.key_id if caller is not None else _address(request)
        if not self._limiter.takes(who, endpoint.pace):
            return refuse(Refused.TOO_OFTEN, f"too many requests for {endpoint.pace}; wait a moment")
        try:
            taken = self._dialect.read(endpoint, request, body)
        except InvalidInput as error:
            return refuse(Refused.BAD_BODY, str(error))
        return await endpoint.handler(Call(self._play, request, caller, taken))

    def _unread(self, request: Request, why: Refused, most: int) -> Response:
        """Refuse a body that was not read to its end."""
        if why is Refused.TOO_LARGE:
            return self._dialect.refuse(request, why, f"the body has more than {most} bytes")
        late = self._dialect.refuse(request, why, "the body did not come in time; send it at once")
        late.headers["connection"] = "close"
        return late

    def _caller(self, request: Request, body: bytes, scope: KeyScope) -> Caller:
        """Return who calls; raises `Worded` for a key that is not there, wrong, or not good for `scope`."""
        key = self._dialect.key_of(request, body)
        if not key:
            raise Worded(self._dialect.refuse(request, Refused.NO_KEY, "the request carries no key"))
        caller = self._doorkeeper.caller_of(key)
        if caller is None:
            raise Worded(self._wrong_key(request))
        if not caller.may(scope):
            detail = f"the key is not good for {scope}"
            raise Worded(self._dialect.refuse(request, Refused.OUT_OF_SCOPE, detail))
        return caller

    def _wrong_key(self, request: Request) -> Response:
        """Refuse a key that nobody has. Right ones are never counted: nobody can lock their owner out."""
        if self._limiter.takes(_address(request), Pace.WRONG_KEYS):
            return self._dialect.refuse(request, Refused.WRONG_KEY, "the key is not known here")
        return self._dialect.refuse(
            request, Refused.TOO_OFTEN, "too many keys that nobody has came from this address"
        )

    async def not_routed(self, request: Request, error: Exception) -> Response:
        """Word what led nowhere."""
        assert isinstance(error, HTTPException), "only those are handled here"
        why = Refused.NOT_ALLOWED if error.status_code == Refused.NOT_ALLOWED.value else Refused.NOT_FOUND
        return self._dialect.refuse(request, why, f"{request.method} {request.url.path[:200]} leads nowhere")


def _address(request: Request) -> str:
    client = request.scope.get("client")
    return client[0] if client else "unknown"


async def _body(request: Request, most: int) -> bytes | Refused:
    """Return the body, or why not: it is larger than `most`, or too slow."""
    whole: Whole | None = request.scope.get(WHOLE)
    here = None if whole is None else whole.whole_body()
    if here is not None:
        return here if len(here) <= most else Refused.TOO_LARGE
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told) > most:
        return Refused.TOO_LARGE
    chunks, size, more = [], 0, True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return Refused.TOO_LARGE
        chunks.append(chunk)
        more = message.get("more_body", False)
        if more and LATE in request.scope:
            return Refused.TOO_SLOW
    return b"".join(chunks)

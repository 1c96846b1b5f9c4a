"""From a dialect to an application: every route goes through the same checks, in the same order."""

import logging
import time
from collections.abc import Awaitable, Collection

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from kasauti.desk.playing import DeskPlay
from kasauti.errors import InvalidInput, KasautiError
from kasauti.web.access import Caller, Doorkeeper
from kasauti.web.access import Scope as KeyScope
from kasauti.web.answers import Json
from kasauti.web.dialect import Dialect, Refused, Worded
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.journal import Journal
from kasauti.web.limits import Limiter
from kasauti.web.metrics import Metrics
from kasauti.web.names import strangeness
from kasauti.web.nulls import has_null
from kasauti.web.wire import LATE, WHOLE, Whole

#: Where a request keeps which key it came with.
_KEY = "kasauti.key"
_LOGGER = logging.getLogger(__name__)
_NULL = "the request has the character U+0000 in it, which no name, text or number has; leave it out"
#: What is counted where nobody waits for the answer any more, as nginx does.
_GONE = 499


class Application:
    """
    The application of a dialect, under the names in `hosts`; `name` is its, `endpoints` its whole table.

    A path without parameters is found in a table, one with some among those of its shape; what is left, as
    pages, WebSockets and what leads nowhere, goes by Starlette's routes.
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
        checks = Checks(dialect, play, doorkeeper, frozenset(hosts), limits, metrics, journal)
        self.name = dialect.name
        self._dialect = dialect
        self.endpoints = tuple(dialect.endpoints)
        guarded = {(each.method, each.path): Guarded(checks, each) for each in dialect.endpoints}
        routes = {
            (method, path): Route(path, each, methods=[method], name=f"{method} {path}")
            for (method, path), each in guarded.items()
        }
        self.straight = {key: each for key, each in guarded.items() if "{" not in key[1]}
        self._shaped: dict[tuple[str, str, int], list[tuple[Route, Guarded]]] = {}
        for (method, path), each in guarded.items():
            if "{" in path and ":path}" not in path and not path.startswith("/{"):
                alike = self._shaped.setdefault(_shape(method, path), [])
                alike.append((routes[method, path], each))
        self._routed: ASGIApp = Starlette(
            routes=[*routes.values(), *dialect.routes], exception_handlers={HTTPException: checks.not_routed}
        )

    def words(self, path: str, why: Refused, detail: str) -> Response:
        """Refuse what never became a request, in the dialect's words."""
        return self._dialect.refuse(Request({"type": "http", "path": path, "headers": []}), why, detail)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Answer one request, or talk on one WebSocket."""
        if scope["type"] == "http":
            straight = self.straight.get((scope["method"], scope["path"])) or self._with_parameters(scope)
            if straight is not None:
                return straight(scope, receive, send)
        return self._routed(scope, receive, send)

    def _with_parameters(self, scope: Scope) -> "Guarded | None":
        """Return what answers on a path with parameters, which its scope then has, as Starlette says them."""
        for route, guarded in self._shaped.get(_shape(scope["method"], scope["path"]), ()):
            match, found = route.matches(scope)
            if match is Match.FULL:
                scope.update(found)
                scope["route"] = route
                return guarded
        return None


def _shape(method: str, path: str) -> tuple[str, str, int]:
    """Return what a path with parameters shares with those that it stands for."""
    return method, path[1:].partition("/")[0], path.count("/")


class Checks:
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
        self.dialect = dialect
        self.play = play
        self._doorkeeper = doorkeeper
        self._hosts = hosts
        self._limiter = limiter
        self._metrics = metrics
        self._journal = journal

    def strange(self, request: Request) -> str:
        """Return why a request is not for this server: of such a one nothing is awaited."""
        return strangeness(request.scope, self._hosts)

    def passed(self, endpoint: Endpoint, request: Request, body: bytes | Refused) -> Call:
        """Return a request as its endpoint is to answer it; raises `Worded` for one that does not pass."""
        dialect = self.dialect
        strange = self.strange(request)
        if strange:
            raise Worded(dialect.refuse(request, Refused.STRANGER, strange))
        if isinstance(body, Refused):
            raise Worded(self._unread(request, body, endpoint.max_bytes))
        caller, scope, pace = None, endpoint.scope, endpoint.pace
        if scope is None:
            who = address_of(request)
        else:
            caller = self._caller(request, body, scope)
            request.scope[_KEY] = who = caller.key_id
        if not self._limiter.takes(who, pace):
            detail = f"too many requests for {pace}; wait a moment"
            raise Worded(dialect.refuse(request, Refused.TOO_OFTEN, detail))
        if endpoint.takes is not bytes and has_null(request.scope, body):
            raise Worded(dialect.refuse(request, Refused.BAD_BODY, _NULL))
        try:
            taken = dialect.read(endpoint, request, body)
        except InvalidInput as error:
            raise Worded(dialect.refuse(request, Refused.BAD_BODY, str(error))) from error
        return Call(self.play, request, caller, taken)

    def answered(self, request: Request, told: str, response: Response, took_s: float) -> None:
        """Count an answer, and note it under an id that it then names."""
        name, status = self.dialect.name, response.status_code
        self._metrics.answered(name, told, status, took_s)
        if self._journal is not None:
            key = request.scope.get(_KEY, "")
            number = self._journal.request(name, told, status, took_s, key, address_of(request))
            response.raw_headers.append((b"x-request-id", number.encode()))

    def _unread(self, request: Request, why: Refused, most: int) -> Response:
        """Refuse a body that was not read to its end."""
        if why is Refused.TOO_LARGE:
            return self.dialect.refuse(request, why, f"the body has more than {most} bytes")
        late = self.dialect.refuse(request, why, "the body did not come in time; send it at once")
        late.headers["connection"] = "close"
        return late

    def _caller(self, request: Request, body: bytes, scope: KeyScope) -> Caller:
        """Return who calls; raises `Worded` for a key that is not there, wrong, or not good for `scope`."""
        key = self.dialect.key_of(request, body)
        if not key:
            raise Worded(self.dialect.refuse(request, Refused.NO_KEY, "the request carries no key"))
        caller = self._doorkeeper.caller_of(key)
        if caller is None:
            raise Worded(self._wrong_key(request))
        if not caller.may(scope):
            detail = f"the key is not good for {scope}"
            raise Worded(self.dialect.refuse(request, Refused.OUT_OF_SCOPE, detail))
        return caller

    def _wrong_key(self, request: Request) -> Response:
        """Refuse a key that nobody has. Right ones are never counted: nobody can lock their owner out."""
        if self._limiter.takes(address_of(request), Pace.WRONG_KEYS):
            return self.dialect.refuse(request, Refused.WRONG_KEY, "the key is not known here")
        return self.dialect.refuse(
            request, Refused.TOO_OFTEN, "too many keys that nobody has came from this address"
        )

    async def not_routed(self, request: Request, error: Exception) -> Response:
        """Word what led nowhere."""
        assert isinstance(error, HTTPException), "only those are handled here"
        why = Refused.NOT_ALLOWED if error.status_code == Refused.NOT_ALLOWED.value else Refused.NOT_FOUND
        return self.dialect.refuse(request, why, f"{request.method} {request.url.path[:200]} leads nowhere")


class Guarded:
    """An endpoint behind the checks: an application that answers the requests for it."""

    def __init__(self, checks: Checks, endpoint: Endpoint) -> None:
        self._checks = checks
        self._endpoint = endpoint
        self._most = endpoint.max_bytes
        self._told = f"{endpoint.method} {endpoint.path}"
        self._handler = endpoint.handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, in one piece where that can be."""
        began = time.perf_counter()
        request, checks = Request(scope, receive), self._checks
        # It leads back to the scope: left there, each request would be a ring for the collector.
        whole: Whole | None = scope.pop(WHOLE, None)
        try:
            here = None if whole is None else whole.whole_body()
            if here is not None:
                body: bytes | Refused = here if len(here) <= self._most else Refused.TOO_LARGE
            else:
                body = b"" if checks.strange(request) else await _body(request, self._most)
            response = await self._handler(checks.passed(self._endpoint, request, body))
        except Worded as error:
            response = error.answer
        except KasautiError as error:
            response = checks.dialect.explain(error)
        except ClientDisconnect:
            response = Response(status_code=_GONE)
        except Exception as error:
            _LOGGER.exception("%s failed", self._told)
            response = checks.dialect.explain(error)
        checks.answered(request, self._told, response, time.perf_counter() - began)
        if whole is None or not isinstance(response, Json) or not whole.answer(response):
            await response(scope, receive, send)


def address_of(request: Request) -> str:
    """Return the address that a request came from."""
    client = request.scope.get("client")
    return client[0] if client else "unknown"


async def _body(request: Request, most: int) -> bytes | Refused:
    """Return the body, or why not: it is larger than `most`, or too slow."""
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

"""The session's calls: the login page, the exchange of a request token, logging out, the profile."""

from collections.abc import Callable
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kasauti.web.access import Caller, Scope
from kasauti.web.endpoint import Call, Endpoint, Handler, Pace
from kasauti.web.kite.sessions import Sessions
from kasauti.web.kite.words import (
    BROKER,
    EXCHANGES,
    NO_SESSION,
    ORDER_TYPES,
    PRODUCTS,
    Fault,
    failure,
    reply,
    stamp,
)

_DONE = "/connect/done"
#: Where a login may lead: programs on this machine.
_HERE = frozenset({"127.0.0.1", "localhost", "::1"})
_NO_TOKEN = "Token is invalid or has expired."  # noqa: S105  a sentence
_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kasauti</title>
<meta name="viewport" content="width=device-width"><style>body{{font:16px system-ui;max-width:30rem;
margin:4rem auto;padding:0 1rem}}input{{width:100%;font:inherit;margin:.3rem 0 1rem}}</style></head>
<body><h1>Kasauti</h1>{}</body></html>"""
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none';"
    " form-action 'self' http://127.0.0.1:* http://localhost:*"
)
_FORM = """<p>The program <b>{api_key}</b> asks to trade in your paper account.
No order leaves this machine.</p>
<p role="alert">{fault}</p><form method="post" action="/connect/login">
<input type="hidden" name="api_key" value="{api_key}">
<input type="hidden" name="redirect_params" value="{params}">
<label>Key of the desk, which is also the program's api_secret
<input name="key" type="password" autocomplete="off" required></label>
<label>Address to go back to<input name="redirect_url" value="{back}"></label>
<button>Allow</button></form>"""


class LoginPage(msgspec.Struct, frozen=True, kw_only=True):
    """What a program's login address says."""

    api_key: str
    v: str = "3"
    redirect_params: str = ""


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """What the login page sends."""

    api_key: str
    key: str
    redirect_url: str = _DONE
    redirect_params: str = ""


class Granted(msgspec.Struct, frozen=True, kw_only=True):
    """What a login without an address to go back to leads to."""

    request_token: str = ""


class NewSession(msgspec.Struct, frozen=True, kw_only=True):
    """A request token to exchange."""

    api_key: str
    request_token: str
    checksum: str


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """A refresh token to exchange."""

    api_key: str
    refresh_token: str = ""
    checksum: str = ""


class Logout(msgspec.Struct, frozen=True, kw_only=True):
    """A session to end; a refresh token ends none, because there are none."""

    api_key: str
    access_token: str = ""
    refresh_token: str = ""


async def page(call: Call) -> Response:
    """Show the page on which a person lets a program in."""
    asked: LoginPage = call.body
    return _form(asked.api_key, asked.redirect_params, _DONE)


def _form(api_key: str, params: str, back: str, fault: str = "", status: int = 200) -> Response:
    names = {"api_key": api_key, "params": params, "back": back, "fault": fault}
    return _html(_FORM.format(**{name: escape(value) for name, value in names.items()}), status)


def _html(inside: str, status: int = 200) -> Response:
    headers = {
        "content-security-policy": _POLICY,
        # Not `no-referrer`: with that a browser names no origin when it sends the form.
        "referrer-policy": "same-origin",
        "cache-control": "no-store",
    }
    return HTMLResponse(_PAGE.format(inside), status, headers)


async def done(call: Call) -> Response:
    """Show the request token to a person whose program has no address."""
    asked: Granted = call.body
    return _html(
        f"<p>The program may come in. Its request token:</p><p><code>{escape(asked.request_token)}</code></p>"
    )


def _logged_in(sessions: Sessions) -> Handler:
    async def handler(call: Call) -> Response:
        asked: Login = call.body
        back = urlsplit(asked.redirect_url)
        if back.netloc and (back.scheme not in {"http", "https"} or back.hostname not in _HERE):
            fault = "The address to go back to is not on this machine."
            return _form(asked.api_key, asked.redirect_params, asked.redirect_url, fault, 400)
        token = sessions.log_in(asked.api_key, asked.key)
        if not token:
            fault = "This is no key of the desk."
            return _form(asked.api_key, asked.redirect_params, asked.redirect_url, fault, 403)
        query = [
            *parse_qsl(back.query),
            ("request_token", token),
            ("action", "login"),
            ("status", "success"),
            *parse_qsl(asked.redirect_params),
        ]
        path = back.path if back.netloc else _DONE
        target = urlunsplit((back.scheme, back.netloc, path, urlencode(query), ""))
        return RedirectResponse(target, 302)

    return handler


def _begun(sessions: Sessions, now: Callable[[], int]) -> Handler:
    async def handler(call: Call) -> Response:
        asked: NewSession = call.body
        begun = sessions.begin(asked.api_key, asked.request_token, asked.checksum)
        if begun is None:
            return failure(Fault.TOKEN, _NO_TOKEN)
        token, caller = begun
        told = {
            **_user(caller),
            "api_key": asked.api_key,
            "access_token": token,
            "public_token": "",
            "enctoken": "",
            "refresh_token": "",
            "silo": "",
            "login_time": stamp(now()),
        }
        return reply(told)

    return handler


async def renew(call: Call) -> Response:
    """Refuse: only platforms that an exchange approved have refresh tokens."""
    return failure(Fault.TOKEN, NO_SESSION)


def _ended(sessions: Sessions) -> Handler:
    async def handler(call: Call) -> Response:
        asked: Logout = call.body
        sessions.end(asked.api_key, asked.access_token)
        return reply(data=True)

    return handler


def _user(caller: Caller) -> dict[str, object]:
    return {
        "user_id": caller.user,
        "user_type": "individual",
        "email": "",
        "user_name": caller.user,
        "user_shortname": caller.user,
        "broker": BROKER,
        "exchanges": EXCHANGES,
        "products": PRODUCTS,
        "order_types": ORDER_TYPES,
        "avatar_url": None,
        "meta": {"demat_consent": "consent"},
    }


async def profile(call: Call) -> Response:
    """Return who calls."""
    assert call.caller is not None, "its scope says so"
    return reply(_user(call.caller))


def session_endpoints(sessions: Sessions, now: Callable[[], int]) -> tuple[Endpoint, ...]:
    """Return the calls that begin and end a session, and who one is."""

    def public(method: str, path: str, handler: Handler, takes: type, summary: str) -> Endpoint:
        return Endpoint(
            method=method, path=path, handler=handler, scope=None, pace=Pace.SESSIONS, takes=takes,
            summary=summary,
        )  # fmt: skip

    return (
        public("GET", "/connect/login", page, LoginPage, "The login page"),
        public("POST", "/connect/login", _logged_in(sessions), Login, "What the login page sends"),
        public("GET", _DONE, done, Granted, "Where a login without an address ends"),
        public("POST", "/session/token", _begun(sessions, now), NewSession, "Begin a session"),
        public("POST", "/session/refresh_token", renew, Renewal, "Renew a session"),
        public("DELETE", "/session/token", _ended(sessions), Logout, "End a session"),
        Endpoint(
            method="GET", path="/user/profile", handler=profile, scope=Scope.READ, pace=Pace.READS,
            summary="Who calls",
        ),
        Endpoint(
            method="GET", path="/user/profile/full", handler=profile, scope=Scope.READ, pace=Pace.READS,
            summary="Who calls",
        ),
    )  # fmt: skip

"""
Sessions as Kite has them: a login makes a request token, that with the secret makes an access token.

The secret of an app is a key of the desk, and its api_key whatever the program calls itself. A key of the
desk is an access token, too, for programs that read theirs from a file. Access tokens end at six in the
morning, IST, after they were made; what a key may do, and whether it still exists, the doorkeeper is asked
at each request.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import time, timedelta

import msgspec

from kasauti.domain.ist import NS_PER_SECOND, ist_date, ist_ns
from kasauti.web.access import Caller, Doorkeeper

#: A request token is good for so long, and once.
REQUEST_TOKEN_NS = 5 * 60 * NS_PER_SECOND
_ENDS = time(6, 0)
#: More logins than this at a time are not kept; the oldest go.
_MOST = 1_000


class _Pass(msgspec.Struct, frozen=True):
    """Something that stands for a key for a while, for one app."""

    api_key: str
    key: str
    until: int


class Sessions:
    """The sessions of a desk; `now` tells the moment by the clock on the wall."""

    def __init__(self, doorkeeper: Doorkeeper, now: Callable[[], int]) -> None:
        self.doorkeeper = doorkeeper
        self._now = now
        self._requests: dict[str, _Pass] = {}
        self._sessions: dict[str, _Pass] = {}

    def log_in(self, api_key: str, key: str) -> str:
        """Return a request token for the owner of a key, "" if it is none."""
        if not api_key or self.doorkeeper.caller_of(key) is None:
            return ""
        token = secrets.token_urlsafe(24)
        _keep(self._requests, token, _Pass(api_key, key, self._now() + REQUEST_TOKEN_NS))
        return token

    def begin(self, api_key: str, request_token: str, checksum: str) -> tuple[str, Caller] | None:
        """Return an access token and whose it is; None if the token or the checksum is wrong."""
        granted = self._requests.pop(request_token, None)
        if granted is None or granted.api_key != api_key or granted.until <= self._now():
            return None
        expected = hashlib.sha256(f"{api_key}{request_token}{granted.key}".encode()).hexdigest()
        caller = self.doorkeeper.caller_of(granted.key)
        if caller is None or not hmac.compare_digest(expected.encode(), checksum.lower().encode()):
            return None
        same = [t for t, p in self._sessions.items() if (p.api_key, p.key) == (api_key, granted.key)]
        for earlier in same:
            del self._sessions[earlier]
        token = secrets.token_urlsafe(24)
        _keep(self._sessions, token, _Pass(api_key, granted.key, self._morning()))
        return token, caller

    def _morning(self) -> int:
        now = self._now()
        today = ist_ns(ist_date(now), _ENDS)
        return today if now < today else ist_ns(ist_date(now) + timedelta(days=1), _ENDS)

    def end(self, api_key: str, token: str) -> None:
        """Forget a session."""
        known = self._sessions.get(token)
        if known is not None and known.api_key == api_key:
            del self._sessions[token]

    def key_behind(self, api_key: str, token: str) -> str:
        """Return the key that an access token stands for: one of a session's, or itself."""
        known = self._sessions.get(token)
        if known is None:
            return token
        return known.key if known.api_key == api_key and self._now() < known.until else ""

    def caller_of(self, api_key: str, token: str) -> Caller | None:
        """Return who an access token belongs to, None for a wrong one."""
        key = self.key_behind(api_key, token)
        return self.doorkeeper.caller_of(key) if key else None


def _keep(passes: dict[str, _Pass], token: str, granted: _Pass) -> None:
    if len(passes) >= _MOST:
        del passes[next(iter(passes))]
    passes[token] = granted

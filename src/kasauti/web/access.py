"""Who calls, and what that caller may do."""

from collections.abc import Collection
from enum import StrEnum
from functools import lru_cache
from typing import Protocol

import msgspec
from starlette.requests import HTTPConnection


class Scope(StrEnum):
    """What a key is good for; each includes the one before it."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


#: Of a name and its port, in bytes: what is longer is cut, and is nobody's.
_LONGEST_NAME = 300
_RANK = {Scope.READ: 0, Scope.TRADE: 1, Scope.ADMIN: 2}


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who is behind a request.

    `accounts` are the names of those the key opens, the usual one first. `symbols` limits what may be traded,
    empty for everything; `max_quantity` how many units an order may have, 0 for any.
    """

    user: str
    key_id: str
    scope: Scope
    accounts: tuple[str, ...]
    symbols: frozenset[str] = frozenset()
    max_quantity: int = 0

    def may(self, scope: Scope) -> bool:
        """Whether the key is good for `scope`."""
        return _RANK[self.scope] >= _RANK[scope]

    def stream_of(self, name: str) -> str:
        """
        Return the log of the account that a caller calls `name`, "" if there is none that is theirs.

        It may be the account's own name, or that of its log; "" is the usual one.
        """
        if not name:
            return self.accounts[0]
        if name in self.accounts:
            return name
        begins = f"{self.user}/{name}/"
        return next((each for each in self.accounts if each.startswith(begins)), "")


class Doorkeeper(Protocol):
    """Knows the keys."""

    def caller_of(self, secret: str) -> Caller | None:
        """Return who a key belongs to, None for one that is wrong, expired or revoked."""

    def refresh(self) -> None:
        """Take over what other processes changed; it may wait for a database, so it is for a thread."""


def strangeness(connection: HTTPConnection, names: Collection[str]) -> str:
    """
    Return why a request or a WebSocket is not for this server, "" if it is.

    The name it calls has to be one of `names`: a page whose own name was made to lead here calls another.
    So has the page that sent it, where a browser says which that is.
    """
    called, calls = b"", 0
    for header, value in connection.scope["headers"]:
        if header == b"host":
            called, calls = value, calls + 1
        elif header == b"origin":
            page = value.decode("latin-1")
            if _name(page.partition("://")[2]) not in names:
                return f"pages of {page[:100]!r} may not ask this server"
    name = _called(called[:_LONGEST_NAME])
    if calls != 1 or name not in names:
        return f"this server does not answer to the name {name[:100]!r}"
    return ""


@lru_cache(maxsize=256)
def _called(host: bytes) -> str:
    return _name(host.decode("latin-1"))


def _name(host: str) -> str:
    """Return a host without its port, as names are compared."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower()

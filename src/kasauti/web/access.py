"""Who calls, and what that caller may do."""

from enum import StrEnum
from typing import Protocol

import msgspec


class Scope(StrEnum):
    """What a key is good for; each includes the one before it."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


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

"""One key for a desk without a registry, as programs that embed one have it; gone with its process."""

import secrets

from kasauti.web.access import Caller, Scope


class SessionKey:
    """The one key of a server without a register of keys; it opens `accounts` for everything."""

    def __init__(self, accounts: tuple[str, ...]) -> None:
        self.secret = secrets.token_urlsafe(32)
        self._caller = Caller(user="owner", key_id="session", scope=Scope.ADMIN, accounts=accounts)

    def caller_of(self, secret: str) -> Caller | None:
        """Return the owner for the key, None for any other."""
        known = secrets.compare_digest(secret.encode(), self.secret.encode())
        return self._caller if known else None

    def refresh(self) -> None:
        """Nobody else changes it."""

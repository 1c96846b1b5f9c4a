"""Who stands behind a key, as the registry has it: from memory until something changes."""

from collections.abc import Callable

import msgspec

from kasauti.desk.playing import DeskPlay
from kasauti.feeds.clock import forward_ns
from kasauti.store.registry.accounts import PAPER
from kasauti.store.registry.keys import Key
from kasauti.store.registry.keys import Scope as KeyScope
from kasauti.store.registry.registry import Registry
from kasauti.store.registry.users import Role, User
from kasauti.web.access import Caller, Scope

_HIGHEST_FIRST = (
    (KeyScope.ADMIN, Scope.ADMIN),
    (KeyScope.TRADE, Scope.TRADE),
    (KeyScope.READ, Scope.READ),
)


class _Known(msgspec.Struct, frozen=True):
    key: Key
    changes: int
    caller: Caller | None


def _scope(key: Key, user: User) -> Scope:
    """Return what a key is good for; only an admin's may administer, for that concerns everybody."""
    highest = next(scope for has, scope in _HIGHEST_FIRST if key.may(has))
    return Scope.TRADE if highest is Scope.ADMIN and user.role is not Role.ADMIN else highest


class RegistryDoorkeeper:
    """Knows the keys of a desk's registry; a revoked one opens nothing after a second at most."""

    def __init__(self, registry: Registry, play: DeskPlay, now_ns: Callable[[], int] = forward_ns) -> None:
        self._registry = registry
        self._play = play
        self._now_ns = now_ns
        self._known: dict[int, _Known] = {}

    def caller_of(self, secret: str) -> Caller | None:
        """Return who a key belongs to, None for one that is wrong, expired or revoked or opens no account."""
        key = self._registry.keys.key_of(secret, self._now_ns())
        if key is None:
            return None
        known = self._known.get(key.id)
        if known is None or known.key is not key or known.changes != self._play.changes:
            known = self._known[key.id] = _Known(key, self._play.changes, self._caller(key))
        return known.caller

    def refresh(self) -> None:
        """Take over what other processes changed, and what that makes of the keys that were used here."""
        self._registry.keys.refresh(self._now_ns())
        changes = self._play.changes
        for key_id, known in list(self._known.items()):
            key = self._registry.keys.valid(key_id)
            if key is None:
                self._known.pop(key_id, None)
            elif known.key is not key or known.changes != changes:
                self._known[key_id] = _Known(key, changes, self._caller(key))

    def _caller(self, key: Key) -> Caller | None:
        user = self._registry.users.by_id(key.user_id)
        accounts = tuple(
            each.stream
            for each in self._registry.accounts.all(user.name)
            if key.account_id in (0, each.id) and (each.mode == PAPER or not key.paper_only)
        )
        if not accounts:
            return None
        return Caller(
            user=user.name,
            key_id=key.public,
            scope=_scope(key, user),
            accounts=accounts,
            symbols=key.symbols,
            max_quantity=key.max_quantity,
        )

"""
API keys: random secrets, shown once, kept as digests that only the server's key can make.

A secret of 256 random bits cannot be guessed, so a fast keyed digest keeps it as well as a slow hash would,
and a request is answered from memory: every valid key is there, found by its digest.
"""

from enum import StrEnum
from hmac import compare_digest
from secrets import choice, token_urlsafe
from string import ascii_lowercase, digits
from threading import Lock
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from kasauti.errors import InvalidInput, NotThere
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.revisions import raise_revision, revision
from kasauti.store.registry.rows import Actor, checked_text, json_text, many, one
from kasauti.store.server_key import ServerKey
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import ACCOUNTS, API_KEYS, USERS

#: How long after a change by another process the old keys may be believed.
REFRESH_NS: Final = 1_000_000_000

_PURPOSE: Final = b"api key"
_REVISION: Final = "keys"
_BYTES: Final = 32
_PUBLIC_LENGTH: Final = 16
_ALPHABET: Final = ascii_lowercase + digits


class Scope(StrEnum):
    """What a key may do; each one alone, none implies another."""

    READ = "read"
    TRADE = "trade"
    ADMIN = "admin"


class KeyKind(StrEnum):
    """A key for a program, or the token of a login."""

    KEY = "key"
    SESSION = "session"


class Key(msgspec.Struct, frozen=True):
    """
    What a secret lets its holder do.

    `public` names it where a secret must not stand. `account_id` is 0 for all accounts of the user. No
    `symbols` is every symbol, `max_quantity` 0 every quantity; times are 0 where there is none.
    """

    id: int
    public: str
    user_id: int
    account_id: int
    kind: KeyKind
    label: str
    scopes: frozenset[Scope]
    paper_only: bool
    symbols: frozenset[str]
    max_quantity: int
    created_at: int
    expires_at: int
    revoked_at: int
    last_used_at: int

    def may(self, scope: Scope) -> bool:
        """Whether it has a scope."""
        return scope in self.scopes

    def reaches(self, account_id: int, user_id: int) -> bool:
        """Whether it opens an account, which belongs to `user_id`."""
        return user_id == self.user_id and self.account_id in (0, account_id)

    def refuses(self, symbol: str, quantity: int) -> str:
        """Return why an order for so many units is not this key's to place, as a sentence; empty if it is."""
        if self.symbols and symbol not in self.symbols:
            return f"this key may trade {', '.join(sorted(self.symbols))}, not {symbol}"
        if self.max_quantity and quantity > self.max_quantity:
            return f"this key may trade {self.max_quantity} units at once, not {quantity}"
        return ""


class Keys:
    """The keys of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit, server_key: ServerKey) -> None:
        self._database = database
        self._audit = audit
        self._server_key = server_key
        self._known: dict[bytes, tuple[bytes, Key]] = {}
        self._by_id: dict[int, Key] = {}
        self._revision = -1
        self._looked_at = 0
        #: Who looks last must not be overtaken by one that began before.
        self._looking = Lock()
        self._used: dict[int, int] = {}

    def create(
        self,
        user_id: int,
        scopes: frozenset[Scope],
        by: Actor,
        at: int,
        *,
        account_id: int = 0,
        label: str = "",
        kind: KeyKind = KeyKind.KEY,
        paper_only: bool = True,
        expires_at: int = 0,
        symbols: frozenset[str] = frozenset(),
        max_quantity: int = 0,
        recoverable: bool = False,
    ) -> tuple[Key, str]:
        """
        Make a key; return it and its secret, which nobody can read again.

        One that is `recoverable` is kept sealed as well, for protocols that prove knowledge of a secret
        instead of sending it: see `secret_of`.
        """
        if not scopes or max_quantity < 0 or 0 < expires_at <= at:
            raise InvalidInput(
                "a key needs a scope (read, trade, admin), no negative quantity, and an expiry to come"
            )
        secret = token_urlsafe(_BYTES)
        row: dict[str, Any] = {
            "public": "".join(choice(_ALPHABET) for _ in range(_PUBLIC_LENGTH)),
            "user_id": user_id,
            "account_id": account_id or None,
            "kind": kind.value,
            "label": checked_text(label, "the label"),
            "scopes": json_text(sorted(scopes)),
            "paper_only": paper_only,
            "symbols": checked_text(json_text(sorted(symbols)), "the list of symbols"),
            "max_quantity": max_quantity,
            "created_at": at,
            "expires_at": expires_at,
        }
        sealed = self._server_key.seal(secret) if recoverable else b""
        with self._database.write() as connection:
            _check_owner(connection, user_id, account_id)
            kept = row | {"digest": self._server_key.digest(_PURPOSE, secret), "sealed": sealed}
            number = connection.execute(
                API_KEYS.insert().values(**kept).returning(API_KEYS.c.id)
            ).scalar_one()
            self._audit.add(connection, by, f"{kind}.created", f"key:{number}", at, after=row)
            raise_revision(connection, _REVISION)
            key = _key(connection, API_KEYS.c.id == number, str(number))
        self.refresh(at)
        return key, secret

    def revoke(self, key_id: int, by: Actor, at: int) -> Key:
        """Let a key open nothing any more: here at once, in other processes within a second."""
        with self._database.write() as connection:
            key = _key(connection, API_KEYS.c.id == key_id, str(key_id))
            connection.execute(API_KEYS.update().where(API_KEYS.c.id == key_id).values(revoked_at=at))
            self._audit.add(connection, by, f"{key.kind}.revoked", f"key:{key_id}", at)
            raise_revision(connection, _REVISION)
        self.refresh(at)
        return msgspec.structs.replace(key, revoked_at=at)

    def key_of(self, secret: str, at: int) -> Key | None:
        """Return the key of a secret, if it is one and valid at that time."""
        if not 0 <= at - self._looked_at < REFRESH_NS:
            self.refresh(at)
        digest = self._server_key.digest(_PURPOSE, secret)
        found = self._known.get(digest)
        if found is None or not compare_digest(found[0], digest):
            return None
        key = found[1]
        if key.expires_at and at >= key.expires_at:
            return None
        self._used[key.id] = at
        return key

    def valid(self, key_id: int) -> Key | None:
        """Return a key that was neither revoked nor has a disabled user when that was looked at last."""
        return self._by_id.get(key_id)

    def by_public(self, public: str) -> Key:
        """Return the key of a public name, also one that is not valid any more."""
        with self._database.read() as connection:
            return _key(connection, API_KEYS.c.public == public, public)

    def secret_of(self, key_id: int) -> str:
        """Return the secret of a recoverable key; `NotThere` for any other."""
        with self._database.read() as connection:
            sealed = connection.execute(sa.select(API_KEYS.c.sealed).where(API_KEYS.c.id == key_id)).scalar()
        if not sealed:
            raise NotThere(f"the secret of key {key_id} is not kept: it was shown once; make another key")
        return self._server_key.unseal(sealed)

    def of(self, user_id: int) -> list[Key]:
        """Return a user's keys, also those that are not valid any more, oldest first."""
        query = _KEYS.where(API_KEYS.c.user_id == user_id).order_by(API_KEYS.c.id)
        with self._database.read() as connection:
            return [_from(row) for row in many(connection, query, _Row)]

    def save_last_used(self) -> None:
        """Keep when keys were used, as far as `key_of` has seen it since this was called last."""
        used, self._used = self._used, {}
        if used:
            update = API_KEYS.update().where(API_KEYS.c.id == sa.bindparam("key_id"))
            rows = [{"key_id": key_id, "used": at} for key_id, at in used.items()]
            with self._database.write() as connection:
                connection.execute(update.values(last_used_at=sa.bindparam("used")), rows)

    def refresh(self, at: int) -> None:
        """Take over what changed, perhaps by another process; for a thread, so that `key_of` need not."""
        with self._looking, self._database.read() as connection:
            number = revision(connection, _REVISION)
            if number != self._revision:
                query = _KEYS.join(USERS, USERS.c.id == API_KEYS.c.user_id)
                rows = many(
                    connection,
                    query.where(API_KEYS.c.revoked_at == 0, USERS.c.disabled_at == 0),
                    _RowWithDigest,
                )
                self._known = {row.digest: (row.digest, _from(row)) for row in rows}
                self._by_id = {key.id: key for _, key in self._known.values()}
                self._revision = number
            self._looked_at = at


class _Row(msgspec.Struct, frozen=True):
    """A key as its row has it."""

    id: int
    public: str
    user_id: int
    account_id: int | None
    kind: KeyKind
    label: str
    scopes: str
    paper_only: bool
    symbols: str
    max_quantity: int
    created_at: int
    expires_at: int
    revoked_at: int
    last_used_at: int


class _RowWithDigest(_Row, frozen=True):
    """A key and what its secret is found by."""

    digest: bytes


_KEYS: Final = sa.select(API_KEYS)
_SCOPES: Final = msgspec.json.Decoder(frozenset[Scope])
_SYMBOLS: Final = msgspec.json.Decoder(frozenset[str])


def _from(row: _Row) -> Key:
    fields = {each: getattr(row, each) for each in Key.__struct_fields__}
    fields["account_id"] = row.account_id or 0
    fields["scopes"] = _SCOPES.decode(row.scopes)
    fields["symbols"] = _SYMBOLS.decode(row.symbols)
    return Key(**fields)


def _key(connection: sa.Connection, which: sa.ColumnElement[bool], called: str) -> Key:
    return _from(one(connection, _KEYS.where(which), _Row, f"key {called!r}"))


def _check_owner(connection: sa.Connection, user_id: int, account_id: int) -> None:
    if not connection.execute(sa.select(USERS.c.id).where(USERS.c.id == user_id)).first():
        raise NotThere(f"there is no user {user_id}; a list shows what there is")
    mine = (ACCOUNTS.c.id == account_id) & (ACCOUNTS.c.user_id == user_id)
    if account_id and not connection.execute(sa.select(ACCOUNTS.c.id).where(mine)).first():
        raise NotThere(f"user {user_id} has no account {account_id}; a list shows what there is")

"""
Hooks: the door by which a strategy's alerts come in, with a secret of its own.

The secret may come in the path or the body, where its digest is compared; or it signs the body, for which it
is kept sealed.
"""

from hmac import compare_digest
from secrets import token_urlsafe
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from kasauti.store.registry.audit import Audit
from kasauti.store.registry.rows import Actor, checked_text, json_text, many, one
from kasauti.store.server_key import ServerKey
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import HOOKS

_PURPOSE: Final = b"hook"
_PUBLIC_BYTES: Final = 12
_BYTES: Final = 32
_ADDRESSES: Final = msgspec.json.Decoder(tuple[str, ...])


class Hook(msgspec.Struct, frozen=True):
    """
    A strategy's door; `public` names it in a URL.

    `signed` is whether its secret must sign the body. No `addresses` (networks as `10.0.0.0/8`) is
    everywhere.
    """

    id: int
    strategy_id: int
    public: str
    signed: bool
    addresses: tuple[str, ...]
    created_at: int
    revoked_at: int


class Hooks:
    """The hooks of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit, server_key: ServerKey) -> None:
        self._database = database
        self._audit = audit
        self._server_key = server_key

    def create(
        self, strategy_id: int, by: Actor, at: int, *, signed: bool = False, addresses: tuple[str, ...] = ()
    ) -> tuple[Hook, str]:
        """Make a strategy's hook; return it and its secret. Those it had go on until they are revoked."""
        secret = token_urlsafe(_BYTES)
        row: dict[str, Any] = {
            "strategy_id": strategy_id,
            "public": token_urlsafe(_PUBLIC_BYTES),
            "signed": signed,
            "addresses": checked_text(json_text(addresses), "the list of addresses"),
            "created_at": at,
        }
        secrets = {
            "digest": self._server_key.digest(_PURPOSE, secret),
            "sealed": self._server_key.seal(secret),
        }
        with self._database.write() as connection:
            insert = HOOKS.insert().values(**row, **secrets).returning(HOOKS.c.id)
            number = connection.execute(insert).scalar_one()
            self._audit.add(connection, by, "hook.created", f"hook:{number}", at, after=row)
            return _hook(connection, HOOKS.c.id == number, str(number)), secret

    def by_public(self, public: str) -> Hook:
        """Return the hook that a URL names, also a revoked one."""
        with self._database.read() as connection:
            return _hook(connection, HOOKS.c.public == public, public)

    def of(self, strategy_id: int) -> list[Hook]:
        """Return a strategy's hooks, oldest first."""
        query = sa.select(HOOKS).where(HOOKS.c.strategy_id == strategy_id).order_by(HOOKS.c.id)
        with self._database.read() as connection:
            return [_from(row) for row in many(connection, query, _Row)]

    def opens(self, hook_id: int, secret: str) -> bool:
        """Whether that is the secret of a hook that was not revoked."""
        query = sa.select(HOOKS.c.digest).where(HOOKS.c.id == hook_id, HOOKS.c.revoked_at == 0)
        with self._database.read() as connection:
            digest = connection.execute(query).scalar()
        return compare_digest(digest or bytes(_BYTES), self._server_key.digest(_PURPOSE, secret))

    def secret_of(self, hook_id: int) -> str:
        """Return a hook's secret, to check a signature with."""
        with self._database.read() as connection:
            query = sa.select(HOOKS.c.sealed).where(HOOKS.c.id == hook_id)
            return self._server_key.unseal(one(connection, query, _Sealed, f"hook {hook_id}").sealed)

    def revoke(self, hook_id: int, by: Actor, at: int) -> None:
        """Close a hook."""
        with self._database.write() as connection:
            _hook(connection, HOOKS.c.id == hook_id, str(hook_id))
            connection.execute(HOOKS.update().where(HOOKS.c.id == hook_id).values(revoked_at=at))
            self._audit.add(connection, by, "hook.revoked", f"hook:{hook_id}", at)


class _Sealed(msgspec.Struct):
    sealed: bytes


class _Row(msgspec.Struct):
    id: int
    strategy_id: int
    public: str
    signed: bool
    addresses: str
    created_at: int
    revoked_at: int


def _from(row: _Row) -> Hook:
    fields = {each: getattr(row, each) for each in Hook.__struct_fields__}
    return Hook(**fields | {"addresses": _ADDRESSES.decode(row.addresses)})


def _hook(connection: sa.Connection, which: sa.ColumnElement[bool], called: str) -> Hook:
    return _from(one(connection, sa.select(HOOKS).where(which), _Row, f"hook {called!r}"))

"""Users: names, roles and passwords."""

from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kasauti.errors import InvalidInput, NameTaken
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.revisions import raise_revision
from kasauti.store.registry.rows import Actor, checked_name, many, one
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import USERS

_SHORTEST_PASSWORD: Final = 8
_LONGEST_PASSWORD: Final = 1_000
#: After so many wrong passwords in a row nobody is let in for a while, whatever they say.
_TRIES: Final = 5
#: The least that OWASP's password storage cheat sheet recommends for argon2id: 19 MiB, two passes, one lane.
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_LOCKED_NS: Final = 15 * 60 * 1_000_000_000


class Role(StrEnum):
    """What a user may do: an admin sees and sets what concerns everybody."""

    ADMIN = "admin"
    USER = "user"


class User(msgspec.Struct, frozen=True):
    """A user; `disabled_at` and `locked_until` are 0 while there is nothing of the kind."""

    id: int
    name: str
    role: Role
    created_at: int
    disabled_at: int
    locked_until: int


class Users:
    """The users of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def create(self, user: str, role: Role, password: str, by: Actor, at: int) -> User:
        """Add a user; with an empty password nobody can log in as them. Raises `NameTaken`."""
        checked_name(user, "a user")
        hashed = self._hashed(password) if password else ""
        with self._database.write() as connection:
            if connection.execute(sa.select(USERS.c.id).where(USERS.c.name == user)).first():
                raise NameTaken(f"there is a user {user!r} already; choose another name")
            row = {"name": user, "role": role.value, "password": hashed, "created_at": at}
            number = connection.execute(USERS.insert().values(**row).returning(USERS.c.id)).scalar_one()
            self._audit.add(
                connection, by, "user.created", f"user:{number}", at, after={"name": user, "role": role}
            )
            return _user(connection, USERS.c.id == number, user)

    def get(self, user: str) -> User:
        """Return the user of a name."""
        with self._database.read() as connection:
            return _user(connection, USERS.c.name == user, user)

    def by_id(self, user_id: int) -> User:
        """Return the user of a number."""
        with self._database.read() as connection:
            return _user(connection, USERS.c.id == user_id, str(user_id))

    def all(self) -> list[User]:
        """Return all users, in the order they were added."""
        with self._database.read() as connection:
            return many(connection, sa.select(USERS).order_by(USERS.c.id), User)

    def login(self, user: str, password: str, at: int, address: str = "") -> User | None:
        """
        Return the user if that is the password; None if it is not, or if the user is locked out or disabled.

        It takes as long for a name that nobody has. Five wrong ones in a row lock the user out for 15
        minutes.
        """
        with self._database.read() as connection:
            row = connection.execute(sa.select(USERS).where(USERS.c.name == user)).first()
        right = self._matches(row.password if row and row.password else self._nobodys, password)
        if row is None or not row.password or row.disabled_at or at < row.locked_until:
            return None
        if right and not row.failed_logins:
            return self.by_id(row.id)
        with self._database.write() as connection:
            wrong = 0 if right else row.failed_logins + 1
            locked = at + _LOCKED_NS if wrong and wrong % _TRIES == 0 else 0
            fields = {"failed_logins": wrong, "locked_until": locked}
            connection.execute(USERS.update().where(USERS.c.id == row.id).values(**fields))
            if locked:
                self._audit.add(
                    connection, Actor(user, address), "user.locked_out", f"user:{row.id}", at, after=fields
                )
            return _user(connection, USERS.c.id == row.id, user) if right else None

    def set_password(self, user: str, password: str, by: Actor, at: int) -> None:
        """Give a user another password, and let them try again at once."""
        self._change(
            user,
            "user.password_set",
            by,
            at,
            password=self._hashed(password),
            failed_logins=0,
            locked_until=0,
        )

    def set_role(self, user: str, role: Role, by: Actor, at: int) -> None:
        """Make a user an admin, or an admin a user."""
        self._change(user, "user.role_set", by, at, role=role.value)

    def disable(self, user: str, by: Actor, at: int) -> None:
        """Let a user do nothing any more; their keys end with them."""
        self._change(user, "user.disabled", by, at, disabled_at=at)

    def enable(self, user: str, by: Actor, at: int) -> None:
        """Let a disabled user in again."""
        self._change(user, "user.enabled", by, at, disabled_at=0)

    def _change(self, user: str, event: str, by: Actor, at: int, **fields: object) -> None:
        with self._database.write() as connection:
            found = _user(connection, USERS.c.name == user, user)
            connection.execute(USERS.update().where(USERS.c.id == found.id).values(**fields))
            after = {each: value for each, value in fields.items() if each != "password"}
            before = {each: getattr(found, each) for each in after if hasattr(found, each)}
            self._audit.add(connection, by, event, f"user:{found.id}", at, before=before, after=after)
            raise_revision(connection, "keys")

    def _hashed(self, password: str) -> str:
        if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
            raise InvalidInput(
                f"a password has {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters; choose another"
            )
        return _HASHER.hash(password)

    def _matches(self, hashed: str, password: str) -> bool:
        try:
            return len(password) <= _LONGEST_PASSWORD and _HASHER.verify(hashed, password)
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    @property
    def _nobodys(self) -> str:
        """A hash that no password has, as slow to check as any other."""
        return "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


def _user(connection: sa.Connection, which: sa.ColumnElement[bool], called: str) -> User:
    return one(connection, sa.select(USERS).where(which), User, f"user {called!r}")

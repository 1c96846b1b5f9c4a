"""
Accounts: several for each user, each with a log of its own.

What an account is (mode, plan, currency) is fixed when it is opened. A reset ends an epoch and begins another
one in a new log; the old log stays as it is.
"""

from enum import StrEnum
from typing import Final

import msgspec
import sqlalchemy as sa

from kasauti.domain.money import format_price
from kasauti.errors import InvalidInput, NameTaken
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.rows import Actor, checked_name, many, one
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import ACCOUNTS, EPOCHS, USERS

#: The most money units that an account begins with or that are moved at once: sums stay far below 64 bits.
MOST_CAPITAL: Final = 10**16
#: The only mode so far: simulated orders. It is a part of an account for ever.
PAPER: Final = "paper"


class Currency(StrEnum):
    """What an account is kept in."""

    INR = "INR"
    USD = "USD"
    EUR = "EUR"


class Account(msgspec.Struct, frozen=True):
    """
    An account; `stream` is the name of its log, `capital` what its epoch began with, in money units.

    `archived_at` is 0 while it is open.
    """

    id: int
    user_id: int
    user: str
    name: str
    mode: str
    plan: str
    capital: int
    currency: Currency
    opened_at: int
    epoch: int
    stream: str
    archived_at: int


class Epoch(msgspec.Struct, frozen=True):
    """One life of an account; `ended_at` is 0 for the one that goes on."""

    number: int
    stream: str
    capital: int
    opened_at: int
    ended_at: int


_ACCOUNTS: Final = sa.select(ACCOUNTS, USERS.c.name.label("user")).join(
    USERS, USERS.c.id == ACCOUNTS.c.user_id
)


class Accounts:
    """The accounts of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def open(
        self, user: str, account: str, *, plan: str, capital: int, currency: Currency, by: Actor, at: int
    ) -> Account:
        """Open an account with `capital` money units; raises `NameTaken` if the user has one of that name."""
        checked_name(account, "an account")
        _checked_capital(capital)
        with self._database.write() as connection:
            owner = _user_id(connection, user)
            mine = (ACCOUNTS.c.user_id == owner) & (ACCOUNTS.c.name == account)
            if connection.execute(sa.select(ACCOUNTS.c.id).where(mine)).first():
                raise NameTaken(f"{user!r} has an account {account!r} already; choose another name")
            row = {
                "user_id": owner,
                "name": account,
                "mode": PAPER,
                "plan": plan,
                "capital": capital,
                "currency": currency.value,
                "opened_at": at,
                "epoch": 1,
                "stream": _stream(user, account, 1),
            }
            number = connection.execute(ACCOUNTS.insert().values(**row).returning(ACCOUNTS.c.id)).scalar_one()
            _begin_epoch(connection, number, row, at)
            self._audit.add(connection, by, "account.opened", f"account:{number}", at, after=row)
            return _account(connection, ACCOUNTS.c.id == number, account)

    def get(self, user: str, account: str) -> Account:
        """Return a user's account of a name."""
        with self._database.read() as connection:
            return _account(
                connection, (USERS.c.name == user) & (ACCOUNTS.c.name == account), f"{user}/{account}"
            )

    def by_id(self, account_id: int) -> Account:
        """Return the account of a number."""
        with self._database.read() as connection:
            return _account(connection, ACCOUNTS.c.id == account_id, str(account_id))

    def by_stream(self, stream: str) -> Account:
        """Return the account whose present log has that name."""
        with self._database.read() as connection:
            return _account(connection, ACCOUNTS.c.stream == stream, stream)

    def all(self, user: str = "", *, archived: bool = False) -> list[Account]:
        """Return accounts, all or a user's, in the order they were opened; a user's first is the default."""
        query = _ACCOUNTS.order_by(ACCOUNTS.c.id)
        if user:
            query = query.where(USERS.c.name == user)
        if not archived:
            query = query.where(ACCOUNTS.c.archived_at == 0)
        with self._database.read() as connection:
            return many(connection, query, Account)

    def archive(self, account_id: int, by: Actor, at: int) -> Account:
        """Close an account for good; its logs stay readable."""
        return self._change(account_id, "account.archived", by, at, archived_at=at)

    def new_epoch(self, account_id: int, capital: int, by: Actor, at: int) -> Account:
        """
        End the account's epoch and begin the next, in a new log, with `capital` money units.

        The desk lets go of the old log before and opens the new one after.
        """
        _checked_capital(capital)
        with self._database.write() as connection:
            found = _open_account(connection, account_id)
            epoch = found.epoch + 1
            row = {"epoch": epoch, "capital": capital, "stream": _stream(found.user, found.name, epoch)}
            ended = (EPOCHS.c.account_id == account_id) & (EPOCHS.c.number == found.epoch)
            connection.execute(EPOCHS.update().where(ended).values(ended_at=at))
            connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == account_id).values(**row))
            _begin_epoch(connection, account_id, row, at)
            before = {"epoch": found.epoch, "capital": found.capital, "stream": found.stream}
            subject = f"account:{account_id}"
            self._audit.add(connection, by, "account.reset", subject, at, before=before, after=row)
            return _account(connection, ACCOUNTS.c.id == account_id, str(account_id))

    def epochs(self, account_id: int) -> list[Epoch]:
        """Return the account's epochs, oldest first."""
        query = sa.select(EPOCHS).where(EPOCHS.c.account_id == account_id).order_by(EPOCHS.c.number)
        with self._database.read() as connection:
            return many(connection, query, Epoch)

    def _change(self, account_id: int, event: str, by: Actor, at: int, **fields: object) -> Account:
        with self._database.write() as connection:
            found = _open_account(connection, account_id)
            connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == account_id).values(**fields))
            before = {each: getattr(found, each) for each in fields}
            self._audit.add(connection, by, event, f"account:{account_id}", at, before=before, after=fields)
            return _account(connection, ACCOUNTS.c.id == account_id, str(account_id))


def _stream(user: str, account: str, epoch: int) -> str:
    return f"{user}/{account}/{epoch}"


def _begin_epoch(connection: sa.Connection, account_id: int, row: dict[str, object], at: int) -> None:
    began = {"number": row["epoch"], "stream": row["stream"], "capital": row["capital"], "opened_at": at}
    connection.execute(EPOCHS.insert().values(account_id=account_id, **began))


def _account(connection: sa.Connection, which: sa.ColumnElement[bool], called: str) -> Account:
    return one(connection, _ACCOUNTS.where(which), Account, f"account {called!r}")


def _open_account(connection: sa.Connection, account_id: int) -> Account:
    found = _account(connection, ACCOUNTS.c.id == account_id, str(account_id))
    if found.archived_at:
        raise InvalidInput(f"the account {found.name!r} of {found.user!r} is archived: it can only be read")
    return found


def _user_id(connection: sa.Connection, user: str) -> int:
    row = one(connection, sa.select(USERS.c.id).where(USERS.c.name == user), _Id, f"user {user!r}")
    return row.id


class _Id(msgspec.Struct):
    id: int


def _checked_capital(capital: int) -> None:
    if capital <= 0:
        raise InvalidInput(f"an account begins with more than nothing, not with {format_price(capital)}")
    if capital > MOST_CAPITAL:
        raise InvalidInput(
            f"an account begins with {format_price(MOST_CAPITAL)} at most, a lakh crore, not with"
            f" {format_price(capital)}"
        )

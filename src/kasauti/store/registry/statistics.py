"""What an admin wants to know of a desk: how many there are of what, and what they come to."""

from typing import Final

import msgspec
import sqlalchemy as sa

from kasauti.store.reading.tables import BALANCES
from kasauti.store.registry.accounts import Currency
from kasauti.store.registry.rows import many
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import ACCOUNTS, USERS

_SUMS: Final = ("capital", "cash", "blocked", "realised", "charges", "orders", "trades", "denied")


class CurrencyTotals(msgspec.Struct, frozen=True):
    """The open accounts of one currency together, as far as the tables for reading follow their logs."""

    currency: Currency
    accounts: int
    capital: int
    cash: int
    blocked: int
    realised: int
    charges: int
    orders: int
    trades: int
    denied: int


class DeskStatistics(msgspec.Struct, frozen=True):
    """A desk in figures; amounts of different currencies are never added up."""

    users: int
    open_accounts: int
    archived_accounts: int
    totals: list[CurrencyTotals]


def statistics(database: SqlDatabase) -> DeskStatistics:
    """Return a desk in figures."""
    sums = [
        sa.cast(sa.func.coalesce(sa.func.sum(BALANCES.c[name]), 0), sa.BigInteger).label(name)
        for name in _SUMS
    ]
    joined = ACCOUNTS.outerjoin(BALANCES, BALANCES.c.stream == ACCOUNTS.c.stream)
    totals = (
        sa.select(ACCOUNTS.c.currency, sa.func.count().label("accounts"), *sums)
        .select_from(joined)
        .where(ACCOUNTS.c.archived_at == 0)
        .group_by(ACCOUNTS.c.currency)
        .order_by(ACCOUNTS.c.currency)
    )
    every = sa.select(sa.func.count()).select_from(ACCOUNTS)
    with database.read() as connection:
        users = connection.execute(sa.select(sa.func.count()).select_from(USERS)).scalar_one()
        archived = connection.execute(every.where(ACCOUNTS.c.archived_at != 0)).scalar_one()
        found = many(connection, totals, CurrencyTotals)
    return DeskStatistics(users, sum(each.accounts for each in found), archived, found)

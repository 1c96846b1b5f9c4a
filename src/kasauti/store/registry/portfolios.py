"""Portfolios: what an account's strategies are grouped in."""

import msgspec
import sqlalchemy as sa

from kasauti.errors import NameTaken
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.rows import Actor, checked_name, checked_text, many, one
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import PORTFOLIOS


class Portfolio(msgspec.Struct, frozen=True):
    """A group of strategies of one account; `archived_at` is 0 while it is in use."""

    id: int
    account_id: int
    name: str
    description: str
    created_at: int
    archived_at: int


class Portfolios:
    """The portfolios of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def create(self, account_id: int, portfolio: str, description: str, by: Actor, at: int) -> Portfolio:
        """Add a portfolio to an account; raises `NameTaken`."""
        checked_name(portfolio, "a portfolio")
        row = {
            "account_id": account_id,
            "name": portfolio,
            "description": checked_text(description, "the description"),
            "created_at": at,
        }
        mine = (PORTFOLIOS.c.account_id == account_id) & (PORTFOLIOS.c.name == portfolio)
        with self._database.write() as connection:
            if connection.execute(sa.select(PORTFOLIOS.c.id).where(mine)).first():
                raise NameTaken(f"the account has a portfolio {portfolio!r} already; choose another name")
            number = connection.execute(
                PORTFOLIOS.insert().values(**row).returning(PORTFOLIOS.c.id)
            ).scalar_one()
            self._audit.add(connection, by, "portfolio.created", f"portfolio:{number}", at, after=row)
            return _portfolio(connection, number)

    def get(self, portfolio_id: int) -> Portfolio:
        """Return the portfolio of a number."""
        with self._database.read() as connection:
            return _portfolio(connection, portfolio_id)

    def all(self, account_id: int, *, archived: bool = False) -> list[Portfolio]:
        """Return an account's portfolios, in the order they were made."""
        query = sa.select(PORTFOLIOS).where(PORTFOLIOS.c.account_id == account_id).order_by(PORTFOLIOS.c.id)
        if not archived:
            query = query.where(PORTFOLIOS.c.archived_at == 0)
        with self._database.read() as connection:
            return many(connection, query, Portfolio)

    def archive(self, portfolio_id: int, by: Actor, at: int) -> Portfolio:
        """Put a portfolio away; its strategies stay."""
        with self._database.write() as connection:
            _portfolio(connection, portfolio_id)
            connection.execute(
                PORTFOLIOS.update().where(PORTFOLIOS.c.id == portfolio_id).values(archived_at=at)
            )
            self._audit.add(connection, by, "portfolio.archived", f"portfolio:{portfolio_id}", at)
            return _portfolio(connection, portfolio_id)


def _portfolio(connection: sa.Connection, portfolio_id: int) -> Portfolio:
    query = sa.select(PORTFOLIOS).where(PORTFOLIOS.c.id == portfolio_id)
    return one(connection, query, Portfolio, f"portfolio {portfolio_id}")

"""
Strategies as an account's owner set them up: each in one portfolio, with versions of its parameters.

What they traded is in the account's log, under their names.
"""

from enum import StrEnum
from typing import Any

import msgspec
import sqlalchemy as sa

from kasauti.errors import InvalidInput, NameTaken
from kasauti.store.registry.audit import Audit
from kasauti.store.registry.rows import Actor, checked_name, checked_text, json_text, many, one
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import PORTFOLIOS, STRATEGIES, STRATEGY_VERSIONS


class OrderSource(StrEnum):
    """Where a strategy's orders go: to the simulated exchange, or to a broker."""

    PAPER = "PAPER"
    LIVE = "LIVE"


class StrategySetup(msgspec.Struct, frozen=True):
    """
    A strategy of an account; `params` is a JSON object, `template` what it was made from, empty if nothing.

    `version` counts the changes of its parameters. `archived_at` is 0 while it is in use.
    """

    id: int
    account_id: int
    portfolio_id: int
    name: str
    description: str
    template: str
    params: str
    version: int
    source: OrderSource
    enabled: bool
    created_at: int
    updated_at: int
    archived_at: int


class Version(msgspec.Struct, frozen=True):
    """The parameters that were in force from a time on."""

    version: int
    params: str
    created_at: int


class Strategies:
    """The strategies of a desk."""

    def __init__(self, database: SqlDatabase, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def create(
        self,
        portfolio_id: int,
        strategy: str,
        *,
        by: Actor,
        at: int,
        description: str = "",
        template: str = "",
        params: dict[str, Any] | None = None,
        source: OrderSource = OrderSource.PAPER,
    ) -> StrategySetup:
        """Add a strategy to a portfolio; raises `NameTaken` if its account has one of that name."""
        checked_name(strategy, "a strategy")
        with self._database.write() as connection:
            account = _account_of(connection, portfolio_id)
            mine = (STRATEGIES.c.account_id == account) & (STRATEGIES.c.name == strategy)
            if connection.execute(sa.select(STRATEGIES.c.id).where(mine)).first():
                raise NameTaken(f"the account has a strategy {strategy!r} already; choose another name")
            row = {
                "account_id": account,
                "portfolio_id": portfolio_id,
                "name": strategy,
                "description": checked_text(description, "the description"),
                "template": checked_text(template, "the template"),
                "params": checked_text(json_text(params or {}), "the parameters"),
                "version": 1,
                "source": source.value,
                "enabled": True,
                "created_at": at,
                "updated_at": at,
            }
            number = connection.execute(
                STRATEGIES.insert().values(**row).returning(STRATEGIES.c.id)
            ).scalar_one()
            _keep_version(connection, number, 1, str(row["params"]), at)
            self._audit.add(connection, by, "strategy.created", f"strategy:{number}", at, after=row)
            return _strategy(connection, number)

    def get(self, strategy_id: int) -> StrategySetup:
        """Return the strategy of a number."""
        with self._database.read() as connection:
            return _strategy(connection, strategy_id)

    def owners(self) -> dict[int, int]:
        """Return the accounts of all strategies, by the strategies' numbers."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(STRATEGIES.c.id, STRATEGIES.c.account_id))
            return {row.id: row.account_id for row in rows}

    def all(self, account_id: int, *, archived: bool = False) -> list[StrategySetup]:
        """Return an account's strategies, in the order they were made."""
        query = sa.select(STRATEGIES).where(STRATEGIES.c.account_id == account_id).order_by(STRATEGIES.c.id)
        if not archived:
            query = query.where(STRATEGIES.c.archived_at == 0)
        with self._database.read() as connection:
            return many(connection, query, StrategySetup)

    def set_params(self, strategy_id: int, params: dict[str, Any], by: Actor, at: int) -> StrategySetup:
        """Give a strategy other parameters, as its next version."""
        told = checked_text(json_text(params), "the parameters")
        with self._database.read() as connection:
            version = _strategy(connection, strategy_id).version + 1
        return self._change(strategy_id, "strategy.changed", by, at, params=told, version=version)

    def switch(self, strategy_id: int, by: Actor, at: int, *, on: bool) -> StrategySetup:
        """Let a strategy trade, or not."""
        return self._change(strategy_id, "strategy.switched", by, at, enabled=on)

    def move(self, strategy_id: int, portfolio_id: int, by: Actor, at: int) -> StrategySetup:
        """Put a strategy into another portfolio of its account."""
        with self._database.read() as connection:
            if _account_of(connection, portfolio_id) != _strategy(connection, strategy_id).account_id:
                raise InvalidInput(
                    f"portfolio {portfolio_id} belongs to another account; choose one of the same"
                )
        return self._change(strategy_id, "strategy.moved", by, at, portfolio_id=portfolio_id)

    def archive(self, strategy_id: int, by: Actor, at: int) -> StrategySetup:
        """Put a strategy away; what it traded stays in the log."""
        return self._change(strategy_id, "strategy.archived", by, at, archived_at=at, enabled=False)

    def versions(self, strategy_id: int) -> list[Version]:
        """Return the versions of a strategy's parameters, oldest first."""
        table = STRATEGY_VERSIONS
        query = sa.select(table).where(table.c.strategy_id == strategy_id).order_by(table.c.version)
        with self._database.read() as connection:
            return many(connection, query, Version)

    def _change(
        self,
        strategy_id: int,
        event: str,
        by: Actor,
        at: int,
        **fields: Any,  # noqa: ANN401  columns
    ) -> StrategySetup:
        with self._database.write() as connection:
            found = _strategy(connection, strategy_id)
            if found.archived_at:
                raise InvalidInput(f"the strategy {found.name!r} is archived: make another one")
            update = STRATEGIES.update().where(STRATEGIES.c.id == strategy_id)
            connection.execute(update.values(updated_at=at, **fields))
            if "params" in fields:
                _keep_version(connection, strategy_id, fields["version"], fields["params"], at)
            before = {each: getattr(found, each) for each in fields}
            self._audit.add(connection, by, event, f"strategy:{strategy_id}", at, before=before, after=fields)
            return _strategy(connection, strategy_id)


def _keep_version(connection: sa.Connection, strategy_id: int, version: int, params: str, at: int) -> None:
    row = {"strategy_id": strategy_id, "version": version, "params": params, "created_at": at}
    connection.execute(STRATEGY_VERSIONS.insert().values(**row))


def _strategy(connection: sa.Connection, strategy_id: int) -> StrategySetup:
    query = sa.select(STRATEGIES).where(STRATEGIES.c.id == strategy_id)
    return one(connection, query, StrategySetup, f"strategy {strategy_id}")


class _AccountOf(msgspec.Struct):
    account_id: int


def _account_of(connection: sa.Connection, portfolio_id: int) -> int:
    query = sa.select(PORTFOLIOS.c.account_id).where(PORTFOLIOS.c.id == portfolio_id)
    return one(connection, query, _AccountOf, f"portfolio {portfolio_id}").account_id

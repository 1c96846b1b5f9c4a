"""
The tables of a desk's registry, for SQLite and PostgreSQL alike.

Money is in ten-thousandths of the account's currency, times are nanoseconds UTC, 0 where there is none. Lists
and objects are JSON text. What the tables are made by, step by step, is in `migrations`; a test holds both
equal.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

#: Names of constraints, so that a migration can speak of them.
METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: Counted by the database; SQLite counts only what it calls INTEGER.
_COUNTED = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _COUNTED, primary_key=True)


def _text(name: str, **more: Any) -> Column[str]:  # noqa: ANN401  passed on to Column
    return Column(name, Text, nullable=False, server_default="", **more)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False, server_default="0")


def _refers(name: str, to: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, _COUNTED, ForeignKey(to), nullable=nullable, index=True)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


USERS = Table(
    "users",
    METADATA,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    _text("role"),
    _text("password"),
    _number("created_at"),
    _number("disabled_at"),
    _number("failed_logins"),
    _number("locked_until"),
)

ACCOUNTS = Table(
    "accounts",
    METADATA,
    _id(),
    _refers("user_id", "users.id"),
    _text("name"),
    _text("mode"),
    _text("plan"),
    _number("capital"),
    _text("currency"),
    _number("opened_at"),
    _number("epoch"),
    Column("stream", Text, nullable=False, unique=True),
    _number("archived_at"),
    UniqueConstraint("user_id", "name"),
)

EPOCHS = Table(
    "epochs",
    METADATA,
    _refers("account_id", "accounts.id"),
    Column("number", BigInteger, nullable=False),
    Column("stream", Text, nullable=False, unique=True),
    _number("capital"),
    _number("opened_at"),
    _number("ended_at"),
    UniqueConstraint("account_id", "number"),
)

PORTFOLIOS = Table(
    "portfolios",
    METADATA,
    _id(),
    _refers("account_id", "accounts.id"),
    _text("name"),
    _text("description"),
    _number("created_at"),
    _number("archived_at"),
    UniqueConstraint("account_id", "name"),
)

STRATEGIES = Table(
    "strategies",
    METADATA,
    _id(),
    _refers("account_id", "accounts.id"),
    _refers("portfolio_id", "portfolios.id"),
    _text("name"),
    _text("description"),
    _text("template"),
    _text("params"),
    _number("version"),
    _text("source"),
    _flag("enabled"),
    _number("created_at"),
    _number("updated_at"),
    _number("archived_at"),
    UniqueConstraint("account_id", "name"),
)

STRATEGY_VERSIONS = Table(
    "strategy_versions",
    METADATA,
    _refers("strategy_id", "strategies.id"),
    Column("version", BigInteger, nullable=False),
    _text("params"),
    _number("created_at"),
    UniqueConstraint("strategy_id", "version"),
)

HOOKS = Table(
    "hooks",
    METADATA,
    _id(),
    _refers("strategy_id", "strategies.id"),
    Column("public", Text, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    _flag("signed"),
    _text("addresses"),
    _number("created_at"),
    _number("revoked_at"),
)

API_KEYS = Table(
    "api_keys",
    METADATA,
    _id(),
    Column("public", Text, nullable=False, unique=True),
    _refers("user_id", "users.id"),
    _refers("account_id", "accounts.id", nullable=True),
    _text("kind"),
    _text("label"),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("sealed", LargeBinary, nullable=False),
    _text("scopes"),
    _flag("paper_only"),
    _text("symbols"),
    _number("max_quantity"),
    _number("created_at"),
    _number("expires_at"),
    _number("revoked_at"),
    _number("last_used_at"),
)

ALERTS = Table(
    "alerts",
    METADATA,
    _id(),
    _refers("strategy_id", "strategies.id"),
    Column("dedupe", Text, nullable=False),
    _text("dialect"),
    _text("address"),
    Column("content", LargeBinary, nullable=False),
    _text("status"),
    _number("received_at"),
    _number("validated_at"),
    _number("risk_at"),
    _number("order_at"),
    _number("filled_at"),
    _number("ended_at"),
    _text("order_id"),
    _text("reason"),
    UniqueConstraint("strategy_id", "dedupe"),
    Index(None, "status"),
)

NOTIFICATIONS = Table(
    "notifications",
    METADATA,
    _id(),
    _refers("user_id", "users.id"),
    _text("kind"),
    _text("severity"),
    _text("title"),
    _text("message"),
    _text("order_id"),
    _text("trade_id"),
    _text("strategy"),
    _number("created_at"),
    _number("read_at"),
    _number("sent_at"),
)

DEFAULTS = Table(
    "defaults",
    METADATA,
    Column("name", Text, primary_key=True),
    _text("value"),
    _text("changed_by"),
    _number("changed_at"),
)

#: The number of the last event of each log whose postbacks were delivered.
POSTBACKS = Table("postbacks", METADATA, Column("stream", Text, primary_key=True), _number("delivered"))

#: A number for each thing that is kept in memory too, raised when it changes.
REVISIONS = Table("revisions", METADATA, Column("name", Text, primary_key=True), _number("number"))

AUDIT = Table(
    "audit_log",
    METADATA,
    Column("id", _COUNTED, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False, index=True),
    _text("user_name"),
    _text("address"),
    _text("category"),
    _text("event"),
    _text("subject"),
    _text("order_id"),
    _text("trade_id"),
    _text("before"),
    _text("after"),
    Column("hash", LargeBinary, nullable=False),
)

#: What shares a PostgreSQL with the registry; on SQLite the log is a file of its own, with `store.database`.
LOG_METADATA = MetaData(naming_convention=METADATA.naming_convention)

LOG = Table(
    "log",
    LOG_METADATA,
    Column("stream", Text(collation="C"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("cause", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
)

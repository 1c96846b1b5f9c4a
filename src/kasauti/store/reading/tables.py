"""
The tables that follow from the logs, for SQLite and PostgreSQL alike.

Each row belongs to one log, `stream`; `epochs` of the registry says whose that is. Prices and amounts are
money units, quantities units, times nanoseconds UTC, 0 where there is none.
"""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, LargeBinary, Table, Text

from kasauti.store.tables import METADATA


def _key(name: str, kind: Any = Text) -> Column[Any]:  # noqa: ANN401  a type of SQLAlchemy
    return Column(name, kind, primary_key=True, autoincrement=False)


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False, server_default="") for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False, server_default="0") for name in names]


#: How far the tables follow each log: the number of its last event that is in them, and that event's hash.
PROJECTED = Table(
    "projected",
    METADATA,
    _key("stream"),
    *_numbers("seq"),
    Column("hash", LargeBinary, nullable=False),
)

BALANCES = Table(
    "balances",
    METADATA,
    _key("stream"),
    *_texts("account", "mode", "plan", "currency", "day", "halted"),
    *_numbers(
        "opened_at", "updated_at", "capital", "cash", "blocked", "unsettled", "funds", "realised", "charges"
    ),
    *_numbers("interest", "penalties", "dividends", "orders", "trades", "denied"),
)

ORDERS = Table(
    "orders",
    METADATA,
    _key("stream"),
    _key("order_id"),
    *_texts("exchange", "symbol", "side", "product", "order_type", "validity", "status"),
    *_texts("strategy", "tag", "parent", "reason", "command_id"),
    *_numbers("quantity", "filled", "price", "trigger_price", "average_price", "charges", "blocked"),
    *_numbers("modifications", "placed_at", "updated_at"),
    Index(None, "stream", "placed_at"),
)

TRADES = Table(
    "trades",
    METADATA,
    _key("stream"),
    _key("seq", BigInteger),
    *_texts("trade_id", "order_id", "kind", "exchange", "symbol", "side", "product", "strategy", "tag"),
    *_texts("profile", "evidence"),
    *_numbers("at", "quantity", "price", "value", "charges"),
    Index(None, "stream", "at"),
    Index(None, "stream", "order_id"),
)

POSITIONS = Table(
    "positions",
    METADATA,
    _key("stream"),
    _key("exchange"),
    _key("symbol"),
    _key("product"),
    *_numbers(
        "quantity", "cost", "average_price", "realised", "charges", "margin", "opened_at", "updated_at"
    ),
)

#: One row from flat to flat: what came in, what went out.
BROKER_POSITIONS = Table(
    "broker_positions",
    METADATA,
    _key("stream"),
    _key("leg", BigInteger),
    *_texts("exchange", "symbol", "product", "side", "source"),
    *_numbers("quantity", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "realised"),
    *_numbers("opened_at", "closed_at", "updated_at"),
    Index(None, "stream", "closed_at"),
)

#: Which part of a leg is which strategy's: a leg that several share is split by quantity.
STRATEGY_POSITIONS = Table(
    "strategy_positions",
    METADATA,
    _key("stream"),
    _key("strategy"),
    _key("part", BigInteger),
    *_numbers("leg"),
    *_texts("exchange", "symbol", "product", "side"),
    *_numbers("quantity", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "realised"),
    *_numbers("opened_at", "closed_at", "updated_at"),
    Index(None, "stream", "leg"),
)

SESSIONS = Table(
    "sessions",
    METADATA,
    _key("stream"),
    _key("number", BigInteger),
    *_texts("mode", "status", "ended_by", "version", "prices", "config"),
    Column("after_crash", Boolean, nullable=False),
    *_numbers("started_at", "ended_at", "last_at", "trades", "closed", "wins", "realised", "gross_profit"),
    *_numbers("gross_loss", "capital_start", "capital_end", "capital_peak", "drawdown"),
)

STRATEGY_RESULTS = Table(
    "strategy_results",
    METADATA,
    _key("stream"),
    _key("strategy"),
    *_numbers("trades", "closed", "wins", "realised", "gross_profit", "gross_loss", "largest_win"),
    *_numbers("largest_loss", "last_traded_at"),
)

#: Everything above, in the order in which it is written.
ALL = (
    BALANCES,
    ORDERS,
    TRADES,
    POSITIONS,
    BROKER_POSITIONS,
    STRATEGY_POSITIONS,
    SESSIONS,
    STRATEGY_RESULTS,
    PROJECTED,
)

"""What follows from the logs: orders, trades, positions, legs, sessions, results; and the sources' views."""

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def key(name: str, kind: Any = sa.Text) -> "sa.Column[Any]":  # noqa: ANN401  a type of SQLAlchemy
    """Return a part of the primary key."""
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def texts(*names: str) -> "list[sa.Column[str]]":
    """Return columns of texts, empty unless said."""
    return [sa.Column(name, sa.Text, server_default="", nullable=False) for name in names]


def numbers(*names: str) -> "list[sa.Column[int]]":
    """Return columns of numbers, 0 unless said."""
    return [sa.Column(name, sa.BigInteger, server_default="0", nullable=False) for name in names]


def upgrade() -> None:
    """Make the tables, and the views."""
    _projected()
    _balances()
    _orders()
    _trades()
    _positions()
    _broker_positions()
    _strategy_positions()
    _sessions()
    _strategy_results()
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for view in _VIEWS:
        op.execute(_in_words_of(_SQLITE if on_sqlite else _POSTGRES, view))


#: How a database writes money units as rupees with two decimals, and nanoseconds as a time.
_SQLITE = {
    "rupees": r"round((\1) / 10000.0, 2)",
    "time": r"strftime('%Y-%m-%d %H:%M:%S', (\1) / 1000000000, 'unixepoch')",
}
_POSTGRES = {
    "rupees": r"((\1) / 10000.0)::numeric(15,2)",
    "time": r"to_timestamp((\1) / 1000000000)",
}

#: What the sources call an account is a user's first that is open.
_VIEWS = (
    """CREATE VIEW default_accounts AS
SELECT id, user_id, stream, capital, currency, opened_at FROM accounts
WHERE id IN (SELECT min(id) FROM accounts WHERE archived_at = 0 GROUP BY user_id)""",
    """CREATE VIEW paper_accounts AS
SELECT a.id, a.user_id, rupees[a.capital] AS initial_balance,
    rupees[coalesce(b.cash, a.capital)] AS current_balance, a.currency,
    time[a.opened_at] AS created_at, time[coalesce(b.updated_at, a.opened_at)] AS updated_at
FROM default_accounts a LEFT JOIN balances b ON b.stream = a.stream""",
    """CREATE VIEW paper_orders AS
SELECT row_number() OVER (ORDER BY o.placed_at, o.order_id) AS id, a.user_id, o.order_id, o.symbol,
    o.exchange, o.side AS action, o.product,
    CASE o.order_type WHEN 'SL-M' THEN 'SLM' ELSE o.order_type END AS price_type,
    o.quantity, rupees[o.price] AS price, rupees[o.trigger_price] AS trigger_price,
    CASE WHEN o.status = 'COMPLETE' THEN 'FILLED'
        WHEN o.status IN ('SUBMITTED', 'OPEN', 'TRIGGER PENDING') THEN 'PENDING'
        ELSE 'CANCELLED' END AS status,
    o.filled AS filled_quantity, rupees[o.average_price] AS average_price,
    time[o.placed_at] AS created_at, time[o.updated_at] AS updated_at
FROM orders o JOIN default_accounts a ON a.stream = o.stream""",
    """CREATE VIEW paper_positions AS
SELECT row_number() OVER (ORDER BY a.user_id, p.exchange, p.symbol, p.product) AS id, a.user_id, p.symbol,
    p.exchange, p.product, p.quantity, rupees[p.average_price] AS average_price,
    time[p.opened_at] AS created_at, time[p.updated_at] AS updated_at
FROM positions p JOIN default_accounts a ON a.stream = p.stream""",
    """CREATE VIEW paper_trades AS
SELECT row_number() OVER (ORDER BY t.at, t.seq) AS id, t.trade_id, t.order_id, a.user_id, t.symbol,
    t.exchange, t.side AS action, t.product, t.quantity, rupees[t.price] AS price,
    rupees[t.value] AS trade_value,
    time[t.at] AS created_at
FROM trades t JOIN default_accounts a ON a.stream = t.stream WHERE t.kind = 'order'""",
)


def _in_words_of(database: dict[str, str], view: str) -> str:
    for word, written in database.items():
        view = re.sub(rf"\b{word}\[(.*?)\]", written, view)
    return view


def _projected() -> None:
    op.create_table(
        "projected",
        key("stream"),
        *numbers("seq"),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_projected"),
    )


def _balances() -> None:
    op.create_table(
        "balances",
        key("stream"),
        *texts("account", "mode", "plan", "currency", "day", "halted"),
        *numbers(
            "opened_at",
            "updated_at",
            "capital",
            "cash",
            "blocked",
            "unsettled",
            "funds",
            "realised",
            "charges",
        ),
        *numbers("interest", "penalties", "dividends", "orders", "trades", "denied"),
        sa.PrimaryKeyConstraint("stream", name="pk_balances"),
    )


def _orders() -> None:
    op.create_table(
        "orders",
        key("stream"),
        key("order_id"),
        *texts("exchange", "symbol", "side", "product", "order_type", "validity", "status"),
        *texts("strategy", "tag", "parent", "reason", "command_id"),
        *numbers("quantity", "filled", "price", "trigger_price", "average_price", "charges", "blocked"),
        *numbers("modifications", "placed_at", "updated_at"),
        sa.PrimaryKeyConstraint("stream", "order_id", name="pk_orders"),
    )
    op.create_index("ix_orders_stream_placed_at", "orders", ["stream", "placed_at"])


def _trades() -> None:
    op.create_table(
        "trades",
        key("stream"),
        key("seq", sa.BigInteger),
        *texts("trade_id", "order_id", "kind", "exchange", "symbol", "side", "product", "strategy", "tag"),
        *texts("profile", "evidence"),
        *numbers("at", "quantity", "price", "value", "charges"),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_trades"),
    )
    op.create_index("ix_trades_stream_at", "trades", ["stream", "at"])
    op.create_index("ix_trades_stream_order_id", "trades", ["stream", "order_id"])


def _positions() -> None:
    op.create_table(
        "positions",
        key("stream"),
        key("exchange"),
        key("symbol"),
        key("product"),
        *numbers(
            "quantity", "cost", "average_price", "realised", "charges", "margin", "opened_at", "updated_at"
        ),
        sa.PrimaryKeyConstraint("stream", "exchange", "symbol", "product", name="pk_positions"),
    )


def _broker_positions() -> None:
    op.create_table(
        "broker_positions",
        key("stream"),
        key("leg", sa.BigInteger),
        *texts("exchange", "symbol", "product", "side", "source"),
        *numbers("quantity", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "realised"),
        *numbers("opened_at", "closed_at", "updated_at"),
        sa.PrimaryKeyConstraint("stream", "leg", name="pk_broker_positions"),
    )
    op.create_index("ix_broker_positions_stream_closed_at", "broker_positions", ["stream", "closed_at"])


def _strategy_positions() -> None:
    op.create_table(
        "strategy_positions",
        key("stream"),
        key("strategy"),
        key("part", sa.BigInteger),
        *numbers("leg"),
        *texts("exchange", "symbol", "product", "side"),
        *numbers("quantity", "entry_quantity", "entry_value", "exit_quantity", "exit_value", "realised"),
        *numbers("opened_at", "closed_at", "updated_at"),
        sa.PrimaryKeyConstraint("stream", "strategy", "part", name="pk_strategy_positions"),
    )
    op.create_index("ix_strategy_positions_stream_leg", "strategy_positions", ["stream", "leg"])


def _sessions() -> None:
    op.create_table(
        "sessions",
        key("stream"),
        key("number", sa.BigInteger),
        *texts("mode", "status", "ended_by", "version", "prices", "config"),
        sa.Column("after_crash", sa.Boolean, nullable=False),
        *numbers("started_at", "ended_at", "last_at", "trades", "closed", "wins", "realised", "gross_profit"),
        *numbers("gross_loss", "capital_start", "capital_end", "capital_peak", "drawdown"),
        sa.PrimaryKeyConstraint("stream", "number", name="pk_sessions"),
    )


def _strategy_results() -> None:
    op.create_table(
        "strategy_results",
        key("stream"),
        key("strategy"),
        *numbers("trades", "closed", "wins", "realised", "gross_profit", "gross_loss", "largest_win"),
        *numbers("largest_loss", "last_traded_at"),
        sa.PrimaryKeyConstraint("stream", "strategy", name="pk_strategy_results"),
    )

"""The registry: users, accounts, keys, alerts and the audit trail."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

#: Counted by the database; SQLite counts only what it calls INTEGER.
COUNTED = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def counted() -> "sa.Column[int]":
    """Return a table's number."""
    return sa.Column("id", COUNTED, nullable=False)


def text(name: str) -> "sa.Column[str]":
    """Return a column of texts, empty unless said."""
    return sa.Column(name, sa.Text, server_default="", nullable=False)


def number(name: str) -> "sa.Column[int]":
    """Return a column of numbers, 0 unless said."""
    return sa.Column(name, sa.BigInteger, server_default="0", nullable=False)


def upgrade() -> None:
    """Make the tables, and what guards the audit trail."""
    _audit_log()
    _defaults()
    _revisions()
    _users()
    _accounts()
    _notifications()
    _api_keys()
    _epochs()
    _portfolios()
    _strategies()
    _alerts()
    _hooks()
    _strategy_versions()
    _guards()


def _audit_log() -> None:
    op.create_table(
        "audit_log",
        sa.Column("id", COUNTED, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        text("user_name"),
        text("address"),
        text("category"),
        text("event"),
        text("subject"),
        text("order_id"),
        text("trade_id"),
        text("before"),
        text("after"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"])


def _defaults() -> None:
    op.create_table(
        "defaults",
        sa.Column("name", sa.Text(), nullable=False),
        text("value"),
        text("changed_by"),
        number("changed_at"),
        sa.PrimaryKeyConstraint("name", name="pk_defaults"),
    )


def _revisions() -> None:
    op.create_table(
        "revisions",
        sa.Column("name", sa.Text(), nullable=False),
        number("number"),
        sa.PrimaryKeyConstraint("name", name="pk_revisions"),
    )


def _users() -> None:
    op.create_table(
        "users",
        counted(),
        sa.Column("name", sa.Text(), nullable=False),
        text("role"),
        text("password"),
        number("created_at"),
        number("disabled_at"),
        number("failed_logins"),
        number("locked_until"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        counted(),
        sa.Column("user_id", COUNTED, nullable=False),
        text("name"),
        text("mode"),
        text("plan"),
        number("capital"),
        text("currency"),
        number("opened_at"),
        number("epoch"),
        sa.Column("stream", sa.Text(), nullable=False),
        number("archived_at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_accounts_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("stream", name="uq_accounts_stream"),
        sa.UniqueConstraint("user_id", "name", name="uq_accounts_user_id_name"),
    )
    op.create_index("ix_accounts_user_id", "accounts", ["user_id"])


def _notifications() -> None:
    op.create_table(
        "notifications",
        counted(),
        sa.Column("user_id", COUNTED, nullable=False),
        text("kind"),
        text("severity"),
        text("title"),
        text("message"),
        text("order_id"),
        text("trade_id"),
        text("strategy"),
        number("created_at"),
        number("read_at"),
        number("sent_at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_notifications_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_notifications"),
    )
    op.create_index("ix_notifications_user_id", "notifications", ["user_id"])


def _api_keys() -> None:
    op.create_table(
        "api_keys",
        counted(),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("user_id", COUNTED, nullable=False),
        sa.Column("account_id", COUNTED, nullable=True),
        text("kind"),
        text("label"),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        text("scopes"),
        sa.Column("paper_only", sa.Boolean(), nullable=False),
        text("symbols"),
        number("max_quantity"),
        number("created_at"),
        number("expires_at"),
        number("revoked_at"),
        number("last_used_at"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_api_keys_account_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_keys_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.UniqueConstraint("public", name="uq_api_keys_public"),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])
    op.create_index("ix_api_keys_user_id", "api_keys", ["user_id"])


def _epochs() -> None:
    op.create_table(
        "epochs",
        sa.Column("account_id", COUNTED, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        number("capital"),
        number("opened_at"),
        number("ended_at"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_epochs_account_id"),
        sa.UniqueConstraint("account_id", "number", name="uq_epochs_account_id_number"),
        sa.UniqueConstraint("stream", name="uq_epochs_stream"),
    )
    op.create_index("ix_epochs_account_id", "epochs", ["account_id"])


def _portfolios() -> None:
    op.create_table(
        "portfolios",
        counted(),
        sa.Column("account_id", COUNTED, nullable=False),
        text("name"),
        text("description"),
        number("created_at"),
        number("archived_at"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_portfolios_account_id"),
        sa.PrimaryKeyConstraint("id", name="pk_portfolios"),
        sa.UniqueConstraint("account_id", "name", name="uq_portfolios_account_id_name"),
    )
    op.create_index("ix_portfolios_account_id", "portfolios", ["account_id"])


def _strategies() -> None:
    op.create_table(
        "strategies",
        counted(),
        sa.Column("account_id", COUNTED, nullable=False),
        sa.Column("portfolio_id", COUNTED, nullable=False),
        text("name"),
        text("description"),
        text("template"),
        text("params"),
        number("version"),
        text("source"),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        number("created_at"),
        number("updated_at"),
        number("archived_at"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="fk_strategies_account_id"),
        sa.ForeignKeyConstraint(["portfolio_id"], ["portfolios.id"], name="fk_strategies_portfolio_id"),
        sa.PrimaryKeyConstraint("id", name="pk_strategies"),
        sa.UniqueConstraint("account_id", "name", name="uq_strategies_account_id_name"),
    )
    op.create_index("ix_strategies_account_id", "strategies", ["account_id"])
    op.create_index("ix_strategies_portfolio_id", "strategies", ["portfolio_id"])


def _alerts() -> None:
    op.create_table(
        "alerts",
        counted(),
        sa.Column("strategy_id", COUNTED, nullable=False),
        sa.Column("dedupe", sa.Text(), nullable=False),
        text("dialect"),
        text("address"),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        text("status"),
        number("received_at"),
        number("validated_at"),
        number("risk_at"),
        number("order_at"),
        number("filled_at"),
        number("ended_at"),
        text("order_id"),
        text("reason"),
        sa.ForeignKeyConstraint(["strategy_id"], ["strategies.id"], name="fk_alerts_strategy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.UniqueConstraint("strategy_id", "dedupe", name="uq_alerts_strategy_id_dedupe"),
    )
    op.create_index("ix_alerts_status", "alerts", ["status"])
    op.create_index("ix_alerts_strategy_id", "alerts", ["strategy_id"])


def _hooks() -> None:
    op.create_table(
        "hooks",
        counted(),
        sa.Column("strategy_id", COUNTED, nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        text("addresses"),
        number("created_at"),
        number("revoked_at"),
        sa.ForeignKeyConstraint(["strategy_id"], ["strategies.id"], name="fk_hooks_strategy_id"),
        sa.PrimaryKeyConstraint("id", name="pk_hooks"),
        sa.UniqueConstraint("public", name="uq_hooks_public"),
    )
    op.create_index("ix_hooks_strategy_id", "hooks", ["strategy_id"])


def _strategy_versions() -> None:
    op.create_table(
        "strategy_versions",
        sa.Column("strategy_id", COUNTED, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        text("params"),
        number("created_at"),
        sa.ForeignKeyConstraint(["strategy_id"], ["strategies.id"], name="fk_strategy_versions_strategy_id"),
        sa.UniqueConstraint("strategy_id", "version", name="uq_strategy_versions_strategy_id_version"),
    )
    op.create_index("ix_strategy_versions_strategy_id", "strategy_versions", ["strategy_id"])


_SQLITE_GUARDS = (
    """CREATE TRIGGER audit_log_insert BEFORE INSERT ON audit_log
WHEN NEW.id <= (SELECT coalesce(max(id), 0) FROM audit_log) BEGIN
    SELECT RAISE(ABORT, 'the audit trail only grows');
END""",
    """CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log BEGIN
    SELECT RAISE(ABORT, 'what was written stays as it is');
END""",
    """CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
WHEN OLD.at > (CAST(strftime('%s', 'now') AS INTEGER) - 157852800) * 1000000000 BEGIN
    SELECT RAISE(ABORT, 'the audit trail is kept for five years');
END""",
)

_POSTGRES_GUARDS = (
    """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation';
END $$""",
    """CREATE FUNCTION refuse_recent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.at > (extract(epoch FROM now())::bigint - 157852800) * 1000000000 THEN
        RAISE EXCEPTION 'the audit trail is kept for five years' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN OLD;
END $$""",
    """CREATE TRIGGER audit_log_update BEFORE UPDATE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse('what was written stays as it is')""",
    """CREATE TRIGGER audit_log_truncate BEFORE TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse('the audit trail is kept for five years')""",
    """CREATE TRIGGER audit_log_delete BEFORE DELETE ON audit_log
FOR EACH ROW EXECUTE FUNCTION refuse_recent()""",
)


def _guards() -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GUARDS if on_sqlite else _POSTGRES_GUARDS:
        op.execute(statement)

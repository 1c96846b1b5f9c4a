"""The log, where it shares a database with the registry: on SQLite it is a file of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_REFUSED = "what was written stays as it is"


def upgrade() -> None:
    """Make the table, and what keeps its rows as they were written."""
    if op.get_bind().dialect.name != "postgresql":
        return
    bytewise = sa.Text(collation="C")
    op.create_table(
        "log",
        sa.Column("stream", bytewise, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("tag", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("payload", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq", name="pk_log"),
    )
    for action, each in (("update", "ROW"), ("delete", "ROW"), ("truncate", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER log_{action} BEFORE {action.upper()} ON log"
            f" FOR EACH {each} EXECUTE FUNCTION refuse('{_REFUSED}')"
        )
        # Also while a backup is put back or a replica writes, which ordinary triggers are not asked in.
        op.execute(f"ALTER TABLE log ENABLE ALWAYS TRIGGER log_{action}")

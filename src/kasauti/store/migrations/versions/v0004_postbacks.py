"""How far the postbacks of each log were delivered, whichever process has its account."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "postbacks",
        sa.Column("stream", sa.Text, nullable=False),
        sa.Column("delivered", sa.BigInteger, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("stream", name="pk_postbacks"),
    )

"""Numbers that tell a process that what it keeps in memory was changed by another one."""

import sqlalchemy as sa

from kasauti.store.tables import REVISIONS


def raise_revision(connection: sa.Connection, of: str) -> None:
    """Tell every process that something it keeps in memory has changed."""
    raised = connection.execute(
        REVISIONS.update().where(REVISIONS.c.name == of).values(number=REVISIONS.c.number + 1)
    )
    if not raised.rowcount:
        connection.execute(REVISIONS.insert().values(name=of, number=1))


def revision(connection: sa.Connection, of: str) -> int:
    """Return how often it was changed."""
    return connection.execute(sa.select(REVISIONS.c.number).where(REVISIONS.c.name == of)).scalar() or 0

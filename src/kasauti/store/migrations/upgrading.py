"""Making the tables of a registry, or bringing older ones up to date."""

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from kasauti.errors import StorageTooNew
from kasauti.store.migrations import VERSIONS

_TABLE: Final = "alembic_version"
#: A number of our own, for PostgreSQL's lock on who brings tables up to date.
_LOCK: Final = 0x4B535449_0001


def bring_up_to_date(connection: sa.Connection, where: str) -> None:
    """
    Make the tables, or bring those of an older version up to date, inside the connection's transaction.

    Raises `StorageTooNew` if a newer Kasauti made them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    found = _version(connection)
    if found == VERSIONS[-1]:
        return
    if found and found not in VERSIONS:
        raise StorageTooNew(
            f"{where} has tables of version {found}, this Kasauti knows up to {VERSIONS[-1]}: update Kasauti"
        )
    _upgrade(connection)


def _version(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table(_TABLE):
        return ""
    return connection.execute(sa.text(f"SELECT version_num FROM {_TABLE}")).scalar() or ""  # noqa: S608


def _upgrade(connection: sa.Connection) -> None:
    # Imported only when there is something to do: it takes as long as the rest of a start.
    from alembic.config import Config  # noqa: PLC0415
    from alembic.runtime.environment import EnvironmentContext  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    script = ScriptDirectory(str(Path(__file__).parent))

    def steps(revision: str, context: object) -> object:
        return script._upgrade_revs("head", revision)  # noqa: SLF001  as Alembic's own command does

    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, transactional_ddl=False)
        environment.run_migrations()

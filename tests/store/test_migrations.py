"""The tables are those of the definitions, however they came about."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from kasauti.errors import StorageError
from kasauti.store import migrations
from kasauti.store.reading import tables as _reading  # noqa: F401  its tables are in METADATA too
from kasauti.store.sql import SqlDatabase
from kasauti.store.tables import LOG_METADATA, METADATA


def test_the_steps_lead_to_the_tables_as_they_are_defined(url: str) -> None:
    database = SqlDatabase.open(url)
    with database.read() as connection:
        context = MigrationContext.configure(connection)
        both = [METADATA, LOG_METADATA] if connection.dialect.name == "postgresql" else [METADATA]
        # It takes several, though its types do not say so.
        assert compare_metadata(context, both) == []  # type: ignore[arg-type]
    database.close()


def test_every_step_is_known_in_its_order() -> None:
    script = ScriptDirectory(str(Path(migrations.__file__).parent))
    steps = [revision.revision for revision in script.walk_revisions()]
    assert tuple(reversed(steps)) == migrations.VERSIONS


def test_opening_again_changes_nothing(url: str) -> None:
    SqlDatabase.open(url).close()
    database = SqlDatabase.open(url)
    with database.read() as connection:
        versions = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
    assert versions == [migrations.VERSIONS[-1]]
    database.close()


def test_foreign_keys_hold(url: str) -> None:
    database = SqlDatabase.open(url)
    with pytest.raises(StorageError, match=r"(?i)foreign key"), database.write() as connection:
        connection.execute(METADATA.tables["portfolios"].insert().values(account_id=7, name="core"))
    database.close()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no/folder/desk\.db cannot be opened"):
        SqlDatabase.open(tmp_path / "no" / "folder" / "desk.db")
    (tmp_path / "desk.db").write_bytes(b"something of yours, long enough to be no database")
    with pytest.raises(StorageError, match="not a database"):
        SqlDatabase.open(tmp_path / "desk.db")


def test_what_fails_is_not_half_done(url: str) -> None:
    database = SqlDatabase.open(url)
    users = METADATA.tables["users"]
    twice = users.insert().values([{"name": "asha"}, {"name": "asha"}])
    with pytest.raises(StorageError, match="nothing of it was kept"), database.write() as connection:
        connection.execute(twice)
    with database.read() as connection:
        assert connection.execute(sa.select(users)).all() == []
    database.close()

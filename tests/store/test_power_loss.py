"""
The machine loses power: what had not reached the disk is gone, cut off or rubbish.

SQLite keeps what is committed in a file beside the database until it moves it over. The tests take both files
while a writer is at work and damage the end of the one beside, as a disk does that had not written it yet.
"""

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from tests.store.stories import Story, session, write

from kasauti.domain import events as ev
from kasauti.store.sqlite import SqliteLog

STORY = [*Story().opened(), *session(Story(), 60)]
STORY = [ev.Recorded(number, each.at, each.cause, each.event) for number, each in enumerate(STORY, 1)]
SIZES = [1, 3, 20, 2, 60, 7, 40, 1, 90]
ENDS = [0, *accumulate(SIZES)]


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Path]:
    """A log with nine groups in it, all of them still in the file beside it; open."""
    path = tmp_path / "log.db"
    with SqliteLog.open(path, "main", create=True) as log:
        log.store._connection.execute("PRAGMA wal_autocheckpoint = 0").close()
        for begin, end in pairwise(ENDS):
            write(log, STORY[begin:end])
        yield path


def after_the_loss(path: Path, wal: bytes, folder: Path) -> list[ev.Recorded]:
    """Return what a start finds if so much of the file beside the database had reached the disk."""
    folder.mkdir()
    shutil.copy(path, folder / "log.db")
    (folder / "log.db-wal").write_bytes(wal)
    with SqliteLog.open(folder / "log.db", "main", create=True) as log:
        return list(log.read(verify=True))


def test_what_was_cut_off_is_gone_in_whole_groups(tmp_path: Path, writer: Path) -> None:
    wal = writer.with_name("log.db-wal").read_bytes()
    chance = random.Random(3)
    found = []
    for number, cut in enumerate(sorted(chance.sample(range(len(wal)), 60))):
        kept = after_the_loss(writer, wal[:cut], tmp_path / str(number))
        assert kept == STORY[: len(kept)]
        assert len(kept) in ENDS
        found.append(len(kept))
    assert found == sorted(found), "a later cut never loses more"
    assert len(set(found)) > 4
    assert after_the_loss(writer, wal, tmp_path / "all") == STORY[: ENDS[-1]]


def test_what_was_not_written_yet_is_gone_in_whole_groups(tmp_path: Path, writer: Path) -> None:
    """A disk may write later blocks before earlier ones: a hole of zeros, or of what stood there before."""
    wal = writer.with_name("log.db-wal").read_bytes()
    chance = random.Random(4)
    for number in range(60):
        begin = chance.randrange(len(wal))
        hole = min(chance.choice([1, 512, 4096, 65536]), len(wal) - begin)
        rubbish = chance.choice([bytes(hole), chance.randbytes(hole)])
        torn = wal[:begin] + rubbish + wal[begin + hole :]
        kept = after_the_loss(writer, torn, tmp_path / str(number))
        assert kept == STORY[: len(kept)]
        assert len(kept) in ENDS


def test_a_copy_that_sqlite_makes_while_a_writer_writes_is_whole(tmp_path: Path, writer: Path) -> None:
    with closing(sqlite3.connect(writer)) as source, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        source.backup(copy)
    with SqliteLog.open(tmp_path / "copy.db", "main") as log:
        assert list(log.read(verify=True)) == STORY[: ENDS[-1]]
        write(log, STORY[ENDS[-1] : ENDS[-1] + 5])

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.store.stories import whole_day, written

from kasauti.errors import LogError, LogLocked
from kasauti.store.lock import WriterLock, holder, lock_path
from kasauti.store.sqlite import SqliteLog

ROOT = Path(__file__).parents[2]

_HOLDER = """
import sys
from pathlib import Path
from kasauti.store.sqlite import SqliteLog
with SqliteLog.open(Path(sys.argv[1]), "main", create=True):
    print("open", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def another_process_with(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Have another process hold the log for the time of the block."""
    words = [sys.executable, "-c", _HOLDER, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log with one day in it."""
    return written(tmp_path / "log.db", whole_day())


@pytest.mark.crash
def test_a_second_process_is_refused_with_the_first_ones_number_and_time(path: Path) -> None:
    with another_process_with(path) as process:
        with pytest.raises(
            LogLocked, match=rf"log\.db is in use by process {process.pid} since (\S+);"
        ) as refused:
            SqliteLog.open(path, "main")
        assert re.search(r"since \d{4}-\d\d-\d\dT[\d:.]+\+05:30; stop that process", str(refused.value))
        with SqliteLog.open(path, "main", readonly=True) as reader:
            assert len(list(reader.read())) == len(whole_day())
            assert reader.other_writer.startswith(f"process {process.pid} since ")


@pytest.mark.crash
def test_a_killed_process_leaves_no_lock(path: Path) -> None:
    with another_process_with(path) as process:
        process.kill()
        process.wait()
        assert lock_path(path).read_text() == f"process {process.pid}\n", "its words are still there"
        assert holder(path) == ""
        with SqliteLog.open(path, "main") as log:
            assert log.verify() == len(whole_day())


def test_a_second_object_in_the_same_process_is_refused_too(path: Path) -> None:
    with SqliteLog.open(path, "main"), pytest.raises(LogLocked, match=f"process {os.getpid()} since"):
        SqliteLog.open(path, "main")
    with SqliteLog.open(path, "main"):
        pass


def test_a_log_that_cannot_be_opened_leaves_no_lock(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(b"something else entirely")
    with pytest.raises(LogError):
        SqliteLog.open(path, "main")
    path.write_bytes(whole)
    with SqliteLog.open(path, "main"):
        pass


def test_looking_who_holds_a_lock_does_not_take_it(path: Path) -> None:
    lock = WriterLock(path)
    assert holder(path).startswith(f"process {os.getpid()} since ")
    with pytest.raises(LogLocked):
        WriterLock(path)
    lock.release()
    lock.release()
    assert holder(path) == ""
    assert holder(path.with_name("never.db")) == ""
    WriterLock(path).release()


@pytest.mark.skipif(sys.platform == "win32", reason="rights as POSIX has them")
def test_a_folder_that_is_only_for_reading_can_be_read_and_not_written() -> None:
    with tempfile.TemporaryDirectory() as name:
        path = written(Path(name) / "log.db", whole_day())
        lock_path(path).unlink()
        with _rights(path.parent, 0o555):
            with pytest.raises(LogError, match=r"cannot be written: .+; a log needs a folder that is yours"):
                SqliteLog.open(path, "main", create=True)
            with SqliteLog.open(path, "main", readonly=True) as reader:
                assert reader.verify() == len(whole_day())
                assert reader.other_writer == ""
        with _rights(path.parent, 0o700), pytest.raises(LogError, match=r"log\.db cannot be looked at"):
            SqliteLog.open(path, "main", readonly=True)


@contextmanager
def _rights(folder: Path, mode: int) -> Iterator[None]:
    """
    Run the block as a user for whom `folder` has the rights that `mode` gives to others.

    Root may do everything, so the tests become somebody else for the time; who is not root already is.
    """
    root = os.geteuid() == 0
    folder.chmod(mode if root else mode & 0o007 | (mode & 0o007) << 6)
    if root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o700)

"""One account on disk, taken up by one process."""

from pathlib import Path
from types import TracebackType
from typing import Self

from kasauti.domain import events as ev
from kasauti.domain.state import State
from kasauti.errors import LogCorrupt, LogError
from kasauti.store.files import make_folder
from kasauti.store.lock import WriterLock
from kasauti.store.recovery import StateManager
from kasauti.store.sqlite import SqliteLog

#: The log of an account, in its folder.
LOG = "log.db"
#: The folder beside it of what was put away, one a life.
EPOCHS = "epochs"
#: What belongs to an account in its folder, its log last: killed in between, the log is still there.
_FILES = ("*.snapshot", "state", "logs")
_OWN = (*_FILES, LOG, f"{LOG}-wal", f"{LOG}-shm")


class OpenAccount:
    """
    An account whose log this process holds; no other process can take it up meanwhile.

    `folder` has the log, its snapshots, `state/` and `logs/`. `last_written_ns` is the wall time at which
    the log was last written before it was opened, 0 for a new one. With `anew`, what is there and cannot be
    read any more is put away as a finished epoch instead of refused.
    """

    def __init__(self, folder: Path, name: str, *, anew: bool = False) -> None:
        self.folder = folder
        self.name = name
        make_folder(folder, "--data folder", LogError)
        self.last_written_ns = _last_written(folder)
        self.log: SqliteLog
        self.state: State
        try:
            self._take_up()
        except LogCorrupt:
            if not anew:
                raise
            self._begin_epoch()

    def _take_up(self) -> None:
        self.log = SqliteLog.open(self.folder / LOG, self.name, create=True)
        try:
            self.state = StateManager(self.log, self.folder).resume_session()
        except BaseException:
            self.log.close()
            raise

    @property
    def has_history(self) -> bool:
        """Whether there is anything of an earlier account, be it only its files without its log."""
        return bool(self.state.seq) or any(any(self.folder.glob(each)) for each in _FILES)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the log."""
        self.log.close()

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Record what happens to the account outside a trading day, at once."""
        recorded = ev.Recorded(self.state.seq + 1, max(at, self.state.at), cause, event)
        self.log.append(recorded)
        self.state.apply(recorded)
        self.log.commit()

    def begin_again(self) -> Path:
        """
        Put the log away as a finished epoch and begin a new one; return where the old one is.

        Raises `LogLocked` if another process took the account meanwhile: then nothing was moved.
        """
        self.log.close()
        return self._begin_epoch()

    def _begin_epoch(self) -> Path:
        lock = WriterLock(self.folder / LOG)
        try:
            put_away = self._put_away()
        except OSError as error:
            raise LogError(
                f"the old account cannot be put away in {self.folder / EPOCHS}: {error.strerror}; make the"
                " folder yours to write to, or choose another --data folder"
            ) from error
        finally:
            lock.release()
        self.log = SqliteLog.open(self.folder / LOG, self.name, create=True)
        self.state = State()
        self.last_written_ns = 0
        return put_away

    def _put_away(self) -> Path:
        epochs = self.folder / EPOCHS
        epochs.mkdir(exist_ok=True)
        taken = [int(each.name) for each in epochs.iterdir() if each.name.isdecimal()]
        put_away = epochs / f"{max(taken, default=0) + 1:04d}"
        put_away.mkdir()
        for pattern in _OWN:
            for each in list(self.folder.glob(pattern)):
                each.replace(put_away / each.name)
        return put_away


def _last_written(folder: Path) -> int:
    """Return when the database or its write-ahead log was last changed, 0 if there is none."""
    files = [folder / LOG, folder / f"{LOG}-wal"]
    return max((file.stat().st_mtime_ns for file in files if file.exists()), default=0)

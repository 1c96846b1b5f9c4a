"""
Snapshots: the state at some event, kept so that a start need not fold everything. They can be thrown away.

One is only believed if it was made by this version, is whole, and the log has the hash it names at the event
it names. Otherwise the log is folded from the first event.
"""

from hashlib import sha256
from pathlib import Path

import msgspec

from kasauti import __version__
from kasauti.domain.state import State
from kasauti.store.sqlite import SqliteLog

#: The file in the account's folder.
SNAPSHOT = "snapshot.bin"


class _Snapshot(msgspec.Struct, frozen=True):
    version: str
    stream: str
    seq: int
    log_hash: bytes
    state: bytes
    digest: bytes


def save_snapshot(state: State, log: SqliteLog, folder: Path) -> None:
    """Keep `state`, which is the fold of everything committed to `log`."""
    assert state.seq == log.seq, "a snapshot is of the log's last event"
    body = msgspec.json.encode(state)
    snapshot = _Snapshot(__version__, log.stream, state.seq, log.last_hash, body, sha256(body).digest())
    target = folder / SNAPSHOT
    temporary = target.with_suffix(".tmp")
    temporary.write_bytes(msgspec.msgpack.encode(snapshot))
    temporary.replace(target)


def load_state(log: SqliteLog, folder: Path) -> State:
    """Return the state of everything committed to `log`, from a snapshot if there is one to believe."""
    state = _believed(log, folder / SNAPSHOT) or State()
    for recorded in log.read(state.seq + 1):
        state.apply(recorded)
    return state


def _believed(log: SqliteLog, path: Path) -> State | None:
    try:
        snapshot = msgspec.msgpack.decode(path.read_bytes(), type=_Snapshot)
        if snapshot.version != __version__ or snapshot.stream != log.stream:
            return None
        if sha256(snapshot.state).digest() != snapshot.digest:
            return None
        if log.hash_at(snapshot.seq) != snapshot.log_hash:
            return None
        return msgspec.json.decode(snapshot.state, type=State)
    except (OSError, msgspec.MsgspecError):
        return None

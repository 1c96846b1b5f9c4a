"""
Snapshots: the state after some event, kept so that a start need not fold everything. They can be thrown away.

One is believed only if it is whole, was made by the same fold, and the log has at its event the hash that it
names. Otherwise the log is folded from the first event.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec

from kasauti import __version__
from kasauti.domain.state import State
from kasauti.errors import LogCorrupt, NumberTooLarge
from kasauti.store.chain import HASH_SIZE
from kasauti.store.files import write_atomically
from kasauti.store.log_store import StoredLog
from kasauti.store.state_form import StateForm

StateT = TypeVar("StateT")


class _Snapshot(msgspec.Struct, Generic[StateT], frozen=True):
    """
    What stands in the file behind the SHA-256 of it.

    `log_hash` is the hash of event `seq`. Notes are JSON of the strategies' own, so they stand apart. What is
    written is a state, what is read its form.
    """

    fold: bytes
    stream: str
    seq: int
    log_hash: bytes
    state: StateT
    notes: dict[str, bytes]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Snapshot[StateForm])


def save_snapshot(state: State, log: StoredLog, folder: Path) -> None:
    """
    Keep `state`, the fold of everything committed to `log`, in `folder`.

    Raises `OSError` if the disk does not take it, `NumberTooLarge` as `check_can_be_kept` does.
    """
    notes = {name: bytes(note) for name, note in state.notes.items()}
    bare = replace(state, notes={})
    snapshot = _Snapshot(_fold(), log.stream, state.seq, log.hash_at(state.seq), bare, notes)
    body = _encoded(snapshot, log)
    # One that is lost with the power costs time, and waiting for the disk would cost it always.
    write_atomically(snapshot_path(folder, log.stream), sha256(body).digest() + body, flush=False)


def check_can_be_kept(state: State, log: StoredLog) -> None:
    """Raise `NumberTooLarge` if a number of a state, the fold of `log`, is one that 64 bits do not hold."""
    _encoded(replace(state, notes={}), log)


def _encoded(of: object, log: StoredLog) -> bytes:
    try:
        return _ENCODER.encode(of)
    except OverflowError as error:
        raise NumberTooLarge(
            f"{log.where} has a number for {log.stream!r} that 64 bits do not hold, which an earlier version"
            " recorded: nothing can be kept of what follows from it. Begin the account anew with `kasauti"
            " account reset`; its log stays and can be read"
        ) from error


def snapshot_due(seq: int, kept: int, every: int) -> bool:
    """
    Return whether event `seq` is worth a snapshot when the last one was of event `kept`.

    At least `every` events lie between two, 0 being never, and at least a quarter of the log: so all of them
    together cost in proportion to the log, though each is as large as the state.
    """
    return bool(every) and seq - kept >= max(every, -(-kept // 4))


def load_state(log: StoredLog, folder: Path) -> State:
    """
    Return the state after everything committed to `log`, from the snapshot in `folder` if it can be believed.

    Each event that is read is checked against its hash; raises `LogCorrupt` naming the first that is wrong,
    also if the snapshot knows of an event that the log has not.
    """
    with _no_collection():
        state = _believed(log, snapshot_path(folder, log.stream)) or State()
        apply = state.apply
        for recorded in log.read(state.seq + 1, verify=True):
            apply(recorded)
    return state


def snapshot_path(folder: Path, stream: str) -> Path:
    """Return where the snapshot of an account is kept."""
    return folder / f"{quote(stream, safe='')}.snapshot"


def _believed(log: StoredLog, path: Path) -> State | None:
    try:
        content = path.read_bytes()
    except OSError:
        return None
    body = memoryview(content)[HASH_SIZE:]
    if sha256(body).digest() != content[:HASH_SIZE]:
        return None
    try:
        snapshot = _DECODER.decode(body)
    except msgspec.MsgspecError:
        return None
    if snapshot.stream != log.stream:
        return None
    log_hash = log.hash_at(snapshot.seq)
    if not log_hash:
        raise LogCorrupt(
            f"{log.where} ends with event {log.seq}, but {path} was made after {snapshot.seq}: the log has"
            " lost what came between. Go on from a backup; to go on with what is left, remove the snapshot"
        )
    if log_hash != snapshot.log_hash or snapshot.fold != _fold():
        return None
    state = snapshot.state.state()
    state.notes = {name: msgspec.Raw(note) for name, note in snapshot.notes.items()}
    return state


@cache
def _fold() -> bytes:
    """Return a fingerprint of what a state is made of and by; a snapshot with another one is not believed."""
    modules = [each for each in files("kasauti.domain").iterdir() if each.name.endswith(".py")]
    sources = [each.read_bytes() for each in sorted(modules, key=lambda each: each.name)]
    return sha256(b"".join([__version__.encode(), *sources])).digest()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep the garbage collector from looking again and again through a state that only grows."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

"""
One session with PostgreSQL: opened so that what it commits lasts, and the locks that it holds.

Locks belong to the session, and everything is written through it: whoever loses the session has lost the
right to write and the means to, in one moment. A process that is killed lets go of them at once.
"""

import os
import socket
import time
from contextlib import suppress
from hashlib import sha256
from typing import Any, Final

import psycopg
from psycopg import sql

from kasauti.domain.ist import ist_iso
from kasauti.errors import LogError
from kasauti.store.opening import shown

#: Somebody who lets go may need a moment to do so.
_TRIES: Final = 10
_PAUSE_S: Final = 0.05

#: How soon the server notices that a machine at the other end is gone, in seconds and probes.
_KEEPALIVE: Final = {"tcp_keepalives_idle": 10, "tcp_keepalives_interval": 5, "tcp_keepalives_count": 3}

#: Who holds a lock: the name of the session, and since when it is open.
_HOLDER: Final = """SELECT application_name, (extract(epoch FROM backend_start) * 1000000)::bigint
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND classid = %s AND objid = %s
    AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND pid <> pg_backend_pid() ORDER BY backend_start LIMIT 1"""

#: All locks of this kind in this database, as the two halves of their numbers.
_HELD: Final = """SELECT classid::bigint, objid::bigint FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""


def connect(url: str) -> psycopg.Connection[Any]:
    """Open a session in autocommit mode; raises `LogError` without showing a password."""
    name = f"kasauti process {os.getpid()} on {socket.gethostname()}"
    address = url.replace("postgresql+psycopg://", "postgresql://", 1)
    try:
        connection = psycopg.connect(address, autocommit=True, application_name=name, client_encoding="UTF8")
        for setting, value in _KEEPALIVE.items():
            connection.execute(sql.SQL("SET {} = {}").format(sql.Identifier(setting), value))
        found = connection.execute("SHOW synchronous_commit").fetchone()
        if found and found[0] in ("off", "local"):
            connection.execute("SET synchronous_commit = on")
    except psycopg.Error as error:
        raise LogError(
            f"{shown(url)} cannot be reached: {_first_line(error)}; see that PostgreSQL runs there and lets"
            " you in"
        ) from error
    return connection


def lock_key(name: str) -> int:
    """Return the number of a lock: 64 bits, signed, as PostgreSQL's advisory locks have it."""
    return int.from_bytes(sha256(b"kasauti lock " + name.encode()).digest()[:8], "big", signed=True)


def take_lock(connection: psycopg.Connection[Any], key: int, *, shared: bool = False) -> bool:
    """
    Take a lock for as long as the session lasts, beside others who share it.

    Return False if it is taken.
    """
    query = "SELECT pg_try_advisory_lock_shared(%s)" if shared else "SELECT pg_try_advisory_lock(%s)"
    for attempt in range(_TRIES):
        row = connection.execute(query, (key,)).fetchone()
        if row and row[0]:
            return True
        if attempt < _TRIES - 1:
            time.sleep(_PAUSE_S)
    return False


def let_go(connection: psycopg.Connection[Any], key: int) -> None:
    """Give a lock back."""
    connection.execute("SELECT pg_advisory_unlock(%s)", (key,))


def holder(connection: psycopg.Connection[Any], key: int) -> str:
    """Return which other session holds a lock and since when it is open; "" if none does."""
    high, low = divmod(key % 2**64, 2**32)
    row = connection.execute(_HOLDER, (high, low)).fetchone()
    return f"{row[0] or 'another session'}, connected since {ist_iso(row[1] * 1_000)}" if row else ""


class Held:
    """The locks that were held at one moment, by name."""

    def __init__(self, keys: set[int]) -> None:
        self._keys = keys

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and lock_key(name) in self._keys


def held(connection: psycopg.Connection[Any]) -> Held:
    """Return which locks any session holds now, this one included."""
    rows = connection.execute(_HELD).fetchall()
    keys = {high << 32 | low for high, low in rows}
    return Held({key - 2**64 if key >= 2**63 else key for key in keys})


def close(connection: psycopg.Connection[Any]) -> None:
    """End a session; its locks are free when this returns."""
    with suppress(psycopg.Error):
        connection.execute("SELECT pg_advisory_unlock_all()")
    connection.close()


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]

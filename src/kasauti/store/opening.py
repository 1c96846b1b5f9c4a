"""
Where logs are kept, from one word: a path, `sqlite:///path`, or `postgresql://user@host/database`.

The words are those of `PAPER_TRADING_DATABASE_URL` and `DATABASE_URL`.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from kasauti.errors import ConfigError
from kasauti.store.log_store import LogStore, SharedStore
from kasauti.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from kasauti.store.postgres import PostgresStore

#: What a URL of PostgreSQL may begin with; SQLAlchemy's spelling with a driver is taken too.
_POSTGRES: Final = ("postgresql", "postgres", "postgresql+psycopg")


def open_store(url_or_path: str | Path, *, create: bool = False, readonly: bool = False) -> LogStore:
    """
    Open the home of logs that a path or URL names, as its only writer unless `readonly`.

    `create` makes what is missing. Raises `ConfigError` for a URL of something else, `LogLocked` if
    another process writes to it, `LogCorrupt` or `LogTooNew` if it is not one that can be read, and
    `LogError` if it is missing or cannot be opened.
    """
    path = path_of(url_or_path)
    if path is None:
        return _postgres(str(url_or_path), create=create, readonly=readonly, shared=False)
    return SqliteStore.open(path, create=create, readonly=readonly)


def open_shared_store(url: str) -> SharedStore:
    """
    Open a PostgreSQL to which other processes may write beside this one, each to its own accounts.

    What is missing is made. Raises `ConfigError` for a file, `LogLocked` if somebody writes to it who does
    not share, and what `open_store` raises.
    """
    if path_of(url) is not None:
        raise ConfigError(
            f"{url or 'a file'} has one process that writes to it; processes share their accounts in"
            " PostgreSQL: give its URL"
        )
    return _postgres(url, create=True, readonly=False, shared=True)


def _postgres(url: str, *, create: bool, readonly: bool, shared: bool) -> "PostgresStore":
    # Only who uses PostgreSQL needs its driver.
    try:
        from kasauti.store.postgres import PostgresStore  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            f"{shown(url)} needs the driver of PostgreSQL; install it with: pip install 'kasauti[postgres]'"
        ) from error
    return PostgresStore.open(url, create=create, readonly=readonly, shared=shared)


def path_of(url_or_path: str | Path) -> Path | None:
    """
    Return the file that a path or `sqlite:` URL names, None if it is a PostgreSQL's URL.

    Three slashes lead to a path from here, four to one from the root, as SQLAlchemy has it. Raises
    `ConfigError` for any other URL.
    """
    if isinstance(url_or_path, Path) or "://" not in url_or_path:
        return Path(url_or_path)
    scheme, _, rest = url_or_path.partition("://")
    if scheme in _POSTGRES:
        return None
    if scheme != "sqlite":
        raise ConfigError(
            f"{shown(url_or_path)} is not a database that accounts can be kept in; give a path,"
            " sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE"
        )
    path = unquote(rest.partition("?")[0])
    if not path.startswith("/") or path == "/":
        raise ConfigError(
            f"{url_or_path} names no file; write sqlite:///FILE, or sqlite:////FILE from the root"
        )
    return Path(path[1:])


def shown(url: str) -> str:
    """Return a database's URL as it may be shown: without user, password and options."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}"

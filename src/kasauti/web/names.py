"""Which names a request may call this server by, and which pages may send it."""

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from starlette.types import Scope

#: Of a name and its port, in bytes: what is longer is cut, and is nobody's.
_LONGEST_NAME: Final = 300


def strangeness(scope: Scope, names: Collection[str]) -> str:
    """
    Return why a request or a WebSocket is not for this server, "" if it is.

    The name it calls has to be one of `names`: a page whose own name was made to lead here calls another.
    So has the page that sent it, where a browser says which that is.
    """
    called, calls = b"", 0
    for header, value in scope["headers"]:
        if header == b"host":
            called, calls = value, calls + 1
        elif header == b"origin":
            page = value.decode("latin-1")
            if _name(page.partition("://")[2]) not in names:
                return f"pages of {page[:100]!r} may not ask this server"
    name = _called(called[:_LONGEST_NAME])
    if calls != 1 or name not in names:
        return f"this server does not answer to the name {name[:100]!r}"
    return ""


@lru_cache(maxsize=256)
def _called(host: bytes) -> str:
    return _name(host.decode("latin-1"))


def _name(host: str) -> str:
    """Return a host without its port, as names are compared."""
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return name.lower()

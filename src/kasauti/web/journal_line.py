"""The line that the log of a server has for a request: much of it is the same for many."""

from functools import lru_cache
from typing import Final

import msgspec

_ENCODE: Final = msgspec.json.Encoder().encode
_MICROS: Final = 1e6
_MILLI: Final = 1_000


def request_line(
    at: str, number: str, dialect: str, route: str, status: int, seconds: float, key: str, address: str
) -> bytes:
    """Return the JSON of a request's line; `at` and `number` are words that need no escaping."""
    ms = int(seconds * _MICROS) / _MILLI
    return (
        f'{{"at":"{at}","kind":"request","id":"{number}",{_where(dialect, route)},"status":{status},"ms":{ms}'
        f",{_who(key, address)}}}"
    ).encode()


@lru_cache(maxsize=512)
def _where(dialect: str, route: str) -> str:
    return _fields({"dialect": dialect, "route": route})


@lru_cache(maxsize=512)
def _who(key: str, address: str) -> str:
    return _fields({"key": key, "address": address})


def _fields(of: dict[str, str]) -> str:
    """Return the fields of an object of JSON, without its braces."""
    return _ENCODE(of)[1:-1].decode()

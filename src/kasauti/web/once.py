"""A name that is given twice is refused: readers differ on which one counts, and an order may be meant."""

import json
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from kasauti.errors import InvalidInput


def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as a mapping; `InvalidInput` for a name that comes twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(f"{twice[:100]!r} is given twice; say it once")
    return found


#: Reads a text a second time, only to find names that come twice.
_ONE_OF_EACH: Final = json.JSONDecoder(object_pairs_hook=once)


def check_names(text: bytes | str) -> None:
    """
    Raise `InvalidInput` if an object of JSON, at whatever depth, gives a name twice.

    Text that is no JSON is a `ValueError`.
    """
    if _is_plain(text):
        return
    _ONE_OF_EACH.decode(text if isinstance(text, str) else text.decode())


def _is_plain(text: bytes | str) -> bool:
    """
    Whether a text is a flat object that gives each name once, as most are: told by counting its colons.

    Without a backslash every colon in it stands behind a name, in a name, or within a text that was read. A
    name that came twice would leave one too many, whatever its first value was, and so does one in a name.
    """
    raw = text if isinstance(text, bytes) else text.encode()
    if b"\\" in raw:
        return False
    value = msgspec.json.decode(raw)
    if type(value) is not dict:
        return False
    colons = len(value)
    for each in value.values():
        kind = type(each)
        if kind is str:
            if ":" in each:
                colons += each.count(":")
        elif kind is dict or kind is list:
            return False
    return raw.count(b":") == colons

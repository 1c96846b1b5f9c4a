"""A name that is given twice is refused: readers differ on which one counts, and an order may be meant."""

import json
from collections.abc import Sequence
from typing import Any, Final

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
    """Raise `InvalidInput` if an object of JSON, at whatever depth, gives a name twice."""
    _ONE_OF_EACH.decode(text if isinstance(text, str) else text.decode())

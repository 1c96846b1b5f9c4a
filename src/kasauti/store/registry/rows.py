"""From rows to structs, and checks that every table needs."""

import re
from collections.abc import Mapping
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from kasauti.errors import InvalidInput, NotThere

StructT = TypeVar("StructT", bound=msgspec.Struct)

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}")
_LONGEST: Final = 10_000


class Actor(msgspec.Struct, frozen=True):
    """Who does something: a user's name, or a part of the program in brackets, and from which address."""

    name: str
    address: str = ""


#: What the program does of itself.
DESK: Final = Actor("(desk)")


def one(connection: sa.Connection, query: sa.Select[Any], kind: type[StructT], what: str) -> StructT:
    """Return the row that is asked for; `NotThere` if there is none, with `what` in its message."""
    row = connection.execute(query).mappings().first()
    if row is None:
        raise NotThere(f"there is no {what}; a list shows what there is")
    return struct(kind, row)


def many(connection: sa.Connection, query: sa.Select[Any], kind: type[StructT]) -> list[StructT]:
    """Return all rows that are asked for."""
    return [struct(kind, row) for row in connection.execute(query).mappings()]


def struct(kind: type[StructT], row: Mapping[Any, Any]) -> StructT:
    """Return a row as a struct: its columns that have the names of its fields."""
    return msgspec.convert({each: row[each] for each in kind.__struct_fields__}, kind, builtin_types=(bytes,))


def checked_name(text: str, what: str) -> str:
    """Return a name as it may stand in URLs and files; `InvalidInput` if it may not."""
    if not _NAME.fullmatch(text):
        raise InvalidInput(
            f"{text!r} cannot be the name of {what}: up to 63 letters, digits, '_', '-' and '.', the first"
            " no sign"
        )
    return text


def checked_text(value: str, what: str) -> str:
    """Return a text that every database can hold; `InvalidInput` if it is none."""
    if len(value) > _LONGEST:
        raise InvalidInput(f"{what} is {len(value)} characters long; {_LONGEST} is the most")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{what} is not valid Unicode: {error}; correct it and ask again") from error
    if "\0" in value:
        raise InvalidInput(f"{what} has a null character in it; take it out and ask again")
    return value


def json_text(value: object) -> str:
    """Return a value as JSON text, keys in order, so that equal values are equal texts."""
    return msgspec.json.encode(value, order="deterministic").decode()

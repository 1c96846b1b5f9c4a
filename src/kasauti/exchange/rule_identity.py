"""
What a row of a rule file is about: the fields that name its thing, as opposed to the values it gives.

A file says so itself, under `keys`, list by list; where it does not, the row's words are taken: every text
that is neither a number, a time, a date nor a sentence.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import product

from kasauti.exchange.rule_text import RawRow

#: Fields that say when a row holds and how sure it is, in every file.
ABOUT_THE_ROW = (
    "effective_from",
    "effective_to",
    "date",
    "source",
    "confidence",
    "note",
    "provisional",
    "origin",
)

_VALUE = re.compile(r"[-+]?[0-9][0-9.,:%/-]*")
_SENTENCE = ("_refusal", "_text", "_message", "message")

#: The fields of a key with one word each, like (("segment", "equity"),).
Identity = tuple[tuple[str, str], ...]


def list_name(path: str) -> str:
    """Return the name of the list at `path`: `rates` of `$.plans[0].rates`."""
    return path.rpartition(".")[2]


def key_fields(keys: Mapping[str, Sequence[str]], path: str, rows: Iterable[RawRow]) -> list[str]:
    """Return the names of the fields that tell the things of a list apart."""
    declared = keys.get(list_name(path))
    if declared is not None:
        return list(declared)
    seen = {field: None for row in rows for field, value in row.items() if _is_word(field, value)}
    return list(seen)


def identities(row: RawRow, fields: Sequence[str]) -> list[Identity]:
    """Return every single thing a row is about: a row for two segments is about both."""
    words = [_words(row.get(field)) for field in fields]
    return [tuple(zip(fields, chosen, strict=True)) for chosen in product(*words)]


def _words(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(each) for each in value] or [""]
    return ["" if value is None else str(value)]


def _is_word(field: str, value: object) -> bool:
    if field in ABOUT_THE_ROW or field.endswith(_SENTENCE):
        return False
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and not _VALUE.fullmatch(each) for each in value)
    return isinstance(value, str) and not _VALUE.fullmatch(value)

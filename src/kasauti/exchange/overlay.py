"""
A user's own rows over the rule files that come with Kasauti.

An overlay is a folder of files with the names and the shapes of those in `exchange/data/`, each with nothing
but its own rows. A row for a thing and a day that the packaged file has a row for replaces it; every other
row is added. `known_to` and other single values replace the packaged ones. Everything that reads rules while
an overlay is in use reads it with them.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from kasauti.exchange.rule_identity import Identity, identities, key_fields
from kasauti.exchange.rule_text import RawRow, RuleText

#: Where a row that a user gave says which of the user's files it is from.
ORIGIN = "origin"


class Overlay(msgspec.Struct, frozen=True):
    """
    The files of an overlay: `where` is their folder, `files` has name and text of each.

    Without `provisional`, rows that are marked so are passed over in every file, and those before them stay
    in force.
    """

    where: str = ""
    files: tuple[tuple[str, str], ...] = ()
    provisional: bool = True

    def text(self, file: str) -> RuleText | None:
        """Return the user's file of this name, None if there is none."""
        found = dict(self.files).get(file)
        return None if found is None else RuleText(file, f"{self.where}/{file}", found)

    @property
    def fingerprint(self) -> str:
        """A hash of everything in it; empty where it changes nothing."""
        if self.provisional:
            return fingerprint_of(self.files) if self.files else ""
        return fingerprint_of((*self.files, ("", "without provisional rows")))


NO_OVERLAY = Overlay()


class RulesInForce(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What an account's log says of the rules it traded under.

    `packaged` is the fingerprint of the files that came with Kasauti, `overlay` the user's own files, word
    for word, `fingerprint` theirs.
    """

    packaged: str
    overlay: Overlay = NO_OVERLAY
    fingerprint: str = ""


def recorded_overlay(text: str) -> Overlay:
    """Return the overlay in what a log says of its rules; none in logs from before they said anything."""
    return msgspec.json.decode(text, type=RulesInForce).overlay if text else NO_OVERLAY


_IN_USE: ContextVar[Overlay] = ContextVar("overlay", default=NO_OVERLAY)


def overlay_in_use() -> Overlay:
    """Return the overlay that rules are read with."""
    return _IN_USE.get()


def use(overlay: Overlay) -> None:
    """Read rules with `overlay` from here on: for a process that has one set of settings."""
    _IN_USE.set(_plainest(overlay))


@contextmanager
def using(overlay: Overlay) -> Iterator[None]:
    """Read rules with `overlay` until the block ends; what was read stays as it was."""
    token = _IN_USE.set(_plainest(overlay))
    try:
        yield
    finally:
        _IN_USE.reset(token)


def _plainest(overlay: Overlay) -> Overlay:
    """Return `NO_OVERLAY` for any like it: what is written tells defaults by identity."""
    return NO_OVERLAY if overlay == NO_OVERLAY else overlay


def fingerprint_of(files: tuple[tuple[str, str], ...]) -> str:
    """Return a hash of names and texts, 16 hex digits."""
    digest = hashlib.sha256()
    for name, text in sorted(files):
        digest.update(f"{len(name)} {len(text)} {name}{text}".encode())
    return digest.hexdigest()[:16]


def completed(own: RuleText, packaged: dict[str, Any]) -> dict[str, Any]:
    """Return the user's file with what it leaves out: as if its rows were all there are."""
    filled = {**packaged, **own.values}
    for path, rows in own.rows().items():
        field = path.removeprefix("$.")
        theirs = packaged.get(field, [])
        if field in filled and not _are_dated([*theirs, *rows]):
            names = key_fields(packaged.get("keys", {}), path, [*theirs, *rows])
            filled[field] = [_with_group(row, theirs, names) for row in rows]
    return filled


def _with_group(row: RawRow, theirs: list[RawRow], names: list[str]) -> RawRow:
    return next(({**each, **row} for each in theirs if _same(each, row, names)), row)


def merged(own: RuleText, packaged: dict[str, Any], *, with_origin: bool = False) -> dict[str, Any]:
    """Return the packaged file with the user's rows in it; `with_origin` each names its file and line."""
    return _Merging(own, packaged.get("keys", {}), with_origin).group("$", own.values, packaged)


def without_provisional(values: dict[str, Any]) -> dict[str, Any]:
    """Return a file's values without the rows that are marked provisional; sessions of one day stay."""
    return {
        field: [row for row in value if not (row.get("provisional") and "effective_from" in row)]
        if _are_rows(value)
        else value
        for field, value in values.items()
    }


class _Merging(msgspec.Struct, frozen=True):
    own: RuleText
    keys: dict[str, list[str]]
    with_origin: bool

    def group(self, path: str, mine: RawRow, theirs: RawRow) -> RawRow:
        result = dict(theirs)
        for field, value in mine.items():
            before = theirs.get(field)
            if _are_rows(value) and _are_rows(before):
                result[field] = self.rows(f"{path}.{field}", value, before or [])
            elif isinstance(value, dict) and isinstance(before, dict):
                result[field] = {**before, **value}
            else:
                result[field] = value
        return result

    def rows(self, path: str, mine: list[RawRow], theirs: list[RawRow]) -> list[RawRow]:
        fields = key_fields(self.keys, path, [*theirs, *mine])
        is_dated = _are_dated([*theirs, *mine])
        kept = list(theirs)
        for place, row in enumerate(mine):
            where = f"{path}[{place}]"
            same = [each for each in kept if _same(each, row, fields)]
            if not is_dated and same:
                # A group with rows inside, like one broker's plan: its own lists are merged in turn.
                kept[kept.index(same[0])] = self.group(where, row, same[0])
                continue
            kept = [left for each in kept for left in _without(each, row, fields)]
            kept.append({**row, ORIGIN: self.own.place(where)} if is_dated and self.with_origin else row)
        return kept


def _are_dated(rows: list[RawRow]) -> bool:
    return any("effective_from" in row or "date" in row for row in rows)


def _are_rows(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _same(one: RawRow, other: RawRow, fields: list[str]) -> bool:
    """Whether two rows are about the same thing from the same day."""
    if any(one.get(field) != other.get(field) for field in ("effective_from", "date")):
        return False
    return bool(set(identities(one, fields)) & set(identities(other, fields)))


def _without(row: RawRow, other: RawRow, fields: list[str]) -> list[RawRow]:
    """Return what is left of a row where another replaces it: for none, some or all of what it is about."""
    if not _same(row, other, fields):
        return [row]
    taken = set(identities(other, fields))
    left: list[Identity] = [each for each in identities(row, fields) if each not in taken]
    return [{**row, **_as_fields(row, each)} for each in left]


def _as_fields(row: RawRow, thing: Identity) -> RawRow:
    return {
        field: ([word] if word else []) if isinstance(row[field], list) else row[field]
        for field, word in thing
        if field in row
    }

"""
What can be wrong in a rule file although it has the right shape.

Checked here, for every file alike: a key that stands twice, a source that is missing, dates that are none or
run backwards, two rows for one thing on one day, a clock that runs backwards, a rate below 0 or above 100 %,
an amount below 0, a lot or a tick of 0.
Unknown words and fields are found when the file is read into its types.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

import msgspec

from kasauti.exchange.clock import CLOCK
from kasauti.exchange.rule_identity import Identity, identities, key_fields, list_name
from kasauti.exchange.rule_text import RawRow, RuleText

#: Said of a row without a source.
NO_SOURCE = 'the row has no source; add "source": "..." with the page or circular that has its value.'

_WHOLE = 100
_SPANS = (("open", "close"), ("opens", "closes"))
_DATED = ("effective_from", "date")
#: Fields with sums of money and with counts, which may be 0 but never below.
_AMOUNTS = frozenset({"at_least", "below", "cap", "flat", "floor", "min_value", "through", "up_to"})
_ABOVE_ZERO = frozenset(
    {
        *("lot", "quantity", "step", "tick", "units", "wide_step", "long_dated_step"),
        *("rupees", "held", "becomes", "new", "for"),
    }
)


class Problem(msgspec.Struct, frozen=True):
    """Something wrong at `path`, and what to do about it."""

    path: str
    says: str


def problems_of(read: RuleText, keys: dict[str, list[str]] | None = None) -> list[Problem]:
    """Return what is wrong in a file; `keys` are the packaged file's where `read` has none of its own."""
    known = keys if keys is not None else read.values.get("keys", {})
    found = [Problem(path, f"{list_name(path)} stands twice there; keep one.") for path in read.repeated]
    for path, rows in read.rows().items():
        if any(field in row for row in rows for field in _DATED):
            for place, row in enumerate(rows):
                found += _row(f"{path}[{place}]", row)
            found += _collisions(path, rows, key_fields(known, path, rows))
        for place, row in enumerate(rows):
            found += _values(f"{path}[{place}]", row)
    return found


def _row(path: str, row: RawRow) -> Iterator[Problem]:
    source = row.get("source")
    if source is None or (isinstance(source, str) and not source.strip()):
        yield Problem(
            path,
            NO_SOURCE,
        )
    begins, ends = row.get("effective_from"), row.get("effective_to")
    for field in (*_DATED, "effective_to"):
        if field in row and row[field] is not None and _day(row[field]) is None:
            yield Problem(f"{path}.{field}", f"{row[field]!r} is not a date; write it like 2026-12-07.")
    first, last = _day(begins), _day(ends)
    if first is not None and last is not None and last < first:
        yield Problem(
            f"{path}.effective_to",
            f"the row ends on {last}, before it begins on {first}; correct one.",
        )


def _collisions(path: str, rows: list[RawRow], fields: list[str]) -> Iterator[Problem]:
    """Yield the rows that hold for a thing on a day for which another row was written already."""
    by_thing: dict[Identity, list[tuple[date, int]]] = {}
    for place, row in enumerate(rows):
        day = _day(row.get("effective_from") or row.get("date"))
        if day is not None:
            for thing in identities(row, fields):
                by_thing.setdefault(thing, []).append((day, place))
    told: set[int] = set()
    for thing, dated in by_thing.items():
        dated.sort()
        for (day, place), (after, later) in pairwise(dated):
            end = _day(rows[place].get("effective_to"))
            if later in told or (day != after and (end is None or end < after)):
                continue
            told.add(later)
            which = f" for {_named(thing)}" if thing else ""
            if day == after:
                says = f"a second row{which} from {day}; keep one, or redate one."
            else:
                says = (
                    f"the row{which} from {after} overlaps the one from {day}, which ends on {end};"
                    " correct its effective_to, or leave it out: a row ends where the next begins."
                )
            yield Problem(f"{path}[{later}]", says)


def _values(path: str, row: RawRow) -> Iterator[Problem]:
    """Yield rates that cannot be and clock times that run backwards, also within the row's own parts."""
    for opens, closes in _SPANS:
        first, last = row.get(opens), row.get(closes)
        if _is_clock(first) and _is_clock(last) and str(last) <= str(first):
            yield Problem(
                f"{path}.{closes}", f"it closes at {last}, not after it opens at {first}; correct one."
            )
    for field, value in row.items():
        listed = field.endswith("percents") and isinstance(value, list)
        for each in value if listed else (value,):
            says = _wrong_number(field.removesuffix("s") if listed else field, each)
            if says:
                yield Problem(f"{path}.{field}", says)


def _wrong_number(field: str, value: Any) -> str:  # noqa: ANN401  any JSON value
    """Return what is wrong with a number, "" where nothing is or it is none; other types find the rest."""
    is_rate = field.endswith("percent")
    if not is_rate and field not in _AMOUNTS and field not in _ABOVE_ZERO:
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return ""
    if not number.is_finite():
        return f"{value} is no number."
    if is_rate and not 0 <= number <= _WHOLE:
        return f"a rate of {number} % cannot be; rates are from 0 to 100 per cent."
    if field in _ABOVE_ZERO and number <= 0:
        return f"a {field} of {number} cannot be; it is above 0."
    return f"a {field} of {number} cannot be; it is 0 or more." if number < 0 else ""


def _is_clock(value: object) -> bool:
    return isinstance(value, str) and re.match(CLOCK, value) is not None


def _named(thing: Identity) -> str:
    return ", ".join(f"{field} {word}" if word else f"no {field}" for field, word in thing)


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

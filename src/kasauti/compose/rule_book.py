"""
Every rule in force on a day, from every rule file alike: what it is about, what it says, since when and why.

A file that is new is in here without a line of code: its own `keys` say what its rows are about.
"""

from bisect import insort
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from kasauti.exchange.overlay import ORIGIN, merged, overlay_in_use, without_provisional
from kasauti.exchange.rule_identity import ABOUT_THE_ROW, Identity, identities, key_fields, list_name
from kasauti.exchange.rule_text import RawRow, row_lists
from kasauti.exchange.rules import packaged_files, packaged_text

#: Under which heading a file stands; one that is not named here stands under the last.
TOPICS = {
    "Days": ("calendar.json", "calendar_currency.json", "calendar_commodity.json"),
    "Hours": ("hours.json", "phases.json", "square_off.json", "commodities.json"),
    "Contracts": (
        "lot_sizes.json",
        "contract_sizes.json",
        "freeze_quantities.json",
        "tick_sizes.json",
        "strike_steps.json",
        "expiries.json",
        "derivative_stocks.json",
    ),
    "Prices": ("price_bands.json", "price_protection.json", "circuit_breaker.json"),
    "Orders": ("products.json", "market_protection.json", "order_limits.json", "standing.json"),
    "Charges": ("stt.json", "exchange_charges.json", "stamp_duty.json", "levies.json", "brokerage.json"),
    "Margins": ("margins.json", "span.json"),
    "Settlement": ("settlement.json",),
}
OTHERS = "Other rules"

#: The fields of a group around a list that say what the rows in it are about.
_NAMES_ITS_GROUP = "name"
_GROUP = "plan"


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """
    One row that is in force.

    `about` names its thing, field by field; `says` are its values. It holds from `since`, and until the day
    before `next` where a later row is known or `ends` where it gives its last day itself. `origin` is the
    user's own file and line, empty for a rule that came with Kasauti.
    """

    topic: str
    file: str
    of: str
    about: dict[str, list[str]]
    says: dict[str, Any]
    since: date
    next: date | None
    ends: date | None
    confidence: str
    source: str
    note: str
    provisional: bool
    origin: str

    @property
    def thing(self) -> tuple[str, str, tuple[tuple[str, tuple[str, ...]], ...]]:
        """What this row is about, comparable between days."""
        return self.file, self.of, tuple((field, tuple(words)) for field, words in self.about.items())


class InForce(msgspec.Struct, frozen=True):
    """The rules of a day, by topic, and in sentences the files that have not been checked for it."""

    rules: list[Rule]
    unknown: list[str]


def in_force(day: date) -> InForce:
    """Return every rule in force on `day`, with those of the overlay in use."""
    rules: list[Rule] = []
    unknown: list[str] = []
    for file in sorted(packaged_files(), key=_place):
        packaged = packaged_text(file)
        own = overlay_in_use().text(file)
        values = packaged.values if own is None else merged(own, packaged.values, with_origin=True)
        if not overlay_in_use().provisional:
            values = without_provisional(values)
        known_to = date.fromisoformat(str(values["known_to"]))
        if day > known_to:
            unknown.append(f"exchange/data/{file} has been checked to {known_to}; add its rows for {day}.")
            continue
        for path, rows in row_lists(values).items():
            keys = key_fields(values.get("keys", {}), path, rows)
            rules += _of_list(file, path, rows, [*keys], day, _group_of(values, path))
    return InForce(rules, unknown)


def topic_of(file: str) -> str:
    """Return the heading under which a file's rules stand."""
    return next((topic for topic, files in TOPICS.items() if file in files), OTHERS)


def _place(file: str) -> tuple[int, int, str]:
    for place, files in enumerate(TOPICS.values()):
        if file in files:
            return place, files.index(file), file
    return len(TOPICS), 0, file


def _group_of(values: RawRow, path: str) -> dict[str, list[str]]:
    """Return the name of the group that a list is part of, like a broker's plan."""
    parent, _, _ = path.rpartition(".")
    group: Any = values
    for field, place in _steps(parent):
        group = group[field] if place is None else group[field][place]
    name = group.get(_NAMES_ITS_GROUP) if parent != "$" else None
    return {} if name is None else {_GROUP: [str(name)]}


def _steps(path: str) -> Iterator[tuple[str, int | None]]:
    for step in path.split(".")[1:]:
        field, bracket, place = step.partition("[")
        yield field, int(place.rstrip("]")) if bracket else None


def _of_list(
    file: str, path: str, rows: list[RawRow], keys: list[str], day: date, group: dict[str, list[str]]
) -> Iterator[Rule]:
    """
    Yield the rows of one list that hold on `day`, with all the things each holds for.

    That is once, unless later rows took some of its things, and what is left is not every combination of its
    words.
    """
    for row in rows:
        if row.get("date") == day.isoformat():
            yield _rule(file, path, row, {**group, "day": [day.isoformat()]}, day, None)
    timelines: dict[Identity, list[RawRow]] = {}
    for row in (row for row in rows if "effective_from" in row):
        for thing in identities(row, keys):
            insort(timelines.setdefault(thing, []), row, key=_start)
    found: dict[int, tuple[RawRow, list[Identity], date | None]] = {}
    for thing, timeline in timelines.items():
        begun = [row for row in timeline if _start(row) <= day]
        if not begun or (begun[-1].get("effective_to") or "9999") < day.isoformat():
            continue
        later = _start(timeline[len(begun)]) if len(begun) < len(timeline) else None
        found.setdefault(id(begun[-1]), (begun[-1], [], later))[1].append(thing)
    for row, things, later in found.values():
        for part in _combinations(things):
            yield _rule(file, path, row, {**group, **_about(part)}, _start(row), later)


def _rule(
    file: str, path: str, row: RawRow, about: dict[str, list[str]], since: date, later: date | None
) -> Rule:
    ends = row.get("effective_to")
    apart = {*about, *ABOUT_THE_ROW}
    return Rule(
        topic=topic_of(file),
        file=file,
        of=list_name(path),
        about=about,
        says={field: value for field, value in row.items() if field not in apart},
        since=since,
        next=later,
        ends=None if ends is None else date.fromisoformat(ends),
        confidence=str(row.get("confidence", "")),
        source=str(row.get("source", "")),
        note=str(row.get("note", "")),
        provisional=bool(row.get("provisional")),
        origin=str(row.get(ORIGIN, "")),
    )


def _combinations(things: list[Identity]) -> list[list[Identity]]:
    """Return things in groups, each of which is every combination of its words."""
    if not things[0]:
        return [things]
    tails: dict[tuple[str, str], list[Identity]] = {}
    for head, *tail in things:
        tails.setdefault(head, []).append(tuple(tail))
    alike: dict[frozenset[Identity], tuple[list[tuple[str, str]], list[Identity]]] = {}
    for head, each in tails.items():
        alike.setdefault(frozenset(each), ([], each))[0].append(head)
    return [
        [(head, *tail) for head in heads for tail in part]
        for heads, each in alike.values()
        for part in _combinations(each)
    ]


def _about(things: list[Identity]) -> dict[str, list[str]]:
    """Return the words of several things by field, each once, in their order."""
    words: dict[str, dict[str, None]] = {}
    for thing in things:
        for field, word in thing:
            words.setdefault(field, {})[word] = None
    return {field: list(each) for field, each in words.items()}


def _start(row: RawRow) -> date:
    return date.fromisoformat(row["effective_from"])


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a rule says differently on a later day; None where there was or is no rule for it."""

    before: Rule | None
    after: Rule | None

    @property
    def rule(self) -> Rule:
        """The rule of the later day, or the one that ended."""
        found = self.after or self.before
        assert found is not None, "a change has a side"
        return found


def changed(before: list[Rule], after: list[Rule]) -> list[Change]:
    """Return what differs between the rules of two days; holidays and other single days are no changes."""
    old, new = _by_thing(before), _by_thing(after)
    found: dict[tuple[int, int], Change] = {}
    for thing in {**new, **old}:
        was, now = old.get(thing), new.get(thing)
        if was is None or now is None or _said(was) != _said(now):
            found.setdefault((id(was), id(now)), Change(before=was, after=now))
    order = {file: place for place, file in enumerate(sorted(packaged_files(), key=_place))}
    return sorted(found.values(), key=lambda change: (order[change.rule.file], change.rule.of))


def _by_thing(rules: list[Rule]) -> dict[tuple[str, str, tuple[tuple[str, str], ...]], Rule]:
    """Return the rules by every single thing they are about."""
    return {
        (rule.file, rule.of, thing): rule
        for rule in rules
        if "day" not in rule.about
        for thing in identities(dict(rule.about), list(rule.about))
    }


def _said(rule: Rule) -> tuple[dict[str, Any], str, bool]:
    return rule.says, rule.confidence, rule.provisional

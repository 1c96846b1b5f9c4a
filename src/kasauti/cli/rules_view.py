"""The rules of a day as tables that read well: by topic, with since when, how sure and where it stands."""

import re
from collections.abc import Iterable
from datetime import date
from itertools import groupby
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from kasauti.cli.typography import SOFT, STRONG
from kasauti.compose.rule_book import Change, Rule
from kasauti.compose.rule_day import DayOfRules, Hours
from kasauti.compose.rule_subject import Subject
from kasauti.domain.ist import ist_clock
from kasauti.exchange.calendar import Phase

#: List names that say no more than the name of their file.
_PLAIN = {"rates", "rows", "rules", "hours", "phases", "lots", "limits", "steps", "ticks", "bands", "groups"}
_WARNING = "yellow"
#: A word of a rule file, to be shown without its underscores.
_WORD = re.compile("[a-z_]+")


def rules_view(
    day: DayOfRules, rules: list[Rule], unknown: list[str], subject: Subject | None, plan: str
) -> RenderableType:
    """Return the rules of a day."""
    what = "" if subject is None else f", {subject.title}"
    parts: list[RenderableType] = [
        Text(f"Rules in force on {day.day:%A}, {day.day.day} {day.day:%B %Y}{what}; broker: {plan}", STRONG),
        *hours_view(day),
    ]
    for topic, found in groupby(rules, key=lambda rule: rule.topic):
        parts += [Text(""), Text(topic, STRONG), _table(list(found))]
    parts += [Text(""), *_remarks(rules)]
    parts += [Text(each, _WARNING) for each in [*day.unknown, *unknown]]
    return Group(*parts)


def changes_view(
    days: tuple[date, date], changes: list[Change], unknown: list[str], subject: Subject | None
) -> RenderableType:
    """Return what changed between two days."""
    what = "" if subject is None else f" for {subject.title}"
    parts: list[RenderableType] = [Text(f"What changed from {days[0]} to {days[1]}{what}", STRONG)]
    for topic, found in groupby(changes, key=lambda change: change.rule.topic):
        table = _grid("rule", f"on {days[0]}", f"on {days[1]}", "since", "how sure", "source")
        for change in found:
            before, after = change.before, change.after
            table.add_row(
                _name(change.rule),
                Text("none", SOFT) if before is None else _value(before),
                Text("none", SOFT) if after is None else _value(after),
                str(change.rule.since),
                _sure(change.rule),
                Text(_source(change.rule), SOFT),
            )
        parts += [Text(""), Text(topic, STRONG), table]
    if not changes:
        parts.append(Text("Nothing."))
    parts += [Text(each, _WARNING) for each in unknown]
    return Group(*parts)


def hours_view(day: DayOfRules) -> Iterable[RenderableType]:
    """Yield what the calendar says of a day: by segment, with its phases."""
    table = _grid("segment", "the day", "IST")
    for each in day.hours:
        table.add_row(each.of.replace("_", " "), each.why, _phases(each))
    yield table
    if day.expiries:
        told = ", ".join(f"{each.day}{' (monthly)' if each.monthly else ''}" for each in day.expiries)
        yield Text(f"Next expiries: {told}")
    if day.settles is not None:
        yield Text(f"Trades of this day settle on {day.settles}")


def _phases(hours: Hours) -> Text:
    if not hours.phases:
        return Text("closed", SOFT)
    return Text("\n").join(_phase(each) for each in hours.phases)


def _phase(phase: Phase) -> Text:
    takes = "" if phase.kind == "continuous" else f": {', '.join(sorted(phase.takes)) or 'nothing new'}"
    early = "" if phase.may_close_from is None else f", may end from {ist_clock(phase.may_close_from)[:5]}"
    sure = "  provisional" if phase.provisional else ""
    span = f"{ist_clock(phase.opens)[:5]}-{ist_clock(phase.closes)[:5]}"
    return Text.assemble(f"{span} {phase.kind.replace('_', ' ')}{takes}{early}", (sure, _WARNING))


def _table(rules: list[Rule]) -> Table:
    table = _grid("rule", "says", "since", "how sure", "source")
    for rule in rules:
        table.add_row(
            _name(rule),
            _value(rule),
            _since(rule),
            _sure(rule),
            Text(_source(rule), SOFT),
        )
    return table


def _grid(*heads: str) -> Table:
    table = Table(box=None, pad_edge=False, show_edge=False, header_style=SOFT, padding=(0, 2, 0, 0))
    for place, head in enumerate(heads):
        table.add_column(head, ratio=None, overflow="fold", min_width=10 if place else 14)
    return table


def _name(rule: Rule) -> Text:
    """Return the name of a rule: its file and list, and what it is about."""
    of = rule.file.removesuffix(".json").replace("_", " ")
    if rule.of not in _PLAIN and rule.of.replace("_", " ") != of:
        of = f"{of}: {rule.of.replace('_', ' ')}"
    told = "; ".join(_words(words) for words in rule.about.values() if any(words))
    return Text.assemble(of, (f"\n  {told}" if told else "", SOFT))


def _words(words: list[str]) -> str:
    return ", ".join(word.replace("_", " ") if word else "all others" for word in words)


def _value(rule: Rule) -> Text:
    told = "; ".join(_said(field, value) for field, value in rule.says.items() if value is not None)
    return Text(told or "nothing")


def _said(field: str, value: Any) -> str:  # noqa: ANN401  any JSON value
    name = field.replace("_", " ")
    if isinstance(value, bool):
        return name if value else f"not {name}"
    if field.endswith("percent"):
        name = name.removesuffix("percent").strip()
        return f"{name} {value} %".strip()
    if isinstance(value, list):
        inner = ", ".join(_item(each) for each in value)
        return f"{name}: {inner or 'none'}"
    if isinstance(value, dict):
        return f"{name}: {_item(value)}"
    return f"{name} {_item(value)}"


def _item(value: Any) -> str:  # noqa: ANN401  any JSON value
    if isinstance(value, dict):
        return f"({'; '.join(_said(field, each) for field, each in value.items()) or 'else'})"
    text = str(value)
    return text.replace("_", " ") if _WORD.fullmatch(text) else text


def _since(rule: Rule) -> str:
    until = rule.ends or rule.next
    if until is None:
        return str(rule.since)
    return f"{rule.since}\n{'to' if rule.ends else 'before'} {until}"


def _sure(rule: Rule) -> Text:
    told = f"{rule.confidence}{', provisional' if rule.provisional else ''}"
    return Text(told, "" if rule.confidence == "certain" and not rule.provisional else _WARNING)


def _source(rule: Rule) -> str:
    own = f"yours, {rule.origin}: " if rule.origin else ""
    return f"{own}{rule.source}{f' ({rule.note})' if rule.note else ''}"


def _remarks(rules: list[Rule]) -> Iterable[Text]:
    own = sum(1 for rule in rules if rule.origin)
    if own:
        yield Text(f"{own} of these rules are your own (rules.overlay).")
    if any(rule.confidence == "configurable" for rule in rules):
        yield Text("configurable: a broker's own choice or a volatile number; check yours.", SOFT)
    if any(rule.provisional for rule in rules):
        yield Text("provisional: announced, and known from a single source.", SOFT)

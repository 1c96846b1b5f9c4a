"""What `kasauti rules --json` prints."""

from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from kasauti.compose.rule_book import Change, Rule
from kasauti.compose.rule_day import DayOfRules, Hours
from kasauti.domain.ist import ist_iso
from kasauti.exchange.calendar import Phase


def rules_json(day: DayOfRules, rules: Iterable[Rule], unknown: list[str]) -> str:
    """Return the rules of a day as JSON."""
    return _text(
        {
            "date": day.day,
            "hours": [hours_json(each) for each in day.hours],
            "next_expiries": [{"date": each.day, "monthly": each.monthly} for each in day.expiries],
            "settles_on": day.settles,
            "rules": [_rule(each) for each in rules],
            "unknown": [*day.unknown, *unknown],
        }
    )


def changes_json(before: date, after: date, changes: Iterable[Change], unknown: list[str]) -> str:
    """Return what changed between two days as JSON."""
    return _text(
        {
            "from": before,
            "to": after,
            "changes": [
                {
                    "before": None if each.before is None else _rule(each.before),
                    "after": None if each.after is None else _rule(each.after),
                }
                for each in changes
            ],
            "unknown": unknown,
        }
    )


def _rule(rule: Rule) -> dict[str, Any]:
    return {**msgspec.to_builtins(rule), "effective_from": rule.since}


def hours_json(hours: Hours) -> dict[str, Any]:
    """Return what a segment does on a day, for JSON."""
    return {
        "of": hours.of,
        "why": hours.why,
        "phases": [_phase(each) for each in hours.phases],
        "windows": [_phase(each) for each in hours.windows],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "kind": phase.kind,
        "opens": ist_iso(phase.opens),
        "closes": ist_iso(phase.closes),
        "takes": sorted(phase.takes),
        "provisional": phase.provisional,
    }


def _text(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()

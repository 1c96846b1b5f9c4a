"""The table, the sample file and the code say the same about every setting."""

import re
from itertools import takewhile
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from kasauti import plugins
from kasauti.config import Config, load_config
from kasauti.config.keys import OLD_SECTIONS, Key, keys, keys_of, purpose, sections
from kasauti.config.sections import Account, Simulator, StrategySection
from kasauti.config.words import UNITS
from kasauti.exchange.brokerage import plan_names
from kasauti.simulator.fills import PROFILES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "config.md").read_text(encoding="utf-8")
SAMPLE = ROOT / "config" / "config.yaml"
SAMPLE_TEXT = SAMPLE.read_text(encoding="utf-8")
KEYS = {path: key for path, key in keys().items() if path != "strategies"}


def _written(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_a_setting_has_a_description_and_a_row_in_the_table(key: Key) -> None:
    assert re.fullmatch(r"[A-Z].{5,90}\.", key.description)
    row = (
        f"| `{key.path}` | {_written(key.default)} | {key.allowed} | {key.unit or '-'} | {key.description} |"
    )
    assert row in PAGE.splitlines(), f"docs/config.md lacks the row: {row}"


@pytest.mark.parametrize(("name", "default"), [("use", "-"), ("parameters", "{}")])
def test_a_strategys_entry_has_its_rows_too(name: str, default: str) -> None:
    key = keys_of(StrategySection)[name]
    assert f"| `strategies[].{name}` | {default} | {key.allowed} | - | {key.description} |" in PAGE


def test_the_table_has_no_setting_that_does_not_exist() -> None:
    rows = re.findall(r"^\| `([a-z_]+(?:\[\])?\.[a-z_]+)` \|", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted([*KEYS, *(f"strategies[].{name}" for name in keys_of(StrategySection))])


def test_every_section_says_what_it_is_for() -> None:
    for name, kind in sections().items():
        assert f"### {name}\n\n{purpose(kind)}\n" in PAGE


def test_the_sample_file_is_the_defaults() -> None:
    loaded = load_config(SAMPLE, {}, {})

    assert loaded.config == Config()
    assert [s.key for s in loaded.explain() if s.origin == "default"] == []


@pytest.mark.parametrize("key", KEYS.values(), ids=list(KEYS))
def test_the_sample_file_explains_every_setting_above_it(key: Key) -> None:
    section, name = key.path.split(".")
    before = SAMPLE_TEXT.partition(f"\n{section}:\n")[2].partition(f"  {name}: ")[0]
    own = [line.removeprefix("  # ") for line in takewhile(_is_comment, reversed(before.splitlines()))]

    assert key.description in " ".join(reversed(own))


def _is_comment(line: str) -> bool:
    return line.startswith("  # ")


def test_a_number_with_a_unit_says_so_in_its_name() -> None:
    """Amounts, shares, ticks and durations; what is left are counts, which have no unit."""
    assert {key.path for key in KEYS.values() if "whole number" in key.allowed and not key.unit} == {
        "feed.seed",
        "risk.max_open_orders",
        "risk.max_orders_per_day",
        "risk.max_positions",
        "storage.snapshot_every",
        "display.strikes_each_side",
        "display.last_events",
    }
    assert all(any(key.path.endswith(ending) for key in KEYS.values()) for ending in UNITS)


def test_the_older_sections_are_answered_in_the_page() -> None:
    for name in OLD_SECTIONS:
        assert f"| {name.replace('_', ' ')}: " in PAGE


def test_the_parameters_that_the_page_sends_people_to_exist() -> None:
    strategy = plugins.find("kasauti.strategies", Config().strategies[0].use)
    known = {field.name for field in msgspec.structs.fields(strategy.Parameters)}
    named = set(re.findall(r"`parameters\.(\w+)`", PAGE))

    assert named
    assert named <= known


# What the words mean is decided elsewhere; the words must be the same there


def test_the_fill_profiles_are_those_of_the_simulator() -> None:
    chosen = get_args(get_args(Simulator.__annotations__["fill_profile"])[0])
    assert set(chosen) == set(PROFILES)
    assert all(f"| `{name}` |" in PAGE for name in PROFILES)


def test_every_plan_that_ships_is_named_where_one_is_chosen() -> None:
    said = str(Account.__annotations__["plan"])
    assert all(plan in said for plan in plan_names())

"""Dated rows: which one holds on a day, and how a file that cannot be used is refused."""

import json
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import ConfigError, RuleUnknown
from kasauti.exchange.rule_identity import list_name
from kasauti.exchange.rules import (
    Confidence,
    Lasting,
    Row,
    RuleFile,
    Timeline,
    packaged_text,
    per_billion,
    read_rules,
)

#: The days from and to which a row holds, counted from a first one; None: to the end of what is known.
Span = tuple[int, int | None]
SPANS = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40) | st.none()), max_size=4)


class Speed(Row, frozen=True, kw_only=True):
    limit: int


class SpeedFile(RuleFile, frozen=True, kw_only=True):
    speeds: tuple[Speed, ...]


def row(start: str, limit: int, end: str | None = None) -> Speed:
    return Speed(
        effective_from=date.fromisoformat(start),
        effective_to=None if end is None else date.fromisoformat(end),
        source="the sign at the road",
        confidence=Confidence.CERTAIN,
        limit=limit,
    )


def timeline(*rows: Speed, known_to: date = date(2026, 12, 31)) -> Timeline[Speed]:
    return Timeline("The speed limit", rows, file="speed.json", known_to=known_to)


@pytest.mark.parametrize(
    ("day", "limit"),
    [("2024-01-01", 50), ("2024-06-30", 50), ("2024-07-01", 60), ("2026-12-31", 60)],
)
def test_the_last_row_that_has_begun_holds(day: str, limit: int) -> None:
    """Whatever order the rows are written in."""
    limits = timeline(row("2024-07-01", 60), row("2024-01-01", 50))

    assert limits.on(date.fromisoformat(day)).limit == limit


@pytest.mark.parametrize("day", ["2023-12-31", "2027-01-01"])
def test_outside_the_known_dates_nothing_is_guessed(day: str) -> None:
    with pytest.raises(RuleUnknown) as raised:
        timeline(row("2024-01-01", 50)).on(date.fromisoformat(day))

    assert str(raised.value) == (
        f"The speed limit is not known on {day}: it is known from 2024-01-01 to 2026-12-31. Choose a date"
        " inside, or add a dated row with its source to exchange/data/speed.json."
    )


def test_a_row_can_end_before_the_next_begins() -> None:
    limits = timeline(row("2024-01-01", 50, "2024-03-31"), row("2024-07-01", 60))

    assert limits.on(date(2024, 3, 31)).limit == 50
    assert limits.on(date(2024, 7, 1)).limit == 60
    with pytest.raises(RuleUnknown, match=r"2024-05-01: .* but not between 2024-03-31 to 2024-07-01"):
        limits.on(date(2024, 5, 1))


def test_rows_that_meet_leave_no_gap() -> None:
    limits = timeline(row("2024-01-01", 50, "2024-03-31"), row("2024-04-01", 60))

    with pytest.raises(RuleUnknown, match=r"2027-01-01: it is known from 2024-01-01 to 2026-12-31\. Choose"):
        limits.on(date(2027, 1, 1))


def test_a_last_row_can_end() -> None:
    limits = timeline(row("2024-01-01", 50, "2024-03-31"))

    with pytest.raises(RuleUnknown, match="known from 2024-01-01 to 2024-03-31"):
        limits.on(date(2024, 4, 1))


def test_without_rows_nothing_is_known() -> None:
    with pytest.raises(RuleUnknown, match="not known on any date"):
        timeline().on(date(2024, 4, 1))


def test_two_rows_of_one_date_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"speed\.json has two rows for The speed limit from 2024-01-01"):
        timeline(row("2024-01-01", 50), row("2024-01-01", 60))


@given(spans=st.tuples(SPANS, SPANS), data=st.data())
def test_what_was_put_together_holds_while_its_rows_do(
    spans: tuple[list[Span], list[Span]], data: st.DataObject
) -> None:
    """Against every day of both timelines: never longer than its rows are in force, and not a day shorter."""
    first = date(2024, 1, 1)

    def made_of(several: list[Span]) -> Timeline[Speed]:
        begins = {start: end for start, end in several if end is None or end >= start} | {0: None}
        rows = [
            row(str(first + timedelta(start)), start, None if end is None else str(first + timedelta(end)))
            for start, end in begins.items()
        ]
        return timeline(*rows, known_to=first + timedelta(45))

    timelines = [made_of(each) for each in spans]
    days = [first + timedelta(number) for number in range(-2, 50)]
    found = {day: [each.find(day) for each in timelines] for day in days}
    asked = data.draw(st.sampled_from([day for day in days if None not in found[day]]))

    made = Lasting(found[asked], timelines, asked)

    assert [day for day in days if made.holds(day)] == [day for day in days if found[day] == found[asked]]


def speed_file(**changes: Any) -> dict[str, Any]:
    good = {"effective_from": "2024-01-01", "limit": 50, "source": "a sign", "confidence": "certain"}
    return {"about": "speed", "known_to": "2026-12-31", "speeds": [{**good, **changes}]}


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "data").mkdir()
    monkeypatch.setattr("kasauti.exchange.rules.files", lambda _package: tmp_path)
    return tmp_path / "data" / "speed.json"


def test_a_file_is_read_into_typed_rows(written: Path) -> None:
    written.write_text(json.dumps(speed_file()))

    read = read_rules("speed.json", SpeedFile)

    expected = Speed(
        effective_from=date(2024, 1, 1), source="a sign", confidence=Confidence.CERTAIN, limit=50
    )
    assert read.speeds == (expected,)


@pytest.mark.parametrize(
    ("changes", "line", "says"),
    [
        ({"limits": 60}, 10, r"'limits' is not a field here\. Did you mean 'limit'\?"),
        ({"limit": "fast"}, 7, r'"fast" cannot be used: wanted is a whole number'),
        ({"effective_from": "1 January"}, 6, r"'1 January' is not a date; write it like 2026-12-07"),
        ({"effective_from": "2026-02-30"}, 6, r"'2026-02-30' is not a date"),
        ({"effective_to": "2023-12-31"}, 10, r"ends on 2023-12-31, before it begins on 2024-01-01"),
        (
            {"confidence": "surely"},
            9,
            r'"surely" is no confidence that is known\. Known: certain, likely, configurable',
        ),
        ({"source": " "}, 5, r"the row has no source; add"),
    ],
)
def test_a_row_that_does_not_fit_is_named(
    written: Path, changes: dict[str, Any], line: int, says: str
) -> None:
    written.write_text(json.dumps(speed_file(**changes), indent=1))

    with pytest.raises(ConfigError, match=rf"exchange/data/speed\.json line {line}: .*{says}"):
        read_rules("speed.json", SpeedFile)


def test_a_row_without_its_source_is_refused(written: Path) -> None:
    content = speed_file()
    del content["speeds"][0]["source"]
    written.write_text(json.dumps(content))

    with pytest.raises(ConfigError, match=r"speed\.json line 1: the row has no source"):
        read_rules("speed.json", SpeedFile)


def test_a_truncated_file_is_refused(written: Path) -> None:
    written.write_text(json.dumps(speed_file())[:40])

    with pytest.raises(ConfigError, match=r"speed\.json is not JSON: Input data was truncated"):
        read_rules("speed.json", SpeedFile)


@pytest.mark.parametrize(
    ("percent", "billionths"),
    [("0.1", 1_000_000), ("0.00307", 30_700), ("0.00005", 500), ("18", 180_000_000)],
)
def test_a_percentage_becomes_whole_billionths(percent: str, billionths: int) -> None:
    assert per_billion(Decimal(percent), file="x.json") == billionths


@pytest.mark.parametrize("percent", ["0.00000001", "-0.1"])
def test_a_percentage_that_is_too_fine_or_negative_is_refused(percent: str) -> None:
    with pytest.raises(ConfigError, match=r"x\.json"):
        per_billion(Decimal(percent), file="x.json")


FILES = sorted(
    entry.name
    for entry in files("kasauti.exchange").joinpath("data").iterdir()
    if entry.name.endswith(".json")
)


def rows_in(value: object) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for each in value for found in rows_in(each)]
    if not isinstance(value, dict):
        return []
    here = [value] if "confidence" in value else []
    return here + [found for each in value.values() for found in rows_in(each)]


@pytest.mark.parametrize("name", FILES)
def test_every_list_of_shipped_rows_says_what_its_rows_are_about(name: str) -> None:
    read = packaged_text(name)
    dated = {list_name(path) for path, rows in read.rows().items() if "effective_from" in rows[0]}

    assert dated <= set(read.values.get("keys", {}))


@pytest.mark.parametrize("name", FILES)
def test_every_shipped_row_has_a_date_a_source_and_a_confidence(name: str) -> None:
    content = json.loads(files("kasauti.exchange").joinpath("data", name).read_text(encoding="utf-8"))
    rows = rows_in(content)

    assert rows
    assert len(content["about"]) > 40
    for each in rows:
        start = each.get("effective_from") or each.get("date")
        # A text of refusal has no day: what was seen once is said always.
        assert start is not None or name == "refusals.json"
        assert start is None or date(2008, 1, 1) <= date.fromisoformat(start) <= date.fromisoformat(
            content["known_to"]
        )
        assert len(each["source"]) >= 3
        assert each["confidence"] in set(Confidence)

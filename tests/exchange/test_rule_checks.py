"""A rule file in which something cannot be is refused with its line, and with what to do."""

import pytest

from kasauti.errors import ConfigError
from kasauti.exchange.rule_checks import problems_of
from kasauti.exchange.rule_text import RuleText

ADD = 'add "source": "..." with the page or circular that has its value.'
OVERLAP = (
    "hours.json line 5: the row for segment equity from 2024-06-01 overlaps the one from 2024-01-01, which"
    " ends on 2024-06-01; correct its effective_to, or leave it out: a row ends where the next begins."
)
ROW = '"source": "a circular", "confidence": "certain"'


def file_of(*rows: str, keys: str = '{"hours": ["segment"]}') -> RuleText:
    """Each row on a line of its own, the first on line 5."""
    listed = ",\n".join(rows)
    text = f'{{\n"known_to": "2026-12-31",\n"keys": {keys},\n"hours": [\n{listed}\n]}}'
    return RuleText("hours.json", "hours.json", text)


def said(read: RuleText) -> list[str]:
    return [f"{read.place(each.path)}: {each.says}" for each in problems_of(read)]


def row(segment: str, start: str, **more: str) -> str:
    extra = "".join(f', "{field}": {value}' for field, value in more.items())
    return f'{{"segment": {segment}, "effective_from": "{start}", {ROW}{extra}}}'


def test_a_file_in_order_is_passed() -> None:
    read = file_of(
        row('"equity"', "2024-01-01", effective_to='"2024-05-31"'),
        row('"commodity"', "2024-06-01"),
        row('"equity"', "2024-06-01", close='"15:30"', open='"09:15"', percent='"100"'),
    )

    assert said(read) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            [row('"equity"', "2024-01-01"), row('"equity"', "2024-01-01")],
            "hours.json line 6: a second row for segment equity from 2024-01-01; keep one, or redate one.",
        ),
        (
            [row('["equity", "currency"]', "2024-01-01"), row('"currency"', "2024-01-01")],
            "hours.json line 6: a second row for segment currency from 2024-01-01; keep one, or redate one.",
        ),
        (
            [row('"equity"', "2024-06-01"), row('"equity"', "2024-01-01", effective_to='"2024-06-01"')],
            OVERLAP,
        ),
        (
            [row('"equity"', "2024-06-01", effective_to='"2024-05-31"')],
            "hours.json line 5: the row ends on 2024-05-31, before it begins on 2024-06-01; correct one.",
        ),
        (
            ['{"segment": "equity", "effective_from": "2024-06-01", "confidence": "certain"}'],
            "hours.json line 5: the row has no source; " + ADD,
        ),
        (
            [row('"equity"', "2024-06-31")],
            "hours.json line 5: '2024-06-31' is not a date; write it like 2026-12-07.",
        ),
        (
            [row('"equity"', "2024-06-01", open='"09:15"', close='"09:15"')],
            "hours.json line 5: it closes at 09:15, not after it opens at 09:15; correct one.",
        ),
        (
            [row('"equity"', "2024-06-01", sell_percent='"100.01"')],
            "hours.json line 5: a rate of 100.01 % cannot be; rates are from 0 to 100 per cent.",
        ),
        (
            [row('"equity"', "2024-06-01", percent="-0.1")],
            "hours.json line 5: a rate of -0.1 % cannot be; rates are from 0 to 100 per cent.",
        ),
        (
            [row('"equity"', "2024-06-01", percent='"NaN"')],
            "hours.json line 5: NaN is no number.",
        ),
        (
            [row('"equity"', "2024-06-01", flat='"-20"')],
            "hours.json line 5: a flat of -20 cannot be; it is 0 or more.",
        ),
        (
            [row('"equity"', "2024-06-01", lot="0")],
            "hours.json line 5: a lot of 0 cannot be; it is above 0.",
        ),
        (
            [row('"equity"', "2024-06-01", note='"a", "note": "b"')],
            "hours.json line 5: note stands twice there; keep one.",
        ),
    ],
)
def test_what_cannot_be_is_named_with_its_line(rows: list[str], expected: str) -> None:
    assert said(file_of(*rows)) == [expected]


def test_a_rate_within_the_parts_of_a_row_is_checked_too() -> None:
    bands = '[{"up_to": "5", "percent": "500"}]'

    assert said(file_of(row('"equity"', "2024-06-01", bands=bands)))[0].startswith(
        "hours.json line 5: a rate of 500 % cannot be"
    )


def test_each_rate_of_a_list_is_checked_too() -> None:
    assert said(file_of(row('"equity"', "2024-06-01", bought_percents='["70", "140"]')))[0].startswith(
        "hours.json line 5: a rate of 140 % cannot be"
    )


def test_a_file_that_names_no_keys_is_read_by_its_words() -> None:
    """Words tell rows apart; clocks, dates, numbers and sentences of refusal are values."""
    one, other = row('"equity"', "2024-01-01", open='"09:15"'), row('"equity"', "2024-01-01", open='"09:30"')

    assert said(file_of(one, other, keys="{}")) == [
        "hours.json line 6: a second row for segment equity from 2024-01-01; keep one, or redate one."
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [('{\n"a": 1,\n"b": }', "line 3"), ('{\n"a": "x\n"}', "line 2"), ('{\n"é": [1,\n2,]}', "line 3")],
)
def test_text_that_is_not_json_is_refused_at_its_line(text: str, line: str) -> None:
    with pytest.raises(ConfigError, match=rf"x\.json {line} is not JSON"):
        _ = RuleText("x.json", "x.json", text).values


def test_every_line_of_a_file_is_known() -> None:
    read = RuleText("x.json", "x.json", '{"a": 1,\n "b": [{"c": "},{"},\n  {"d": [[],\n 5]}],\n "e": {}}')

    assert read.lines == {
        "$": 1, "$.a": 1, "$.b": 2, "$.b[0]": 2, "$.b[0].c": 2, "$.b[1]": 3, "$.b[1].d": 3,
        "$.b[1].d[0]": 3, "$.b[1].d[1]": 4, "$.e": 5,
    }  # fmt: skip
    assert read.place("$.b[1].nothing.here") == "x.json line 3"

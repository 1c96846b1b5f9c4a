"""Conditions between parameters are computed exactly, and nothing else is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import InvalidInput
from kasauti.sweeps.conditions import condition

VALUES = {"fast": 5, "slow": 20, "stop": Decimal("0.3"), "mode": "a", "flag": True}
HOLDS = [
    ("fast < slow", True),
    ("slow < fast", False),
    ("5 <= fast < slow", True),
    ("fast < slow < 20", False),
    ("slow - fast >= 15", True),
    ("slow / fast == 4", True),
    ("fast / slow == 0.25", True),
    ("stop == 0.3", True),
    ("stop + 0.1 == 0.4", True),
    ("slow % fast == 0 and mode == 'a'", True),
    ("mode in ('b', 'c')", False),
    ("mode not in ['b']", True),
    ("not (fast > 3 or slow > 100)", False),
    ("-fast < 0", True),
    ("flag == true", True),
    ("flag == false", False),
    ("flag", True),
]


@pytest.mark.parametrize(("text", "expected"), HOLDS, ids=[text for text, _ in HOLDS])
def test_a_condition_holds_as_it_reads(text: str, expected: bool) -> None:  # noqa: FBT001  what is expected
    assert condition(text, VALUES).holds(VALUES) is expected


REFUSED = [
    "__import__('os')",
    "fast.bit_length() > 2",
    "fast ** 99999999",
    "fast << 99999999",
    "[x for x in (1,)]",
    "lambda: 1",
    "fast if slow else mode",
    "(fast := 3)",
    "f'{fast}'",
    "mode[0] == 'a'",
    "fast <",
    "",
    "fast = slow",
    "fast is slow",
    "b'a' == mode",
    "~fast",
    "None",
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_condition_is_refused_before_anything_is_computed(text: str) -> None:
    with pytest.raises(InvalidInput):
        condition(text, VALUES)


def test_an_unknown_name_comes_with_the_nearest() -> None:
    with pytest.raises(InvalidInput, match=r"'fats', which is not swept. Did you mean fast"):
        condition("fats < slow", VALUES)


@pytest.mark.parametrize("text", ["mode < slow", "fast / (slow - 20) > 1", "mode * 999 == 'a'"])
def test_what_cannot_be_computed_is_a_sentence(text: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be computed for fast=5"):
        condition(text, VALUES).holds(VALUES)


@pytest.mark.parametrize("text", ["(" * 400 + "1" + ")" * 400, "1" * 5000, "-" * 450 + "1"])
def test_a_hostile_text_does_no_harm(text: str) -> None:
    try:
        condition(text, VALUES).holds(VALUES)
    except InvalidInput as error:
        assert "--where" in str(error)  # noqa: PT017  some of these are honest conditions


@given(st.text(max_size=40))
def test_any_text_is_a_condition_or_a_sentence(text: str) -> None:
    try:
        condition(text, VALUES)
    except InvalidInput as error:
        assert str(error)  # noqa: PT017  either is right

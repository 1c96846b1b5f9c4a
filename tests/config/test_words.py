"""What a setting takes, in words, and what becomes of what was written."""

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
from msgspec import Meta

from kasauti.config.words import allowed, converted, did_you_mean, must_be_hidden, unit_of


class Side(StrEnum):
    BUY = "BUY"
    SELL = "SELL"


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int, "a whole number"),
        (float, "a number"),
        (bool, "true or false"),
        (str, "a text"),
        (Decimal, "a number"),
        (date, "a date like 2026-11-23"),
        (time, "an IST time like 14:50"),
        (list[int], "a list"),
        (tuple[int, ...], "a list"),
        (dict[str, int], "a mapping"),
        (Any, "anything"),
        (Path, "Path"),
        (Side, "one of BUY, SELL"),
        (Literal["a"], "a"),
        (Literal["b", "a"], "one of a, b"),
        (int | None, "a whole number, or null for none"),
        (float | Literal["max"], "a number, or max"),
        (Annotated[int, Meta(ge=1)], "a whole number of at least 1"),
        (Annotated[int, Meta(le=9)], "a whole number at most 9"),
        (Annotated[int, Meta(ge=1, le=100_000)], "a whole number from 1 to 100_000"),
        (Annotated[float, Meta(gt=0)], "a number above 0"),
        (Annotated[float, Meta(gt=0, lt=0.5)], "a number above 0, below 0.5"),
        (Annotated[str, Meta(examples=["14:50"])], "a text like 14:50"),
    ],
)
def test_a_type_is_said_in_words(kind: object, words: str) -> None:
    assert allowed(kind) == words


@pytest.mark.parametrize(
    ("value", "kind", "becomes"),
    [
        ("14:50", time, time(14, 50)),
        ("14:50", time | None, time(14, 50)),
        ("14:50:30", time, time(14, 50, 30)),
        ("14:50", str, "14:50"),
        (Decimal("5.0"), int, 5),
        (Decimal("5.5"), float, 5.5),
        (5, float, 5.0),
        (5, Decimal, Decimal(5)),
        (Decimal("2.50"), Decimal, Decimal("2.50")),
        ("2026-11-23", date, date(2026, 11, 23)),
        ("BUY", Side, Side.BUY),
    ],
)
def test_a_value_becomes_its_type(value: object, kind: object, becomes: object) -> None:
    assert converted(value, kind) == becomes
    assert type(converted(value, kind)) is type(becomes)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (Decimal("5.5"), int),
        (True, int),
        (True, float),
        ("5", int),
        ("25:00", time),
        ("9:15", time),
        ("14:50+00:00", date),
        ("buy", Side),
        (None, int),
    ],
)
def test_a_value_of_another_type_is_no_value(value: object, kind: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        converted(value, kind)


def test_units_secrets_and_slips_of_the_pen() -> None:
    assert unit_of("simulator.stale_after_s") == "seconds"
    assert unit_of("risk.max_positions") == ""
    assert [
        key for key in ("api_key", "totp", "user_pin", "keyword", "spinning", "tokens") if must_be_hidden(key)
    ] == [
        "api_key",
        "totp",
        "user_pin",
    ]
    assert did_you_mean("capitl", ["capital", "plan"]) == " Did you mean capital?"
    assert did_you_mean("zzz", ["capital", "plan"]) == ""

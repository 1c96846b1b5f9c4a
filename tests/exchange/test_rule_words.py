"""What a file of rules that does not fit is told: where, what is there, what belongs there."""

from enum import StrEnum
from typing import Any

import msgspec
import pytest

from kasauti.exchange.rule_words import misfit


class Way(StrEnum):
    UP = "up"
    DOWN = "down"


class Row(msgspec.Struct, forbid_unknown_fields=True):
    source: str
    way: Way = Way.UP
    rates: dict[str, int] = {}
    words: list[Way] | None = None
    steps: tuple[int, ...] = ()


class File(msgspec.Struct, forbid_unknown_fields=True):
    rows: list[Row]


@pytest.mark.parametrize(
    ("row", "place", "said"),
    [
        ({"source": "x", "wey": "up"}, "$.rows[0].wey", "'wey' is not a field here. Did you mean 'way'?"),
        ({"source": "x", "zzzzz": 1}, "$.rows[0].zzzzz", "'zzzzz' is not a field here. Fields: source, way"),
        ({}, "$.rows[0]", "source"),
        (
            {"source": "x", "way": "dwn"},
            "$.rows[0].way",
            "\"dwn\" is no way that is known. Did you mean 'down'?",
        ),
        (
            {"source": "x", "words": ["sideways"]},
            "$.rows[0].words[0]",
            '"sideways" is no words that is known.',
        ),
        ({"source": "x", "rates": {"a": "1"}}, "$.rows[0].rates[...]", "wanted is a whole number"),
        (
            {"source": "x", "steps": [1, "two"]},
            "$.rows[0].steps[1]",
            '"two" cannot be used: wanted is a whole',
        ),
        ({"source": 5}, "$.rows[0].source", "5 cannot be used: wanted is a text"),
        ({"source": "x", "steps": "z" * 80}, "$.rows[0].steps", "zzz... cannot be used"),
    ],
)
def test_a_misfit_is_told_with_its_place_and_what_belongs_there(
    row: dict[str, Any], place: str, said: str
) -> None:
    values = {"rows": [row]}
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(values, File)
    problem = misfit(caught.value, File, values)

    assert problem.path == place
    assert said in problem.says

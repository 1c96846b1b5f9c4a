"""What `--param` and `--where` mean: values, their kinds, and sentences for what cannot be read."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import ConfigError, InvalidInput
from kasauti.sweeps.space import check_names, parsed, shown, space

WRITTEN = [
    ("fast=5:20:5", (5, 10, 15, 20)),
    ("fast=5:19:5", (5, 10, 15)),
    ("fast=3:6", (3, 4, 5, 6)),
    ("x=-2:2:2", (-2, 0, 2)),
    ("stop=0.5:1.0:0.25", (Decimal("0.50"), Decimal("0.75"), Decimal("1.00"))),
    ("x=1:2:0.5", (Decimal(1), Decimal("1.5"), Decimal(2))),
    ("mode=a,b", ("a", "b")),
    ("mode=a,b,a", ("a", "b")),
    ("n=1,5,20", (1, 5, 20)),
    ("n=1,2.5", (1, Decimal("2.5"))),
    ("flag=true,false", (True, False)),
    ("out=14:16", (14, 15, 16)),
    ("out=14:50,15:00", ("14:50", "15:00")),
    ("one=7", (7,)),
    ("instrument=NSE:INFY", ("NSE:INFY",)),
]


@pytest.mark.parametrize(("text", "values"), WRITTEN, ids=[text for text, _ in WRITTEN])
def test_an_axis_has_the_values_that_were_written(text: str, values: tuple[object, ...]) -> None:
    axis = parsed(text)

    assert axis.values == values
    assert [type(value) for value in axis.values] == [type(value) for value in values]


WRONG = [
    ("fast", "has no name and values"),
    ("fast=", "has no name and values"),
    ("=5", "has no name and values"),
    ("a b=5", "has no name and values"),
    ("fast=5:50:0", "a range goes up, by a step above 0"),
    ("fast=5:50:-5", "a range goes up"),
    ("fast=50:5:5", "a range goes up"),
    ("stop=0.5:2.0", "needs a step"),
    ("fast=1:1000000000:1", "1,000,000,000 values; choose a larger step"),
    ("mode=a,,b", "has an empty value"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text for text, _ in WRONG])
def test_what_is_no_axis_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        parsed(text)

    assert words in str(raised.value)
    assert text in str(raised.value)


PYTHON: list[tuple[object, tuple[object, ...]]] = [
    (range(5, 20, 5), (5, 10, 15)),
    ([1, 2.5], (1, Decimal("2.5"))),
    ("5:10:5", (5, 10)),
    ("well", ("well",)),
    (7, (7,)),
    (np.arange(1, 3), (1, 2)),
    (np.array([0.1, 0.2]), (Decimal("0.1"), Decimal("0.2"))),
]


@pytest.mark.parametrize(("values", "expected"), PYTHON)
def test_python_values_become_axes_too(values: object, expected: tuple[object, ...]) -> None:
    assert space({"x": values}).axes[0].values == expected


@pytest.mark.parametrize("value", [float("nan"), None, object(), [[1]], []])
def test_a_value_nobody_can_sweep_is_refused(value: Any) -> None:
    with pytest.raises(InvalidInput):
        space({"x": value})


def test_the_last_axis_goes_fastest_and_conditions_leave_out() -> None:
    swept = space(["fast=1:3", "slow=1:3"], "fast < slow")

    assert swept.size == 9
    assert [(c["fast"], c["slow"]) for c in swept.combinations()] == [(1, 2), (1, 3), (2, 3)]


@given(st.lists(st.integers(1, 6), min_size=1, max_size=4))
def test_every_number_is_one_combination(sizes: list[int]) -> None:
    swept = space({f"p{n}": list(range(size)) for n, size in enumerate(sizes)})

    numbered = [swept.numbered(number) for number in range(swept.size)]

    assert numbered == list(swept.combinations())


def test_a_parameter_given_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="fast is given twice"):
        space(["fast=1", "fast=2"])


def test_no_parameter_at_all_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at least one parameter"):
        space([])


def test_an_unknown_parameter_comes_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"no parameter 'fats'. Did you mean fast"):
        check_names(space(["fats=1"]).axes, ["fast", "slow"], "cross")


def test_values_are_shown_as_they_are_written() -> None:
    assert [shown(value) for value in (True, 5, Decimal("0.50"), "a")] == ["true", "5", "0.50", "a"]

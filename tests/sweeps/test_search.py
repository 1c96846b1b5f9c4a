"""Searches: what they ask for, in which order, and that they take the same way again."""

import pytest

from kasauti.errors import InvalidInput
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.search import Search, SearchKind, searching
from kasauti.sweeps.space import Combination, Space, space

LARGE = space(["a=0:99", "b=0:99", "c=0:99"], "a < b")


def asked(search: Search, score: dict[str, float] | None = None) -> list[Combination]:
    """Ask until there is nothing more; each result is how near the combination is to a=7, b=3."""
    found = []
    while (combination := search.ask()) is not None:
        found.append(combination)
        value = -float((combination["a"] - 7) ** 2 + (combination["b"] - 3) ** 2)  # type: ignore[operator]
        search.tell(combination, Outcome({"sharpe": value}))
    return found


def made(swept: Space, kind: SearchKind, trials: int | None = None, seed: int = 0) -> Search:
    return searching(swept, kind, "sharpe", trials, seed)


def test_a_grid_asks_for_everything_in_order() -> None:
    swept = space(["a=1:2", "b=1:3"], "a < b")
    search = made(swept, SearchKind.GRID)

    assert search.total == 3
    assert asked(search) == [{"a": 1, "b": 2}, {"a": 1, "b": 3}, {"a": 2, "b": 3}]


@pytest.mark.parametrize("kind", [SearchKind.RANDOM, SearchKind.BAYES])
@pytest.mark.parametrize("swept", [space(["a=0:20", "b=0:20"], "a != b"), LARGE], ids=["small", "large"])
def test_draws_are_different_allowed_and_repeatable(kind: SearchKind, swept: Space) -> None:
    first = asked(made(swept, kind, 30, 5))

    assert len(first) == 30
    assert len({tuple(each.items()) for each in first}) == 30
    assert all(swept.allows(each) for each in first)
    assert asked(made(swept, kind, 30, 5)) == first
    assert asked(made(swept, kind, 30, 6)) != first


@pytest.mark.parametrize("kind", [SearchKind.RANDOM, SearchKind.BAYES])
def test_a_space_smaller_than_the_trials_is_tried_whole(kind: SearchKind) -> None:
    swept = space(["a=1:3", "b=1:2"])

    found = asked(made(swept, kind, 50))

    assert sorted(found, key=str) == sorted(swept.combinations(), key=str)


def test_results_lead_to_where_it_is_good() -> None:
    swept = space(["a=0:40", "b=0:40"])
    distance = {}
    for kind in (SearchKind.RANDOM, SearchKind.BAYES):
        late = asked(made(swept, kind, 60, 1))[30:]
        distance[kind] = sum(abs(each["a"] - 7) + abs(each["b"] - 3) for each in late)  # type: ignore[operator]

    assert distance[SearchKind.BAYES] < distance[SearchKind.RANDOM] / 2


def test_less_of_a_drawdown_is_better() -> None:
    search = searching(space(["a=0:40", "b=0:1"]), SearchKind.BAYES, "max_drawdown", 40, 2)
    values = []
    while (combination := search.ask()) is not None:
        value = float(abs(int(combination["a"]) - 30))
        values.append(value)
        search.tell(combination, Outcome({"max_drawdown": value}))

    assert sum(values[20:]) < sum(values[:20])


def test_a_search_goes_on_where_results_are_missing() -> None:
    search = made(space(["a=0:9", "b=0:9"]), SearchKind.BAYES, 20)
    found = []
    while (combination := search.ask()) is not None:
        found.append(combination)
        search.tell(combination, Outcome(error="it raised"))

    assert len(found) == 20


def test_several_can_be_asked_for_before_any_is_told() -> None:
    search = made(space(["a=0:9", "b=0:9"]), SearchKind.BAYES, 8)
    found = [search.ask() for _ in range(8)]

    assert None not in found
    assert len({tuple(each.items()) for each in found if each is not None}) == 8
    assert search.ask() is None


def test_conditions_that_nothing_meets_are_an_error() -> None:
    with pytest.raises(InvalidInput, match="No combination meets the conditions"):
        made(space(["a=1:3"], "a > 5"), SearchKind.GRID)


def test_a_grid_beyond_all_measure_is_refused() -> None:
    with pytest.raises(InvalidInput, match="1,000,000 combinations"):
        made(space(["a=0:99", "b=0:99", "c=0:99"]), SearchKind.GRID)


def test_no_trials_are_refused() -> None:
    with pytest.raises(InvalidInput, match="--trials 0"):
        made(LARGE, SearchKind.RANDOM, 0)

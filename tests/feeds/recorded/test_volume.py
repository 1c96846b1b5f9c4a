"""The fewest rows whose volume is out of line: against a search through all of them."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from kasauti.feeds.recorded.faults import _fewest_out_of_line


def _never_falls(values: list[int]) -> bool:
    return values == sorted(values)


@given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
def test_what_stays_never_falls_and_nothing_less_would_do(values: list[int]) -> None:
    left_out = _fewest_out_of_line(values)

    assert _never_falls([value for place, value in enumerate(values) if place not in left_out])
    if left_out:
        for fewer in combinations(range(len(values)), len(left_out) - 1):
            assert not _never_falls([value for place, value in enumerate(values) if place not in fewer])


@given(st.lists(st.integers(0, 6), min_size=1, max_size=9))
def test_of_several_ways_the_rows_that_came_first_stay(values: list[int]) -> None:
    left_out = _fewest_out_of_line(values)
    kept = [place for place in range(len(values)) if place not in left_out]

    ways = combinations(range(len(values)), len(kept))
    possible = [way for way in ways if _never_falls([values[place] for place in way])]
    assert tuple(kept) == min(possible)

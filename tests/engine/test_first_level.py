"""The first bar of a grid that reaches a level somebody waits at: what a look at every bar says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.grids import grid_of

from kasauti.engine.price_watch import PriceWatch
from kasauti.simulator.interest import Interest

SLOT = 1


@given(
    seed=st.integers(0, 500),
    away=st.lists(st.tuples(st.integers(-12, 12), st.booleans()), max_size=3),
    start=st.integers(0, 20),
    missing=st.sampled_from([0.0, 0.5]),
)
def test_it_is_the_first_from_the_start_on_that_comes_to_a_level(
    seed: int, away: list[tuple[int, bool]], start: int, missing: float
) -> None:
    grid, watch = grid_of(seed, [0, SLOT], 20, missing=missing), PriceWatch(Interest(2))
    levels = [("", 100_0000 + 500 * ticks, above) for ticks, above in away]
    watch.put(SLOT, "s", levels)
    place = grid.places[SLOT]
    there = range(start, len(grid))
    hits = [
        number
        for number in there
        if (grid.present is None or grid.present[place, number])
        and any(
            grid.high[place, number] >= price if above else grid.low[place, number] <= price
            for _, price, above in levels
        )
    ]

    assert watch.first_bar(SLOT, grid, start) == (hits[0] if hits else len(grid))


@pytest.mark.parametrize("slot", [0, 7])
def test_where_nobody_waits_or_nothing_trades_there_is_none(slot: int) -> None:
    grid, watch = grid_of(1, [0, SLOT], 20), PriceWatch(Interest(8))
    watch.put(7, "s", [("", 100_0000, True)])

    assert watch.first_bar(slot, grid, 0) == len(grid)


def test_an_eager_slot_is_looked_at_at_every_bar() -> None:
    grid, watch = grid_of(1, [0, SLOT], 20), PriceWatch(Interest(2))
    watch.put(SLOT, "s", [("", 10**12, True)])
    watch.eager.add(SLOT)

    assert watch.first_bar(SLOT, grid, 3) == 3

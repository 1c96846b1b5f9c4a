"""What a day's trades cost together is the sum of what each cost."""

from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.charges import Charges
from kasauti.exchange.day_books import total_of

charges = st.builds(Charges, *[st.integers(-(10**9), 10**9)] * 8)


@given(st.lists(charges))
def test_costs_together_are_one_and_the_next(costs: list[Charges]) -> None:
    assert total_of(costs) == reduce(Charges.plus, costs, Charges())

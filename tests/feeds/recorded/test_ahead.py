"""Work ahead of who asks for it: in order, and nothing of it stays behind."""

import sys
from itertools import permutations

import pytest

from kasauti.feeds.recorded.ahead import ahead


def test_work_comes_in_order_and_a_failure_where_its_item_is() -> None:
    coming = ahead(lambda item: 6 // item, [1, 2, 0, 3])

    assert [next(coming), next(coming)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(coming)
    assert list(ahead(str, [])) == []


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_the_turns_of_threads_are_short_while_anything_works_ahead(order: tuple[int, ...]) -> None:
    usual = sys.getswitchinterval()
    works = [ahead(str, range(3)) for _ in order]
    assert [next(work) for work in works] == ["0", "0", "0"]

    for each in order:
        assert sys.getswitchinterval() < usual
        works[each].close()  # type: ignore[attr-defined]

    assert sys.getswitchinterval() == usual

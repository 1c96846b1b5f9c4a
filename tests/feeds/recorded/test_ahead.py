"""Work ahead of who asks for it comes in order, and a failure where its item is."""

import pytest

from kasauti.feeds.recorded.ahead import ahead


def test_work_comes_in_order_and_a_failure_where_its_item_is() -> None:
    coming = ahead(lambda item: 6 // item, [1, 2, 0, 3])

    assert [next(coming), next(coming)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(coming)
    assert list(ahead(str, [])) == []

"""Memory that a day of a recording has let go is used again: the system need not clear it anew."""

import platform
import resource

import numpy as np
import pytest

from kasauti.feeds.recorded.memory import keep_what_is_let_go

_COLUMN = 1 << 17
_PAGES_OF_A_DAY = 16 * _COLUMN * 8 // resource.getpagesize()


def _days(count: int) -> int:
    """Hold and let go the columns of so many days; return how many pages the system had to give."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        columns = [np.ones(_COLUMN, np.int64) for _ in range(16)]
        del columns
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to keep memory")
def test_columns_of_the_next_days_take_no_new_pages() -> None:
    keep_what_is_let_go()
    _days(1)

    assert _days(20) < _PAGES_OF_A_DAY

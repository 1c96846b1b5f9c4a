"""
The memory of a day's columns is kept for the next day's.

Columns of a day are let go and asked for again every few milliseconds. Left to itself, the C library gives
them back to the system, which clears every page before it hands it out again.
"""

import ctypes
from typing import Final

#: What `mallopt` calls them: memory that is let go at the end of the heap is given back from so much on, and
#: an allocation from so much on is a mapping of its own. Neither then follows what was let go before.
_TRIM_THRESHOLD: Final = -1
_MMAP_THRESHOLD: Final = -3
#: Some days of a large chain, and the most that glibc lets a heap hold in one piece.
_KEPT_BYTES: Final = 1 << 26
_IN_HEAP_BYTES: Final = 1 << 25


def keep_what_is_let_go() -> None:
    """Have the process keep memory for the next day: where the C library is glibc, else nothing happens."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library, or Windows
        return
    mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    mallopt(_MMAP_THRESHOLD, _IN_HEAP_BYTES)

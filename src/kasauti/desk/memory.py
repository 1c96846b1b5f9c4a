"""Gives back the memory of a market that is over."""

import ctypes
import gc
from collections.abc import Callable
from functools import cache


def release_memory() -> None:
    """
    Collect what refers to itself, and have the C library give empty pages back.

    glibc keeps what was freed between two things that are still there; over the days that would look like
    growth. It takes a tenth of a second, so it is for a moment in which nobody waits for a price.
    """
    gc.collect()
    trim = _trim()
    if trim is not None:
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Return glibc's `malloc_trim`, None where the C library is another one."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return trim

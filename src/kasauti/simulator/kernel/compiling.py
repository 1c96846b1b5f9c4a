"""
How the kernel is compiled: when it is first imported, once for each machine and version; then it is cached.

Every function has one signature, so it is compiled once and not once for each way it is called.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit, types
from numba.core.types import Type

P = ParamSpec("P")
R = TypeVar("R")

#: A whole number; one, two and three dimensions of them; columns that are only read; signals.
WHOLE: Type = types.int64
ROW: Type = types.Array(types.int64, 1, "C")
TABLE: Type = types.Array(types.int64, 2, "C")
CUBE: Type = types.Array(types.int64, 3, "C")
COLUMN: Type = types.Array(types.int64, 1, "C", readonly=True)
SIGNS: Type = types.Array(types.uint8, 1, "C", readonly=True)
NOTHING: Type = types.void


def compiled(returns: Type, *takes: Type) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Compile a function of these types, to be run without the interpreter's lock.

    Division by zero gives 0 and is never asked for.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        fast: Callable[P, R] = njit(returns(*takes), cache=True, nogil=True, error_model="numpy")(function)
        return fast

    return decorate

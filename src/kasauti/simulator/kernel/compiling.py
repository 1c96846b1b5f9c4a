"""
How the kernel is compiled: when it is first imported, once for each machine and version; then it is cached.

Every function has one signature, so it is compiled once and not once for each way it is called. The cache of
numba looks at a function's own file only; what is compiled here also holds the constants and functions of the
other files, so the cache is told to look at all of them.
"""

from collections.abc import Callable
from hashlib import sha256
from importlib.resources import files
from typing import Any, ParamSpec, TypeVar

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

#: Where the kernel's functions and constants come from.
_SOURCES = (
    ("kasauti.domain", ("money.py", "signals.py")),
    ("kasauti.exchange", ("rules.py",)),
    (
        "kasauti.simulator.kernel",
        (
            "asking.py",
            "booking.py",
            "compiling.py",
            "deciding.py",
            "layout.py",
            "machine.py",
            "matching.py",
            "schedules.py",
        ),
    ),
)


def _stamp() -> str:
    """Return what changes whenever any of the sources does."""
    read = (files(package).joinpath(name).read_bytes() for package, names in _SOURCES for name in names)
    return sha256(b"".join(read)).hexdigest()


_STAMP = _stamp()


def compiled(returns: Type, *takes: Type) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """
    Compile a function of these types, to be run without the interpreter's lock.

    Division by zero gives 0 and is never asked for. Whoever runs it holds the arrays, and nothing in it makes
    one, so references to them are not counted: counting took four fifths of the time.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        is_called = function.__name__ == "run"
        options: dict[str, Any] = {"forceinline": not is_called, "_nrt": False}
        fast: Any = njit(cache=True, nogil=True, error_model="numpy", **options)(function)
        fast._cache._cache_file._source_stamp = _STAMP  # noqa: SLF001  numba offers no other way
        fast.compile(returns(*takes))
        fast.disable_compile()
        made: Callable[P, R] = fast
        return made

    return decorate

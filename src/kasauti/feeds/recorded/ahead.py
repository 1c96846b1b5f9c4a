"""
Work that is one step ahead of who asks for it, in a thread: reading and decoding wait for no Python.

What numpy does in the thread gives the interpreter away and needs it back, some hundred times a day. Each
time it waits for as long as Python lets another thread keep it. By itself that is 5 ms, half of what trading
a day takes: while anything works ahead, it is less.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")

#: How long a thread may keep the interpreter where another one waits for it, seconds.
_TURN_SECONDS = 0.0002


def ahead(make: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
    """Yield `make(item)` for each item in order, the next one in the making; what it raises comes here."""
    rest = iter(items)
    first = next(rest, None)
    if first is None:
        return
    with _turns.short(), ThreadPoolExecutor(1, thread_name_prefix="kasauti-read") as worker:
        coming = worker.submit(make, first)
        for item in rest:
            made = coming.result()
            coming = worker.submit(make, item)
            yield made
        yield coming.result()


class _Turns:
    """The interpreter's own setting, for the time that nobody wants another one."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._wanted = 0
        self._usual = 0.0

    @contextmanager
    def short(self) -> Iterator[None]:
        """Have threads take turns quickly, until the last who wants that is done."""
        with self._lock:
            if not self._wanted:
                self._usual = sys.getswitchinterval()
                sys.setswitchinterval(min(self._usual, _TURN_SECONDS))
            self._wanted += 1
        try:
            yield
        finally:
            with self._lock:
                self._wanted -= 1
                if not self._wanted:
                    sys.setswitchinterval(self._usual)


_turns = _Turns()

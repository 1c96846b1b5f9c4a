"""Work that is one step ahead of who asks for it, in a thread: reading and decoding wait for no Python."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


def ahead(make: Callable[[_Item], _Made], items: Iterable[_Item]) -> Iterator[_Made]:
    """Yield `make(item)` for each item in order, the next one in the making; what it raises comes here."""
    rest = iter(items)
    first = next(rest, None)
    if first is None:
        return
    with ThreadPoolExecutor(1, thread_name_prefix="kasauti-read") as worker:
        coming = worker.submit(make, first)
        for item in rest:
            made = coming.result()
            coming = worker.submit(make, item)
            yield made
        yield coming.result()

"""What the compiler of the optional core is told of a class (ADR 0011); as Python it means nothing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_extensions import mypyc_attr as mypyc_attr  # noqa: PLC0414  mypyc knows it by this name
else:

    def mypyc_attr(**_hints: object) -> Callable[[type], type]:
        """Return what leaves a class as it is."""
        return lambda kind: kind

"""The base of every event."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The base of every event: a tag that never changes and the version of its layout."""

    TAG: ClassVar[str]
    VERSION: ClassVar[int] = 1

"""The base of every event."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """The base of every event: a tag that never changes and the version of its layout."""

    TAG: ClassVar[str]
    VERSION: ClassVar[int] = 1


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """
    An event with its place in the log.

    `seq` counts from 1 without a gap, `at` is when it happened, `cause` what it followed from: `user`,
    `venue`, `timer:NAME`, `strategy:NAME` or `session`.
    """

    seq: int
    at: int
    cause: str
    event: Event

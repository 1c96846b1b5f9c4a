"""
Events as tags and JSON.

A tag never changes its meaning and a field is never renamed: new fields come with a default, and a change
that a default cannot express raises the event's `VERSION` and adds an upcaster here. Golden files of every
tag and version are kept in the tests for ever.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from kasauti.domain import events as ev
from kasauti.errors import LogCorrupt, LogTooNew

#: Every tag and what it means.
TAGS: dict[str, type[ev.Event]] = {kind.TAG: kind for kind in ev.EVENTS}

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

#: From (tag, old version) to a function that gives the payload of the next version.
UPCASTERS: dict[tuple[str, int], Upcaster] = {}

_ENCODER = msgspec.json.Encoder()
_DECODERS: dict[str, msgspec.json.Decoder[ev.Event]] = {
    tag: msgspec.json.Decoder(kind) for tag, kind in TAGS.items()
}
_VERSIONS = {tag: kind.VERSION for tag, kind in TAGS.items()}


def encode(event: ev.Event) -> bytes:
    """Return an event's payload: compact JSON without what is at its default."""
    return _ENCODER.encode(event)


def decode(tag: str, version: int, payload: bytes) -> ev.Event:
    """
    Return the event of a stored row.

    Raises `LogTooNew` for a tag or version this Kasauti does not know, `LogCorrupt` for a payload that is not
    what its tag says.
    """
    current = _VERSIONS.get(tag)
    if current is None or version > current:
        raise LogTooNew(
            f"the log has {tag} in version {version}, which this Kasauti does not know; update Kasauti"
        )
    try:
        if version != current:
            payload = _upcast(tag, version, current, payload)
        return _DECODERS[tag].decode(payload)
    except msgspec.MsgspecError as error:
        raise LogCorrupt(f"a record of {tag} cannot be read: {error}") from error


def _upcast(tag: str, version: int, current: int, payload: bytes) -> bytes:
    values = msgspec.json.decode(payload)
    for step in range(version, current):
        upcaster = UPCASTERS.get((tag, step))
        if upcaster is None:
            raise LogCorrupt(f"a record of {tag} has version {version}, which never existed")
        values = upcaster(values)
    return _ENCODER.encode(values)

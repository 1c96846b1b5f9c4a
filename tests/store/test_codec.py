from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.store.golden_events import GOLDEN

from kasauti.domain import events as ev
from kasauti.domain.evidence import Evidence
from kasauti.errors import LogCorrupt, LogTooNew
from kasauti.store.codec import TAGS, UPCASTERS, Codec, decode, encode

FOLDER = Path(__file__).parent / "golden"


def golden_bytes(name: str) -> bytes:
    """Return a golden file without the white space that makes it readable."""
    return msgspec.json.format((FOLDER / f"{name}.json").read_bytes(), indent=-1)


# Golden files


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_file_is_read_as_the_event_it_says(name: str) -> None:
    tag, version = name.rsplit(".", 1)
    assert decode(tag, int(version), golden_bytes(name), 1) == GOLDEN[name]


@pytest.mark.parametrize("kind", ev.EVENTS, ids=lambda kind: kind.TAG)
def test_an_event_is_written_as_its_golden_file(kind: type[ev.Event]) -> None:
    name = f"{kind.TAG}.{kind.VERSION}"
    assert encode(GOLDEN[name]) == golden_bytes(name)


def test_every_tag_and_version_there_ever_was_has_a_golden_file() -> None:
    wanted = {f"{kind.TAG}.{v}" for kind in ev.EVENTS for v in range(1, kind.VERSION + 1)}
    assert GOLDEN.keys() == wanted
    assert {path.stem for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize("kind", ev.EVENTS, ids=lambda kind: kind.TAG)
def test_a_golden_file_shows_every_field_of_its_event(kind: type[ev.Event]) -> None:
    """A field more is a version more: only then does an older Kasauti refuse what it would overlook."""
    shown = msgspec.json.decode(golden_bytes(f"{kind.TAG}.{kind.VERSION}"), type=dict[str, Any])
    assert list(shown) == [field.encode_name for field in msgspec.structs.fields(kind)]


def test_the_golden_fill_shows_every_field_of_its_evidence() -> None:
    shown = msgspec.json.decode(golden_bytes("order.filled.3"), type=dict[str, Any])
    assert list(shown["evidence"]) == list(Evidence.__struct_fields__)


# Tags


def test_every_event_has_its_own_tag_in_the_table() -> None:
    assert {tag: kind.TAG for tag, kind in TAGS.items()} == {tag: tag for tag in TAGS}
    assert sorted(TAGS.values(), key=str) == sorted(ev.EVENTS, key=str)
    assert all(tag in TAGS and version < TAGS[tag].VERSION for tag, version in UPCASTERS)


# Whatever an event holds

_words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_whole = st.integers(-(2**63), 2**63 - 1)


def _events() -> Iterator[st.SearchStrategy[ev.Event]]:
    for event in GOLDEN.values():
        known: dict[str, st.SearchStrategy[Any]] = {}
        for field in msgspec.structs.fields(type(event)):
            if field.type is str:
                known[field.name] = _words
            elif field.type is int:
                known[field.name] = _whole
        yield st.builds(msgspec.structs.replace, st.just(event), **known)


@given(st.one_of(*_events()))
def test_what_is_written_is_read_again(event: ev.Event) -> None:
    payload = encode(event)
    assert decode(event.TAG, event.VERSION, payload, 1) == event
    assert encode(decode(event.TAG, event.VERSION, payload, 1)) == payload


# What cannot be read


@pytest.mark.parametrize(
    ("tag", "version", "says"),
    [
        ("order.teleported", 1, "event 17 has the tag 'order.teleported'"),
        ("order.filled", 4, "event 17 has version 4 of order.filled"),
    ],
)
def test_what_a_newer_version_wrote_is_refused_by_name(tag: str, version: int, says: str) -> None:
    with pytest.raises(LogTooNew, match=says):
        decode(tag, version, b"{}", 17)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"order_id":"A","price":1.5}',
        b'{"order_id":"A","price":"12"}',
        b'{"order_id":"\xff","price":1}',
        b'{"order_id":"A","price":1}}',
    ],
)
def test_a_payload_that_is_not_its_event_is_refused_by_number(payload: bytes) -> None:
    with pytest.raises(LogCorrupt, match=r"event 17 \(order.triggered, version 1\) cannot be read"):
        decode("order.triggered", 1, payload, 17)


@pytest.mark.parametrize(("field", "word"), [("side", "LONG"), ("product", "INTRADAY"), ("validity", "GTC")])
def test_an_unknown_word_is_never_taken_for_a_known_one(field: str, word: str) -> None:
    fields = msgspec.json.decode(golden_bytes("order.placed.1"), type=dict[str, Any]) | {field: word}
    with pytest.raises(LogCorrupt, match=word):
        decode("order.placed", 1, msgspec.json.encode(fields), 3)


# Older versions


class Renamed(ev.Event, frozen=True, gc=False, omit_defaults=True):
    """Version 1 had `why`, version 2 `reason`, version 3 counts as well."""

    TAG: ClassVar[str] = "test.renamed"
    VERSION: ClassVar[int] = 3
    reason: str
    count: int = 1


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {"reason": fields["why"]}


OLD = Codec({"test.renamed": Renamed}, {("test.renamed", 1): _renamed})


@pytest.mark.parametrize(
    ("version", "payload", "event"),
    [
        (1, b'{"why":"rent"}', Renamed("rent")),
        (2, b'{"reason":"rent"}', Renamed("rent")),
        (3, b'{"reason":"rent","count":2}', Renamed("rent", 2)),
    ],
)
def test_older_payloads_are_lifted_step_by_step(version: int, payload: bytes, event: ev.Event) -> None:
    assert OLD.decode("test.renamed", version, payload, 1) == event


@pytest.mark.parametrize("payload", [b'{"reason":"rent"}', b"[]", b"{"])
def test_an_old_payload_that_is_not_what_it_was_is_refused(payload: bytes) -> None:
    with pytest.raises(LogCorrupt, match="event 5"):
        OLD.decode("test.renamed", 1, payload, 5)


def test_a_step_lifts_to_the_next_version_only() -> None:
    def counted(fields: dict[str, Any]) -> dict[str, Any]:
        return fields | {"count": len(fields["reason"])}

    both = Codec({"test.renamed": Renamed}, {("test.renamed", 1): _renamed, ("test.renamed", 2): counted})
    assert both.decode("test.renamed", 1, b'{"why":"rent"}', 1) == Renamed("rent", 4)
    assert both.decode("test.renamed", 2, b'{"reason":"rent"}', 1) == Renamed("rent", 4)

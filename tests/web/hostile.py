"""What nobody should send, worded for each dialect."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import msgspec
from tests.web.people import Said

from kasauti.web.endpoint import Endpoint

#: No JSON of this means anything anywhere: it is refused, whatever it stands for.
NEVER = (
    b"NaN", b"Infinity", b"-Infinity", b"1e309", b"-1e309", b'"\\ud800"', b'"\xed\xa0\x80"', b"{1: 2}",
    b"[" * 3_000, b'{"a":' * 3_000, b"tru", b'"open', b"0x10", b"1_000", b"'x'",
    b'"\\u0000"', b'"x\\\\\\u0000"',
)  # fmt: skip
#: JSON that could mean something somewhere, and what is never an error of ours.
ODD = (
    b'"\\\\u0000"', b"9" * 400, b"-" + b"9" * 30, b"0.1", b"-1", b"true", b"null", b"[]", b"{}",
    b'"1e309"', b'"NaN"', b'"' + b"x" * 5_000 + b'"', b'[{"a": [{}]}]',
    b'"\xf0\x9f\x99\x82"', b'"\xd9\xa3"', b'"../../x"', b'"\' OR 1=1 --"',
)  # fmt: skip
WHOLE = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"1",
    b'"x"',
    b"\xff\xfe",
    b"\x00",
    b"<order/>",
    b"--x\r\nContent-Disposition: form-data\r\n",
)
WORDS = (
    "",
    "\0",
    "\ud800",
    "NaN",
    "1e309",
    "9" * 400,
    "-1",
    "../x",
    "x" * 2_000,
    "' OR 1=1 --",
    "٣",
    "{{x}}",
)


def fields_of(row: Endpoint) -> list[str]:
    """Return the names of what a route takes."""
    kind: Any = row.takes
    return [each.encode_name for each in msgspec.structs.fields(kind)] if kind not in {None, bytes} else ["x"]


def signed(dialect: str, key: str) -> dict[str, str]:
    """Return the headers by which a dialect's caller names its key."""
    return {
        "native": {"Authorization": f"Bearer {key}"},
        "openalgo": {"X-API-KEY": key},
        "kite": {"Authorization": f"token bot:{key}", "X-Kite-Version": "3"},
    }[dialect]


def bodies(row: Endpoint) -> Iterator[tuple[bytes, bool]]:
    """Yield bodies for a route, and whether each has to be refused."""
    names = fields_of(row)
    yield from ((body, False) for body in WHOLE)
    for literals, never in ((NEVER, True), (ODD, False)):
        for literal in literals:
            pairs = (json.dumps(name).encode() + b": " + literal for name in names)
            yield b"{" + b", ".join(pairs) + b"}", never
    name = json.dumps(names[-1]).encode()
    yield b'{%b: "1", %b: "2"}' % (name, name), True
    yield b'{"x": {"y": [{"z": 1, "z": 1}]}}', True


def forms(row: Endpoint) -> Iterator[tuple[bytes, bool]]:
    """Yield the same as forms."""
    names = fields_of(row)
    yield from (("&".join(f"{name}={_coded(word)}" for name in names).encode(), False) for word in WORDS)
    yield from ((f"{name}=1&{name}=2".encode(), True) for name in single(row)[-1:])


def paths(row: Endpoint) -> Iterator[str]:
    """Yield the paths of a route with odd parameters and queries."""
    names = fields_of(row)
    for word in WORDS:
        coded = _coded(word) or "%20"
        query = "&".join(f"{name}={coded}" for name in names)
        yield f"{filled(row.path, coded)}?{query}"


def twice(row: Endpoint) -> str:
    """Return the path of a route with a query that says something twice, "" if all it takes are lists."""
    names = single(row)
    return f"{filled(row.path, 'x')}?{names[-1]}=1&{names[-1]}=2" if names else ""


def single(row: Endpoint) -> list[str]:
    """Return the names of what a route takes once."""
    kind: Any = row.takes
    if kind in {None, bytes}:
        return []
    return [each.encode_name for each in msgspec.structs.fields(kind) if "list[" not in str(each.type)]


def filled(path: str, word: str) -> str:
    """Return a path with a word for each parameter."""
    return re.sub(r"\{[^}]*\}", lambda _: word, path)


def _coded(word: str) -> str:
    return quote(word.encode("utf-8", "surrogatepass"), safe="")


def in_form(dialect: str, row: Endpoint, said: Said) -> bool:
    """Whether a refusal is worded as its dialect's clients expect."""
    if (
        row.path.removeprefix("/oms") == "/connect/login"
        and said.status in {400, 403}
        and b"<form" in said.body
    ):
        return True
    told: Mapping[str, Any] = json.loads(said.body)
    if row.path.startswith(("/strategy/webhook", "/chartink/webhook")) and isinstance(told.get("error"), str):
        return True
    if dialect == "native":
        if row.path == "/api/orders" and said.status == 422 and told.get("status") == "DENIED":
            return True
        return {"code", "message"} == set(told["error"])
    if told["status"] != "error" or "message" not in told:
        return False
    return dialect == "openalgo" or (told["data"] is None and str(told["error_type"]).endswith("Exception"))

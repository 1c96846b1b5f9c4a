"""The OpenAPI document as a page for people: it needs no script and nothing from elsewhere."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

_STYLE = """
:root{color-scheme:light dark;--line:#8884;--soft:#8882}
body{font:15px/1.5 system-ui;margin:2rem auto;max-width:64rem;padding:0 1rem}
h2{margin:2rem 0 .3rem;font-size:1.1rem}
details{border-bottom:1px solid var(--line);padding:.3rem 0}
summary{cursor:pointer;display:grid;grid-template-columns:4.5rem 22rem 4rem 1fr;gap:.6rem}
table{border-collapse:collapse;margin:.4rem 0;width:100%}
td,th{border-bottom:1px solid var(--soft);padding:.2rem .6rem .2rem 0;text-align:left;vertical-align:top}
pre{background:var(--soft);padding:.6rem;overflow:auto}
@media(max-width:50rem){summary{display:block}}
"""
#: Paths that are not under the heading of their first part.
_GROUPS = {
    "": "about",
    "health": "about",
    "ready": "about",
    "metrics": "about",
    "openapi": "about",
    "docs": "about",
    "hook": "alerts",
    "strategy": "alerts",
    "chartink": "alerts",
    "brokers": "broker",
}
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
#: An example of what a field may hold, by its type.
_EXAMPLES: dict[str, Any] = {
    "string": "",
    "integer": 1,
    "number": 1,
    "boolean": True,
    "array": [],
    "object": {},
}


def page(document: dict[str, Any], root: str) -> str:
    """Return the page of an OpenAPI document of ours, which is served at `root`."""
    groups: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            shown = "".join(_operation(method, path, operation, document, root))
            groups.setdefault(_group(path), []).append(shown)
    body = "".join(f"<h2>{escape(name)}</h2>{''.join(rows)}" for name, rows in groups.items())
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kasauti API</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body><h1>Kasauti API</h1>
<p>Send the key as <code>Authorization: Bearer KEY</code>; it is in <code>owner.key</code> in the folder.
Money is rupees as text, times are IST. Programs read the same from
<a href="/api/openapi.json">openapi.json</a>. Events and quotes are streamed on the WebSocket
<code>/api/stream</code>.</p>
{body}</body></html>"""


def _group(path: str) -> str:
    """Return under which heading a path is."""
    first = path.removeprefix("/api/").removeprefix("v1/").strip("/").split("/")[0].split(".")[0]
    return _GROUPS.get(first, first)


def _operation(
    method: str, path: str, operation: dict[str, Any], document: dict[str, Any], root: str
) -> Iterator[str]:
    scope = operation["x-scope"] or "public"
    yield f"<details><summary><b>{method.upper()}</b><code>{escape(path)}</code><i>{escape(scope)}</i>"
    yield f"<span>{escape(operation['summary'])}</span></summary>"
    fields = [(each["name"], each["schema"], each["required"]) for each in operation.get("parameters", ())]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    taken = {} if body is None else _resolved(body["schema"], document)
    required = taken.get("required", ())
    fields += [(name, schema, name in required) for name, schema in taken.get("properties", {}).items()]
    if fields:
        yield "<table><tr><th>Field<th>Holds<th>If left out</tr>"
        for name, schema, needed in fields:
            left_out = "refused" if needed else escape(json.dumps(schema.get("default", "")))
            holds = escape(_words(schema, document))
            yield f"<tr><td><code>{escape(name)}</code><td>{holds}<td>{left_out}</tr>"
        yield "</table>"
    if "description" in taken:
        yield f"<p>{escape(taken['description'])}</p>"
    example = _curl(method, taken, document, is_public=not operation["x-scope"])
    yield f"<pre>{escape(f'{example} {root}{path}')}</pre></details>"


def _resolved(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a schema, or what it refers to."""
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _words(schema: dict[str, Any], document: dict[str, Any]) -> str:
    """Return what a field holds, as one says it."""
    schema = _resolved(schema, document)
    if "enum" in schema:
        return ", ".join(str(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " or ".join(_words(each, document) for each in schema["anyOf"] if each != {"type": "null"})
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"a list of {_words(schema.get('items', {}), document)}"
    return str(_WORDS.get(kind, schema.get("title", kind)))


def _curl(method: str, taken: dict[str, Any], document: dict[str, Any], *, is_public: bool) -> str:
    """Return a command that calls an endpoint but for its address, with what has to be in the body."""
    words = ["curl", *([] if method == "get" else ["-X", method.upper()])]
    words += [] if is_public else ["-H", '"Authorization: Bearer $KEY"']
    if taken:
        example = {name: _example(taken["properties"][name], document) for name in taken.get("required", ())}
        words += ["-d", f"'{json.dumps(example)}'"]
    return " ".join(words)


def _example(schema: dict[str, Any], document: dict[str, Any]) -> Any:  # noqa: ANN401  any JSON
    schema = _resolved(schema, document)
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return _example(schema["anyOf"][0], document)
    return _EXAMPLES.get(schema.get("type", "string"), "")

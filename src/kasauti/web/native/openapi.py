"""The OpenAPI page, made from the table of endpoints, and a page for people that needs nothing else."""

import html
import re
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, Response

from kasauti import __version__
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import Failure, answer

_TEMPLATE = "#/components/schemas/{name}"
_CONVERTOR = re.compile(r"\{(\w+):\w+\}")
_PARAMETER = re.compile(r"\{(\w+)\}")
_STATUS = {
    "400": "the request cannot be used",
    "401": "no key",
    "403": "a key that is wrong or not good for this",
    "404": "something that is named is not there",
    "409": "the account takes nothing, or a name is taken",
    "413": "the body is too large",
    "422": "refused, with the reason",
    "429": "too often",
    "503": "nothing can be recorded",
}


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a table."""
    bodies = [each.takes for each in endpoints if each.takes not in {None, bytes}]
    kinds = [*bodies, *(each.gives for each in endpoints if each.gives is not None), Failure]
    schemas, components = msgspec.json.schema_components(kinds, ref_template=_TEMPLATE)
    of = dict(zip(kinds, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        path = _CONVERTOR.sub(r"{\1}", each.path)
        paths.setdefault(path, {})[each.method.lower()] = _operation(each, path, of, components)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kasauti", "version": __version__, "description": "Paper trading for India."},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(
    endpoint: Endpoint, path: str, of: dict[Any, Any], components: dict[str, Any]
) -> dict[str, Any]:
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]
    told: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": f"{endpoint.method.lower()} {path}",
        "responses": _responses(endpoint, of),
        "security": [] if endpoint.scope is None else [{"key": []}],
        "x-scope": endpoint.scope,
        "x-pace": endpoint.pace,
        "x-max-bytes": endpoint.max_bytes,
    }
    if endpoint.takes is bytes:
        told["requestBody"] = {"content": {"application/octet-stream": {}}}
    elif endpoint.takes is not None and endpoint.method == "GET":
        parameters += _query(components[endpoint.takes.__name__])
    elif endpoint.takes is not None:
        told["requestBody"] = {"required": True, "content": _json(of[endpoint.takes])}
    return told | ({"parameters": parameters} if parameters else {})


def _query(schema: dict[str, Any]) -> list[dict[str, Any]]:
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": of}
        for name, of in schema["properties"].items()
    ]


def _responses(endpoint: Endpoint, of: dict[Any, Any]) -> dict[str, Any]:
    gives = {} if endpoint.gives is None else {"content": _json(of[endpoint.gives])}
    failed = {
        status: {"description": words, "content": _json(of[Failure])} for status, words in _STATUS.items()
    }
    if endpoint.path == "/api/orders" and endpoint.method == "POST":
        failed["422"]["content"] = _json({"anyOf": [of[endpoint.gives], of[Failure]]})
    return {"200": {"description": "what was asked for", **gives}, **failed}


def _json(schema: object) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def page(endpoints: Sequence[Endpoint]) -> str:
    """Return the same for people."""
    rows = "".join(
        f"<tr><td><code>{each.method}</code></td><td><code>{html.escape(each.path)}</code></td>"
        f"<td>{each.scope or 'public'}</td><td>{html.escape(each.summary)}</td></tr>"
        for each in endpoints
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Kasauti API</title>
<meta name="viewport" content="width=device-width"><style>
body{{font:15px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}}
table{{border-collapse:collapse;width:100%}}
td,th{{border-bottom:1px solid #ccc;padding:.35rem;text-align:left}}
@media(prefers-color-scheme:dark){{body{{background:#111;color:#eee}}td,th{{border-color:#444}}}}
</style></head><body><h1>Kasauti API</h1>
<p>Send the key as <code>Authorization: Bearer KEY</code>. The machine's version of this page is
<a href="/api/openapi.json">openapi.json</a>; money is rupees as text.</p>
<table><thead><tr><th>Method<th>Path<th>Scope<th>What</tr></thead><tbody>{rows}</tbody></table></body></html>"""


def described(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints with the two that describe them all."""

    async def as_json(call: Call) -> Response:
        return answer(document(table))

    async def as_page(call: Call) -> Response:
        return HTMLResponse(page(table))

    rows = (
        ("/api/openapi.json", as_json, "This API as an OpenAPI 3.1 document."),
        ("/api/docs", as_page, "This API as a page."),
    )
    about = [
        Endpoint(method="GET", path=path, handler=handler, scope=None, pace=Pace.READS, summary=summary)
        for path, handler, summary in rows
    ]
    table = (*endpoints, *about)
    return table

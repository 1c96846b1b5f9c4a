"""The OpenAPI document, made from the table of endpoints, and where it and its page are found."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kasauti import __version__
from kasauti.web.endpoint import Call, Endpoint, Pace
from kasauti.web.native.dialect import QUERIED, answer
from kasauti.web.native.failures import Failure
from kasauti.web.native.openapi_page import page

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
    answers = [kind for each in endpoints for kind in (each.gives, each.fails) if kind is not None]
    kinds = [*bodies, *answers, Failure]
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
    elif endpoint.takes is not None and endpoint.method in QUERIED:
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
    why = of[Failure] if endpoint.fails is None else {"anyOf": [of[endpoint.fails], of[Failure]]}
    failed = {status: {"description": words, "content": _json(why)} for status, words in _STATUS.items()}
    if endpoint.path == "/api/orders" and endpoint.method == "POST":
        failed["422"]["content"] = _json({"anyOf": [of[endpoint.gives], of[Failure]]})
    return {"200": {"description": "what was asked for", **gives}, **failed}


def _json(schema: object) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def described(endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
    """Return the endpoints with those that describe them all."""

    async def as_json(call: Call) -> Response:
        return answer(document(table))

    async def as_page(call: Call) -> Response:
        asked = call.request.url
        return HTMLResponse(page(document(table), f"{asked.scheme}://{asked.netloc}"))

    async def to_page(call: Call) -> Response:
        return RedirectResponse("/api/docs")

    rows = (
        ("/api/openapi.json", as_json, "This API as an OpenAPI 3.1 document."),
        ("/api/docs", as_page, "This API as a page."),
        ("/", to_page, "Leads to the page."),
    )
    about = [
        Endpoint(method="GET", path=path, handler=handler, scope=None, pace=Pace.READS, summary=summary)
        for path, handler, summary in rows
    ]
    table = (*endpoints, *about)
    return table

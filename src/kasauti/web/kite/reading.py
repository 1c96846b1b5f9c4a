"""
What a client sent, as what an endpoint takes: a form, JSON, the query, the path.

Forms and queries carry text only. Fields a struct does not know are passed over, as Kite does: its clients
send the variety and the order id twice. What is empty counts as left out.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.web.once import check_names

_MOST_FIELDS = 4_096
_TWICE = "`{}` is given twice, and differently."
_NO_JSON = "Invalid JSON in the body: {}"
#: The names under which a list as a whole is read.
WHOLE = "rows"


def read(takes: Any, request: Request, body: bytes) -> Any:  # noqa: ANN401  what an endpoint takes
    """Return what was sent as `takes`; `InvalidInput` if it is not that."""
    sent = _sent(request, body)
    if takes is None:
        return None
    if isinstance(sent, list):
        sent = {WHOLE: sent}
    if not isinstance(sent, dict):
        raise InvalidInput("The body is neither a form nor a JSON object.")
    lists = _lists(takes)
    fields: dict[str, Any] = {}
    for part in (_query(request), sent, request.path_params):
        for name, value in part.items():
            _say_once(fields, name, value if name in lists else _single(name, value))
    try:
        return msgspec.convert({k: v for k, v in fields.items() if v not in ("", None)}, takes, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"Invalid request ({error})") from None


def _single(name: str, value: Any) -> Any:  # noqa: ANN401  whatever was sent
    if not isinstance(value, _Many):
        return value
    if len(set(value)) > 1:
        raise InvalidInput(_TWICE.format(name[:40]))
    return value[-1]


def _say_once(fields: dict[str, Any], name: str, value: Any) -> None:  # noqa: ANN401  whatever was sent
    """Take a field over; one that is there already has to say the same."""
    if name in fields and str(fields[name]) != str(value):
        raise InvalidInput(_TWICE.format(name[:40]))
    fields[name] = value


class _Many(list[str]):
    """The values of a field that may have been sent several times."""


def _sent(request: Request, body: bytes) -> Any:  # noqa: ANN401  whatever JSON can say
    if not body.strip():
        return {}
    if "json" in request.headers.get("content-type", "") or body.lstrip()[:1] in {b"{", b"["}:
        return decoded(body)
    try:
        return _pairs(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        raise InvalidInput("The body is not a form.") from None


def decoded(raw: bytes | str) -> Any:  # noqa: ANN401  whatever JSON can say
    """Return JSON, also from a field of a form; `InvalidInput` if it is none."""
    try:
        value = msgspec.json.decode(raw)
        check_names(raw)
    except InvalidInput:
        raise
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidInput(_NO_JSON.format(error)) from None
    return value


def _query(request: Request) -> dict[str, Any]:
    return _pairs(request.query_params.multi_items())


def _pairs(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found.setdefault(name, _Many()).append(value)
    return found


@cache
def _lists(takes: Any) -> frozenset[str]:  # noqa: ANN401  a struct
    fields = msgspec.structs.fields(takes)
    kinds = {each.encode_name: each.type for each in fields}
    bare = {
        name: get_args(kind)[0] if get_origin(kind) is Annotated else kind for name, kind in kinds.items()
    }
    return frozenset(name for name, kind in bare.items() if get_origin(kind) in {list, tuple})


def price_of(amount: Decimal | None, name: str) -> int:
    """Return rupees as money units, None as 0; `InvalidInput` for what is no price."""
    if amount is None:
        return 0
    if not amount.is_finite() or not 0 <= amount < 10**9:
        raise InvalidInput(f"Invalid request ({name} is {str(amount)[:40]}, which is no price)")
    return rupees(amount)


def member(words: Mapping[str, Any], value: str, name: str) -> Any:  # noqa: ANN401  what the words stand for
    """Return what a word stands for; `InvalidInput` for one that is none of them."""
    found = words.get(value)
    if found is None:
        raise InvalidInput(f"Invalid `{name}`: {value[:40]!r} is none of {', '.join(words)}.")
    return found

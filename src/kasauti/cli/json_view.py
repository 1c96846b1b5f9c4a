"""
What `--json` prints: money as decimal strings in rupees, moments as ISO 8601 with +05:30, keys that stay.

The keys are the fields of the structs in `json_rows` and of `DayReport`; a new one may come, none changes
its meaning. Money that is not known and moments that have not come are null.
"""

from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import msgspec

from kasauti.analytics.amounts import UNIT
from kasauti.domain.charges import Charges
from kasauti.domain.ist import ist_iso
from kasauti.domain.money import PAISA, to_decimal


def to_json(value: object) -> str:
    """Return a struct, or a list of them, as indented JSON with money and moments as people write them."""
    return msgspec.json.format(msgspec.json.encode(readable(value)), indent=2).decode()


def readable(value: object, hint: object = None) -> Any:  # noqa: ANN401  any JSON value
    """Return `value` as JSON-able data; `hint` is its annotation, which says whether a number is money."""
    match value:
        case Charges():
            heads = {field: rupees_text(getattr(value, field)) for field in value.__struct_fields__}
            return {**heads, "total": rupees_text(value.total)}
        case msgspec.Struct():
            hints = _hints(type(value))
            return {field: readable(getattr(value, field), hints[field]) for field in value.__struct_fields__}
        case dict():
            return {str(key): readable(each, _inner(hint)) for key, each in value.items()}
        case list() | tuple():
            return [readable(each, _inner(hint)) for each in value]
        case bool() | None:
            return value
        case int():
            return _number(value, _unit(hint))
        case _:
            return value


def rupees_text(units: int) -> str:
    """Return money units as rupees: two decimals, or four where the amount has them."""
    return f"{to_decimal(units):.{2 if units % PAISA == 0 else 4}f}"


def _number(value: int, unit: str) -> int | str | None:
    if unit == "money":
        return rupees_text(value)
    if unit == "moment":
        return ist_iso(value) if value else None
    return value


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _inner(hint: object) -> object:
    """Return the annotation of a container's values."""
    arguments = get_args(hint)
    return arguments[-1] if arguments else None


def _unit(hint: object) -> str:
    """Return the unit in an annotation, also in an optional one; empty if it has none."""
    if get_origin(hint) is Annotated:
        for meta in hint.__metadata__:  # type: ignore[attr-defined]
            if isinstance(meta, msgspec.Meta) and meta.extra:
                return str(meta.extra.get(UNIT, ""))
        return ""
    return next((unit for unit in map(_unit, get_args(hint)) if unit), "")

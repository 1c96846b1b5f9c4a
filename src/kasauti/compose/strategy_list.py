"""What strategies there are by name, and what each can be told."""

import inspect
from datetime import time
from pathlib import Path
from typing import Any

import msgspec

from kasauti import plugins
from kasauti.compose.strategies import GROUP
from kasauti.config.words import allowed
from kasauti.ports import Strategy


class StrategyParameter(msgspec.Struct, frozen=True):
    """One parameter: what it `takes`, in words, and its `usual` value, None where one has to be given."""

    name: str
    takes: str
    usual: str | None


class ListedStrategy(msgspec.Struct, frozen=True):
    """A strategy by the name that runs it; `what` is its own description, the first paragraph says most."""

    name: str
    what: str
    parameters: tuple[StrategyParameter, ...]


def installed_strategies() -> list[ListedStrategy]:
    """Return the strategies that can be named; `PluginError` for one that cannot be imported."""
    return [listed_strategy(name) for name in plugins.names(GROUP)]


def listed_strategy(name: str, beside: Path | None = None) -> ListedStrategy:
    """Return what is known of one, by its name or as `file.py:Class`; `PluginError` if there is none."""
    kind = plugins.find(GROUP, name, port=Strategy, beside=beside)
    own: Any = getattr(kind, "Parameters", None)
    fields = msgspec.structs.fields(own) if own is not None else ()
    return ListedStrategy(name, inspect.getdoc(kind) or "", tuple(map(_parameter, fields)))


def _parameter(field: msgspec.structs.FieldInfo) -> StrategyParameter:
    usual = None if field.required else _text(field.default)
    return StrategyParameter(field.name, allowed(field.type), usual)


def _text(value: object) -> str:
    """Return a value as `--param` takes it."""
    match value:
        case None:
            return "null"
        case tuple():
            return f"[{', '.join(map(_text, value))}]"
        case time():
            return value.isoformat("minutes")
        case _:
            return str(value)

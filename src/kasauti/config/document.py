"""
A YAML file as plain values that know their line.

The YAML read here is the plain part of YAML 1.2: `14:50` is a text and not 890, `yes` and `on` are texts,
`010` is no number. Anchors, aliases and tags are refused, and so is a key that stands twice.
"""

import re
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias

import msgspec
import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kasauti.errors import ConfigError

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,30}(_[0-9]{1,30}){0,9})")
_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?")

#: What YAML can say here.
Value: TypeAlias = "bool | int | Decimal | str | list[Value] | dict[str, Value] | None"

#: More than any configuration needs, and little enough to read at once.
_MOST_BYTES = 1_000_000


class Document(msgspec.Struct, frozen=True):
    """
    What a file holds, and where.

    `values` are dicts, lists, texts, `int`, `Decimal`, `bool` and None. `lines` has the line of every key by
    its path, like `risk.max_positions` or `strategies[0].use`.
    """

    name: str
    values: dict[str, Value]
    lines: dict[str, int]

    def line(self, path: str) -> int | None:
        """Return the line of `path`, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)

    def place(self, path: str) -> str:
        """Return the file and line of `path` in words."""
        line = self.line(path)
        return self.name if line is None else f"{self.name} line {line}"


def read_document(path: Path) -> Document:
    """Read a file of settings; `ConfigError` says which line cannot be used and why."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"There is no file {name}; check the path, or leave it out.") from error
    except OSError as error:
        raise ConfigError(f"{name} cannot be read: {error.strerror or error}.") from error
    if len(content) > _MOST_BYTES:
        raise ConfigError(f"{name} is larger than {_MOST_BYTES:_} bytes; that is no file of settings.")
    node = _compose(name, content)
    reader = _Reader(name)
    values = {} if node is None else reader.read(node, "")
    if not isinstance(values, dict):
        if values is None:
            return Document(name, {}, {})
        raise ConfigError(
            f"{name} holds {_kind(values)}, not sections with settings; begin it like 'account:' and"
            " indent the settings under it."
        )
    return Document(name, values, reader.lines)


def read_value(text: str, place: str) -> Value:
    """Read one value from outside a file, in the same YAML; `place` says where it came from."""
    node = _compose(place, text.encode())
    return None if node is None else _Reader(place, with_lines=False).read(node, "")


def _compose(name: str, content: bytes) -> Node | None:
    try:
        return yaml.compose(content, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = name if mark is None else f"{name} line {mark.line + 1}"
        raise ConfigError(
            f"{where} is not YAML: {error.problem or error.context}. Check the indentation, colons and"
            " quotes there."
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{name} is not YAML text in UTF-8: {_one_line(error)}.") from error
    except RecursionError as error:
        raise ConfigError(f"{name} is nested too deeply to be a file of settings.") from error


class _PlainLoader(yaml.SafeLoader):
    """Composes nodes only. An alias is an error, for it would hide where a value was written."""

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors and aliases (& and *) are not used here; write the value out",
                problem_mark=event.start_mark,
            )
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(
                problem=f"the tag {event.tag} is not used here; write the plain value",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


class _Reader:
    """Turns nodes into values and notes the line of each key."""

    def __init__(self, name: str, *, with_lines: bool = True) -> None:
        self.lines: dict[str, int] = {}
        self._name = name
        self._with_lines = with_lines

    def read(self, node: Node, path: str) -> Value:
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self._item(each, f"{path}[{n}]") for n, each in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return _plain(node.value) if node.style is None else str(node.value)

    def _item(self, node: Node, path: str) -> Value:
        self.lines[path] = node.start_mark.line + 1
        return self.read(node, path)

    def _mapping(self, node: MappingNode, path: str) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            key = key_node.value if isinstance(key_node, ScalarNode) else None
            line = key_node.start_mark.line + 1
            place = f"{self._name} line {line}" if self._with_lines else self._name
            if not key:
                raise ConfigError(f"{place} has a key that is not a word; write it like 'account:'.")
            inner = f"{path}.{key}" if path else key
            if key in found:
                earlier = f", after line {self.lines[inner]}" if self._with_lines else ""
                raise ConfigError(f"{place} sets {inner} a second time{earlier}; keep one.")
            self.lines[inner] = line
            found[key] = self.read(value_node, inner)
        return found


def _plain(text: str) -> Value:
    """Return what a word without quotes means."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    return text


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else "a single value"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())

"""
A rule file as text that knows its lines, so that whatever is wrong in it can be pointed at.

Places are written like `$.hours[0].open`: the third thing of its kind is `[2]`.
"""

import json
import re
from functools import cached_property
from typing import Any

import msgspec

from kasauti.errors import ConfigError

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_AT_BYTE = re.compile(r"\(byte (\d+)\)")

#: A row as it stands in a file.
RawRow = dict[str, Any]


class RuleText(msgspec.Struct, frozen=True, dict=True):
    """
    One rule file as it was read.

    `file` is its name, like hours.json, `name` what people call it, with its folder.
    """

    file: str
    name: str
    text: str

    @cached_property
    def values(self) -> dict[str, Any]:
        """What the file holds; `ConfigError` names the line at which it is not JSON."""
        try:
            found = msgspec.json.decode(self.text)
        except RecursionError as error:
            raise ConfigError(f"{self.name} nests its brackets too deep to be rules; check them.") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{self.name}{self._line_of(error)} is not JSON: {error}."
                " Check the quotes, commas and brackets there."
            ) from error
        if not isinstance(found, dict):
            raise ConfigError(f"{self.name} holds no rules; begin it with {{ and name its lists.")
        return found

    def rows(self) -> dict[str, list[RawRow]]:
        """Return the rows by the place of their list, like `$.hours`; also those of lists within rows."""
        return row_lists(self.values)

    def place(self, path: str) -> str:
        """Return the file and the line of `path`, or of the nearest thing around it, in words."""
        while path not in self.lines and path != "$":
            path = path[: max(path.rfind("."), path.rfind("["), 1)]
        return f"{self.name} line {self.lines[path]}"

    @cached_property
    def lines(self) -> dict[str, int]:
        """The line of every key and every entry of a list, by its path."""
        return self._scan.lines

    @cached_property
    def repeated(self) -> list[str]:
        """The paths of keys that stand twice in one place; the line is that of the second."""
        assert self.values is not None, "text that is no JSON has no keys"
        found: list[str] = []

        def pairs(each: list[tuple[str, object]]) -> None:
            if len(dict(each)) != len(each):
                found.append("")

        json.loads(self.text, object_pairs_hook=pairs)
        return self._scan.repeated if found else []

    @cached_property
    def _scan(self) -> "_Scan":
        assert self.values is not None, "text that is no JSON has no lines to scan"
        return _Scan(self.text)

    def _line_of(self, error: Exception) -> str:
        at = _AT_BYTE.search(str(error))
        return f" line {self.text.encode()[: int(at[1])].count(10) + 1}" if at else ""


def row_lists(values: RawRow, path: str = "$") -> dict[str, list[RawRow]]:
    """Return the lists of rows in `values` by their place, like `$.hours`; also those within rows."""
    found: dict[str, list[RawRow]] = {}
    for key, inner in values.items():
        if isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
            found[f"{path}.{key}"] = inner
            for place, each in enumerate(inner):
                found |= row_lists(each, f"{path}.{key}[{place}]")
    return found


class _Scan:
    """Walks valid JSON once and notes where each thing begins."""

    def __init__(self, text: str) -> None:
        self.lines: dict[str, int] = {"$": 1}
        self.repeated: list[str] = []
        self._text = text
        self._tokens = _TOKEN.finditer(text)
        self._line, self._counted_to = 1, 0
        self._word = self._next()
        self._value("$")

    def _next(self) -> str:
        found = next(self._tokens, None)
        if found is None:
            return ""
        self._line += self._text.count("\n", self._counted_to, found.start())
        self._counted_to = found.start()
        return found[0]

    def _value(self, path: str) -> None:
        opened = self._word
        self._word = self._next()
        if opened not in {"{", "["}:
            return
        place = 0
        while self._word not in {"}", "]"}:
            if self._word == ",":
                self._word = self._next()
            if opened == "[":
                inner = f"{path}[{place}]"
                place += 1
                self.lines[inner] = self._line
            else:
                inner = f"{path}.{json.loads(self._word)}"
                self._note(inner)
                self._next()  # the colon
                self._word = self._next()
            self._value(inner)
        self._word = self._next()

    def _note(self, path: str) -> None:
        if path in self.lines:
            self.repeated.append(path)
        self.lines[path] = self._line

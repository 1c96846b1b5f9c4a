"""
From four places to one configuration.

The command line wins over the environment, that over the file, that over the defaults. Whatever is wrong in
any of them is reported, each thing in a sentence with its place, also where another place would have won.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from kasauti.config.document import Document, Value, read_document, read_value
from kasauti.config.environment import from_environment
from kasauti.config.keys import STRATEGIES, keys, keys_of, sections, unknown
from kasauti.config.loaded import Loaded
from kasauti.config.rule_files import read_rule_files
from kasauti.config.sections import Config, Section, StrategySection
from kasauti.config.words import allowed, converted, did_you_mean, takes
from kasauti.errors import ConfigError

COMMAND_LINE = "command line"

_MODE = "account.trading_mode"
_REAL_MONEY = "live"

#: From a path to where it was written.
_Place = Callable[[str], str]


class _Given(msgspec.Struct, frozen=True):
    """A value as it was given, and where it or a part of it was written."""

    path: str
    value: Value
    place: _Place


def load_config(path: Path | None, overrides: Mapping[str, str], environ: Mapping[str, str]) -> Loaded:
    """
    Return the configuration from the file at `path`, the environment and the command line.

    `overrides` has paths and texts, like {"risk.max_positions": "3"}. Raises `ConfigError` with a line for
    each thing that is wrong.
    """
    problems: list[str] = []
    document = None if path is None else read_document(path)
    layers = [
        [] if document is None else _from_document(document, problems),
        _from_texts(from_environment(environ, problems), problems),
        _from_texts(_from_command_line(overrides, problems), problems),
    ]
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        for given in layer:
            known = len(problems)
            value = _convert(given, problems)
            if len(problems) == known:
                values[given.path], origins[given.path] = value, given.place(given.path)
    config = _assemble(values, origins, problems)
    if problems:
        raise ConfigError("\n".join(problems))
    overlay = config.rules.overlay
    return Loaded(config, origins, document, () if overlay is None else read_rule_files(overlay))


def _from_document(document: Document, problems: list[str]) -> Iterator[_Given]:
    for name, body in document.values.items():
        if name == STRATEGIES:
            yield _Given(name, body, document.place)
        elif name not in sections():
            problems.append(f"{document.place(name)}: {unknown(name)}")
        elif isinstance(body, dict):
            for inner, value in body.items():
                path = f"{name}.{inner}"
                if path in keys():
                    yield _Given(path, value, document.place)
                else:
                    problems.append(f"{document.place(path)}: {unknown(path)}")
        elif body is not None:
            problems.append(f"{document.place(name)}: {name} is a section; indent its settings under it.")


def _from_command_line(overrides: Mapping[str, str], problems: list[str]) -> Iterator[tuple[str, str, str]]:
    for path, text in overrides.items():
        if path in keys():
            yield path, text, COMMAND_LINE
        else:
            problems.append(f"{COMMAND_LINE}: {unknown(path)}")


def _from_texts(texts: Iterable[tuple[str, str, str]], problems: list[str]) -> Iterator[_Given]:
    """Read values from outside a file: where a text is wanted it stays as it is, all else is YAML."""
    for path, text, origin in texts:
        if not text.strip():
            problems.append(f"{origin}: {path} is empty; give it a value, or leave it out.")
            continue
        try:
            as_it_is = takes(keys()[path].kind, str) and text != "null"
            value = text if as_it_is else read_value(text, origin)
        except ConfigError as error:
            problems.append(str(error))
        else:
            yield _Given(path, value, _always(origin))


def _always(origin: str) -> _Place:
    return lambda _: origin


def _convert(given: _Given, problems: list[str]) -> object:
    """Return the value as its setting's type; append to `problems` why it cannot be."""
    if given.path == STRATEGIES:
        return _strategies(given, problems)
    return _checked(given.path, given.value, keys()[given.path].kind, given.place, problems)


def _checked(path: str, value: Value, kind: object, place: _Place, problems: list[str]) -> object:
    try:
        return converted(value, kind)
    except msgspec.ValidationError:
        problems.append(f"{place(path)}: {_wrong(path, value, allowed(kind))}")
        return None


def _wrong(path: str, value: Value, taken: str) -> str:
    if path == _MODE and value == _REAL_MONEY:
        return (
            f"{path} is {value}, but this version has no live gateway: nothing in it can reach a broker's"
            f" orders. Allowed: {taken}."
        )
    shown = "null" if value is None else str(value).lower() if isinstance(value, bool) else value
    return f"{path} is {shown}, which cannot be used. Allowed: {taken}.{_hint(value, taken)}"


def _hint(value: Value, taken: str) -> str:
    if not isinstance(value, str):
        return ""
    digits = value.replace(",", "")
    if "," in value and digits.isdecimal():
        return f" Write it without commas: {digits}."
    return did_you_mean(value, re.findall(r"[a-z]+", taken)) if value.isalpha() else ""


def _strategies(given: _Given, problems: list[str]) -> tuple[StrategySection, ...]:
    if not isinstance(given.value, list):
        problems.append(
            f"{given.place(STRATEGIES)}: {STRATEGIES} is a list; begin each entry like"
            " '- use: my_file.py:MyClass'."
        )
        return ()
    found = [
        _strategy(f"{STRATEGIES}[{n}]", entry, given.place, problems) for n, entry in enumerate(given.value)
    ]
    return tuple(each for each in found if each is not None)


def _strategy(path: str, entry: Value, place: _Place, problems: list[str]) -> StrategySection | None:
    known = keys_of(StrategySection)
    if not isinstance(entry, dict) or "use" not in entry:
        problems.append(f"{place(path)}: {path} needs 'use:' with a name, or a file and a class.")
        return None
    before = len(problems)
    values: dict[str, Any] = {}
    for name, value in entry.items():
        inner = f"{path}.{name}"
        if name in known:
            values[name] = _checked(inner, value, known[name].kind, place, problems)
        else:
            problems.append(
                f"{place(inner)}: {inner} is not a setting.{did_you_mean(name, known)}"
                " What the strategy itself can be told stands under 'parameters:'."
            )
    return StrategySection(**values) if len(problems) == before else None


def _assemble(values: Mapping[str, object], origins: Mapping[str, str], problems: list[str]) -> Config:
    built: dict[str, Any] = {}
    for name, kind in sections().items():
        own = {path.partition(".")[2]: value for path, value in values.items() if path.startswith(f"{name}.")}
        built[name] = _section(kind, own, origins, problems)
    if STRATEGIES in values:
        built[STRATEGIES] = values[STRATEGIES]
    return Config(**built)


def _section(
    kind: type[Section], own: Mapping[str, Any], origins: Mapping[str, str], problems: list[str]
) -> Section:
    """Build a section: settings that fit by themselves may still not fit together."""
    try:
        return kind(**own)
    except ValueError as error:
        involved = [f"{path}: {origin}" for path, origin in origins.items() if path in str(error)]
        problems.append(f"{error} ({'; '.join(involved)}).")
        return kind()

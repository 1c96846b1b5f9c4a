"""Whether rule files can be used: all that come with Kasauti, and a user's own."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

import kasauti.exchange
from kasauti.config.rule_files import read_rule_files
from kasauti.errors import ConfigError
from kasauti.exchange.overlay import Overlay, using
from kasauti.exchange.rules import (
    RuleFile,
    packaged_files,
    packaged_text,
    read_rules,
    refuse_unknown_file,
)


def check_own(path: Path) -> list[str]:
    """
    Return the names of the files at `path`, a file or a folder, that can be used over the packaged ones.

    Raises `ConfigError` with a line for each thing that is wrong, file by file.
    """
    files = read_rule_files(str(path)) if path.is_dir() else ((path.name, _text(path)),)
    overlay = Overlay(str(path if path.is_dir() else path.parent), files)
    problems: list[str] = []
    with using(overlay):
        for name, _ in files:
            try:
                _check(name, overlay)
            except ConfigError as error:
                problems.append(str(error))
    if problems:
        raise ConfigError("\n".join(problems))
    return [name for name, _ in files]


def check_packaged() -> list[str]:
    """Return the names of the packaged files; `ConfigError` for the first that cannot be used."""
    for name in packaged_files():
        _check(name, Overlay())
    return packaged_files()


def _check(name: str, overlay: Overlay) -> None:
    forms = _forms()
    refuse_unknown_file(name, overlay.where)
    read_rules(name, forms[name])


@cache
def _forms() -> dict[str, type[RuleFile]]:
    """Return the form of every packaged file: the one that reads it, or that has its lists."""
    for module in pkgutil.walk_packages(kasauti.exchange.__path__, f"{kasauti.exchange.__name__}."):
        import_module(module.name)
    forms = list(_kinds(RuleFile))
    return {name: max(forms, key=lambda form: _likeness(form, name)) for name in packaged_files()}


def _kinds(kind: type[RuleFile]) -> Iterator[type[RuleFile]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds(each)


def _likeness(form: type[RuleFile], name: str) -> int:
    values: dict[str, Any] = packaged_text(name).values
    fields = {field.encode_name for field in msgspec.structs.fields(form)}
    if form.__module__.partition(".")[0] != "kasauti" or not values.keys() <= fields:
        return 0
    try:
        msgspec.json.decode(packaged_text(name).text, type=form)
    except msgspec.ValidationError:
        return 1
    return 2


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}. Check that it is a text file.") from error

"""The settings as a table: what there is to set, and what a wrong name was meant to be."""

import inspect
from functools import cache

import msgspec

from kasauti.config.sections import Config, Section
from kasauti.config.words import allowed, nearest, unit_of

#: The one setting that is a list and stands at the top.
STRATEGIES = "strategies"

#: Where the settings of the older paper trader's config.yaml are now; `docs/config.md` has the same table.
OLD_SECTIONS = {
    "position_sizing": "account.capital_rupees; the lot size is the exchange's, by date",
    "entry": "the parameters of the strategy",
    "stop_losses": "the parameters of the strategy",
    "timing": "the exchange's calendar; the time of the last exit is a parameter of the strategy",
}


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """One setting: `path` is `section.name`, `allowed` is what it takes, `unit` is empty if it has none."""

    path: str
    kind: object
    default: object
    description: str
    allowed: str
    unit: str


@cache
def sections() -> dict[str, type[Section]]:
    """Return the kinds of section by name, in order."""
    return {
        field.name: type(field.default)
        for field in msgspec.structs.fields(Config)
        if isinstance(field.default, Section)
    }


@cache
def keys() -> dict[str, Key]:
    """Return every setting by its path, in order."""
    found: dict[str, Key] = {}
    for field in msgspec.structs.fields(Config):
        if isinstance(field.default, Section):
            for inner in msgspec.structs.fields(type(field.default)):
                path = f"{field.name}.{inner.name}"
                found[path] = _key(path, inner)
        else:
            found[field.name] = _key(field.name, field)
    return found


@cache
def keys_of(kind: type[msgspec.Struct]) -> dict[str, Key]:
    """Return the fields of one struct."""
    return {field.name: _key(field.name, field) for field in msgspec.structs.fields(kind)}


def purpose(kind: type[Section]) -> str:
    """Return what a section is for."""
    return inspect.getdoc(kind) or ""


def unknown(path: str) -> str:
    """Return in a sentence that there is no such setting, and what may have been meant."""
    section, _, name = path.rpartition(".")
    if path in OLD_SECTIONS or section in OLD_SECTIONS:
        instead = OLD_SECTIONS[section or path]
        return f"{path} is not a setting here. In its place: {instead}. See docs/config.md."
    if section in sections():
        here = {name_of(each): each for each in keys() if each.startswith(f"{section}.")}
        listed = f" Settings of {section}: {', '.join(here)}."
    else:
        here = {each: each for each in (*sections(), STRATEGIES)}
        listed = f" Sections: {', '.join(here)}."
    meant = _meant(name, here)
    return f"{path} is not a setting.{'' if meant is None else f' Did you mean {meant}?'}{listed}"


def name_of(path: str) -> str:
    """Return the last part of a path."""
    return path.rpartition(".")[2]


def _meant(name: str, here: dict[str, str]) -> str | None:
    """Return the path of the setting with this name in another section, or of the nearest name."""
    everywhere = {name_of(path): path for path in keys()}
    if name in everywhere:
        return everywhere[name]
    for known in (here, everywhere):
        close = nearest(name, known)
        if close is not None:
            return known[close]
    return None


def _key(path: str, field: msgspec.structs.FieldInfo) -> Key:
    return Key(
        path=path,
        kind=field.type,
        default=field.default if field.default is not msgspec.NODEFAULT else None,
        description=_description(field.type),
        allowed=allowed(field.type),
        unit=unit_of(path),
    )


def _description(kind: object) -> str:
    """Return the description in the first `Meta` that has one."""
    for meta in getattr(kind, "__metadata__", ()):
        if isinstance(meta, msgspec.Meta) and meta.description:
            return meta.description
    return ""

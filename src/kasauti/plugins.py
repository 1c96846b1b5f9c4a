"""
From a name to a class: how everything that can be added comes in.

A name is either an entry point in a group of `ports.py` (what ships with Kasauti uses the same groups) or a
local file and a class in it: `my_strategies/orb.py:OpeningRange`. Importing a local file runs it, so that
happens only when the file is named; no folder is searched.
"""

import hashlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, get_type_hints

import msgspec

from kasauti.config.words import HIDDEN, allowed, converted, did_you_mean, must_be_hidden
from kasauti.errors import ConfigError, KasautiError, PluginError

#: A local plug-in is named as a file, this sign, a class.
_FILE_AND_CLASS = ".py:"


def names(group: str) -> list[str]:
    """Return the names that are installed in `group`, sorted."""
    return sorted({entry.name for entry in entry_points(group=group)})


def find(group: str, name: str, *, port: type | None = None, beside: Path | None = None) -> type[Any]:
    """
    Return the class that `name` means in `group`.

    `port` is the Protocol or base class whose methods it must have. A relative file is looked for in
    `beside`, or in the current folder. Raises `PluginError` if there is no such class, or if importing it
    fails: then the message has the import's own error and line.
    """
    return checked(
        _in_file(name, beside) if _FILE_AND_CLASS in name else _installed(group, name), name, group, port
    )


def checked(found: object, name: str, group: str, port: type | None = None) -> type[Any]:
    """Return `found` if it is a class with the methods of `port`; `PluginError` says what it lacks."""
    if not isinstance(found, type):
        raise PluginError(f"{name} is {_a(type(found).__name__)}, not a class; name the class itself.")
    lacking = [] if port is None else [m for m in _methods(port) if not hasattr(found, m)]
    if lacking:
        raise PluginError(
            f"{name} cannot be used in {group}: it lacks {', '.join(lacking)}."
            f" See {_dotted(port)} for what each must do."
        )
    return found


def make(kind: type[Any], parameters: Mapping[str, object], place: Callable[[str], str]) -> Any:  # noqa: ANN401
    """
    Return an instance of a plug-in with `parameters`, checked against its own typed fields.

    The fields are those of a struct, or else what the constructor takes; a class with `from_parameters`
    checks them itself. `place` says where a parameter was written, and for "" where all of them were. Raises
    `ConfigError` for a parameter that is unknown, missing or wrong.
    """
    own = getattr(kind, "from_parameters", None)
    if own is not None:
        return _constructed(kind, lambda: own(dict(parameters)), parameters, place)
    fields = _fields(kind)
    problems = [
        f"{place(name)}: {kind.__name__} has no parameter {name}.{did_you_mean(name, fields)}"
        f" Parameters: {', '.join(fields) or 'none'}."
        for name in parameters
        if name not in fields
    ]
    values: dict[str, object] = {}
    for name, (hint, required) in fields.items():
        if name in parameters:
            try:
                values[name] = converted(parameters[name], hint)
            except msgspec.ValidationError:
                problems.append(f"{place(name)}: {_wrong(name, parameters[name], hint)}")
        elif required:
            problems.append(f"{place('')}: {kind.__name__} needs the parameter {name}: {allowed(hint)}.")
    if problems:
        raise ConfigError("\n".join(problems))
    return _constructed(kind, lambda: kind(**values), parameters, place)


def _wrong(name: str, value: object, hint: object) -> str:
    shown = HIDDEN if must_be_hidden(name) else "null" if value is None else value
    return f"{name} is {shown}, which cannot be used. Allowed: {allowed(hint)}."


def _constructed(
    kind: type[Any],
    construct: Callable[[], object],
    parameters: Mapping[str, object],
    place: Callable[[str], str],
) -> object:
    """Construct; a refusal of the parameters says where the one it names was written."""
    try:
        return construct()
    except (KasautiError, TypeError, ValueError) as error:
        named = next((name for name in parameters if name in str(error)), "")
        raise ConfigError(f"{place(named)}: {kind.__name__} refuses its parameters: {error}") from error


def _fields(kind: type[Any]) -> dict[str, tuple[object, bool]]:
    """Return the parameters of a class: name, type and whether it must be given."""
    if issubclass(kind, msgspec.Struct):
        return {f.name: (f.type, f.required) for f in msgspec.structs.fields(kind)}
    if kind.__init__ is object.__init__:
        return {}
    hints = get_type_hints(kind.__init__, include_extras=True)
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return {
        name: (hints.get(name, Any), parameter.default is inspect.Parameter.empty)
        for name, parameter in inspect.signature(kind).parameters.items()
        if parameter.kind in named
    }


def _installed(group: str, name: str) -> object:
    offers = [entry for entry in entry_points(group=group) if entry.name == name]
    if not offers:
        known = names(group)
        if name.endswith(".py") and Path(name).is_file():
            raise PluginError(f"{name} is a file; name the class in it that is meant, like {name}:MyClass.")
        raise PluginError(
            f"There is no {name!r} in {group}.{did_you_mean(name, known)}"
            f" Known: {', '.join(known) or 'none'}; or name a file and a class, like my_file.py:MyClass."
        )
    if len({entry.value for entry in offers}) > 1:
        places = ", ".join(sorted(f"{entry.value} ({_owner(entry)})" for entry in offers))
        raise PluginError(f"{name!r} in {group} is offered more than once: {places}. Uninstall all but one.")
    return _guarded(offers[0].load, name, offers[0].value)


def _in_file(name: str, beside: Path | None) -> object:
    file, _, attribute = name.rpartition(":")
    path = ((beside or Path()) / Path(file).expanduser()).resolve()
    if not path.is_file():
        raise PluginError(f"There is no file {path}, which {name} names; check the path.")
    if not attribute.isidentifier():
        raise PluginError(f"{name} does not name a class in the file; write it like {file}:MyClass.")
    module = _guarded(lambda: _import_file(path), name, str(path))
    if not hasattr(module, attribute):
        own = [n for n, thing in vars(module).items() if _is_own_class(thing, module)]
        raise PluginError(
            f"{path} has no {attribute}.{did_you_mean(attribute, own)}"
            f" Classes in it: {', '.join(own) or 'none'}."
        )
    return getattr(module, attribute)


def _import_file(path: Path) -> object:
    """Run the file as a module, once per process, under a name that no other module has."""
    name = f"kasauti_local_{path.stem}_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} cannot be read as a Python module")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    with ExitStack() as undo:
        undo.callback(sys.modules.pop, name, None)
        spec.loader.exec_module(module)
        undo.pop_all()
    return module


def _guarded(load: Callable[[], object], name: str, source: str) -> object:
    """Run a stranger's import; whatever it raises, even an exit, becomes a `PluginError` that says where."""
    try:
        return load()
    except (Exception, SystemExit) as error:
        where = _place(error, source)
        raise PluginError(
            f"{name} cannot be imported: {where} raised {type(error).__name__}: {error}."
            " Correct that, or name another plug-in."
        ) from error


def _place(error: BaseException, source: str) -> str:
    """Return the file and line that raised: in the plug-in's own file, else the last one that is known."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename} line {error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not _is_machinery(f.filename)]
    own = [f for f in frames if f.filename == source] or frames
    return f"{own[-1].filename} line {own[-1].lineno}" if own else source


def _is_machinery(file: str) -> bool:
    machinery = Path(importlib.util.__file__).parent
    return file == __file__ or file.startswith("<frozen importlib") or machinery in Path(file).parents


def _methods(port: type) -> list[str]:
    return sorted(
        name
        for base in port.__mro__
        if base.__module__ == port.__module__
        for name, member in vars(base).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, property))
    )


def _is_own_class(thing: object, module: object) -> bool:
    return isinstance(thing, type) and thing.__module__ == getattr(module, "__name__", "")


def _dotted(port: type | None) -> str:
    return "" if port is None else f"{port.__module__}.{port.__qualname__}"


def _owner(entry: EntryPoint) -> str:
    return "unknown package" if entry.dist is None else entry.dist.name


def _a(word: str) -> str:
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"

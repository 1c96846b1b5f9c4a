"""
Which form of the hottest modules runs: the Python in this package, or the same source compiled to C.

`make compiled` puts compiled modules into the environment, with a stamp that has the hash of every file they
depend on. They are used all together or not at all: only while each of those files is still the same, and
never where the environment variable KASAUTI_CORE is `pure`. Everything else runs the Python that stands here.
"""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

#: What compiled modules know of this package: a change in any of it may change what was compiled.
KNOWN = (
    "errors.py", "ports.py", "domain", "exchange", "risk", "simulator", "engine", "store", "desk", "web",
)  # fmt: skip

#: The environment variable that may choose; without it, what was compiled is used where it can be.
SWITCH = "KASAUTI_CORE"
PURE, COMPILED = "pure", "compiled"

#: Where this environment has its compiled modules, if it has any.
FOLDER = os.path.join(sys.prefix, "kasauti-compiled")
STAMP = os.path.join(FOLDER, "stamp.json")

_PACKAGE = os.path.dirname(os.path.abspath(__file__))


class _Finder:
    """Finds compiled modules, by name, before Python looks for their source."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    def find_spec(self, fullname: str, path: object, target: object = None) -> "ModuleSpec | None":
        """Return where a compiled module is, None for any other."""
        from importlib.util import spec_from_file_location

        file = self._files.get(fullname)
        return None if file is None else spec_from_file_location(fullname, os.path.join(FOLDER, file))


def choose() -> tuple[dict[str, str], str]:
    """
    Return the file of each compiled module that is to be used, none if none is, and half a sentence why.

    Raises `ImportError` if the environment asks for what cannot be.
    """
    wanted = os.environ.get(SWITCH, "")
    if wanted not in {"", PURE, COMPILED}:
        raise ImportError(f"{SWITCH} is {wanted!r}; it may be {PURE}, {COMPILED} or not set")
    if wanted == PURE:
        return {}, f"{SWITCH} says so"
    modules, why = fresh()
    if wanted == COMPILED and not modules:
        raise ImportError(f"{SWITCH} is {COMPILED}, but {why}; give `make compiled`, or unset {SWITCH}")
    return modules, why


def fresh() -> tuple[dict[str, str], str]:
    """Return the compiled modules that are of this very source, wanted or not, and half a sentence why."""
    if not os.path.exists(STAMP):
        return {}, "nothing is compiled in this environment"
    import json

    try:
        with open(STAMP, encoding="utf-8") as file:
            stamp = json.load(file)
        python, modules, by, hashes = stamp["python"], stamp["modules"], stamp["by"], stamp["sources"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}, f"{STAMP} cannot be read"
    if python != sys.implementation.cache_tag:
        return {}, f"what is compiled is for {python}, this is {sys.implementation.cache_tag}"
    if hashes != sources():
        return {}, "the source has changed since it was compiled"
    return modules, by


def sources() -> dict[str, str]:
    """Return the hash of each file that compiled modules depend on, as Python's own bytecode has it."""
    from importlib.util import source_hash

    found = {}
    for known in KNOWN:
        place = os.path.join(_PACKAGE, known)
        folders = os.walk(place) if os.path.isdir(place) else [(_PACKAGE, [], [known])]
        for folder, _, names in folders:
            for name in names:
                if name.endswith(".py"):
                    path = os.path.join(folder, name)
                    with open(path, "rb") as file:
                        found[os.path.relpath(path, _PACKAGE)] = source_hash(file.read()).hex()
    return found


#: What is used in this process, and why.
MODULES, WHY = choose()
if MODULES:
    sys.meta_path.insert(0, _Finder(MODULES))


def told() -> str:
    """Return in a few words which form of the core this process runs."""
    return f"{COMPILED if MODULES else PURE} core: {WHY}"

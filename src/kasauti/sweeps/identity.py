"""What a result depends on, as hashes: the strategy's own source, Kasauti's, the data and the settings."""

import hashlib
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

import kasauti
from kasauti.compose.parts import overlay_of
from kasauti.config import Loaded
from kasauti.config.sections import Config
from kasauti.sweeps.store import Context

_PACKAGE: Final = Path(kasauti.__file__).parent
#: What no result depends on: how sweeps are searched, stored and shown.
_APART: Final = frozenset({"cli", "sweeps"})


def context_of(
    kind: type[Any], label: str, data: str, fixed: Mapping[str, object], loaded: Loaded
) -> Context:
    """Return the context of results of the strategy class `kind` on data with the fingerprint `data`."""
    return Context(
        {
            "strategy": label,
            "strategy's code": _source_of(kind),
            "Kasauti": f"{kasauti.__version__} {_own_source()}",
            "data": data,
            "fixed parameters": _text(fixed),
            "settings": _settings(loaded.config),
        }
        | ({"rules of the user's own": own} if (own := overlay_of(loaded).fingerprint) else {})
    )


def _source_of(kind: type[Any]) -> str:
    """Return the hash of the files that the class and its bases are written in, Kasauti's own aside."""
    files = {file for base in kind.__mro__ if (file := _file_of(base)) is not None}
    texts = [file.read_bytes() for file in sorted(files)]
    if not texts:
        texts = [_text_of(kind).encode()]
    return hashlib.blake2b(b"\0".join(texts), digest_size=8).hexdigest()


def _file_of(kind: type[Any]) -> Path | None:
    try:
        file = Path(inspect.getfile(kind))
    except (TypeError, OSError):  # a class of C, or of a session at the keyboard
        return None
    return file if file.is_file() else None


def _text_of(kind: type[Any]) -> str:
    try:
        return inspect.getsource(kind)
    except (TypeError, OSError):
        return f"{kind.__module__}.{kind.__qualname__}"


@cache
def _own_source() -> str:
    hashed = hashlib.blake2b(digest_size=8)
    for path in sorted(_PACKAGE.rglob("*")):
        inside = path.relative_to(_PACKAGE)
        if path.suffix in {".py", ".json"} and inside.parts[0] not in _APART:
            hashed.update(inside.as_posix().encode())
            hashed.update(path.read_bytes())
    return hashed.hexdigest()


def _settings(config: Config) -> str:
    """Return the settings a result depends on: those that chose the data are in the data's fingerprint."""
    account, feed = config.account, config.feed
    parts = [account.capital_rupees, account.plan, config.simulator, config.risk]
    return msgspec.json.encode([*parts, feed.seed, feed.starts_at, feed.ends_at]).decode()


def _text(values: Mapping[str, object]) -> str:
    return msgspec.json.encode({name: str(value) for name, value in sorted(values.items())}).decode()

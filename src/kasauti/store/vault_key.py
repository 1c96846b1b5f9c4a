"""
Where a vault's key is: in the system's keyring where there is one, else in a file for its owner only.

The keyring comes with `pip install 'kasauti[keyring]'`. A key in a file stays there until it is moved.
"""

import os
import stat
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from sys import platform
from typing import Any, Final, Protocol

import msgspec

from kasauti.errors import CredentialsError

KEYS: Final = "vault.key"
_SERVICE: Final = "kasauti vault"
_FIELDS: Final = msgspec.json.Decoder(dict[str, str])
#: What `keyring` calls a backend that is worth using; those that keep nothing have less.
_USABLE: Final = 1


class Keyring(Protocol):
    """A keyring of the system: texts by service and name."""

    def get(self, name: str) -> str | None:
        """Return what is kept under a name, None if nothing is."""

    def set(self, name: str, text: str) -> None:
        """Keep a text under a name."""

    def remove(self, name: str) -> None:
        """Forget what is kept under a name."""


class SystemKeyring:
    """The keyring that the library `keyring` found; `CredentialsError` if it is locked or does not answer."""

    def __init__(self, library: Any) -> None:  # noqa: ANN401  a module that may not be installed
        self._library = library

    def get(self, name: str) -> str | None:
        """Return what is kept under a name, None if nothing is."""
        found: str | None = self._asked(self._library.get_password, name)
        return found

    def set(self, name: str, text: str) -> None:
        """Keep a text under a name."""
        self._asked(self._library.set_password, name, text)

    def remove(self, name: str) -> None:
        """Forget what is kept under a name."""
        self._asked(self._library.delete_password, name)

    def _asked(self, do: Callable[..., Any], *given: str) -> Any:  # noqa: ANN401  what the library answers
        try:
            return do(_SERVICE, *given)
        except self._library.errors.KeyringError:
            pass
        # No error is raised where a key is at hand.
        raise CredentialsError(
            "the system's keyring does not answer for the vault's key; unlock it and ask again"
        )


def system_keyring() -> Keyring | None:
    """Return the keyring of this system, None where the library is not installed or finds none."""
    try:
        library = import_module("keyring")
    except ImportError:
        return None
    return SystemKeyring(library) if library.get_keyring().priority >= _USABLE else None


class KeyPlace:
    """Where the key of the vault in a folder is."""

    def __init__(self, folder: Path, keyring: Callable[[], Keyring | None] = system_keyring) -> None:
        self._path = folder / KEYS
        self._keyring = keyring

    @property
    def shown(self) -> str:
        """The place, as a message names it."""
        return str(self._path) if self._in_file() else "the system's keyring"

    def read(self) -> dict[str, str]:
        """Return the keys, none if there are none yet."""
        if self._path.exists():
            return private_fields(self._path)
        ring = self._keyring()
        kept = None if ring is None else ring.get(self._name)
        return {} if kept is None else _FIELDS.decode(kept)

    def write(self, keys: Mapping[str, str]) -> None:
        """Keep the keys where they are, and new ones in the keyring if there is one."""
        ring = None if self._path.exists() else self._keyring()
        if ring is None:
            write_privately(self._path, keys)
        else:
            ring.set(self._name, msgspec.json.encode(keys).decode())

    def move(self, *, to_keyring: bool) -> None:
        """Move the keys; what a crash leaves is in both places, and the file is what holds then."""
        ring = self._keyring()
        if ring is None:
            raise CredentialsError(
                "this system has no keyring that Kasauti can use; install it with: pip install"
                " 'kasauti[keyring]', or leave the key in its file"
            )
        keys, in_file = self.read(), self._path.exists()
        if not keys or in_file is not to_keyring:
            return
        if to_keyring:
            ring.set(self._name, msgspec.json.encode(keys).decode())
            self._path.unlink()
        else:
            write_privately(self._path, keys)
            ring.remove(self._name)

    def _in_file(self) -> bool:
        return self._path.exists() or self._keyring() is None

    @property
    def _name(self) -> str:
        return str(self._path.resolve())


def private_fields(path: Path) -> dict[str, str]:
    """Return the texts in a file that only its owner can read, none if it is missing."""
    try:
        if platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise CredentialsError(f"{path} can be read by others; take their rights: chmod 600 {path}")
        return _FIELDS.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise CredentialsError(f"{path} cannot be used; put the right file back from a backup") from error


def write_privately(path: Path, fields: Mapping[str, str]) -> None:
    """Write texts into a file that only its owner can read; it is there as a whole, or as it was."""
    arriving = path.with_suffix(".arriving")
    try:
        arriving.unlink(missing_ok=True)
        file = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, msgspec.json.encode(fields))
            os.fsync(file)
        finally:
            os.close(file)
        arriving.replace(path)
    except OSError as error:
        raise CredentialsError(f"{path} cannot be written: {error.strerror}; see that it is yours") from error

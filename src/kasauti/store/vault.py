"""
The vault: credentials of brokers, sealed with a key of their own.

The key is in `vault.key`, what it seals in `vault.json`; both can be read by their owner only. A rotation
writes the new key beside the old one before anything is sealed anew, so a crash in between loses nothing.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from sys import platform
from typing import Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kasauti.errors import CredentialsError, NotThere

KEYS: Final = "vault.key"
SEALED: Final = "vault.json"
_SHOWN: Final = 4
_FIELDS: Final = msgspec.json.Decoder(dict[str, str])


class Vault:
    """The vault in a folder; made when something is first kept in it. It holds texts by name and field."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the names under which something is kept."""
        return sorted(self._read(self._folder / SEALED))

    def put(self, name: str, fields: Mapping[str, str]) -> None:
        """Keep fields under a name, in place of what was there."""
        sealed = self._read(self._folder / SEALED)
        self._write(SEALED, {**sealed, name: self._cipher(make=True).encrypt(_encoded(fields)).decode()})

    def get(self, name: str) -> dict[str, str]:
        """Return what is kept under a name, for the call that needs it; `NotThere` if nothing is."""
        sealed = self._read(self._folder / SEALED).get(name)
        if sealed is None:
            raise NotThere(f"the vault has nothing under {name!r}; `kasauti vault list` shows what it has")
        try:
            return _FIELDS.decode(self._cipher().decrypt(sealed.encode()))
        except InvalidToken:
            pass
        raise CredentialsError(
            f"what the vault has under {name!r} was sealed with another key;"
            f" put the {KEYS} that belongs to it back"
        )

    def shown(self, name: str) -> dict[str, str]:
        """Return the fields of a name, each masked."""
        return {field: masked(text) for field, text in self.get(name).items()}

    def remove(self, name: str) -> None:
        """Forget what is kept under a name."""
        sealed = self._read(self._folder / SEALED)
        if name not in sealed:
            raise NotThere(f"the vault has nothing under {name!r}; `kasauti vault list` shows what it has")
        self._write(SEALED, {each: text for each, text in sealed.items() if each != name})

    def rotate(self) -> int:
        """Seal everything with a new key; return how much that is."""
        old = self._read(self._folder / KEYS)
        new = Fernet.generate_key().decode()
        self._write(KEYS, {"now": new, **({"before": old["now"]} if old else {})})
        cipher, sealed = self._cipher(), self._read(self._folder / SEALED)
        self._write(SEALED, {name: cipher.rotate(text.encode()).decode() for name, text in sealed.items()})
        self._write(KEYS, {"now": new})
        return len(sealed)

    def _cipher(self, *, make: bool = False) -> MultiFernet:
        keys = self._read(self._folder / KEYS)
        if not keys and make:
            keys = {"now": Fernet.generate_key().decode()}
            self._write(KEYS, keys)
        if not keys:
            raise CredentialsError(f"the vault's key {self._folder / KEYS} is missing; put it back")
        return MultiFernet([Fernet(keys[each]) for each in ("now", "before") if each in keys])

    def _read(self, path: Path) -> dict[str, str]:
        try:
            if platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise CredentialsError(f"{path} can be read by others; take their rights: chmod 600 {path}")
            return _FIELDS.decode(path.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.MsgspecError) as error:
            raise CredentialsError(f"{path} cannot be used; put the right file back from a backup") from error

    def _write(self, name: str, fields: Mapping[str, str]) -> None:
        path = self._folder / name
        arriving = path.with_suffix(".arriving")
        try:
            arriving.unlink(missing_ok=True)
            file = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                os.write(file, _encoded(fields))
                os.fsync(file)
            finally:
                os.close(file)
            arriving.replace(path)
        except OSError as error:
            raise CredentialsError(
                f"{path} cannot be written: {error.strerror}; see that it is yours"
            ) from error


def masked(text: str) -> str:
    """Return what may be shown of a text: its beginning, if it is long enough to give nothing away."""
    return f"{text[:_SHOWN]}…" if len(text) > 2 * _SHOWN else "…"


def _encoded(fields: Mapping[str, str]) -> bytes:
    return msgspec.json.encode(fields)

"""
The vault: credentials of brokers, sealed with a key of their own.

What it seals is in `vault.json`, which only its owner can read; the key is in the system's keyring or in
`vault.key`. A rotation writes the new key beside the old one before anything is sealed anew, so a crash in
between loses nothing.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from kasauti.errors import CredentialsError, NotThere
from kasauti.store.vault_key import KeyPlace, Keyring, private_fields, system_keyring, write_privately

SEALED: Final = "vault.json"
_SHOWN: Final = 4
_FIELDS: Final = msgspec.json.Decoder(dict[str, str])


class Vault:
    """The vault in a folder; made when something is first kept in it. It holds texts by name and field."""

    def __init__(self, folder: Path, keyring: Callable[[], Keyring | None] = system_keyring) -> None:
        self._sealed = folder / SEALED
        #: Where its key is.
        self.key = KeyPlace(folder, keyring)

    def names(self) -> list[str]:
        """Return the names under which something is kept."""
        return sorted(private_fields(self._sealed))

    def put(self, name: str, fields: Mapping[str, str]) -> None:
        """Keep fields under a name, in place of what was there."""
        sealed = private_fields(self._sealed)
        write_privately(
            self._sealed, {**sealed, name: self._cipher(make=True).encrypt(_encoded(fields)).decode()}
        )

    def get(self, name: str) -> dict[str, str]:
        """Return what is kept under a name, for the call that needs it; `NotThere` if nothing is."""
        sealed = private_fields(self._sealed).get(name)
        if sealed is None:
            raise NotThere(f"the vault has nothing under {name!r}; `kasauti vault list` shows what it has")
        try:
            return _FIELDS.decode(self._cipher().decrypt(sealed.encode()))
        except InvalidToken:
            pass
        raise CredentialsError(
            f"what the vault has under {name!r} was sealed with another key;"
            f" put the key that belongs to it back into {self.key.shown}"
        )

    def shown(self, name: str) -> dict[str, str]:
        """Return the fields of a name, each masked."""
        return {field: masked(text) for field, text in self.get(name).items()}

    def remove(self, name: str) -> None:
        """Forget what is kept under a name."""
        sealed = private_fields(self._sealed)
        if name not in sealed:
            raise NotThere(f"the vault has nothing under {name!r}; `kasauti vault list` shows what it has")
        write_privately(self._sealed, {each: text for each, text in sealed.items() if each != name})

    def rotate(self) -> int:
        """Seal everything with a new key; return how much that is."""
        old = self.key.read()
        new = Fernet.generate_key().decode()
        self.key.write({"now": new, **({"before": old["now"]} if old else {})})
        cipher, sealed = self._cipher(), private_fields(self._sealed)
        write_privately(
            self._sealed, {name: cipher.rotate(text.encode()).decode() for name, text in sealed.items()}
        )
        self.key.write({"now": new})
        return len(sealed)

    def _cipher(self, *, make: bool = False) -> MultiFernet:
        keys = self.key.read()
        if not keys and make:
            keys = {"now": Fernet.generate_key().decode()}
            self.key.write(keys)
        if not keys:
            raise CredentialsError(f"the vault's key is missing in {self.key.shown}; put it back")
        return MultiFernet([Fernet(keys[each]) for each in ("now", "before") if each in keys])


def masked(text: str) -> str:
    """Return what may be shown of a text: its beginning, if it is long enough to give nothing away."""
    return f"{text[:_SHOWN]}…" if len(text) > 2 * _SHOWN else "…"


def _encoded(fields: Mapping[str, str]) -> bytes:
    return msgspec.json.encode(fields)

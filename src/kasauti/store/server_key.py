"""
The server's own key: 32 random bytes in a file that only its owner may read.

What it makes is worthless without the file: digests of secrets, by which they are found and compared, and
seals, in which those are kept that have to be read again. A stolen database alone gives none of them away.
"""

import os
import stat
from base64 import urlsafe_b64encode
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from secrets import token_bytes
from sys import platform
from typing import Final, Self

from cryptography.fernet import Fernet, InvalidToken

from kasauti.errors import CredentialsError

_SIZE: Final = 32


class ServerKey:
    """Digests and seals made with one key."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == _SIZE, "a key has 256 bits"
        self._key = key
        #: A digest of each purpose that was begun: what the key adds is the same for all secrets.
        self._begun: dict[bytes, blake2b] = {}

    @classmethod
    def open(cls, path: Path) -> Self:
        """
        Return the key in a file, which is made if it is missing.

        Raises `CredentialsError` if others may read it, or if it is no such key.
        """
        try:
            return cls(_read(path) if path.exists() else _make(path))
        except OSError as error:
            raise CredentialsError(
                f"{path}, the server's key, cannot be used: {error.strerror}; the file and its folder have"
                " to be yours"
            ) from error

    def digest(self, purpose: bytes, secret: str) -> bytes:
        """Return what a secret of this purpose is found by: 32 bytes, from which it cannot be told."""
        begun = self._begun.get(purpose)
        if begun is None:
            begun = self._begun[purpose] = blake2b(digest_size=32, key=self._key, person=purpose)
        digest = begun.copy()
        digest.update(secret.encode("utf-8", "surrogatepass"))
        return digest.digest()

    def seal(self, secret: str) -> bytes:
        """Return a secret as it can be kept, to be read again with `unseal`."""
        return self._fernet.encrypt(secret.encode())

    def unseal(self, sealed: bytes) -> str:
        """Return what was sealed; `CredentialsError` if it was not sealed with this key."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise CredentialsError(
                "a secret in the database was sealed with another server key; put back the key file that"
                " belongs to it, or make the secret anew"
            ) from error

    @cached_property
    def _fernet(self) -> Fernet:
        return Fernet(urlsafe_b64encode(blake2b(digest_size=32, key=self._key, person=b"seal").digest()))


def _read(path: Path) -> bytes:
    if platform != "win32" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise CredentialsError(
            f"{path}, the server's key, can be read by others; take their rights: chmod 600 {path}"
        )
    key = path.read_bytes()
    if len(key) != _SIZE:
        raise CredentialsError(
            f"{path} is not a server's key: it has {len(key)} bytes, not {_SIZE}; put the right file back."
            " Without it every API key and sealed secret has to be made anew"
        )
    return key


def _make(path: Path) -> bytes:
    key = token_bytes(_SIZE)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(file, key)
        os.fsync(file)
    finally:
        os.close(file)
    return key

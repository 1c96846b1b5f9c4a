"""The vault keeps texts that no file of it shows, through a rotation, for their owner alone."""

import stat
from pathlib import Path

import pytest

from kasauti.errors import CredentialsError, NotThere
from kasauti.store.vault import SEALED, Vault, masked
from kasauti.store.vault_key import KEYS, SystemKeyring


def test_what_is_kept_comes_back_and_stands_in_no_file(tmp_path: Path) -> None:
    Vault(tmp_path).put("zerodha", {"api_key": "ABCD12345678", "api_secret": "canary-secret"})
    vault = Vault(tmp_path)
    assert vault.names() == ["zerodha"]
    assert vault.get("zerodha") == {"api_key": "ABCD12345678", "api_secret": "canary-secret"}
    assert vault.shown("zerodha") == {"api_key": "ABCD…", "api_secret": "cana…"}
    for path in tmp_path.iterdir():
        assert b"canary" not in path.read_bytes()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_rotation_changes_the_key_and_nothing_else(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put("a", {"x": "1"})
    before = (tmp_path / KEYS).read_bytes(), (tmp_path / SEALED).read_bytes()
    assert vault.rotate() == 1
    assert vault.get("a") == {"x": "1"}
    assert before[0] not in (tmp_path / KEYS).read_bytes()
    assert (tmp_path / SEALED).read_bytes() != before[1]
    (tmp_path / KEYS).write_bytes(before[0])
    with pytest.raises(CredentialsError, match="another key"):
        vault.get("a")


def test_what_others_can_read_is_not_used(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put("a", {"x": "1"})
    (tmp_path / KEYS).chmod(0o644)
    with pytest.raises(CredentialsError, match="chmod 600"):
        vault.get("a")


def test_what_is_removed_is_gone(tmp_path: Path) -> None:
    vault = Vault(tmp_path)
    vault.put("a", {"x": "1"})
    vault.remove("a")
    with pytest.raises(NotThere):
        vault.get("a")
    with pytest.raises(NotThere):
        vault.remove("a")


def test_a_short_text_is_masked_as_a_whole() -> None:
    assert masked("12345678") == "…"
    assert masked("123456789") == "1234…"


class Ring:
    """A keyring in memory, and what the library `keyring` is asked by."""

    class errors:  # noqa: N801  a module there
        """The library's errors."""

        class KeyringError(Exception):
            """It is locked."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, service: str, name: str) -> str | None:
        self._check()
        return self.kept.get((service, name))

    def set_password(self, service: str, name: str, text: str) -> None:
        self._check()
        self.kept[service, name] = text

    def delete_password(self, service: str, name: str) -> None:
        self._check()
        del self.kept[service, name]

    def _check(self) -> None:
        if self.is_locked:
            raise self.errors.KeyringError


def test_where_there_is_a_keyring_the_key_is_in_no_file(tmp_path: Path) -> None:
    ring = Ring()
    vault = Vault(tmp_path, lambda: SystemKeyring(ring))
    vault.put("a", {"x": "canary"})
    assert [path.name for path in tmp_path.iterdir()] == [SEALED]
    assert vault.rotate() == 1
    assert Vault(tmp_path, lambda: SystemKeyring(ring)).get("a") == {"x": "canary"}
    assert vault.key.shown == "the system's keyring"
    with pytest.raises(CredentialsError, match=r"key is missing in .*vault.key"):
        Vault(tmp_path, lambda: None).get("a")


def test_a_keyring_that_is_locked_is_a_sentence(tmp_path: Path) -> None:
    ring = Ring()
    vault = Vault(tmp_path, lambda: SystemKeyring(ring))
    vault.put("a", {"x": "1"})
    ring.is_locked = True
    with pytest.raises(CredentialsError, match="unlock it and ask again"):
        vault.get("a")


def test_a_key_in_a_file_stays_there_until_it_is_moved_and_can_be_moved_back(tmp_path: Path) -> None:
    ring = Ring()
    Vault(tmp_path, lambda: None).put("a", {"x": "1"})
    vault = Vault(tmp_path, lambda: SystemKeyring(ring))
    vault.put("b", {"x": "2"})
    assert (vault.key.shown, ring.kept) == (str(tmp_path / KEYS), {})
    for _ in range(2):
        vault.key.move(to_keyring=True)
        assert (len(ring.kept), (tmp_path / KEYS).exists()) == (1, False)
        assert (vault.get("a"), vault.get("b")) == ({"x": "1"}, {"x": "2"})
    vault.key.move(to_keyring=False)
    assert ring.kept == {}
    assert stat.S_IMODE((tmp_path / KEYS).stat().st_mode) == 0o600
    assert vault.get("b") == {"x": "2"}
    with pytest.raises(CredentialsError, match="no keyring"):
        Vault(tmp_path, lambda: None).key.move(to_keyring=True)

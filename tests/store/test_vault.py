"""The vault keeps texts that no file of it shows, through a rotation, for their owner alone."""

import stat
from pathlib import Path

import pytest

from kasauti.errors import CredentialsError, NotThere
from kasauti.store.vault import KEYS, SEALED, Vault, masked


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

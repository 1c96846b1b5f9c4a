"""What `kasauti up` says of a desk that was there before."""

import subprocess
import sys
from pathlib import Path

from tests.web.process import Up


def test_a_regime_that_is_not_the_accounts_is_said(tmp_path: Path) -> None:
    first = Up(tmp_path)
    assert first.end() == 0
    assert "Regime" not in first.said
    again = Up(tmp_path, "--set", "account.regime=live")
    assert again.end() == 0
    assert "Regime     owner/main/1 stays permissive, as opened; a reset takes live" in again.said


def test_a_key_that_is_not_there_is_not_promised(tmp_path: Path) -> None:
    first = Up(tmp_path)
    assert first.end() == 0
    assert f"Key        in {tmp_path / 'owner.key'}" in first.said
    (tmp_path / "owner.key").unlink()
    command = [sys.executable, "-m", "kasauti", "up", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as again:
        assert again.stdout is not None
        said = next(line for line in again.stdout if "Key" in line)
        again.terminate()
    assert "none is kept in this folder; `kasauti key create` makes one" in said

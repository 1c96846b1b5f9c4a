"""The unit and the image: what they name is there, and systemd reads the unit without a word."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.command import kasauti

ROOT = Path(__file__).parents[2]
_UNIT = (ROOT / "deploy" / "kasauti.service").read_text(encoding="utf-8")
_IMAGE = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")


def test_what_the_image_copies_and_installs_is_there() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", _IMAGE, re.MULTILINE)
        for word in line.split()[:-1]
    ]
    assert copied
    assert [each for each in copied if not (ROOT / each).exists()] == []
    (locked,) = re.findall(r"install --no-deps --require-hashes -r (\S+)", _IMAGE)
    assert locked in copied
    assert "no-build-isolation ." in _IMAGE, "what builds it is in the lock, too"


def test_both_start_a_desk_as_the_command_line_knows_it() -> None:
    (entry,) = re.findall(r"^ENTRYPOINT \[(.*)\]$", _IMAGE, re.MULTILINE)
    (start,) = re.findall(r"^ExecStart=(.*)$", _UNIT, re.MULTILINE)
    wanted = ["kasauti", "up", "--data"]
    assert re.findall(r'"([^"]*)"', entry) == [*wanted, "/data"]
    assert [Path(start.split()[0]).name, *start.split()[1:]] == [*wanted, "/var/lib/kasauti"]
    assert "--data" in kasauti("up", "--help").out
    assert "StateDirectory=kasauti\n" in _UNIT
    assert "VOLUME /data\n" in _IMAGE


def test_systemd_reads_the_unit_without_a_word(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "kasauti.service"
    unit.write_text(_UNIT.replace("/srv/kasauti/.venv/bin/kasauti", sys.executable))
    ran = subprocess.run([program, "verify", str(unit)], capture_output=True, text=True, check=False)
    told = [line for line in ran.stderr.splitlines() if "kasauti" in line]
    assert (ran.returncode, told) == (0, [])

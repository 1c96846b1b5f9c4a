"""
Under the paper ceiling nothing reaches for a broker, whatever the server is asked; and nothing breaks it.

KASAUTI_FUZZ sets how many requests are made.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

COUNT = os.environ.get("KASAUTI_FUZZ", "2000")
ISOLATED = ["unshare", "-rn"]


def _can_isolate() -> bool:
    """Whether this machine gives a process a network of its own."""
    if sys.platform != "linux" or shutil.which("unshare") is None or shutil.which("ip") is None:
        return False
    return subprocess.run([*ISOLATED, "true"], check=False, capture_output=True).returncode == 0


@pytest.mark.skipif(not _can_isolate(), reason="no network namespace is to be had here (unshare, ip)")
def test_random_requests_reach_nobody_and_break_nothing(tmp_path: Path) -> None:
    command = [*ISOLATED, sys.executable, "-m", "tests.web.fuzzing", COUNT, str(tmp_path / "desk")]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["tripwire_works"], "a connection to a broker would not have been seen"
    assert found["reached_out"] == 0
    assert found["statuses"].get("200", 0) > 0
    assert {status for status in found["statuses"] if status >= "500"} == set(), done.stderr
    assert found["statuses"].get("202", 0) > 0, "an alert was taken in"
    assert found["messages"]["sent"] > 0
    # 1011 would be an error of ours; who cannot say a key is refused with 403.
    assert set(found["messages"]) <= {"sent", "refused", "403", "closed 1000", "closed 1009", "closed 4408"}

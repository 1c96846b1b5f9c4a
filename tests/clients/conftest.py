"""OpenAlgo's own client, in an environment of its own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CLIENT = "openalgo==2.0.5"
OLDEST = (3, 12)


def _interpreters() -> Iterator[str]:
    """Yield where a Python that is new enough may be."""
    yield sys.executable
    for minor in range(14, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        if found is not None:
            yield found
    for home in (os.environ.get("PYENV_ROOT"), Path.home() / ".pyenv"):
        if home is not None:
            yield from map(str, sorted(Path(home).glob("versions/3.1[2-9]*/bin/python3")))


def _new_enough(python: str) -> bool:
    """Whether an interpreter runs and is new enough; one that a version switcher only names does not run."""
    asks = "import sys; print(sys.version_info[:2] >= (3, 12))"
    ran = subprocess.run([python, "-c", asks], capture_output=True, text=True, check=False)
    return ran.stdout.strip() == "True"


@pytest.fixture(scope="session")
def python() -> str:
    """Return the interpreter of an environment that has the client; it is made once for this user."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kasauti"
    folder = cache / CLIENT.replace("==", "-")
    own = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = folder / "complete"
    if done.exists():
        return str(own)
    base = next((each for each in _interpreters() if _new_enough(each)), None)
    if base is None:
        pytest.skip("OpenAlgo's client needs Python 3.12 or newer, and none was found")
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([base, "-m", "venv", str(folder)], check=True, capture_output=True)
    install = [str(own), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", CLIENT]
    ran = subprocess.run(install, check=False, capture_output=True, text=True)
    if ran.returncode:
        reason = (ran.stderr.strip().splitlines() or ["pip said nothing"])[-1]
        pytest.skip(f"{CLIENT} could not be installed: {reason}")
    done.touch()
    return str(own)

"""
A market order in OpenAlgo's paper engine and on Kasauti's desk, in turns on one machine.

    python bench/peers/paper_engines.py CHECKOUT [--runs 3] [--orders 200]

CHECKOUT is a copy of github.com/marketcalls/openalgo. Both are asked in process, without HTTP and without
fetching a quote, and both have written the order and its trade into a SQLite file when they answer.
OpenAlgo gets an environment of its own in `.bench/` (or `$KASAUTI_BENCH`), installed from the package index.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import venv
from pathlib import Path

from rich.console import Console
from rich.table import Table

_HERE = Path(__file__).parent
_HOME = Path(os.environ.get("KASAUTI_BENCH", _HERE.parents[1] / ".bench"))
_PACKAGES = ("sqlalchemy", "cachetools", "argon2-cffi", "cryptography", "pytz", "python-dotenv", "httpx")


def _its_python() -> str:
    """Return the interpreter of OpenAlgo's environment, which is made if it is not there."""
    place = _HOME / "openalgo"
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", *_PACKAGES], check=True)  # noqa: S603  our own
    return str(python)


def _measured(command: list[str]) -> list[float]:
    """Return how long each order took, in milliseconds."""
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603  our own scripts
    return [seconds * 1_000 for seconds in json.loads(done.stdout.splitlines()[-1])]


def main() -> None:
    """Measure both in turns, and print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--orders", type=int, default=200)
    asked = parser.parse_args()
    orders = str(asked.orders)
    commands = {
        "OpenAlgo": [_its_python(), str(_HERE / "peer_openalgo.py"), str(asked.checkout.resolve()), orders],
        "Kasauti": [sys.executable, str(_HERE / "peer_desk.py"), orders],
    }
    took: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(asked.runs):
        for name, command in commands.items():
            took[name] += _measured(command)
    table = Table("engine", "orders", "median ms", "p99 ms", box=None)
    for name, each in took.items():
        p99 = statistics.quantiles(each, n=100)[98]
        table.add_row(name, f"{len(each):,}", f"{statistics.median(each):.3f}", f"{p99:.3f}")
    Console().print(table)
    ratio = statistics.median(took["OpenAlgo"]) / statistics.median(took["Kasauti"])
    Console().print(f"{ratio:,.0f} to 1, medians; load of this machine {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()

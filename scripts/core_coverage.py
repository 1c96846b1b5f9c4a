"""
Say which branches of the core its tests take, and fail where they are less than 95 %.

    python scripts/core_coverage.py COVERAGE_JSON

Reads what `coverage json` writes; `make coverage` makes it of the whole suite. The signal kernel is left
out: numba runs it as machine code, which no tracer sees. That it trades as the engine does, paisa for paisa,
is held by a property test of its own.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

CORE = ("domain", "engine", "exchange", "risk", "simulator")
UNSEEN = "simulator/kernel/"
LEAST = 95.0


def main() -> None:
    """Print a row for each package of the core, and the files where most is missing."""
    measured = json.loads(Path(sys.argv[1]).read_bytes())["files"]
    taken: Counter[str] = Counter()
    there: Counter[str] = Counter()
    missing: Counter[str] = Counter()
    for name, found in measured.items():
        path = name.replace("\\", "/").split("kasauti/", 1)[-1]
        package = path.split("/", 1)[0]
        if package not in CORE or path.startswith(UNSEEN):
            continue
        taken[package] += found["summary"]["covered_branches"]
        there[package] += found["summary"]["num_branches"]
        missing[path] += found["summary"]["missing_branches"]
    table = Table("package", "branches", "taken", "%", title="Branches of the core that tests take")
    shares = {package: 100 * taken[package] / there[package] for package in CORE}
    for package, share in shares.items():
        table.add_row(package, str(there[package]), str(taken[package]), f"{share:.1f}")
    console = Console()
    console.print(table)
    console.print(
        "Most is missing in:", ", ".join(f"{path} {count}" for path, count in missing.most_common(8))
    )
    share = 100 * taken.total() / there.total()
    console.print(f"{taken.total():,} of {there.total():,} branches: {share:.2f} %.")
    if share < LEAST:
        sys.exit(f"That is less than {LEAST:g} %.")


if __name__ == "__main__":
    main()

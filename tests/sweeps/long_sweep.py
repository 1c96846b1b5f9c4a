"""A sweep in a process of its own, for tests that kill it: says `done N` after each result."""

import sys
from pathlib import Path

from tests.sweeps.worlds import wanted

from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.exploring import Progress


def main() -> None:
    """Sweep with the folder and the tally that are given, and tell of every result."""
    out, tally = sys.argv[1:]
    asked = wanted(["enter=0:3", "leave=4:7"], out=Path(out), jobs=2, fixed={"tally": tally}, days=3)

    def tell(progress: Progress) -> None:
        print(f"done {progress.done} {progress.reused}", flush=True)  # noqa: T201  the test reads it

    run_sweep(asked, tell, lambda: False)


if __name__ == "__main__":
    main()

"""
Runs tests where every packet to a broker would be seen, and says how many there were.

    unshare -rn python -m tests.web.tripwired [ARGUMENTS OF PYTEST]

In the network namespace all addresses are local, as for `tests.web.fuzzing`. Tests of PostgreSQL need another
user to run its server and are left out.
"""

import subprocess
import sys
import threading
from collections.abc import Sequence

from tests.web.fuzzing import Tripwire, all_addresses_lead_here, trips

_LOOKS_EVERY_S = 0.02
_PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgres")


def main(arguments: Sequence[str]) -> int:
    """Run the tests; return how pytest ended, or 1 if one of them reached out."""
    all_addresses_lead_here()
    tripwire = Tripwire()
    works, found, ended = trips(tripwire), [0], threading.Event()

    def look() -> None:
        while not ended.wait(_LOOKS_EVERY_S):
            found[0] += tripwire.count()

    looking = threading.Thread(target=look)
    looking.start()
    done = subprocess.run([*_PYTEST, *arguments], check=False)
    ended.set()
    looking.join()
    reached = found[0] + tripwire.count()
    sys.stdout.write(f"the tripwire {'works' if works else 'does not work'}: {reached} packets to a broker\n")
    return done.returncode or int(reached > 0 or not works)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

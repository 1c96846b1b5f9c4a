"""`kasauti up` as a process of its own, on free ports, for tests that kill it or look for what it leaves."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

_PORTS = re.compile(r"(API|OpenAlgo|Kite)\s+https?://127\.0\.0\.1:(\d+)(?:.*wss?://127\.0\.0\.1:(\d+))?")


#: The desks whose process was not seen to end.
running: "set[Up]" = set()


class Up:
    """A desk in its process; `said` is what it has printed, `ports` are by the names of its doors."""

    def __init__(
        self,
        folder: Path,
        *more: str,
        environ: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "kasauti", "up", "--port", "0", "--data", str(folder)]
        self.process = subprocess.Popen(
            [
                *command,
                "--set",
                "account.regime=permissive",
                "--set",
                "account.capital_rupees=50000000",
                *more,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"COLUMNS": "200"} | dict(environ or {}),
            preexec_fn=before,  # noqa: PLW1509  these tests have no threads when they start one
        )
        running.add(self)
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Market" in line:
                break
        ports = {name: (first, second) for name, first, second in _PORTS.findall(self.said)}
        assert ports, self.said
        self.ports = {
            "native": int(ports["API"][0]),
            "openalgo-feed": int(ports["OpenAlgo"][1]),
            "kite": int(ports["Kite"][0]),
        }
        self.key = (folder / "owner.key").read_text().strip()
        self.client = self.to("native", {"authorization": f"Bearer {self.key}"})

    def to(self, door: str, headers: Mapping[str, str]) -> httpx.Client:
        """Return a client of a door."""
        base = f"http://127.0.0.1:{self.ports[door]}"
        return httpx.Client(base_url=base, headers=dict(headers), trust_env=False, timeout=30)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the process by a signal, read the rest of what it prints, and return how it ended."""
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=60)
        running.discard(self)
        self.said += rest or ""
        self.client.close()
        return self.process.returncode


def kill_what_runs() -> None:
    """Kill the desks that a test that failed has left behind, so that the next one has none of it."""
    while running:
        left = running.pop()
        left.process.kill()
        left.process.communicate()

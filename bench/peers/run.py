"""
Kasauti beside its peers, in one run on one machine: bench/peers/run.py [--runs 3] [--json] [WORKLOAD ...].

Every peer gets an environment of its own in `.bench/` (or `$KASAUTI_BENCH`), installed from the package index
when it is not there yet. Every figure is a median over fresh processes, and the runs of all engines take
turns, so that what else the machine does meets all of them. Making and converting data is not billed.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import data
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from kasauti import compiled

_HERE = Path(__file__).parent
_HOME = Path(os.environ.get("KASAUTI_BENCH", _HERE.parents[1] / ".bench"))
_LIMIT_S = 900
_MILLION = 1_000_000
_NEWER = ("python3.13", "python3.12")


@dataclass(frozen=True)
class Peer:
    """An engine: its environment, the script, which workloads it can run; `newer`: needs Python 3.12."""

    name: str
    packages: tuple[str, ...]
    script: str
    workloads: tuple[str, ...]
    newer: bool = False


KASAUTI = "kasauti"
#: The same without its compiled core, where there is one.
AS_PYTHON = "kasauti as Python"

PEERS = (
    Peer("backtesting.py", ("backtesting==0.6.6",), "peer_backtesting.py", ("W1", "W4", "W5")),
    Peer("vectorbt", ("vectorbt==1.2.0",), "peer_vectorbt.py", ("W1 signals", "W2", "W4")),
    Peer("vectorbt-rust", ("vectorbt[rust]==1.2.0",), "peer_vectorbt.py", ("W1 signals", "W2", "W4")),
    Peer(
        "raptorbt",
        ("raptorbt==0.13.4", "numpy", "pandas"),
        "peer_raptorbt.py",
        ("W1 signals", "W2", "W4"),
    ),
    Peer("nautilus", ("nautilus_trader==1.221.0",), "peer_nautilus.py", ("W1", "W5")),
    Peer(
        "nautilus-rust",
        ("nautilus_trader==1.231.0", "pandas<3"),
        "peer_nautilus_rust.py",
        ("W2", "W3"),
        newer=True,
    ),
)

#: What is promised: so many times the best of these peers, in the same run.
PROMISED: dict[str, tuple[float, tuple[str, ...]]] = {
    "W1": (5, ("backtesting.py",)),
    "W1 signals": (4, ("vectorbt", "vectorbt-rust")),
    "W2": (10, ("vectorbt", "vectorbt-rust")),
    "W3": (8, ("nautilus-rust",)),
    "W4": (4, ("raptorbt",)),
    "W5": (1, ("backtesting.py",)),
}

WHAT = {
    "W1": "bars/s, a call of Python for every bar, 38,795 orders",
    "W1 signals": "bars/s, the same as arrays of signals",
    "W2": "bars/s, a chain of 241 instruments, straddle with stops",
    "W3": "ticks/s past 10,000 resting limits",
    "W4": "bar-pairs/s, 100 pairs of parameters",
    "W5": "market orders/s, one by one",
}


def _newer() -> str | None:
    """Return a Python that is new enough for any peer and starts; some are only names."""
    for found in filter(None, map(shutil.which, _NEWER)):
        if subprocess.run([found, "--version"], check=False, capture_output=True).returncode == 0:  # noqa: S603  found by name
            return found
    return None


def _environment(peer: Peer, out: Console) -> Path | None:
    """Return the peer's Python, its packages installed; None if that cannot be had here."""
    home = _HOME / peer.name
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if (home / "ready").exists():
        return python
    maker = _newer() if peer.newer else sys.executable
    if maker is None:
        out.print(f"{peer.name} needs Python 3.12 or newer beside this one; it is left out")
        return None
    out.print(f"installing {peer.name} ...")
    steps = (
        [maker, "-m", "venv", str(home)],
        [str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install", *peer.packages],
    )
    for step in steps:
        done = subprocess.run(step, check=False, capture_output=True, text=True)  # noqa: S603  our own steps
        if done.returncode:
            out.print(f"{peer.name} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
            return None
    (home / "ready").touch()
    return python


def _measure(name: str, python: Path, script: str, workload: str) -> dict[str, object] | None:
    environment = {**os.environ, "KASAUTI_BENCH_DATA": str(_HOME / "data")}
    if name == AS_PYTHON:
        environment[compiled.SWITCH] = compiled.PURE
    try:
        done = subprocess.run(  # noqa: S603  our own scripts
            [str(python), str(_HERE / script), workload],
            check=False,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            env=environment,
        )
    except subprocess.TimeoutExpired:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        sys.stderr.write(done.stderr[-2000:])
        return None
    return json.loads(lines[-1])


def _rows(jobs: list[tuple[str, Path, str, str]], runs: int, out: Console) -> Iterator[dict[str, object]]:
    for turn in range(runs):
        for name, python, script, workload in jobs:
            out.print(f"[dim]{turn + 1}/{runs}  {workload:<10} {name}[/]")
            row = _measure(name, python, script, workload)
            if row is None:
                out.print(f"{name} did not finish {workload}")
                continue
            yield {**row, "peer": name}


def _summary(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return one row a workload and engine, the fastest first."""
    grouped: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        grouped[str(row["workload"]), str(row["peer"])].append(row)
    made = []
    for (workload, peer), of in grouped.items():
        rates = [row["n"] / row["seconds"] for row in of]
        made.append(
            {
                "workload": workload,
                "engine": peer,
                "variant": of[-1]["variant"],
                "version": of[-1]["version"],
                "runs": len(of),
                "rate": statistics.median(rates),
                "slowest": min(rates),
                "fastest": max(rates),
                "rss_mb": max(row["rss_mb"] for row in of),
                "fills": of[-1]["fills"],
                "profit": of[-1]["profit"],
            }
        )
    return sorted(made, key=lambda row: (row["workload"], -row["rate"]))


def _ratio(workload: str, summary: list[dict[str, object]]) -> tuple[float, float] | None:
    """Return how many times the promised peers Kasauti reached, and how many are promised."""
    rates = {row["engine"]: row["rate"] for row in summary if row["workload"] == workload}
    times, against = PROMISED[workload]
    best = max((rates[peer] for peer in against if peer in rates), default=0)
    return (rates[KASAUTI] / best, times) if best and KASAUTI in rates else None


def _shown(rate: float) -> str:
    return f"{rate / _MILLION:,.2f} M" if rate >= _MILLION else f"{rate:,.0f}"


def _show(summary: list[dict[str, object]], out: Console) -> None:
    for workload in dict.fromkeys(row["workload"] for row in summary):
        table = Table(title=f"{workload}: {WHAT[workload]}", title_justify="left", box=SIMPLE)
        table.add_column("engine")
        for heading in ("median", "slowest", "fastest", "MB", "fills", "profit"):
            table.add_column(heading, justify="right", no_wrap=True)
        for row in (row for row in summary if row["workload"] == workload):
            rates = (_shown(row[name]) for name in ("rate", "slowest", "fastest"))
            memory = f"{row['rss_mb']:,.0f}"
            answer = ("" if row[name] is None else f"{row[name]:,}" for name in ("fills", "profit"))
            style = "bold" if row["engine"] == KASAUTI else ""
            engine = f"{row['engine']} {row['version']}: {row['variant']}"
            table.add_row(engine, *rates, memory, *answer, style=style)
        out.print(table)
        reached = _ratio(workload, summary)
        if reached is not None:
            verdict = "reached" if reached[0] >= reached[1] else "not reached"
            out.print(f"{reached[0]:.1f} times its best peer, promised {reached[1]:g}: {verdict}\n")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Kasauti beside its peers, medians of fresh processes.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD", help=", ".join(WHAT))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--peer", action="append", choices=[peer.name for peer in PEERS], help="only this one"
    )
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    unknown = set(chosen.workloads) - set(WHAT)
    if unknown:
        parser.error(f"unknown workload {', '.join(sorted(unknown))}; known: {', '.join(WHAT)}")
    wanted = chosen.workloads or list(WHAT)
    out = Console(stderr=True)
    data.make(_HOME / "data")
    ours = (KASAUTI, AS_PYTHON) if compiled.MODULES else (KASAUTI,)
    jobs = [(name, Path(sys.executable), "peer_kasauti.py", each) for each in wanted for name in ours]
    for peer in (each for each in PEERS if not chosen.peer or each.name in chosen.peer):
        python = _environment(peer, out) if set(peer.workloads) & set(wanted) else None
        if python is not None:
            jobs += [(peer.name, python, peer.script, each) for each in peer.workloads if each in wanted]
    summary = _summary(list(_rows(sorted(jobs, key=lambda job: job[3]), chosen.runs, out)))
    if chosen.json:
        sys.stdout.write(json.dumps(summary, indent=2) + "\n")
    else:
        _show(summary, Console())


if __name__ == "__main__":
    main()

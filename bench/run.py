"""
Measure the speed: every workload in fresh processes, medians of several runs, beside what is promised.

    python bench/run.py [--runs 3] [--json] [WORKLOAD ...]

Figures depend on the machine; `python_loop` and the yardstick say how fast this one is, so that two tables
can be compared: what is promised per second is told as it would be here. Nothing here is a test: speed is
looked at, growth is tested.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from kasauti import compiled

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.yardstick import speeds

#: What is promised: rate per second, or for a restart seconds; on two cores of a 2.6 GHz server.
PROMISED = {
    "market_orders": ("orders/s, placed to filled", 120_000),
    "deciding": ("orders/s decided: every rule of the date in less than 5 us", 200_000),
    "resting_orders": ("ticks/s past 10,000 resting orders", 3_000_000),
    "durable_orders": ("orders/s into a durable log", 25_000),
    "built_in_day": ("ticks/s, a whole built-in day with the shipped strategy", 0),
    "restart": ("s to restart with a million events", 3.0),
    "http_orders_one": ("orders/s over HTTP by one client, filled and durable: p50 < 1 ms, p99 < 6 ms", 0),
    "http_orders_many": ("orders/s over HTTP by 32 clients, filled and durable", 4_000),
    "desk_of_thousand": ("ticks/s past 1,000 accounts with 10 resting orders each", 20_000),
    "ticker_fanout": ("packets/s of 3,000 instruments at 4 Hz to 20 tickers: < 50 % of a core", 0),
    "desk_week": ("ticks/s of five built-in days on a desk whose accounts trade: its memory stays flat", 0),
    "python_loop": ("steps/s of a plain Python loop (this machine)", 0),
    "yardstick": ("orders/s of a yardstick in plain Python (this machine)", 0),
    "yardstick_groups": ("the same into SQLite, a hundred in a group (this machine)", 0),
    "yardstick_synced": ("the same with a sync for each step (this machine)", 0),
}

#: Which part of the yardstick says what a promise is on another machine: writing in groups, or plain Python.
SCALED_BY = {
    "market_orders": "yardstick",
    "deciding": "yardstick",
    "resting_orders": "yardstick",
    "durable_orders": "yardstick_groups",
    "http_orders_many": "yardstick_groups",
    "desk_of_thousand": "yardstick",
}


def measure(name: str, runs: int) -> dict[str, float]:
    """Return the medians of what `runs` fresh processes measured."""
    script = f"import json; from bench.workloads import WORKLOADS; print(json.dumps(WORKLOADS[{name!r}]()))"
    root = Path(__file__).resolve().parent.parent
    found = []
    for _ in range(runs):
        done = subprocess.run(  # noqa: S603  our own interpreter and module
            [sys.executable, "-c", script], cwd=root, check=True, capture_output=True, text=True
        )
        found.append(json.loads(done.stdout))
    return {key: median(each[key] for each in found) for key in found[0]}


def scaled(results: dict[str, dict[str, float]]) -> list[str]:
    """Return in sentences how fast this machine is, and what the promises come to on it."""
    speed = speeds(results)
    lines = [
        f"This machine has {part:.2f} of the speed promised for, by {name}." for name, part in speed.items()
    ]
    for name, by in SCALED_BY.items():
        if name in results and by in speed:
            lines.append(
                f"{name}: {PROMISED[name][1]:,} promised are {PROMISED[name][1] * speed[by]:,.0f} here."
            )
    return lines


def main() -> None:
    """Measure what was asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=list(PROMISED))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    console = Console(stderr=arguments.json)
    results = {}
    for name in arguments.workloads:
        with console.status(f"{name}: {arguments.runs} fresh processes"):
            results[name] = measure(name, arguments.runs)
    if arguments.json:
        print(json.dumps(results))
        return
    table = Table(box=None)
    table.add_column("workload", no_wrap=True)
    table.add_column("what")
    for heading in ("median", "promised"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name, figures in results.items():
        what, promised = PROMISED[name]
        in_seconds = name == "restart"
        value = f"{figures['seconds']:.2f} s" if in_seconds else f"{figures['n'] / figures['seconds']:,.0f}"
        wanted = "" if not promised else f"< {promised} s" if in_seconds else f">= {promised:,.0f}"
        more = ", ".join(f"{k} {v:g}" for k, v in figures.items() if k not in {"n", "seconds"})
        table.add_row(name, f"{what}\n[dim]{more}[/]" if more else what, value, wanted)
    console.print(table)
    console.print(*scaled(results), sep="\n")
    console.print(compiled.told())


if __name__ == "__main__":
    main()

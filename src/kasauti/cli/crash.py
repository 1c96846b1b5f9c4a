"""`kasauti break`: kill a session at random moments, and prove what survived."""

import contextlib
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Protocol

import msgspec
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from kasauti.cli import crash_worker
from kasauti.cli.console import console
from kasauti.cli.options import Json
from kasauti.cli.proving import print_proof, prove_account
from kasauti.compose.account import LOG
from kasauti.compose.account_log import open_log
from kasauti.domain.commands import PlaceGtt
from kasauti.domain.events import Event, OrderDenied, OrderPlaced
from kasauti.domain.standing_events import StandingDenied, StandingPlaced
from kasauti.errors import InvalidInput, KasautiError

#: The longest that a session is left alone after it is ready, in seconds.
_LONGEST_S = 2.0
#: One in so many is killed while it takes the account up: the last crash is not over yet then.
_NESTED = 4


class BrokenRun(msgspec.Struct, frozen=True):
    """
    What a run of kills showed.

    `acknowledged` clicks were answered before some kill; `lost` and `changed` are those of them that the log
    does not have, or has with another order.
    """

    kills: int
    acknowledged: int
    lost: list[str]
    changed: list[str]
    finished: bool


class Victim(Protocol):
    """
    A session in a process of its own: `acknowledged` has the order of each click, `done` is whether it ended.

    A killed one has acknowledged what it wrote before.
    """

    acknowledged: dict[str, str]
    done: bool

    def kill(self, after_s: float, *, nested: bool) -> None:
        """End it without a word, so long after it is ready, or (`nested`) after it begins to be."""

    def finish(self) -> None:
        """Let it come to the end of its day."""


class _Session:
    """One worker process, and the lines it writes."""

    def __init__(self, folder: Path, seed: int, first_click: int) -> None:
        self._said = {crash_worker.HERE: threading.Event(), crash_worker.READY: threading.Event()}
        self.acknowledged: dict[str, str] = {}
        self.done = False
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", crash_worker.__name__, str(folder), str(seed), str(first_click)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None, "its output is a pipe"
        for line in self._process.stdout:
            words = line.split()
            if not line.endswith("\n"):
                continue
            if len(words) == 2:  # noqa: PLR2004  a click and its order
                self.acknowledged[words[0]] = words[1]
            elif words == [crash_worker.DONE]:
                self.done = True
            else:
                self._said[words[0]].set()
        for event in self._said.values():
            event.set()

    def kill(self, after_s: float, *, nested: bool) -> None:
        """End it without a word, so long after it is ready, or (`nested`) after it begins to be."""
        try:
            self._said[crash_worker.HERE if nested else crash_worker.READY].wait()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(after_s)
        finally:
            self._process.kill()
        self._collect()

    def finish(self) -> None:
        """Let it come to the end of its day."""
        try:
            self._process.wait()
        finally:
            self._process.kill()
        self._collect()

    def _collect(self) -> None:
        with self._process as process:
            self._reader.join()
            assert process.stderr is not None, "its errors are a pipe"
            said = process.stderr.read()
        if process.returncode > 0:
            raise KasautiError(
                f"a session ended with exit code {process.returncode}: {said.strip().splitlines()[-1:]}"
            )


def break_sessions(
    folder: Path,
    kills: int,
    seed: int,
    on_kill: Callable[[int], None],
    start: Callable[[Path, int, int], Victim] = _Session,
) -> BrokenRun:
    """
    Run one account in `folder` until it was killed `kills` times, then to the end of its day.

    Every session goes on with the first click that no session has acknowledged. A day that is over before the
    kills are is followed by the next. `start` begins a session: folder, seed, first click.
    """
    chance = random.Random(seed)
    acknowledged: dict[str, str] = {}
    changed: list[str] = []
    killed = 0
    finished = False
    while killed < kills or not finished:
        session = start(folder, seed, len(acknowledged) + 1)
        if killed < kills:
            nested = chance.randrange(_NESTED) == 0
            session.kill(chance.uniform(0.0, _LONGEST_S / max(1.0, kills / 10)), nested=nested)
        else:
            session.finish()
        for click, order_id in session.acknowledged.items():
            if acknowledged.setdefault(click, order_id) != order_id:
                changed.append(click)
        finished = session.done
        killed += not finished
        on_kill(min(killed, kills))
    with open_log(folder) as log:
        ids = dict(answer for recorded in log.read() if (answer := _answer(recorded.event)))
    lost = [click for click in acknowledged if click not in ids]
    changed += [click for click, order in acknowledged.items() if ids.get(click, order) != order]
    return BrokenRun(killed, len(acknowledged), lost, changed, finished)


def _answer(event: Event) -> tuple[str, str] | None:
    """Return the command that an event answers and the id it was given, None if it answers none."""
    match event:
        case OrderPlaced() | OrderDenied():
            return event.command_id, event.order_id
        case StandingPlaced(plan=PlaceGtt(command_id=command_id)) if command_id:
            return command_id, event.standing_id
        case StandingDenied() if event.command_id:
            return event.command_id, event.standing_id
        case _:
            return None


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("break")(break_)


def break_(
    kills: Annotated[int, typer.Option(min=1, max=10_000, help="How often to kill it.")] = 20,
    seed: Annotated[int, typer.Option(min=0, help="Decides the market and the moments.")] = 41,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Keep the account in this new folder; else it is thrown away."),
    ] = None,
    as_json: Json = False,
) -> None:
    """
    Kill a trading session at random moments, resume it each time, and prove that nothing was lost or doubled.

    Ends with exit code 1 if anything was.
    """
    if data is not None and (data / LOG).exists():
        raise InvalidInput(f"{data} has an account already, which would be traded on; name a new folder")
    out = console(stderr=as_json)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "account" if data is None else data
        columns = (TextColumn("[bold]kill -9[/]"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=out) as progress:
            task = progress.add_task("", total=kills)
            run = break_sessions(folder, kills, seed, lambda n: progress.update(task, completed=n))
        proof = prove_account(open_log(folder))
        passed = proof.passed and not run.lost and not run.changed
        if as_json:
            typer.echo(msgspec.json.encode({"run": run, "proof": proof, "passed": passed}))
        else:
            out.print(
                f"Killed {run.kills} times; {run.acknowledged} orders had been acknowledged before: "
                f"{len(run.lost)} lost, {len(run.changed)} changed or doubled."
            )
            print_proof(out, proof)
    raise typer.Exit(0 if passed else 1)

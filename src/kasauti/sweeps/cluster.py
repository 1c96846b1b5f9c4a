"""
Workers on a Ray cluster: actors on whatever machines it has, replaced when they die.

The data is put into Ray's object store once and mapped by every actor of a node; a local strategy file is
sent along. Kasauti itself, and packages that the strategy imports, must be installed on the nodes.
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from kasauti.errors import ConfigError, KasautiError
from kasauti.sweeps.columns import Columns
from kasauti.sweeps.executors import Retries
from kasauti.sweeps.trial import Setup
from kasauti.sweeps.work import Bench, Finished, Task, Work

#: The address that means a cluster on this machine, begun for the sweep.
LOCAL: Final = "ray"
_HINT: Final = "Ray's own logs on that node say more; Kasauti must be installed on every node"
_SOURCE: Final = ".py:"


class Cluster:
    """
    `jobs` actors on the cluster at `address`, 0 for one a CPU.

    `address` is ray://host:10001, host:6379, or "ray" for one of our own on this machine. Raises
    `ConfigError` where Ray is not installed or nobody answers.
    """

    def __init__(self, address: str, work: Work, jobs: int) -> None:
        self._ray = _imported()
        self._own = not self._ray.is_initialized()
        if self._own:
            _connected(self._ray, address, jobs)
        setup, source = _with_source(work.setup)
        self._actor = self._ray.remote(max_restarts=0, max_task_retries=0)(_Actor)
        self._arguments = (setup, source, self._ray.put(np.fromfile(work.data, np.uint8)))
        self._retries = Retries()
        count = jobs or int(self._ray.cluster_resources().get("CPU", 1))
        self._actors = {place: self._begun() for place in range(count)}
        self._idle = list(self._actors)
        self._waiting: list[Sequence[Task]] = []
        self._running: dict[Any, tuple[int, Sequence[Task]]] = {}
        self._started: set[int] = set()

    def room(self) -> int:
        """Return how many actors have nothing to do."""
        return len(self._idle)

    def busy(self) -> bool:
        """Return whether any actor has something to do."""
        return bool(self._running or self._waiting)

    def submit(self, tasks: Sequence[Task]) -> None:
        """Give a chunk to an actor."""
        self._waiting.append(tasks)
        self._hand_out()

    def wait(self, seconds: float) -> list[Finished]:
        """Return what finished meanwhile; `KasautiError` if no actor survives."""
        finished: list[Finished] = []
        ready, _ = self._ray.wait(list(self._running), num_returns=len(self._running), timeout=0)
        if not ready:
            ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=seconds)
        for reference in ready:
            finished += self._taken(reference)
        self._hand_out()
        return finished

    def close(self) -> None:
        """End the actors, and the cluster or the connection if it was begun here."""
        for actor in self._actors.values():
            self._ray.kill(actor)
        if self._own:
            self._ray.shutdown()

    def _begun(self) -> Any:  # noqa: ANN401  Ray's handle
        return self._actor.remote(*self._arguments)

    def _hand_out(self) -> None:
        while self._waiting and self._idle:
            place, tasks = self._idle.pop(), self._waiting.pop(0)
            self._running[self._actors[place].compute.remote(list(tasks))] = place, tasks

    def _taken(self, reference: Any) -> list[Finished]:  # noqa: ANN401  Ray's handle
        place, tasks = self._running.pop(reference)
        errors = self._ray.exceptions
        try:
            results: list[Finished] = self._ray.get(reference)
        except errors.RayTaskError as error:
            raise KasautiError(f"A node cannot compute: {error.cause}; {_HINT}") from error
        except errors.RayError as error:
            ended = f"was lost ({_last_line(error)})"
            again, failed = self._retries.died(tasks, ended, _HINT, started=place in self._started)
            self._waiting[:0] = again
            self._started.discard(place)
            self._actors[place] = self._begun()
            self._idle.append(place)
            return failed
        self._retries.worked()
        self._started.add(place)
        self._idle.append(place)
        return results


class _Actor:
    """What computes on a node."""

    def __init__(self, setup: Setup, source: bytes, data: Any) -> None:  # noqa: ANN401  the array of bytes
        if source:
            name = Path(str(setup.strategy).rpartition(_SOURCE)[0]).name
            kind = str(setup.strategy).rpartition(_SOURCE)[2]
            file = Path(tempfile.mkdtemp(prefix="kasauti-")) / f"{name}.py"
            file.write_bytes(source)
            setup = msgspec.structs.replace(setup, strategy=f"{file}:{kind}")
        self._bench = Bench(setup, Columns(data))

    def compute(self, tasks: list[Task]) -> list[Finished]:
        """Return what each task came to."""
        return self._bench.compute(tasks)


def _imported() -> Any:  # noqa: ANN401  Ray need not be installed
    try:
        import ray  # noqa: PLC0415  an extra
        import ray.exceptions  # noqa: PLC0415  as above
    except ImportError as error:
        raise ConfigError(
            "--on needs Ray, which is not installed; install it with pip install 'kasauti[ray]', or leave"
            " --on out to use the cores of this machine"
        ) from error
    return ray


def _connected(ray: Any, address: str, jobs: int) -> None:  # noqa: ANN401  as `_imported`
    # Ray tells its makers how it is used unless it is told not to; a trader's machines tell nobody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # noqa: TID251  Ray reads it there and nowhere else
    quiet = {"logging_level": "ERROR", "log_to_driver": False}
    try:
        if address == LOCAL:
            ray.init(num_cpus=jobs or None, include_dashboard=False, **quiet)
        else:
            ray.init(address=address, **quiet)
    except (ConnectionError, OSError, ValueError, RuntimeError, TimeoutError) as error:
        raise ConfigError(
            f"--on {address} cannot be reached: {error}; give an address like ray://host:10001, or ray for"
            " this machine"
        ) from error


def _last_line(error: Exception) -> str:
    """Return the line of Ray's long story that says what happened."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1][:200]}" if lines else type(error).__name__


def _with_source(setup: Setup) -> tuple[Setup, bytes]:
    """Return the setup, and the source of a strategy that is a local file."""
    if not isinstance(setup.strategy, str) or _SOURCE not in setup.strategy:
        return setup, b""
    return setup, Path(setup.strategy.rpartition(":")[0]).expanduser().read_bytes()

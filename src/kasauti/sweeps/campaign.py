"""A whole sweep: prepare the data once, search, walk forward, and say what chance explains of it."""

import contextlib
import inspect
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final

from kasauti import __version__, plugins
from kasauti.compose.assumptions import assumptions_of
from kasauti.compose.markets import check_tradable
from kasauti.compose.parts import rules_of
from kasauti.errors import InvalidInput
from kasauti.ports import Strategy
from kasauti.sweeps.columns import Columns, Span, write_columns
from kasauti.sweeps.executors import Executor, Inline
from kasauti.sweeps.exploring import Explorer, Interrupted, Progress, Trial
from kasauti.sweeps.figures import check_metric
from kasauti.sweeps.identity import context_of
from kasauti.sweeps.odds import odds
from kasauti.sweeps.pool import Pool
from kasauti.sweeps.result import Basis, SweepResult
from kasauti.sweeps.search import Listed, Search, SearchKind, searching
from kasauti.sweeps.space import check_names
from kasauti.sweeps.store import ResultStore
from kasauti.sweeps.trial import Setup
from kasauti.sweeps.walking import Step, Window, best_of, walked, windows
from kasauti.sweeps.wanted import Wanted
from kasauti.sweeps.work import Together, Work

_GROUP: Final = "kasauti.strategies"
_COLUMNS: Final = "columns.arrow"
_LOG: Final = "workers.log"
#: Combinations that are computed together: enough to keep every core busy, few enough to stop between.
_AT_ONCE: Final = 128

_TYPED: Final = (
    "Computed in one process, as the strategy is defined in the running program; in a file of its own it is"
    " computed on every core."
)

Watch = Callable[[Progress], None]


def run_sweep(wanted: Wanted, watch: Watch, stop: Callable[[], bool]) -> SweepResult:
    """Run a sweep; `watch` is told of every step, and `stop` is asked whether somebody wants it to end."""
    with rules_of(wanted.loaded):
        return _run(wanted, watch, stop)


def _run(wanted: Wanted, watch: Watch, stop: Callable[[], bool]) -> SweepResult:
    begun = time.perf_counter()
    check_metric(wanted.metric)
    kind = _checked_class(wanted.strategy)
    check_names(wanted.space.axes, _parameters_of(kind), wanted.label)
    check_tradable(wanted.market, wanted.loaded.config.simulator.assume_rules_of)
    with contextlib.ExitStack() as held:
        folder = held.enter_context(_folder(wanted.out))
        store = held.enter_context(ResultStore(folder))
        held.callback((folder / _COLUMNS).unlink, missing_ok=True)
        fingerprint = write_columns(wanted.market, folder / _COLUMNS)
        context = context_of(kind, wanted.label, fingerprint, wanted.fixed, wanted.loaded)
        changed = tuple(store.others(context))
        campaign = _Campaign(wanted, Columns(folder / _COLUMNS).days)
        executor, chunk = _executor(wanted, campaign, folder)
        held.callback(executor.close)
        explorer = Explorer(
            executor, store, context, total=campaign.total, chunk=chunk, watch=watch, stop=stop
        )
        campaign.run(explorer)
    trials, progress = campaign.trials, explorer.progress
    return SweepResult(
        metric=wanted.metric,
        axes=wanted.space.axes,
        trials=tuple(trials),
        walk=walked(campaign.steps, wanted.loaded.config.account.capital) if campaign.steps else None,
        odds=odds(best_of(trials, wanted.metric), trials),
        basis=_basis(wanted, campaign.days, changed),
        seconds=time.perf_counter() - begun,
        computed=progress.done - progress.reused,
        reused=progress.reused,
        interrupted=campaign.interrupted,
    )


class _Campaign:
    """All backtests of one sweep, in their order: the whole span first, then window after window."""

    def __init__(self, wanted: Wanted, days: list[date]) -> None:
        self.days = days
        self.trials: list[Trial] = []
        self.steps: list[Step] = []
        self.interrupted = False
        self._metric = wanted.metric
        self._windows = windows(wanted.walk_forward, days) if wanted.walk_forward else []
        self._searches = [_search(wanted) for _ in range(len(self._windows) + 1)]
        self.total = sum(each.total for each in self._searches) + len(self._windows)

    def run(self, explorer: Explorer) -> None:
        """Compute them; what is there when somebody stops it stays."""
        try:
            explorer.explore(self._searches[0], Span(self.days[0], self.days[-1]), "whole span", self.trials)
            for number, window in enumerate(self._windows, 1):
                words = f"window {number} of {len(self._windows)}"
                self.steps.append(self._step(explorer, self._searches[number], window, words))
        except (Interrupted, KeyboardInterrupt):
            self.interrupted = True

    def _step(self, explorer: Explorer, search: Search, window: Window, words: str) -> Step:
        """Choose the best inside a window and test it outside."""
        inside: list[Trial] = []
        explorer.explore(search, window.inside, f"{words}: choosing", inside)
        best = best_of(inside, self._metric)
        if best is None:
            return Step(window, None, None, None)
        tested: list[Trial] = []
        explorer.explore(Listed([best.combination]), window.outside, f"{words}: testing", tested)
        return Step(window, best.combination, best.outcome, tested[0].outcome)


def _checked_class(strategy: str | type) -> type[Any]:
    if isinstance(strategy, str):
        return plugins.find(_GROUP, strategy, port=Strategy)
    return plugins.checked(strategy, strategy.__qualname__, _GROUP, Strategy)


def _parameters_of(kind: type[Any]) -> list[str]:
    """Return the names of a strategy's parameters."""
    own = getattr(kind, "Parameters", kind)
    return list(getattr(own, "__struct_fields__", None) or inspect.signature(own).parameters)


@contextlib.contextmanager
def _folder(out: Path | None) -> Iterator[Path]:
    """Yield the folder of results, a temporary one where none is wanted."""
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="kasauti-sweep-") as folder:
        yield Path(folder)


def _search(wanted: Wanted) -> Search:
    return searching(wanted.space, wanted.search, wanted.metric, wanted.trials, wanted.seed)


def _executor(wanted: Wanted, campaign: _Campaign, folder: Path) -> tuple[Executor, int]:
    """Return where tasks are computed, and how many of them at a time."""
    if wanted.jobs < 0:
        raise InvalidInput(
            f"--jobs {wanted.jobs} computes nothing; give a number from 1, or 0 for one a core"
        )
    work = Work(Setup(wanted.strategy, wanted.fixed, wanted.loaded), str(folder / _COLUMNS))
    if wanted.on:
        from kasauti.sweeps.cluster import Cluster  # noqa: PLC0415  only who has a cluster pays for Ray

        return Cluster(wanted.on, work, wanted.jobs), 1
    together = _together(wanted, work, Span(campaign.days[0], campaign.days[-1]))
    if together is not None:
        return Inline(work, together), _AT_ONCE
    jobs = 1 if _is_typed(wanted.strategy) else min(wanted.jobs or os.cpu_count() or 1, campaign.total)
    return (Inline(work) if jobs == 1 else Pool(work, jobs, folder / _LOG)), 1


def _together(wanted: Wanted, work: Work, span: Span) -> Together | None:
    """Return what computes many combinations at once, None for a strategy or a metric that cannot be."""
    from kasauti.sweeps.signal_trials import (  # noqa: PLC0415  the kernel is of use to signal strategies only
        SINGLE_ONLY,
        SignalTrials,
        is_signal_strategy,
    )

    if wanted.metric in SINGLE_ONLY or not is_signal_strategy(wanted.strategy):
        return None
    trials = SignalTrials(work.setup, wanted.jobs)
    market = Columns(Path(work.data)).market(span)
    first = next(wanted.space.combinations(), None)
    return trials if first is not None and trials.can(first, span, market) else None


def _is_typed(strategy: str | type) -> bool:
    """Return whether a class stands in the running program itself, where no other process can import it."""
    return isinstance(strategy, type) and (strategy.__module__ == "__main__" or "<" in strategy.__qualname__)


def _basis(wanted: Wanted, days: list[date], changed: tuple[str, ...]) -> Basis:
    config = wanted.loaded.config
    how = f"{wanted.search}, seed {wanted.seed}" if wanted.search is not SearchKind.GRID else "grid"
    stated = assumptions_of(config, wanted.market)
    typed = (_TYPED,) if _is_typed(wanted.strategy) and wanted.jobs != 1 else ()
    return Basis(
        strategy=wanted.label,
        data=wanted.market.label,
        span=Span(days[0], days[-1]),
        days=len(days),
        capital=config.account.capital,
        profile=config.simulator.fill_profile,
        plan=config.account.plan,
        search=how,
        version=__version__,
        walk_forward=wanted.walk_forward,
        changed=changed,
        remarks=(*stated.remarks, *stated.gaps, *typed),
    )

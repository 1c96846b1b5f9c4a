"""What a sweep found: every trial, the best ones first, the walk forward, and how far to believe it."""

from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from kasauti.domain.money import RUPEE
from kasauti.sweeps.columns import Span
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.figures import METRICS, Unit
from kasauti.sweeps.odds import Odds
from kasauti.sweeps.outcome import ordering
from kasauti.sweeps.space import Axis, shown
from kasauti.sweeps.walking import Walk, best_of

if TYPE_CHECKING:
    import polars as pl


class Basis(msgspec.Struct, frozen=True):
    """
    What a sweep rests on, for people.

    `capital` is money units. `changed` names what differs from the results that the folder already had, so
    that none of them could be used. `remarks` are what the data lacks, and anything
    else a person should know.
    """

    strategy: str
    data: str
    span: Span
    days: int
    capital: int
    profile: str
    plan: str
    search: str
    version: str
    walk_forward: str = ""
    changed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class SweepResult(msgspec.Struct, frozen=True):
    """
    A sweep: its trials over the whole span in the order they were asked for, and what follows from them.

    `interrupted` if somebody stopped it: then it is what was there. `seconds` is how long it took, `computed`
    how many backtests of it were not known before.
    """

    metric: str
    axes: tuple[Axis, ...]
    trials: tuple[Trial, ...]
    walk: Walk | None
    odds: Odds | None
    basis: Basis
    seconds: float = 0.0
    computed: int = 0
    reused: int = 0
    interrupted: bool = False

    @property
    def ranked(self) -> list[Trial]:
        """The trials that have a result, best first; what has no value of the metric comes last."""
        valid = [trial for trial in self.trials if trial.outcome.ok]
        return sorted(valid, key=lambda trial: ordering(self.metric, trial.outcome))

    @property
    def best(self) -> Trial | None:
        """The best trial, None if none has a value of the metric."""
        return best_of(self.trials, self.metric)

    @property
    def failed(self) -> list[Trial]:
        """The trials without a result that are not the strategy's own refusals."""
        return [trial for trial in self.trials if trial.outcome.error and not trial.outcome.refused]

    @property
    def refused(self) -> list[Trial]:
        """The trials whose parameters the strategy refuses."""
        return [trial for trial in self.trials if trial.outcome.refused]

    @property
    def swept(self) -> list[Axis]:
        """The axes with more than one value."""
        return [axis for axis in self.axes if len(axis.values) > 1]

    @property
    def frame(self) -> "pl.DataFrame":
        """Every trial as a row: its parameters, its metrics (money in rupees), its error."""
        import polars as pl  # noqa: PLC0415  a slow import, of no use to --help

        return pl.DataFrame(rows_of(self.trials, self.axes), infer_schema_length=None)

    def report(self, path: Path | str) -> Path:
        """Write the page of this sweep, one HTML file that needs nothing else; return where it is."""
        from kasauti.sweeps.page import page  # noqa: PLC0415  only who wants a page pays for it

        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page(self), encoding="utf-8")
        return target

    def save(self, folder: Path | str) -> Path:
        """Write all results to `folder` as CSV and Parquet; return the folder."""
        target = Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        frame = self.frame
        frame.write_csv(target / "results.csv")
        frame.write_parquet(target / "results.parquet")
        return target

    def _repr_html_(self) -> str:
        """Return the page's own content for a notebook."""
        from kasauti.sweeps.page import notebook  # noqa: PLC0415  only a notebook pays for it

        return notebook(self)


def rows_of(trials: Sequence[Trial], axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Return trials as rows of plain values; an axis of mixed kinds becomes text."""
    mixed = {axis.name for axis in axes if len({isinstance(value, bool | str) for value in axis.values}) > 1}
    return [_row(trial, axes, mixed) for trial in trials]


def _row(trial: Trial, axes: Sequence[Axis], mixed: Collection[str]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for axis in axes:
        value = trial.combination[axis.name]
        text = axis.name in mixed
        row[axis.name] = shown(value) if text else float(value) if isinstance(value, Decimal) else value
    for metric in METRICS:
        figure = trial.outcome.figure(metric)
        row[metric] = figure / RUPEE if figure is not None and METRICS[metric].unit is Unit.MONEY else figure
    return {**row, "error": trial.outcome.error, "refused": trial.outcome.refused}

"""What chance explains of a sweep's best result: the statistics of `chance` and `selection` on its trials."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import msgspec
import numpy as np

from kasauti.analytics.ratios import (
    TRADING_DAYS,
    Floats,
    deflated_sharpe,
    expected_best_sharpe,
    sharpe,
)
from kasauti.sweeps.chance import days_needed
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.selection import Selection, selection

#: Columns of the cross-validation: of more trials, evenly spread ones and the best are taken.
MOST_COLUMNS: Final = 2_000
#: A deflated Sharpe ratio from here on is called significant, a PBO above this overfitted.
SIGNIFICANT: Final = 0.95
OVERFITTED: Final = 0.5


class Odds(msgspec.Struct, frozen=True):
    """
    How far the best trial can be believed.

    `sharpe` is its Sharpe ratio and `luck` the one that the best of so many trials without skill is expected
    to show, both a year. `probabilistic` is the probability that the true ratio is above 0 if it had been the
    only trial, `deflated` knowing it is the best of `trials`. `record` are its days, `needed` the days it
    takes to say with 95 % that its ratio is above 0. `selection` is None where the days are too few.
    """

    trials: int
    sharpe: float
    luck: float
    probabilistic: float
    deflated: float
    record: int
    needed: int | None
    selection: Selection | None

    @property
    def verdict(self) -> str:
        """What to think of it, in a sentence."""
        if self.sharpe <= 0:
            return "Loses: even the best combination does not make money."
        pbo = self.selection.probability if self.selection is not None else 0.0
        if pbo > OVERFITTED:
            return (
                f"Overfitted: in {pbo:.0%} of splits the best in one half is below the median in the other."
            )
        if self.deflated < SIGNIFICANT:
            return (
                f"Not proven: the best of {self.trials:,} trials without any skill is expected to show a"
                f" Sharpe ratio of {self.luck:.2f}; this one has {self.sharpe:.2f}."
            )
        return (
            f"Holds: its Sharpe ratio of {self.sharpe:.2f} is above the {self.luck:.2f} that luck explains"
            f" ({self.deflated:.0%}), and selection among the trials is worth something."
        )


def odds(best: Trial | None, trials: Sequence[Trial]) -> Odds | None:
    """Return the odds of `best` among `trials`; None where its returns say nothing, as without any trade."""
    if best is None:
        return None
    returns = best.outcome.returns()
    found, alone = sharpe(returns), deflated_sharpe(returns)
    if found is None or alone is None:
        return None
    columns, place = _columns(best, trials)
    ratios = _yearly(columns)
    variance = float(ratios.var(ddof=1)) if len(ratios) > 1 else 0.0
    return Odds(
        trials=len(ratios),
        sharpe=found,
        luck=expected_best_sharpe(len(ratios), variance),
        probabilistic=alone,
        deflated=deflated_sharpe(returns, ratios) or 0.0,
        record=len(returns),
        needed=days_needed(returns),
        selection=selection(_thinned(columns, place)),
    )


def _columns(best: Trial, trials: Sequence[Trial]) -> tuple[Floats, int]:
    """Return daily returns (days, trials) of all trials with the usual days, and the place of the best."""
    valid = [trial for trial in trials if trial.outcome.ok]
    usual = Counter(trial.outcome.days for trial in valid).most_common(1)[0][0]
    same = [trial for trial in valid if trial.outcome.days == usual]
    place = next((number for number, trial in enumerate(same) if trial is best), 0)
    return np.column_stack([trial.outcome.returns() for trial in same]), place


def _yearly(columns: Floats) -> Floats:
    """Return the Sharpe ratio a year of every trial; 0 where nothing was traded."""
    spread = columns.std(axis=0, ddof=1)
    moves = spread > 0
    ratios: Floats = np.where(moves, columns.mean(axis=0) / np.where(moves, spread, 1.0), 0.0)
    yearly: Floats = ratios * TRADING_DAYS**0.5
    return yearly


def _thinned(columns: Floats, place: int) -> Floats:
    count = columns.shape[1]
    if count <= MOST_COLUMNS:
        return columns
    chosen = np.unique(np.append(np.linspace(0, count - 1, MOST_COLUMNS).astype(np.int64), place))
    return columns[:, chosen]

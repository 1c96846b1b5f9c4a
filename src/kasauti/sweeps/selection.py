"""
Whether the best in one half of the data is any good in the other: the probability of backtest overfitting.

Combinatorially symmetric cross-validation: the days are cut into an even number of blocks, and every way to
take half of them as in-sample is tried. Source: Bailey, Borwein, Lopez de Prado and Zhu, "The Probability of
Backtest Overfitting", Journal of Computational Finance 20 (2016), section 2.2 (SSRN 2326253, 2015).
"""

from itertools import combinations
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.errors import InvalidInput

Floats = NDArray[np.float64]

#: Blocks that the days are cut into: 12,870 ways to choose half of them.
BLOCKS: Final = 16
#: A block has at least this many days, or fewer blocks are made.
_LEAST_DAYS: Final = 2
_FEWEST_BLOCKS: Final = 4
#: Splits times strategies whose ratios are in memory at one time.
_CELLS: Final = 4_000_000
_TINY: Final = 1e-18


class Selection(msgspec.Struct, frozen=True):
    """
    What choosing the best in-sample is worth.

    `probability` is the share of splits whose best in-sample was below the median out of sample (PBO);
    `loss` the share of them where it lost money; `slope` how its Sharpe ratio out of sample follows the one
    in-sample; `logits` the histogram of log(rank / (1 - rank)) from -`edge` to `edge`.
    """

    probability: float
    loss: float
    slope: float
    blocks: int
    splits: int
    logits: tuple[int, ...]
    edge: float


def selection(returns: Floats, blocks: int = BLOCKS) -> Selection | None:
    """
    Return what selecting the best of the columns of `returns` (days, strategies) is worth.

    None where there is nothing to select or where the days are too few to be cut. Raises `InvalidInput` for
    a number of blocks that is odd or below 2.
    """
    if blocks < 2 or blocks % 2:  # noqa: PLR2004  two halves
        raise InvalidInput(f"{blocks} blocks cannot be halved; choose an even number from 2")
    days, strategies = returns.shape
    blocks = min(blocks, days // _LEAST_DAYS // 2 * 2)
    if strategies < 2 or blocks < _FEWEST_BLOCKS:  # noqa: PLR2004  a choice
        return None
    bounds = np.linspace(0, days, blocks + 1).astype(np.int64)
    sizes = np.diff(bounds).astype(np.float64)
    sums = np.add.reduceat(returns, bounds[:-1], axis=0)
    squares = np.add.reduceat(returns**2, bounds[:-1], axis=0)
    picks = np.zeros((_ways(blocks), blocks))
    for row, chosen in enumerate(combinations(range(blocks), blocks // 2)):
        picks[row, list(chosen)] = 1.0
    found = [_halves(part, sizes, sums, squares) for part in np.array_split(picks, _parts(picks, strategies))]
    inside, outside, ranks, lost = (np.concatenate(each) for each in zip(*found, strict=True))
    logits = np.log(ranks / (1 - ranks))
    edge = float(np.log(strategies)) or 1.0
    return Selection(
        probability=float((logits <= 0).mean()),
        loss=float(lost.mean()),
        slope=_slope(inside, outside),
        blocks=blocks,
        splits=len(picks),
        logits=tuple(np.histogram(logits, bins=24, range=(-edge, edge))[0].tolist()),
        edge=edge,
    )


def _ways(blocks: int) -> int:
    return int(np.prod([(blocks - n) / (n + 1) for n in range(blocks // 2)]).round())


def _parts(picks: Floats, strategies: int) -> int:
    return max(1, min(len(picks), len(picks) * strategies // _CELLS))


def _halves(picks: Floats, sizes: Floats, sums: Floats, squares: Floats) -> tuple[Floats, ...]:
    """Return for each split the best one's ratio inside and outside, its rank there, and if it lost."""
    inside = _ratios(picks, sizes, sums, squares)
    others = 1.0 - picks
    outside = _ratios(others, sizes, sums, squares)
    best = inside.argmax(axis=1)
    rows = np.arange(len(picks))
    own = outside[rows, best]
    below = (outside < own[:, None]).sum(axis=1)
    equal = (outside == own[:, None]).sum(axis=1)
    ranks = (below + (equal + 1) / 2) / (outside.shape[1] + 1)
    lost = ((others @ sums)[rows, best] < 0).astype(np.float64)
    return inside[rows, best], own, ranks, lost


def _ratios(picks: Floats, sizes: Floats, sums: Floats, squares: Floats) -> Floats:
    """Return the Sharpe ratio a day of every strategy in every half; 0 where nothing moves."""
    counts = (picks @ sizes)[:, None]
    means = picks @ sums / counts
    variances = (picks @ squares - counts * means**2) / (counts - 1)
    still = variances <= _TINY
    ratios: Floats = np.where(still, 0.0, means / np.sqrt(np.where(still, 1.0, variances)))
    return ratios


def _slope(inside: Floats, outside: Floats) -> float:
    apart = inside - inside.mean()
    spread = float((apart**2).sum())
    return float((apart * (outside - outside.mean())).sum()) / spread if spread > _TINY else 0.0

"""Cross-validated overfitting: by hand where that can be done, and its two ends: pure noise, pure skill."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.errors import InvalidInput
from kasauti.sweeps.selection import Selection, selection

NOISES = 40


def found(returns: list[list[float]], blocks: int) -> Selection:
    """Return the selection among strategies, one list of returns each."""
    result = selection(np.array(returns).T, blocks)
    assert result is not None
    return result


def test_two_strategies_that_take_turns_are_worked_out_by_hand() -> None:
    """
    Blocks of two days; A wins in the first two, B in the last two.

    Of the six halves only {1, 2} and {3, 4} have a clear winner, and it is the worse one outside: its rank is
    1 of 2, relative 1/3, logit log(1/2) < 0. In the other four A and B are equal in both halves: rank 1.5,
    relative 1/2, logit 0, which is not above the median either. So every split is overfitted.
    """
    high, low = [0.02, 0.01], [-0.01, -0.02]
    result = found([high + high + low + low, low + low + high + high], 4)

    assert result.splits == 6
    assert result.blocks == 4
    assert result.probability == 1.0


def test_one_strategy_that_is_always_better_is_never_overfitted() -> None:
    days = [0.02, 0.01, 0.03, 0.01, 0.02, 0.01, 0.03, 0.02]
    weak = [0.01, -0.02] * 4
    result = found([weak, days, [-d for d in days]], 4)

    assert result.probability == 0.0
    assert result.loss == 0.0


def test_pure_noise_is_overfitted_in_about_half_of_the_splits() -> None:
    """One draw of noise scatters widely, as splits share their days, so the mean over many is looked at."""
    draws = np.random.default_rng(11)
    probabilities = []
    for _ in range(NOISES):
        result = selection(draws.normal(0, 0.01, (64, 30)), 8)
        assert result is not None
        probabilities.append(result.probability)

    assert 0.4 < np.mean(probabilities) < 0.6


def test_one_strategy_with_skill_among_noise_is_near_zero() -> None:
    returns = np.random.default_rng(3).normal(0, 0.01, (320, 50))
    returns[:, 17] += 0.006

    result = selection(returns)

    assert result is not None
    assert result.splits == 12_870
    assert result.probability < 0.01
    assert result.loss < 0.01
    assert sum(result.logits) == result.splits


def slow(returns: np.ndarray, blocks: int) -> float:
    """Return the probability as the paper tells it: matrices joined, one split after the other."""
    parts = np.array_split(returns, blocks)
    below = 0
    halves = list(combinations(range(blocks), blocks // 2))
    for half in halves:
        inside = np.concatenate([parts[n] for n in half])
        outside = np.concatenate([parts[n] for n in range(blocks) if n not in half])
        best = int((inside.mean(axis=0) / inside.std(axis=0, ddof=1)).argmax())
        ratios = outside.mean(axis=0) / outside.std(axis=0, ddof=1)
        rank = int((ratios <= ratios[best]).sum()) / (len(ratios) + 1)
        below += np.log(rank / (1 - rank)) <= 0
    return below / len(halves)


@given(st.integers(0, 10_000), st.integers(2, 9), st.sampled_from([4, 6, 8]))
def test_sums_of_blocks_give_what_whole_matrices_give(seed: int, strategies: int, blocks: int) -> None:
    returns = np.random.default_rng(seed).normal(0.0003, 0.01, (blocks * 4, strategies))

    result = selection(returns, blocks)

    assert result is not None
    assert result.probability == pytest.approx(slow(returns, blocks))


@pytest.mark.parametrize("shape", [(64, 1), (7, 5), (0, 5)])
def test_without_a_choice_or_days_there_is_nothing_to_say(shape: tuple[int, int]) -> None:
    assert selection(np.zeros(shape)) is None


def test_few_days_make_fewer_blocks() -> None:
    result = selection(np.random.default_rng(0).normal(0, 1, (21, 3)))

    assert result is not None
    assert result.blocks == 10


@pytest.mark.parametrize("blocks", [0, 1, 7])
def test_blocks_that_cannot_be_halved_are_refused(blocks: int) -> None:
    with pytest.raises(InvalidInput, match="cannot be halved"):
        selection(np.zeros((64, 3)), blocks)


def test_strategies_that_never_trade_do_not_disturb() -> None:
    returns = np.random.default_rng(2).normal(0.002, 0.01, (64, 4))
    returns[:, 1] = 0.0

    result = selection(returns, 8)

    assert result is not None
    assert 0 <= result.probability <= 1

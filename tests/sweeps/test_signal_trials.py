"""Many combinations of a signal strategy at once come to what each of them comes to alone."""

from pathlib import Path
from typing import Any

import pytest
from tests.sweeps.worlds import market, wanted

from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.columns import Span
from kasauti.sweeps.figures import METRICS
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.signal_trials import SINGLE_ONLY, SignalTrials, is_signal_strategy
from kasauti.sweeps.trial import Setup, attempted, run_trial

CROSSING = f"{Path(__file__).with_name('crossing.py')}:Crossing"
MARKET = market(8)
#: The small market ends before the square-off, and the kernel leaves a position that nobody closes to others.
FLAT: dict[str, object] = {"exit_from": "09:21"}
SPAN = Span(MARKET.days[0], MARKET.days[-1])
PAIRS: list[dict[str, Any]] = [{"fast": fast, "slow": slow} for fast in (1, 2, 3) for slow in (2, 3, 4)]


def setup_of(**fixed: object) -> Setup:
    return Setup(CROSSING, FLAT | fixed, wanted(["fast=1"]).loaded)


def swept(parameters: list[str], **more: Any) -> SweepResult:
    asked = wanted(parameters, strategy=CROSSING, days=8, fixed=FLAT, **more)
    return run_sweep(asked, lambda _: None, lambda: False)


def alone(setup: Setup, combination: dict[str, Any]) -> Outcome:
    return attempted(lambda: run_trial(setup, MARKET, combination))


def test_all_at_once_is_as_one_by_one() -> None:
    setup = setup_of()
    together = SignalTrials(setup, 2).outcomes(PAIRS, SPAN, MARKET)

    assert len(together) == len(PAIRS)
    for combination, found in zip(PAIRS, together, strict=True):
        single = alone(setup, combination)
        assert (found is None) == single.refused, "what is refused is told by a run of its own"
        if found is None:
            continue
        assert (found.days, found.equity, found.capital) == (single.days, single.equity, single.capital)
        for metric in METRICS.keys() - SINGLE_ONLY:
            assert found.figures[metric] == pytest.approx(single.figures[metric]), metric
    assert together.count(None) == 3
    assert any(found is not None and (found.figures.get("trips") or 0) > 8 for found in together)


def test_other_quantities_and_candles_are_ground_of_their_own() -> None:
    combinations: list[dict[str, Any]] = [
        {"fast": 1, "slow": 2, "quantity": quantity} for quantity in (1, 7)
    ] + [{"fast": 1, "slow": 2, "product": "NRML"}]
    setup = setup_of()
    found = SignalTrials(setup, 1).outcomes(combinations, SPAN, MARKET)

    for combination, together in zip(combinations, found, strict=True):
        single = alone(setup, combination)
        assert together is None or together.equity == single.equity


def test_what_signals_raise_is_left_to_runs_of_their_own() -> None:
    result = swept(["fast=1:2", "mode=well,raises"])

    assert len(result.ranked) == len(result.failed) == 2
    assert "nothing to divide by" in result.failed[0].outcome.error


def test_a_sweep_takes_the_fast_lane_where_there_is_one() -> None:
    trials = SignalTrials(setup_of(), 1)

    assert is_signal_strategy(CROSSING)
    assert trials.can(PAIRS[0], SPAN, MARKET)
    assert not SignalTrials(setup_of(candle_s=300), 1).can(PAIRS[0], SPAN, MARKET)


def test_a_whole_sweep_of_signals_walks_and_ranks() -> None:
    result = swept(["fast=1:3", "slow=2:4"], walk_forward="4d:2d", where="fast < slow", metric="net")

    assert len(result.ranked) == 6
    for trial in result.ranked:
        assert trial.outcome.equity == alone(setup_of(), dict(trial.combination)).equity
    assert result.walk is not None
    assert len(result.walk.days) == 4


def test_a_metric_of_single_trips_is_ranked_by_runs_of_their_own() -> None:
    result = swept(["fast=1:2", "slow=3:4"], metric="sqn", jobs=1)

    assert all(trial.outcome.figures["sqn"] is not None for trial in result.ranked)

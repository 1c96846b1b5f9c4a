"""What `kasauti sweep --json` prints: money in rupees as text, parts as fractions, keys that stay."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kasauti.cli.json_view import rupees_text
from kasauti.sweeps.exploring import Trial
from kasauti.sweeps.figures import METRICS, Figures, Unit, curve_figures
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.space import Combination, shown
from kasauti.sweeps.walking import Step, Walk


def sweep_json(result: SweepResult) -> str:
    """Return a result as indented JSON: the ranking with every trial, the walk, the odds, its basis."""
    basis, odds = result.basis, result.odds
    document = {
        "strategy": basis.strategy,
        "metric": result.metric,
        "best": None if result.best is None else _trial(result.best),
        "ranked": [_trial(trial) for trial in result.ranked],
        "without_result": [_missing(trial) for trial in [*result.failed, *result.refused]],
        "walk_forward": None if result.walk is None else _walk(result.walk),
        "odds": None if odds is None else {**msgspec.to_builtins(odds), "verdict": odds.verdict},
        "basis": {**msgspec.to_builtins(basis), "capital": rupees_text(basis.capital)},
        "computed": result.computed,
        "reused": result.reused,
        "interrupted": result.interrupted,
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode()


def _trial(trial: Trial) -> dict[str, Any]:
    return {"parameters": _parameters(trial.combination), **_figures(trial.outcome.figures)}


def _missing(trial: Trial) -> dict[str, Any]:
    outcome = trial.outcome
    return {
        "parameters": _parameters(trial.combination),
        "refused": outcome.refused,
        "error": outcome.error,
    }


def _walk(walk: Walk) -> dict[str, Any]:
    return {
        "windows": [_step(step) for step in walk.steps],
        "days": list(walk.days),
        "equity": [rupees_text(value) for value in walk.equity],
        "efficiency": walk.efficiency,
        **_figures(curve_figures(walk.capital, walk.equity)),
    }


def _step(step: Step) -> dict[str, Any]:
    return {
        "inside": msgspec.to_builtins(step.window.inside),
        "outside": msgspec.to_builtins(step.window.outside),
        "parameters": None if step.chosen is None else _parameters(step.chosen),
        "chosen_on": _outcome(step.inside),
        "tested": _outcome(step.outside),
    }


def _outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {"error": outcome.error, **_figures(outcome.figures)}


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        name: rupees_text(round(value)) if metric.unit is Unit.MONEY and value is not None else value
        for name, metric in METRICS.items()
        if (value := figures.get(name)) is not None or name in figures
    }


def _parameters(combination: Combination) -> Mapping[str, Any]:
    return {
        name: value if isinstance(value, bool | int) else shown(value) for name, value in combination.items()
    }

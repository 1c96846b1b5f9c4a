"""Whole sweeps of a strategy whose every result is known: what comes out, what is kept, what goes wrong."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.compose.worlds import settings
from tests.sweeps.holder import Holder
from tests.sweeps.worlds import HOLDER, market, wanted

import kasauti
from kasauti.domain.money import to_decimal
from kasauti.errors import ConfigError, InvalidInput, LogError, LogLocked, PluginError
from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.exploring import Progress
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.store import FILE, ResultStore
from kasauti.sweeps.wanted import Wanted

GRID = ["enter=0:4:2", "leave=3:6"]


def swept(asked: Wanted, *, stop_after: int = 10**9) -> tuple[SweepResult, list[Progress]]:
    """Run a sweep; stop it after so many steps."""
    told: list[Progress] = []
    return run_sweep(asked, told.append, lambda: bool(told) and told[-1].done >= stop_after), told


def test_each_combination_is_what_a_backtest_of_its_own_is() -> None:
    result, _ = swept(wanted(GRID, where="enter < leave"))

    assert len(result.trials) == 10
    for trial in result.trials:
        single = kasauti.backtest(HOLDER, market(), capital=500_000, parameters=trial.combination)
        assert trial.outcome.figures["net"] == pytest.approx(single.metrics.net)
        assert trial.outcome.figures["trips"] == single.metrics.trips == 6
        assert trial.outcome.days == tuple(day.isoformat() for day in market().days)


def test_the_best_is_the_combination_that_earns_most() -> None:
    result, _ = swept(wanted(GRID, where="enter < leave", metric="net"))
    nets = [trial.outcome.figures["net"] or 0.0 for trial in result.trials]

    assert result.best is not None
    assert result.best.outcome.figures["net"] == max(nets) > 0
    assert [trial.outcome.figures["net"] for trial in result.ranked] == sorted(nets, reverse=True)


def test_processes_find_what_one_process_finds() -> None:
    one, _ = swept(wanted(GRID, where="enter < leave"))
    two, _ = swept(wanted(GRID, where="enter < leave", jobs=2))

    assert two.trials == one.trials
    assert two.odds == one.odds


def test_python_says_the_same_as_the_command_line() -> None:
    result = kasauti.sweep(
        HOLDER,
        market(),
        {"enter": [0, 2, 4], "leave": range(3, 7)},
        where="enter < leave",
        capital="5 lakh",
        profile="depth",
        jobs=1,
    )
    same, _ = swept(wanted(GRID, where="enter < leave"))

    assert result.trials == same.trials
    assert result.frame.height == 10
    assert result.frame["net"].max() == pytest.approx(
        float(to_decimal(int(max(t.outcome.figures["net"] or 0 for t in result.trials))))
    )


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_class_and_an_object_can_be_swept(jobs: int) -> None:
    named, _ = swept(wanted(["leave=3:5"], fixed={"quantity": 3}))
    of_class = kasauti.sweep(
        Holder, market(), {"leave": range(3, 6)}, fixed={"quantity": 3}, capital=500_000, jobs=jobs
    )
    of_object = kasauti.sweep(
        Holder(Holder.Parameters(quantity=3)), market(), {"leave": range(3, 6)}, capital=500_000, jobs=jobs
    )

    assert of_class.trials == named.trials == of_object.trials


def test_what_the_strategy_refuses_is_counted_and_does_no_harm() -> None:
    result, told = swept(wanted(GRID))

    assert len(result.refused) == 2
    assert "enter 4 must be before leave 3" in result.refused[0].outcome.error
    assert result.failed == []
    assert len(result.ranked) == told[-1].done - 2
    assert told[-1].failed == 2


def test_what_a_strategy_raises_is_the_error_of_its_combination() -> None:
    result, _ = swept(wanted(["leave=3:4", "mode=well,raises"]))

    assert len(result.failed) == len(result.ranked) == 2
    assert "nothing to divide by" in result.failed[0].outcome.error
    assert "holder.py" in result.failed[0].outcome.error


def test_nothing_is_computed_twice(tmp_path: Path) -> None:
    first, _ = swept(wanted(GRID, out=tmp_path, walk_forward="3d:1d"))
    again, _ = swept(wanted(GRID, out=tmp_path, walk_forward="3d:1d"))

    assert (first.reused, again.computed) == (0, 0)
    assert first.computed == again.reused
    assert [t.outcome for t in again.trials] == [t.outcome for t in first.trials]
    assert again.walk == first.walk


def test_a_larger_space_takes_over_what_it_shares(tmp_path: Path) -> None:
    swept(wanted(["leave=3:5"], out=tmp_path))
    larger, _ = swept(wanted(["leave=2:6"], out=tmp_path))

    assert (larger.computed, larger.reused) == (2, 3)


CHANGES: dict[str, dict[str, Any]] = {
    "data": {"shift": 1},
    "fixed parameters": {"fixed": {"quantity": 11}},
    "settings": {"loaded": settings(simulator__slippage_ticks=3)},
}


@pytest.mark.parametrize("part", CHANGES)
def test_what_rests_on_something_else_is_computed_anew_and_said(tmp_path: Path, part: str) -> None:
    swept(wanted(["leave=3:4"], out=tmp_path))
    changed = dict(CHANGES[part])
    loaded = changed.pop("loaded", None)
    asked = wanted(["leave=3:4"], out=tmp_path, **changed)
    if loaded is not None:
        asked = msgspec.structs.replace(asked, loaded=loaded)

    result, _ = swept(asked)
    back, _ = swept(wanted(["leave=3:4"], out=tmp_path))

    assert result.basis.changed == (part,)
    assert result.reused == 0
    assert (back.reused, back.basis.changed) == (2, ())


def test_another_strategy_source_is_another_strategy(tmp_path: Path) -> None:
    source = Path(HOLDER.partition(":")[0]).read_text(encoding="utf-8")
    (tmp_path / "mine.py").write_text(source, encoding="utf-8")
    (tmp_path / "ours.py").write_text(source.replace('"well"', '"good"'), encoding="utf-8")
    out = tmp_path / "out"
    swept(wanted(["leave=3:4"], out=out, strategy=f"{tmp_path / 'mine.py'}:Holder"))

    result, _ = swept(wanted(["leave=3:4"], out=out, strategy=f"{tmp_path / 'ours.py'}:Holder"))

    assert result.reused == 0
    assert "strategy's code" in result.basis.changed


def test_a_sweep_that_is_stopped_has_what_is_there_and_goes_on(tmp_path: Path) -> None:
    part, _ = swept(wanted(GRID, out=tmp_path), stop_after=4)
    rest, _ = swept(wanted(GRID, out=tmp_path))

    assert part.interrupted
    assert len(part.trials) == part.computed == 4
    assert not rest.interrupted
    assert (rest.computed, rest.reused) == (8, 4)


def test_the_way_of_a_bayesian_search_is_found_again(tmp_path: Path) -> None:
    def asked(out: Path | None) -> Wanted:
        return wanted(["enter=0:2", "leave=3:6"], out=out, search="bayes", trials=8, seed=3)

    whole, _ = swept(asked(None))
    swept(asked(tmp_path), stop_after=5)
    rest, _ = swept(asked(tmp_path))

    assert [t.combination for t in rest.trials] == [t.combination for t in whole.trials]
    assert (rest.computed, rest.reused) == (3, 5)


def test_walk_forward_chooses_inside_and_trades_outside() -> None:
    result, told = swept(wanted(GRID, where="enter < leave", walk_forward="3d:2d", metric="net"))
    walk = result.walk

    assert walk is not None
    assert [len(step.outside.days) for step in walk.steps if step.outside] == [2, 1]
    for step in walk.steps:
        inside, _ = swept(
            msgspec.structs.replace(wanted(GRID, where="enter < leave", metric="net"), market=between(step))
        )
        assert inside.best is not None
        assert inside.best.combination == step.chosen
    assert walk.days == tuple(day.isoformat() for day in market().days[3:])
    assert told[-1].total == told[-1].done == 10 * 3 + 2


def between(step: Any) -> Any:
    """Return the market of a window's days."""
    from kasauti.compose.markets import between as cut  # noqa: PLC0415  the name is taken here

    return cut(market(), step.window.inside.first, step.window.inside.last)


REFUSED: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"parameters": ["entre=0:2"]}, ConfigError, "no parameter 'entre'. Did you mean enter"),
    ({"metric": "sharp"}, InvalidInput, "no metric 'sharp'. Did you mean sharpe"),
    ({"walk_forward": "6:2"}, InvalidInput, "needs more than the 6 trading days"),
    ({"strategy": "nowhere.py:Holder"}, PluginError, "There is no file"),
    ({"jobs": -1}, InvalidInput, "--jobs -1"),
]


@pytest.mark.parametrize(("asked", "kind", "words"), REFUSED, ids=[words for *_, words in REFUSED])
def test_what_cannot_be_swept_is_a_sentence(asked: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as raised:
        swept(wanted(asked.pop("parameters", ["leave=3:4"]), **asked))

    assert words in str(raised.value)


def test_two_sweeps_cannot_share_a_folder(tmp_path: Path) -> None:
    with ResultStore(tmp_path), pytest.raises(LogLocked):
        swept(wanted(["leave=3:4"], out=tmp_path))


def test_a_file_that_is_no_store_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database, but somebody's work " * 50)

    with pytest.raises(LogError, match="choose another --out, or remove it"):
        swept(wanted(["leave=3:4"], out=tmp_path))


def test_no_column_of_prices_is_left_behind(tmp_path: Path) -> None:
    swept(wanted(["leave=3:4"], out=tmp_path))

    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".db", ".lock"]


def test_an_outcome_is_one_short_line_where_somebody_prints_it() -> None:
    """Whoever prints `result.best` wants its figures, and not two years of days."""
    days = tuple(f"2026-01-{day:02d}" for day in range(1, 29))
    made = Outcome({"net": 726_528_700.0, "sharpe": 2.577, "trips": 77.0}, days, (1,) * 28, 1)

    assert repr(made) == "Outcome(net=₹72,653, sharpe=2.58, trips=77, days=28)"
    assert repr(Outcome({"net": -120_000.0, "sharpe": None})) == "Outcome(net=₹-12, days=0)"
    assert repr(Outcome(error="no data")) == "Outcome(error='no data')"

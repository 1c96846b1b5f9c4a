"""A sweep on a real Ray cluster: as on one machine, also when a worker is killed in the middle."""

import sys
import tomllib
from pathlib import Path

import pytest
from tests.sweeps.worlds import wanted

from kasauti.errors import ConfigError
from kasauti.sweeps import cluster
from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.trial import Setup

ROOT = Path(__file__).parents[2]
GRID = ["enter=0:2", "leave=3:6"]

needs_ray = pytest.mark.skipif(
    sys.platform == "win32", reason="the strategy of these tests kills itself by SIGKILL"
)


def swept(out: Path | None, mode: str, tally: Path, on: str = "") -> SweepResult:
    fixed = {"mode": mode, "tally": str(tally)}
    asked = wanted(GRID, out=out, days=2, jobs=2 if on else 1, fixed=fixed, on=on)
    return run_sweep(asked, lambda _: None, lambda: False)


@needs_ray
@pytest.mark.crash
@pytest.mark.filterwarnings("ignore")  # Ray's own
def test_a_cluster_finds_what_this_process_finds_also_when_a_worker_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'kasauti[ray]'")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT / 'src'}:{ROOT}")
    out, far, near = tmp_path / "out", tmp_path / "far", tmp_path / "near"
    (tmp_path / "near.died").touch()

    result = swept(out, "dies once", far, on="ray")
    again = swept(out, "dies once", far)
    here = swept(None, "dies once", near)

    lines = [line.split() for line in far.read_text(encoding="utf-8").splitlines()]
    assert (tmp_path / "far.died").exists(), "a worker was killed"
    assert len({line[3] for line in lines}) >= 3, "two workers, and the one that replaced a dead one"
    assert [trial.outcome for trial in result.trials] == [trial.outcome for trial in here.trials]
    assert result.failed == []
    assert (result.computed, again.reused, again.computed) == (12, 12, 0)


def test_without_ray_the_error_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)

    with pytest.raises(ConfigError, match=r"pip install 'kasauti\[ray\]'"):
        swept(tmp_path, "well", tmp_path / "tally", on="ray://nowhere:1")


def test_what_is_installed_for_sweeps_on_ray_reaches_a_ray_address() -> None:
    """Ray without its client answers `ray://` with a demand for another package."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    assert any(each.startswith("ray[client]") for each in project["optional-dependencies"]["ray"])


def test_the_source_of_a_local_strategy_travels_with_it() -> None:
    setup = wanted(GRID).strategy
    assert isinstance(setup, str)
    sent = cluster._with_source(Setup(setup, {}, wanted(GRID).loaded))

    assert sent[1] == Path(setup.rpartition(":")[0]).read_bytes()

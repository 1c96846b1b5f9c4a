"""Workers that die are replaced, their combination is tried again, and then it is a failure with a reason."""

import sys
from collections import Counter
from pathlib import Path

import pytest
from tests.sweeps.worlds import HOLDER, market, wanted

import kasauti
from kasauti.errors import KasautiError
from kasauti.sweeps import pool
from kasauti.sweeps.campaign import run_sweep
from kasauti.sweeps.result import SweepResult

pytestmark = [
    pytest.mark.crash,
    pytest.mark.skipif(sys.platform == "win32", reason="the strategy of these tests kills itself by SIGKILL"),
]


def swept(parameters: list[str], out: Path, *, mode: str = "well", jobs: int = 2) -> SweepResult:
    tally = {"mode": mode, "tally": str(out / "tally")}
    if any(text.startswith("mode") for text in parameters):
        del tally["mode"]
    asked = wanted(parameters, out=out, jobs=jobs, fixed=tally, days=2)
    return run_sweep(asked, lambda _: None, lambda: False)


def begun(out: Path) -> Counter[tuple[str, str]]:
    """Return how often each combination (enter, leave) began its first day."""
    lines = (out / "tally").read_text(encoding="utf-8").splitlines()
    first = market(1).days[0].isoformat()
    return Counter((line.split()[0], line.split()[1]) for line in lines if line.split()[2] == first)


def test_a_worker_that_dies_once_costs_nothing(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    result = swept(["leave=3:6"], out, mode="dies once")

    assert result.failed == []
    assert len(result.ranked) == 4
    assert sum(begun(out).values()) == 5, "the one whose worker died began twice"


def test_a_combination_that_kills_its_worker_fails_alone(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    result = swept(["leave=3:4", "mode=well,dies"], out)

    assert len(result.ranked) == len(result.failed) == 2
    assert {trial.combination["mode"] for trial in result.failed} == {"dies"}
    assert "was ended by signal 9, 2 times" in result.failed[0].outcome.error
    assert "workers.log" in result.failed[0].outcome.error


def test_workers_that_cannot_begin_end_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "START", "raise SystemExit(3)")

    with pytest.raises(
        KasautiError, match="3 workers ended before they could begin: the last ended with exit code 3"
    ):
        swept(["leave=2:7"], tmp_path)


def test_what_workers_print_is_kept_out_of_the_way(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = Path(HOLDER.partition(":")[0]).read_text(encoding="utf-8")
    talking = tmp_path / "talking.py"
    told = source.replace("        chosen =", '        print("here I am")\n        chosen =')
    talking.write_text(told, encoding="utf-8")
    asked = wanted(["leave=3:5"], out=tmp_path / "out", jobs=2, strategy=f"{talking}:Holder")

    result = run_sweep(asked, lambda _: None, lambda: False)

    assert len(result.ranked) == 3
    assert "here I am" in (tmp_path / "out" / "workers.log").read_text(encoding="utf-8")
    assert "here I am" not in "".join(capfd.readouterr())


def test_a_class_of_the_running_program_is_swept_in_it() -> None:
    """No other process can import what a person has typed into a notebook."""
    class_body: dict[str, object] = {"__module__": "__main__", "__qualname__": "Typed"}
    from tests.sweeps.holder import Holder  # noqa: PLC0415  its subclass is the point

    typed = type("Typed", (Holder,), class_body)

    result = kasauti.sweep(typed, market(2), {"leave": [3, 4]}, jobs=2, capital=500_000)

    assert len(result.ranked) == 2
    assert "defined in the running program" in " ".join(result.basis.remarks)

"""`kasauti sweep` as a person has it: what is typed, what is shown, what is left in the folder."""

import json
from pathlib import Path

import pytest
from tests.cli.command import kasauti, start
from tests.sweeps.worlds import HOLDER, market

from kasauti.feeds.recorded.writing import write_recording


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the small market of the tests of sweeps as a file."""
    file = tmp_path_factory.mktemp("data") / "share.parquet"
    source = market(8)
    write_recording(file, source.universe, source.play(None))
    return file


GRID = ("--param", "enter=0:3", "--param", "leave=3:6", "--jobs", "1")


def test_a_sweep_shows_the_best_and_leaves_a_page(tmp_path: Path, data: Path) -> None:
    out = tmp_path / "out"
    ran = kasauti(
        *("sweep", HOLDER, "--data", data, *GRID, "--where", "enter < leave", "--walk-forward", "4d:2d"),
        *("--metric", "net", "--out", out, "--fixed", "quantity=5", "--capital", "5 lakh"),
    )

    assert ran.code == 0, ran.err
    assert "8 trading days, capital ₹5,00,000" in ran.out
    assert "Net by" in ran.out
    assert "Walk forward, 4d:2d" in ran.out
    assert sorted(path.name for path in out.iterdir() if path.suffix != ".lock") == [
        "results.csv",
        "results.parquet",
        "sweep.db",
        "sweep.html",
    ]


def test_a_machine_gets_json(tmp_path: Path, data: Path) -> None:
    ran = kasauti(
        *("sweep", HOLDER, "--data", data, *GRID, "--out", tmp_path, "--metric", "net", "--json"),
        *("--walk-forward", "4d:2d"),
    )
    found = ran.json()

    nets = [float(each["net"]) for each in found["ranked"]]
    assert nets == sorted(nets, reverse=True)
    assert found["best"] == found["ranked"][0]
    assert len(found["without_result"]) == 1
    assert found["without_result"][0]["refused"]
    assert [window["tested"]["error"] for window in found["walk_forward"]["windows"]] == ["", ""]
    assert len(found["walk_forward"]["equity"]) == 4
    assert found["odds"]["trials"] == 15
    assert found["interrupted"] is False


def test_the_same_command_goes_on(tmp_path: Path, data: Path) -> None:
    first = kasauti("sweep", HOLDER, "--data", data, *GRID, "--out", tmp_path, "--json").json()
    again = kasauti("sweep", HOLDER, "--data", data, *GRID, "--out", tmp_path, "--json").json()
    changed = kasauti(
        *("sweep", HOLDER, "--data", data, *GRID, "--out", tmp_path, "--fixed", "quantity=2"),
    )

    assert (first["computed"], again["computed"], again["reused"]) == (16, 0, 16)
    assert again["ranked"] == first["ranked"]
    assert "earlier results here are of another fixed parameters" in changed.out


def test_ctrl_c_ends_with_what_is_there(tmp_path: Path, data: Path) -> None:
    """The strategy itself sends the signal, on its third combination."""
    source = Path(HOLDER.partition(":")[0]).read_text(encoding="utf-8")
    told = source.replace(
        "        chosen = self.parameters\n",
        "        chosen = self.parameters\n"
        "        if chosen.leave == 5:\n            os.kill(os.getpid(), signal.SIGINT)\n",
    )
    (tmp_path / "holder.py").write_text(told, encoding="utf-8")
    process = start(
        *("sweep", f"{tmp_path / 'holder.py'}:Holder", "--data", data, "--param", "leave=3:7", "--jobs", "1"),
        *("--out", tmp_path / "out", "--json"),
        cwd=Path(__file__).parents[2],
    )
    out, err = process.communicate(timeout=240)
    found = json.loads(out)

    assert process.returncode == 130, err
    assert found["interrupted"] is True
    assert [each["parameters"]["leave"] for each in found["ranked"]]
    assert len(found["ranked"]) < 5
    assert "Traceback" not in err


def test_nothing_but_failures_is_a_failure(tmp_path: Path, data: Path) -> None:
    ran = kasauti(
        *("sweep", HOLDER, "--data", data, "--param", "leave=3:4", "--fixed", "mode=raises", "--jobs", "1"),
        *("--out", tmp_path),
    )

    assert ran.code == 5
    assert "2 failed" in ran.out
    assert "nothing to divide by" in ran.out


TYPED = [
    ("--param fast=1:3", 3, "no parameter 'fast'"),
    ("--param entre=1:3", 3, "Did you mean enter"),
    ("--param enter", 2, "has no name and values"),
    ("--param enter=1:3 --where enter<leave", 2, "names 'leave', which is not swept"),
    ("--param enter=1:3 --where enter<<2", 2, "cannot have"),
    ("--param enter=1:3 --metric sharp", 2, "Did you mean sharpe"),
    ("--param enter=1:3 --walk-forward 6", 2, "is no plan"),
    ("--param enter=1:3 --walk-forward 6:2", 2, "needs more than the 8 trading days"),
    ("--param enter=1:3 --trials 0", 2, "--trials 0 tries nothing"),
    ("--param enter=1:3 --from 2031-01-01", 6, "within the days asked for, 2031-01-01 to the last"),
    ("--param enter=1:3 --fixed enter", 2, "has no value"),
]


@pytest.mark.parametrize(("typed", "code", "words"), TYPED, ids=[typed for typed, *_ in TYPED])
def test_what_is_typed_wrongly_is_a_sentence(
    tmp_path: Path, data: Path, typed: str, code: int, words: str
) -> None:
    ran = kasauti("sweep", HOLDER, "--data", data, "--jobs", "1", "--out", tmp_path / "out", *typed.split())

    assert ran.code == code, ran.err
    assert words in ran.sentence()

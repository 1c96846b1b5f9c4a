"""A saved run is the run."""

import io
import zipfile
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.analytics.logs import SHARE, Logbook
from tests.analytics.runs import clock, days_of, equity_of, fills_of, orders_of, run_of, trips_of
from tests.analytics.tapes import run_of as run_of_book

from kasauti.analytics.run import HEADS, Ending, Run
from kasauti.analytics.run_file import is_run_file, load_run, save_run
from kasauti.domain.order import Side
from kasauti.errors import LogCorrupt, LogError, LogTooNew


def same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray)
        return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
    return one == other


def differences(one: Run, other: Run) -> list[str]:
    found = []
    for each in fields(Run):
        mine, theirs = getattr(one, each.name), getattr(other, each.name)
        if each.name in {"orders", "fills", "trips", "equity", "days"}:
            inner = [f.name for f in fields(mine)]
            found += [f"{each.name}.{n}" for n in inner if not same(getattr(mine, n), getattr(theirs, n))]
        elif mine != theirs:
            found.append(each.name)
    return found


def test_a_run_is_read_back_exactly(tmp_path: Path) -> None:
    run = run_of(
        orders=orders_of((clock(10), 0, 1, "SL-M", "101.05"), (clock(11), 1, -1, "LIMIT", "0")),
        fills=fills_of((clock(10), 0, 1, 3, "101.1"), (clock(11), 1, -1, 2, "0.05")),
        trips=trips_of("12.5", "-3", charges="1.25"),
        equity=equity_of("100010", "99990"),
        days=days_of("100010", "99000"),
    )
    save_run(run, tmp_path / "one.run")
    assert differences(run, load_run(tmp_path / "one.run")) == []
    assert is_run_file(tmp_path / "one.run")


def test_a_run_without_anything_is_read_back_exactly(tmp_path: Path) -> None:
    run = run_of()
    save_run(run, tmp_path / "empty.run")
    assert differences(run, load_run(tmp_path / "empty.run")) == []


def test_days_of_a_run_that_was_saved_before_charges_had_heads_are_read(tmp_path: Path) -> None:
    save_run(run_of(days=days_of("100010", "99000")), tmp_path / "new.run")
    with zipfile.ZipFile(tmp_path / "new.run") as new, zipfile.ZipFile(tmp_path / "old.run", "w") as old:
        for name in new.namelist():
            content = new.read(name)
            if name == "days.parquet":
                table = pq.read_table(io.BytesIO(content)).drop_columns([f"noted.{head}" for head in HEADS])
                pq.write_table(table, written := io.BytesIO())
                content = written.getvalue()
            old.writestr(name, content)

    days = load_run(tmp_path / "old.run").days

    assert days.day == ["2026-11-23", "2026-11-24"]
    assert days.noted.tolist() == [[0] * len(HEADS)] * 2


@given(st.lists(st.tuples(st.sampled_from([Side.BUY, Side.SELL]), st.integers(1, 9)), max_size=8), st.data())
def test_a_log_that_became_a_run_keeps_all_of_it(
    tmp_path_factory: pytest.TempPathFactory, trades: list[tuple[Side, int]], data: st.DataObject
) -> None:
    book = Logbook()
    book.open_day()
    for side, quantity in trades:
        price, charges = data.draw(st.integers(1, 500)), data.draw(st.integers(0, 90))
        book.trade(side, quantity, str(price), str(charges), SHARE, strategy="sma", tag=f"t{price % 3}")
    run = run_of_book(book, ending=Ending.FAILED, failure="ValueError: at bar 7")
    file = tmp_path_factory.mktemp("run") / "it.run"
    save_run(run, file)
    assert differences(run, load_run(file)) == []


def test_the_same_run_makes_the_same_file(tmp_path: Path) -> None:
    save_run(run_of(), tmp_path / "a")
    save_run(run_of(), tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(LogError, match="exists already"):
        save_run(run_of(), tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"


def test_what_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no run in"):
        load_run(tmp_path / "missing")
    (tmp_path / "text").write_text("hello")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "a")
    for name in ("text", "other.zip"):
        assert not is_run_file(tmp_path / name)
        with pytest.raises(LogError, match="not a saved run"):
            load_run(tmp_path / name)


def _changed(path: Path, name: str, content: bytes) -> Path:
    save_run(run_of(), path)
    with zipfile.ZipFile(path) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    path.unlink()
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in parts.items():
            archive.writestr(each, content if each == name else text)
    return path


def test_a_file_of_a_later_kasauti_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LogTooNew, match="upgrade"):
        load_run(_changed(tmp_path / "new", "run.json", b'{"format": 99}'))


@pytest.mark.parametrize("name", ["run.json", "fills.parquet", "equity.parquet"])
def test_a_damaged_part_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(LogCorrupt, match=name):
        load_run(_changed(tmp_path / "bad", name, b"nonsense"))

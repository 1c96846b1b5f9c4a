"""
A recording that does not fit in memory says and plays the same as one that does; and a day that is taken as a
grid at once the same as one that goes through every check.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feeds.recorded.files import DAY, save

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.ist import ist_date
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded import bar_days, clean_days, recording
from kasauti.feeds.recorded.faults import Context
from kasauti.feeds.recorded.recording import Recording, check, open_recording
from kasauti.feeds.recorded.rows import Rows
from kasauti.feeds.recorded.survey import Survey

SYMBOLS = ("NIFTY", "SBIN", "NIFTY26JAN25000CE")
DAYS = ("2026-01-22", "2026-01-23")
MINUTES = 6
NAMES = ("at", "slot", "open", "high", "low", "close", "volume", "open_interest")

#: What is done to one bar: nothing else may come of it, or a finding.
CHANGES = {
    "gone": None,
    "not traded": {"volume": 0.0},
    "as before": "repeat",
    "early": {"minutes": -20},
    "late": {"minutes": 370},
    "off tick": {"close": 100.03},
    "negative": {"low": -1.0},
    "high too low": {"high": 99.0},
    "no price": {"open": float("nan")},
    "twice": "twice",
}
PLACES = st.tuples(
    st.integers(0, len(DAYS) - 1), st.integers(0, len(SYMBOLS) - 1), st.integers(0, MINUTES - 1)
)
DRAWN = st.dictionaries(PLACES, st.sampled_from(sorted(CHANGES)), max_size=4)


@contextmanager
def _patched(module: Any, name: str, value: Any) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, name, value)
        yield


def _day_of_bars(number: int, changes: dict[tuple[int, int, int], str]) -> list[dict[str, Any]]:
    bars: list[dict[str, Any]] = []
    for place, symbol in enumerate(SYMBOLS):
        for minute in range(MINUTES):
            base = 100.0 + place + minute % 3
            bar: dict[str, Any] = {
                "symbol": symbol,
                "ts": datetime.fromisoformat(f"{DAYS[number]}T09:15") + timedelta(minutes=minute),
                "open": base,
                "high": base + 1,
                "low": base - 1,
                "close": base + 0.5,
                "volume": 0.0 if symbol == "NIFTY" else 10.0 + minute,
            }
            change = (
                CHANGES[changes.get((number, place, minute), "nothing")]
                if ((number, place, minute) in changes)
                else {}
            )
            if change is None:
                continue
            if change == "repeat" and bars:
                bar |= {name: bars[-1][name] for name in ("open", "high", "low", "close", "volume")}
            elif change == "twice":
                bars.append(dict(bar))
            elif isinstance(change, dict):
                bar["ts"] += timedelta(minutes=int(change.get("minutes", 0)))
                bar |= {name: value for name, value in change.items() if name != "minutes"}
            bars.append(bar)
    return bars


def _write(folder: Path, changes: dict[tuple[int, int, int], str], stored: str) -> Path:
    folder.mkdir(exist_ok=True)
    for file in folder.iterdir():
        file.unlink()
    days = [_day_of_bars(number, changes) for number in range(len(DAYS))]
    if stored.endswith("by time"):
        days = [sorted(day, key=lambda bar: bar["ts"]) for day in days]
    if stored.startswith("files of symbols"):
        parts = {name: [bar for day in days for bar in day if bar["symbol"] == name] for name in SYMBOLS}
    else:
        parts = {f"{number}": day for number, day in enumerate(days)}
    if stored.startswith("one file"):
        tables = [pa.Table.from_pylist(part) for part in parts.values() if part]
        with pq.ParquetWriter(folder / "all.parquet", tables[0].schema) as writer:
            for table in tables:
                writer.write_table(table)
        return folder
    for name, part in parts.items():
        if part:
            pq.write_table(pa.Table.from_pylist(part), folder / f"{name}.parquet")
    return folder


STORED = ["files of days", "files of days by time", "files of symbols", "one file", "one file by time"]


def _all(recorded: Recording) -> dict[str, list[int]]:
    batches = list(recorded.batches())
    return {name: [value for batch in batches for value in getattr(batch, name).tolist()] for name in NAMES}


def _opened(folder: Path) -> Recording | str:
    try:
        return open_recording(folder)
    except MarketDataError as error:
        return str(error)


ROUGH = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ROUGH
@given(DRAWN, st.sampled_from(STORED))
def test_what_does_not_fit_in_memory_is_the_same(
    tmp_path: Path, changes: dict[tuple[int, int, int], str], stored: str
) -> None:
    folder = _write(tmp_path / "bars", changes, stored)
    whole = open_recording(folder)

    with _patched(recording, "_KEPT_BYTES", 0):
        bounded = open_recording(folder)
        played = _all(bounded)

    assert bounded.report_so_far == bounded.report == whole.report
    assert bounded.days() == whole.days()
    assert played == _all(whole)
    assert [i.id for i in bounded.universe] == [i.id for i in whole.universe]


@ROUGH
@given(DRAWN, st.sampled_from(STORED))
def test_a_day_taken_as_a_grid_at_once_is_what_every_check_would_leave(
    tmp_path: Path, changes: dict[tuple[int, int, int], str], stored: str
) -> None:
    folder = _write(tmp_path / "bars", changes, stored)
    at_once = open_recording(folder)

    with _patched(clean_days, "sound_day", lambda *_: None):
        checked = open_recording(folder)

    assert at_once.report == checked.report
    assert _all(at_once) == _all(checked)


def test_sound_days_go_the_short_way(tmp_path: Path) -> None:
    """Without a fault, and with holes, bars that did not trade, stand still, or lie outside the session."""
    changes = {(0, 1, 2): "gone", (0, 2, 3): "not traded", (1, 1, 3): "as before", (1, 2, 0): "early"}
    taken = []
    short_way = bar_days.sound_day

    def spied(*given: Any) -> Any:
        taken.append(short_way(*given))
        return taken[-1]

    with _patched(clean_days, "sound_day", spied):
        for stored in STORED:
            open_recording(_write(tmp_path / "bars", changes, stored))

    assert len(taken) == len(STORED) * len(DAYS)
    assert all(each is not None for each in taken)


def test_bars_come_as_grids_a_day_each(tmp_path: Path) -> None:
    recorded = open_recording(_write(tmp_path / "bars", {(0, 1, 2): "gone"}, "one file by time"))

    first, second = recorded.play()

    assert isinstance(first, BarGrid)
    assert isinstance(second, BarGrid)
    assert first.open.shape == second.open.shape == (3, 6)
    assert first.present is not None
    assert first.present.tolist() == [[True] * 6, [True, True, False, True, True, True], [True] * 6]
    assert second.present is None
    slot = recorded.universe.slot("NSE:SBIN")
    assert first.close[slot].tolist() == [1_015_000, 1_025_000, 0, 1_015_000, 1_025_000, 1_035_000]
    assert np.all(np.diff(first.at) == 60 * 10**9)


# What must come before trading, and what comes when its day has come


LARGE = pytest.mark.parametrize("large", [False, True])


def _refusal(folder: Path, *, large: bool, **options: Any) -> str:
    kept = _patched(recording, "_KEPT_BYTES", 0 if large else 1 << 28)
    with kept, pytest.raises(MarketDataError) as refused:
        open_recording(folder, **options)
    return str(refused.value)


@LARGE
def test_files_that_overlap_are_refused_and_named(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    table = "symbol ts open high low close volume\nSBIN 09:15 100 102 99 101 5\nSBIN 09:16 101 102 99 101 6\n"
    save(tmp_path / "january.parquet", table)
    save(tmp_path / "week_4.parquet", table + "SBIN 09:17 100 103 99 102 5\n")

    message = _refusal(tmp_path, large=large)

    assert "rows of one instrument and time in two files" in message
    assert "2026-01-22T09:15:00.000+05:30, NSE:SBIN, in january.parquet and in week_4.parquet" in message


def test_files_that_overlap_late_end_the_play_there(tmp_path: Path) -> None:
    """The first day that two files share is looked at before; this is the second one."""
    head = "symbol ts open high low close volume\n"
    first = "SBIN 09:15 100 102 99 101 5\nSBIN 09:16 101 102 99 101 6\n"
    second = "SBIN 2026-01-23T09:15 100 102 99 101 5\nSBIN 2026-01-23T09:16 101 102 99 101 6\n"
    save(tmp_path / "morning.parquet", head + first + second)
    save(tmp_path / "noon.parquet", head + "SBIN 12:00 100 102 99 101 7\n" + second)
    with _patched(recording, "_KEPT_BYTES", 0):
        recorded = open_recording(tmp_path)
    played: list[date] = []

    with pytest.raises(
        MarketDataError, match=r"in two files.*2026-01-23T09:15.*morning\.parquet and in noon"
    ):
        played.extend(ist_date(int(each.at[0])) for each in recorded.play())

    assert played == [date(2026, 1, 22)]
    assert str(check(tmp_path).refusal).startswith("rows of one instrument and time in two files")


@LARGE
def test_files_of_parts_of_a_day_are_merged(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    head = "symbol ts open high low close volume\n"
    save(tmp_path / "a.parquet", head + "SBIN 09:15 100 102 99 101 5\nSBIN 09:16 101 102 99 101 6\n")
    save(tmp_path / "b.parquet", head + "SBIN 09:17 100 102 99 101 5\nSBIN 09:18 101 102 99 101 6\n")

    with _patched(recording, "_KEPT_BYTES", 0 if large else 1 << 28):
        recorded = open_recording(tmp_path)

    assert len(_all(recorded)["at"]) == 4


def _spaced(symbol: str, minutes: int, count: int, day: str = DAY) -> str:
    start = datetime.fromisoformat(f"{day}T09:15")
    times = [(start + timedelta(minutes=minutes * n)).isoformat() for n in range(count)]
    return "".join(f"{symbol} {at} 100 102 99 {100 + n % 3} {5 + n}\n" for n, at in enumerate(times))


@LARGE
def test_instruments_with_bars_of_different_lengths_are_refused(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    table = "symbol ts open high low close volume\n" + _spaced("SBIN", 1, 100) + _spaced("INFY", 5, 30)
    save(tmp_path / "bars.parquet", table)

    message = _refusal(tmp_path, large=large)

    assert message == (
        "bars.parquet has bars of 60 s, and those of INFY are 300 s apart; a recording has bars of one"
        " length. Put them into different directories."
    )


@LARGE
def test_files_with_bars_of_different_lengths_are_refused(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    head = "symbol ts open high low close volume\n"
    save(tmp_path / "a.parquet", head + _spaced("SBIN", 1, 100))
    save(tmp_path / "b.parquet", head + _spaced("SBIN", 5, 30, "2026-01-23"))

    assert _refusal(tmp_path, large=large).startswith(
        "b.parquet has bars of 300 s and the files before it of 60 s"
    )


@LARGE
def test_a_few_holes_are_no_other_length(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    table = "symbol ts open high low close volume\n" + _spaced("SBIN", 1, 100) + _spaced("INFY", 5, 15)
    save(tmp_path / "bars.parquet", table)

    with _patched(recording, "_KEPT_BYTES", 0 if large else 1 << 28):
        assert len(open_recording(tmp_path).universe) == 2


@LARGE
def test_no_data_in_the_days_asked_for_is_an_error(tmp_path: Path, large: bool) -> None:  # noqa: FBT001
    _write(tmp_path / "bars", {}, "files of days")

    message = _refusal(tmp_path / "bars", large=large, from_=date(2026, 2, 2), to=date(2026, 2, 3))

    assert "2026-02-02 to 2026-02-03, and an instrument; it has 2026-01-22 to 2026-01-23" in message


@LARGE
@pytest.mark.parametrize("by", ["files of days", "one file by time"])
def test_times_in_utc_that_are_not_said_to_be_are_refused(tmp_path: Path, large: bool, by: str) -> None:  # noqa: FBT001
    folder = _write(tmp_path / "bars", {}, by)
    for file in folder.iterdir():
        table = pq.read_table(file)
        place = table.schema.get_field_index("ts")
        earlier = pa.array(table["ts"].to_numpy() - np.timedelta64(330, "m"))
        pq.write_table(table.set_column(place, "ts", earlier), file)

    assert "times that look shifted by 5:30 hours" in _refusal(folder, large=large)


def test_a_day_is_read_while_the_one_before_is_cleaned(tmp_path: Path) -> None:
    folder = _write(tmp_path / "bars", {}, "files of days")
    with _patched(recording, "_KEPT_BYTES", 0):
        recorded = open_recording(folder)
    both = Barrier(2, timeout=20)
    read, cleaned = Survey.rows_of, clean_days.clean_day

    def reading(found: Survey, day: date) -> Rows:
        if day == date.fromisoformat(DAYS[1]):
            both.wait()
        return read(found, day)

    def cleaning(rows: Rows, context: Context, *rest: Any) -> Any:
        if context.session.day == date.fromisoformat(DAYS[0]):
            both.wait()
        return cleaned(rows, context, *rest)

    with _patched(Survey, "rows_of", reading), _patched(recording, "clean_day", cleaning):
        days = [ist_date(int(batch.at[0])) for batch in recorded.play()]

    assert days == [date.fromisoformat(day) for day in DAYS]

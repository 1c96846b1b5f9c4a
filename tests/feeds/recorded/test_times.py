"""Time zones: naive times are IST, others are converted, and a file in the wrong zone is noticed."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.feeds.recorded.files import chain, counts, rows, save

from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.recording import check, open_recording
from kasauti.feeds.recorded.values import TimeZone

OPEN, MINUTE = datetime(2026, 1, 22, 9, 15), timedelta(minutes=1)  # noqa: DTZ001 - a naive time is the point
IST = timedelta(hours=5, minutes=30)


def _bars(stamps: pa.Array, path: Path) -> Path:
    size = len(stamps)
    table = {"symbol": ["SBIN"] * size, "ts": stamps}
    for name, price in (("open", 100.0), ("high", 102.0), ("low", 99.0), ("close", 101.0)):
        table[name] = [price + n % 2 for n in range(size)]
    pq.write_table(pa.table(table), path)
    return path


def _minutes(count: int, shift: timedelta = timedelta()) -> list[datetime]:
    return [OPEN + shift + MINUTE * n for n in range(count)]


@pytest.mark.parametrize(
    "kind",
    [
        pa.timestamp("s"),
        pa.timestamp("ms"),
        pa.timestamp("us"),
        pa.timestamp("ns"),
        pa.timestamp("us", "Asia/Kolkata"),
        pa.timestamp("ns", "UTC"),
        pa.timestamp("ms", "America/New_York"),
    ],
    ids=str,
)
def test_one_moment_is_the_same_however_it_is_stored(tmp_path: Path, kind: pa.DataType) -> None:
    local = pa.array(_minutes(3, -IST if kind.tz else timedelta()), kind)

    recording = open_recording(_bars(local, tmp_path / "x.parquet"))

    assert [row[0] for row in rows(recording)] == ["09:16:00", "09:17:00", "09:18:00"]


@pytest.mark.parametrize(
    "form",
    [
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%dT%H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S+05:30",
    ],
)
def test_text_is_read_as_a_time(tmp_path: Path, form: str) -> None:
    stamps = pa.array([moment.strftime(form) for moment in _minutes(3)])

    recording = open_recording(_bars(stamps, tmp_path / "x.parquet"))

    assert [row[0] for row in rows(recording)] == ["09:16:00", "09:17:00", "09:18:00"]


def test_text_with_utc_offsets_is_converted(tmp_path: Path) -> None:
    stamps = pa.array([f"2026-01-22T03:{minute}:00Z" for minute in (45, 46, 47)])

    assert rows(open_recording(_bars(stamps, tmp_path / "x.parquet")))[0][0] == "09:16:00"


@pytest.mark.parametrize("bad", ["", "yesterday", "2026-13-01 09:18", "9999-01-01 09:18", "22-01-2026"])
def test_a_time_that_is_none_costs_its_row(tmp_path: Path, bad: str) -> None:
    stamps = pa.array([*(moment.isoformat() for moment in _minutes(3)), bad])

    recording = open_recording(_bars(stamps, tmp_path / "x.parquet"))

    assert counts(recording) == {"no_time": 1}
    assert recording.report.findings[0].first.row == 4


@pytest.mark.parametrize(
    ("stamps", "message"),
    [
        (["2026-01-22T09:15:00", "2026-01-22T09:16:00Z"], "times with and times without an offset"),
        (["2026-01-22 09:15", "2026-02-30 09:16", "bad"], "row 2: '2026-02-30 09:16' is not a time"),
    ],
)
def test_times_that_cannot_be_understood_are_refused(tmp_path: Path, stamps: list[str], message: str) -> None:
    with pytest.raises(MarketDataError, match=message):
        open_recording(_bars(pa.array(stamps), tmp_path / "x.parquet"))


def test_utc_times_that_claim_to_be_ist_are_noticed(tmp_path: Path) -> None:
    """A whole day from 03:45: of its 375 minutes only the 45 from 09:15 to 09:59 lie in the session."""
    file = _bars(pa.array(_minutes(375, -IST)), tmp_path / "x.parquet")

    with pytest.raises(
        MarketDataError, match=r"12 % of the times .* 100 % if they are UTC: give the time zone UTC"
    ):
        open_recording(file)
    assert counts(check(file))["wrong_time_zone"] == 375
    recording = open_recording(file, time_zone=TimeZone.UTC)
    assert len(rows(recording)) == 375
    assert rows(recording)[0][0] == "09:16:00"


def test_ist_times_that_claim_to_be_utc_are_noticed(tmp_path: Path) -> None:
    file = _bars(pa.array(_minutes(375), pa.timestamp("us", "UTC")), tmp_path / "x.parquet")

    with pytest.raises(MarketDataError, match="if they are IST times taken for UTC"):
        open_recording(file)


def test_a_recording_that_runs_all_day_and_night_is_not_suspicious(tmp_path: Path) -> None:
    file = _bars(pa.array(_minutes(1440, timedelta(hours=-9, minutes=-15))), tmp_path / "x.parquet")

    assert "wrong_time_zone" not in counts(open_recording(file))


def test_a_muhurat_evening_is_not_suspicious(tmp_path: Path) -> None:
    """Diwali 2024: 18:00 to 19:00, and nothing else that day."""
    evening = [datetime(2024, 11, 1, 18, 0) + MINUTE * n for n in range(60)]  # noqa: DTZ001

    recording = open_recording(_bars(pa.array(evening), tmp_path / "x.parquet"))

    assert len(rows(recording)) == 60


def test_both_parts_of_a_day_with_a_break_are_the_session(tmp_path: Path) -> None:
    """2024-03-02, the switch to the disaster-recovery site: 09:15-10:00 and 11:30-12:30."""
    day = [datetime(2024, 3, 2, 9, 15) + MINUTE * n for n in range(375)]  # noqa: DTZ001

    found = rows(open_recording(_bars(pa.array(day), tmp_path / "x.parquet")))

    assert len(found) == 45 + 60
    assert [found[44][0], found[45][0]] == ["10:00:00", "11:31:00"]


def test_snapshots_stamped_to_the_minute_are_noticed(tmp_path: Path) -> None:
    """They cannot be told from ones that were taken later within that minute."""
    minutes = [f"10:{minute}" for minute in range(10, 40)]
    exact = [f"{minute}:07" for minute in minutes]
    for clocks, expected in ((minutes, 90), (exact, None)):
        table = chain(*((clock, 25_100.0 + n, [400.0, 100.0 + n]) for n, clock in enumerate(clocks)))
        found = counts(open_recording(save(tmp_path / "x.csv", table)))
        assert found.get("whole_minutes") == expected


def test_only_the_days_asked_for_are_read(tmp_path: Path) -> None:
    days = [moment + timedelta(days=n) for n in (-1, 0, 1) for moment in _minutes(3)]
    file = _bars(pa.array(days), tmp_path / "x.parquet")

    recording = open_recording(file, from_=date(2026, 1, 22), to=date(2026, 1, 22))

    assert recording.days() == [date(2026, 1, 22)]
    assert len(rows(recording)) == 3
    with pytest.raises(MarketDataError, match="no row of the recording has a time within the days asked for"):
        open_recording(file, from_=date(2026, 2, 1))

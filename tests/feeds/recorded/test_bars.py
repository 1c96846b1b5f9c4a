"""Bars: what their times mean, and each fault a bar can have."""

from pathlib import Path

import pytest
from tests.feeds.recorded.files import counts, rows, save

from kasauti.domain.market import BarBatch
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.recording import check, open_recording

HEADER = "symbol ts open high low close volume\n"
GOOD = """
RELIANCE 09:15 100 102 99 101 500
RELIANCE 09:16 101 103 100 102 600
RELIANCE 09:17 102 104 101 103 700
"""


@pytest.fixture(params=["parquet", "csv"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"bars.{request.param}"


def test_a_bar_named_by_its_start_is_known_at_its_end(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD))

    assert rows(recording, "open", "high", "low", "close", "volume") == [
        ("09:16:00", "RELIANCE", 1_000_000, 1_020_000, 990_000, 1_010_000, 500),
        ("09:17:00", "RELIANCE", 1_010_000, 1_030_000, 1_000_000, 1_020_000, 600),
        ("09:18:00", "RELIANCE", 1_020_000, 1_040_000, 1_010_000, 1_030_000, 700),
    ]
    batch = next(recording.batches())
    assert isinstance(batch, BarBatch)
    assert batch.seconds == 60
    assert counts(recording) == {}


def test_a_bar_named_by_its_end_is_known_then(file: Path) -> None:
    save(file, HEADER + "RELIANCE 09:16 100 102 99 101 500\nRELIANCE 09:17 101 103 100 102 600")

    recording = open_recording(file, layout="bars-end")

    assert [row[0] for row in rows(recording)] == ["09:16:00", "09:17:00"]


def test_five_minute_bars_are_recognised_by_their_distance(file: Path) -> None:
    save(
        file,
        HEADER + "SBIN 09:15 100 102 99 101 5\nSBIN 09:20 101 103 100 102 6\nSBIN 09:30 101 103 99 102 6",
    )

    recording = open_recording(file)

    assert [row[0] for row in rows(recording)] == ["09:20:00", "09:25:00", "09:35:00"]


#: What is added to three good bars, and the one fault it has.
FAULTS = {
    "before the session": ("RELIANCE 09:14 101 103 100 102 6", "out_of_session"),
    "begins at the close": ("RELIANCE 15:30 101 103 100 102 6", "out_of_session"),
    "a Saturday": ("RELIANCE 2026-01-24T09:15 101 103 100 102 6", "closed_day"),
    "Republic Day": ("RELIANCE 2026-01-26T09:15 101 103 100 102 6", "closed_day"),
    "no time": ("RELIANCE - 101 103 100 102 6", "no_time"),
    "no symbol": ("- 09:18 101 103 100 102 6", "no_contract"),
    "NaN": ("RELIANCE 09:18 nan 103 100 102 6", "not_a_number"),
    "infinite": ("RELIANCE 09:18 101 inf 100 102 6", "not_a_number"),
    "no value": ("RELIANCE 09:18 101 103 - 102 6", "not_a_number"),
    "beyond belief": ("RELIANCE 09:18 101 1e300 100 102 6", "not_a_number"),
    "zero": ("RELIANCE 09:18 101 103 0 102 6", "zero"),
    "negative price": ("RELIANCE 09:18 101 103 -100 102 6", "negative"),
    "negative volume": ("RELIANCE 09:18 101 103 100 102 -6", "negative"),
    "half a share": ("RELIANCE 09:18 101 103 100 102 6.5", "bad_quantity"),
    "high below close": ("RELIANCE 09:18 101 101.5 100 102 6", "impossible_bar"),
    "low above open": ("RELIANCE 09:18 101 103 101.5 102 6", "impossible_bar"),
    "nothing traded": ("RELIANCE 09:18 103 103 103 103 0", "no_trades"),
    "repeats, moving": ("RELIANCE 09:18 102 104 101 103 700", "frozen_repeat"),
}


@pytest.mark.parametrize(("line", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_bar_with_a_fault_is_dropped_and_reported(file: Path, line: str, fault: str) -> None:
    lines = line + GOOD if "09:14" in line else GOOD + line  # in order of time: one fault at a time
    recording = open_recording(save(file, HEADER + lines))

    assert counts(recording) == {fault: 1}
    assert [row[0] for row in rows(recording)] == ["09:16:00", "09:17:00", "09:18:00"]


def test_the_bar_of_the_last_minute_ends_with_the_session_and_stays(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD + "RELIANCE 15:29 101 103 100 102 6"))

    assert rows(recording)[-1] == ("15:30:00", "RELIANCE")
    assert counts(recording) == {}


def test_of_two_bars_of_one_minute_the_last_stands(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD + "RELIANCE 09:17 102 105 101 104 800"))

    assert rows(recording, "close")[-1] == ("09:18:00", "RELIANCE", 1_040_000)
    assert counts(recording) == {"duplicate": 1}


def test_bars_out_of_order_are_sorted_and_reported(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD.replace("09:15", "09:18")))

    assert [row[0] for row in rows(recording)] == ["09:17:00", "09:18:00", "09:19:00"]
    assert counts(recording) == {"disorder": 1}


def test_a_file_ordered_by_instrument_is_no_disorder(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD + GOOD.replace("RELIANCE", "SBIN")))

    assert [row[:2] for row in rows(recording)][:3] == [
        ("09:16:00", "RELIANCE"),
        ("09:16:00", "SBIN"),
        ("09:17:00", "RELIANCE"),
    ]
    assert counts(recording) == {}


def test_a_price_off_its_tick_is_kept_and_reported(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD + "RELIANCE 09:18 101 103.003 100 102 6"))

    assert len(rows(recording)) == 4
    assert counts(recording) == {"off_tick": 1}


def test_an_index_has_no_volume_and_its_bars_are_no_bars_without_trades(file: Path) -> None:
    recording = open_recording(save(file, HEADER + GOOD.replace("RELIANCE", "NIFTY").replace("00\n", "\n")))

    assert recording.underlying_id == "NSE:NIFTY 50"
    assert len(rows(recording)) == 3


def test_single_trades_at_one_price_are_not_a_frozen_feed(file: Path) -> None:
    still = "SBIN 09:15 100 100 100 100 1\nSBIN 09:16 100 100 100 100 1\nSBIN 09:17 100 100 100 100 1"

    assert counts(open_recording(save(file, HEADER + still))) == {}


def test_a_missing_bar_is_a_gap(file: Path) -> None:
    report = check(save(file, HEADER + GOOD + "RELIANCE 09:19 101 103 100 102 6"))

    gap = next(finding for finding in report.findings if finding.kind == "gap")
    assert gap.count == 371  # of the 375 minutes of a session four are there
    assert gap.first.at.startswith("2026-01-22T09:18:00")


def test_weekends_before_the_calendar_are_closed(file: Path) -> None:
    """2016-08-19 was a Friday."""
    days = [GOOD.replace("09:", f"2016-08-{day}T09:") for day in (19, 20, 21)]

    recording = open_recording(save(file, HEADER + "".join(days)))

    assert [str(day) for day in recording.days()] == ["2016-08-19"]
    assert counts(recording)["closed_day"] == 6


def test_an_instrument_without_any_bar_that_day_misses_none(file: Path) -> None:
    whole = [f"SBIN {minute // 60:02}:{minute % 60:02} 1 3 1 2 {minute}" for minute in range(555, 930)]
    friday = [line.replace("SBIN ", "INFY 2026-01-23T") for line in whole]

    report = check(save(file, HEADER + "\n".join(whole + friday)))

    assert report.findings == ()


def test_bars_that_seem_named_by_their_end_are_refused_with_the_way_out(file: Path) -> None:
    save(
        file, HEADER + "SBIN 09:16 100 102 99 101 5\nSBIN 09:17 100 103 99 101 5\nSBIN 15:30 100 102 99 101 5"
    )

    with pytest.raises(MarketDataError, match="give the layout bars-end"):
        open_recording(file)
    assert counts(check(file))["wrong_bar_mark"] == 3
    assert len(rows(open_recording(file, layout="bars-end"))) == 3


def test_bars_that_seem_named_by_their_start_are_refused_as_ends(file: Path) -> None:
    with pytest.raises(MarketDataError, match="give the layout bars"):
        open_recording(save(file, HEADER + GOOD), layout="bars-end")


def test_bars_of_an_afternoon_up_to_the_close_say_nothing_of_their_ends(file: Path) -> None:
    save(
        file, HEADER + "SBIN 15:28 100 102 99 101 5\nSBIN 15:29 100 103 99 101 5\nSBIN 15:30 100 102 99 101 5"
    )

    assert counts(open_recording(file)) == {"out_of_session": 1}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("SBIN 09:15 100 102 99 101 5", "no instrument has two"),
        ("SBIN 2026-01-21T09:15 1 1 1 1 5\nSBIN 2026-01-22T09:15 1 1 1 1 5", "within a day"),
    ],
)
def test_bars_of_no_usable_length_are_refused(file: Path, lines: str, message: str) -> None:
    with pytest.raises(MarketDataError, match=message):
        open_recording(save(file, HEADER + lines))


def test_bars_of_two_lengths_do_not_make_one_recording(tmp_path: Path) -> None:
    save(tmp_path / "a.csv", HEADER + GOOD)
    save(tmp_path / "b.csv", HEADER + "SBIN 09:15 100 102 99 101 5\nSBIN 09:20 101 103 100 102 6")

    with pytest.raises(MarketDataError, match=r"b\.csv has bars of 300 s"):
        open_recording(tmp_path)


def test_a_day_before_the_calendar_keeps_usual_hours_and_its_own_tick(file: Path) -> None:
    table = HEADER + GOOD.replace("09:", "2016-08-16T09:") + "RELIANCE 2016-08-16T15:31 101 103 100 102.05 6"

    recording = open_recording(save(file, table))

    assert counts(recording) == {"unknown_calendar": 1, "tick_from_data": 1, "out_of_session": 1}
    assert recording.report.days[0].session == "Tuesday, not in the calendar, 09:15-15:30"
    assert recording.universe[0].tick_size == 500


def test_a_second_row_of_one_minute_is_no_disorder(file: Path) -> None:
    lines = GOOD.replace("09:15", "09:18") + "RELIANCE 09:17 102 105 101 104 800"

    assert counts(open_recording(save(file, HEADER + lines))) == {"disorder": 1, "duplicate": 1}

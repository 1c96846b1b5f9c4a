"""Ticks with depth: Upstox's feed and our own, and each fault a tick can have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.feeds.recorded.files import DAY, counts, rows, save

from kasauti.domain.ist import parse_ist
from kasauti.domain.market import TickBatch
from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.recording import Recording, open_recording

MAP = """instrument_key,symbol,expiry,strike,type,lot,mapping_source
NSE_EQ|INE002A01018,RELIANCE,,,EQ,,ISIN
NSE_FO|40001,NIFTY26JAN25000CE,2026-01-27,25000,CE,65,dump
"""


def upstox(
    *ticks: tuple[str, float, int], key: str = "NSE_FO|40001", behind_ms: int = 0
) -> dict[str, list[Any]]:
    """Return ticks of (clock, last, day volume) with a book around them; `behind_ms` moves the prints."""
    table: dict[str, list[Any]] = {
        "instrument_key": [key] * len(ticks),
        "insertion_time": [f"{DAY} {clock}" for clock, _, _ in ticks],
        "ltt_ms": [parse_ist(f"{DAY}T{clock}") // 10**6 + behind_ms for clock, _, _ in ticks],
        "ltp": [last for _, last, _ in ticks],
        "vtt": [volume for _, _, volume in ticks],
        "oi": [1300.0] * len(ticks),
    }
    for level in range(1, 6):
        table[f"bid_p{level}"] = [round(last - 0.05 * level, 2) for _, last, _ in ticks]
        table[f"bid_q{level}"] = [65.0 * level] * len(ticks)
        table[f"ask_p{level}"] = [round(last + 0.05 * level, 2) for _, last, _ in ticks]
        table[f"ask_q{level}"] = [130.0 * level] * len(ticks)
    return table


TICKS = (("09:15:01.250", 400.0, 65), ("09:15:02", 400.5, 130), ("09:15:03.5", 401.0, 195))


@pytest.fixture(params=["parquet", "csv"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    (tmp_path / "instrument_map.csv").write_text(MAP)
    return tmp_path / f"ticks.{request.param}"


def _opened(file: Path, table: dict[str, list[Any]]) -> Recording:
    return open_recording(save(file, table))


def test_a_tick_has_its_book_and_its_time_of_arrival(file: Path) -> None:
    recording = _opened(file, upstox(*TICKS))

    (batch,) = recording.batches()
    assert isinstance(batch, TickBatch)
    assert batch.at.tolist() == [parse_ist(f"{DAY}T{clock}") for clock, _, _ in TICKS]
    assert batch.last.tolist() == [4_000_000, 4_005_000, 4_010_000]
    assert batch.volume.tolist() == [65, 130, 195]
    assert (int(batch.bid[0]), int(batch.bid_quantity[0])) == (3_999_500, 65)
    assert (int(batch.ask[0]), int(batch.ask_quantity[0])) == (4_000_500, 130)
    assert batch.depth is not None
    assert batch.depth.bid_prices[1].tolist() == [4_004_500, 4_004_000, 4_003_500, 4_003_000, 4_002_500]
    assert batch.depth.ask_quantities[2].tolist() == [130, 260, 390, 520, 650]
    assert counts(recording) == {}


def test_the_map_says_what_the_keys_are(file: Path, tmp_path: Path) -> None:
    save(tmp_path / "more.csv", upstox(*TICKS, key="NSE_EQ|INE002A01018"))

    universe = _opened(file, upstox(*TICKS)).universe
    both = open_recording(tmp_path).universe

    assert universe[0].id == "NFO:NIFTY26JAN25000CE"
    assert (universe[0].lot_size, universe[0].underlying) == (65, "NSE:NIFTY 50")
    assert {instrument.id for instrument in both} == {"NSE:RELIANCE", "NFO:NIFTY26JAN25000CE"}


def test_a_key_that_is_not_in_the_map_is_an_error_that_says_where_to_put_it(file: Path) -> None:
    with pytest.raises(
        MarketDataError, match=r"row 1: NSE_FO\|7 is not a known instrument.*instrument_map\.csv"
    ):
        _opened(file, upstox(*TICKS, key="NSE_FO|7"))


def test_a_map_that_contradicts_itself_is_an_error(file: Path) -> None:
    file.with_name("instrument_map.csv").write_text(MAP.replace(",25000,CE", ",26000,CE"))

    with pytest.raises(MarketDataError, match="the map says NIFTY26JAN25000CE is CE 2026-01-27 26000"):
        _opened(file, upstox(*TICKS))


@pytest.mark.parametrize(
    "text",
    [
        "instrument_key,symbol\na,b\n",
        MAP.replace("25000,CE", "x,CE"),
        MAP.replace(",CE,", ",??,"),
        MAP.replace("2026-01-27", "soon"),
        MAP + "short\n",
    ],
)
def test_a_map_that_cannot_be_read_is_an_error(file: Path, text: str) -> None:
    file.with_name("instrument_map.csv").write_text(text)

    with pytest.raises(MarketDataError, match=r"instrument_map\.csv"):
        _opened(file, upstox(*TICKS))


def test_a_recorder_whose_clock_is_slow_is_moved_to_after_the_prints(file: Path) -> None:
    """Its clock says 09:15:01.250 for a trade that the exchange stamped 2.5 s later."""
    recording = _opened(file, upstox(*TICKS, behind_ms=2_500))

    (batch,) = recording.batches()
    assert batch.at.tolist() == [parse_ist(f"{DAY}T{clock}") + 2_500_000_000 for clock, _, _ in TICKS]
    assert counts(recording) == {"clock_behind": 3}


def test_a_clock_may_be_five_minutes_slow(file: Path) -> None:
    recording = _opened(file, upstox(*TICKS, behind_ms=5 * 60_000))

    assert rows(recording)[0][0] == "09:20:01"
    assert counts(recording) == {"clock_behind": 3}


def test_a_print_minutes_after_it_was_received_is_dropped(file: Path) -> None:
    table = upstox(*TICKS)
    table["ltt_ms"][1] += 5 * 60_000 + 1

    recording = _opened(file, table)

    assert [row[0] for row in rows(recording)] == ["09:15:01", "09:15:03"]
    assert counts(recording) == {"printed_later": 1}


def test_ticks_after_the_close_are_dropped_and_the_one_at_the_close_stays(file: Path) -> None:
    recording = _opened(file, upstox(*TICKS, ("15:30:00", 402.0, 260), ("15:30:00.001", 402.0, 260)))

    assert rows(recording)[-1][0] == "15:30:00"
    assert counts(recording) == {"out_of_session": 1}


def test_a_side_that_nobody_offers_is_empty(file: Path) -> None:
    table = upstox(*TICKS)
    for level in range(1, 6):
        table[f"ask_p{level}"][2] = table[f"ask_q{level}"][2] = None

    recording = _opened(file, table)

    (batch,) = recording.batches()
    assert isinstance(batch, TickBatch)
    assert (int(batch.ask[2]), int(batch.ask_quantity[2]), int(batch.bid[2])) == (0, 0, 4_009_500)
    assert counts(recording) == {}


def test_a_book_of_two_levels_is_a_book(file: Path) -> None:
    table = upstox(*TICKS)
    for side in ("bid", "ask"):
        for level in (3, 4, 5):
            table[f"{side}_p{level}"] = table[f"{side}_q{level}"] = [0.0] * 3

    assert counts(_opened(file, table)) == {}


#: What is changed in the second of three ticks, and the fault that makes it.
FAULTS = {
    "NaN": ({"ltp": float("nan")}, "not_a_number"),
    "no last price": ({"ltp": None}, "not_a_number"),
    "zero": ({"ltp": 0.0}, "zero"),
    "negative": ({"ltp": -1.0}, "negative"),
    "negative bid": ({"bid_p1": -0.05}, "negative"),
    "negative level": ({"ask_q4": -65.0}, "negative"),
    "fraction": ({"bid_q1": 0.5}, "bad_quantity"),
    "crossed": ({"bid_p1": 400.6}, "crossed"),
    "locked": ({"bid_p1": 400.55}, "crossed"),
    "bids out of order": ({"bid_p3": 400.45}, "unordered_depth"),
    "a bid twice": ({"bid_p3": 400.40}, "unordered_depth"),
    "an ask twice": ({"ask_p3": 400.60}, "unordered_depth"),
    "asks out of order": ({"ask_p2": 400.9}, "unordered_depth"),
    "a hole in the depth": ({"ask_p3": None}, "unordered_depth"),
    "volume goes back": ({"vtt": 64}, "volume_backwards"),
}


@pytest.mark.parametrize(("change", "fault"), FAULTS.values(), ids=FAULTS)
def test_a_tick_with_a_fault_is_dropped_and_reported(file: Path, change: dict[str, Any], fault: str) -> None:
    table = upstox(*TICKS)
    for name, value in change.items():
        table[name][1] = value

    recording = _opened(file, table)

    assert counts(recording) == {fault: 1}
    assert [row[0] for row in rows(recording)] == ["09:15:01", "09:15:03"]


def test_the_same_tick_twice_is_one(file: Path) -> None:
    recording = _opened(file, upstox(TICKS[0], TICKS[0], TICKS[1]))

    assert len(rows(recording)) == 2
    assert counts(recording) == {"duplicate": 1}


def test_two_different_ticks_of_one_moment_are_news(file: Path) -> None:
    recording = _opened(file, upstox(TICKS[0], ("09:15:01.250", 400.5, 130)))

    assert rows(recording, "last") == [
        ("09:15:01", "NIFTY26JAN25000CE", 4_000_000),
        ("09:15:01", "NIFTY26JAN25000CE", 4_005_000),
    ]
    assert counts(recording) == {}


def test_a_tick_that_repeats_the_one_before_is_kept_the_book_still_stands(file: Path) -> None:
    recording = _opened(file, upstox(TICKS[0], ("09:15:05", 400.0, 65)))

    assert len(rows(recording)) == 2
    assert counts(recording) == {"repeated_tick": 1}


def test_files_of_one_day_are_merged_in_time_order(file: Path, tmp_path: Path) -> None:
    save(file, upstox(*TICKS))
    save(
        tmp_path / "a.csv",
        upstox(("09:15:01.5", 1400.0, 10), ("09:15:09", 1401.0, 20), key="NSE_EQ|INE002A01018"),
    )

    recording = open_recording(tmp_path)

    (batch,) = recording.batches()
    assert np.all(np.diff(batch.at) > 0)
    assert [row[:2] for row in rows(recording)] == [
        ("09:15:01", "NIFTY26JAN25000CE"),
        ("09:15:01", "RELIANCE"),
        ("09:15:02", "NIFTY26JAN25000CE"),
        ("09:15:03", "NIFTY26JAN25000CE"),
        ("09:15:09", "RELIANCE"),
    ]


@pytest.mark.parametrize(
    ("clocks", "gaps"),
    [
        (["09:15:00", "09:16:00", "15:30:00"], ["09:16:00 to 15:30:00"]),
        (["09:15:00", "09:16:00.001", "15:30:00"], ["09:15:00 to 09:16:00", "09:16:00 to 15:30:00"]),
        (["09:16:00", "15:29:00"], ["09:16:00 to 15:29:00"]),
    ],
)
def test_a_minute_may_pass_without_a_tick(file: Path, clocks: list[str], gaps: list[str]) -> None:
    recording = _opened(file, upstox(*((clock, 400.0, 65 + n) for n, clock in enumerate(clocks))))

    (gap,) = [finding for finding in recording.report.findings if finding.kind == "gap"]
    assert (gap.count, gap.first.value) == (len(gaps), gaps[0])


def test_a_long_silence_is_a_gap(file: Path) -> None:
    recording = _opened(file, upstox(*TICKS, ("15:29:59", 402.0, 260)))

    (gap,) = [finding for finding in recording.report.findings if finding.kind == "gap"]
    assert gap.count == 1
    assert gap.first.value == "09:15:03 to 15:29:59"


OWN = """
instrument           at        last  bid   ask   volume
NSE:RELIANCE         09:15:01  1400  -     1401  10
NFO:NIFTY26JANFUT    09:15:01  25100 25099.9 25100.1 65
RELIANCE             09:15:02  1401  1400  -     20
"""


def test_our_own_layout_needs_no_depth_and_no_list_of_instruments(tmp_path: Path) -> None:
    recording = open_recording(save(tmp_path / "own.csv", OWN))

    assert rows(recording, "last", "bid", "ask", "volume") == [
        ("09:15:01", "RELIANCE", 14_000_000, 0, 14_010_000, 10),
        ("09:15:01", "NIFTY26JANFUT", 251_000_000, 250_999_000, 251_001_000, 65),
        ("09:15:02", "RELIANCE", 14_010_000, 14_000_000, 0, 20),
    ]
    future = recording.universe.find("NFO:NIFTY26JANFUT")
    assert future is not None
    assert (str(future.expiry), future.tick_size, future.lot_size) == ("2026-01-27", 1000, 65)
    (batch,) = recording.batches()
    assert isinstance(batch, TickBatch)
    assert batch.depth is None

"""
The recordings this was made for, where they are present. Every count here was taken from the files with
numpy alone, without the code under test.
"""

import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.feeds.recorded.files import counts, rows

from kasauti.compose.recorded_markets import market_of_data
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.ist import parse_ist
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.feeds.recorded import recording
from kasauti.feeds.recorded.recording import Recording, open_recording

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[4] / "shared"))


def _open(name: str, **options: Any) -> Recording:
    path = SHARED / "data" / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set KASAUTI_SHARED to the directory with data/{name}")
    return open_recording(path, **options)


def _size(recording: Recording) -> int:
    return sum(len(batch) for batch in recording.batches())


def test_index_minutes_of_2024() -> None:
    """77 whole days, a Saturday with 167 frozen minutes after its close, a day in two parts of 45 and 60."""
    recording = _open("index_1min")

    assert recording.report.rows == 59_044
    assert _size(recording) == 2 * (78 * 375 + 105)
    assert len(recording.days()) == 79
    assert counts(recording) == {"frozen_repeat": 2 * 164, "out_of_session": 2 * 3, "missing_day": 3}
    first = next(recording.batches())
    assert isinstance(first, BarBatch)
    assert first.candle(1, "NIFTY").close == 217_120_000
    assert first.at[0] == parse_ist("2024-01-01T09:16:00")


#: Saturdays with a session and the minutes of its stretches. The file has 167 more on the first one.
SATURDAYS = {
    "2024-01-20": [("09:16", 375)],
    "2024-03-02": [("09:16", 45), ("11:31", 60)],
}


@pytest.mark.parametrize("day", SATURDAYS)
@pytest.mark.parametrize("large", [False, True])
def test_saturdays_of_2024_are_as_the_calendar_has_them(
    day: str,
    large: bool,  # noqa: FBT001
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the file has after 15:30 or between two parts of a session does not trade."""
    if large:
        monkeypatch.setattr(recording, "_KEPT_BYTES", 0)
    opened = _open("index_1min", from_=date.fromisoformat(day), to=date.fromisoformat(day))

    (grid,) = opened.play()

    assert isinstance(grid, BarGrid)
    expected = [
        parse_ist(f"{day}T{first}:00") + minute * 60 * 10**9
        for first, count in SATURDAYS[day]
        for minute in range(count)
    ]
    assert grid.at.tolist() == expected
    assert grid.open.shape == (2, len(expected))
    assert grid.present is None or bool(grid.present.all())
    assert [str(each) for each in opened.days()] == [day]


def test_a_market_of_2024_says_what_it_lacks_and_never_trades_a_holiday() -> None:
    """22 and 26 January, 8, 25 and 29 March were holidays; the two Saturdays were not."""
    if not (SHARED / "data" / "index_1min").exists():
        pytest.skip("index_1min is not here; set KASAUTI_SHARED to the directory with data/index_1min")
    market = market_of_data(SHARED / "data" / "index_1min", start=date(2024, 1, 15))

    days = {str(day) for day in market.days}
    assert days.isdisjoint({"2024-01-22", "2024-01-26", "2024-03-08", "2024-03-25", "2024-03-29"})
    assert {"2024-01-20", "2024-03-02"} <= days
    assert any("repeat of everything that came before: 328" in gap for gap in market.gaps)


def test_equity_minutes_of_2016() -> None:
    """20 instruments, 9 days of 375 minutes; 12 minutes of shares without a trade, 6 repeats of INDIA VIX."""
    recording = _open("equities_1min_2016")

    assert recording.report.rows == 67_500
    assert _size(recording) == 67_500 - 12 - 6
    found = counts(recording)
    assert (found["no_trades"], found["frozen_repeat"], found["disorder"]) == (12, 6, 111)
    assert (found["unknown_calendar"], found["tick_from_data"]) == (9, 18)
    assert {i.tick_size for i in recording.universe if i.tradingsymbol in {"SBIN", "MARUTI"}} == {500}


def test_nifty_chain_of_january_2026() -> None:
    """181 snapshots in session; 09:46 and 09:57 on the 22nd and 10:03 on the 27th are (half) empty."""
    recording = _open("index_chain_5min_2026", symbols=["NIFTY"])

    assert recording.underlying_id == "NSE:NIFTY 50"
    assert [str(day) for day in recording.days()] == ["2026-01-22", "2026-01-27", "2026-01-28", "2026-01-29"]
    assert [day.moments for day in recording.report.days if day.used] == [53 - 2, 49 - 1, 32, 47]
    assert recording.universe.expiries("NSE:NIFTY 50") == [date(2026, 1, 27), date(2026, 2, 3)]
    assert {i.lot_size for i in recording.universe if i.is_option} == {65}
    half_empty = next(f for f in recording.report.findings if f.kind == "half_empty")
    assert half_empty.moments == 3


def test_every_tick_of_the_expiry_day_is_in_the_file() -> None:
    """2026-01-27 10:11:48: spot 25096.10; call volume 2256217990, put open interest 258823955 in units."""
    recording = _open("index_chain_5min_2026", symbols=["NIFTY"])
    at = parse_ist("2026-01-27T10:11:48")

    found = [batch[batch.at == at] for batch in recording.batches() if isinstance(batch, TickBatch)]
    (snapshot,) = [batch for batch in found if len(batch)]

    kinds = [recording.universe[slot].kind.value for slot in snapshot.slot.tolist()]
    is_call, is_put = (np.array([kind == side for kind in kinds]) for side in ("CE", "PE"))
    assert int(snapshot.last[0]) == 250_961_000
    assert int(snapshot.volume[is_call].sum()) == 2_256_217_990
    assert int(snapshot.open_interest[is_put].sum()) == 258_823_955
    assert (int(is_call.sum()), int(is_put.sum())) == (97 - 5, 97)


def test_three_chains_of_january_2026() -> None:
    recording = _open("index_chain_5min_2026")

    assert recording.report.rows == 93_230
    assert recording.report.ticks == 2 * 93_230 + 816  # calls and puts, and 816 snapshots of an underlying
    found = counts(recording)
    assert found["no_underlying_price"] == 163 - 2  # MIDCPNIFTY never has a spot; two are (half) empty
    assert "disorder" not in found
    assert "volume_backwards" not in found


def test_nifty_chain_of_august_2026() -> None:
    """52 minutes of 17 August, the day before a weekly expiry; quantities are lots of 65."""
    recording = _open("nifty_chain_1min_202608")

    assert _size(recording) == 23_768 + 52
    assert [str(day) for day in recording.days()] == ["2026-08-17"]
    assert [str(e) for e in recording.universe.expiries("NSE:NIFTY 50")] == [
        "2026-08-18",
        "2026-08-25",
        "2026-09-01",
        "2026-09-08",
    ]
    assert counts(recording) == {"whole_minutes": 23_768 + 52}
    call = [r for r in rows(recording, "last", "volume", "open_interest") if r[1] == "NIFTY2681824300CE"]
    assert call[0] == ("09:31:00", "NIFTY2681824300CE", 703_000, 609_292 * 65, 245_347 * 65)
    spots = [r[2] for r in rows(recording, "last") if r[1] == "NIFTY 50"]
    assert spots[:3] == [242_939_000, 242_839_000, 242_862_500]


def test_ticks_with_depth_of_december_2025() -> None:
    """
    The recorder's clock is 5.940 s slow against the exchange's prints, in the worst case.

    So its 15:29:54.06 is the close: 44, 27 and 32 ticks come later. Volume goes back once in each option.
    """
    recording = _open("ticks_upstox_20251215")

    assert {i.id for i in recording.universe} == {
        "NSE:BHARATFORG",
        "NFO:BANKNIFTY25DEC59400CE",
        "NFO:BANKNIFTY25DEC59400PE",
    }
    assert recording.underlying_id == "NSE:NIFTY BANK"
    assert {i.lot_size for i in recording.universe if i.is_option} == {35}
    found = counts(recording)
    assert found["out_of_session"] == 44 + 27 + 32
    assert (found["duplicate"], found["volume_backwards"]) == (3, 2)
    assert _size(recording) == 11_445 + 28_590 + 28_254 - 103 - 3 - 2
    first = next(recording.batches())
    assert isinstance(first, TickBatch)
    assert first.depth is not None
    assert int(first.at[0]) == parse_ist("2025-12-15T09:32:48.930") + 5_940_000_000
    assert first.depth.bid_prices[0].tolist() == [14_051_000, 14_050_000, 14_049_000, 14_048_000, 14_047_000]

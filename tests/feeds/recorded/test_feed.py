"""What every recording promises as a feed, whatever is in its files, and that the check says the same."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feeds.recorded.files import DAY, chain, counts, rows, save

from kasauti.domain.ist import ist_day_number
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.errors import KasautiError
from kasauti.feeds.recorded import pieces, reading, recording
from kasauti.feeds.recorded.recording import Recording, check, open_recording
from kasauti.feeds.recorded.report import TREATMENT, Action, DataReport, Fault, Severity

#: Faults of rows that have no time or no instrument, so that they never become ticks.
BEFORE_TICKS = {Fault.NO_TIME, Fault.NO_CONTRACT, Fault.CUT_LINE}

PRICES = st.sampled_from(
    [100.0, 100.05, 99.95, 101.0, 100.0, 100.05, 0.0, -1.0, float("nan"), None, 1e300, 0.003]
)
CLOCKS = st.one_of(
    st.integers(555, 560), st.integers(540, 960), st.sampled_from([None, 555 + 1440, 930, 929, 929 + 1440])
)
SYMBOLS = st.sampled_from(["SBIN", "NIFTY", "SBIN", None])
VOLUMES = st.sampled_from([0.0, 10.0, 20.0, None, -5.0, 2.5])


def _moment(minute: int | None) -> datetime | None:
    return None if minute is None else datetime.fromisoformat(DAY) + timedelta(minutes=minute)


BARS = st.tuples(SYMBOLS, CLOCKS, PRICES, PRICES, PRICES, PRICES, VOLUMES)
OPTIONS = st.tuples(
    CLOCKS, st.sampled_from([25_000.0, 25_050.0, None, -50.0]), PRICES, PRICES, PRICES, VOLUMES
)


def _bars(drawn: list[Any]) -> dict[str, list[Any]]:
    steady = [("SBIN", 600 + n, 100.0, 101.0, 99.0, 100.5, 10.0) for n in range(3)]
    names = ("symbol", "ts", "open", "high", "low", "close", "volume")
    table = {name: [row[place] for row in [*steady, *drawn]] for place, name in enumerate(names)}
    return table | {"ts": [_moment(minute) for minute in table["ts"]]}


def _chains(drawn: list[Any]) -> dict[str, list[Any]]:
    table = chain(("10:00", 25_100.0, [400.0, 100.0]))
    expiry = table["expiry"][0]
    for minute, strike, call, put, spot, volume in drawn:
        row = (_moment(minute), "NIFTY", expiry, strike, call, 65.0, volume, put, 65.0, volume, spot)
        for name, value in zip(table, row, strict=True):
            table[name].append(value)
    return table


def _check_promises(recorded: Recording) -> None:
    batches = list(recorded.batches())
    at = np.concatenate([batch.at for batch in batches])
    assert np.all(np.diff(at) >= 0)
    for batch, following in pairwise(batches):
        assert batch.at[-1] < following.at[0]
    for batch in batches:
        assert len(batch)
        assert ist_day_number(int(batch.at[0])) == ist_day_number(int(batch.at[-1]))
        assert np.all((batch.slot >= 0) & (batch.slot < len(recorded.universe)))
        names = ("open", "high", "low", "close") if isinstance(batch, BarBatch) else ("last",)
        assert all(np.all(getattr(batch, name) > 0) for name in names)
        assert np.all(batch.volume >= 0)
        if isinstance(batch, TickBatch):
            quoted = (batch.bid > 0) & (batch.ask > 0)
            assert np.all(batch.bid[quoted] < batch.ask[quoted])
    days = [
        recorded.report.days[n].day for n in range(len(recorded.report.days)) if recorded.report.days[n].used
    ]
    assert days == [str(day) for day in recorded.days()]


def _check_report_is_what_was_done(report: DataReport, recorded: Recording) -> None:
    assert msgspec.json.encode(report) == recorded.report.to_json()
    assert report.used == sum(len(batch) for batch in recorded.batches())
    dropped = sum(
        finding.count
        for finding in report.findings
        if finding.action is Action.DROPPED and finding.kind not in BEFORE_TICKS
    )
    assert report.ticks - dropped == report.used


def _check_feed(file: Path) -> None:
    report = check(file)
    try:
        recorded = open_recording(file)
    except KasautiError:
        assert report.refusal is not None
        assert report.severity is Severity.ERROR
        return
    _check_promises(recorded)
    _check_report_is_what_was_done(report, recorded)


ROUGH = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@ROUGH
@given(st.lists(BARS, max_size=12))
def test_whatever_bars_a_file_has_the_feed_keeps_its_promises(tmp_path: Path, drawn: list[Any]) -> None:
    _check_feed(save(tmp_path / "bars.parquet", _bars(drawn)))


@ROUGH
@given(st.lists(OPTIONS, max_size=12))
def test_whatever_chain_a_file_has_the_feed_keeps_its_promises(tmp_path: Path, drawn: list[Any]) -> None:
    _check_feed(save(tmp_path / "chain.parquet", _chains(drawn)))


# Batches


def _two_days(folder: Path) -> Path:
    minutes = [
        datetime.fromisoformat(f"{day}T09:15") + timedelta(minutes=n)
        for day in (DAY, "2026-01-23")
        for n in range(375)
    ]
    for name in ("SBIN", "RELIANCE", "INFY"):
        table: dict[str, list[Any]] = {"symbol": [name] * 750, "ts": minutes}
        for price, column in enumerate(("low", "open", "close", "high")):
            table[column] = [100.0 + price + n % 7 for n in range(750)]
        table["volume"] = [10.0 + n for n in range(750)]
        save(folder / f"{name}.parquet", table)
    return folder


def _columns(recorded: Recording) -> dict[str, Any]:
    batches = list(recorded.batches())
    return {
        name: np.concatenate([getattr(batch, name) for batch in batches]).tolist()
        for name in ("at", "slot", "open", "high", "low", "close", "volume")
    }


def test_files_are_merged_and_moments_stay_whole(tmp_path: Path) -> None:
    recorded = open_recording(_two_days(tmp_path))

    _check_promises(recorded)
    assert recorded.days() == [date(2026, 1, 22), date(2026, 1, 23)]
    assert [row[1] for row in rows(recorded)[:4]] == ["INFY", "RELIANCE", "SBIN", "INFY"]
    assert len(_columns(recorded)["at"]) == 3 * 750


def test_a_batch_has_a_bound_that_only_one_moment_may_exceed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = _columns(open_recording(_two_days(tmp_path)))
    monkeypatch.setattr(recording, "BATCH_ROWS", 2)

    recorded = open_recording(tmp_path)

    assert [len(batch) for batch in recorded.batches()] == [3] * 750
    _check_promises(recorded)
    assert _columns(recorded) == whole


def test_a_recording_that_does_not_fit_in_memory_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = open_recording(_two_days(tmp_path))
    for file in tmp_path.iterdir():
        table = pq.read_table(file)
        pq.write_table(table, file, row_group_size=100)
    monkeypatch.setattr(reading, "PIECE_ROWS", 250)
    monkeypatch.setattr(pieces, "_KEPT_BYTES", 1)
    monkeypatch.setattr(recording, "_KEPT_BYTES", 1)

    bounded = open_recording(tmp_path)

    assert _columns(bounded) == _columns(whole)
    assert bounded.report == whole.report


def test_it_can_be_played_again(tmp_path: Path) -> None:
    recorded = open_recording(_two_days(tmp_path))

    assert _columns(recorded) == _columns(recorded)


@pytest.mark.parametrize("start", [0, 1, 374, 375, 749, 750])
def test_it_can_be_taken_up_at_any_moment(tmp_path: Path, start: int) -> None:
    """What follows is what a run from the beginning would have had from there on."""
    recorded = open_recording(_two_days(tmp_path))
    moments = np.unique(_columns(recorded)["at"])
    begins = int(moments[start]) if start < len(moments) else int(moments[-1]) + 1

    later = [at for batch in recorded.batches(begins) for at in batch.at.tolist()]

    assert later == [at for at in _columns(recorded)["at"] if at >= begins]


# Reports


def test_every_kind_of_fault_says_what_is_done_about_it() -> None:
    assert set(TREATMENT) == set(Fault)
    for treatment in TREATMENT.values():
        assert (treatment.action is Action.REFUSED) == (treatment.severity is Severity.ERROR)


def test_a_finding_names_its_first_row_its_time_and_its_value(tmp_path: Path) -> None:
    table = chain(
        ("09:20", 25_100.0, [400.0, 100.0]),
        ("09:25", 25_101.0, [-400.0, 100.0]),
        ("09:30", 25_102.0, [-1.0, 9.0]),
    )

    report = check(save(tmp_path / "chain.csv", table))

    (finding,) = [finding for finding in report.findings if finding.kind is Fault.NEGATIVE]
    assert (finding.count, finding.moments, finding.action) == (2, 2, Action.DROPPED)
    assert (finding.first.file, finding.first.row) == ("chain.csv", 2)
    assert finding.first.at == "2026-01-22T09:25:00.000+05:30"
    assert finding.first.instrument == "NFO:NIFTY26JAN25000CE"
    assert finding.first.value.startswith("last -400.00")


def test_a_report_goes_to_json_and_back_and_into_words(tmp_path: Path) -> None:
    report = check(save(tmp_path / "chain.csv", chain(("09:20", 25_100.0, [400.0, 0.0]))))

    assert msgspec.json.decode(report.to_json(), type=DataReport) == report
    words = report.describe()
    assert "chain (chain-wide)" in words
    assert "2026-01-22  09:20:00 to 09:20:00  2 of 3 used" in words
    assert "note     price of zero: not traded yet: 1, dropped" in words


def test_a_day_between_two_others_that_has_no_data_is_missing(tmp_path: Path) -> None:
    """From Thursday 22 to Wednesday 28 January 2026 there are Friday and Tuesday; Monday was a holiday."""
    table = chain(
        ("09:20", 25_100.0, [400.0, 100.0]),
        ("2026-01-28T09:20", 25_100.0, [400.0, 100.0]),
        expiry="2026-02-03",
    )

    assert counts(check(save(tmp_path / "chain.csv", table))) == {"missing_day": 2}


@pytest.mark.parametrize(
    "kind", [pa.date32(), pa.timestamp("us"), pa.timestamp("ms", "UTC"), pa.string()], ids=str
)
def test_a_day_is_the_same_however_it_is_stored(tmp_path: Path, kind: pa.DataType) -> None:
    table = pa.table(chain(("09:20", 25_100.0, [400.0, 100.0])))
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    midnight = table["expiry"].cast(pa.int64()).to_numpy() - (19_800_000_000 if zoned else 0)
    expiry = pa.array(midnight).cast(pa.timestamp("us", "UTC" if zoned else None))
    expiry = expiry.cast(pa.date32()).cast(kind) if pa.types.is_string(kind) else expiry.cast(kind)
    place = table.column_names.index("expiry")
    pq.write_table(table.set_column(place, "expiry", expiry), tmp_path / "x.parquet")

    assert str(open_recording(tmp_path / "x.parquet").universe[1].expiry) == "2026-01-27"

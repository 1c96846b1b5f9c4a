"""Masters of days are kept whole, found by day, and never half written."""

from datetime import date
from pathlib import Path

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.errors import MarketDataError
from kasauti.exchange.master import Listing, Master
from kasauti.store.masters import MasterCache

SHARE = Instrument(Exchange.NSE, "SBIN", Kind.EQUITY, 500, name="SBIN", series="EQ", isin="INE062A01020")


def master(day: date, *instruments: Instrument) -> Master:
    return Master(
        day, {Exchange.NSE: "a list"}, tuple(Listing(each, 3045) for each in instruments), {"NCO": 3}
    )


def test_a_master_is_read_back(tmp_path: Path) -> None:
    kept = master(date(2026, 11, 20), SHARE)
    cache = MasterCache(tmp_path / "instruments")

    cache.keep(kept)

    assert cache.on(date(2026, 11, 20)) == kept
    assert cache.on(date(2026, 11, 19)) is None
    assert [path.suffix for path in (tmp_path / "instruments").iterdir()] == [
        ".z"
    ]  # nothing temporary is left


def test_days_are_found_in_order(tmp_path: Path) -> None:
    cache = MasterCache(tmp_path)
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    for day in (20, 18, 19):
        cache.keep(master(date(2026, 11, day), SHARE))

    assert cache.days() == [date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20)]
    before = cache.before(date(2026, 11, 20))
    assert before is not None
    assert before.day == date(2026, 11, 19)
    assert cache.before(date(2026, 11, 18)) is None


def test_no_folder_is_no_master(tmp_path: Path) -> None:
    cache = MasterCache(tmp_path / "nowhere")

    assert cache.days() == []
    assert cache.on(date(2026, 11, 20)) is None


@pytest.mark.parametrize("broken", [b"", b"not compressed", b"x\x01c\xf8\x0f\x00\x01\x01\x01\x00"])
def test_a_broken_file_is_named(tmp_path: Path, broken: bytes) -> None:
    cache = MasterCache(tmp_path)
    path = cache.keep(master(date(2026, 11, 20), SHARE))
    path.write_bytes(broken)

    with pytest.raises(MarketDataError, match=r"instruments-2026-11-20\.json\.z cannot be read"):
        cache.on(date(2026, 11, 20))

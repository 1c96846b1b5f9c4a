"""Option chains: snapshots as ticks, and what a snapshot can lack."""

from pathlib import Path
from typing import Any

import pytest
from tests.feeds.recorded.files import chain, counts, rows, save

from kasauti.errors import MarketDataError
from kasauti.feeds.recorded.recording import check, open_recording

#: Call and put of four strikes.
FIRST = [400.0, 100.0, 360.0, 110.0, 320.0, 120.0, 280.0, 130.0]
SECOND = [410.0, 90.0, 370.0, 100.0, 330.0, 110.0, 290.0, 120.0]


@pytest.fixture(params=["parquet", "csv"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"chain.{request.param}"


def test_a_snapshot_is_its_underlying_and_then_its_options(file: Path) -> None:
    recording = open_recording(save(file, chain(("09:20:07", 25_100.05, FIRST[:4]))))

    assert rows(recording, "last", "volume", "open_interest") == [
        ("09:20:07", "NIFTY 50", 251_000_500, 0, 0),
        ("09:20:07", "NIFTY26JAN25000CE", 4_000_000, 65, 650),
        ("09:20:07", "NIFTY26JAN25050CE", 3_600_000, 65, 650),
        ("09:20:07", "NIFTY26JAN25000PE", 1_000_000, 65, 1300),
        ("09:20:07", "NIFTY26JAN25050PE", 1_100_000, 65, 1300),
    ]
    assert recording.underlying_id == "NSE:NIFTY 50"
    assert counts(recording) == {}


def test_the_options_are_those_of_the_exchange(file: Path) -> None:
    universe = open_recording(save(file, chain(("09:20", 25_100.0, FIRST)))).universe

    option = universe.find("NFO:NIFTY26JAN25150PE")
    assert option is not None
    assert (option.lot_size, option.tick_size, option.freeze_quantity) == (65, 500, 1800)
    assert str(option.expiry) == "2026-01-27"
    assert len(universe.chain("NSE:NIFTY 50", universe.expiries("NSE:NIFTY 50")[0])) == 8


def test_a_weekly_and_a_bse_chain_have_their_own_symbols(tmp_path: Path) -> None:
    weekly = save(tmp_path / "a.csv", chain(("09:20", 25_100.0, FIRST[:2]), expiry="2026-02-03"))
    sensex = save(
        tmp_path / "b.csv", chain(("09:20", 25_100.0, FIRST[:2]), symbol="SENSEX", expiry="2026-01-29")
    )

    assert rows(open_recording(weekly))[1] == ("09:20:00", "NIFTY2620325000CE")
    assert open_recording(sensex).universe[1].id == "BFO:SENSEX26JAN25000CE"


def test_a_strike_that_has_not_traded_is_dropped_and_the_rest_stays(file: Path) -> None:
    lasts: list[float | None] = [*FIRST[:6], 0.0, 130.0]

    recording = open_recording(save(file, chain(("09:20", 25_100.0, lasts))))

    assert counts(recording) == {"zero": 1}
    assert "NIFTY26JAN25150CE" not in {row[1] for row in rows(recording)}
    assert len(rows(recording)) == 8


@pytest.mark.parametrize(("value", "fault"), [(None, "not_a_number"), (-1.0, "negative")])
def test_a_price_that_is_none_is_dropped(file: Path, value: float | None, fault: str) -> None:
    recording = open_recording(save(file, chain(("09:20", 25_100.0, [*FIRST[:7], value]))))

    assert counts(recording) == {fault: 1}
    assert len(rows(recording)) == 8


def test_a_snapshot_with_fewer_than_half_of_its_prices_does_not_trade(file: Path) -> None:
    half: list[float | None] = [*FIRST[:4], 0.0, 0.0, 0.0, 0.0]
    less: list[float | None] = [*FIRST[:3], 0.0, 0.0, 0.0, 0.0, 0.0]
    table = chain(("09:20", 25_100.0, FIRST), ("09:25", 25_110.0, less), ("09:30", 25_120.0, half))

    recording = open_recording(save(file, table))

    assert [row[0] for row in rows(recording)] == ["09:20:00"] * 9 + ["09:30:00"] * 5
    assert counts(recording) == {"half_empty": 9, "zero": 4}
    half_empty = next(f for f in recording.report.findings if f.kind == "half_empty")
    assert half_empty.moments == 1


def test_a_long_file_is_half_empty_where_options_are_left_out(tmp_path: Path) -> None:
    lines = "ts expiry strike option_type spot ltp volume oi"
    for clock, strikes in (("09:20", 8), ("09:25", 3), ("09:30", 4)):
        for place in range(strikes):
            lines += f"\n{clock} 2026-01-27 {25_000 + 50 * place} CE 25100 {400 - 10 * place}.05 7 9"
    file = save(tmp_path / "nifty_chain.parquet", lines)

    recording = open_recording(file)

    assert counts(recording) == {"half_empty": 4}
    assert [row[0] for row in rows(recording)] == ["09:20:00"] * 9 + ["09:30:00"] * 5


def test_a_snapshot_that_repeats_the_one_before_does_not_trade(file: Path) -> None:
    table = chain(("09:20", 25_100.0, FIRST), ("09:25", 25_100.0, FIRST), ("09:30", 25_100.0, SECOND))
    table["ce_vol"] = table["pe_vol"] = [65.0] * 12

    recording = open_recording(save(file, table))

    assert counts(recording) == {"frozen_repeat": 9}
    assert [row[0] for row in rows(recording)] == ["09:20:00"] * 9 + ["09:30:00"] * 9


def test_a_snapshot_in_which_only_the_spot_moves_is_news(file: Path) -> None:
    table = chain(("09:20", 25_100.0, FIRST), ("09:25", 25_101.0, FIRST))
    table["ce_vol"] = table["pe_vol"] = [65.0] * 8

    assert counts(open_recording(save(file, table))) == {}


def test_repeats_after_the_close_do_not_trade(file: Path) -> None:
    table = chain(
        ("15:29", 25_100.0, FIRST),
        ("15:35", 25_101.0, SECOND),
        ("15:40", 25_101.0, SECOND),
        ("08:50", 0.0, FIRST),
    )
    table["ce_vol"] = table["pe_vol"] = [65.0] * 16

    recording = open_recording(save(file, table))

    assert {row[0] for row in rows(recording)} == {"15:29:00"}
    assert counts(recording) == {"disorder": 9, "frozen_repeat": 9, "out_of_session": 18}


def test_what_the_recorder_took_for_closed_does_not_trade(file: Path) -> None:
    table: dict[str, list[Any]] = chain(("09:20", 25_100.0, FIRST), ("09:25", 25_101.0, SECOND))
    table["in_market"] = [True] * 4 + [False] * 4

    recording = open_recording(save(file, table))

    assert {row[0] for row in rows(recording)} == {"09:20:00"}
    assert counts(recording) == {"out_of_session": 9}


def test_without_a_price_of_the_underlying_its_options_stay(file: Path) -> None:
    recording = open_recording(save(file, chain(("09:20", 0.0, FIRST))))

    assert counts(recording) == {"no_underlying_price": 1}
    assert len(rows(recording)) == 8


def test_an_expired_contract_is_dropped(file: Path) -> None:
    table = chain(("09:20", 25_100.0, FIRST[:4]), ("2026-01-28T09:20", 25_100.0, SECOND[:4]))

    recording = open_recording(save(file, table))

    assert counts(recording)["expired"] == 4
    assert [str(day) for day in recording.days()] == ["2026-01-22", "2026-01-28"]


def test_an_expiring_contract_stops_before_the_rest_of_its_segment(file: Path) -> None:
    """From 2026-12-07 derivatives trade until 15:45, and index contracts on their last day until 15:30."""
    clocks = ("2026-12-08T15:30", "2026-12-08T15:45", "2026-12-08T15:45:01")
    tables = [
        chain(*((clock, 25_100.0 + n, lasts) for n, clock in enumerate(clocks)), expiry=expiry)
        for expiry, lasts in (("2026-12-08", FIRST[:4]), ("2026-12-15", SECOND[:4]))
    ]
    both = {name: tables[0][name] + tables[1][name] for name in tables[0]}

    recording = open_recording(save(file, both))

    found = [row[:2] for row in rows(recording)]
    assert {clock for clock, symbol in found if symbol.startswith("NIFTY26D08")} == {"15:30:00"}
    assert {clock for clock, symbol in found if symbol.startswith("NIFTY26D15")} == {"15:30:00", "15:45:00"}


def test_volume_that_goes_back_is_a_late_row(file: Path) -> None:
    table = chain(("09:20", 25_100.0, FIRST), ("09:25", 25_101.0, SECOND), ("09:30", 25_102.0, FIRST))
    table["ce_vol"][4] = 1.0  # of the second snapshot, at the first strike

    recording = open_recording(save(file, table))

    assert counts(recording) == {"volume_backwards": 1}
    assert ("09:25:00", "NIFTY26JAN25000CE") not in [row[:2] for row in rows(recording)]


def test_a_single_wrong_volume_costs_one_row_not_all_that_follow(file: Path) -> None:
    snapshots = [(f"09:{minute}", 25_100.0 + minute, FIRST) for minute in range(20, 40)]
    table = chain(*snapshots)
    table["ce_vol"][4] = 1e9

    assert counts(open_recording(save(file, table))) == {"volume_backwards": 1, "whole_minutes": 180}


@pytest.mark.parametrize(
    ("column", "value"),
    [("strike", None), ("strike", -50.0), ("strike", 0.0), ("expiry", None), ("symbol", None)],
)
def test_a_row_that_names_no_contract_is_dropped(file: Path, column: str, value: Any) -> None:
    table = chain(("09:20", 25_100.0, FIRST))
    table[column][3] = value

    recording = open_recording(save(file, table))

    assert counts(recording) == {"no_contract": 1}
    assert len(rows(recording)) == 7


def test_an_underlying_without_options_is_an_error_that_names_the_row(file: Path) -> None:
    save(file, chain(("09:20", 25_100.0, FIRST), symbol="NIFTEE"))

    with pytest.raises(
        MarketDataError, match=r"chain\.\w+, row 1: NIFTEE is not a known instrument.*BANKNIFTY"
    ):
        open_recording(file)


def test_an_expiry_that_is_none_is_an_error(file: Path) -> None:
    save(file, chain(("09:20", 25_100.0, FIRST), expiry="2026-01-28"))

    with pytest.raises(MarketDataError, match="2026-01-28 is not an expiry of NIFTY"):
        open_recording(file)


def test_only_what_is_asked_for_is_read(tmp_path: Path) -> None:
    save(tmp_path / "a.parquet", chain(("09:20", 25_100.0, FIRST)))
    save(tmp_path / "b.parquet", chain(("09:20", 58_000.0, FIRST), symbol="BANKNIFTY"))
    save(tmp_path / "c.parquet", chain(("09:20", 1.0, FIRST), symbol="NIFTEE"))

    recording = open_recording(tmp_path, symbols=["NIFTY"])

    assert recording.underlying_id == "NSE:NIFTY 50"
    assert len(rows(recording)) == 9
    with pytest.raises(
        MarketDataError, match="none of SENSEX is in the recording; it has BANKNIFTY, NIFTEE, NIFTY"
    ):
        open_recording(tmp_path, symbols=["SENSEX"])


# Long files, and what quantities count


def _long(interest: list[int], name: str = "ltp") -> str:
    lines = [f"ts expiry strike option_type spot {name} volume oi"]
    for place, value in enumerate(interest):
        lines.append(f"09:20 2026-01-27 {25_000 + 50 * place} PE 25100 100.05 {value} {value}")
    return "\n".join(lines)


def test_lots_become_units(tmp_path: Path) -> None:
    recording = open_recording(save(tmp_path / "NIFTY_long.csv", _long([7, 9])))

    assert rows(recording, "volume", "open_interest")[1:] == [
        ("09:20:00", "NIFTY26JAN25000PE", 7 * 65, 7 * 65),
        ("09:20:00", "NIFTY26JAN25050PE", 9 * 65, 9 * 65),
    ]


def test_a_long_file_names_its_underlying_in_its_name_or_its_folder(tmp_path: Path) -> None:
    folder = tmp_path / "banknifty"
    folder.mkdir()

    assert open_recording(save(folder / "x.csv", _long([7]))).underlying_id == "NSE:NIFTY BANK"
    with pytest.raises(MarketDataError, match="no column that names the underlying"):
        open_recording(save(tmp_path / "nifty_and_sensex.csv", _long([7])))


def test_units_in_a_file_that_should_hold_lots_are_refused_with_the_way_out(tmp_path: Path) -> None:
    file = save(tmp_path / "nifty.csv", _long([65 * (n + 1) for n in range(20)]))

    with pytest.raises(MarketDataError, match="look like units"):
        open_recording(file)
    assert rows(open_recording(file, layout="chain-long-units"), "open_interest")[1][2] == 65


def test_lots_in_a_file_that_should_hold_units_are_refused(tmp_path: Path) -> None:
    table = chain(("09:20", 25_100.0, FIRST * 3))
    table["ce_oi"] = table["pe_oi"] = [float(n + 1) for n in range(12)]
    file = save(tmp_path / "wide.parquet", table)

    with pytest.raises(MarketDataError, match="look like lots"):
        open_recording(file)
    assert counts(check(file)) == {"wrong_quantity_unit": 24}
    assert rows(open_recording(file, layout="chain-wide-lots"), "open_interest")[1][2] == 65


def test_an_option_type_that_is_none_is_dropped(tmp_path: Path) -> None:
    report = check(save(tmp_path / "nifty.csv", _long([7, 9]).replace("25050 PE", "25050 XX")))

    assert counts(report) == {"no_contract": 1}
    assert report.used == 2


def test_a_spot_kept_in_single_precision_is_rounded_to_paise(tmp_path: Path) -> None:
    table = _long([7]).replace("25100 100.05", "24293.900390625 100.0500030517578125")

    recording = open_recording(save(tmp_path / "nifty.parquet", table))

    assert [row[2] for row in rows(recording, "last")] == [242_939_000, 1_000_500]


def test_options_without_open_interest_say_nothing_of_its_unit(tmp_path: Path) -> None:
    """Twenty values that are no multiple of the lot speak for lots, however many zeros stand beside them."""
    table = chain(("09:20", 25_100.0, FIRST * 15))
    table["ce_oi"] = [float(n + 1) for n in range(20)] + [0.0] * 40
    table["pe_oi"] = [0.0] * 60

    assert counts(check(save(tmp_path / "wide.parquet", table))) == {"wrong_quantity_unit": 20}

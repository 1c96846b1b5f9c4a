"""Files that are missing, cut off, damaged, foreign or empty: one sentence that names the file, always."""

import gzip
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.feeds.recorded.files import DAY, columns, counts, rows, save

from kasauti.errors import InvalidInput, KasautiError, MarketDataError
from kasauti.feeds.recorded.layout import LAYOUTS
from kasauti.feeds.recorded.reading import open_source
from kasauti.feeds.recorded.recording import check, open_recording

BARS = """
symbol   ts    open high low close volume
RELIANCE 09:15 100 102 99 101 500
RELIANCE 09:16 101 103 100 102 600
RELIANCE 09:17 102 104 101 103 700
"""


def _refusal(path: Path, **options: Any) -> str:
    with pytest.raises(MarketDataError) as caught:
        open_recording(path, **options)
    with pytest.raises(MarketDataError):
        check(path, **options)
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert _refusal(tmp_path / "gone.parquet").endswith("gone.parquet does not exist; check the path.")


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")

    assert "notes.txt is not a data file" in _refusal(tmp_path / "notes.txt")


def test_a_directory_without_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")

    assert "holds no data file" in _refusal(tmp_path)


@pytest.mark.parametrize("keep", [0, 3, 100, 0.5, -1])
def test_a_parquet_file_that_is_cut_off_is_no_whole_file(tmp_path: Path, keep: float) -> None:
    file = save(tmp_path / "cut.parquet", BARS)
    whole = file.read_bytes()
    file.write_bytes(whole[: int(keep * len(whole)) if 0 < keep < 1 else int(keep)])

    assert "cut.parquet is not a whole Parquet file" in _refusal(file)


def test_a_parquet_file_with_damaged_data_is_damaged(tmp_path: Path) -> None:
    file = save(tmp_path / "bad.parquet", BARS)
    content = bytearray(file.read_bytes())
    content[4:300] = b"\xff" * 296
    file.write_bytes(bytes(content))

    assert "bad.parquet is damaged" in _refusal(file)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"symbol,ts,open,high,low,close\n", "has columns but no rows"),
        (b"\xff\xfe\x00junk,\x00\n1,2\n", "does not begin with a line of column names in UTF-8"),
        (b'symbol,"ts\nx,y\n', "does not begin with a line of column names"),
        (b"symbol,ts,open,high,low,close\nSBIN,2026-01-22 09:15,1,2\n", "row 1: Expected 6 columns, got 4"),
        (b"symbol,ts,open,high,low,close\nSB\xffN,2026-01-22 09:15,1,2,1,1\n", "UTF8"),
        (b"symbol,symbol,ts,open,high,low,close\n", "'symbol' more than once"),
    ],
)
def test_a_csv_file_that_is_none_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)

    told = _refusal(file)
    assert told.startswith("bad.csv")
    assert message in told


def test_a_cell_that_is_no_number_is_named_with_its_row(tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(
        "symbol,ts,open,high,low,close\nA,2026-01-22 09:15,1,2,1,1\nA,2026-01-22 09:16,1,2,x1,1\n"
    )

    assert _refusal(file) == "bad.csv, row 2, column 'low': 'x1' is not a number; correct that row."


def test_a_file_that_ends_within_a_line_is_cut_off(tmp_path: Path) -> None:
    file = save(tmp_path / "cut.csv", BARS)
    file.write_text(file.read_text()[:-20])

    assert "cut.csv is cut off: its last line, 'RELIANCE,2026-01-22 09:17:00,102" in _refusal(file)


def test_a_last_line_without_an_end_may_be_cut_and_is_dropped(tmp_path: Path) -> None:
    """500 could be what is left of 500000."""
    file = save(tmp_path / "cut.csv", BARS)
    file.write_text(file.read_text().rstrip())

    recording = open_recording(file)

    assert counts(recording) == {"cut_line": 1}
    assert [row[0] for row in rows(recording)] == ["09:16:00", "09:17:00"]


def test_a_compressed_csv_file_is_read_and_a_cut_one_named(tmp_path: Path) -> None:
    plain, packed = save(tmp_path / "x.csv", BARS), tmp_path / "y.csv.gz"
    with plain.open("rb") as source, gzip.open(packed, "wb") as target:
        shutil.copyfileobj(source, target)

    assert rows(open_recording(packed)) == rows(open_recording(plain))
    packed.write_bytes(packed.read_bytes()[:-30])
    assert "y.csv.gz" in _refusal(packed)


def test_foreign_columns_are_listed_with_the_known_layouts(tmp_path: Path) -> None:
    told = _refusal(save(tmp_path / "ours.csv", {"when": ["x"], "price": [1.0]}))

    assert "ours.csv has columns of no known layout: when, price." in told
    for layout in LAYOUTS:
        assert layout.on_request or f"{layout.name} (" in told
    nearly = _refusal(
        save(tmp_path / "bars.csv", {"symbol": ["x"], "ts": ["y"], "open": [1.0], "high": [1.0]})
    )
    assert "The nearest is bars, which also needs low, close." in nearly


def test_a_layout_that_does_not_exist_is_an_error_with_the_known_ones(tmp_path: Path) -> None:
    told = _refusal(save(tmp_path / "x.csv", BARS), layout="barz")

    assert told.startswith("'barz' is not a layout of data files; known ones: kasauti-bars")


@pytest.mark.parametrize("layout", [layout.name for layout in LAYOUTS if layout.required.keys() != {"x"}])
def test_no_layout_is_taken_for_another(tmp_path: Path, layout: str) -> None:
    asked = next(each for each in LAYOUTS if each.name == layout)
    names = [names[0] for names in {**asked.required, **asked.optional}.values()]
    file = save(tmp_path / "x.csv", {name: ["1"] for name in names})

    if not asked.on_request:
        assert open_source(file).layout is asked
    assert open_source(file, layout).layout is asked


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("close", ["1", "2", "3"], "column 'close' holds string, and it has to hold numbers"),
        ("symbol", [1, 2, 3], "column 'symbol' holds int64, and it has to hold text"),
        ("ts", [1, 2, 3], "column 'ts' holds int64, and it has to hold times"),
        ("ts", [True, False, True], "column 'ts' holds bool, and it has to hold times"),
        ("ts", ["now", "then", "soon"], "column 'ts' holds no times like"),
        ("open", [[1], [2], [3]], "column 'open' holds list"),
        ("symbol", [b"\xff", b"\xfe", b"\xfd"], "column 'symbol' holds binary"),
    ],
)
def test_a_column_of_the_wrong_type_is_named(
    tmp_path: Path, name: str, values: list[Any], message: str
) -> None:
    table = columns(BARS)
    table[name] = values

    assert message in _refusal(save(tmp_path / "x.parquet", table))


def test_text_that_is_no_utf8_is_named(tmp_path: Path) -> None:
    table = pa.table(columns(BARS))
    bad = pa.array([b"\xff\xfe", b"A", b"B"]).view(pa.string())
    pq.write_table(table.set_column(0, "symbol", bad), tmp_path / "x.parquet")

    assert "column 'symbol' holds bytes that are no UTF-8 text" in _refusal(tmp_path / "x.parquet")


def test_columns_that_other_tools_write_are_read(tmp_path: Path) -> None:
    """Categories, single precision, decimals, whole numbers and large strings are all numbers and words."""
    table = pa.table(columns(BARS))
    kinds = {
        "symbol": pa.large_string(),
        "open": pa.float32(),
        "high": pa.int16(),
        "low": pa.decimal128(10, 2),
        "volume": pa.uint32(),
    }
    for name, kind in kinds.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, table[name].cast(kind))
    encoded = table.set_column(0, "symbol", table["symbol"].dictionary_encode())
    pq.write_table(encoded, tmp_path / "x.parquet")

    found = rows(open_recording(tmp_path / "x.parquet"), "open", "high", "low", "volume")

    assert found[0] == ("09:16:00", "RELIANCE", 1_000_000, 1_020_000, 990_000, 500)


def test_a_recording_has_one_layout(tmp_path: Path) -> None:
    save(tmp_path / "a.csv", BARS)
    save(
        tmp_path / "b.csv", {"instrument": ["A"], "at": [f"{DAY} 09:20"], "last": [1], "bid": [1], "ask": [2]}
    )

    assert "these have several: bars (a.csv), kasauti-ticks (b.csv)" in _refusal(tmp_path)


def test_days_the_wrong_way_round_are_an_error(tmp_path: Path) -> None:
    from_, to = columns("ts\n2026-01-23\n2026-01-22")["ts"]

    with pytest.raises(InvalidInput, match="2026-01-23 is after 2026-01-22"):
        open_recording(save(tmp_path / "x.csv", BARS), from_=from_.date(), to=to.date())


@pytest.mark.parametrize(
    "symbol", ["reliance", "RELI ANCE", "", "NSE:", "XYZ:A", "NFO:NIFTY", "NIFTY?", "SBIN26JANFUT"]
)
def test_a_symbol_that_is_none_is_an_error_with_its_row(tmp_path: Path, symbol: str) -> None:
    table = columns(BARS)
    table["symbol"] = [symbol] * 3
    file = save(tmp_path / "x.parquet", table)

    with pytest.raises(KasautiError, match=r"x\.parquet, row 1: .* is not a known instrument"):
        open_recording(file)


def test_a_file_of_which_nothing_is_left_is_refused_with_the_reasons(tmp_path: Path) -> None:
    table = BARS.replace("09:", "20:")

    told = _refusal_of_nothing(save(tmp_path / "x.csv", table))
    assert "x.csv is refused: no row can be used" in told
    assert "outside continuous trading 3" in told


def _refusal_of_nothing(file: Path) -> str:
    assert counts(check(file))["nothing_left"] == 1
    with pytest.raises(MarketDataError) as caught:
        open_recording(file)
    return str(caught.value)

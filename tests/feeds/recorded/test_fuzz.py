"""Whatever bytes a file has, what comes out is a feed or one of our errors."""

import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.feeds.recorded.files import chain, save
from tests.feeds.recorded.test_bars import GOOD, HEADER
from tests.feeds.recorded.test_ticks import MAP, TICKS, upstox

from kasauti.errors import KasautiError
from kasauti.feeds.recorded.recording import open_recording

FUZZ = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

FORMS = st.sampled_from(["parquet", "csv"])
NAMES = st.sampled_from(["x.parquet", "x.csv", "x.csv.gz"])
TABLES: dict[str, Any] = {
    "bars": HEADER + GOOD,
    "chain": chain(("09:20", 25_100.0, [400.0, 100.0]), ("09:25", 25_101.0, [401.0, 99.0])),
    "ticks": upstox(*TICKS),
}


def _survives(file: Path) -> None:
    try:
        list(open_recording(file).batches())
    except KasautiError as error:
        assert len(str(error)) > 20  # noqa: PT017 - either way is fine, and a message is a sentence


@FUZZ
@given(NAMES, st.binary(max_size=300))
def test_any_bytes(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    _survives(tmp_path / name)


@FUZZ
@given(
    st.sampled_from(sorted(TABLES)), st.sampled_from(["parquet", "csv"]), st.integers(0, 2**32), st.booleans()
)
def test_a_good_file_with_some_bytes_changed_or_lost(
    tmp_path: Path,
    table: str,
    form: str,
    seed: int,
    lost: bool,  # noqa: FBT001
) -> None:
    (tmp_path / "instrument_map.csv").write_text(MAP)
    file = save(tmp_path / f"x.{form}", TABLES[table])
    content, draw = bytearray(file.read_bytes()), random.Random(seed)
    for _ in range(draw.choice([1, 2, 30])):
        content[draw.randrange(len(content))] = draw.randrange(256)
    file.write_bytes(bytes(content[: draw.randrange(len(content))] if lost else content))
    _survives(file)


@FUZZ
@given(
    st.sampled_from(sorted(TABLES)), st.sampled_from(["parquet", "csv"]), st.randoms(use_true_random=False)
)
def test_columns_that_have_changed_places(tmp_path: Path, table: str, form: str, draw: random.Random) -> None:
    (tmp_path / "instrument_map.csv").write_text(MAP)
    whole = save(tmp_path / "whole.csv", TABLES[table]).read_text().splitlines()
    names = whole[0].split(",")
    draw.shuffle(names)
    if form == "csv":
        (tmp_path / "x.csv").write_text("\n".join([",".join(names), *whole[1:], ""]))
        _survives(tmp_path / "x.csv")
    else:
        cells = [line.split(",") for line in whole[1:]]
        _survives(
            save(tmp_path / "x.parquet", {name: [row[n] for row in cells] for n, name in enumerate(names)})
        )


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_good_file_cut_anywhere(tmp_path: Path, table: str) -> None:
    (tmp_path / "instrument_map.csv").write_text(MAP)
    file = save(tmp_path / "x.csv", TABLES[table])
    content = file.read_bytes()
    for size in range(0, len(content), 7):
        file.write_bytes(content[:size])
        _survives(file)

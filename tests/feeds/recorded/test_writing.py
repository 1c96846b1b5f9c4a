"""What is written reads back the same, and a write that fails leaves nothing behind."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from tests.feeds.recorded.files import DAY, chain, save

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import parse_ist
from kasauti.domain.market import BarBatch, Depth, TickBatch
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.feeds.recorded.recording import open_recording
from kasauti.feeds.recorded.writing import write_recording
from kasauti.simulator.market.built_in import BuiltInMarket

COLUMNS = ("at", "slot", "last", "bid", "ask", "bid_quantity", "ask_quantity", "volume", "open_interest")
SIDES = ("bid_prices", "bid_quantities", "ask_prices", "ask_quantities")
OHLC = ("at", "slot", "open", "high", "low", "close", "volume", "open_interest")

SBIN = Instrument(Exchange.NSE, "SBIN", Kind.EQUITY, tick_size=500, name="SBIN")
#: A tick that no rule would give it: what reads back is what was written, not what the rules say.
ODD = Instrument(Exchange.NSE, "ODD", Kind.EQUITY, tick_size=7, lot_size=3, freeze_quantity=9, name="ODD")


@pytest.fixture(params=["parquet", "csv"])
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"tape.{request.param}"


def _same(written: Iterable[object], read: Iterable[object], names: Sequence[str]) -> None:
    first, second = list(written), list(read)
    for name in names:
        ours = np.concatenate([getattr(batch, name) for batch in first])
        theirs = np.concatenate([getattr(batch, name) for batch in second])
        assert ours.tolist() == theirs.tolist(), name


def test_minutes_of_the_built_in_market_read_back_the_same(file: Path) -> None:
    market = BuiltInMarket(seed=7, strikes_each_side=3)
    batches = list(islice(market.batches(), 4))

    written = write_recording(file, market.universe, batches)
    recording = open_recording(file)

    assert written == sum(map(len, batches))
    assert list(recording.universe) == list(market.universe)
    assert recording.underlying_id == "NSE:NIFTY 50"
    read = list(recording.batches())
    _same(batches, read, COLUMNS)
    depths = [batch.depth for batch in read if isinstance(batch, TickBatch)]
    _same([batch.depth for batch in batches], depths, SIDES)


def test_what_a_recording_yields_can_be_recorded_again(file: Path) -> None:
    """Prices down to a ten-thousandth of a rupee, nanoseconds, and a slot that never has a row."""
    at = [parse_ist(f"{DAY}T09:20:00") + n for n in (1, 1, 123_456_789)]
    batch = TickBatch.of(
        at=at,
        slot=[2, 0, 2],
        last=[12_345_677, 7_000_001, 12_345_684],
        bid=[0, 7_000_000, 12_345_677],
        ask=[12_345_684, 0, 12_345_691],
        volume=[3, 0, 6],
        open_interest=[2**40, 0, 1],
    )
    write_recording(file, Universe([SBIN, Instrument(Exchange.NSE, "A", Kind.EQUITY, 500), ODD]), [batch])

    recording = open_recording(file)

    assert [i.tradingsymbol for i in recording.universe] == ["SBIN", "A", "ODD"]
    assert recording.universe[2] == ODD
    _same([batch], recording.batches(), COLUMNS)


def test_bars_read_back_the_same(file: Path) -> None:
    at = [parse_ist(f"{DAY}T09:{minute}:00") for minute in (20, 20, 25, 30)]
    batch = BarBatch(
        300,
        np.array(at),
        np.array([0, 1, 0, 1], np.int32),
        np.array([1000, 70, 1010, 77]),
        np.array([1010, 84, 1015, 84]),
        np.array([990, 63, 1005, 70]),
        np.array([1000, 77, 1010, 84]),
        np.array([5, 0, 7, 0]),
        np.array([0, 0, 0, 3]),
    )
    write_recording(file, Universe([SBIN, ODD]), [batch])

    recording = open_recording(file)

    (read,) = recording.batches()
    assert isinstance(read, BarBatch)
    assert read.seconds == 300
    _same([batch], [read], OHLC)


def test_a_chain_reads_back_the_same(file: Path, tmp_path: Path) -> None:
    table = chain(
        ("09:20:07", 25_100.05, [400.0, 100.0, 360.0, 0.0]), ("09:25", 25_101.0, [401.0, 99.0, 361.0, 9.0])
    )
    source = open_recording(save(tmp_path / "source.parquet", table))
    batches = list(source.batches())

    written = write_recording(file, source.universe, batches, layout="kasauti-chain")
    recording = open_recording(file)

    assert written == 7
    assert recording.report.layouts == ("kasauti-chain",)
    assert list(recording.universe) == list(source.universe)
    _same(batches, recording.batches(), COLUMNS)


def _ticks(*, deep: bool = False, slot: int = 0, size: int = 1) -> TickBatch:
    at = [parse_ist(f"{DAY}T09:20:00")] * size
    empty = np.zeros((size, 5), np.int64)
    return TickBatch.of(
        at=at,
        slot=[slot] * size,
        last=[1000] * size,
        depth=Depth(empty, empty, empty, empty) if deep else None,
    )


INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500, name="NIFTY")


@pytest.mark.parametrize(
    ("name", "batches", "layout", "message"),
    [
        ("x.txt", [_ticks()], None, "has to end in .parquet or .csv"),
        ("x.csv", [], None, "nothing to write"),
        ("x.csv", [_ticks(size=0)], None, "nothing to write"),
        ("x.csv", [_ticks(), _ticks(deep=True)], None, "to different files"),
        (
            "x.csv",
            [_ticks()],
            "kasauti-bars",
            "kasauti-ticks or kasauti-chain, not as kasauti-bars",
        ),
        ("x.csv", [_ticks()], "kasauti-chain", "holds options on indices"),
        ("x.csv", [_ticks(slot=1)], "kasauti-chain", "without its options"),
    ],
)
def test_batches_that_do_not_fit_are_refused(
    tmp_path: Path, name: str, batches: list[TickBatch], layout: str | None, message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        write_recording(tmp_path / name, Universe([SBIN, INDEX]), batches, layout=layout)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(MarketDataError, match="could not be written"):
        write_recording(tmp_path / "gone" / "x.parquet", Universe([SBIN]), [_ticks()])


def test_a_write_that_is_interrupted_leaves_no_file_and_no_remains(file: Path) -> None:
    def failing() -> Iterable[TickBatch]:
        yield _ticks(size=200_000)
        raise OSError(28, "No space left on device")

    with pytest.raises(MarketDataError, match="No space left on device"):
        write_recording(file, Universe([SBIN]), failing())
    assert list(file.parent.iterdir()) == []


def test_instruments_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    write_recording(tmp_path / "x.csv", Universe([SBIN]), [_ticks()])
    (tmp_path / "x.instruments.json").write_text("[{]")

    with pytest.raises(MarketDataError, match="list of instruments that cannot be read"):
        open_recording(tmp_path / "x.csv")

"""What the tests of lists share."""

from datetime import date
from pathlib import Path

from kasauti.domain.instrument import Instrument
from kasauti.exchange.master import Master
from kasauti.feeds.instruments.reading import read_list

DAY = date(2026, 11, 20)


def read(file: Path, day: date | None = None) -> Master:
    master = read_list(file, day).master
    assert master is not None
    return master


def found(master: Master, instrument_id: str) -> Instrument:
    listing = master.find(instrument_id)
    assert listing is not None
    return listing.instrument

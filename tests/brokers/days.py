"""Small days of market data, made by hand."""

from collections.abc import Sequence
from datetime import date, time

import numpy as np

from kasauti.brokers.base import Wiring
from kasauti.brokers.credentials import Credentials
from kasauti.brokers.recorded import RecordedBroker
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.domain.money import rupees
from kasauti.exchange.calendar import Calendar
from kasauti.testing import ManualClock, StaticFeed

#: A Tuesday with a weekly NIFTY expiry, two days after the special session of the budget; a regular day.
DAY = date(2026, 2, 3)
NEXT_EXPIRY = date(2026, 2, 10)
CALENDAR = Calendar()

INDEX = Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, tick_size=500, name="NIFTY")
SBIN = Instrument(Exchange.NSE, "SBIN", Kind.EQUITY, tick_size=500, name="SBIN")


def option(kind: Kind, strike: int, expiry: date = DAY) -> Instrument:
    return Instrument(
        Exchange.NFO,
        f"NIFTY{expiry:%y%m%d}{strike}{kind}",
        kind,
        tick_size=500,
        lot_size=65,
        name="NIFTY",
        expiry=expiry,
        strike=rupees(strike),
        underlying=INDEX.id,
        on_index=True,
    )


def at(clock: str, day: date = DAY) -> int:
    return ist_ns(day, time.fromisoformat(clock))


def ticks(
    universe: Universe, rows: Sequence[tuple[str, Instrument, int, int, int]], day: date = DAY
) -> TickBatch:
    """Rows of (time, instrument, price in rupees, day's volume, open interest)."""
    return TickBatch.of(
        at=[at(clock, day) for clock, *_ in rows],
        slot=[universe.slot(instrument.id) for _, instrument, *_ in rows],
        last=[rupees(price) for _, _, price, _, _ in rows],
        volume=[volume for *_, volume, _ in rows],
        open_interest=[interest for *_, interest in rows],
    )


def bars(
    universe: Universe,
    seconds: int,
    rows: Sequence[tuple[str, Instrument, int, int, int, int, int]],
    day: date = DAY,
) -> BarBatch:
    """Rows of (start, instrument, open, high, low, close in rupees, volume)."""
    columns = np.array([[rupees(price) for price in row[2:6]] for row in rows], np.int64).T
    return BarBatch(
        seconds,
        np.array([at(row[0], day) + seconds * NS_PER_SECOND for row in rows], np.int64),
        np.array([universe.slot(row[1].id) for row in rows], np.int32),
        columns[0],
        columns[1],
        columns[2],
        columns[3],
        np.array([row[6] for row in rows], np.int64),
        np.zeros(len(rows), np.int64),
    )


def broker(
    universe: Universe, batches: Sequence[TickBatch | BarBatch], now: int
) -> tuple[RecordedBroker, ManualClock]:
    clock = ManualClock(now)
    wiring = Wiring(
        clock=clock.now, wait_until=clock.wait_until, calendar=CALENDAR, feed=StaticFeed(universe, batches)
    )
    made = RecordedBroker(Credentials({}), wiring)
    made.connect()
    return made, clock

"""A recorded day of real NIFTY options, asked as one would ask a broker."""

import os
from datetime import date, time
from pathlib import Path

import pytest
from tests.brokers.days import CALENDAR

from kasauti.brokers.base import Wiring
from kasauti.brokers.factory import create_broker
from kasauti.domain.ist import ist_ns
from kasauti.domain.money import rupees
from kasauti.feeds.recorded.recording import open_recording
from kasauti.testing import ManualClock

SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[2].parent / "shared"))
CHAINS = SHARED / "data" / "nifty_chain_1min_202608"

pytestmark = pytest.mark.skipif(not CHAINS.exists(), reason=f"no recorded chains in {CHAINS}")


def test_a_real_chain_has_a_smile_of_ordinary_volatilities_and_no_rupee_from_later() -> None:
    """The day before a weekly expiry in a calm market: 5 % to 60 % a year within 1 % of the money."""
    clock = ManualClock(ist_ns(date(2026, 8, 17), time(10, 20)))
    feed = open_recording(CHAINS)
    wiring = Wiring(clock=clock.now, wait_until=clock.wait_until, calendar=CALENDAR, feed=feed)
    broker = create_broker(None, "recorded", wiring=wiring)
    broker.connect()

    spot = broker.get_spot_price("NIFTY")
    chain = broker.get_options_chain("NIFTY")
    near = [row for row in chain.rows if abs(row.strike - spot.price) < spot.price // 100]
    options = [option for row in near for option in (row.call, row.put) if option is not None]

    assert chain.expiry == date(2026, 8, 18)
    assert chain.forward is not None
    assert abs(chain.forward - spot.price) < rupees(60)
    assert len(options) > 10
    assert all(0.05 < (option.implied_volatility or 0) < 0.6 for option in options)
    assert max(option.at for option in options) <= clock.now()

"""Our own brokers, and the sample of a third one, pass what every broker must."""

from datetime import date, time
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from tests.brokers.days import DAY, INDEX, SBIN, at, bars, option

from kasauti.brokers.base import BrokerInterface, Wiring
from kasauti.brokers.factory import create_broker
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import Ints, TickBatch
from kasauti.domain.money import RUPEE
from kasauti.errors import CredentialsError
from kasauti.exchange.calendar import Segment
from kasauti.feeds.synthetic import SyntheticFeed
from kasauti.ports import Feed
from kasauti.simulator.market.built_in import BuiltInMarket
from kasauti.testing import BrokerContract, ManualClock, StaticFeed

ROOT = Path(__file__).parents[2]
THIRD = f"{ROOT / 'examples' / 'third_broker.py'}:TideBroker"


class TestBuiltIn(BrokerContract):
    now = ist_ns(date(2026, 11, 23), time(9, 41, 30))
    instrument = "NSE:SBIN"
    market: ClassVar[BuiltInMarket] = BuiltInMarket(seed=5, strikes_each_side=4)
    segment = Segment.EQUITY_WITH_DERIVATIVES

    def make(self, wiring: Wiring) -> BrokerInterface:
        return create_broker(None, "builtin", wiring=wiring)

    def feed(self) -> Feed:
        return SyntheticFeed(self.market)


class TestRecordedTicks(BrokerContract):
    """A snapshot of index and chain every half minute, with five minutes missing."""

    now = at("10:01:10")
    instrument = INDEX.id
    universe = Universe(
        [
            INDEX,
            *(option(kind, strike) for strike in (24_900, 25_000, 25_100) for kind in (Kind.CALL, Kind.PUT)),
            option(Kind.CALL, 25_000, date(2026, 2, 10)),
        ]
    )

    def make(self, wiring: Wiring) -> BrokerInterface:
        return create_broker(None, "recorded", wiring=wiring)

    def feed(self) -> Feed:
        moments = [at("09:15:00") + 30 * NS_PER_SECOND * n for n in range(120) if not 30 <= n < 40]
        prices = np.array([25_000, 140, 40, 70, 72, 30, 130, 200]) * RUPEE
        return StaticFeed(self.universe, [self._snapshot(m, n, prices) for n, m in enumerate(moments)])

    def _snapshot(self, moment: int, number: int, prices: Ints) -> TickBatch:
        size = len(self.universe)
        return TickBatch.of(
            at=[moment] * size,
            slot=range(size),
            last=prices + number % 7 * RUPEE,
            bid=np.where(np.arange(size) > 0, prices - RUPEE, 0),
            ask=np.where(np.arange(size) > 0, prices + RUPEE, 0),
            bid_quantity=[75] * size,
            ask_quantity=[150] * size,
            volume=[number * 75] * size,
            open_interest=[1_000 - number] * size,
        )


class TestRecordedBars(BrokerContract):
    """Five-minute bars of one share: no bid, no ask, no options."""

    now = at("10:07:00")
    instrument = SBIN.id
    underlying = None
    segment = Segment.EQUITY_WITH_DERIVATIVES

    def make(self, wiring: Wiring) -> BrokerInterface:
        return create_broker(None, "recorded", wiring=wiring)

    def feed(self) -> Feed:
        universe = Universe([SBIN])
        starts = [
            f"{9 + (15 + 5 * n) // 60:02d}:{(15 + 5 * n) % 60:02d}:00" for n in range(70) if n not in {2, 3}
        ]
        rows = [(start, SBIN, 800, 805, 798, 803, 1_000) for start in starts]
        return StaticFeed(universe, [bars(universe, 300, rows, DAY)])


class TestThirdBroker(BrokerContract):
    """Named by its file, with credentials of its own, and nothing of it inside the package."""

    now = at("10:22:10")
    instrument = "NSE:TIDE"
    underlying = "TIDE"
    secrets = ("canary-9f3b",)

    def make(self, wiring: Wiring) -> BrokerInterface:
        return create_broker({"tide_pin": "canary-9f3b"}, THIRD, wiring=wiring)


def test_the_sample_refuses_a_pin_with_the_right_kind_of_error_and_without_showing_it() -> None:
    clock = ManualClock(at("10:00:00"))
    wiring = Wiring(clock=clock.now, wait_until=clock.wait_until, calendar=BrokerContract.calendar)

    with pytest.raises(CredentialsError) as refused:
        create_broker({"tide_pin": "q7x"}, THIRD, wiring=wiring).connect()

    assert "q7x" not in str(refused.value)


def test_the_sample_is_not_known_inside_the_package() -> None:
    package = ROOT / "src"
    assert not [path for path in package.rglob("*.py") if "tide" in path.read_text(encoding="utf-8").lower()]


def test_the_contract_finds_a_broker_that_looks_ahead() -> None:
    """A contract that nothing fails is worthless."""

    class Seer(TestRecordedTicks):
        def make(self, wiring: Wiring) -> BrokerInterface:
            ahead = Wiring(
                clock=lambda: wiring.clock() + 300 * NS_PER_SECOND,
                wait_until=wiring.wait_until,
                calendar=wiring.calendar,
                feed=wiring.feed,
            )
            return super().make(ahead)

    failed = []
    for name in [name for name in dir(Seer) if name.startswith("test_b")]:
        try:
            getattr(Seer(), name)()
        except AssertionError:
            failed.append(name[5:8])
    assert {"b06", "b09", "b10", "b15", "b19", "b20"} <= set(failed)

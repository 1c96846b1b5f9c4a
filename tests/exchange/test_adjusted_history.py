"""History in the units of today: no jump at an ex-date, the same in rows and in grids."""

import json
from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.ist import NS_PER_MINUTE, ist_ns
from kasauti.domain.market import BarBatch, Depth, TickBatch
from kasauti.domain.money import rupees
from kasauti.exchange.adjusted_history import AdjustedHistory
from kasauti.exchange.corporate_actions import CorporateActions
from kasauti.exchange.overlay import Overlay, using

TRENT = Instrument(Exchange.NSE, "TRENT", Kind.EQUITY, 500, name="TRENT")
OTHER = Instrument(Exchange.NSE, "OTHER", Kind.EQUITY, 500, name="OTHER")
FUTURE = Instrument(Exchange.NFO, "TRENT26JUNFUT", Kind.FUTURE, 500, name="TRENT", expiry=date(2026, 6, 30))
UNIVERSE = Universe([TRENT, OTHER, FUTURE])
EX = date(2026, 6, 2)
BEFORE, LAST = EX - timedelta(days=1), date(2026, 6, 5)
BONUS = {"symbol": "TRENT", "kind": "bonus", "new": 1, "for": 2}
DIVIDEND = {"symbol": "TRENT", "kind": "dividend", "rupees": "8", "extraordinary": False}


def actions(*rows: dict[str, object], ex_date: date = EX) -> CorporateActions:
    common = {"effective_from": ex_date.isoformat(), "source": "its notice", "confidence": "certain"}
    text = json.dumps({"actions": [common | row for row in rows]})
    with using(Overlay("mine", (("corporate_actions.json", text),))):
        return CorporateActions()


def bars(*rows: tuple[date, int, str, int]) -> BarBatch:
    """Return bars of one price: day, slot, price in rupees, volume; a minute each from 09:16."""
    at = np.array(
        [ist_ns(day) + (556 + n) * NS_PER_MINUTE for n, (day, _, _, _) in enumerate(rows)], np.int64
    )
    slots = np.array([slot for _, slot, _, _ in rows], np.int32)
    price = np.array([rupees(price) for _, _, price, _ in rows], np.int64)
    volume = np.array([volume for _, _, _, volume in rows], np.int64)
    return BarBatch(60, at, slots, price, price, price, price, volume, np.zeros(len(rows), np.int64))


def test_prices_before_a_bonus_are_divided_and_volumes_multiplied() -> None:
    """TRENT 1:2: 5,400 and 100 shares before the ex-date are 3,600 and 150 of today's."""
    batch = bars(
        (BEFORE, 0, "5400", 100), (BEFORE, 1, "5400", 100), (BEFORE, 2, "5400", 100), (EX, 0, "3600", 100)
    )

    found = AdjustedHistory(UNIVERSE, actions(BONUS), LAST).of(batch)

    assert isinstance(found, BarBatch)
    assert found.close.tolist() == [rupees(price) for price in (3600, 5400, 5400, 3600)]
    assert found.high.tolist() == found.close.tolist()
    assert found.volume.tolist() == [150, 100, 100, 100]


def test_a_dividend_comes_off_only_if_that_is_asked_for() -> None:
    batch = bars((BEFORE, 0, "300", 100), (EX, 0, "292", 100))
    known = actions(DIVIDEND)

    assert AdjustedHistory(UNIVERSE, known, LAST).of(batch) is batch
    found = AdjustedHistory(UNIVERSE, known, LAST, dividends=True).of(batch)
    assert isinstance(found, BarBatch)
    assert found.close.tolist() == [rupees(292), rupees(292)]
    assert found.volume.tolist() == [100, 100]


def test_several_actions_add_up() -> None:
    split = {"symbol": "TRENT", "kind": "split", "held": 1, "becomes": 10, "effective_from": "2026-06-04"}
    batch = bars((BEFORE, 0, "5400", 100), (EX, 0, "3600", 150), (date(2026, 6, 4), 0, "360", 1500))

    found = AdjustedHistory(UNIVERSE, actions(BONUS, split), LAST).of(batch)

    assert isinstance(found, BarBatch)
    assert found.close.tolist() == [rupees(360)] * 3
    assert found.volume.tolist() == [1500] * 3


def test_an_action_after_the_last_day_is_not_known_yet() -> None:
    history = AdjustedHistory(UNIVERSE, actions(BONUS), BEFORE)

    assert history.applied == []
    batch = bars((BEFORE, 0, "5400", 100))
    assert history.of(batch) is batch


def test_what_was_applied_is_told() -> None:
    history = AdjustedHistory(
        UNIVERSE, actions(BONUS, {"symbol": "XY", "kind": "split", "held": 1, "becomes": 2}), LAST
    )

    assert [each.words for each in history.applied] == ["bonus of 1 for 2"]


def test_ticks_and_their_depth_are_adjusted_and_no_price_stays_none() -> None:
    at = [ist_ns(BEFORE) + 556 * NS_PER_MINUTE]
    levels = np.array([[rupees(5399), 0, 0, 0, 0]], np.int64)
    sizes = np.array([[10, 0, 0, 0, 0]], np.int64)
    depth = Depth(levels, sizes, levels + rupees(2), sizes)
    batch = TickBatch.of(at=at, slot=[0], last=[rupees(5400)], ask=[0], volume=[1000], depth=depth)

    found = AdjustedHistory(UNIVERSE, actions(BONUS), LAST).of(batch)

    assert isinstance(found, TickBatch)
    assert (found.last[0], found.ask[0], found.volume[0]) == (rupees(3600), 0, 1500)
    assert found.depth is not None
    assert found.depth.bid_prices[0].tolist() == [35_993_333, 0, 0, 0, 0]
    assert found.depth.ask_quantities[0].tolist() == [15, 0, 0, 0, 0]


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 10**6), st.integers(0, 10**6)), min_size=1, max_size=20
    )
)
def test_a_grid_is_adjusted_as_its_rows_are(rows: list[tuple[int, int, int]]) -> None:
    batch = bars(*((BEFORE, slot, str(price), volume) for slot, price, volume in rows))
    grid = BarGrid.of(batch)
    assert grid is not None
    history = AdjustedHistory(UNIVERSE, actions(BONUS), LAST)

    in_rows, in_grid = history.of(batch), history.of(grid)

    assert isinstance(in_grid, BarGrid)
    again = in_grid.rows()
    for name in ("at", "slot", "open", "high", "low", "close", "volume", "open_interest"):
        assert getattr(again, name).tolist() == getattr(in_rows, name).tolist(), name

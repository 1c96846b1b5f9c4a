"""Limit price protection and the cap on market orders (market_rules.md 3.5, NSE's and brokers' examples)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.price_limits import PriceLimits
from kasauti.exchange.price_range import PriceRange, around
from kasauti.exchange.rules import ONE

LIMITS = PriceLimits()
TICK = rupees("0.05")
TODAY = date(2026, 11, 20)


def contract(kind: Kind, exchange: Exchange = Exchange.NFO, *, on_index: bool = True) -> Instrument:
    return Instrument(
        exchange, f"{'NIFTY' if on_index else 'RELIANCE'}-{kind}", kind, TICK, on_index=on_index
    )


INDEX_CALL = contract(Kind.CALL)
STOCK_PUT = contract(Kind.PUT, on_index=False)
INDEX_FUTURE = contract(Kind.FUTURE)
STOCK_FUTURE = contract(Kind.FUTURE, on_index=False)


def prices(low: str, high: str) -> PriceRange:
    return PriceRange(rupees(low), rupees(high))


@pytest.mark.parametrize(
    ("instrument", "reference", "low", "high"),
    [
        (INDEX_CALL, "75", "45", "105"),  # Zerodha's example
        (INDEX_CALL, "80", "48", "112"),  # Geojit's
        (INDEX_CALL, "100", "60", "140"),  # Dhan's
        (INDEX_CALL, "50", "30", "70"),  # the last premium with rupees
        (INDEX_CALL, "50.05", "30.05", "70.05"),  # 30.03 and 70.07, to the tick inside
        (INDEX_CALL, "30", "10", "50"),
        (INDEX_CALL, "12", "0.05", "32"),  # never under a tick
        (STOCK_PUT, "75", "45", "105"),
        (INDEX_FUTURE, "8000", "7800", "8200"),  # Geojit's
        (INDEX_FUTURE, "10000", "9800", "10200"),
        (INDEX_FUTURE, "20000", "19600", "20400"),
        (STOCK_FUTURE, "50", "48.5", "51.5"),
        (STOCK_FUTURE, "1000", "970", "1030"),
    ],
)
def test_the_range_of_limit_price_protection(
    instrument: Instrument, reference: str, low: str, high: str
) -> None:
    corridor = LIMITS.protection(instrument, TODAY)

    assert corridor is not None
    assert corridor.around(rupees(reference), TICK) == prices(low, high)


def test_only_the_aggressive_side_is_refused() -> None:
    corridor = LIMITS.protection(INDEX_CALL, TODAY)
    assert corridor is not None

    def refused(side: Side, price: str) -> PriceRange | None:
        return corridor.refuses(side, rupees(price), rupees(100), TICK)

    assert refused(Side.BUY, "140") is None
    assert refused(Side.BUY, "140.05") == prices("60", "140")
    assert refused(Side.BUY, "0.05") is None
    assert refused(Side.SELL, "60") is None
    assert refused(Side.SELL, "59.95") == prices("60", "140")
    assert refused(Side.SELL, "500") is None


@given(
    instrument=st.sampled_from([INDEX_CALL, INDEX_FUTURE, STOCK_FUTURE]),
    reference=st.integers(1, 6_000_000).map(lambda steps: steps * 37),
    price=st.integers(1, 600_000).map(lambda steps: steps * TICK),
    side=st.sampled_from(list(Side)),
)
def test_what_is_refused_is_what_is_outside_the_range(
    instrument: Instrument, reference: int, price: int, side: Side
) -> None:
    corridor = LIMITS.protection(instrument, TODAY)
    assert corridor is not None
    allowed = corridor.around(reference, TICK)
    outside = price > allowed.high if side is Side.BUY else price < allowed.low

    assert corridor.refuses(side, price, reference, TICK) == (allowed if outside else None)


@pytest.mark.parametrize(
    ("instrument", "day", "reference", "low", "high"),
    [
        (contract(Kind.CALL, Exchange.BFO), "2024-05-02", "100", "40", "160"),  # 60 %, 30 rupees at least
        (contract(Kind.CALL, Exchange.BFO), "2024-05-02", "40", "10", "70"),
        (contract(Kind.CALL, Exchange.BFO), "2024-07-01", "100", "60", "140"),
        (contract(Kind.FUTURE, Exchange.BFO, on_index=False), "2026-07-06", "100", "97", "103"),
        (contract(Kind.PUT, Exchange.BFO, on_index=False), "2026-07-06", "40", "20", "60"),
        (INDEX_FUTURE, "2023-06-01", "20000", "19400", "20600"),  # Zerodha's example, 3 %
    ],
)
def test_the_date_decides(instrument: Instrument, day: str, reference: str, low: str, high: str) -> None:
    corridor = LIMITS.protection(instrument, date.fromisoformat(day))

    assert corridor is not None
    assert corridor.around(rupees(reference), TICK) == prices(low, high)


def test_share_derivatives_of_bse_had_no_protection_before_july_2026() -> None:
    option = contract(Kind.CALL, Exchange.BFO, on_index=False)

    assert LIMITS.protection(option, date(2026, 7, 5)) is None
    assert LIMITS.protection(option, date(2026, 7, 6)) is not None


def test_shares_have_no_limit_price_protection() -> None:
    share = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, TICK)

    assert LIMITS.protection(share, TODAY) is None
    assert LIMITS.market_orders(share, TODAY) is None


@pytest.mark.parametrize("day", [date(2023, 3, 31), date(2027, 1, 1)])
def test_a_day_that_is_not_known_is_refused(day: date) -> None:
    with pytest.raises(RuleUnknown, match="limit price protection of index options on NFO"):
        LIMITS.protection(INDEX_CALL, day)
    with pytest.raises(RuleUnknown, match="cap on market orders of index options on NFO"):
        LIMITS.market_orders(INDEX_CALL, day)


# The cap on market orders


@pytest.mark.parametrize(
    # NSE's examples of 2023-11-22, as published by Fyers.
    ("last", "protection", "low", "high"),
    [
        ("100", ("48", "112"), "80", "112"),
        ("100", ("84", "196"), "84", "120"),
        ("30", ("0.05", "32"), "20", "32"),
        ("30", ("27", "67"), "27", "40"),
    ],
)
def test_a_market_order_stays_inside_the_cap_and_the_protection(
    last: str, protection: tuple[str, str], low: str, high: str
) -> None:
    cap = LIMITS.market_orders(INDEX_CALL, TODAY)

    assert cap is not None
    assert cap.needs_trade_today
    assert cap.around(rupees(last), TICK, prices(*protection)) == prices(low, high)


@pytest.mark.parametrize(
    ("last", "low", "high"),
    [("100", "80", "120"), ("50", "40", "60"), ("30", "20", "40"), ("5", "0.05", "15"), ("60", "48", "72")],
)
def test_the_cap_is_a_fifth_and_ten_rupees_at_least(last: str, low: str, high: str) -> None:
    cap = LIMITS.market_orders(STOCK_PUT, TODAY)

    assert cap is not None
    assert cap.around(rupees(last), TICK) == prices(low, high)


def test_before_december_2023_the_protection_did_not_bound_market_orders() -> None:
    cap = LIMITS.market_orders(INDEX_CALL, date(2023, 12, 1))

    assert cap is not None
    assert cap.around(rupees(100), TICK, prices("48", "112")) == prices("80", "120")


def test_futures_have_their_own_cap() -> None:
    cap = LIMITS.market_orders(STOCK_FUTURE, TODAY)

    assert cap is not None
    assert cap.around(rupees(40), TICK) == prices("37.5", "42.5")
    assert cap.around(rupees(1000), TICK) == prices("950", "1050")


def test_bse_takes_market_orders_as_they_come() -> None:
    assert LIMITS.market_orders(contract(Kind.CALL, Exchange.BFO), TODAY) is None


# The arithmetic


@given(
    reference=st.integers(1, 10**9),
    distance=st.integers(0, 10**18),
    tick=st.sampled_from([1, 25, 100, 500, 1000, 2000, 50_000]),
)
def test_a_range_is_on_the_tick_and_leaves_out_only_what_is_outside(
    reference: int, distance: int, tick: int
) -> None:
    found = around(reference, distance, distance, tick)

    assert found.low % tick == 0 == found.high % tick
    assert found.low >= tick
    assert found.high * ONE <= reference * ONE + distance < (found.high + tick) * ONE
    assert found.low * ONE >= reference * ONE - distance
    assert found.low == tick or (found.low - tick) * ONE < reference * ONE - distance


@pytest.mark.parametrize(("reference", "tick"), [(0, 500), (-1, 500), (100, 0)])
def test_a_range_needs_a_price(reference: int, tick: int) -> None:
    with pytest.raises(InvalidInput, match="a reference and a tick above 0"):
        around(reference, ONE, ONE, tick)

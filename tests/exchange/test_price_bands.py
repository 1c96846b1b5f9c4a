"""Daily price bands and how they are widened (market_rules.md 3.5)."""

from datetime import date
from decimal import Decimal

import pytest

from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.price_bands import Band, Banded, Base, PriceBands
from kasauti.exchange.price_range import PriceRange

BANDS = PriceBands()
TODAY = date(2026, 11, 20)
PAISE = rupees("0.01")
TICK = rupees("0.05")

SHARE = Instrument(Exchange.NSE, "TINYCO", Kind.EQUITY, PAISE)
RELIANCE = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, rupees("0.10"))
FUTURE = Instrument(Exchange.NFO, "RELIANCE26NOVFUT", Kind.FUTURE, rupees("0.10"))
NIFTY = Instrument(Exchange.NFO, "NIFTY26NOVFUT", Kind.FUTURE, rupees("0.10"), on_index=True)
NIFTYBEES = Instrument(Exchange.NSE, "NIFTYBEES", Kind.EQUITY, PAISE, fund=Fund.EQUITY)
GOLDBEES = Instrument(Exchange.NSE, "GOLDBEES", Kind.EQUITY, PAISE, fund=Fund.OTHER)


def prices(low: str, high: str) -> PriceRange:
    return PriceRange(rupees(low), rupees(high))


@pytest.mark.parametrize(
    ("percent", "close", "tick", "low", "high"),
    [
        ("5", "101.35", TICK, "96.30", "106.40"),  # 96.2825 and 106.4175
        ("2", "100", PAISE, "98", "102"),
        ("10", "33.33", PAISE, "30", "36.66"),  # 29.997 and 36.663
        ("20", "0.40", TICK, "0.35", "0.45"),  # 0.32 and 0.48
    ],
)
def test_a_fixed_band_is_rounded_inwards(percent: str, close: str, tick: int, low: str, high: str) -> None:
    band = BANDS.band(SHARE, TODAY, percent=Decimal(percent))

    assert band.base is Base.PREVIOUS_CLOSE
    assert band.around(rupees(close), tick) == prices(low, high)
    assert band.cooling_minutes(0, last_half_hour=False) is None


def test_the_band_of_a_share_is_asked_for() -> None:
    with pytest.raises(
        RuleUnknown, match=r"NSE:TINYCO on 2026-11-20 is not known: it is one of 2, 5, 10, 20 %"
    ):
        BANDS.band(SHARE, TODAY)
    with pytest.raises(InvalidInput, match="7 % is not a price band"):
        BANDS.band(SHARE, TODAY, percent=Decimal(7))


def test_a_share_with_derivatives_begins_at_ten_per_cent_and_is_widened_in_steps() -> None:
    """SEBI 2024-05-24: two steps of 5 after 15 minutes, two of 3 after 30, then 2 after 60."""
    band = BANDS.band(RELIANCE, date(2024, 6, 3))
    high = [band.around(rupees(1000), rupees("0.10"), up=taken).high for taken in range(7)]

    assert high == [rupees(price) for price in (1100, 1150, 1200, 1230, 1260, 1280, 1300)]
    assert [band.cooling_minutes(n, last_half_hour=False) for n in range(6)] == [15, 15, 30, 30, 60, 60]
    assert [band.cooling_minutes(n, last_half_hour=True) for n in range(6)] == [5] * 6
    assert band.flexing is not None
    assert (band.flexing.trades, band.flexing.clients, band.flexing.members) == (50, 10, 3)


def test_the_other_edge_stays_until_november_2024_and_slides_since() -> None:
    before = BANDS.band(RELIANCE, date(2024, 11, 17)).around(rupees(1000), TICK, up=1)
    since = BANDS.band(RELIANCE, date(2024, 11, 18)).around(rupees(1000), TICK, up=1)

    assert before == prices("900", "1150")
    assert since == prices("950", "1150")
    assert BANDS.band(RELIANCE, TODAY).around(rupees(1000), TICK, down=2) == prices("800", "1000")


def test_the_band_is_looked_at_when_a_trade_is_a_tenth_of_a_per_cent_from_its_edge() -> None:
    band = BANDS.band(RELIANCE, TODAY)

    assert band.trigger(rupees(1000), up=True) == rupees(1099)
    assert band.trigger(rupees(1000), up=False) == rupees(901)
    assert band.trigger(rupees(1000), up=True, taken=2) == rupees(1199)


def test_futures_have_an_operating_range_of_ten_per_cent() -> None:
    assert BANDS.band(FUTURE, TODAY).around(rupees(1400), rupees("0.10")) == prices("1260", "1540")
    assert BANDS.band(NIFTY, TODAY).around(rupees(26000), rupees("0.10")) == prices("23400", "28600")
    assert BANDS.band(NIFTY, TODAY).cooling_minutes(0, last_half_hour=False) is None
    assert BANDS.band(FUTURE, TODAY).cooling_minutes(0, last_half_hour=False) == 15


def test_funds_had_a_wide_band_on_an_old_value_until_september_2026() -> None:
    before = BANDS.band(NIFTYBEES, date(2026, 9, 6))
    since = BANDS.band(NIFTYBEES, date(2026, 9, 7))

    assert (before.base, before.around(rupees(280), PAISE)) == (Base.NET_ASSET_VALUE, prices("224", "336"))
    assert (since.base, since.around(rupees(280), PAISE)) == (Base.PREVIOUS_CLOSE, prices("252", "308"))
    assert since.around(rupees(280), PAISE, up=2) == prices("252", "336")  # no sliding
    assert since.around(rupees(280), PAISE, up=9) == prices("252", "336")  # 20 % is the most
    assert [since.cooling_minutes(n, last_half_hour=False) for n in range(3)] == [15, 15, None]


def test_the_fund_is_named_where_it_is_not_one_of_shares() -> None:
    with pytest.raises(RuleUnknown, match="NSE:GOLDBEES is a fund of something else"):
        BANDS.band(GOLDBEES, TODAY)

    gold = BANDS.band(GOLDBEES, TODAY, of=Banded.COMMODITY_ETF)
    overnight = BANDS.band(GOLDBEES, TODAY, of=Banded.OVERNIGHT_ETF)

    assert [gold.around(rupees(100), PAISE, up=n).high for n in range(6)] == [
        rupees(price) for price in (106, 109, 112, 115, 118, 120)
    ]
    assert overnight == Band(Base.PREVIOUS_CLOSE, Decimal(5))


@pytest.mark.parametrize(("of", "high"), [(Banded.NEW_LISTING, 120), (Banded.RELISTING, 105)])
def test_a_new_share_is_bound_around_its_auction_price(of: Banded, high: int) -> None:
    band = BANDS.band(SHARE, TODAY, of=of)

    assert band.base is Base.AUCTION_PRICE
    assert band.around(rupees(100), PAISE).high == rupees(high)


def test_the_range_of_an_option_is_in_its_quote() -> None:
    call = Instrument(Exchange.NFO, "NIFTY26NOV26000CE", Kind.CALL, TICK, on_index=True)

    with pytest.raises(RuleUnknown, match="circuit limits in its quote"):
        BANDS.band(call, TODAY)


@pytest.mark.parametrize("day", [date(2023, 3, 31), date(2027, 1, 1)])
def test_a_day_that_is_not_known_is_refused(day: date) -> None:
    with pytest.raises(RuleUnknown, match="price band of index futures"):
        BANDS.band(NIFTY, day)


def test_without_a_list_there_is_a_widest_band_only_where_bands_have_an_end() -> None:
    bands, day = PriceBands(), date(2026, 11, 20)
    small = Instrument(Exchange.NSE, "TINYCO", Kind.EQUITY, 5, name="TINYCO")
    liquid = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 10, name="RELIANCE")
    fund = Instrument(Exchange.NSE, "NIFTYBEES", Kind.EQUITY, 1, name="NIFTYBEES", fund=Fund.EQUITY)

    assert bands.widest(small, day, rupees(100)) == PriceRange(rupees(80), rupees(120))
    assert bands.widest(liquid, day, rupees(100)) is None
    assert bands.widest(fund, day, rupees(100)) == PriceRange(rupees(80), rupees(120))
    assert bands.widest(fund, date(2026, 9, 6), rupees(100)) is None

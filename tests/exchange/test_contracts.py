"""Lots, freeze quantities, ticks and strike steps by date (market_rules.md 3.1 to 3.4)."""

from datetime import date

import pytest

from kasauti.domain.instrument import Exchange, Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.contract_sizes import ContractSize, ContractSizes
from kasauti.exchange.contracts import ContractBook
from kasauti.exchange.expiries import Expiries

BOOK = ContractBook(Expiries(Calendar()))


@pytest.mark.parametrize(
    ("name", "expiry", "lot"),
    [
        ("NIFTY", "2024-04-25", 50),
        ("NIFTY", "2024-05-02", 25),  # the first weekly of 25
        ("NIFTY", "2024-05-30", 25),  # the first monthly
        ("NIFTY", "2024-12-26", 25),
        ("NIFTY", "2025-01-02", 75),  # the first weekly of 75
        ("NIFTY", "2025-01-30", 25),  # that month's monthly was older
        ("NIFTY", "2025-02-06", 75),
        ("NIFTY", "2025-02-27", 75),  # the first monthly of 75
        ("NIFTY", "2025-12-30", 75),
        ("NIFTY", "2026-01-06", 65),  # the first weekly of 65
        ("NIFTY", "2026-01-27", 65),  # the first monthly
        ("NIFTY", "2026-11-23", 65),
        ("BANKNIFTY", "2024-11-13", 15),
        ("BANKNIFTY", "2025-01-30", 15),
        ("BANKNIFTY", "2025-02-27", 30),
        ("BANKNIFTY", "2025-07-31", 35),
        ("BANKNIFTY", "2025-12-30", 35),
        ("BANKNIFTY", "2026-01-27", 30),
        ("FINNIFTY", "2024-07-23", 40),
        ("FINNIFTY", "2024-07-30", 25),  # the first monthly of 25 is before the first weekly
        ("FINNIFTY", "2024-08-06", 25),
        ("FINNIFTY", "2026-11-23", 60),
        ("MIDCPNIFTY", "2025-07-31", 140),
        ("MIDCPNIFTY", "2026-11-23", 120),
        ("NIFTYNXT50", "2024-12-27", 10),
        ("NIFTYNXT50", "2026-11-23", 25),
        ("NIFTYFPI", "2026-11-23", 1100),
        ("SENSEX", "2024-12-27", 10),
        ("SENSEX", "2026-11-26", 20),
        ("SENSEX", "2026-12-31", 20),  # the last day that is known
        ("BANKEX", "2026-11-26", 30),
        ("SENSEX50", "2025-06-24", 60),
        ("SENSEX50", "2026-11-26", 75),
    ],
)
def test_the_contract_decides_the_lot(name: str, expiry: str, lot: int) -> None:
    assert BOOK.lot_size(name, date.fromisoformat(expiry)) == lot


def test_a_quarterly_contract_changes_its_lot_during_its_life() -> None:
    """NIFTY quarterlies went to 65 after the close of 2025-12-30."""
    june = date(2026, 6, 30)

    assert BOOK.lot_size("NIFTY", june, on=date(2025, 12, 30)) == 75
    assert BOOK.lot_size("NIFTY", june, on=date(2025, 12, 31)) == 65
    assert BOOK.lot_size("NIFTY", date(2026, 1, 27), on=date(2025, 12, 1)) == 65  # no quarterly: always 65


@pytest.mark.parametrize(
    ("name", "expiry"),
    [
        ("NIFTY", date(2027, 6, 29)),  # the review of October 2026 is not known
        ("SENSEX50", date(2025, 10, 30)),  # somewhere between 60 and 75
        ("RELIANCE", date(2026, 11, 23)),
        ("NIFTYNXT50", date(2024, 4, 23)),
    ],
)
def test_an_unknown_lot_is_refused(name: str, expiry: date) -> None:
    with pytest.raises(RuleUnknown, match=name):
        BOOK.lot_size(name, expiry)


def test_a_day_that_is_no_expiry_has_no_lot() -> None:
    with pytest.raises(RuleUnknown, match="not an expiry"):
        BOOK.lot_size("NIFTY", date(2026, 11, 24))


@pytest.mark.parametrize(
    ("name", "day", "quantity"),
    [
        ("NIFTY", "2024-06-03", 1800),
        ("NIFTY", "2026-11-20", 1800),
        ("BANKNIFTY", "2025-07-31", 900),
        ("BANKNIFTY", "2025-08-01", 600),
        ("BANKNIFTY", "2025-10-31", 900),
        ("BANKNIFTY", "2026-03-31", 600),
        ("BANKNIFTY", "2026-06-30", 900),
        ("BANKNIFTY", "2026-08-31", 600),
        ("FINNIFTY", "2026-01-30", 1200),
        ("FINNIFTY", "2026-02-27", 1800),
        ("FINNIFTY", "2026-03-02", 1200),
        ("FINNIFTY", "2026-04-01", 1800),
        ("MIDCPNIFTY", "2026-08-03", 2800),
        ("NIFTYNXT50", "2026-08-03", 600),
        ("NIFTYFPI", "2026-11-20", 8500),
        ("SENSEX", "2026-11-20", 1000),
        ("BANKEX", "2026-11-20", 900),
    ],
)
def test_the_freeze_quantity_follows_the_monthly_circulars(name: str, day: str, quantity: int) -> None:
    assert BOOK.freeze_quantity(name, date.fromisoformat(day)) == quantity


def test_all_freeze_quantities_that_are_known_on_a_day() -> None:
    known = BOOK.freeze_quantities(date(2025, 5, 2))

    assert known == {
        "NIFTY": 1800,
        "BANKNIFTY": 900,
        "FINNIFTY": 1800,
        "NIFTYNXT50": 600,
        "SENSEX": 1000,
        "BANKEX": 900,
    }  # that of MIDCPNIFTY is not known between April and July 2025


def test_the_largest_nifty_order_is_27_lots() -> None:
    """floor(1800 / 65) x 65 = 1755."""
    lot = BOOK.lot_size("NIFTY", date(2026, 11, 23))

    assert BOOK.freeze_quantity("NIFTY", date(2026, 11, 20)) // lot * lot == 1755


@pytest.mark.parametrize(
    ("name", "day"), [("RELIANCE", date(2026, 11, 20)), ("MIDCPNIFTY", date(2025, 5, 2))]
)
def test_an_unknown_freeze_quantity_is_refused(name: str, day: date) -> None:
    with pytest.raises(RuleUnknown, match=name):
        BOOK.freeze_quantity(name, day)


@pytest.mark.parametrize(
    ("kind", "on_index", "level", "day", "tick"),
    [
        ("EQ", False, "249.99", "2026-11-20", "0.01"),
        ("EQ", False, "250", "2026-11-20", "0.05"),
        ("EQ", False, "1000", "2026-11-20", "0.05"),
        ("EQ", False, "1000.01", "2026-11-20", "0.10"),
        ("EQ", False, "5000", "2026-11-20", "0.10"),
        ("EQ", False, "5000.05", "2026-11-20", "0.50"),
        ("EQ", False, "10000.05", "2026-11-20", "1"),
        ("EQ", False, "20000.05", "2026-11-20", "5"),
        ("EQ", False, "249", "2024-06-07", "0.05"),
        ("EQ", False, "249", "2024-06-10", "0.01"),
        ("EQ", False, "1500", "2025-04-11", "0.05"),
        ("EQ", False, "1500", "2025-04-15", "0.10"),
        ("FUT", False, "249", "2024-07-05", "0.05"),
        ("FUT", False, "249", "2024-07-08", "0.01"),
        ("FUT", False, "1500", "2025-04-15", "0.10"),
        ("CE", False, "249", "2025-10-31", "0.05"),
        ("PE", False, "249", "2025-11-03", "0.01"),
        ("CE", False, "1500", "2026-11-20", "0.05"),
        ("FUT", True, "15000", "2026-11-20", "0.05"),
        ("FUT", True, "24000", "2026-11-20", "0.10"),
        ("FUT", True, "30000", "2026-11-20", "0.10"),
        ("FUT", True, "55000", "2026-11-20", "0.20"),
        ("FUT", True, "55000", "2025-04-11", "0.05"),
        ("CE", True, "24000", "2026-11-20", "0.05"),
    ],
)
def test_the_tick_follows_the_level(kind: str, on_index: bool, level: str, day: str, tick: str) -> None:  # noqa: FBT001
    found = BOOK.tick_size(Kind(kind), rupees(level), date.fromisoformat(day), on_index=on_index)

    assert found == rupees(tick)


@pytest.mark.parametrize("level", ["45", "280", "6000"])
def test_a_fund_has_one_tick(level: str) -> None:
    assert BOOK.tick_size(Kind.EQUITY, rupees(level), date(2026, 11, 20), fund=True) == rupees("0.01")


def test_every_tick_that_a_price_may_give() -> None:
    day = date(2026, 11, 20)

    assert BOOK.ticks(Kind.FUTURE, day, on_index=True) == {rupees("0.05"), rupees("0.10"), rupees("0.20")}
    assert BOOK.ticks(Kind.PUT, day) == {rupees("0.01"), rupees("0.05")}
    assert len(BOOK.ticks(Kind.EQUITY, day)) == 6


def test_an_index_has_no_tick() -> None:
    with pytest.raises(InvalidInput, match="does not trade"):
        BOOK.tick_size(Kind.INDEX, rupees(24000), date(2026, 11, 20))


def test_a_tick_needs_a_level() -> None:
    with pytest.raises(InvalidInput, match=r"0\.00"):
        BOOK.tick_size(Kind.EQUITY, 0, date(2026, 11, 20))


@pytest.mark.parametrize(
    ("name", "step"),
    [
        ("NIFTY", 50),
        ("BANKNIFTY", 100),
        ("FINNIFTY", 50),
        ("MIDCPNIFTY", 25),
        ("SENSEX", 100),
        ("NIFTYFPI", 5),
        ("NIFTYNXT50", 100),
    ],
)
def test_strikes_stand_at_their_distance(name: str, step: int) -> None:
    assert BOOK.strike_step(name, date(2026, 11, 20)) == rupees(step)


def test_strikes_far_out_and_of_long_dated_contracts_stand_further_apart() -> None:
    day = date(2026, 11, 20)

    assert BOOK.strike_step("BANKNIFTY", day, wide=True) == rupees(500)
    assert BOOK.strike_step("NIFTYFPI", day, wide=True) == rupees(20)
    assert BOOK.strike_step("NIFTY", date(2025, 12, 31), long_dated=True) == rupees(1500)


@pytest.mark.parametrize(("name", "day"), [("NIFTY", date(2025, 12, 30)), ("SENSEX", date(2026, 11, 20))])
def test_a_distance_that_is_not_kept_is_refused(name: str, day: date) -> None:
    with pytest.raises(RuleUnknown, match=f"long-dated strike step of {name} is not known on {day}"):
        BOOK.strike_step(name, day, long_dated=True)


def test_an_unknown_strike_step_is_refused() -> None:
    with pytest.raises(RuleUnknown, match="RELIANCE is not known; known names: BANKNIFTY"):
        BOOK.strike_step("RELIANCE", date(2026, 11, 20))


@pytest.mark.parametrize(
    ("exchange", "name", "units", "tick"),
    [
        (Exchange.MCX, "CRUDEOIL", 100, "1"),  # market_rules.md 1.8, V7
        (Exchange.CDS, "USDINR", 1000, "0.0025"),  # V8
        (Exchange.MCX, "GOLD", 100, "1"),  # a kilogram, quoted for 10 g
        (Exchange.MCX, "GOLDPETAL", 1, "1"),
    ],
)
def test_a_lot_of_a_commodity_or_currency(exchange: Exchange, name: str, units: int, tick: str) -> None:
    found = ContractSizes().of(exchange, name, date(2026, 11, 20))

    assert found == ContractSize(units, rupees(tick))


@pytest.mark.parametrize(
    ("name", "day"),
    [("CARDAMOM", date(2026, 11, 20)), ("CRUDEOIL", date(2023, 3, 31)), ("GOLD", date(2027, 1, 1))],
)
def test_an_unknown_lot_of_a_commodity_is_refused(name: str, day: date) -> None:
    with pytest.raises(RuleUnknown, match=name):
        ContractSizes().of(Exchange.MCX, name, day)

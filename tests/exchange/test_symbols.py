"""Zerodha's tradingsymbols, written and read (market_rules.md 3.6)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.instrument import Kind
from kasauti.domain.money import rupees
from kasauti.errors import InvalidInput
from kasauti.exchange.symbols import Symbol, future_symbol, option_symbol, parse

WEEKLY = [
    # name, expiry, strike, kind, symbol
    ("NIFTY", "2026-06-02", "23700", "CE", "NIFTY2660223700CE"),
    ("NIFTY", "2026-12-01", "26000", "CE", "NIFTY26D0126000CE"),
    ("NIFTY", "2026-11-17", "26000", "PE", "NIFTY26N1726000PE"),
    ("NIFTY", "2025-10-20", "25500", "CE", "NIFTY25O2025500CE"),
    ("NIFTY", "2025-12-02", "26050", "CE", "NIFTY25D0226050CE"),
    ("NIFTY", "2023-07-13", "17900", "PE", "NIFTY2371317900PE"),
    ("SENSEX", "2026-11-19", "84000", "CE", "SENSEX26N1984000CE"),
    ("SENSEX50", "2024-11-14", "28000", "CE", "SENSEX5024N1428000CE"),
    ("SENSEX50", "2024-08-08", "25000", "PE", "SENSEX502480825000PE"),
    ("BANKNIFTY", "2024-01-03", "48000", "CE", "BANKNIFTY2410348000CE"),
]
MONTHLY = [
    ("NIFTY", "2026-02-24", "24900", "PE", "NIFTY26FEB24900PE"),
    ("NIFTY", "2026-11-23", "26000", "CE", "NIFTY26NOV26000CE"),  # moved by a holiday, monthly all the same
    ("NIFTY", "2026-10-27", "26000", "CE", "NIFTY26OCT26000CE"),  # O of OCT is no one-letter month
    ("NIFTY", "2026-12-29", "26000", "CE", "NIFTY26DEC26000CE"),
    ("NIFTYNXT50", "2025-11-25", "68700", "CE", "NIFTYNXT5025NOV68700CE"),
    ("360ONE", "2025-11-25", "1100", "PE", "360ONE25NOV1100PE"),
    ("M&M", "2025-11-25", "3600", "CE", "M&M25NOV3600CE"),
    ("BAJAJ-AUTO", "2025-11-25", "9000", "CE", "BAJAJ-AUTO25NOV9000CE"),
    ("ADANIENT", "2025-11-25", "2423.7", "CE", "ADANIENT25NOV2423.7CE"),
    ("NTPC", "2026-01-27", "42.25", "PE", "NTPC26JAN42.25PE"),
    ("CRUDEOIL", "2026-11-17", "5800", "CE", "CRUDEOIL26NOV5800CE"),
]


@pytest.mark.parametrize(("name", "expiry", "strike", "kind", "symbol"), WEEKLY)
def test_weekly_options(name: str, expiry: str, strike: str, kind: str, symbol: str) -> None:
    day = date.fromisoformat(expiry)

    assert option_symbol(name, day, rupees(strike), Kind(kind), monthly=False) == symbol
    assert parse(symbol) == Symbol(
        name, Kind(kind), day.year, day.month, monthly=False, expiry=day, strike=rupees(strike)
    )


@pytest.mark.parametrize(("name", "expiry", "strike", "kind", "symbol"), MONTHLY)
def test_monthly_options(name: str, expiry: str, strike: str, kind: str, symbol: str) -> None:
    day = date.fromisoformat(expiry)

    assert option_symbol(name, day, rupees(strike), Kind(kind), monthly=True) == symbol
    assert parse(symbol) == Symbol(name, Kind(kind), day.year, day.month, monthly=True, strike=rupees(strike))


@pytest.mark.parametrize(
    ("name", "expiry", "symbol"),
    [
        ("NIFTY", "2026-11-23", "NIFTY26NOVFUT"),
        ("NIFTYNXT50", "2025-11-25", "NIFTYNXT5025NOVFUT"),
        ("360ONE", "2026-01-27", "360ONE26JANFUT"),
        ("USDINR", "2026-11-26", "USDINR26NOVFUT"),
    ],
)
def test_futures(name: str, expiry: str, symbol: str) -> None:
    day = date.fromisoformat(expiry)

    assert future_symbol(name, day) == symbol
    assert parse(symbol) == Symbol(name, Kind.FUTURE, day.year, day.month, monthly=True)


@pytest.mark.parametrize("month", range(10, 13))
def test_the_last_three_months_are_letters(month: int) -> None:
    """Others write 10, 11 and 12 (market_rules.md 8.3)."""
    symbol = option_symbol("NIFTY", date(2026, month, 6), rupees(26000), Kind.CALL, monthly=False)

    assert symbol == f"NIFTY26{'OND'[month - 10]}0626000CE"


NAMES = ["NIFTY", "BANKNIFTY", "NIFTYNXT50", "SENSEX", "SENSEX50", "360ONE", "M&M", "BAJAJ-AUTO", "NAM-INDIA"]
names = st.sampled_from(NAMES)
expiries = st.dates(date(2010, 1, 1), date(2049, 12, 31))
strikes = st.one_of(
    st.integers(1, 200_000).map(rupees), st.integers(1, 4_000_000).map(lambda steps: steps * 500)
)
options = st.sampled_from([Kind.CALL, Kind.PUT])


@given(names, expiries, strikes, options)
def test_a_weekly_option_is_read_back(name: str, expiry: date, strike: int, kind: Kind) -> None:
    symbol = option_symbol(name, expiry, strike + rupees(1), kind, monthly=False)

    read = parse(symbol, NAMES)

    assert (read.name, read.expiry, read.strike, read.kind) == (name, expiry, strike + rupees(1), kind)
    assert not read.monthly


@given(names, expiries, strikes, options)
def test_a_monthly_option_is_read_back(name: str, expiry: date, strike: int, kind: Kind) -> None:
    read = parse(option_symbol(name, expiry, strike + rupees(1), kind, monthly=True))

    assert (read.name, read.year, read.month) == (name, expiry.year, expiry.month)
    assert (read.strike, read.kind, read.monthly, read.expiry) == (strike + rupees(1), kind, True, None)


@pytest.mark.parametrize(("year", "digits"), [(2000, "00"), (2099, "99")])
def test_two_digits_are_a_year_of_this_century(year: int, digits: str) -> None:
    assert future_symbol("NIFTY", date(year, 1, 1)) == f"NIFTY{digits}JANFUT"


@given(names, expiries)
def test_a_future_is_read_back(name: str, expiry: date) -> None:
    read = parse(future_symbol(name, expiry))

    assert (read.name, read.year, read.month, read.kind) == (name, expiry.year, expiry.month, Kind.FUTURE)


def test_the_names_that_are_listed_decide_between_readings() -> None:
    """With a share named NIFTY26, the same symbol is another contract: its strike, 700, of 2060."""
    symbol = "NIFTY2660223700CE"

    assert parse(symbol).name == "NIFTY"
    assert parse(symbol, ["NIFTY26"]) == Symbol(
        "NIFTY26", Kind.CALL, 2060, 2, monthly=False, expiry=date(2060, 2, 23), strike=rupees(700)
    )


@pytest.mark.parametrize(
    "symbol",
    [
        "",
        "RELIANCE",
        "NIFTY 50",
        "NIFTY26NOV",
        "NIFTY26NOVCE",
        "NIFTY26NOV0CE",
        "NIFTY26N3126000CE",  # 31 November
        "26NOVFUT",
        "nifty26nov26000ce",
        "NIFTY26NOV26000XX",
        "NIFTY26NOV26.CE",
    ],
)
def test_what_is_no_derivative_is_refused(symbol: str) -> None:
    with pytest.raises(InvalidInput, match="is not the tradingsymbol"):
        parse(symbol)


def test_a_name_that_is_not_listed_is_refused() -> None:
    with pytest.raises(InvalidInput, match="on one of the 2 names given"):
        parse("NIFTY26NOV26000CE", ["BANKNIFTY", "SENSEX"])


@pytest.mark.parametrize(
    ("strike", "kind", "expiry"),
    [
        (0, Kind.CALL, date(2026, 11, 23)),
        (-rupees(1), Kind.PUT, date(2026, 11, 23)),
        (rupees(100), Kind.FUTURE, date(2026, 11, 23)),
        (rupees(100), Kind.CALL, date(1999, 12, 31)),
        (rupees(100), Kind.CALL, date(2100, 1, 1)),
    ],
)
def test_a_symbol_is_not_made_of_nonsense(strike: int, kind: Kind, expiry: date) -> None:
    with pytest.raises(InvalidInput):
        option_symbol("NIFTY", expiry, strike, kind, monthly=True)

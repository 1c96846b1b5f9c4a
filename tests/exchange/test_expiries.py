"""Expiry dates against the vectors of the fact sheet (market_rules.md 2.6) and its history."""

from datetime import date

import pytest

from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.expiries import Expiries

CALENDAR = Calendar()
EXPIRIES = Expiries(CALENDAR)


def found(name: str, first: str, last: str, *, monthly: bool | None = None, listed_on: str = "") -> list[str]:
    expiries = EXPIRIES.expiries(
        name,
        date.fromisoformat(first),
        date.fromisoformat(last),
        listed_on=date.fromisoformat(listed_on) if listed_on else None,
    )
    return [e.day.isoformat() for e in expiries if monthly is None or e.monthly == monthly]


@pytest.mark.parametrize(
    ("name", "scheduled", "day"),
    [
        ("NIFTY", "2025-10-21", "2025-10-20"),
        ("NIFTY", "2026-03-03", "2026-03-02"),
        ("NIFTY", "2026-03-31", "2026-03-30"),
        ("NIFTY", "2026-04-14", "2026-04-13"),
        ("NIFTY", "2026-10-20", "2026-10-19"),
        ("NIFTY", "2026-11-10", "2026-11-09"),
        ("NIFTY", "2026-11-24", "2026-11-23"),
        ("SENSEX", "2025-10-02", "2025-10-01"),
        ("SENSEX", "2025-12-25", "2025-12-24"),
        ("SENSEX", "2026-01-15", "2026-01-14"),
        ("SENSEX", "2026-03-26", "2026-03-25"),
        ("SENSEX", "2026-05-28", "2026-05-27"),
    ],
)
def test_a_holiday_moves_the_expiry_to_the_day_before(name: str, scheduled: str, day: str) -> None:
    assert not EXPIRIES.is_expiry(name, date.fromisoformat(scheduled))
    assert EXPIRIES.is_expiry(name, date.fromisoformat(day))
    (expiry,) = EXPIRIES.expiries(name, date.fromisoformat(day), date.fromisoformat(day))
    assert expiry.scheduled == date.fromisoformat(scheduled)


def test_only_those_expiries_are_moved() -> None:
    """The fact sheet lists all shifted expiries from September 2025 to December 2026."""
    moved = {
        name: [
            e.scheduled.isoformat()
            for e in EXPIRIES.expiries(name, date(2025, 9, 1), date(2026, 12, 31))
            if e.scheduled != e.day
        ]
        for name in ("NIFTY", "SENSEX")
    }

    assert moved == {
        "NIFTY": [
            "2025-10-21", "2026-03-03", "2026-03-31", "2026-04-14", "2026-10-20", "2026-11-10", "2026-11-24",
        ],
        "SENSEX": ["2025-10-02", "2025-12-25", "2026-01-15", "2026-03-26", "2026-05-28"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("names", "monthlies"),
    [
        (
            ["NIFTY", "BANKNIFTY", "FINNIFTY", "MIDCPNIFTY", "NIFTYNXT50", "RELIANCE"],
            "01-27 02-24 03-30 04-28 05-26 06-30 07-28 08-25 09-29 10-27 11-23 12-29",
        ),
        (
            ["SENSEX", "BANKEX", "SENSEX50"],
            "01-29 02-26 03-25 04-30 05-27 06-25 07-30 08-27 09-24 10-29 11-26 12-31",
        ),
    ],
    ids=["NSE", "BSE"],
)
def test_the_monthly_expiries_of_2026(names: list[str], monthlies: str) -> None:
    for name in names:
        expected = [f"2026-{day}" for day in monthlies.split()]
        assert found(name, "2026-01-01", "2026-12-31", monthly=True) == expected, name


def test_nifty_moved_from_thursday_to_tuesday() -> None:
    """The last Thursday is 2025-08-28, the first Tuesday 2025-09-02."""
    assert found("NIFTY", "2025-08-15", "2025-09-16") == [
        "2025-08-21", "2025-08-28", "2025-09-02", "2025-09-09", "2025-09-16",
    ]  # fmt: skip


def test_sensex_moved_from_friday_to_tuesday_to_thursday() -> None:
    assert found("SENSEX", "2024-12-16", "2025-01-15") == [
        "2024-12-20",
        "2024-12-27",
        "2025-01-07",
        "2025-01-14",
    ]
    assert found("SENSEX", "2025-08-18", "2025-09-12") == [
        "2025-08-19",
        "2025-08-26",
        "2025-09-04",
        "2025-09-11",
    ]


@pytest.mark.parametrize(
    ("name", "last_weekly"),
    [
        ("BANKNIFTY", "2024-11-13"),
        ("MIDCPNIFTY", "2024-11-18"),
        ("FINNIFTY", "2024-11-19"),
        ("SENSEX50", "2024-11-14"),
        ("BANKEX", "2024-11-18"),
    ],
)
def test_only_one_index_per_exchange_kept_its_weekly_expiry(name: str, last_weekly: str) -> None:
    assert found(name, "2024-10-01", "2026-12-31", monthly=False)[-1] == last_weekly


def test_the_monthly_takes_the_place_of_its_weeks_weekly() -> None:
    """In January 2024 BANKNIFTY weeklies were on Wednesdays, the monthly on Thursday the 25th."""
    assert found("BANKNIFTY", "2024-01-01", "2024-01-31") == [
        "2024-01-03", "2024-01-10", "2024-01-17", "2024-01-25", "2024-01-31",
    ]  # fmt: skip
    assert found("BANKNIFTY", "2024-01-01", "2024-01-31", monthly=True) == ["2024-01-25"]


def test_a_monthly_expiry_is_told_from_a_weekly_one() -> None:
    assert EXPIRIES.is_monthly("NIFTY", date(2026, 11, 23))
    assert not EXPIRIES.is_monthly("NIFTY", date(2026, 11, 17))
    with pytest.raises(RuleUnknown, match=r"2026-11-24 is not an expiry of NIFTY.*Guru Nanak"):
        EXPIRIES.is_monthly("NIFTY", date(2026, 11, 24))


@pytest.mark.parametrize(("day", "expected"), [("2026-11-18", "2026-11-23"), ("2026-11-23", "2026-11-23")])
def test_the_next_expiry_is_today_on_its_day(day: str, expected: str) -> None:
    assert EXPIRIES.next_expiry("NIFTY", date.fromisoformat(day)).day == date.fromisoformat(expected)


def test_expiries_as_they_were_listed_before_a_change() -> None:
    """On 2025-08-28 September's contracts still stood under Thursdays; the next morning under Tuesdays."""
    assert found("NIFTY", "2025-09-01", "2025-09-12", listed_on="2025-08-28") == ["2025-09-04", "2025-09-11"]
    assert found("NIFTY", "2025-09-01", "2025-09-12", listed_on="2025-08-29") == ["2025-09-02", "2025-09-09"]


def test_special_weekend_sessions_do_not_take_an_expiry() -> None:
    """An expiry never falls on a weekend, though the market opened on some."""
    for name in EXPIRIES.names:
        first = date(2026, 8, 12) if name == "NIFTYFPI" else date(2024, 5, 1)
        for expiry in EXPIRIES.expiries(name, first, date(2026, 12, 31)):
            assert CALENDAR.is_regular_day(expiry.day)
            assert 0 <= (expiry.scheduled - expiry.day).days <= 4


@pytest.mark.parametrize(
    ("name", "first", "last", "says"),
    [
        ("NIFTY", date(2023, 12, 1), date(2024, 1, 31), "2024-01-01 to 2026-12-31"),
        ("NIFTY", date(2026, 12, 1), date(2027, 1, 31), "2024-01-01 to 2026-12-31"),
        ("NIFTYNXT50", date(2024, 1, 1), date(2024, 3, 31), "2024-04-24"),
        ("ZOMBIECO", date(2026, 1, 1), date(2026, 1, 31), "ZOMBIECO.*BANKEX, BANKNIFTY"),
        ("shares", date(2026, 1, 1), date(2026, 1, 31), "shares"),
    ],
)
def test_what_is_not_known_is_refused(name: str, first: date, last: date, says: str) -> None:
    with pytest.raises(RuleUnknown, match=says):
        EXPIRIES.expiries(name, first, last)


@pytest.mark.parametrize(
    ("name", "month", "day"),
    [
        # BSE's notice of 2025-12-30 on the currency contracts of 2026.
        ("USDINR", "2026-03", "2026-03-25"),
        ("USDINR", "2026-05", "2026-05-26"),
        ("USDINR", "2026-06", "2026-06-25"),
        ("GBPINR", "2026-06", "2026-06-25"),
        # Zerodha bulletin 368982 on base metals, and Groww's list of MCX's crude oil.
        ("ZINC", "2024-01", "2024-01-31"),
        ("CRUDEOIL", "2026-01", "2026-01-16"),
        ("CRUDEOILM", "2026-11", "2026-11-19"),
        # By the rules as written: the 5th, and before a holiday the day before it.
        ("GOLD", "2026-02", "2026-02-05"),
        ("GOLDM", "2026-07", "2026-07-03"),
        ("SILVER", "2026-12", "2026-12-04"),
    ],
)
def test_currencies_and_commodities_expire_on_their_day_of_the_month(name: str, month: str, day: str) -> None:
    assert found(name, f"{month}-01", f"{month}-28", monthly=True) + (
        found(name, f"{month}-29", f"{month}-31", monthly=True) if month in {"2024-01", "2026-01"} else []
    ) == [day]


def test_a_month_without_a_contract_has_no_expiry() -> None:
    assert found("GOLD", "2026-03-01", "2026-03-31") == []


def test_weekly_currency_options_expire_on_fridays() -> None:
    assert found("USDINR", "2026-11-16", "2026-11-30") == ["2026-11-20", "2026-11-26", "2026-11-27"]
    assert found("USDINR", "2026-12-21", "2026-12-31", monthly=False) == ["2026-12-24"]  # before Christmas


def test_expiries_of_commodities_that_are_not_known_are_refused() -> None:
    with pytest.raises(RuleUnknown, match=r"CRUDEOIL from 2025-01-01 .* known from 2026-01-01 to 2026-12-31"):
        found("CRUDEOIL", "2025-01-01", "2025-02-01")
    with pytest.raises(RuleUnknown, match="NATURALGAS are not known"):
        found("NATURALGAS", "2026-01-01", "2026-02-01")


def test_the_expiry_after_the_last_known_is_not_guessed() -> None:
    with pytest.raises(RuleUnknown, match="after 2026-12-30"):
        EXPIRIES.next_expiry("NIFTY", date(2026, 12, 30))

"""Currency and commodity days and hours, and which day money settles on (market_rules.md 2.3, 2.4, 4.5)."""

import json
import os
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, PhaseKind, Segment, segment
from kasauti.exchange.settlement import Settlement

CALENDAR = Calendar()
CURRENCY, CROSS = Segment.CURRENCY, Segment.CURRENCY_CROSS
METALS, COTTON, AGRI = Segment.COMMODITY, Segment.COMMODITY_AGRI_INTERNATIONAL, Segment.COMMODITY_AGRI
SHARED = Path(os.environ.get("KASAUTI_SHARED", Path(__file__).parents[3] / "shared"))


def clocks(day: str, where: Segment) -> str:
    session = CALENDAR.session(date.fromisoformat(day), where)
    if session is None:
        return "closed"
    return ", ".join(f"{ist_clock(start)[:5]}-{ist_clock(end)[:5]}" for start, end in session.parts)


@pytest.mark.parametrize(
    ("day", "where", "expected"),
    [
        ("2026-10-30", METALS, "09:00-23:30"),  # the last day of daylight saving
        ("2026-11-02", METALS, "09:00-23:55"),
        ("2026-11-02", COTTON, "09:00-21:00"),
        ("2026-11-02", AGRI, "09:00-17:00"),
        ("2026-11-24", METALS, "17:00-23:55"),  # Guru Nanak's day: the evening only
        ("2026-11-24", COTTON, "17:00-21:00"),
        ("2026-11-24", AGRI, "closed"),
        ("2026-01-01", METALS, "09:00-17:00"),  # the morning only
        ("2026-01-01", AGRI, "09:00-17:00"),
        ("2026-01-26", METALS, "closed"),
        ("2026-04-03", METALS, "closed"),
        ("2026-10-02", METALS, "closed"),
        ("2026-12-25", METALS, "closed"),
        ("2026-02-01", METALS, "09:00-17:00"),  # Budget Sunday
        ("2025-02-01", METALS, "09:00-17:00"),
        ("2025-10-21", METALS, "13:45-14:45"),  # muhurat
        ("2026-11-20", CURRENCY, "09:00-17:00"),
        ("2026-11-20", CROSS, "09:00-19:30"),
        ("2026-02-19", CURRENCY, "closed"),  # a bank holiday: shares trade
        ("2025-09-05", CURRENCY, "09:00-17:00"),  # Id-E-Milad was moved to the 8th
        ("2025-09-08", CURRENCY, "closed"),
        ("2026-02-01", CURRENCY, "closed"),
        ("2026-11-24", CURRENCY, "closed"),
    ],
)
def test_each_market_has_its_own_days_and_hours(day: str, where: Segment, expected: str) -> None:
    assert clocks(day, where) == expected


def test_the_night_close_follows_daylight_saving_in_the_united_states() -> None:
    """By the time zone itself, not by our rows."""
    try:
        new_york = ZoneInfo("America/New_York")
    except ZoneInfoNotFoundError:
        pytest.skip("no time-zone database on this machine; `pip install tzdata` brings one")
    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        session = CALENDAR.session(day, METALS)
        if session is not None and day.weekday() < 5 and session.kind in {"regular", "evening"}:
            noon = datetime.combine(day, time(12), new_york)
            late = "23:30" if noon.dst() else "23:55"
            assert ist_clock(session.close)[:5] == late, day
        day += timedelta(days=1)


def _aion(market: str) -> dict[str, list[tuple[str, str]]]:
    path = SHARED / "data" / "calendars" / "aion_holidays_2026.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not here; set KASAUTI_SHARED to the folder that has it")
    events: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["events"]
    kinds = {"EXCHANGE_HOLIDAY", "MARKET_SCHEDULE", "SPECIAL_TRADING_SESSION"}
    return {
        each["start"][:10]: [
            (part["open"][:5], part["close"][:5])
            for part in each.get("session_override", [])
            if part["open"] != "08:45:00"
        ]
        for each in events
        if market in each["applies_to"] and each["category"] in kinds
    }


@pytest.mark.parametrize(
    ("market", "where", "only_ours"),
    [
        ("NSE_CURRENCY_DERIVATIVES", CURRENCY, {"2026-11-08"}),
        ("MCX", METALS, {"2026-01-15", "2026-02-01"}),  # elections; Budget Sunday
        ("NSE_COMMODITY_DERIVATIVES", METALS, {"2026-02-01", "2026-11-08"}),
    ],
)
def test_the_days_of_2026_agree_with_an_independent_list(
    market: str, where: Segment, only_ours: set[str]
) -> None:
    """Where the evening ends its list always has 23:30, so only the beginning is compared there."""
    theirs = _aion(market)
    day = date(2026, 1, 1)
    while day <= date(2026, 12, 25):
        text = day.isoformat()
        session = CALENDAR.session(day, where)
        ours = [] if session is None else [(ist_clock(a)[:5], ist_clock(b)[:5]) for a, b in session.parts]
        if text in theirs and text not in only_ours:
            assert [start for start, _ in ours] == [start for start, _ in theirs[text]], day
        elif text not in only_ours:
            assert bool(ours) == (day.weekday() < 5), day
        day += timedelta(days=1)


def test_commodities_have_a_session_for_cancelling_before_they_open() -> None:
    phases = CALENDAR.phases(date(2026, 11, 26), METALS)

    assert [each.kind for each in phases] == [PhaseKind.CANCEL_ONLY, PhaseKind.CONTINUOUS]
    assert (ist_clock(phases[0].opens), ist_clock(phases[0].closes)) == ("08:45:00", "08:59:00")
    assert not phases[0].takes
    assert not phases[0].modifies
    assert len(phases[0].cancels) == 4
    assert [each.kind for each in CALENDAR.phases(date(2026, 11, 24), METALS)] == [PhaseKind.CONTINUOUS]


@pytest.mark.parametrize(
    ("exchange", "symbol", "name", "expected"),
    [
        ("MCX", "CRUDEOIL26DECFUT", "CRUDEOIL", METALS),
        ("MCX", "GOLDPETAL26DECFUT", "GOLDPETAL", METALS),
        ("MCX", "COTTONCNDY26DECFUT", "COTTONCNDY", COTTON),
        ("MCX", "MENTHAOIL26DECFUT", "MENTHAOIL", AGRI),
        ("CDS", "USDINR26DECFUT", "USDINR", CURRENCY),
        ("CDS", "EURUSD26DECFUT", "EURUSD", CROSS),
    ],
)
def test_an_instrument_keeps_the_hours_of_its_group(
    exchange: str, symbol: str, name: str, expected: Segment
) -> None:
    assert segment(Instrument(Exchange(exchange), symbol, Kind.FUTURE, 500, name=name)) is expected


def test_a_currency_contract_stops_at_half_past_twelve_on_its_last_day() -> None:
    contract = Instrument(
        Exchange.CDS, "USDINR26NOVFUT", Kind.FUTURE, 25, name="USDINR", expiry=date(2026, 11, 26)
    )

    assert CALENDAR.close_of(contract, date(2026, 11, 26)) == ist_ns(date(2026, 11, 26), time(12, 30))
    assert CALENDAR.close_of(contract, date(2026, 11, 25)) == ist_ns(date(2026, 11, 25), time(17))


@pytest.mark.parametrize(
    ("day", "where", "plan", "clock"),
    [
        ("2026-11-26", CURRENCY, "zerodha", "16:45"),
        ("2026-11-26", METALS, "zerodha", "23:30"),  # 25 minutes before 23:55
        ("2026-08-26", METALS, "zerodha", "23:05"),
        ("2026-11-24", METALS, "zerodha", "23:30"),
        ("2026-01-01", METALS, "zerodha", "16:35"),
        ("2026-11-26", AGRI, "zerodha", "16:35"),
        ("2024-04-15", METALS, "angelone", "23:15"),  # Angel One's announcement of March 2024
        ("2026-11-26", CURRENCY, "upstox", "16:45"),
    ],
)
def test_brokers_square_off_other_markets_at_their_time(
    day: str, where: Segment, plan: str, clock: str
) -> None:
    assert ist_clock(CALENDAR.square_off(date.fromisoformat(day), where, plan))[:5] == clock


@pytest.mark.parametrize(
    ("traded", "where", "settled"),
    [
        # SEBI's statement of 2025-09-08 on the two holidays.
        ("2025-09-04", Segment.EQUITY, "2025-09-09"),
        ("2025-09-05", Segment.EQUITY, "2025-09-09"),
        ("2025-09-08", Segment.EQUITY, "2025-09-10"),
        ("2025-09-09", Segment.EQUITY, "2025-09-10"),
        ("2025-09-04", Segment.DERIVATIVES, "2025-09-09"),
        ("2025-09-05", Segment.DERIVATIVES, "2025-09-09"),
        ("2025-09-08", Segment.DERIVATIVES, "2025-09-09"),
        # MCX's circular of 2024-12-30 on Budget Saturday, and 5paisa on Budget Sunday.
        ("2025-01-31", METALS, "2025-02-03"),
        ("2025-02-01", METALS, "2025-02-03"),
        ("2026-01-30", Segment.EQUITY, "2026-02-02"),
        # market_rules.md 2.4: 2026-02-19 trades and does not settle; muhurat settles the next business day.
        ("2026-02-18", Segment.EQUITY, "2026-02-20"),
        ("2026-02-19", Segment.EQUITY, "2026-02-20"),
        ("2025-10-21", Segment.EQUITY, "2025-10-23"),
        ("2026-11-20", Segment.EQUITY, "2026-11-23"),
    ],
)
def test_trades_settle_when_the_clearing_house_is_open(traded: str, where: Segment, settled: str) -> None:
    day = Settlement().settles_on(date.fromisoformat(traded), CALENDAR, where)

    assert day == date.fromisoformat(settled)


@pytest.mark.parametrize("where", [CURRENCY, METALS])
def test_another_year_is_neither_open_nor_closed_in_any_market(where: Segment) -> None:
    with pytest.raises(RuleUnknown, match=r"2027-01-04.*calendar_(currency|commodity)\.json.*rules\.overlay"):
        CALENDAR.session(date(2027, 1, 4), where)


@pytest.mark.parametrize("where", [each for each in Segment if not each.is_equity])
def test_every_segment_of_contracts_has_its_settlement_prices(where: Segment) -> None:
    exchange = Exchange.CDS if where.is_currency else Exchange.MCX if where.is_commodity else Exchange.NFO
    names = {CROSS: "EURUSD", CURRENCY: "USDINR", METALS: "GOLD", COTTON: "KAPAS", AGRI: "MENTHAOIL"}
    contract = Instrument(exchange, "X26DECFUT", Kind.FUTURE, 500, name=names.get(where, "RELIANCE"))
    day, rules = date(2026, 11, 26), Settlement()

    assert segment(contract) is where
    assert rules.daily_price(day, where).source
    assert rules.final_price(day, contract).source

"""Holidays, special sessions, hours and square-off times (market_rules.md 2.1, 2.2, 2.4, 4.5, appendix A)."""

import importlib
import importlib.util
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.errors import ConfigError, RuleUnknown
from kasauti.exchange.calendar import Calendar, Segment, segment
from kasauti.exchange.hours import SquareOff

CALENDAR = Calendar()
EQUITY, WITH, FO = Segment.EQUITY, Segment.EQUITY_WITH_DERIVATIVES, Segment.DERIVATIVES

# Appendix A of the fact sheet.
HOLIDAYS = {
    2024: (
        "01-22 01-26 03-08 03-25 03-29 04-11 04-17 05-01 05-20"
        " 06-17 07-17 08-15 10-02 11-01 11-15 11-20 12-25"
    ),
    2025: "02-26 03-14 03-31 04-10 04-14 04-18 05-01 08-15 08-27 10-02 10-21 10-22 11-05 12-25",
    2026: "01-15 01-26 03-03 03-26 03-31 04-03 04-14 05-01 05-28 06-26 09-14 10-02 10-20 11-10 11-24 12-25",
}
SPECIAL = {
    "2024-01-20", "2024-03-02", "2024-05-18", "2024-11-01",
    "2025-02-01", "2025-10-21", "2026-02-01", "2026-11-08",
}  # fmt: skip


def days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def clocks(day: str, where: Segment) -> list[tuple[str, str]]:
    session = CALENDAR.session(date.fromisoformat(day), where)
    assert session is not None
    return [(ist_clock(start)[:5], ist_clock(end)[:5]) for start, end in session.parts]


def square_off(day: str, where: Segment, plan: str = "zerodha") -> str:
    return ist_clock(CALENDAR.square_off(date.fromisoformat(day), where, plan))[:5]


@pytest.mark.parametrize(
    ("year", "weekdays", "all_days"), [(2024, 245, 249), (2025, 247, 249), (2026, 245, 247)]
)
def test_each_year_has_its_trading_days(year: int, weekdays: int, all_days: int) -> None:
    """2024: 245 weekdays, 3 weekend sessions and muhurat; 2025: 247 + 1 + 1; 2026: 245 + 1 + 1."""
    assert sum(CALENDAR.is_regular_day(day) for day in days(year)) == weekdays
    assert sum(CALENDAR.is_trading_day(day) for day in days(year)) == all_days


@pytest.mark.parametrize("year", HOLIDAYS)
def test_the_closed_weekdays_are_the_exchanges_holidays(year: int) -> None:
    closed = [f"{day:%m-%d}" for day in days(year) if day.weekday() < 5 and not CALENDAR.is_regular_day(day)]

    assert closed == HOLIDAYS[year].split()


def test_the_market_opens_on_other_days_only_for_special_sessions() -> None:
    found = {
        day.isoformat()
        for year in HOLIDAYS
        for day in days(year)
        if CALENDAR.is_trading_day(day) and not CALENDAR.is_regular_day(day)
    }

    assert found == SPECIAL


@pytest.mark.parametrize(
    ("day", "kind", "parts"),
    [
        ("2024-01-20", "special", [("09:15", "15:30")]),
        ("2024-03-02", "disaster-recovery", [("09:15", "10:00"), ("11:30", "12:30")]),
        ("2024-05-18", "disaster-recovery", [("09:15", "10:00"), ("11:30", "12:30")]),
        ("2024-11-01", "muhurat", [("18:00", "19:00")]),
        ("2025-02-01", "special", [("09:15", "15:30")]),
        ("2025-10-21", "muhurat", [("13:45", "14:45")]),
        ("2026-02-01", "special", [("09:15", "15:30")]),
        ("2026-11-08", "muhurat", [("18:15", "19:15")]),
    ],
)
@pytest.mark.parametrize("where", [EQUITY, WITH, FO])
def test_special_sessions_have_their_hours(
    day: str, kind: str, parts: list[tuple[str, str]], where: Segment
) -> None:
    session = CALENDAR.session(date.fromisoformat(day), where)

    assert session is not None
    assert session.kind == kind
    assert clocks(day, where) == parts
    assert session.provisional == (day == "2026-11-08")
    assert (session.open, session.close) == (session.parts[0][0], session.parts[-1][1])


@pytest.mark.parametrize(
    ("day", "where", "parts"),
    [
        ("2024-01-01", EQUITY, ("09:15", "15:30")),
        ("2026-07-31", WITH, ("09:15", "15:30")),
        ("2026-07-31", FO, ("09:15", "15:30")),
        ("2026-08-03", EQUITY, ("09:15", "15:30")),
        ("2026-08-03", WITH, ("09:15", "15:15")),
        ("2026-08-03", FO, ("09:15", "15:40")),
        ("2026-12-04", FO, ("09:15", "15:40")),
        ("2026-12-07", EQUITY, ("09:15", "15:30")),
        ("2026-12-07", WITH, ("09:15", "15:30")),
        ("2026-12-07", FO, ("09:15", "15:45")),
    ],
)
def test_hours_change_with_the_closing_auction(day: str, where: Segment, parts: tuple[str, str]) -> None:
    assert clocks(day, where) == [parts]


def test_the_hours_of_december_2026_are_provisional_and_can_be_switched_off() -> None:
    day = date(2026, 12, 8)
    without = Calendar(provisional_hours=False)

    announced, before = CALENDAR.session(day, FO), without.session(day, FO)

    assert announced is not None
    assert before is not None
    assert announced.provisional
    assert not before.provisional
    assert ist_clock(before.close) == "15:40:00"
    assert ist_clock(without.square_off(day, FO)) == "15:35:00"
    assert not CALENDAR.session(date(2026, 12, 4), FO).provisional  # type: ignore[union-attr]


def test_an_expiring_index_contract_stops_early_from_december_2026() -> None:
    def contract(expiry: date, *, on_index: bool = True, kind: Kind = Kind.CALL) -> Instrument:
        return Instrument(Exchange.NFO, "X", kind, tick_size=500, expiry=expiry, on_index=on_index)

    tuesday, before = date(2026, 12, 8), date(2026, 12, 1)

    def close(instrument: Instrument, day: date) -> str:
        moment = CALENDAR.close_of(instrument, day)
        assert moment is not None
        return ist_clock(moment)[:5]

    assert close(contract(tuesday), tuesday) == "15:30"
    assert close(contract(date(2026, 12, 15)), tuesday) == "15:45"
    assert close(contract(tuesday, on_index=False), tuesday) == "15:45"
    assert close(contract(before), before) == "15:40"
    assert CALENDAR.close_of(contract(tuesday), date(2026, 12, 25)) is None


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [
        (time(9, 14, 59), False),
        (time(9, 15), True),
        (time(9, 59, 59), True),
        (time(10, 0), False),
        (time(11, 0), False),
        (time(11, 30), True),
        (time(12, 29, 59), True),
        (time(12, 30), False),
    ],
)
def test_the_market_is_open_inside_the_parts_of_a_session(clock: time, is_open: bool) -> None:  # noqa: FBT001
    assert CALENDAR.is_open(ist_ns(date(2024, 3, 2), clock), FO) == is_open


@pytest.mark.parametrize(
    ("day", "is_open"),
    [("2026-11-20", True), ("2026-11-21", False), ("2026-11-23", True), ("2026-11-24", False)],
)
def test_the_market_is_closed_at_noon_of_weekends_and_holidays(day: str, is_open: bool) -> None:  # noqa: FBT001
    noon = ist_ns(date.fromisoformat(day), time(12))

    assert CALENDAR.is_open(noon, EQUITY) == is_open
    assert (CALENDAR.session(date.fromisoformat(day), EQUITY) is not None) == is_open


def test_trading_days_follow_each_other() -> None:
    assert CALENDAR.next_trading_day(date(2026, 11, 20)) == date(2026, 11, 23)
    assert CALENDAR.next_trading_day(date(2026, 11, 23)) == date(2026, 11, 25)  # Guru Nanak's day between
    assert CALENDAR.previous_trading_day(date(2026, 2, 2)) == date(2026, 2, 1)  # Budget Sunday
    for year in HOLIDAYS:
        for day in days(year):
            if date(2024, 1, 2) < day < date(2026, 12, 30):
                assert CALENDAR.previous_trading_day(CALENDAR.next_trading_day(day)) <= day


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2025-10-22", "Holiday: Diwali Balipratipada"),
        ("2026-11-21", "Saturday"),
        ("2026-11-22", "Sunday"),
        ("2026-11-20", "Regular trading day"),
        ("2025-10-21", "Muhurat session: Diwali muhurat trading"),
        ("2026-02-01", "Special session: Union Budget, full trading day on a Sunday"),
    ],
)
def test_a_day_says_what_it_is(day: str, words: str) -> None:
    assert CALENDAR.why(date.fromisoformat(day)) == words


@pytest.mark.parametrize("day", [date(2023, 12, 29), date(2027, 1, 4)])
def test_another_year_is_neither_open_nor_closed(day: date) -> None:
    for asked in (
        lambda: CALENDAR.is_trading_day(day),
        lambda: CALENDAR.session(day, EQUITY),
        lambda: CALENDAR.is_open(ist_ns(day, time(12)), EQUITY),
        lambda: CALENDAR.why(day),
    ):
        with pytest.raises(RuleUnknown, match=f"{day}.*2024-01-01 to 2026-12-31"):
            asked()


def test_the_day_after_the_last_known_one_is_not_guessed() -> None:
    with pytest.raises(RuleUnknown, match="2027-01-01"):
        CALENDAR.next_trading_day(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("day", "where", "clock"),
    [
        ("2026-07-31", EQUITY, "15:20"),
        ("2026-07-31", WITH, "15:20"),
        ("2026-07-31", FO, "15:25"),
        ("2026-08-03", EQUITY, "15:20"),
        ("2026-08-03", WITH, "15:12"),
        ("2026-08-03", FO, "15:35"),
        ("2026-12-07", WITH, "15:25"),
        ("2026-12-07", FO, "15:40"),
        ("2026-02-01", FO, "15:25"),
        ("2025-10-21", FO, "14:35"),  # ten minutes before muhurat trading ends
        ("2024-03-02", FO, "09:15"),  # no MIS at all that day
    ],
)
def test_the_broker_squares_off_at_its_time(day: str, where: Segment, clock: str) -> None:
    assert square_off(day, where) == clock


def test_another_broker_has_other_times() -> None:
    assert square_off("2026-07-31", EQUITY, "angelone") == "15:15"
    assert square_off("2025-10-21", EQUITY, "angelone") == "14:31"  # fourteen minutes before muhurat ends
    assert ist_clock(Calendar(plan="upstox").square_off(date(2026, 7, 31), FO))[:5] == "15:20"
    with pytest.raises(RuleUnknown, match=r"angelone.*2023-12-29"):
        SquareOff(provisional=True).moment(date(2023, 12, 29), EQUITY, "angelone", 0)
    with pytest.raises(ConfigError, match=r"'mine'.*angelone.*zerodha"):
        square_off("2026-07-31", EQUITY, "mine")


@pytest.mark.parametrize("plan", ["angelone", "dhan", "fyers", "groww", "kotakneo", "upstox", "zerodha"])
def test_every_broker_closes_intraday_positions_while_the_market_is_open(plan: str) -> None:
    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        for where in Segment:
            session = CALENDAR.session(day, where)
            if session is not None:
                assert session.open <= CALENDAR.square_off(day, where, plan) < session.close, (day, where)
        day += timedelta(days=1)


def test_there_is_no_square_off_on_a_holiday() -> None:
    with pytest.raises(RuleUnknown, match="Diwali Balipratipada"):
        square_off("2026-11-10", FO)


@pytest.mark.parametrize(
    ("exchange", "symbol", "kind", "expected"),
    [
        ("NSE", "RELIANCE", "EQ", WITH),
        ("BSE", "RELIANCE", "EQ", WITH),
        ("NSE", "ZOMBIECO", "EQ", EQUITY),
        ("NSE", "NIFTY 50", "INDEX", FO),
        ("NFO", "NIFTY26NOVFUT", "FUT", FO),
        ("BFO", "SENSEX26N2684000CE", "CE", FO),
        ("CDS", "USDINR26NOVFUT", "FUT", Segment.CURRENCY),
    ],
)
def test_an_instrument_keeps_the_hours_of_its_segment(
    exchange: str, symbol: str, kind: str, expected: Segment
) -> None:
    assert segment(Instrument(Exchange(exchange), symbol, Kind(kind), tick_size=500)) is expected


@pytest.mark.filterwarnings("ignore")  # of another library's own dependencies
def test_weekday_holidays_agree_with_exchange_calendars() -> None:
    """An independent calendar. It has no weekend or muhurat sessions, so only weekdays are compared."""
    if importlib.util.find_spec("exchange_calendars") is None:
        pytest.skip("exchange_calendars is not installed; it is a cross-check, not a dependency")
    theirs = importlib.import_module("exchange_calendars").get_calendar(
        "XBOM", start="2024-01-01", end="2026-12-31"
    )
    their_days = {session.date() for session in theirs.sessions}

    for year in HOLIDAYS:
        for day in days(year):
            if day.weekday() < 5:
                assert CALENDAR.is_regular_day(day) == (day in their_days), day

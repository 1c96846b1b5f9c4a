"""The phases of a day by segment, instrument and date (market_rules.md 2.1 and 2.2)."""

from datetime import date, time
from itertools import pairwise

import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.ist import ist_clock, ist_ns
from kasauti.domain.order import Validity
from kasauti.errors import RuleUnknown
from kasauti.exchange.calendar import Calendar, Phase, PhaseKind, Segment
from kasauti.exchange.timetable import Timetable

CALENDAR = Calendar()
TIMETABLE = Timetable(CALENDAR)
EQUITY, WITH, FO = Segment.EQUITY, Segment.EQUITY_WITH_DERIVATIVES, Segment.DERIVATIVES

OLD_PRE_OPEN = "pre_open_entry 09:00-09:08, pre_open_matching 09:08-09:12, pre_open_buffer 09:12-09:15"
NEW_PRE_OPEN = (
    "pre_open_entry 09:00-09:05, pre_open_limit 09:05-09:10,"
    " pre_open_matching 09:10-09:12, pre_open_buffer 09:12-09:15"
)
MUHURAT_PRE_OPEN = "pre_open_entry 17:45-17:53, pre_open_matching 17:53-17:57, pre_open_buffer 17:57-18:00"
AUCTION = (
    "auction_reference 15:15-15:20, auction_entry 15:20-15:25,"
    " auction_limit 15:25-15:30, auction_matching 15:30-15:35"
)
DECEMBER_AUCTION = (
    "auction_reference 15:30-15:31, auction_entry 15:31-15:36,"
    " auction_limit 15:36-15:40, auction_matching 15:40-15:45"
)


def said(phases: tuple[Phase, ...]) -> str:
    return ", ".join(
        f"{each.kind} {ist_clock(each.opens)[:5]}-{ist_clock(each.closes)[:5]}" for each in phases
    )


@pytest.mark.parametrize(
    ("day", "where", "expected"),
    [
        ("2024-06-03", EQUITY, f"{OLD_PRE_OPEN}, continuous 09:15-15:30, post_close 15:40-16:00"),
        ("2026-07-31", WITH, f"{OLD_PRE_OPEN}, continuous 09:15-15:30, post_close 15:40-16:00"),
        ("2026-08-03", EQUITY, f"{OLD_PRE_OPEN}, continuous 09:15-15:30, post_close 15:50-16:00"),
        ("2026-08-03", WITH, f"{OLD_PRE_OPEN}, continuous 09:15-15:15, {AUCTION}, post_close 15:50-16:00"),
        ("2026-09-04", EQUITY, f"{OLD_PRE_OPEN}, continuous 09:15-15:30, post_close 15:50-16:00"),
        ("2026-09-07", EQUITY, f"{NEW_PRE_OPEN}, continuous 09:15-15:30, post_close 15:50-16:00"),
        ("2026-12-04", WITH, f"{NEW_PRE_OPEN}, continuous 09:15-15:15, {AUCTION}, post_close 15:50-16:00"),
        (
            "2026-12-07",
            WITH,
            f"{NEW_PRE_OPEN}, continuous 09:15-15:30, {DECEMBER_AUCTION}, post_close 15:50-16:00",
        ),
        ("2025-12-05", FO, "continuous 09:15-15:30"),
        ("2025-12-08", FO, f"{OLD_PRE_OPEN}, continuous 09:15-15:30"),
        ("2026-08-03", FO, f"{OLD_PRE_OPEN}, continuous 09:15-15:40"),
        ("2026-09-07", FO, f"{NEW_PRE_OPEN}, continuous 09:15-15:40"),
        ("2026-12-07", FO, f"{NEW_PRE_OPEN}, continuous 09:15-15:45"),
        ("2026-11-24", EQUITY, ""),
    ],
)
def test_a_day_has_the_phases_of_its_date(day: str, where: Segment, expected: str) -> None:
    assert said(CALENDAR.phases(date.fromisoformat(day), where)) == expected


def test_phases_follow_each_other_without_overlap_on_every_day() -> None:
    day = date(2024, 1, 1)
    while day <= date(2026, 12, 31):
        for where in (EQUITY, WITH, FO):
            phases = CALENDAR.phases(day, where)
            assert bool(phases) == CALENDAR.is_trading_day(day)
            assert all(before.closes <= after.opens for before, after in pairwise(phases))
            assert all(each.opens < each.closes for each in phases)
        day = date.fromordinal(day.toordinal() + 1)


@pytest.mark.parametrize(
    ("clock", "kind"),
    [
        ("08:59:59", None),
        ("09:00:00", "pre_open_entry"),
        ("09:05:00", "pre_open_limit"),
        ("09:15:00", "continuous"),
        ("15:14:59", "continuous"),
        ("15:15:00", "auction_reference"),
        ("15:29:59", "auction_limit"),
        ("15:35:00", None),
        ("15:59:59", "post_close"),
        ("16:00:00", None),
    ],
)
def test_a_moment_lies_in_one_phase(clock: str, kind: str | None) -> None:
    phase = CALENDAR.phase_at(ist_ns(date(2026, 11, 26), time.fromisoformat(clock)), WITH)

    assert (None if phase is None else phase.kind) == kind


@pytest.mark.parametrize(
    ("kind", "takes", "changes", "closes_from"),
    [
        ("pre_open_entry", "LIMIT MARKET", "LIMIT MARKET", None),
        ("pre_open_limit", "LIMIT", "LIMIT", "09:08"),
        ("pre_open_matching", "", "", None),
        ("auction_reference", "", "", None),
        ("auction_entry", "LIMIT MARKET", "LIMIT MARKET", None),
        ("auction_limit", "LIMIT", "LIMIT", "15:28"),
        ("post_close", "MARKET", "MARKET", None),
        ("continuous", "LIMIT MARKET SL SL-M", "LIMIT MARKET SL SL-M", None),
    ],
)
def test_a_phase_takes_what_the_exchange_takes(
    kind: str, takes: str, changes: str, closes_from: str | None
) -> None:
    phase = next(each for each in CALENDAR.phases(date(2026, 11, 26), WITH) if each.kind == kind)

    assert {str(each) for each in phase.takes} == set(takes.split())
    assert phase.modifies == phase.cancels
    assert {str(each) for each in phase.cancels} == set(changes.split())
    assert (Validity.IOC in phase.validities) == (kind == "continuous")
    early = phase.may_close_from
    assert (None if early is None else ist_clock(early)[:5]) == closes_from


@pytest.mark.parametrize(
    ("day", "average"), [("2026-11-26", ("15:00", "15:15")), ("2026-12-08", ("15:15", "15:30"))]
)
def test_the_closing_auction_has_a_reference_price_and_a_band(day: str, average: tuple[str, str]) -> None:
    """VWAP of the last fifteen minutes of continuous trading; orders within 3 % of it."""
    phases = {each.kind: each for each in CALENDAR.phases(date.fromisoformat(day), WITH)}

    found = phases[PhaseKind.AUCTION_REFERENCE].average
    assert found is not None
    assert tuple(ist_clock(each)[:5] for each in found) == average
    assert phases[PhaseKind.AUCTION_ENTRY].band_percent == phases[PhaseKind.AUCTION_LIMIT].band_percent == 3
    assert phases[PhaseKind.PRE_OPEN_ENTRY].band_percent is None


def test_block_deals_and_periodic_auctions_are_windows_beside_the_market() -> None:
    assert said(CALENDAR.windows(date(2026, 11, 26), EQUITY)) == (
        "block_deal_morning 08:45-09:00, periodic_auction 09:30-15:30, block_deal_afternoon 14:05-14:20"
    )
    assert CALENDAR.windows(date(2026, 11, 26), FO) == ()


def test_the_phases_of_december_2026_are_provisional_and_can_be_switched_off() -> None:
    day = date(2026, 12, 8)
    kinds = {each.kind: each.provisional for each in CALENDAR.phases(day, WITH)}

    assert kinds[PhaseKind.AUCTION_ENTRY]
    assert not kinds[PhaseKind.PRE_OPEN_ENTRY]
    assert said(Calendar(provisional_hours=False).phases(day, WITH)) == (
        f"{NEW_PRE_OPEN}, continuous 09:15-15:15, {AUCTION}, post_close 15:50-16:00"
    )


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (
            "2024-11-01",
            f"{MUHURAT_PRE_OPEN}, continuous 18:00-19:00",
        ),
        ("2024-03-02", "continuous 09:15-10:00, continuous 11:30-12:30"),
        ("2026-02-01", f"{OLD_PRE_OPEN}, continuous 09:15-15:30, post_close 15:40-16:00"),
    ],
)
def test_special_sessions_have_phases_as_far_as_they_are_known(day: str, expected: str) -> None:
    assert said(CALENDAR.phases(date.fromisoformat(day), EQUITY)) == expected


def future(name: str, expiry: str, kind: Kind = Kind.FUTURE) -> Instrument:
    return Instrument(
        Exchange.NFO, f"{name}X", kind, 500, name=name, expiry=date.fromisoformat(expiry), on_index=True
    )


@pytest.mark.parametrize(
    ("name", "expiry", "day", "takes_part"),
    [
        ("NIFTY", "2026-11-23", "2026-11-16", True),  # the current month
        ("NIFTY", "2026-12-29", "2026-11-13", False),  # six trading days before the expiry of the 23rd
        ("NIFTY", "2026-12-29", "2026-11-16", True),  # five: 16, 17, 18, 19, 20
        ("NIFTY", "2026-12-29", "2026-11-23", True),
        ("NIFTY", "2027-01-25", "2026-11-20", False),  # far month
        (
            "NIFTY",
            "2027-01-25",
            "2026-12-28",
            True,
        ),  # its expiry lies beyond the calendar, its month does not
        ("RELIANCE", "2026-12-29", "2026-11-26", True),
        ("RELIANCE", "2027-01-25", "2026-11-26", False),
    ],
)
def test_near_futures_join_the_pre_open(name: str, expiry: str, day: str, takes_part: bool) -> None:  # noqa: FBT001
    on = date.fromisoformat(day)

    phases = TIMETABLE.phases_of(future(name, expiry), on)

    assert any(each.kind.is_pre_open for each in phases) == takes_part
    assert TIMETABLE.is_in_pre_open(future(name, expiry), on) == takes_part


def test_a_share_has_the_phases_of_its_segment() -> None:
    share = Instrument(Exchange.NSE, "RELIANCE", Kind.EQUITY, 500, name="RELIANCE")

    assert said(TIMETABLE.phases_of(share, date(2026, 11, 26))) == (
        f"{NEW_PRE_OPEN}, continuous 09:15-15:15, {AUCTION}, post_close 15:50-16:00"
    )


def test_options_have_no_pre_open_and_an_index_has_no_phases() -> None:
    day = date(2026, 11, 26)

    assert (
        said(TIMETABLE.phases_of(future("NIFTY", "2026-12-01", Kind.CALL), day)) == "continuous 09:15-15:40"
    )
    assert TIMETABLE.phases_of(Instrument(Exchange.NSE, "NIFTY 50", Kind.INDEX, 500), day) == ()


def test_an_expiring_index_contract_ends_its_last_day_early_from_december_2026() -> None:
    day = date(2026, 12, 8)

    assert said(TIMETABLE.phases_of(future("NIFTY", "2026-12-08", Kind.PUT), day)) == "continuous 09:15-15:30"
    assert said(TIMETABLE.phases_of(future("NIFTY", "2026-12-15", Kind.PUT), day)) == "continuous 09:15-15:45"


def test_the_phases_of_another_year_are_not_guessed() -> None:
    with pytest.raises(RuleUnknown, match=r"2027-01-04.*calendar\.json"):
        CALENDAR.phases(date(2027, 1, 4), EQUITY)

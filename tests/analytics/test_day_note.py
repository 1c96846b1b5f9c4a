"""The contract note of a day says exactly what the ledger booked, and proves it by making the note again."""

import json
from datetime import date
from decimal import Decimal

import pytest
from msgspec.structs import replace
from tests.trading import CALL, DAY, NEXT_DAY, OTHER, SHARE, UNIVERSE, Session, buys, sells

from kasauti.analytics.day_note import DayNote, day_note
from kasauti.analytics.proof import Proof, prove
from kasauti.analytics.report.note_page import columns_of, html_note
from kasauti.cli.json_view import to_json
from kasauti.compose.instruments import known_instrument
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind, Universe
from kasauti.domain.money import rupees, to_decimal
from kasauti.domain.order import NO_CHARGES, Product
from kasauti.domain.state import State
from kasauti.errors import InvalidInput
from kasauti.exchange.charges import ChargeBook

CNC, MIS = Product.CNC, Product.MIS
HEADER = "time of last bid bid_quantity ask ask_quantity\n"

NAMED = replace(SHARE, isin="INE002A01018")
GROUP_XT = Instrument(Exchange.BSE, "TINY", Kind.EQUITY, 100, name="TINY", series="XT")
FUND = Instrument(Exchange.NSE, "NIFTYBEES", Kind.EQUITY, 100, name="NIFTYBEES", fund=Fund.EQUITY)
GOLD = Instrument(Exchange.NSE, "GOLDBEES", Kind.EQUITY, 100, name="GOLDBEES", fund=Fund.OTHER)
MARKET = Universe([*(NAMED if each is SHARE else each for each in UNIVERSE), GROUP_XT, FUND, GOLD])


def day_of(session: Session, day: date) -> None:
    """Let a day begin at 1000 for shares and 120 for the call, and last until it is closed."""
    rows = [
        f"09:15:00 {name} {price} {price} 50000 {price} 50000"
        for name, price in (("ACME", 1000), ("CE", 120))
    ]
    rows += [f"09:15:00 NIFTY {26200} - - - -"]
    rows += [f"09:15:00 {each.id} 100 100 50000 100 50000" for each in (GROUP_XT, FUND, GOLD)]
    session.ticks(HEADER + "\n".join(rows), day)


def new() -> Session:
    session = Session(stale_s=1_000_000, universe=MARKET, capital=100_000_000)
    day_of(session, DAY)
    return session


def note_of(session: Session, day: str = "") -> DayNote:
    """Read the note as the command line does: from the log alone, by what an id says."""
    return day_note(session.log, known_instrument, ChargeBook, day)


def posted(session: Session, day: str) -> Charges:
    """Add up what the ledger paid while a day was open, event by event."""
    state, paid = State(), NO_CHARGES
    for recorded in session.log:
        before = state.ledger.by_head
        state.apply(recorded)
        if state.day == day:
            paid = paid.plus(state.ledger.by_head.minus(before))
    return paid


def two_days() -> Session:
    """Trade shares for delivery and intraday, funds, a share of group XT, an option that is exercised."""
    session = new()
    for second, command in enumerate(
        [
            buys(NAMED, 10, product=MIS),
            buys(NAMED, 30, product=CNC),
            sells(NAMED, 5, product=CNC),
            buys(GROUP_XT, 10, product=CNC),
            buys(FUND, 50, product=CNC),
            buys(GOLD, 20, product=CNC),
            sells(GOLD, 20, product=CNC),
            buys(CALL, 65),
        ],
        1,
    ):
        session.ask(f"09:15:{second:02d}", command)
    session.until("15:41")
    day_of(session, NEXT_DAY)
    for second, command in enumerate(
        [
            sells(NAMED, 25, product=CNC),
            sells(GROUP_XT, 4, product=CNC),
            sells(FUND, 50, product=CNC),
            buys(OTHER, 1, product=CNC),
        ],
        1,
    ):
        session.ask(f"09:15:{second:02d}", command, NEXT_DAY)
    session.until("15:41", NEXT_DAY)
    return session


@pytest.fixture(scope="module")
def traded() -> Session:
    return two_days()


@pytest.mark.parametrize("day", ["2026-01-13", "2026-01-14"])
def test_the_note_is_what_the_ledger_booked_that_day(traded: Session, day: str) -> None:
    note = note_of(traded, day)

    assert note.closed
    assert note.remarks == []
    assert note.charges == posted(traded, day)
    assert note.total == note.charges.total
    columns = columns_of(note)
    parts = NO_CHARGES
    for _, charges in columns[:-1]:
        parts = parts.plus(charges)
    assert parts == columns[-1][1] == note.charges


def test_the_notes_of_all_days_are_all_charges(traded: Session) -> None:
    notes = [note_of(traded, day) for day in ("2026-01-13", "2026-01-14")]

    assert sum(note.total for note in notes) == traded.state.ledger.charges
    assert sum(len(note.trades) for note in notes) == traded.state.trades


def test_each_segment_is_whole_rupees_of_tax_and_duty(traded: Session) -> None:
    first = note_of(traded, "2026-01-13")

    assert [segment.exchange for segment in first.segments] == [Exchange.NSE, Exchange.BSE, Exchange.NFO]
    for segment in first.segments:
        assert segment.charges.stt % 10_000 == segment.charges.stamp % 10_000 == 0


def test_the_first_day_is_as_worked_by_hand(traded: Session) -> None:
    """
    NSE: 40 of ACME bought at 1000 and 15 sold; 50 units of a fund of shares and 20 of gold bought at 100.

    Intraday tax 15 x 1000 x 0.025 % = 3.75; delivery 25 x 1000 x 0.1 % = 25; funds nothing: 28.75, so 29.
    Duty: 15,000 and gold's 2,000 at 0.003 %, 25,000 and 5,000 at 0.015 %: 0.51 + 4.50, so 5.
    BSE: 1,000 of group XT: tax 1, duty 0.15, so 0, and the exchange's 0.1 %: 1 rupee.
    """
    nse, bse, _ = note_of(traded, "2026-01-13").segments

    assert (nse.charges.stt, nse.charges.stamp) == (rupees(29), rupees(5))
    assert (bse.charges.stt, bse.charges.stamp, bse.charges.exchange) == (rupees(1), 0, rupees(1))
    assert (nse.bought, nse.sold) == (rupees(47_000), rupees(17_000))


def test_services_are_the_square_off_and_a_debit_for_each_security(traded: Session) -> None:
    first, second = note_of(traded, "2026-01-13"), note_of(traded, "2026-01-14")

    assert [(each.kind, each.about, to_decimal(each.amount)) for each in first.services] == [
        ("auto_square_off", "NSE:ACME", Decimal(50))
    ]
    assert [(each.kind, each.about) for each in second.services] == [
        ("dp", "INE002A01018"),
        ("dp", "TINY"),
        ("dp", "NIFTYBEES"),
    ]
    assert all(each.amount == rupees(13) and each.gst == rupees("2.34") for each in second.services)


def test_an_exercised_option_is_in_the_note(traded: Session) -> None:
    """65 x 200 of intrinsic value at 0.125 % is 16.25."""
    (ending,) = note_of(traded, "2026-01-13").endings

    assert (ending.what, ending.charges.stt) == ("settled in cash", rupees("16.25"))
    assert note_of(traded, "2026-01-13").segments[2].charges.stt == rupees(16)


def test_the_log_alone_proves_charges_of_funds_and_groups(traded: Session) -> None:
    """An id does not say that it is a fund; the order's listing does."""
    proof: Proof = prove(traded.log, known_instrument, ChargeBook)

    assert proof.passed, proof.problem


def test_a_day_that_is_open_says_so() -> None:
    session = new()
    session.ask("09:15:01", buys(NAMED, 10, product=CNC))

    note = note_of(session)

    assert not note.closed
    assert note.charges == posted(session, "2026-01-13")
    assert note.segments == []
    assert "not closed" in note.remarks[0]


def test_where_rates_were_corrected_since_what_was_booked_is_shown(traded: Session) -> None:
    changed = []
    for recorded in traded.log:
        event = recorded.event
        if isinstance(event, ev.DayClosed) and event.day == "2026-01-13":
            rounding = replace(event.rounding, stt=event.rounding.stt + rupees(7))
            recorded = replace(recorded, event=replace(event, rounding=rounding))  # noqa: PLW2901
        changed.append(recorded)

    note = day_note(changed, known_instrument, ChargeBook, "2026-01-13")

    assert note.charges.stt == posted(traded, "2026-01-13").stt + rupees(7)
    assert (note.segments, note.services) == ([], [])
    assert "what was booked is shown" in note.remarks[0]
    assert [name for name, _ in columns_of(note)] == ["Total"]


def test_a_day_that_never_was_is_refused_with_those_that_were(traded: Session) -> None:
    with pytest.raises(InvalidInput, match="2025-01-01: its days are 2026-01-13 to 2026-01-14"):
        note_of(traded, "2025-01-01")


def test_the_page_needs_nothing_else_and_has_every_trade(traded: Session) -> None:
    note = note_of(traded)
    page = html_note(note)

    assert "<link" not in page
    assert "src=" not in page
    assert "@page{size:A4" in page
    for trade in note.trades:
        assert trade.trade_id in page
        assert trade.order_id in page
    assert "Contract note of 14 January 2026" in page
    assert f"{to_decimal(note.total):,.2f}" in page


def test_the_json_has_every_amount_in_rupees(traded: Session) -> None:
    said = json.loads(to_json(note_of(traded)))

    assert said["charges"]["total"] == f"{to_decimal(note_of(traded).total):.2f}"
    assert {each["kind"] for each in said["services"]} == {"dp"}
    assert said["services"][0]["gst"] == "2.34"

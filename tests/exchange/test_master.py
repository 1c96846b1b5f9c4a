"""A day's master: what is found in it, what changed, and what our rules say against it."""

from datetime import date

import msgspec
import pytest

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import rupees
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.dated_symbols import Contract
from kasauti.exchange.master import Change, ChangeKind, Listing, Master, diff
from kasauti.exchange.master_faults import MasterFaults

DAY = date(2026, 11, 20)
CALENDAR = Calendar()
TICK = rupees("0.05")

CALL = Instrument(
    Exchange.NFO,
    "NIFTY26NOV26000CE",
    Kind.CALL,
    TICK,
    65,
    1800,
    name="NIFTY",
    expiry=date(2026, 11, 23),
    strike=rupees(26000),
    underlying="NSE:NIFTY 50",
    on_index=True,
)
FUTURE = Instrument(
    Exchange.NFO,
    "NIFTY26NOVFUT",
    Kind.FUTURE,
    rupees("0.10"),
    65,
    name="NIFTY",
    expiry=date(2026, 11, 23),
    underlying="NSE:NIFTY 50",
    on_index=True,
)
SHARE = Instrument(Exchange.NSE, "SBIN", Kind.EQUITY, TICK, name="STATE BANK OF INDIA", series="EQ")
CRUDE = Instrument(
    Exchange.MCX, "CRUDEOIL26DECFUT", Kind.FUTURE, rupees(1), 100, name="CRUDEOIL", expiry=date(2026, 12, 18)
)


def master(*instruments: Instrument, day: date = DAY) -> Master:
    listings = tuple(Listing(each) for each in instruments)
    return Master(day, {each.exchange: "a list" for each in instruments}, listings)


def fault(instrument: Instrument, *others: Instrument, day: date = DAY) -> str:
    whole = master(instrument, *others, day=day)
    return MasterFaults(whole, CALENDAR).all().get(instrument.id, "")


def but(instrument: Instrument, **changes: object) -> Instrument:
    return msgspec.structs.replace(instrument, **changes)


def test_an_instrument_is_found_by_id_by_contract_and_by_words() -> None:
    listed = master(CALL, FUTURE, SHARE)

    assert listed.find("NFO:NIFTY26NOV26000CE") == Listing(CALL)
    assert listed.find("NFO:NIFTY26NOV26000PE") is None
    assert listed.contract(
        Exchange.NFO, Contract("NIFTY", Kind.CALL, date(2026, 11, 23), rupees(26000))
    ) == Listing(CALL)
    assert listed.contract(Exchange.BFO, Contract("NIFTY", Kind.FUTURE, date(2026, 11, 23))) is None
    assert [each.instrument for each in listed.search("bank INDIA")] == [SHARE]
    assert [each.instrument for each in listed.search("nifty nov")] == [CALL, FUTURE]


def test_what_changed_between_two_days() -> None:
    gone = but(CALL, tradingsymbol="NIFTY26D0126000CE", expiry=date(2026, 12, 1))
    expired = but(CALL, tradingsymbol="NIFTY26N1726000CE", expiry=date(2026, 11, 17))
    before = master(CALL, FUTURE, SHARE, gone, expired, day=date(2026, 11, 17))
    after = master(
        but(CALL, lot_size=75, freeze_quantity=1500),
        but(FUTURE, tick_size=TICK),
        SHARE,
        but(SHARE, tradingsymbol="ITC"),
    )

    assert diff(before, after) == [
        Change("NFO:NIFTY26D0126000CE", ChangeKind.GONE),
        Change("NFO:NIFTY26N1726000CE", ChangeKind.EXPIRED),
        Change("NFO:NIFTY26NOV26000CE", ChangeKind.FREEZE, "1800", "1500"),
        Change("NFO:NIFTY26NOV26000CE", ChangeKind.LOT, "65", "75"),
        Change("NFO:NIFTY26NOVFUT", ChangeKind.TICK, "0.10", "0.05"),
        Change("NSE:ITC", ChangeKind.NEW),
    ]


def test_a_segment_that_one_day_did_not_load_has_not_changed() -> None:
    assert diff(master(CALL, SHARE), master(CALL)) == []
    assert diff(master(CALL), master(CALL, SHARE)) == []


def test_a_freeze_quantity_that_one_day_does_not_know_has_not_changed() -> None:
    assert diff(master(CALL), master(but(CALL, freeze_quantity=0))) == []


def test_a_later_list_takes_the_place_of_its_segments_only() -> None:
    later = but(CALL, lot_size=75)

    both = master(CALL, FUTURE, SHARE).with_segments_of(master(later))

    assert [each.instrument for each in both] == [SHARE, later]
    assert both.sources == {Exchange.NSE: "a list", Exchange.NFO: "a list"}


def test_freeze_quantities_go_to_the_contracts_of_their_underlying() -> None:
    frozen = master(CALL, SHARE, CRUDE).with_freeze_quantities({"NIFTY": 1755, "SBIN": 1, "CRUDEOIL": 1})

    assert [each.instrument.freeze_quantity for each in frozen] == [1755, 0, 0]


@pytest.mark.parametrize("instrument", [CALL, FUTURE, SHARE, CRUDE])
def test_what_agrees_with_our_rules_trades(instrument: Instrument) -> None:
    assert fault(instrument) == ""


@pytest.mark.parametrize(
    ("instrument", "reason"),
    [
        (but(CALL, lot_size=75), "its lot is 75 in the list and 65 by our rules"),
        (but(CALL, tick_size=rupees("0.10")), "its tick is 0.10 in the list; by our rules it is one of 0.05"),
        (but(FUTURE, tick_size=rupees("0.50")), "by our rules it is one of 0.05, 0.10, 0.20"),
        (but(CALL, expiry=date(2026, 11, 25)), "which is no expiry of NIFTY by our rules"),
        (but(CALL, expiry=date(2026, 11, 19)), "it expired on 2026-11-19, before the day of the list"),
        (but(CALL, tradingsymbol="NIFTY26N2326000CE"), "its symbol would be NIFTY26NOV26000CE"),
        (but(CALL, tradingsymbol="NIFTY26NOV26050CE"), "its symbol would be NIFTY26NOV26000CE"),
        (but(CALL, name="NEWINDEX", underlying="NSE:NEWINDEX"), "nothing says what NEWINDEX is"),
        (but(SHARE, tick_size=rupees("0.25")), "its tick is 0.25 in the list"),
        (but(CRUDE, lot_size=10), "its lot is 10 units in the list and 100 by our rules"),
        (but(CRUDE, tick_size=TICK), "its tick is 0.05 in the list and 1.00 by our rules"),
        (but(CRUDE, name="CARDAMOM"), "How many units a lot of CARDAMOM on MCX has is not known"),
    ],
)
def test_what_contradicts_our_rules_does_not_trade(instrument: Instrument, reason: str) -> None:
    assert reason in fault(instrument)


def test_only_the_contradicting_instrument_is_refused() -> None:
    wrong = but(CALL, lot_size=75)

    assert set(MasterFaults(master(wrong, FUTURE, SHARE), CALENDAR).all()) == {wrong.id}


def test_what_the_reader_found_wrong_stands() -> None:
    listed = Master(DAY, {Exchange.NFO: "a list"}, (Listing(CALL, fault="the list has it twice"),))

    assert MasterFaults(listed, CALENDAR).all() == {CALL.id: "the list has it twice"}


def test_an_expiry_that_a_holiday_will_yet_move_is_no_contradiction() -> None:
    """On 2025-11-10 NSE still listed 2026-03-31, a holiday of which nobody knew yet; it became the 30th."""
    march = but(CALL, tradingsymbol="NIFTY26MAR26000CE", expiry=date(2026, 3, 31), lot_size=75)

    assert fault(march, day=date(2025, 11, 10)) == ""


def test_an_expiry_beyond_our_rules_is_believed() -> None:
    assert fault(but(CALL, tradingsymbol="NIFTY30JUN26000CE", expiry=date(2030, 6, 25))) == ""


def test_a_share_that_is_listed_explains_its_contracts() -> None:
    new = but(
        CALL,
        tradingsymbol="NEWCO26NOV100CE",
        name="NEWCO",
        strike=rupees(100),
        underlying="NSE:NEWCO",
        on_index=False,
    )

    assert "nothing says what NEWCO is" in fault(new)
    assert fault(new, but(SHARE, tradingsymbol="NEWCO")) == ""

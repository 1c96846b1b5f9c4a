"""An instrument on which a session and the day's list disagree does not trade; all others do."""

from datetime import date

import msgspec
import pytest
from tests.trading import CALENDAR, CALL, DAY, FUTURE, INDEX, NEXT_DAY, SHARE, Session, buys

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Status
from kasauti.exchange.lists import DayLists
from kasauti.exchange.master import Listing, Master

TICKS = """time of last bid bid_quantity ask ask_quantity
09:15:00 CE 100 100 50000 100 50000
09:15:00 FUT 26000 26000 50000 26000 50000
09:15:00 ACME 100 100 50000 100 50000
"""


def lists(*instruments: Instrument, fault: str = "") -> DayLists:
    """Return the lists of DAY alone."""
    rows = tuple(Listing(each, fault=fault) for each in instruments)
    master = Master(DAY, {Exchange.NFO: "Kite instrument dump"}, rows)
    return DayLists(lambda day: master if day == DAY else None, CALENDAR)


def session(known: DayLists) -> Session:
    made = Session(stale_s=1_000_000)
    made.engine._rules = msgspec.structs.replace(made.engine._rules, lists=known)
    return made.ticks(TICKS)


def test_what_the_list_agrees_on_trades() -> None:
    made = session(lists(CALL, FUTURE))

    assert made.status(made.ask("09:16", buys(CALL, 65))) is Status.COMPLETE
    assert made.status(made.ask("09:17", buys(SHARE, 10, product=Product.MIS))) is Status.COMPLETE


@pytest.mark.parametrize(
    ("listed", "why"),
    [
        (msgspec.structs.replace(CALL, lot_size=75), "its lot is 75 in the list and 65 by our rules"),
        (msgspec.structs.replace(CALL, tick_size=100), "its tick is 0.01 in the list; by our rules"),
    ],
)
def test_what_they_disagree_on_does_not_and_the_rest_goes_on(listed: Instrument, why: str) -> None:
    made = session(lists(listed, FUTURE))

    made.ask("09:16", buys(CALL, 65))

    denial = made.denial()
    assert denial.rule == "instrument.list"
    assert denial.message.startswith(f"{CALL.id} does not trade on {DAY}: ")
    assert why in denial.message
    assert made.status(made.ask("09:17", buys(FUTURE, 65))) is Status.COMPLETE


def test_what_is_not_listed_does_not_trade() -> None:
    made = session(lists(FUTURE))

    made.ask("09:16", buys(CALL, 65))

    assert "it is not in the day's Kite instrument dump" in made.denial().message


def test_terms_of_a_session_that_are_not_the_lists_are_told_apart() -> None:
    known = lists(CALL)

    def fault(**changes: object) -> str:
        return known.fault(msgspec.structs.replace(CALL, **changes), DAY)

    assert fault() == ""
    assert fault(lot_size=75) == "its lot is 75 here and 65 in the day's list"
    assert fault(tick_size=1000) == "its tick is 0.10 here and 0.05 in the day's list"
    assert "it expires on 2026-01-20 here" in fault(expiry=date(2026, 1, 20))
    assert fault(strike=rupees(1)) != ""


def test_a_day_or_a_segment_without_a_list_knows_nothing() -> None:
    known = lists(FUTURE)

    assert known.fault(CALL, NEXT_DAY) == ""
    assert known.fault(SHARE, DAY) == ""
    assert known.fault(INDEX, DAY) == ""
    assert "not in the day's" in known.fault(CALL, DAY)


def test_what_was_wrong_in_the_list_itself_is_the_reason() -> None:
    assert lists(CALL, fault="the list has it twice").fault(CALL, DAY) == "the list has it twice"

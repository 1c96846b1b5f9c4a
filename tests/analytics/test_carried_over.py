"""A run whose log has a corporate action: trips are in the units of their time, and nothing is made of it."""

from datetime import date

import pytest
from tests.analytics.logs import SHARE, Logbook
from tests.analytics.tapes import run_of

from kasauti.analytics.carried_over import CORPORATE_ACTION
from kasauti.analytics.round_trips import round_trips
from kasauti.domain import events as ev
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side

NEXT_DAY = date(2026, 11, 25)
CNC = Product.CNC


def bonus(quantity: int, cash: str = "0", off: str = "0") -> ev.PositionAdjusted:
    return ev.PositionAdjusted(
        "bonus of 1 for 2",
        SHARE,
        CNC,
        quantity,
        SHARE,
        quantity * 3 // 2 if not rupees(cash) else quantity,
        *((1, 1) if rupees(cash) else (3, 2)),
        cash=rupees(cash),
        off=rupees(off),
    )


def test_a_trip_goes_on_in_new_units_and_makes_what_the_account_made() -> None:
    """100 at 1,500 become 150 at 1,000; sold at 1,010, they make 1,500 rupees."""
    book = Logbook(capital="1000000")
    book.open_day()
    book.trade(Side.BUY, 100, "1500", instrument=SHARE, product=CNC, strategy="hold", tag="in")
    book.close_day()
    book.open_day(NEXT_DAY)
    book.write(bonus(100), "timer:corporate_actions")
    book.trade(Side.SELL, 150, "1010", instrument=SHARE, product=CNC, strategy="hold", tag="out")
    book.close_day()

    run = run_of(book)
    folded = round_trips(book)

    assert run.trips.quantity.tolist() == [100, 150]
    assert run.trips.gross.tolist() == [0, rupees(1500)]
    assert [run.reasons[place] for place in run.trips.reason.tolist()] == [CORPORATE_ACTION, "out"]
    assert run.strategies[int(run.trips.strategy[1])] == "hold"
    assert -book.state.ledger.realised == rupees(1500)
    (own,) = book.state.books["hold"].values()
    assert (own.quantity, own.realised) == (0, rupees(1500)), "the strategy's own part followed"
    assert [trip.gross for trip in folded.closed] == [rupees(1500)], "the day's report has one trip of it"
    assert [trip.quantity for trip in folded.closed] == [150]


def test_a_dividend_is_money_that_came_in_and_no_trade() -> None:
    book = Logbook(capital="1000000")
    book.open_day()
    book.trade(Side.BUY, 100, "1500", instrument=SHARE, product=CNC)
    book.close_day()
    book.open_day(NEXT_DAY)
    book.write(bonus(100, cash="800"), "timer:corporate_actions")
    book.trade(Side.SELL, 100, "1500", instrument=SHARE, product=CNC)
    book.close_day()

    run = run_of(book)

    assert run.trips.gross.tolist() == [0]
    assert run.equity.equity.tolist()[-1] == book.state.ledger.funds


@pytest.mark.parametrize("quantity", [7, 33, 101])
def test_rounding_leaves_less_than_a_paisa(quantity: int) -> None:
    book = Logbook(capital="1000000")
    book.open_day()
    book.trade(Side.BUY, quantity, "1501.35", instrument=SHARE, product=CNC)
    book.close_day()
    book.open_day(NEXT_DAY)
    book.write(bonus(quantity), "timer:corporate_actions")
    book.trade(Side.SELL, quantity * 3 // 2, "1000", instrument=SHARE, product=CNC)
    book.close_day()

    assert abs(int(run_of(book).trips.gross.sum()) + book.state.ledger.realised) <= quantity

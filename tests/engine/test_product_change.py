"""Units of a position in another product: at their cost, margined anew, with the money that it takes."""

from datetime import date

import pytest
from tests.engine.standing_tables import balanced
from tests.trading import DAY, FUTURE, NEXT_DAY, SHARE, Session, buys, sells

from kasauti.domain.commands import ConvertPosition
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.product_events import ProductChanged, ProductChangeDenied

MIS, NRML, CNC, MTF = Product.MIS, Product.NRML, Product.CNC, Product.MTF
BUY, SELL = Side.BUY, Side.SELL
DAY_OF = """
    time      of    last   bid     ask
    09:15:01  ACME  100    99.95   100.05
    09:15:01  FUT   26000  25999   26001
"""


def session() -> Session:
    return Session().ticks(DAY_OF)


def convert(
    instrument: Instrument, side: Side, quantity: int, product: Product, to: Product
) -> ConvertPosition:
    return ConvertPosition(instrument.id, side, quantity, product, to)


def denied(session: Session) -> str:
    return session.events(ProductChangeDenied)[-1].rule  # type: ignore[no-any-return]


def test_intraday_shares_become_a_delivery_and_are_paid_in_full() -> None:
    """100 units at 100.05 cost 10,005: a fifth of that was held for them, all of it is paid now."""
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.until("09:15:03")
    ledger = at.state.ledger
    before, held = ledger.funds, ledger.margin
    assert held > 0
    at.ask("09:15:04", convert(SHARE, BUY, 60, MIS, CNC))
    assert (at.held(SHARE, MIS), at.held(SHARE, CNC)) == (40, 60)
    assert ledger.funds == before - rupees("6003")
    assert ledger.margin < held
    delivery = at.position(SHARE, CNC)
    assert (delivery.paid_up, delivery.cost, delivery.day_buy_quantity) == (True, rupees("6003"), 60)
    at.ask("09:15:05", convert(SHARE, BUY, 60, CNC, MIS))
    assert (ledger.funds, ledger.margin, at.held(SHARE, CNC)) == (before, at.position(SHARE, MIS).margin, 0)
    balanced(at)


def test_what_was_converted_is_delivered_and_not_squared_off() -> None:
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.ask("09:15:04", convert(SHARE, BUY, 100, MIS, CNC))
    at.ticks("time of last bid ask\n15:29:00 ACME 101 100.95 101.05").until("16:30")
    at.ticks("time of last bid ask\n09:15:01 ACME 102 101.95 102.05", NEXT_DAY)
    (due,) = at.state.deliveries.values()
    assert (due.quantity, at.held(SHARE, CNC), at.held(SHARE, MIS)) == (100, 100, 0)
    at.ask("09:15:04", convert(SHARE, BUY, 100, CNC, MIS), NEXT_DAY)
    assert denied(at) == "convert.quantity", "what was bought before today is held"
    balanced(at)


@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_future_is_carried_or_made_intraday_long_and_short(side: Side) -> None:
    at = session()
    lot = FUTURE.lot_size
    at.ask("09:15:02", (buys if side is BUY else sells)(FUTURE, 2 * lot, product=MIS))
    at.until("09:15:03")
    funds = at.state.ledger.funds
    at.ask("09:15:04", convert(FUTURE, side, lot, MIS, NRML))
    assert (at.held(FUTURE, MIS), at.held(FUTURE, NRML)) == (side.sign * lot, side.sign * lot)
    assert at.position(FUTURE, NRML).cost == at.position(FUTURE, MIS).cost
    assert at.position(FUTURE, NRML).margin > 0
    at.ask("09:15:05", convert(FUTURE, side, lot, NRML, MIS))
    assert (at.held(FUTURE, NRML), at.position(FUTURE, NRML).margin, at.state.ledger.funds) == (0, 0, funds)
    balanced(at)


def test_what_was_carried_is_asked_for_as_that() -> None:
    at = session()
    at.ask("09:15:02", buys(FUTURE, FUTURE.lot_size, product=NRML))
    at.ticks("time of last bid ask\n15:29:00 FUT 26010 26009 26011").until("16:30")
    at.ticks("time of last bid ask\n09:15:01 FUT 26020 26019 26021", NEXT_DAY)
    at.ask("09:15:03", convert(FUTURE, BUY, FUTURE.lot_size, NRML, MIS), NEXT_DAY)
    assert denied(at) == "convert.quantity"
    wish = ConvertPosition(FUTURE.id, BUY, FUTURE.lot_size, NRML, MIS, today=False)
    at.ask("09:15:04", wish, NEXT_DAY)
    assert at.held(FUTURE, MIS) == FUTURE.lot_size
    assert at.position(FUTURE, NRML).marked == 0, "what was settled for the day goes with it"
    balanced(at)


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        (convert(SHARE, BUY, 10, MIS, MTF), "convert.product"),
        (convert(SHARE, BUY, 10, MIS, NRML), "convert.product"),
        (convert(FUTURE, BUY, 65, NRML, CNC), "convert.product"),
        (convert(SHARE, BUY, 10, MIS, MIS), "convert.product"),
        (convert(SHARE, BUY, 0, MIS, CNC), "quantity.lot"),
        (convert(SHARE, BUY, 101, MIS, CNC), "convert.quantity"),
        (convert(SHARE, SELL, 10, MIS, CNC), "convert.quantity"),
        (ConvertPosition(SHARE.id, BUY, 10, CNC, MIS, today=False), "convert.holdings"),
        (ConvertPosition("NSE:NOBODY", BUY, 10, CNC, MIS), "instrument.unknown"),
    ],
)
def test_what_cannot_be_converted_is_refused(wish: ConvertPosition, rule: str) -> None:
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.until("09:15:03")
    before = at.state.ledger.cash
    at.ask("09:15:04", wish)
    assert (denied(at), at.state.ledger.cash, at.held(SHARE, MIS)) == (rule, before, 100)


def test_a_short_sale_is_not_delivered() -> None:
    at = session()
    at.ask("09:15:02", sells(SHARE, 100, product=MIS))
    at.ask("09:15:04", convert(SHARE, SELL, 100, MIS, CNC))
    assert denied(at) == "convert.short"


def test_orders_that_would_close_it_come_first() -> None:
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.ask("09:15:03", sells(SHARE, 70, "105", product=MIS))
    at.ask("09:15:04", convert(SHARE, BUY, 40, MIS, CNC))
    assert denied(at) == "convert.pending"
    at.ask("09:15:05", convert(SHARE, BUY, 30, MIS, CNC))
    assert at.held(SHARE, CNC) == 30
    balanced(at)


def test_a_delivery_that_cannot_be_paid_is_refused() -> None:
    at = Session(capital=5_000).ticks(DAY_OF)
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.until("09:15:03")
    assert at.held(SHARE, MIS) == 100
    at.ask("09:15:04", convert(SHARE, BUY, 100, MIS, CNC))
    assert denied(at) == "funds.short"
    at.ask("09:15:05", convert(SHARE, BUY, 30, MIS, CNC))
    assert at.held(SHARE, CNC) == 30
    balanced(at)


@pytest.mark.parametrize(("clock", "day"), [("15:35:00", DAY), ("08:00:00", NEXT_DAY)])
def test_nothing_is_converted_outside_trading(clock: str, day: date) -> None:
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=CNC))
    at.ask(clock, convert(SHARE, BUY, 100, CNC, MIS), day)
    assert at.events(ProductChanged) == []


def test_a_restart_gives_the_same_account() -> None:
    at = session()
    at.ask("09:15:02", buys(SHARE, 100, product=MIS))
    at.ask("09:15:04", convert(SHARE, BUY, 33, MIS, CNC))
    assert at.restart().state == at.state

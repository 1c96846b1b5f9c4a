"""
Short delivery: shares that were sold and are not there when they settle are bought in, and a penalty is paid.

The auction's own price is nobody's to know beforehand, so the close-out stands for it: the highest price
since the trade that is known here, or so much above the close of that day, whichever is more. What was sold
intraday and could not be bought back is such a sale. Source: market_rules.md 4.5 and 4.6.
"""

from datetime import date, timedelta

from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.holding import Delivery
from kasauti.domain.instrument import Kind
from kasauti.domain.order import Product, position_key
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.rules import Rules
from kasauti.exchange.calendar import Segment, segment

_CLOSE_OUT = "settlement/close-out"
_ONE_DAY = timedelta(days=1)


def buy_in_shortage(
    desk: Desk, rules: Rules, due_delivery: Delivery, day: date, due: int, cause: str, at: int
) -> bool:
    """Buy in what a delivery lacks on the day it settles; return False while there is no price for it."""
    state, share = desk.state, due_delivery.instrument
    held = state.holdings.get(share)
    short = -due_delivery.quantity - (0 if held is None else held.quantity)
    if short <= 0:
        return True
    close = rules.official.price(share, day) or desk.board.mark(share) or state.marks.get(share, 0)
    if not close:
        return False
    position = state.positions[position_key(share, Product.CNC)]
    highest = max(close, state.marks.get(share, 0), position.average_price)
    price = rules.settlement.close_out(day, close, highest)
    penalty = rules.settlement.short_penalty(day, close * short)
    gst = rules.settlement.tax_on(day, penalty)
    evidence = Evidence(Source.SETTLEMENT, Rule.BOUGHT_IN, at, price, _CLOSE_OUT, order_price=close)
    auctioned = stl.SharesAuctioned(
        share, short, price, due_delivery.day, penalty, Charges(gst=gst), "close-out", evidence, due
    )
    desk.record(auctioned, cause, at)
    return True


def deliver_shorts(desk: Desk, rules: Rules, which: Segment, day: date, at: int) -> None:
    """Have intraday sales of shares that were not bought back be deliveries: nothing else can be done."""
    for position in desk.state.held:
        instrument = desk.board.universe.find(position.instrument)
        if (
            position.product != Product.MIS
            or position.quantity > 0
            or instrument is None
            or instrument.kind is not Kind.EQUITY
            or segment(instrument) is not which
            or desk.state.position(instrument.id, Product.CNC) is not None
        ):
            continue
        settles = rules.settles_on(day)
        units, cost = position.quantity, position.cost
        why = "nobody sold what was to be bought back: the sale has to be delivered"
        converted = stl.PositionConverted(instrument.id, Product.MIS, Product.CNC, units, why)
        desk.record(converted, "timer:close", at)
        owed = stl.DeliveryDue(instrument.id, units, day.isoformat(), settles, instrument.isin)
        desk.record(owed, "timer:close", at)
        until = ((date.fromisoformat(settles) if settles else day) + _ONE_DAY).isoformat()
        held = stl.ProceedsHeld("", -cost, until, "shares that were sold are still to be delivered")
        desk.record(held, "timer:close", at)

"""Delivery: what a day's trades in shares come to, when it settles, what of a sale can be used meanwhile."""

from collections.abc import Callable
from datetime import date, timedelta

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.holding import carried, delivery_key
from kasauti.domain.instrument import Universe
from kasauti.domain.order import Product, Side
from kasauti.engine.jobs.auction import buy_in_shortage
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.rules import Rules

_ONE_DAY = timedelta(days=1)


def record_due(desk: Desk, rules: Rules, day: date, cause: str, at: int) -> None:
    """Record what the day's delivery trades come to, by share, and when that settles."""
    for position in list(desk.state.positions.values()):
        net = position.day_buy_quantity - position.day_sell_quantity
        if position.product != Product.CNC or not net:
            continue
        isin = _isin(desk.board.universe, position.instrument)
        settles = rules.settles_on(day)
        desk.record(stl.DeliveryDue(position.instrument, net, day.isoformat(), settles, isin), cause, at)


def _isin(universe: Universe, instrument_id: str) -> str:
    instrument = universe.find(instrument_id)
    return "" if instrument is None else instrument.isin


def settle(desk: Desk, rules: Rules, day: date, ends: Callable[[date], int], at: int) -> None:
    """Settle all that is due by `day`; `ends` says when that of a day should have been done."""
    today = day.isoformat()
    # What comes in goes out again on the same day, where two days settle together.
    for each in sorted(desk.state.deliveries.values(), key=lambda each: -each.quantity):
        settles = each.settles or rules.settles_on(date.fromisoformat(each.day))
        if not settles or settles > today:
            continue
        due = ends(date.fromisoformat(settles))
        cause = "timer:settlement" if settles == today else "timer:settlement late"
        if not buy_in_shortage(desk, rules, each, date.fromisoformat(settles), due, cause, at):
            continue
        left = desk.state.deliveries.get(delivery_key(each.instrument, each.day))
        if left is not None:
            desk.record(stl.DeliverySettled(left.instrument, left.quantity, left.day, due), cause, at)


def hold_proceeds(desk: Desk, rules: Rules, fill: ev.OrderFilled, at: int) -> None:
    """Hold back what a sale of shares from an earlier day has brought and cannot be used today."""
    state = desk.state
    order = state.orders[fill.order_id]
    if order.product is not Product.CNC or order.side is not Side.SELL:
        return
    instrument, day = order.instrument, date.fromisoformat(state.day)
    position = state.positions[order.position_key]
    settled, t1 = carried(state, instrument)
    sold = position.day_sell_quantity - position.day_buy_quantity
    before = max(0, sold - fill.quantity)
    from_settled = max(0, min(sold, settled) - min(before, settled))
    from_t1 = max(0, min(sold, settled + t1) - max(before, settled)) if sold > settled else 0
    amount = rules.settlement.held_back(day, from_settled * fill.price, from_t1 * fill.price)
    if amount:
        until = (day + _ONE_DAY).isoformat()
        why = "shares sold before they settled" if from_t1 else "part of a sale is released the next day"
        desk.record(stl.ProceedsHeld(fill.trade_id, amount, until, why), "venue", at)

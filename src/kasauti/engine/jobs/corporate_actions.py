"""
Corporate actions: before a share first trades without what its holders got, what is held of it is adjusted.

A fraction of a share is paid in cash, valued as the rule row says by the last close that the account knows:
what the company's sale of all fractions brings weeks later is in no market data. Where less than one share is
left, that closes the position. A rights issue is said and left alone.

Once for each action and position: as the first thing of the first trading day on or after the ex-date, in the
same moment as the day itself, so that nothing can be done twice. After days on which nobody was here, it is
done late and says so.
"""

from collections.abc import Iterator
from datetime import date

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceAlert, PlaceBracket, PlaceCover, PlaceGtt, PlaceOrder, Plan
from kasauti.domain.money import PAISA, format_price
from kasauti.domain.order import Product
from kasauti.domain.position import Position
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.jobs.desk import Desk, held
from kasauti.engine.rules import Rules
from kasauti.exchange.calendar import Segment
from kasauti.exchange.corporate_actions import Action, ActionKind, Adjusted, FractionPrice

_CAUSE = "timer:corporate_actions"
#: What becomes of a right here.
_LAPSES = ": not taken up and not sold here, the right lapses"
#: Why an instruction ends.
_NOTHING_LEFT = "less than one unit is left of what it is about"
_UNADJUSTED = ": the exchange adjusts contracts for it, here they stay as they are"


def adjust_positions(desk: Desk, rules: Rules, before: str, day: date, at: int) -> None:
    """
    Adjust what is held for the actions since `before`, the ISO date of the account's last day, up to `day`.

    An account that has had no day yet holds nothing that could be adjusted.
    """
    if not before:
        return
    for action in rules.actions.between(date.fromisoformat(before), day):
        first = action.ex_date
        while not rules.calendar.is_trading_day(first):
            first = rules.calendar.next_trading_day(first)
        cause = _CAUSE if first == day else f"{_CAUSE} late"
        session = rules.calendar.session(first, Segment.EQUITY)
        due = at if session is None else session.open
        for position in held(desk.state):
            _adjust(desk, rules, action, position, due, cause, at)
        for one in [one for one in desk.state.standing.values() if not one.is_over]:
            _adjust_instruction(desk, action, one, cause, at)


def _adjusted(action: Action, instrument_id: str) -> Adjusted | None:
    return action.of_share(instrument_id) or action.of_contract(instrument_id)


def _adjust(
    desk: Desk, rules: Rules, action: Action, position: Position, due: int, cause: str, at: int
) -> None:
    change = _adjusted(action, position.instrument)
    if change is None:
        return
    into = change.units(position.quantity)
    in_lieu, said = _for_fraction(desk, rules, action, change, position)
    if position.quantity and not into and not in_lieu:
        message = (
            f"{position.instrument} ({action.words}): {position.quantity} units became less than one, and"
            " nobody knows what is paid for that: no last close is known, or it is a contract"
        )
        desk.record(ev.TradingHalted(message), cause, at)
        return
    for order in desk.state.working_orders():
        if order.position_key == f"{position.instrument}|{position.product}":
            desk.end(ev.OrderCancelled(order.order_id, f"corporate action: {action.words}"), cause, at)
    adjusted = ev.PositionAdjusted(
        f"{action.words}{said}",
        position.instrument,
        Product(position.product),
        position.quantity,
        change.into,
        into,
        change.numerator,
        change.denominator,
        change.off,
        change.dividend * position.quantity + in_lieu,
        due,
        action.isin if change.changes_terms else "",
    )
    desk.record(adjusted, cause, at)


def _for_fraction(
    desk: Desk, rules: Rules, action: Action, change: Adjusted, position: Position
) -> tuple[int, str]:
    """Return what is paid for the fraction of a share that cannot be held, and what is said beside."""
    is_share = action.of_share(position.instrument) is not None
    if action.kind is ActionKind.RIGHTS:
        return 0, _LAPSES if is_share else _UNADJUSTED
    parts = change.fraction(position.quantity)
    if not parts or not is_share:
        return 0, ""
    assert rules.actions.pays_fractions_by(action.ex_date) is FractionPrice.LAST_CLOSE, "there is one rule"
    share, close = f"{parts}/{change.denominator}", desk.state.marks.get(position.instrument, 0)
    if not close:
        return 0, f"; {share} of a share is left out: no last close is known to value it by"
    paid = parts * close // change.numerator // PAISA * PAISA
    return paid, f"; {share} of a share is paid for by the last close of {format_price(close)}"


def _adjust_instruction(desk: Desk, action: Action, one: Instruction, cause: str, at: int) -> None:
    """Carry an instruction over to the new units and prices; a dividend alone moves no stop."""
    change = _adjusted(action, one.instrument)
    if change is None or not (change.changes_terms or change.into != one.instrument):
        return
    if not all(map(change.units, _units_of(one.plan))):
        why = f"{action.words}: {_NOTHING_LEFT}"
        desk.record(sev.StandingEnded(one.standing_id, StandingStatus.DISABLED, why), cause, at)
        return
    found = desk.board.universe.find(change.into) or desk.board.universe.find(one.instrument)
    tick = 1 if found is None else found.tick_size
    changed = sev.StandingChanged(
        one.standing_id, _plan(one.plan, change, tick), change.price(one.reference, tick), one.blocked
    )
    desk.record(changed, cause, at)
    for event in _armed(one, change, tick, action.words):
        desk.record(event, cause, at)


def _units_of(plan: Plan) -> list[int]:
    """Return the units that an instruction is about, by leg."""
    if isinstance(plan, PlaceGtt):
        return [leg.quantity for leg in plan.legs]
    if isinstance(plan, PlaceAlert):
        return [each.quantity for each in plan.orders if each.instrument == plan.instrument]
    return [plan.order.quantity]


def _armed(one: Instruction, change: Adjusted, tick: int, why: str) -> Iterator[ev.Event]:
    """Yield what stands ready, with the new units and prices, before the old ones are read again."""
    if not one.guarded:
        return
    stop, best = change.price(one.stop, tick), change.price(one.best, tick)
    trailed = one.trailed
    yield sev.StandingArmed(
        one.standing_id,
        change.units(one.guarded),
        stop,
        change.price(one.target, tick),
        change.price(one.anchor),
        why,
    )
    if trailed:
        yield sev.StandingTrailed(one.standing_id, stop, best)


def _plan(plan: Plan, change: Adjusted, tick: int) -> Plan:
    """Return an instruction's plan with the new instrument, units and prices."""
    if isinstance(plan, PlaceGtt):
        legs = tuple(
            msgspec.structs.replace(
                leg,
                quantity=change.units(leg.quantity),
                price=change.price(leg.price, tick),
                trigger_price=change.price(leg.trigger_price, tick),
            )
            for leg in plan.legs
        )
        last = change.price(plan.last_price, tick)
        return msgspec.structs.replace(plan, instrument=change.into, legs=legs, last_price=last)
    if isinstance(plan, PlaceAlert):
        mine = plan.instrument
        orders = (_order(each, change, tick) if each.instrument == mine else each for each in plan.orders)
        value = change.price(plan.value, tick)
        return msgspec.structs.replace(plan, instrument=change.into, value=value, orders=tuple(orders))
    order = _order(plan.order, change, tick)
    if isinstance(plan, PlaceCover):
        return msgspec.structs.replace(
            plan,
            order=order,
            trigger_price=change.price(plan.trigger_price, tick),
            stop_price=change.price(plan.stop_price, tick),
        )
    if isinstance(plan, PlaceBracket):
        moved = change.distance if plan.relative else change.price
        return msgspec.structs.replace(
            plan,
            order=order,
            stoploss=moved(plan.stoploss, tick),
            target=moved(plan.target, tick),
            trailing=change.distance(plan.trailing, tick),
            trail_step=change.distance(plan.trail_step, tick),
        )
    return msgspec.structs.replace(plan, order=order)


def _order(order: PlaceOrder, change: Adjusted, tick: int) -> PlaceOrder:
    return msgspec.structs.replace(
        order,
        instrument=change.into,
        quantity=change.units(order.quantity),
        price=change.price(order.price, tick),
        trigger_price=change.price(order.trigger_price, tick),
    )

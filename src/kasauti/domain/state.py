"""
The state of one account: a fold over its log.

`State.apply` is the only thing that changes it, and it changes all of it together: order, position, ledger
and margin move in one step, because they follow from one event.
"""

from collections.abc import Callable, Iterable
from typing import Any, cast

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.ledger import Ledger
from kasauti.domain.order import MOVES, NO_CHARGES, Order, Side, Status, position_key
from kasauti.domain.position import Position

# Members of an enum are looked up by a function of its class; the fold uses these millions of times.
_BUY = Side.BUY
_SUBMITTED, _OPEN, _COMPLETE = Status.SUBMITTED, Status.OPEN, Status.COMPLETE


class State(msgspec.Struct):
    """
    Everything that is true of an account after the event `seq`.

    `orders` are those of the current trading day and any still working, `working` the ids of the latter,
    `positions` by `instrument|product`, `books` the same for each strategy's own trades, `commands` the
    order each command id led to, `timers` the day's jobs that have run, `notes` what strategies asked to
    have kept. `session` is the process that has the account, None after a clean stop; `feed` is where the
    last one's prices came from.
    """

    seq: int = 0
    at: int = 0
    account: ev.AccountOpened | None = None
    session: ev.SessionStarted | None = None
    feed: str = ""
    day: str = ""
    day_open: bool = False
    halted: str = ""
    ledger: Ledger = msgspec.field(default_factory=Ledger)
    orders: dict[str, Order] = {}
    working: dict[str, None] = {}
    positions: dict[str, Position] = {}
    books: dict[str, dict[str, Position]] = {}
    commands: dict[str, str] = {}
    timers: dict[str, int] = {}
    notes: dict[str, msgspec.Raw] = {}
    failed: dict[str, str] = {}
    trades: int = 0
    day_orders: int = 0
    day_trades: int = 0
    day_denied: int = 0
    day_realised: int = 0
    day_charges: int = 0

    def apply(self, recorded: ev.Recorded) -> None:
        """Take one event in. Events come in the order of `seq`, each exactly once."""
        assert recorded.seq == self.seq + 1, f"event {recorded.seq} does not follow {self.seq}"
        event = recorded.event
        _FOLDS[type(event)](self, event, recorded.at)
        self.seq = recorded.seq
        self.at = recorded.at

    @classmethod
    def replay(cls, log: Iterable[ev.Recorded]) -> "State":
        """Fold `log` from the beginning."""
        state = cls()
        for recorded in log:
            state.apply(recorded)
        return state

    def order(self, order_id: str) -> Order | None:
        """Return the order, if it is of today or still working."""
        return self.orders.get(order_id)

    def position(self, instrument: str, product: str, strategy: str = "") -> Position | None:
        """Return what the account, or one strategy, holds of an instrument in a product."""
        book = self.books.get(strategy, {}) if strategy else self.positions
        return book.get(position_key(instrument, product))

    def working_orders(self) -> list[Order]:
        """Return the orders that can still trade, oldest first."""
        return [self.orders[order_id] for order_id in self.working]

    @property
    def held(self) -> list[Position]:
        """The positions that are not flat."""
        return [position for position in self.positions.values() if position.quantity]


def _account_opened(state: State, event: ev.AccountOpened, at: int) -> None:
    assert state.account is None, "an account opens once"
    state.account = event
    state.ledger.bring_capital(event.capital)


def _money_moved(state: State, event: ev.MoneyMoved, at: int) -> None:
    state.ledger.bring_capital(event.amount)


def _session_started(state: State, event: ev.SessionStarted, at: int) -> None:
    state.session = event
    state.feed = event.feed


def _session_stopped(state: State, event: ev.SessionStopped, at: int) -> None:
    state.session = None


def _day_opened(state: State, event: ev.DayOpened, at: int) -> None:
    state.day, state.day_open = event.day, True
    state.timers = {}
    state.failed = {}
    state.day_orders = state.day_trades = state.day_denied = state.day_realised = state.day_charges = 0
    state.orders = {order_id: state.orders[order_id] for order_id in state.working}
    state.positions = _carried(state.positions)
    state.books = {name: _carried(book) for name, book in state.books.items()}


def _carried(book: dict[str, Position]) -> dict[str, Position]:
    """Keep what is held or asked for, with fresh counters for the day."""
    kept = {key: position for key, position in book.items() if not position.is_idle}
    for position in kept.values():
        position.day_buy_quantity = position.day_buy_value = 0
        position.day_sell_quantity = position.day_sell_value = 0
        position.day_realised = position.day_charges = position.day_exercised = 0
    return kept


def _day_closed(state: State, event: ev.DayClosed, at: int) -> None:
    state.day_open = False
    state.ledger.pay_charges(event.rounding, event.rounding.total)
    state.day_charges += event.rounding.total


def _timer_fired(state: State, event: ev.TimerFired, at: int) -> None:
    state.timers[event.name] = at


def _order_placed(state: State, event: ev.OrderPlaced, at: int) -> None:
    key = position_key(event.instrument, event.product)
    order = Order(
        event.order_id,
        event.instrument,
        event.side,
        event.product,
        event.order_type,
        event.validity,
        event.quantity,
        event.price,
        event.trigger_price,
        at,
        event.command_id,
        event.strategy,
        event.tag,
        event.paid_up,
        key,
        blocked=event.blocked,
        updated_at=at,
    )
    state.orders[event.order_id] = order
    state.working[event.order_id] = None
    state.day_orders += 1
    if event.command_id:
        state.commands[event.command_id] = event.order_id
    if event.blocked:
        state.ledger.block(event.blocked)
    position = state.positions.get(key)
    if position is None:
        position = state.positions[key] = Position(event.instrument, event.product, event.paid_up)
    if event.side is _BUY:
        position.pending_buy += event.quantity
    else:
        position.pending_sell += event.quantity


def _order_denied(state: State, event: ev.OrderDenied, at: int) -> None:
    state.day_denied += 1
    if event.command_id:
        state.commands[event.command_id] = event.order_id


def _move(order: Order, status: Status, at: int) -> None:
    assert status in MOVES[order.status], f"{order.order_id} cannot go from {order.status} to {status}"
    order.status = status
    order.updated_at = at


def _order_opened(state: State, event: ev.OrderOpened, at: int) -> None:
    order = state.orders[event.order_id]
    _move(order, Status.TRIGGER_PENDING if event.trigger_pending else Status.OPEN, at)
    order.queue_ahead = event.queue_ahead
    order.rested_at = at


def _order_triggered(state: State, event: ev.OrderTriggered, at: int) -> None:
    order = state.orders[event.order_id]
    _move(order, Status.OPEN, at)
    order.rested_at = at


def _modify_requested(state: State, event: ev.ModifyRequested, at: int) -> None:
    order = state.orders[event.order_id]
    order.modify_asked = True
    order.modifications += 1
    order.blocked_for_change = event.blocked - order.blocked
    _block(state, order, event.blocked)


def _block(state: State, order: Order, amount: int) -> None:
    """Hold `amount` for an order, whatever was held before."""
    state.ledger.block(amount - order.blocked)
    order.blocked = amount


def _modify_denied(state: State, event: ev.ModifyDenied, at: int) -> None:
    state.day_denied += 1


def _order_modified(state: State, event: ev.OrderModified, at: int) -> None:
    order = state.orders[event.order_id]
    added = event.quantity - order.quantity
    position = state.positions[order.position_key]
    if order.side is _BUY:
        position.pending_buy += added
    else:
        position.pending_sell += added
    order.quantity = event.quantity
    order.price, order.trigger_price = event.price, event.trigger_price
    order.modify_asked = False
    order.blocked_for_change = 0
    _block(state, order, event.blocked)
    order.updated_at = at
    if not event.kept_priority:
        order.queue_ahead = event.queue_ahead
        order.rested_at = at


def _modify_rejected(state: State, event: ev.ModifyRejected, at: int) -> None:
    order = state.orders[event.order_id]
    order.modify_asked = False
    order.updated_at = at
    order.blocked_for_change = 0
    _block(state, order, event.blocked)


def _cancel_requested(state: State, event: ev.CancelRequested, at: int) -> None:
    state.orders[event.order_id].cancel_asked = True


def _end(state: State, order_id: str, status: Status, reason: str, at: int) -> None:
    """Finish an order: its place among the working ones, its block and its pending units go."""
    order = state.orders[order_id]
    _move(order, status, at)
    order.reason = reason
    del state.working[order_id]
    _block(state, order, 0)
    position = state.positions[order.position_key]
    if order.side is _BUY:
        position.pending_buy -= order.quantity - order.filled
    else:
        position.pending_sell -= order.quantity - order.filled


def _order_cancelled(state: State, event: ev.OrderCancelled, at: int) -> None:
    _end(state, event.order_id, Status.CANCELLED, event.reason, at)


def _order_rejected(state: State, event: ev.OrderRejected, at: int) -> None:
    _end(state, event.order_id, Status.REJECTED, event.message, at)


def _order_expired(state: State, event: ev.OrderExpired, at: int) -> None:
    _end(state, event.order_id, Status.EXPIRED, event.reason, at)


def _order_filled(state: State, event: ev.OrderFilled, at: int) -> None:
    order = state.orders[event.order_id]
    quantity, price = event.quantity, event.price
    leaves = order.quantity - order.filled
    assert 0 < quantity <= leaves, f"{order.order_id} has {leaves} open, a fill of {quantity} is too much"
    complete = quantity == leaves
    if order.status is not _OPEN and order.status is not _SUBMITTED:
        _move(order, _COMPLETE, at)
    order.status = _COMPLETE if complete else _OPEN
    order.updated_at = at
    order.filled += quantity
    order.turnover += price * quantity
    order.charges = event.charges if order.charges is NO_CHARGES else order.charges.plus(event.charges)
    charges = event.charges.total
    released = order.blocked
    if complete:
        del state.working[event.order_id]
        order.blocked = 0
    else:
        released = (released - order.blocked_for_change) * quantity // leaves
        order.blocked -= released
    position = state.positions[order.position_key]
    if order.side is _BUY:
        signed = quantity
        position.pending_buy -= quantity
        position.day_buy_quantity += quantity
        position.day_buy_value += price * quantity
    else:
        signed = -quantity
        position.pending_sell -= quantity
        position.day_sell_quantity += quantity
        position.day_sell_value += price * quantity
    if position.quantity == 0:
        position.opened_at = at
    change = event.position_margin - position.margin - released
    if change:
        state.ledger.block(change)
    position.margin = event.position_margin
    _book_trade(state, position, signed, price, charges)
    state.ledger.pay_charges(event.charges, charges)
    state.trades += 1
    state.day_trades += 1
    if order.strategy:
        _book_for_strategy(state, order, signed, price, charges)


def _book_trade(state: State, position: Position, signed: int, price: int, charges: int) -> None:
    """Move the position and the ledger by one trade of `signed` units."""
    change, realised = position.trade(signed, price)
    state.ledger.book_trade(change, realised, paid_up=position.paid_up)
    position.day_realised += realised
    position.charges += charges
    position.day_charges += charges
    state.day_realised += realised
    state.day_charges += charges


def _book_for_strategy(state: State, order: Order, signed: int, price: int, charges: int) -> None:
    """Keep the strategy's own position: the same fold over its own trades."""
    book = state.books.get(order.strategy)
    if book is None:
        book = state.books[order.strategy] = {}
    own = book.get(order.position_key)
    if own is None:
        own = book[order.position_key] = Position(order.instrument, order.product, order.paid_up)
    if own.quantity == 0:
        own.opened_at = order.updated_at
    _, realised = own.trade(signed, price)
    own.day_realised += realised
    own.charges += charges
    own.day_charges += charges


def _position_settled(state: State, event: ev.PositionSettled, at: int) -> None:
    key = position_key(event.instrument, event.product)
    position = state.positions[key]
    assert position.quantity == event.quantity, "a settlement closes the whole position"
    state.ledger.block(-position.margin)
    position.margin = 0
    if position.paid_up and event.quantity > 0:
        position.day_exercised += event.price * event.quantity
    charges = event.charges.total
    _book_trade(state, position, -event.quantity, event.price, charges)
    state.ledger.pay_charges(event.charges, charges)
    for book in state.books.values():
        own = book.get(key)
        if own is not None and own.quantity:
            _, realised = own.trade(-own.quantity, event.price)
            own.day_realised += realised


def _strategy_noted(state: State, event: ev.StrategyNoted, at: int) -> None:
    state.notes[event.strategy] = event.state


def _strategy_failed(state: State, event: ev.StrategyFailed, at: int) -> None:
    state.failed[event.strategy] = event.stopped


def _trading_halted(state: State, event: ev.TradingHalted, at: int) -> None:
    state.halted = event.reason


def _trading_resumed(state: State, event: ev.TradingResumed, at: int) -> None:
    state.halted = ""


def _venue_anomaly(state: State, event: ev.VenueAnomaly, at: int) -> None:
    """An anomaly changes nothing: that is its point."""


_FOLDS = cast(
    "dict[type[ev.Event], Callable[[State, Any, int], None]]",
    {
        ev.AccountOpened: _account_opened,
        ev.MoneyMoved: _money_moved,
        ev.SessionStarted: _session_started,
        ev.SessionStopped: _session_stopped,
        ev.DayOpened: _day_opened,
        ev.DayClosed: _day_closed,
        ev.TimerFired: _timer_fired,
        ev.OrderPlaced: _order_placed,
        ev.OrderDenied: _order_denied,
        ev.OrderOpened: _order_opened,
        ev.OrderTriggered: _order_triggered,
        ev.ModifyRequested: _modify_requested,
        ev.ModifyDenied: _modify_denied,
        ev.OrderModified: _order_modified,
        ev.ModifyRejected: _modify_rejected,
        ev.CancelRequested: _cancel_requested,
        ev.OrderCancelled: _order_cancelled,
        ev.OrderRejected: _order_rejected,
        ev.OrderExpired: _order_expired,
        ev.OrderFilled: _order_filled,
        ev.PositionSettled: _position_settled,
        ev.StrategyNoted: _strategy_noted,
        ev.StrategyFailed: _strategy_failed,
        ev.TradingHalted: _trading_halted,
        ev.TradingResumed: _trading_resumed,
        ev.VenueAnomaly: _venue_anomaly,
    },
)

"""Deciding a change of a working order, or its end: what it would become has to pass as a new order does."""

from typing import Final

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Order, Product, Side, Status
from kasauti.domain.state import State
from kasauti.engine.margin_book import MarginBook
from kasauti.engine.refusals import (
    banned,
    price_refusal,
    quantity_refusal,
    refused,
    too_little_held,
    trigger_refusal,
    unless_changeable,
)
from kasauti.engine.terms import Terms, TermSheet
from kasauti.engine.worth import MARKET_BUFFER_PERCENT, new_risk, worth
from kasauti.risk.gate import Proposal, Refusal, RiskGate

# Looked up once: a member of an enum costs a function call.
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
#: What is sold has to be there.
_DELIVERY: Final = (Product.CNC, Product.MTF)


class OrderChange:
    """Turns wishes about working orders into events, for one account on one day."""

    def __init__(
        self, state: State, board: Board, sheet: TermSheet, gate: RiskGate, book: MarginBook
    ) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._gate = gate
        self._book = book

    def decide(
        self, command: ModifyOrder, at: int, strategy: str = ""
    ) -> ev.ModifyRequested | ev.ModifyDenied:
        """Decide a change of a working order: its margin is checked again."""
        order = self._working(command.order_id, strategy)
        if isinstance(order, ev.ModifyDenied):
            return order
        quantity = order.quantity if command.quantity is None else command.quantity
        price = order.price if command.price is None else command.price
        trigger = order.trigger_price if command.trigger_price is None else command.trigger_price
        refusal = self._change_malformed(order, quantity, price, trigger, at) or self._change_refused(
            order, quantity, price, trigger, at
        )
        if refusal is not None:
            return ev.ModifyDenied(order.order_id, refusal.rule, refusal.message)
        # Until the venue answers, either set of terms may trade: the larger block is held.
        needed = self.block_of(order, quantity, price, trigger, at)
        band = order.band
        if band and trigger:
            band = max(self._terms(order).tick, band + trigger - order.trigger_price)
        return ev.ModifyRequested(order.order_id, quantity, price, trigger, max(order.blocked, needed), band)

    def _working(self, order_id: str, strategy: str) -> Order | ev.ModifyDenied:
        """Return an order that can be changed or cancelled by who asks: a strategy touches its own only."""
        order = self._state.order(order_id)
        if order is None or not order.is_working:
            status = "unknown" if order is None else order.status.value.lower()
            message = f"order {order_id} is {status}; only a working order can be changed or cancelled"
            return ev.ModifyDenied(order_id, "order.not_working", message)
        if strategy and order.strategy != strategy:
            return ev.ModifyDenied(order_id, "order.not_own", f"order {order_id} is not one of {strategy}'s")
        return order

    def _change_malformed(
        self, order: Order, quantity: int, price: int, trigger: int, at: int
    ) -> Refusal | None:
        """Check the changed order against the instrument and the exchange."""
        limits = self._sheet.limits
        if order.modifications >= limits.modifications and not self._sheet.lenient:
            most, terms = str(limits.modifications), self._terms(order)
            return refused(terms, "modify.too_many", most, str(order.modifications + 1))
        if order.modify_asked or order.cancel_asked:
            message = f"order {order.order_id} already has a request on its way; wait for its answer"
            return Refusal("order.pending", message)
        if quantity <= order.filled:
            message = f"{order.filled} units have traded already; the new quantity has to be more"
            return Refusal("quantity.traded", message, str(order.filled), str(quantity))
        terms = self._terms(order)
        refusal = price_refusal(order.order_type, order.side, price, trigger, terms) or quantity_refusal(
            quantity, terms, may_slice=False
        )
        if refusal is None and trigger != order.trigger_price and order.status is not Status.OPEN:
            last = self._board.mark(order.instrument)
            refusal = (
                None if self._sheet.lenient else trigger_refusal(order.side, price, trigger, last, terms)
            )
        if refusal is not None:
            return refusal
        return unless_changeable(order.order_type, price, terms, at)

    def _change_refused(
        self, order: Order, quantity: int, price: int, trigger: int, at: int
    ) -> Refusal | None:
        """Check the change against the account, as if the order were placed now without the old one."""
        opens = self._opens(order, quantity)
        extra = self.block_of(order, quantity, price, trigger, at) - order.blocked
        more = opens > self._opens(order, order.quantity)
        if extra <= 0 and not more:
            return None
        terms = self._terms(order)
        if terms.banned and more:
            return banned(terms, quantity - order.filled, opens)
        if order.product in _DELIVERY and order.side is _SELL:
            return too_little_held(terms, quantity - order.filled, opens)
        if extra > self._state.ledger.cash:
            need, have = format_rupees(extra), format_rupees(self._state.ledger.cash)
            return refused(terms, "funds.change", have, need)
        if not opens:
            return None
        value = worth(self._board, terms, order.order_type, price, trigger, order.side is _BUY) * quantity
        if order.strategy and order.strategy in self._state.failed:
            return Refusal("strategy.stopped", f"{order.strategy} failed today and may take no new risk")
        side, asker = order.side, order.strategy
        proposal = Proposal(terms.instrument, side, quantity, opens, value, asker, at, changes=True)
        return new_risk(proposal, self._state, self._gate)

    def _terms(self, order: Order) -> Terms:
        terms = self._sheet.of(order.instrument, order.product)
        assert terms is not None, "a working order's instrument is known"
        return terms

    def _opens(self, order: Order, quantity: int) -> int:
        """Return the units of an order of `quantity` in all that add exposure, were it placed now."""
        position, leaves = self._state.positions[order.position_key], max(0, quantity - order.filled)
        return position.opens(leaves, order.side is _BUY, order.leaves)

    def block_of(self, order: Order, quantity: int, price: int, trigger: int, at: int) -> int:
        """Return what an order blocks once it has these terms."""
        terms, opens = self._terms(order), self._opens(order, quantity)
        assert terms.margin is not None, "a working order trades"
        if not opens and not terms.spans:
            return 0
        basis = worth(self._board, terms, order.order_type, price, trigger, order.side is _BUY)
        basis = basis if order.order_type.has_limit else basis * MARKET_BUFFER_PERCENT // 100
        if terms.spans:
            left = max(0, quantity - order.filled)
            return self._book.order(terms, order.side, left, opens, basis, at, order)[0]
        return terms.margin.order(opens, basis, buys=order.side is _BUY)

    def block_unchanged(self, order: Order, at: int) -> int:
        """Return what an order needs as it stands, after the venue refused to change it."""
        if not order.is_working:
            return 0
        return self.block_of(order, order.quantity, order.price, order.trigger_price, at)

    def cancel(self, command: CancelOrder, strategy: str = "") -> ev.CancelRequested | ev.ModifyDenied:
        """Decide a cancellation."""
        order = self._working(command.order_id, strategy)
        if isinstance(order, ev.ModifyDenied):
            return order
        if order.cancel_asked:
            message = f"order {command.order_id} is being cancelled already"
            return ev.ModifyDenied(command.order_id, "order.pending", message)
        return ev.CancelRequested(command.order_id, command.reason)

"""Deciding a change of a working order, or its end: what it would become has to pass as a new order does."""

from typing import Final

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, ModifyOrder
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Order, OrderType, Product, Side, Status, Validity
from kasauti.domain.state import State
from kasauti.engine.becoming import Becoming, becoming
from kasauti.engine.change_refusals import changeable, kind_refusal
from kasauti.engine.disclosing import disclosed_refusal
from kasauti.engine.margin_book import MarginBook
from kasauti.engine.refusals import (
    banned,
    price_refusal,
    protection_refusal,
    quantity_refusal,
    refused,
    too_little_held,
    trigger_refusal,
)
from kasauti.engine.standing_checks import auction_refusal
from kasauti.engine.terms import Terms, TermSheet
from kasauti.engine.worth import MARKET_BUFFER_PERCENT, new_risk, worth
from kasauti.exchange.standing_rules import StandingRules
from kasauti.risk.gate import Proposal, Refusal, RiskGate

# Looked up once: a member of an enum costs a function call.
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
#: What is sold has to be there.
_DELIVERY: Final = (Product.CNC, Product.MTF)


class OrderChange:
    """Turns wishes about working orders into events, for one account on one day."""

    def __init__(
        self,
        state: State,
        board: Board,
        sheet: TermSheet,
        gate: RiskGate,
        standing: StandingRules,
        book: MarginBook,
    ) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._gate = gate
        self._standing = standing
        self._book = book

    def decide(
        self, command: ModifyOrder, at: int, strategy: str = ""
    ) -> ev.ModifyRequested | ev.ModifyDenied:
        """Decide a change of a working order: what it would become is checked like a new order."""
        order = self._working(command.order_id, strategy)
        if isinstance(order, ev.ModifyDenied):
            return order
        new = becoming(self._state, order, command)
        refusal = self._malformed(new, at)
        band = self._band(new) if refusal is None else 0
        refusal = refusal or self._unpriced(new, band) or self._refused(new, at)
        if refusal is not None:
            return ev.ModifyDenied(
                order.order_id,
                refusal.rule,
                refusal.message,
                refusal.limit,
                refusal.actual,
                refusal.nearest,
                refusal.advice,
            )
        # Until the venue answers, either set of terms may trade: the larger block is held.
        needed = self.block_of(order, new.quantity, new.price, new.trigger, at, new.order_type)
        return ev.ModifyRequested(
            order.order_id,
            new.quantity,
            new.price,
            new.trigger,
            max(order.blocked, needed),
            band,
            new.order_type if new.retyped else None,
            new.validity if new.validates else None,
            new.disclosed if new.discloses else None,
        )

    def _band(self, new: Becoming) -> int:
        """Return the worst price it would trade at, as for a new order; 0: any, -1: nothing has traded."""
        order, protection, terms = new.order, new.protection, self._terms(new.order)
        if new.order_type.has_limit:
            return 0
        if protection is None:
            moves = order.band and new.trigger
            return max(terms.tick, order.band + new.trigger - order.trigger_price) if moves else order.band
        if new.order_type.has_trigger:
            return terms.band(new.trigger, new.trigger, protection, new.buys)
        if not terms.protects and protection <= 0:
            return 0
        return terms.band(self._board.quote(terms.slot).last, self._stands(new), protection, new.buys)

    def _stands(self, new: Becoming) -> int:
        """Return what stands opposite an order that takes, 0 if nothing does."""
        quote = self._board.quote(self._terms(new.order).slot)
        return (quote.ask if new.buys else quote.bid) or quote.last

    def _unpriced(self, new: Becoming, band: int) -> Refusal | None:
        """Return why it cannot become a market order now: there is no price."""
        if new.protection is None or new.order_type.has_trigger:
            return None
        if not self._stands(new):
            return refused(self._terms(new.order), "market.no_price")
        return refused(self._terms(new.order), "market.no_ltp") if band < 0 else None

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

    def _malformed(self, new: Becoming, at: int) -> Refusal | None:
        """Check the changed order against the instrument, the exchange and the broker."""
        order, terms, limits = new.order, self._terms(new.order), self._sheet.limits
        if order.modifications >= limits.modifications and not self._sheet.lenient:
            return refused(terms, "modify.too_many", str(limits.modifications), str(order.modifications + 1))
        if order.modify_asked or order.cancel_asked:
            message = f"order {order.order_id} already has a request on its way; wait for its answer"
            return Refusal("order.pending", message)
        if new.quantity <= order.filled:
            message = f"{order.filled} units have traded already; the new quantity has to be more"
            return Refusal("quantity.traded", message, str(order.filled), str(new.quantity))
        refusal = (
            kind_refusal(new, self._state, terms)
            or price_refusal(new.order_type, order.side, new.price, new.trigger, terms)
            or quantity_refusal(new.quantity, terms, may_slice=False)
        )
        moves = new.trigger != order.trigger_price or new.retyped
        if refusal is None and moves and new.order_type.has_trigger and order.status is not Status.OPEN:
            last = self._board.mark(order.instrument)
            if not self._sheet.lenient:
                refusal = trigger_refusal(order.side, new.price, new.trigger, last, terms)
        if refusal is None and new.protection is not None:
            refusal = protection_refusal(new.protection, terms)
        return refusal or self._undisclosable(new, terms, at) or changeable(new, terms, at)

    def _undisclosable(self, new: Becoming, terms: Terms, at: int) -> Refusal | None:
        """Return why so little of it may not be shown."""
        if not new.disclosed or (not new.discloses and new.quantity == new.order.quantity):
            return None
        if new.validity is not Validity.DAY:
            message = f"{new.validity} orders have no disclosed quantity."
            return Refusal(
                "terms.validity", message, "DAY", new.validity, {"validity": "DAY"}, "Use validity DAY."
            )
        closed = auction_refusal("Orders with a disclosed quantity", terms, at)
        if closed is not None:
            return Refusal(closed.rule, closed.message, closed.limit, closed.actual)
        rule = self._standing.disclosed(terms.day)
        return disclosed_refusal(new.as_new(), new.disclosed, terms, rule)

    def _refused(self, new: Becoming, at: int) -> Refusal | None:
        """Check the change against the account, as if the order were placed now without the old one."""
        order, quantity = new.order, new.quantity
        opens = self._opens(order, quantity)
        needed = self.block_of(order, quantity, new.price, new.trigger, at, new.order_type)
        extra, more = needed - order.blocked, opens > self._opens(order, order.quantity)
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
        value = worth(self._board, terms, new.order_type, new.price, new.trigger, new.buys) * quantity
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

    def block_of(
        self,
        order: Order,
        quantity: int,
        price: int,
        trigger: int,
        at: int,
        order_type: OrderType | None = None,
    ) -> int:
        """Return what an order blocks once it has these terms; None leaves its type."""
        terms, opens = self._terms(order), self._opens(order, quantity)
        kind = order.order_type if order_type is None else order_type
        assert terms.margin is not None, "a working order trades"
        if not opens and not terms.spans:
            return 0
        basis = worth(self._board, terms, kind, price, trigger, order.side is _BUY)
        basis = basis if kind.has_limit else basis * MARKET_BUFFER_PERCENT // 100
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

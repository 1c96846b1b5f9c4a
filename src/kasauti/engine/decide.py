"""Deciding: a command and the state become one event. Nothing is changed here, nothing leaves from here."""

from collections.abc import Iterator
from typing import Final

from msgspec.structs import astuple

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import AUTO_PROTECTION, PlaceOrder
from kasauti.domain.money import format_rupees
from kasauti.domain.order import RESERVED_TAGS, OrderType, Product, Side, Validity, position_key
from kasauti.domain.state import State
from kasauti.engine.margin_book import NO_MARKS, MarginBook
from kasauti.engine.order_change import OrderChange
from kasauti.engine.order_ids import OrderIds
from kasauti.engine.pacing import Pacer
from kasauti.engine.product_change import ProductChange
from kasauti.engine.refusals import (
    Nearest,
    banned,
    barred_as,
    denied,
    price_refusal,
    protection_refusal,
    quantity_refusal,
    refused,
    too_little_held,
    trigger_refusal,
    unless_in_auction,
)
from kasauti.engine.slicing import as_slice, denied_as, slices
from kasauti.engine.terms import Terms, TermSheet
from kasauti.engine.worth import MARKET_BUFFER_PERCENT, new_risk, worth
from kasauti.exchange.standing_rules import StandingRules
from kasauti.risk.gate import Proposal, Refusal, RiskGate

#: The fields of a `PlaceOrder`.
_Asked = tuple[str, Side, int, OrderType, Product, int, int, Validity, str, str, int, bool]

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_BUY: Final = Side.BUY
_SELL: Final = Side.SELL
_PLACED: Final = ev.OrderPlaced
_take_apart: Final = astuple
_MARKET: Final = OrderType.MARKET
_SL_M: Final = OrderType.SL_M
_RESERVED: Final = RESERVED_TAGS
_AUTO: Final = AUTO_PROTECTION
_NO_MARKS: Final = NO_MARKS
#: What is sold has to be there.
_DELIVERY: Final = (Product.CNC, Product.MTF)


class Decider:
    """Turns commands into events for one account on one day."""

    def __init__(
        self,
        state: State,
        board: Board,
        sheet: TermSheet,
        gate: RiskGate,
        standing: StandingRules,
        ids: OrderIds,
    ) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._known = sheet.known
        self._gate = gate
        self._ids = ids
        self._pacer = Pacer(state, sheet)
        self.book = MarginBook(state, board, sheet)
        self.product_change = ProductChange(state, board, sheet, self.book)
        self.order_change = OrderChange(state, board, sheet, gate, standing, self.book)

    def place(
        self,
        command: PlaceOrder,
        at: int,
        strategy: str = "",
        forced: bool = False,  # noqa: FBT001, FBT002  a name would cost every order time
        last: int = 0,
    ) -> ev.OrderPlaced | ev.OrderDenied:
        """Decide an order; `forced` skips what keeps a position open, `last` stands before today's price."""
        # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
        asked: _Asked = _take_apart(command)
        (
            instrument, side, quantity, order_type, product, price, trigger, validity, tag, command_id,
            protection, _,
        ) = asked  # fmt: skip
        state = self._state
        order_id = self._ids.make(at, instrument[4:], state.day_orders + state.day_denied + 1)  # behind NFO:
        key = position_key(instrument, product)
        terms = self._known.get(key) or self._sheet.of(instrument, product)
        buys, plain = side is _BUY, order_type is _MARKET and not price and not trigger
        if (
            terms is None or not plain or quantity <= 0 or quantity % terms.lot or quantity > terms.freeze
            or validity not in terms.taken[order_type] or at < terms.opens or at >= terms.closes
            or tag in _RESERVED or protection != _AUTO
            or at >= self._pacer.until or state.second_orders >= self._pacer.room
        ):  # fmt: skip
            refusal = self._malformed(command, terms, at, forced)
            if refusal is not None or terms is None:
                assert refusal is not None, "what is not known does not trade"
                return denied(command, order_id, strategy, refusal)
        band, blocked, marks = 0, 0, _NO_MARKS
        if plain:
            quote = self._board.quote(terms.slot)
            reference = (quote.ask if buys else quote.bid) or quote.last or last
            if (terms.protects or protection > 0) and not forced:
                known = protection < 0 and quote.last == terms.banded_at[buys]
                band = terms.bands[buys] if known else terms.band(quote.last, reference, protection, buys)
        else:
            reference = worth(self._board, terms, order_type, price, trigger, buys)
            band = terms.band(trigger, trigger, protection, buys) if order_type is _SL_M else 0
        position = state.positions.get(key)
        opens = quantity if position is None else position.opens(quantity, buys)
        if opens or terms.spans:
            basis = (
                reference * MARKET_BUFFER_PERCENT // 100 if plain or not order_type.has_limit else reference
            )
            if terms.spans:
                blocked, marks = self.book.order(terms, side, quantity, opens, basis, at)
            else:
                blocked = terms.margin.order(opens, basis, buys=buys)  # type: ignore[union-attr]
        if not reference or (not forced and (opens or blocked or not plain or state.failed or band < 0)):
            refusal = self._refused(command, terms, strategy, opens, reference, blocked, at, band)
            if refusal is not None:
                return denied(command, order_id, strategy, refusal)
        return _PLACED(
            order_id, instrument, side, product, order_type, quantity, blocked, validity, price, trigger,
            command_id, strategy, tag, terms.paid_up, reference, band, "", terms.listing, marks,
        )  # fmt: skip

    def takes_no_more(self, terms: Terms, at: int) -> bool:
        """Whether the broker would refuse an order at `at` for there having been too many."""
        return self._pacer.refusal(terms, at) is not None

    def in_slices(
        self, command: PlaceOrder, whole: ev.OrderDenied, at: int, strategy: str
    ) -> Iterator[ev.OrderPlaced | ev.OrderDenied]:
        """Decide an order above the freeze quantity slice by slice; `whole` is why it is not one."""
        parts = slices(command, self._known[position_key(command.instrument, command.product)])
        if isinstance(parts, Refusal):
            yield denied_as(whole, parts)
            return
        parent = ""
        for part in parts:
            event = self.place(part, at, strategy)
            parent = parent or event.order_id
            yield event if isinstance(event, ev.OrderDenied) else as_slice(event, parent)

    def _malformed(
        self,
        command: PlaceOrder,
        terms: Terms | None,
        at: int,
        forced: bool,  # noqa: FBT001  as above
    ) -> Refusal | None:
        """Check the order against the instrument, the exchange and the broker, in the order brokers do."""
        if terms is None:
            message = f"{command.instrument} is not among this session's instruments; check symbol and expiry"
            return Refusal("instrument.unknown", message)
        refusal = self._not_now(command, terms, at, forced)
        if refusal is not None:
            return refusal
        order_type = command.order_type
        if command.validity not in terms.taken[order_type]:
            barred = terms.refusal(order_type, command.validity)
            if barred is not None:
                return barred_as(barred, command, terms)
        if order_type is not _MARKET or command.price or command.trigger_price:
            refusal = price_refusal(order_type, command.side, command.price, command.trigger_price, terms)
            if refusal is not None:
                return refusal
        return quantity_refusal(command.quantity, terms)

    def _not_now(
        self,
        command: PlaceOrder,
        terms: Terms,
        at: int,
        forced: bool,  # noqa: FBT001  as above
    ) -> Refusal | None:
        """Check what does not depend on the order's own terms: who asks, how often, when."""
        tag = command.tag
        if not forced:
            refusal = self._pacer.refusal(terms, at)
            if refusal is not None:
                return refusal
            if tag in RESERVED_TAGS:
                return refused(terms, "tag.reserved", "", tag, {"tag": ""}, "Leave the tag out.")
        if command.market_protection != AUTO_PROTECTION and not command.order_type.has_limit:
            refusal = protection_refusal(command.market_protection, terms)
            if refusal is not None:
                return refusal
        if terms.opens <= at < terms.closes or (terms.is_open(at) and (forced or at < terms.cutoff)):
            return None
        return unless_in_auction(command, terms, at, forced=forced)

    def _refused(
        self,
        command: PlaceOrder,
        terms: Terms,
        strategy: str,
        opens: int,
        reference: int,
        blocked: int,
        at: int,
        band: int,
    ) -> Refusal | None:
        """Check the order against market and account: price, trigger, holdings, halts, money, risk rules."""
        if not reference or band < 0:
            return refused(terms, "market.no_ltp" if reference else "market.no_price")
        if command.order_type.has_trigger:
            last = self._board.mark(command.instrument)
            refusal = self._unless_lenient(
                trigger_refusal(command.side, command.price, command.trigger_price, last, terms)
            )
            if refusal is not None:
                return refusal
        state = self._state
        if strategy in state.failed and not self._closes_own(command, strategy, terms.key):
            return refused(terms, "strategy.stopped", strategy=strategy)
        if not opens and not blocked:
            return None
        if command.product in _DELIVERY and command.side is _SELL:
            return too_little_held(terms, command.quantity, opens)
        if blocked > state.ledger.cash or (terms.banned and opens):
            return self._not_opened(terms, command.quantity, opens, blocked)
        if not opens or not (state.halted or self._gate.rules):
            return None
        if strategy and self._closes_own(command, strategy, terms.key):
            return None
        quantity, value = command.quantity, reference * command.quantity
        proposal = Proposal(terms.instrument, command.side, quantity, opens, value, strategy, at)
        return new_risk(proposal, state, self._gate)

    def _unless_lenient(self, refusal: Refusal | None) -> Refusal | None:
        """Return a refusal that orders do not meet which only have to make sense."""
        return None if self._sheet.lenient else refusal

    def _not_opened(self, terms: Terms, quantity: int, opens: int, blocked: int) -> Refusal:
        """Say why a position is not opened: there is too little money, or positions may only be closed."""
        cash = self._state.ledger.cash
        if blocked <= cash or terms.unfiled:
            return banned(terms, quantity, opens)
        affords = max(0, cash) * opens // max(1, blocked) // terms.lot * terms.lot + quantity - opens
        nearest: Nearest = {"quantity": affords} if 0 < affords < quantity else {}
        advice = f"There is money for {affords}." if nearest else ""
        return refused(terms, "funds.short", format_rupees(cash), format_rupees(blocked), nearest, advice)

    def _closes_own(self, command: PlaceOrder, strategy: str, key: str) -> bool:
        """Whether an order only closes what its strategy holds itself, whatever others hold against it."""
        book, side = self._state.books.get(strategy), command.side
        own = None if book is None else book.get(key)
        if own is None or (own.quantity >= 0 if side is _BUY else own.quantity <= 0):
            return False
        asked = sum(
            order.leaves
            for order in self._state.working_orders()
            if order.strategy == strategy and order.side is side and order.position_key == key
        )
        return command.quantity + asked <= abs(own.quantity)

"""
After-market orders: taken outside the hours, sent when the next trading day takes them.

What takes part in the opening call auction is sent into it, the rest when continuous trading begins.
"""

import msgspec

from kasauti.domain import standing_events as sev
from kasauti.domain.commands import ModifyAfterMarket, PlaceAfterMarket, PlaceOrder, StandingCommand
from kasauti.domain.ist import NS_PER_MINUTE, ist_iso
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.engine.standing_checks import No, after_market_refusal
from kasauti.engine.standing_clerk import Handler
from kasauti.engine.terms import Terms
from kasauti.exchange.calendar import segment

RELEASE = "release"
#: Sent later than this, it is late.
_GRACE_NS = NS_PER_MINUTE
#: A market order is margined this much above the last price, in per cent, as when it is sent.
_MARKET_PERCENT = 101


class AfterMarkets(Handler):
    """
    After-market orders. Their money is held from when they are placed.

    When it is sent, an ordinary order stands in its place: it is changed and cancelled as such.
    """

    def place(self, plan: PlaceAfterMarket, at: int, cause: str, strategy: str) -> str:
        """Take an order for the next trading day, or refuse it; return its id."""
        keeper = self.keeper
        blocked = self._block(plan.order)
        no = after_market_refusal(plan, keeper.asked(plan.order.instrument, at)) or self._short(
            plan.order, blocked, 0
        )
        if no is not None:
            return keeper.deny(plan, no, at, cause, strategy)
        last = keeper.last(plan.order.instrument)
        placed = sev.StandingPlaced(keeper.new_id("amo"), plan, strategy, last, 0, blocked)
        one = keeper.placed(placed, cause, at)
        self.day_begins(one, at)
        return one.standing_id

    def _opens(self, order: PlaceOrder) -> int:
        position = self.keeper.account.state.position(order.instrument, order.product)
        if position is None:
            return order.quantity
        return position.opens(order.quantity, order.side is Side.BUY)

    def _block(self, order: PlaceOrder) -> int:
        """Return the money that an order needs, at its limit or at the last price."""
        terms, opens = self.keeper.terms(order.instrument, order.product), self._opens(order)
        if terms is None or terms.margin is None or not opens:
            return 0
        last = self.keeper.last(order.instrument)
        basis = order.price or (order.trigger_price or last) * _MARKET_PERCENT // 100
        return terms.margin.order(opens, basis, buys=order.side is Side.BUY) if basis else 0

    def _short(self, order: PlaceOrder, blocked: int, held: int) -> No | None:
        """Return why the account cannot pay for it, or has not what it sells."""
        opens, cash = self._opens(order), self.keeper.account.state.ledger.cash
        if opens and order.product is Product.CNC and order.side is Side.SELL:
            have = order.quantity - opens
            message = (
                f"You don't have sufficient holdings: {have} can be sold, {order.quantity} are asked for."
            )
            return No("holdings.short", message, str(have), str(order.quantity), f"{have} units")
        if blocked - held > cash:
            need, have_money = format_rupees(blocked), format_rupees(cash + held)
            message = f"Insufficient funds. Required margin is {need} but available margin is {have_money}."
            return No("funds.short", message, have_money, need)
        return None

    def day_begins(self, one: Instruction, at: int) -> None:
        """Put the release on today's agenda, if the exchange trades today and has not closed."""
        keeper = self.keeper
        terms = keeper.terms(one.instrument, one.product)
        plan = one.plan
        assert isinstance(plan, PlaceAfterMarket), "an after-market order's plan is one"
        if terms is None or not terms.parts or at >= terms.parts[-1][1] or one.placed_at >= terms.parts[0][0]:
            return
        where = segment(terms.instrument)
        due = keeper.rules.standing.release(where, keeper.day, has_trigger=plan.order.order_type.has_trigger)
        due = max(due, one.placed_at)
        if not terms.is_open(due) and not _in_auction(plan.order, terms, max(due, at)):
            due = max(due, terms.parts[0][0])
        keeper.at(due, lambda moment: self._release(one.standing_id, due, moment))

    def _release(self, standing_id: str, due: int, at: int) -> None:
        keeper = self.keeper
        one = keeper.account.state.standing.get(standing_id)
        if one is None or one.is_over or one.leg:
            return
        plan = one.plan
        assert isinstance(plan, PlaceAfterMarket), "an after-market order's plan is one"
        if keeper.wait_for_room(one, at, lambda moment: self._release(standing_id, due, moment)):
            return
        late = f"nobody was here at {ist_iso(due)}, when it was due" if at - due > _GRACE_NS else ""
        keeper.trigger(one, RELEASE, 0, at, late)
        command = msgspec.structs.replace(plan.order, command_id="")
        order = keeper.send(one, command, RELEASE, at, one.reference)
        status = StandingStatus.COMPLETE if order is not None else StandingStatus.REJECTED
        became = "its order was denied" if order is None else f"its order {order.order_id} was sent"
        keeper.end(one, status, became, keeper.cause(one), at)

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Change an order that has not been sent."""
        plan, keeper = one.plan, self.keeper
        if not isinstance(command, ModifyAfterMarket) or not isinstance(plan, PlaceAfterMarket):
            return super().modify(one, command, at, cause)
        changed = PlaceAfterMarket(_changed(plan.order, command))
        blocked = self._block(changed.order)
        no = after_market_refusal(changed, keeper.asked(one.instrument, at)) or self._short(
            changed.order, blocked, one.blocked
        )
        if no is None:
            last = keeper.last(one.instrument)
            keeper.account.record(sev.StandingChanged(one.standing_id, changed, last, blocked), cause, at)
        return no


def _changed(order: PlaceOrder, change: ModifyAfterMarket) -> PlaceOrder:
    """Return an order with the terms that a change names; without prices that its new type does not have."""
    terms = {
        name: value
        for name in ("quantity", "price", "trigger_price", "order_type", "validity", "market_protection")
        if (value := getattr(change, name)) is not None
    }
    kind = order.order_type if change.order_type is None else change.order_type
    if kind is not order.order_type:
        terms = {"price": order.price if kind.has_limit else 0, **terms}
        terms = {"trigger_price": order.trigger_price if kind.has_trigger else 0, **terms}
    return msgspec.structs.replace(order, **terms)


def _in_auction(order: PlaceOrder, terms: Terms, at: int) -> bool:
    """Whether the opening call auction takes an order at `at`."""
    phase = terms.auction_phase(at)
    return phase is not None and order.order_type in phase.takes and order.validity in phase.validities

"""Deciding: a command and the state become one event. Nothing is changed here, nothing leaves from here."""

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, ModifyOrder, PlaceOrder
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_SECOND, ist_clock, ist_datetime
from kasauti.domain.money import format_price, format_rupees
from kasauti.domain.order import Order, OrderType, Product, Side, position_key
from kasauti.domain.state import State
from kasauti.engine.terms import Terms, TermSheet, placed_as
from kasauti.risk.gate import Proposal, Refusal, RiskGate

#: A market order is margined this much above the price that stood, in per cent: it may trade worse.
_MARKET_BUFFER_PERCENT = 101

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = tuple(a + b for a in _BASE36 for b in _BASE36)

# Members of an enum are looked up by a function of its class; every order would pay for it.
_BUY, _SELL = Side.BUY, Side.SELL
_CNC = Product.CNC
_MARKET = OrderType.MARKET


class OrderIds:
    """Makes order ids: prefix, IST time to the second, tradingsymbol and the log's own number in base 36."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._second = -1
        self._stamp = ""

    def make(self, at: int, tradingsymbol: str, seq: int) -> str:
        """Return the id of the order that event `seq` places; unique because `seq` is."""
        second = (at + IST_OFFSET_NS) // NS_PER_SECOND
        if second != self._second:
            self._second = second
            self._stamp = f"{self._prefix}_{ist_datetime(at):%Y%m%d%H%M%S}_"
        digits = _PAIRS[seq % 1296]
        while seq := seq // 1296:
            digits = _PAIRS[seq % 1296] + digits
        return f"{self._stamp}{tradingsymbol}_{digits}"


class Decider:
    """Turns commands into events for one account on one day."""

    def __init__(self, state: State, board: Board, sheet: TermSheet, gate: RiskGate, ids: OrderIds) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._gate = gate
        self._ids = ids

    def place(
        self, command: PlaceOrder, at: int, strategy: str = "", *, forced: bool = False
    ) -> ev.OrderPlaced | ev.OrderDenied:
        """
        Decide an order: it goes out or it is denied, and either way it is history.

        `forced` is for the account's own square-off: it skips what would keep a position from being closed.
        """
        state, buys = self._state, command.side is _BUY
        # Exchange codes have three letters: the tradingsymbol begins behind the colon.
        order_id = self._ids.make(at, command.instrument[4:], state.seq + 1)
        key = position_key(command.instrument, command.product)
        terms = self._sheet.known(key) or self._sheet.of(command.instrument, command.product)
        refusal = self._malformed(command, terms, at, forced=forced)
        if refusal is not None or terms is None or terms.margin is None:
            assert refusal is not None, "what has no margin does not trade"
            return _denied(command, order_id, strategy, refusal)
        reference = basis = command.price
        if not command.order_type.has_limit:
            quote = self._board.quote(terms.slot)
            reference = command.trigger_price or (quote.ask if buys else quote.bid) or quote.last
            basis = reference * _MARKET_BUFFER_PERCENT // 100
        position = state.positions.get(key)
        opens = command.quantity if position is None else position.opens(command.quantity, buys=buys)
        blocked = terms.margin.order(opens, basis, buys=buys) if opens else 0
        if not forced or not reference:
            refusal = self._refused(command, terms, strategy, opens, reference, blocked, at)
            if refusal is not None:
                return _denied(command, order_id, strategy, refusal)
        return ev.OrderPlaced(
            order_id,
            command.instrument,
            command.side,
            command.product,
            command.order_type,
            command.quantity,
            blocked,
            command.validity,
            command.price,
            command.trigger_price,
            command.command_id,
            strategy,
            command.tag,
            terms.paid_up,
            reference,
        )

    @staticmethod
    def _malformed(command: PlaceOrder, terms: Terms | None, at: int, *, forced: bool) -> Refusal | None:
        """Check the order against the instrument and the exchange: quantity, product, prices, session."""
        if terms is None:
            message = f"{command.instrument} is not among this session's instruments; check symbol and expiry"
            return Refusal("instrument.unknown", message)
        quantity = command.quantity
        if quantity <= 0 or quantity % terms.lot or quantity > terms.freeze:
            return quantity_refusal(quantity, terms.instrument)
        if not terms.takes(command.order_type, command.validity):
            barred = terms.refusal(command.order_type, command.validity)
            assert barred is not None, "what is not taken has a reason"
            return Refusal(barred.rule, barred.message)
        if command.order_type is not _MARKET or command.price or command.trigger_price:
            refusal = price_refusal(
                command.order_type, command.side, command.price, command.trigger_price, terms.instrument
            )
            if refusal is not None:
                return refusal
        if terms.opens <= at < terms.closes or (terms.is_open(at) and (forced or at < terms.cutoff)):
            return None
        return _closed(terms, at)

    def _refused(
        self,
        command: PlaceOrder,
        terms: Terms,
        strategy: str,
        opens: int,
        reference: int,
        blocked: int,
        at: int,
    ) -> Refusal | None:
        """Check the order against market and account: price, trigger, holdings, halts, money, risk rules."""
        if not reference:
            message = (
                f"{command.instrument} has no price yet; a market order needs one, a limit order does not"
            )
            return Refusal("market.no_price", message)
        if command.order_type.has_trigger:
            refusal = self._trigger_side(command)
            if refusal is not None:
                return refusal
        if not opens:
            return None
        state = self._state
        if command.product is _CNC and command.side is _SELL:
            have = command.quantity - opens
            message = (
                f"You don't have sufficient holdings: {have} can be sold, {command.quantity} are asked for."
            )
            return Refusal("holdings.short", message, str(have), str(command.quantity))
        if state.halted:
            return Refusal("trading.halted", f"trading is halted: {state.halted}. Only exits are allowed.")
        if strategy and strategy in state.failed:
            message = f"{strategy} failed today and may only close what it holds"
            return Refusal("strategy.stopped", message)
        if blocked > state.ledger.cash:
            need, have_money = format_rupees(blocked), format_rupees(state.ledger.cash)
            message = f"Insufficient funds. Required margin is {need} but available margin is {have_money}."
            return Refusal("funds.short", message, have_money, need)
        if not self._gate.rules:
            return None
        proposal = Proposal(
            terms.instrument,
            command.side,
            command.quantity,
            opens,
            reference * command.quantity,
            strategy,
            at,
        )
        return self._gate.review(proposal, state)

    def _trigger_side(self, command: PlaceOrder) -> Refusal | None:
        """A stop has to lie beyond the last price, as brokers word it."""
        last = self._board.mark(command.instrument)
        buys = command.side is _BUY
        if not last or (command.trigger_price > last if buys else command.trigger_price < last):
            return None
        word, side = ("higher", "buy") if buys else ("lower", "sell")
        message = (
            f"Trigger price for stoploss {side} orders should be {word} than the last traded price "
            f"({format_price(last)}). Here it is {format_price(command.trigger_price)}."
        )
        return Refusal("trigger.side", message, format_price(last), format_price(command.trigger_price))

    def modify(self, command: ModifyOrder, at: int) -> ev.ModifyRequested | ev.ModifyDenied:
        """Decide a change of a working order: its margin is checked again."""
        order = self._state.order(command.order_id)
        if order is None or not order.is_working:
            status = "unknown" if order is None else order.status.value.lower()
            message = f"order {command.order_id} is {status}; only a working order can be changed"
            return ev.ModifyDenied(command.order_id, "order.not_working", message)
        quantity = order.quantity if command.quantity is None else command.quantity
        price = order.price if command.price is None else command.price
        trigger = order.trigger_price if command.trigger_price is None else command.trigger_price
        terms = self._sheet.of(order.instrument, order.product)
        assert terms is not None, "a working order's instrument is known"
        blocked = self._block_of_change(order, terms, quantity, price, trigger)
        refusal = self._change_refused(order, terms, quantity, price, trigger, blocked, at)
        if refusal is not None:
            return ev.ModifyDenied(order.order_id, refusal.rule, refusal.message)
        return ev.ModifyRequested(order.order_id, quantity, price, trigger, blocked)

    def _change_refused(
        self, order: Order, terms: Terms, quantity: int, price: int, trigger: int, blocked: int, at: int
    ) -> Refusal | None:
        if order.modify_asked or order.cancel_asked:
            message = f"order {order.order_id} already has a request on its way; wait for its answer"
            return Refusal("order.pending", message)
        if quantity <= order.filled:
            message = f"{order.filled} units have traded already; the new quantity has to be more"
            return Refusal("quantity.traded", message, str(order.filled), str(quantity))
        refusal = quantity_refusal(quantity, terms.instrument) or price_refusal(
            order.order_type, order.side, price, trigger, terms.instrument
        )
        if refusal is not None:
            return refusal
        if not terms.is_open(at) or at >= terms.cutoff:
            return _closed(terms, at)
        extra = blocked - order.blocked
        if extra > self._state.ledger.cash:
            need, have = format_rupees(extra), format_rupees(self._state.ledger.cash)
            message = f"Insufficient funds. The change needs {need} more but available margin is {have}."
            return Refusal("funds.short", message, have, need)
        return None

    def _block_of_change(self, order: Order, terms: Terms, quantity: int, price: int, trigger: int) -> int:
        """Return what the changed order would block, as if it were placed now without the old one."""
        position = self._state.positions[order.position_key]
        buys = order.side is _BUY
        opens = position.opens(max(0, quantity - order.filled), buys=buys, besides=order.leaves)
        basis = placed_as(order.order_type, price, trigger) or self._board.mark(order.instrument)
        assert terms.margin is not None, "a working order trades"
        return terms.margin.order(opens, basis, buys=buys) if opens else 0

    def block_unchanged(self, order: Order) -> int:
        """Return what a working order needs as it stands, after the venue refused to change it."""
        terms = self._sheet.of(order.instrument, order.product)
        assert terms is not None, "a working order's instrument is known"
        return self._block_of_change(order, terms, order.quantity, order.price, order.trigger_price)

    def cancel(self, command: CancelOrder) -> ev.CancelRequested | ev.ModifyDenied:
        """Decide a cancellation."""
        order = self._state.order(command.order_id)
        if order is None or not order.is_working:
            status = "unknown" if order is None else order.status.value.lower()
            message = f"order {command.order_id} is {status}; only a working order can be cancelled"
            return ev.ModifyDenied(command.order_id, "order.not_working", message)
        if order.cancel_asked:
            message = f"order {command.order_id} is being cancelled already"
            return ev.ModifyDenied(command.order_id, "order.pending", message)
        return ev.CancelRequested(command.order_id, command.reason)


def _denied(command: PlaceOrder, order_id: str, strategy: str, refusal: Refusal) -> ev.OrderDenied:
    return ev.OrderDenied(
        order_id,
        command.instrument,
        command.side,
        command.quantity,
        refusal.rule,
        refusal.message,
        refusal.limit,
        refusal.actual,
        command.product,
        command.order_type,
        command.price,
        command.trigger_price,
        command.command_id,
        strategy,
        command.tag,
    )


def quantity_refusal(quantity: int, instrument: Instrument) -> Refusal | None:
    """Return why an order may not have this quantity, or None."""
    lot, freeze = instrument.lot_size, instrument.freeze_quantity
    if quantity <= 0:
        return Refusal(
            "quantity.positive", f"quantity has to be above 0, it is {quantity}", "1", str(quantity)
        )
    if quantity % lot:
        near = max(lot, quantity // lot * lot)
        message = f"Quantity should be a multiple of lot size {lot}. {quantity} is not; {near} would be."
        return Refusal("quantity.lot", message, str(lot), str(quantity))
    if freeze and quantity > freeze:
        most = freeze // lot * lot
        message = (
            f"{quantity} is above the freeze quantity {freeze} of {instrument.tradingsymbol}; "
            f"one order may have {most} at most, so split it"
        )
        return Refusal("quantity.freeze", message, str(most), str(quantity))
    return None


def price_refusal(
    order_type: OrderType, side: Side, price: int, trigger_price: int, instrument: Instrument
) -> Refusal | None:
    """Return why an order may not have these prices, or None."""
    for name, value, wanted in (
        ("price", price, order_type.has_limit),
        ("trigger price", trigger_price, order_type.has_trigger),
    ):
        if wanted and value <= 0:
            message = f"a {order_type} order needs a {name} above 0, it has {format_price(value)}"
            return Refusal("price.missing", message)
        if not wanted and value:
            message = f"a {order_type} order has no {name}; {format_price(value)} was given. Leave it out."
            return Refusal("price.unwanted", message)
        if value % instrument.tick_size:
            return _off_tick(name, value, instrument.tick_size)
    if order_type is OrderType.SL and (trigger_price > price if side is _BUY else trigger_price < price):
        word = "higher" if side is _BUY else "lower"
        message = (
            f"Trigger price can't be {word} than price for a {side} order: "
            f"trigger {format_price(trigger_price)}, price {format_price(price)}."
        )
        return Refusal("trigger.limit", message, format_price(price), format_price(trigger_price))
    return None


def _off_tick(name: str, value: int, tick: int) -> Refusal:
    near = max(tick, (2 * value + tick) // (2 * tick) * tick)
    message = (
        f"Tick size for this script is {format_price(tick)}. Kindly enter {name} in the multiple of "
        f"tick size for this script: {format_price(value)} is not, {format_price(near)} would be."
    )
    return Refusal("price.tick", message, format_price(tick), format_price(value))


def _closed(terms: Terms, at: int) -> Refusal:
    if not terms.parts:
        return Refusal("market.closed", f"Markets are closed right now: {terms.day} is not a trading day.")
    if terms.is_open(at) and at >= terms.cutoff:
        other = "an NRML" if terms.instrument.is_derivative else "a CNC"
        until = f"{ist_datetime(terms.cutoff):%I:%M %p}".lstrip("0")
        message = f"Intraday orders (MIS) are allowed only till {until}. Try placing {other} order."
        return Refusal("product.mis_cutoff", message, ist_clock(terms.cutoff), ist_clock(at))
    hours = ", ".join(f"{ist_clock(opens)[:5]}-{ist_clock(closes)[:5]}" for opens, closes in terms.parts)
    message = (
        f"Markets are closed right now: it is {ist_clock(at)} IST, {terms.instrument.id} trades {hours}."
    )
    return Refusal("market.closed", message, hours, ist_clock(at))

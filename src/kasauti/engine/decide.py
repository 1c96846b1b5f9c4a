"""Deciding: a command and the state become one event. Nothing is changed here, nothing leaves from here."""

from kasauti.domain import events as ev
from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, ModifyOrder, PlaceOrder
from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND, ist_date
from kasauti.domain.money import format_price, format_rupees
from kasauti.domain.order import SQUARE_OFF, Order, OrderType, Product, Side, Status
from kasauti.domain.state import State
from kasauti.engine.refusals import closed, price_refusal, quantity_refusal
from kasauti.engine.terms import Terms, TermSheet
from kasauti.risk.gate import Proposal, Refusal, RiskGate

#: A market order is margined this much above the price that stood, in per cent: it may trade worse.
_MARKET_BUFFER_PERCENT = 101

_SECONDS_A_DAY = NS_PER_DAY // NS_PER_SECOND

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = tuple(a + b for a in _BASE36 for b in _BASE36)

# Members of an enum are looked up by a function of its class; every order would pay for it.
_BUY, _SELL = Side.BUY, Side.SELL
_CNC = Product.CNC
_MARKET = OrderType.MARKET


class OrderIds:
    """
    Makes order ids: prefix, IST time to the second, tradingsymbol and the day's own count in base 36.

    The count is of what the account asked for that day, so a restart in between changes no id.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        #: The second that `_stamp` names, from its first moment until the next one's; and its day.
        self._begins = self._ends = -1
        self._stamp = ""
        self._day = -1
        self._date = ""

    def make(self, at: int, tradingsymbol: str, count: int) -> str:
        """Return the id of the `count`-th order of its day; unique because that is."""
        if not self._begins <= at < self._ends:
            self._begin(at)
        digits = _PAIRS[count % 1296]
        while count := count // 1296:
            digits = _PAIRS[count % 1296] + digits
        return f"{self._stamp}{tradingsymbol}_{digits}"

    def _begin(self, at: int) -> None:
        """Name the second of `at`."""
        self._begins = at // NS_PER_SECOND * NS_PER_SECOND
        self._ends = self._begins + NS_PER_SECOND
        day, second = divmod((at + IST_OFFSET_NS) // NS_PER_SECOND, _SECONDS_A_DAY)
        if day != self._day:
            self._day, self._date = day, f"{ist_date(at):%Y%m%d}"
        minute, second = divmod(second, 60)
        self._stamp = f"{self._prefix}_{self._date}{minute // 60:02d}{minute % 60:02d}{second:02d}_"


class Decider:
    """Turns commands into events for one account on one day."""

    def __init__(self, state: State, board: Board, sheet: TermSheet, gate: RiskGate, ids: OrderIds) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._known = sheet.known
        self._gate = gate
        self._ids = ids

    def place(
        self,
        command: PlaceOrder,
        at: int,
        strategy: str = "",
        forced: bool = False,  # noqa: FBT001, FBT002  a name would cost every order time
    ) -> ev.OrderPlaced | ev.OrderDenied:
        """
        Decide an order: it goes out or it is denied, and either way it is history.

        `forced` is for the account's own square-off: it skips what would keep a position from being closed.
        """
        state = self._state
        instrument, product, quantity = command.instrument, command.product, command.quantity
        # Exchange codes have three letters: the tradingsymbol begins behind the colon.
        order_id = self._ids.make(at, instrument[4:], state.day_orders + state.day_denied + 1)
        key = instrument + "|" + product  # as `position_key`
        terms = self._known.get(key) or self._sheet.of(instrument, product)
        side, order_type, validity, tag = command.side, command.order_type, command.validity, command.tag
        price, trigger = command.price, command.trigger_price
        buys, plain = side is _BUY, order_type is _MARKET and not price and not trigger
        if (
            terms is None
            or not plain
            or quantity <= 0
            or quantity % terms.lot
            or quantity > terms.freeze
            or validity not in terms.taken[order_type]
            or at < terms.opens
            or at >= terms.closes
            or tag == SQUARE_OFF
        ):
            refusal = self._malformed(command, terms, at, forced)
            if refusal is not None or terms is None:
                assert refusal is not None, "what is not known does not trade"
                return _denied(command, order_id, strategy, refusal)
        if plain:
            quote = self._board.quote(terms.slot)
            reference = (quote.ask if buys else quote.bid) or quote.last
        else:
            reference = self._worth(terms, order_type, price, trigger, buys)
        position = state.positions.get(key)
        opens = quantity if position is None else position.opens(quantity, buys)
        blocked = 0
        if opens:
            assert terms.margin is not None, "what has no margin does not trade"
            basis = reference if order_type.has_limit else reference * _MARKET_BUFFER_PERCENT // 100
            blocked = terms.margin.order(opens, basis, buys=buys)
        if (opens or not plain or not reference or state.failed) and not (forced and reference):
            refusal = self._refused(command, terms, strategy, opens, reference, blocked, at)
            if refusal is not None:
                return _denied(command, order_id, strategy, refusal)
        return ev.OrderPlaced(
            order_id, instrument, side, product, order_type, quantity, blocked, validity, price, trigger,
            command.command_id, strategy, tag, terms.paid_up, reference,
        )  # fmt: skip

    def _worth(
        self,
        terms: Terms,
        order_type: OrderType,
        price: int,
        trigger: int,
        buys: bool,  # noqa: FBT001  as above
    ) -> int:
        """
        Return the price an order is valued at: the most that a unit may trade at, as far as that is known.

        A purchase pays its limit at most; a sale may bring more than its limit, up to what stands.
        """
        if buys and order_type.has_limit:
            return price
        quote = self._board.quote(terms.slot)
        stands = trigger or (quote.ask if buys else quote.bid) or quote.last
        return stands if stands > price else price  # noqa: FURB136  a call would cost every order time

    @staticmethod
    def _malformed(
        command: PlaceOrder,
        terms: Terms | None,
        at: int,
        forced: bool,  # noqa: FBT001  as above
    ) -> Refusal | None:
        """Check the order against the instrument and the exchange: quantity, product, prices, session."""
        if terms is None:
            message = f"{command.instrument} is not among this session's instruments; check symbol and expiry"
            return Refusal("instrument.unknown", message)
        quantity = command.quantity
        if quantity <= 0 or quantity % terms.lot or quantity > terms.freeze:
            return quantity_refusal(quantity, terms.instrument)
        order_type = command.order_type
        if command.validity not in terms.taken[order_type]:
            barred = terms.refusal(order_type, command.validity)
            if barred is not None:
                return Refusal(barred.rule, barred.message)
        if order_type is not _MARKET or command.price or command.trigger_price:
            refusal = price_refusal(
                order_type, command.side, command.price, command.trigger_price, terms.instrument
            )
            if refusal is not None:
                return refusal
        if command.tag == SQUARE_OFF and not forced:
            return Refusal("tag.reserved", f"the tag {SQUARE_OFF} is the account's own; choose another")
        if terms.opens <= at < terms.closes or (terms.is_open(at) and (forced or at < terms.cutoff)):
            return None
        return closed(terms, at)

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
            refusal = self._trigger_side(command.instrument, command.side, command.trigger_price)
            if refusal is not None:
                return refusal
        state = self._state
        if strategy in state.failed and not self._closes_own(command, strategy, terms.key):
            message = f"{strategy} failed today and may only close what it holds"
            return Refusal("strategy.stopped", message)
        if not opens:
            return None
        if command.product is _CNC and command.side is _SELL:
            return _too_little_held(command.quantity, opens)
        if blocked > state.ledger.cash:
            need, have_money = format_rupees(blocked), format_rupees(state.ledger.cash)
            message = f"Insufficient funds. Required margin is {need} but available margin is {have_money}."
            return Refusal("funds.short", message, have_money, need)
        if not (state.halted or self._gate.rules):
            return None
        if strategy and self._closes_own(command, strategy, terms.key):
            return None
        quantity, value = command.quantity, reference * command.quantity
        return self._new_risk(Proposal(terms.instrument, command.side, quantity, opens, value, strategy, at))

    def _new_risk(self, proposal: Proposal) -> Refusal | None:
        """Check what adds risk: is trading halted, and does the gate let it pass."""
        halted = self._state.halted
        if halted:
            return Refusal("trading.halted", f"trading is halted: {halted}. Only exits are allowed.")
        return self._gate.review(proposal, self._state)

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

    def _trigger_side(self, instrument: str, side: Side, trigger: int) -> Refusal | None:
        """A stop has to lie beyond the last price, as brokers word it."""
        last = self._board.mark(instrument)
        buys = side is _BUY
        if not last or (trigger > last if buys else trigger < last):
            return None
        word, way = ("higher", "buy") if buys else ("lower", "sell")
        message = (
            f"Trigger price for stoploss {way} orders should be {word} than the last traded price "
            f"({format_price(last)}). Here it is {format_price(trigger)}."
        )
        return Refusal("trigger.side", message, format_price(last), format_price(trigger))

    def modify(
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
        needed = self.block_of(order, quantity, price, trigger)
        return ev.ModifyRequested(order.order_id, quantity, price, trigger, max(order.blocked, needed))

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
        if order.modify_asked or order.cancel_asked:
            message = f"order {order.order_id} already has a request on its way; wait for its answer"
            return Refusal("order.pending", message)
        if quantity <= order.filled:
            message = f"{order.filled} units have traded already; the new quantity has to be more"
            return Refusal("quantity.traded", message, str(order.filled), str(quantity))
        terms = self._terms(order)
        refusal = quantity_refusal(quantity, terms.instrument) or price_refusal(
            order.order_type, order.side, price, trigger, terms.instrument
        )
        if refusal is None and trigger != order.trigger_price and order.status is not Status.OPEN:
            refusal = self._trigger_side(order.instrument, order.side, trigger)
        if refusal is not None:
            return refusal
        if not terms.is_open(at) or at >= terms.cutoff:
            return closed(terms, at)
        return None

    def _change_refused(
        self, order: Order, quantity: int, price: int, trigger: int, at: int
    ) -> Refusal | None:
        """Check the change against the account, as if the order were placed now without the old one."""
        opens = self._opens(order, quantity)
        extra = self.block_of(order, quantity, price, trigger) - order.blocked
        if not opens or (extra <= 0 and opens <= self._opens(order, order.quantity)):
            return None
        if order.product is _CNC and order.side is _SELL:
            return _too_little_held(quantity - order.filled, opens)
        if extra > self._state.ledger.cash:
            need, have = format_rupees(extra), format_rupees(self._state.ledger.cash)
            message = f"Insufficient funds. The change needs {need} more but available margin is {have}."
            return Refusal("funds.short", message, have, need)
        terms = self._terms(order)
        worth = self._worth(terms, order.order_type, price, trigger, order.side is _BUY)
        if order.strategy and order.strategy in self._state.failed:
            return Refusal("strategy.stopped", f"{order.strategy} failed today and may take no new risk")
        return self._new_risk(
            Proposal(
                terms.instrument,
                order.side,
                quantity,
                opens,
                worth * quantity,
                order.strategy,
                at,
                changes=True,
            )
        )

    def _terms(self, order: Order) -> Terms:
        terms = self._sheet.of(order.instrument, order.product)
        assert terms is not None, "a working order's instrument is known"
        return terms

    def _opens(self, order: Order, quantity: int) -> int:
        """Return the units of an order of `quantity` in all that add exposure, were it placed now."""
        position, leaves = self._state.positions[order.position_key], max(0, quantity - order.filled)
        return position.opens(leaves, order.side is _BUY, order.leaves)

    def block_of(self, order: Order, quantity: int, price: int, trigger: int) -> int:
        """Return what an order blocks once it has these terms."""
        terms, opens = self._terms(order), self._opens(order, quantity)
        assert terms.margin is not None, "a working order trades"
        if not opens:
            return 0
        buys, has_limit = order.side is _BUY, order.order_type.has_limit
        worth = self._worth(terms, order.order_type, price, trigger, buys)
        basis = worth if has_limit else worth * _MARKET_BUFFER_PERCENT // 100
        return terms.margin.order(opens, basis, buys=buys)

    def block_unchanged(self, order: Order) -> int:
        """Return what an order needs as it stands, after the venue refused to change it."""
        if not order.is_working:
            return 0
        return self.block_of(order, order.quantity, order.price, order.trigger_price)

    def cancel(self, command: CancelOrder, strategy: str = "") -> ev.CancelRequested | ev.ModifyDenied:
        """Decide a cancellation."""
        order = self._working(command.order_id, strategy)
        if isinstance(order, ev.ModifyDenied):
            return order
        if order.cancel_asked:
            message = f"order {command.order_id} is being cancelled already"
            return ev.ModifyDenied(command.order_id, "order.pending", message)
        return ev.CancelRequested(command.order_id, command.reason)


def _too_little_held(quantity: int, opens: int) -> Refusal:
    have = quantity - opens
    message = f"You don't have sufficient holdings: {have} can be sold, {quantity} are asked for."
    return Refusal("holdings.short", message, str(have), str(quantity))


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

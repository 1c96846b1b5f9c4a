"""The target of a bracket: a limit order at the exchange, as large as what its exits guard and no larger."""

from collections.abc import Callable

from kasauti.domain.commands import CancelOrder, ModifyOrder, PlaceBracket, PlaceOrder
from kasauti.domain.order import Order, OrderType, Side, Status, Validity
from kasauti.domain.standing import Instruction
from kasauti.engine.standing_clerk import Clerk

TARGET = "target"
#: Why we take a target back ourselves.
LESS_LEFT = "less is left for its target to close"
_LIMIT = OrderType.LIMIT

#: What goes on with an instruction at a later moment.
GoOn = Callable[[Instruction, int], None]


class RestingTarget:
    """
    Keeps the limit order of each bracket's target fitting; `go_on` is called when what it waits for is over.

    Where the exchange cannot take it now (outside the hours, beyond the day's limits), nothing rests, and the
    bracket watches for the price.
    """

    def __init__(self, keeper: Clerk, go_on: GoOn) -> None:
        self._keeper = keeper
        self._go_on = go_on

    def orders(self, one: Instruction) -> list[Order]:
        """Return what rests."""
        return [each for each in self._keeper.orders_of(one, TARGET) if each.order_type is _LIMIT]

    def leaves(self, one: Instruction) -> int:
        """Return the units that rest."""
        return sum(order.leaves for order in self.orders(one))

    def tell(self, one: Instruction) -> None:
        """
        Tell the exchange at which price the stop would have taken the target back.

        Of a bar that reached both, the stop is taken to have come first.
        """
        for order in self.orders(one):
            if one.stop > 0:
                self._keeper.stops[order.order_id] = one.stop
            else:
                self._keeper.stops.pop(order.order_id, None)

    def fit(self, one: Instruction, at: int) -> None:
        """Have as much rest as is guarded, at its price; what is on its way is waited for."""
        resting = self.orders(one)
        if one.is_over or one.leg or any(_moves(order) for order in resting):
            return
        if self._rests(one, at):
            more = self._shrunk(one, resting, at)
            if more > 0:
                self._grow(one, resting, more, at)
        self.tell(one)

    def _rests(self, one: Instruction, at: int) -> bool:
        """Whether the exchange takes it now; before the hours, it is looked at again when they begin."""
        terms = self._keeper.terms(one.instrument, one.product)
        if terms is None:
            return False
        if not terms.is_open(at):
            opens = next((first for first, _ in terms.parts if first > at), 0)
            if opens and one.guarded and one.target:
                self._keeper.at(opens, lambda moment: self._go_on(one, moment))
            return False
        inside = not one.target or terms.low <= one.target <= terms.high
        return inside and terms.refusal(_LIMIT, Validity.DAY) is None

    def _shrunk(self, one: Instruction, resting: list[Order], at: int) -> int:
        """Take back what is too much, move what has another price; return how much more may rest."""
        left = one.guarded if one.target > 0 else 0
        for order in resting:
            keeps = min(order.leaves, left)
            left -= keeps
            if not keeps:
                self._send(one, CancelOrder(order.order_id, LESS_LEFT), at)
            elif keeps < order.leaves or order.price != one.target:
                self._send(one, ModifyOrder(order.order_id, order.filled + keeps, one.target), at)
        return left

    def _grow(self, one: Instruction, resting: list[Order], more: int, at: int) -> None:
        """Have more rest, as far as nobody else of its owner closes it already."""
        keeper, side = self._keeper, self.side(one)
        free = -keeper.held(one) * side.sign - keeper.closing(one, side)
        units = min(more, free)
        terms = keeper.terms(one.instrument, one.product)
        assert terms is not None, "it was looked at"
        most = terms.freeze // terms.lot * terms.lot
        if units > 0 and resting and not _moves(resting[-1]) and resting[-1].quantity + units <= most:
            last = resting[-1]
            self._send(one, ModifyOrder(last.order_id, last.quantity + units, one.target), at)
            if last.modify_asked:
                return
        while units > 0:
            if keeper.wait_for_room(one, at, lambda moment: self._go_on(one, moment)):
                return
            part = min(units, most)
            wanted = PlaceOrder(
                one.instrument, side, part, _LIMIT, one.product, one.target, tag=one.tag or TARGET
            )
            if keeper.send(one, wanted, TARGET, at, rests=True) is None:
                return  # its own refusal says why; the price is watched for
            units -= part

    def _send(self, one: Instruction, command: CancelOrder | ModifyOrder, at: int) -> None:
        self._keeper.account.send(command, at, self._keeper.cause(one), one.strategy)

    @staticmethod
    def side(one: Instruction) -> Side:
        """Return the side of its exits."""
        assert isinstance(one.plan, PlaceBracket), "a bracket's plan is one"
        return one.plan.order.side.opposite


def _moves(order: Order) -> bool:
    """Whether an answer about an order is on its way, and with it the next look."""
    return bool(order.modify_asked or order.cancel_asked) or order.status is Status.SUBMITTED

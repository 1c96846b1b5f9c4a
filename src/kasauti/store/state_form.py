"""
What a snapshot has of a state.

Compiled to C, a class keeps of its fields' types only the simplest; these are all of them.
"""

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.band import Shade
from kasauti.domain.charges import Charges
from kasauti.domain.holding import Delivery, Holding
from kasauti.domain.ledger import Ledger
from kasauti.domain.order import Order, OrderType, Product, Side, Status, Validity
from kasauti.domain.position import Position
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State


class OrderForm(msgspec.Struct, frozen=True):
    """The fields of an `Order`, in the same order."""

    order_id: str
    instrument: str
    side: Side
    product: Product
    order_type: OrderType
    validity: Validity
    quantity: int
    price: int
    trigger_price: int
    placed_at: int
    command_id: str
    strategy: str
    tag: str
    paid_up: bool
    position_key: str
    blocked: int
    updated_at: int
    band: int
    parent: str
    status: Status
    filled: int
    turnover: int
    charges: Charges
    blocked_for_change: int
    modifications: int
    cancel_asked: bool
    modify_asked: bool
    queue_ahead: int
    rested_at: int
    reason: str
    disclosed: int | None

    def order(self) -> Order:
        """Return the order that has them."""
        return Order(*msgspec.structs.astuple(self))


class StateForm(msgspec.Struct, frozen=True):
    """The fields of a `State`, in the same order."""

    seq: int
    at: int
    account: ev.AccountOpened | None
    session: ev.SessionStarted | None
    feed: str
    config: str
    marks: dict[str, int]
    marked: str
    day: str
    day_open: bool
    halted: str
    ledger: Ledger
    orders: dict[str, OrderForm]
    working: dict[str, None]
    positions: dict[str, Position]
    books: dict[str, dict[str, Position]]
    commands: dict[str, str]
    earlier_commands: dict[str, str]
    timers: dict[str, int]
    notes: dict[str, msgspec.Raw]
    indicators: dict[str, bytes]
    failed: dict[str, str]
    risk_marks: dict[str, RiskMark]
    peak_margin: int
    risk_file: str
    shortfall: int
    short_since: int
    reckoned_at: int
    band: dict[str, Shade]
    standing: dict[str, Instruction]
    standing_orders: dict[str, str]
    standing_made: int
    trades: int
    day_orders: int
    day_trades: int
    day_denied: int
    day_asked: int
    minute_ends: int
    minute_orders: int
    second_ends: int
    second_orders: int
    day_realised: int
    day_charges: int
    holdings: dict[str, Holding]
    deliveries: dict[str, Delivery]
    held_back: dict[str, int]
    unsettled: dict[str, str]
    interest_to: str

    def state(self) -> State:
        """Return the state that has them."""
        orders = {order_id: form.order() for order_id, form in self.orders.items()}
        return State(**{**msgspec.structs.asdict(self), "orders": orders})

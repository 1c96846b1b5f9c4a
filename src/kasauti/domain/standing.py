"""
Standing instructions: what an account keeps to itself until a price, a fill or a time makes it an order.

A GTT, the exits of a bracket, the stop of a cover order, the parts of an iceberg and an after-market order
are no orders: the exchange does not know them. The account watches for them, and sends ordinary orders when
they act.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from kasauti.domain.commands import PlaceAlert, PlaceGtt, Plan
from kasauti.domain.order import Product, position_key


class StandingStatus(StrEnum):
    """
    Where an instruction is in its life, in the words brokers have for a GTT.

    TRIGGERED says that it acted, not that anything traded. DISABLED is the account's own doing, after a
    corporate action, DELETED and CANCELLED somebody's.
    """

    ACTIVE = "active"
    TRIGGERED = "triggered"
    COMPLETE = "complete"
    DISABLED = "disabled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"
    DELETED = "deleted"

    __hash__ = str.__hash__


# As a position, it is changed only by the fold.
@dataclass(slots=True)
class Instruction:
    """
    What is known of one standing instruction.

    `sent` has the orders it led to and which leg each is. `guarded` are the units its exits stand ready for,
    at `stop` and `target` (0: none), `anchor` what they cost on average; `trailed` is whether the stop has
    moved. `result` is what became of the order it led to, `reason` why it ended.
    """

    standing_id: str
    plan: Plan
    strategy: str
    placed_at: int
    updated_at: int
    reference: int = 0
    expires_at: int = 0
    blocked: int = 0
    status: StandingStatus = StandingStatus.ACTIVE
    leg: str = ""
    trigger: int = 0
    triggered_at: int = 0
    late: str = ""
    guarded: int = 0
    stop: int = 0
    target: int = 0
    anchor: int = 0
    best: int = 0
    trailed: bool = False
    sent: dict[str, str] = field(default_factory=dict)
    result: str = ""
    reason: str = ""

    @property
    def variety(self) -> str:
        """The word for what it is, like `gtt`."""
        return variety_of(self.plan)

    @property
    def instrument(self) -> str:
        """The instrument it is about."""
        return instrument_of(self.plan)

    @property
    def product(self) -> Product:
        """The product of its orders."""
        return product_of(self.plan)

    @property
    def position_key(self) -> str:
        """The key of the position it is about."""
        return position_key(self.instrument, self.product)

    @property
    def tag(self) -> str:
        """The tag its orders carry."""
        return self.plan.tag if isinstance(self.plan, PlaceGtt | PlaceAlert) else self.plan.order.tag

    @property
    def is_over(self) -> bool:
        """Whether nothing of it acts any more."""
        return self.status is not StandingStatus.ACTIVE


def variety_of(plan: Plan) -> str:
    """Return the word for what a plan is."""
    return str(plan.__struct_config__.tag)


def instrument_of(plan: Plan) -> str:
    """Return the instrument a plan is about."""
    return plan.instrument if isinstance(plan, PlaceGtt | PlaceAlert) else plan.order.instrument


def product_of(plan: Plan) -> Product:
    """Return the product of a plan's orders."""
    return plan.product if isinstance(plan, PlaceGtt | PlaceAlert) else plan.order.product


def command_id_of(plan: Plan) -> str:
    """Return the caller's idempotency key."""
    return plan.command_id if isinstance(plan, PlaceGtt | PlaceAlert) else plan.order.command_id

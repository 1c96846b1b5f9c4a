"""An order: its words, its life as a table, and what is known of it at one moment."""

from dataclasses import dataclass, fields
from typing import Any, Final

from kasauti.domain.charges import Charges
from kasauti.domain.order_words import DONE as DONE  # noqa: PLC0414  the names they have had always
from kasauti.domain.order_words import MARGIN_CALL as MARGIN_CALL  # noqa: PLC0414  as above
from kasauti.domain.order_words import MOVES as MOVES  # noqa: PLC0414  as above
from kasauti.domain.order_words import RESERVED_TAGS as RESERVED_TAGS  # noqa: PLC0414  as above
from kasauti.domain.order_words import SQUARE_OFF as SQUARE_OFF  # noqa: PLC0414  as above
from kasauti.domain.order_words import WORKING as WORKING  # noqa: PLC0414  as above
from kasauti.domain.order_words import OrderType as OrderType  # noqa: PLC0414  as above
from kasauti.domain.order_words import Product as Product  # noqa: PLC0414  as above
from kasauti.domain.order_words import Side as Side  # noqa: PLC0414  as above
from kasauti.domain.order_words import Status as Status  # noqa: PLC0414  as above
from kasauti.domain.order_words import Validity as Validity  # noqa: PLC0414  as above

NO_CHARGES: Final = Charges()

# Looked up once: a member of an enum costs a function call.
_SUBMITTED: Final = Status.SUBMITTED

#: Names are anybody's to send and contracts expire: of so many in a product, keys are made anew.
_MOST_KEYS: Final = 16_384
#: Keys that were asked for, by product and instrument.
_KEYS: dict[str, dict[str, str]] = {product: {} for product in Product}


def position_key(instrument: str, product: str) -> str:
    """Return the key under which positions of an instrument in a product are kept."""
    # An order needs it four times: a text that is there already is found faster than it is put together,
    # and knows its hash.
    keys = _KEYS.get(product)
    if keys is None:
        return instrument + "|" + product
    key = keys.get(instrument)
    if key is None:
        if len(keys) >= _MOST_KEYS:
            keys.clear()
        key = keys[instrument] = instrument + "|" + product
    return key


# Not a msgspec.Struct: an order is read and set all along its way, and compiled to C, the fields of a class
# are there without a look-up. The constructor is written out because one that is made is not compiled.
@dataclass(slots=True, init=False)
class Order:
    """
    What is known of one order; changed only by the fold in `state.py`.

    Quantities are units, prices and amounts money units. `turnover` is the sum of price times quantity of
    its trades, `charges` what they cost so far, `blocked` the money held for what is still open;
    `blocked_for_change` of that is held only until the venue answers a change. `band` and `parent` are as in
    `OrderPlaced`. `disclosed` is what a change made of the units that the market is shown at a time (0: all),
    None where none did.
    """

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

    def __init__(
        self,
        order_id: str,
        instrument: str,
        side: Side,
        product: Product,
        order_type: OrderType,
        validity: Validity,
        quantity: int,
        price: int = 0,
        trigger_price: int = 0,
        placed_at: int = 0,
        command_id: str = "",
        strategy: str = "",
        tag: str = "",
        paid_up: bool = False,  # noqa: FBT001, FBT002  a row of a table
        position_key: str = "",
        blocked: int = 0,
        updated_at: int = 0,
        band: int = 0,
        parent: str = "",
        status: Status = _SUBMITTED,
        filled: int = 0,
        turnover: int = 0,
        charges: Charges = NO_CHARGES,
        blocked_for_change: int = 0,
        modifications: int = 0,
        cancel_asked: bool = False,  # noqa: FBT001, FBT002  as above
        modify_asked: bool = False,  # noqa: FBT001, FBT002  as above
        queue_ahead: int = 0,
        rested_at: int = 0,
        reason: str = "",
        disclosed: int | None = None,
    ) -> None:
        self.order_id, self.instrument, self.side, self.product = order_id, instrument, side, product
        self.order_type, self.validity, self.quantity = order_type, validity, quantity
        self.price, self.trigger_price, self.placed_at = price, trigger_price, placed_at
        self.command_id, self.strategy, self.tag = command_id, strategy, tag
        self.paid_up, self.position_key, self.blocked = paid_up, position_key, blocked
        self.updated_at, self.band, self.parent = updated_at, band, parent
        self.status, self.filled, self.turnover, self.charges = status, filled, turnover, charges
        self.blocked_for_change, self.modifications = blocked_for_change, modifications
        self.cancel_asked, self.modify_asked = cancel_asked, modify_asked
        self.queue_ahead, self.rested_at = queue_ahead, rested_at
        self.reason, self.disclosed = reason, disclosed

    def __reduce__(self) -> tuple[Any, ...]:
        """Have copies made from all values: compiled, there are no empty ones to fill."""
        return Order, tuple(getattr(self, each.name) for each in fields(self))

    @property
    def leaves(self) -> int:
        """Units that have not traded."""
        return self.quantity - self.filled

    @property
    def average_price(self) -> int:
        """The mean price of its trades, to the nearest unit; 0 before the first."""
        return (2 * self.turnover + self.filled) // (2 * self.filled) if self.filled else 0

    @property
    def is_working(self) -> bool:
        """Whether it can still trade."""
        return self.status in WORKING

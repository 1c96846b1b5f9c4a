"""What the native API shows: money is rupees as text, times are IST in ISO 8601 with their offset."""

from functools import lru_cache

import msgspec

from kasauti.domain.charges import Charges
from kasauti.domain.ist import ist_iso
from kasauti.domain.money import RUPEE
from kasauti.domain.order import Order, Side


def money(units: int) -> str:
    """Return money units as rupees: 1234500 is "123.45"."""
    if not units:
        return "0"
    size = abs(units)
    whole, rest = size // RUPEE, size % RUPEE
    sign = "-" if units < 0 else ""
    if not rest:
        return f"{sign}{whole}"
    # A one before the decimals keeps the zeros they begin with: looking that up in a format costs more.
    decimals = str(RUPEE + rest)[1:].rstrip("0")
    return f"{sign}{whole}.{decimals}"


@lru_cache(maxsize=64)
def moment(at: int) -> str:
    """Return a moment; "" for 0, which is none."""
    return ist_iso(at) if at else ""


class OrderShown(msgspec.Struct, frozen=True, kw_only=True):
    """An order as it stands. `reason` says why it was denied, rejected, cancelled or expired."""

    order_id: str
    account: str
    instrument: str
    side: Side
    product: str
    order_type: str
    validity: str
    quantity: int
    filled: int
    price: str
    trigger_price: str
    average_price: str
    status: str
    reason: str
    strategy: str
    tag: str
    command_id: str
    charges: str
    placed_at: str
    updated_at: str


def order_shown(order: Order, account: str) -> OrderShown:
    """Return an order for the wire."""
    return OrderShown(
        order_id=order.order_id,
        account=account,
        instrument=order.instrument,
        side=order.side,
        product=order.product,
        order_type=order.order_type,
        validity=order.validity,
        quantity=order.quantity,
        filled=order.filled,
        price=money(order.price),
        trigger_price=money(order.trigger_price),
        average_price=money(order.average_price),
        status=order.status,
        reason=order.reason,
        strategy=order.strategy,
        tag=order.tag,
        command_id=order.command_id,
        charges=money(order.charges.total),
        placed_at=moment(order.placed_at),
        updated_at=moment(order.updated_at),
    )


def charges_shown(charges: Charges) -> dict[str, str]:
    """Return charges by head, with their total."""
    heads = {name: money(getattr(charges, name)) for name in Charges.__struct_fields__}
    return {**heads, "total": money(charges.total)}

"""What a change of an order may ask for: whatever cannot be changed is refused, nothing is passed over."""

from decimal import Decimal
from typing import Any

from kasauti.domain.commands import AUTO_PROTECTION, PlaceAfterMarket
from kasauti.domain.order import Order, OrderType
from kasauti.domain.standing import Instruction
from kasauti.errors import InvalidInput
from kasauti.web.dialect import Worded
from kasauti.web.kite.order_requests import ChangedOrder
from kasauti.web.kite.order_rows import disclosed_of, validity_of
from kasauti.web.kite.words import Fault, failure


def check_change(asked: ChangedOrder, order: Order, one: Instruction | None, lot: int) -> None:
    """Refuse what cannot be changed in a working order, which came from `one` if from an instruction."""
    if not order.is_working:
        raise Worded(failure(Fault.ORDER, "Order cannot be modified as it is not open."))
    check_unchanged("order_type", asked.order_type, str(order.order_type))
    check_unchanged("validity", asked.validity, validity_of(order, one))
    disclosed = disclosed_of(one) // lot
    whole = asked.quantity or order.quantity // lot
    # All of it is no part of it: many clients send the whole quantity.
    if asked.disclosed_quantity is not None and not (not disclosed and asked.disclosed_quantity >= whole):
        check_unchanged("disclosed_quantity", asked.disclosed_quantity, disclosed)
    _check_terms(asked, order.order_type)


def check_waiting(asked: ChangedOrder, waiting: Instruction) -> None:
    """Refuse what cannot be changed in an after-market order that has not been sent."""
    plan = waiting.plan
    assert isinstance(plan, PlaceAfterMarket), "an order that waits is one"
    check_unchanged("order_type", asked.order_type, str(plan.order.order_type))
    check_unchanged("validity", asked.validity, str(plan.order.validity))
    check_unchanged("disclosed_quantity", asked.disclosed_quantity or None, 0)
    _check_terms(asked, plan.order.order_type)


def check_unchanged(name: str, wanted: Any, stands: Any) -> None:  # noqa: ANN401  a word or a number
    """Refuse another value of a term that stays as it is; None is none."""
    if wanted is not None and wanted != stands:
        message = (
            f"The {name} of this order is {stands} and cannot be changed to {wanted} here;"
            " cancel it and place another one."
        )
        raise Worded(failure(Fault.ORDER, message))


def _check_terms(asked: ChangedOrder, order_type: OrderType) -> None:
    """Refuse prices that an order of this type does not have, and another protection than the broker's."""
    for name, amount, has in (
        ("price", asked.price, order_type.has_limit),
        ("trigger_price", asked.trigger_price, order_type.has_trigger),
        ("market_protection", asked.market_protection, not order_type.has_limit),
    ):
        if amount and not has:
            raise InvalidInput(f"Invalid `{name}`: an order of type {order_type} has none.")
    if asked.market_protection and asked.market_protection != Decimal(AUTO_PROTECTION):
        message = "The market protection of an order stays as it was placed; cancel it and place another one."
        raise Worded(failure(Fault.ORDER, message))

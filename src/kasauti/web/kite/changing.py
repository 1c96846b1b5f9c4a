"""What a change of an order asks for, as the command that it is: nothing of it is passed over."""

from decimal import Decimal
from typing import Any

from kasauti.domain.commands import (
    AUTO_PROTECTION,
    NO_PROTECTION,
    ModifyAfterMarket,
    ModifyOrder,
    PlaceAfterMarket,
)
from kasauti.domain.order import Order, OrderType, Validity
from kasauti.domain.standing import Instruction
from kasauti.errors import InvalidInput
from kasauti.web.dialect import Worded
from kasauti.web.kite.order_requests import ChangedOrder
from kasauti.web.kite.order_rows import validity_of
from kasauti.web.kite.reading import price_of
from kasauti.web.kite.words import Fault, failure

TYPES = {str(each): each for each in OrderType}
_VALIDITIES = {str(each): each for each in Validity}
_TTL = "TTL"
#: A per cent in the unit of market protection.
_PERCENT = 100


def change_of(asked: ChangedOrder, order: Order, one: Instruction | None, lot: int) -> ModifyOrder:
    """Return the change of a working order, which came from `one` if from an instruction."""
    if not order.is_working:
        raise Worded(failure(Fault.ORDER, "Order cannot be modified as it is not open."))
    kind = _type_of(asked, order.order_type)
    return ModifyOrder(
        order.order_id,
        None if asked.quantity is None else asked.quantity * lot,
        _price(asked, "price", has=kind.has_limit),
        _price(asked, "trigger_price", has=kind.has_trigger),
        kind,
        _validity(asked, validity_of(order, one)),
        None if asked.disclosed_quantity is None else asked.disclosed_quantity * lot,
        _protection(asked, kind, order.order_type),
    )


def waiting_change_of(asked: ChangedOrder, waiting: Instruction, lot: int) -> ModifyAfterMarket:
    """Return the change of an after-market order that has not been sent."""
    plan = waiting.plan
    assert isinstance(plan, PlaceAfterMarket), "an order that waits is one"
    check_unchanged("disclosed_quantity", asked.disclosed_quantity or None, 0)
    kind = _type_of(asked, plan.order.order_type)
    return ModifyAfterMarket(
        waiting.standing_id,
        None if asked.quantity is None else asked.quantity * lot,
        _price(asked, "price", has=kind.has_limit),
        _price(asked, "trigger_price", has=kind.has_trigger),
        kind,
        _validity(asked, str(plan.order.validity)),
        _protection(asked, kind, plan.order.order_type),
    )


def stop_trigger_of(asked: ChangedOrder, stop: Order, lot: int) -> int | None:
    """Return the new trigger of a cover order's stop, of which nothing else can be changed."""
    if not stop.is_working:
        raise Worded(failure(Fault.ORDER, "Order cannot be modified as it is not open."))
    check_unchanged("order_type", asked.order_type, str(stop.order_type))
    check_unchanged("validity", asked.validity, str(stop.validity))
    check_unchanged("quantity", asked.quantity, stop.quantity // lot)
    return _price(asked, "trigger_price", has=True)


def check_unchanged(name: str, wanted: Any, stands: Any) -> None:  # noqa: ANN401  a word or a number
    """Refuse another value of a term that stays as it is; None is none."""
    if wanted is not None and wanted != stands:
        message = (
            f"The {name} of this order is {stands} and cannot be changed to {wanted} here;"
            " cancel it and place another one."
        )
        raise Worded(failure(Fault.ORDER, message))


def _type_of(asked: ChangedOrder, stands: OrderType) -> OrderType:
    """Return the type it would have; refuse prices that it lacks, unless it loses them by that."""
    kind = stands if asked.order_type is None else TYPES[asked.order_type]
    if kind is stands:
        for name, amount, has in (
            ("price", asked.price, kind.has_limit),
            ("trigger_price", asked.trigger_price, kind.has_trigger),
            ("market_protection", asked.market_protection, not kind.has_limit),
        ):
            if amount and not has:
                raise InvalidInput(f"Invalid `{name}`: an order of type {kind} has none.")
    return kind


def _price(asked: ChangedOrder, name: str, *, has: bool) -> int | None:
    """Return a price that is asked for; 0 stays what it is where the type has none."""
    amount: Decimal | None = getattr(asked, name)
    return price_of(amount, name) if amount is not None and has else None


def _validity(asked: ChangedOrder, stands: str) -> Validity | None:
    """Return another validity; a change cannot ask for minutes, for which the call has no field."""
    if asked.validity is None or asked.validity == stands:
        return None
    if asked.validity == _TTL:
        check_unchanged("validity", asked.validity, stands)
    return _VALIDITIES[asked.validity]


def _protection(asked: ChangedOrder, kind: OrderType, stands: OrderType) -> int | None:
    """Return the market protection of what becomes a market order, or of one that is to have another."""
    if kind.has_limit or (kind is stands and not asked.market_protection):
        return None
    return protection_of(asked.market_protection)


def protection_of(percent: Decimal | None) -> int:
    """Return a market protection as commands have it; None and 0 are none."""
    if percent is None or percent == 0:
        return NO_PROTECTION
    if percent == AUTO_PROTECTION:
        return AUTO_PROTECTION
    if not percent.is_finite() or not 0 < percent <= 100:  # noqa: PLR2004  per cent
        raise InvalidInput(f"Invalid `market_protection`: {percent} is not -1 or above 0 and up to 100.")
    return max(1, int(percent * _PERCENT))

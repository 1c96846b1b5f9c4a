"""
Corporate actions and conversions in a run's columns: it leaves in its old terms, comes in in the new.

A run is made of fills. So what a corporate action changed is shown as two rows that no order is behind: all
that was held goes at what it cost, and what became of it comes at the same. Nothing is made by that but what
rounding a price leaves, less than half a ten-thousandth of a rupee a unit.
"""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.order import NO_CHARGES, Product
from kasauti.domain.position import Position
from kasauti.domain.product_events import ProductChanged
from kasauti.domain.product_folds import hand_over

#: The reason that trips which such a row ends or begins are given.
CORPORATE_ACTION = "corporate action"
CONVERSION = "conversion"


class CarriedOver(msgspec.Struct, frozen=True):
    """One row: `quantity` units that left, negative ones came in, at `price`; `strategy` traded them last."""

    instrument: str
    product: Product
    quantity: int
    price: int
    strategy: str
    evidence: Evidence
    charges: Charges = NO_CHARGES
    reason: str = CORPORATE_ACTION


class _Held(msgspec.Struct):
    position: Position
    strategy: str = ""


def with_carried_over(
    filled: Iterable[Any], adjusted: Iterable[ev.Recorded], asked: Iterable[ev.Recorded]
) -> Iterator[Any]:
    """
    Yield the recorded fills with two rows for each adjustment among them, in the order of the log.

    Of `asked` are the orders that the fills are of.
    """
    orders: dict[str, Any] = {
        each.event.order_id: each.event for each in asked if isinstance(each.event, ev.OrderPlaced)
    }
    held: dict[tuple[str, str], _Held] = {}
    for recorded in sorted([*filled, *adjusted], key=attrgetter("seq")):
        if isinstance(recorded.event, ev.PositionAdjusted):
            for row in _rows(held, recorded.event, recorded.at):
                yield ev.Recorded(recorded.seq, recorded.at, recorded.cause, row)  # type: ignore[arg-type]
        elif isinstance(recorded.event, ProductChanged):
            for row in _converted(held, recorded.event, recorded.at):
                yield ev.Recorded(recorded.seq, recorded.at, recorded.cause, row)  # type: ignore[arg-type]
        else:
            _take(held, recorded.event, orders)
            yield recorded


def _take(held: dict[tuple[str, str], _Held], event: Any, orders: dict[str, Any]) -> None:  # noqa: ANN401  as `Story`
    of = orders[event.order_id] if isinstance(event, ev.OrderFilled) else event
    product = getattr(of, "product", Product.CNC)
    holds = held.setdefault((of.instrument, product), _Held(Position(of.instrument, product, paid_up=False)))
    sign = (
        of.side.sign if isinstance(of, ev.OrderPlaced) else -1 if isinstance(event, ev.PositionSettled) else 1
    )
    holds.position.trade(sign * event.quantity, event.price)
    holds.strategy = getattr(of, "strategy", holds.strategy)


def _rows(held: dict[tuple[str, str], _Held], event: ev.PositionAdjusted, at: int) -> Iterator[CarriedOver]:
    """Yield what leaves and what comes in; a dividend alone moves no units."""
    if event.into == event.instrument and event.numerator == event.denominator and not event.off:
        return
    holds = held.pop((event.instrument, event.product), None)
    if holds is None or not holds.position.quantity:
        return
    old = holds.position
    yield _row(event.instrument, old.quantity, old.average_price, holds, event, at)
    cost = old.cost - event.off * old.quantity
    price = (2 * abs(cost) + abs(event.into_quantity)) // (2 * abs(event.into_quantity))
    into = held.setdefault(
        (event.into, event.product), _Held(Position(event.into, event.product, paid_up=False))
    )
    into.position.trade(event.into_quantity, price)
    into.strategy = holds.strategy
    yield _row(event.into, -event.into_quantity, price, holds, event, at)


def _converted(held: dict[tuple[str, str], _Held], event: ProductChanged, at: int) -> Iterator[CarriedOver]:
    """Yield what leaves in the old product and comes in in the new."""
    name = event.instrument
    holds = held[name, event.product]
    into = held.setdefault((name, event.to), _Held(Position(name, event.to, event.paid_up)))
    price, strategy = holds.position.average_price, holds.strategy
    hand_over(holds.position, into.position, event.quantity, at, today=False)
    into.strategy = strategy
    evidence = Evidence(Source.SETTLEMENT, Rule.SETTLED, at, price, CONVERSION)
    for product, units in ((event.product, event.quantity), (event.to, -event.quantity)):
        yield CarriedOver(name, product, units, price, strategy, evidence, reason=CONVERSION)


def _row(
    instrument: str, quantity: int, price: int, holds: _Held, event: ev.PositionAdjusted, at: int
) -> CarriedOver:
    evidence = Evidence(Source.SETTLEMENT, Rule.SETTLED, at, price, event.action)
    return CarriedOver(instrument, event.product, quantity, price, holds.strategy, evidence)

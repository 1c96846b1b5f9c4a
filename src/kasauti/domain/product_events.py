"""What may happen to a position whose owner wants it in another product."""

from typing import ClassVar

from kasauti.domain.event import Event
from kasauti.domain.order import Product, Side
from kasauti.domain.risk_mark import RiskMark


class ProductChanged(Event, frozen=True, gc=False, omit_defaults=True):
    """
    Units of a position are in another product from now on, as was asked: at the same cost.

    `quantity` is signed. `today` is whether they were traded today or carried into the day, `paid_up` whether
    they are paid in full in the new product. `margin` and `to_margin` are what is left in the old product and
    what is in the new one need from now on, `margins` what others do by their keys, by new `risk_marks`.
    """

    TAG: ClassVar[str] = "product.changed"
    instrument: str
    product: Product
    to: Product
    quantity: int
    today: bool
    paid_up: bool
    margin: int
    to_margin: int
    strategy: str = ""
    margins: dict[str, int] = {}  # noqa: RUF012  msgspec copies it
    risk_marks: tuple[RiskMark, ...] = ()


class ProductChangeDenied(Event, frozen=True, gc=False, omit_defaults=True):
    """We refused to have units of a position in another product: the rule, what it allows, what was asked."""

    TAG: ClassVar[str] = "product.change_denied"
    instrument: str
    product: Product
    to: Product
    side: Side
    quantity: int
    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    strategy: str = ""


PRODUCT_EVENTS: tuple[type[Event], ...] = (ProductChanged, ProductChangeDenied)

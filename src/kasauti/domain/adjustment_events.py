"""What a corporate action may do to an account."""

from typing import ClassVar

from kasauti.domain.event import Event
from kasauti.domain.order import Product


class PositionAdjusted(Event, frozen=True, gc=False, omit_defaults=True):
    """
    A corporate action changed a position, which cost what it cost before.

    `quantity` units of `instrument` became `into_quantity` of `into`: of every `denominator` there are
    `numerator`, and a fraction of a unit is left out. `off` came off the price of each unit before that: a
    future's entry price follows it, so that its holder neither gains nor loses. `cash` is the dividend that
    was paid, negative where the account owed it, and what was paid for that fraction; where less than one
    unit is left the position is gone, and `cash` is what closed it. `action` says what happened, `due` when
    it should have been done, `isin` is the share's new number where it changed.
    """

    TAG: ClassVar[str] = "position.adjusted"
    action: str
    instrument: str
    product: Product
    quantity: int
    into: str
    into_quantity: int
    numerator: int = 1
    denominator: int = 1
    off: int = 0
    cash: int = 0
    due: int = 0
    isin: str = ""

    @property
    def is_gone(self) -> bool:
        """Whether less than one unit is left of what was held."""
        return self.quantity != 0 and not self.into_quantity

    def units(self, quantity: int) -> int:
        """Return what becomes of a signed number of units; a fraction is left out."""
        size = abs(quantity) * self.numerator // self.denominator
        return size if quantity > 0 else -size

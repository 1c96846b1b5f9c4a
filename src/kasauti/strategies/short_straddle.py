"""A short straddle: the call and the put at the money, sold in the morning, each with its own stop."""

from datetime import time
from decimal import Decimal
from typing import ClassVar

from kasauti.strategies.option_legs import Leg, OptionLegs, atm


class ShortStraddle(OptionLegs):
    """Sells the call and the put at the money; each is bought back at its stop, or both at the exit."""

    class Parameters(OptionLegs.Parameters, frozen=True, kw_only=True):
        """As `OptionLegs`, with a stop of 25 %."""

        entry: time = time(9, 20)
        exit: time = time(15, 10)
        stop_percent: Decimal | None = Decimal(25)

    legs: ClassVar = (Leg("SELL", "CE", atm()), Leg("SELL", "PE", atm()))

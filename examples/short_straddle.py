"""Sell the call and the put at the money at 09:20; 25 % stop on each leg, out at 15:10."""

from datetime import time
from decimal import Decimal

from kasauti.strategies.option_legs import Leg, OptionLegs, atm


class Straddle(OptionLegs):
    class Parameters(OptionLegs.Parameters, frozen=True, kw_only=True):
        entry: time = time(9, 20)
        exit: time = time(15, 10)
        stop_percent: Decimal | None = Decimal(25)

    legs = (Leg("SELL", "CE", atm()), Leg("SELL", "PE", atm()))

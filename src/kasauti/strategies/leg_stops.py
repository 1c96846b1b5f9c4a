"""Where the stop of a leg stands: trigger and limit of its SL order, on the tick."""

import msgspec

from kasauti.domain.order import Side
from kasauti.strategies.parameters import WHOLE


class Stop(msgspec.Struct, frozen=True):
    """An SL order's prices in money units; `way` is the side of the leg's entry."""

    way: Side
    trigger: int
    limit: int

    def passed(self, last: int) -> bool:
        """Return whether the price has reached the trigger already; 0 is not known and has not."""
        if not last:
            return False
        return last >= self.trigger if self.way is Side.SELL else last <= self.trigger


def stop_of(value: int, units: int, way: Side, stop: int, buffer: int, tick: int) -> Stop:
    """
    Return the stop of a leg that entered `units` for `value` in all, so at an average of value / units.

    `stop` and `buffer` are hundredths of a per cent: the trigger is `stop` beyond the average against the
    leg, on the next tick away from it, and the limit `buffer` beyond the trigger. Neither is below one tick.
    """
    if way is Side.SELL:
        trigger = _up(value * (WHOLE + stop), units * WHOLE * tick) * tick
        limit = _up(trigger * (WHOLE + buffer), WHOLE * tick) * tick
    else:
        trigger = max(1, value * (WHOLE - stop) // (units * WHOLE * tick)) * tick
        limit = max(1, trigger * (WHOLE - buffer) // (WHOLE * tick)) * tick
    return Stop(way, trigger, limit)


def _up(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)

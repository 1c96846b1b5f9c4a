"""
What sold options of one expiry lose together at worst, from the ends of their risk arrays alone.

An option's worth is convex in the price of its underlying and rises with the volatility, and so does what
several cost that were sold. Of the fourteen scenarios within the scan range the worst for who sold them is
therefore the price at one end of it and the volatility up. Losses are whole numbers, each rounded for itself:
the ends tell only where one of them is so much worse than a price that stands still that no rounding of a
scenario in between can reach it. Convexity leaves at least a third of that difference there.
"""

from typing import Final

#: How much worse than standing still an end has to be, in money units for each unit that is sold: three times
#: what rounding can move two sums against each other, and once what it can move this difference.
_APART: Final = 4


class SoldEnds:
    """
    What one sold unit of an option loses where it can lose most.

    `still` with the price as it is, `up` and `down` with the price at the ends of its range, all with the
    volatility up; `far_up` and `far_down` after the two extreme moves, the part that counts. `price` and
    `exposed` are as in `Risk`.
    """

    __slots__ = ("down", "exposed", "far_down", "far_up", "price", "still", "up")

    def __init__(
        self, price: int, exposed: int, still: int, up: int, down: int, far_up: int, far_down: int
    ) -> None:
        self.price, self.exposed = price, exposed
        self.still, self.up, self.down = still, up, down
        self.far_up, self.far_down = far_up, far_down


class Sold:
    """
    Options of one expiry, sold, one after another.

    `price` is what all of them are worth, `exposed` what exposure margin is taken on.
    """

    __slots__ = ("_down", "_far_down", "_far_up", "_still", "_units", "_up", "exposed", "price")

    def __init__(self) -> None:
        self.price = self.exposed = 0
        self._units = self._still = self._up = self._down = self._far_up = self._far_down = 0

    def add(self, ends: SoldEnds, units: int) -> None:
        """Add so many units that are sold."""
        self._units += units
        self.price += units * ends.price
        self.exposed += units * ends.exposed
        self._still += _times(units, ends.still)
        self._up += _times(units, ends.up)
        self._down += _times(units, ends.down)
        self._far_up += _times(units, ends.far_up)
        self._far_down += _times(units, ends.far_down)

    def worst(self) -> int:
        """Return the largest loss of all scenarios, at least zero; -1 where the ends do not tell."""
        end, far = max(self._up, self._down), max(self._far_up, self._far_down)
        if end - self._still < _APART * self._units:
            return -1
        return max(max(end, far), 0)  # noqa: PLW3301  of two at a time: compiled, that is no call


def _times(units: int, loss: int) -> int:
    # Compiled code multiplies what is not negative many times as fast as anything else.
    return units * loss if loss >= 0 else -(units * -loss)

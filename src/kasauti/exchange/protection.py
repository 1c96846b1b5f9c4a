"""How far from a price a market order may trade; `exchange.market_protection` has the rules."""

from bisect import bisect_left
from typing import Final

#: Hundredths of a per cent in the whole.
WHOLE: Final = 10_000

# Looked up once: a name of another module costs a look into it.
_bisect: Final = bisect_left


class Protection:
    """
    What holds for one instrument on one day, compiled.

    `slabs` are (highest price, hundredths of a per cent, least way), prices in money units, cheapest first;
    empty where nothing is protected. `required` is whether none may be declined, `needs_ltp` whether
    something has to have traded today.
    """

    __slots__ = ("_lasts", "_tick", "needs_ltp", "required", "slabs")

    def __init__(
        self, slabs: tuple[tuple[int, int, int], ...], tick: int, *, required: bool, needs_ltp: bool
    ) -> None:
        self.slabs = slabs
        self.required, self.needs_ltp = required, needs_ltp
        self._lasts = [last for last, _, _ in slabs]
        self._tick = tick

    def band(
        self,
        price: int,
        basis_points: int,
        buys: bool,  # noqa: FBT001  a name would cost every order time
    ) -> int:
        """
        Return the worst price around `price` at which an order trades, 0 for any.

        `basis_points` are hundredths of a per cent; below 0 the slabs decide, and also where they are the
        exchange's own, which nobody can decline. It lies on a tick, at `price` or beyond, and no further away
        than the protection says.
        """
        if self.slabs and (basis_points < 0 or not self.required):
            _, share, least = self.slabs[_bisect(self._lasts, price)]
            way = max(price * share // WHOLE, least)
            if basis_points > 0:
                way = min(price * basis_points // WHOLE, way)
        elif basis_points > 0:
            way = price * basis_points // WHOLE
        else:
            return 0
        tick = self._tick
        if buys:
            return max(price, (price + way) // tick * tick)
        return max(tick, min(price, -((way - price) // tick) * tick))


#: No protection at all.
UNPROTECTED = Protection((), 1, required=False, needs_ltp=False)

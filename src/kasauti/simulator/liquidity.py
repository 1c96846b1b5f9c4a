"""
Displayed liquidity, consumed once.

The market does not know of simulated fills, so a level that we have taken goes on being displayed. What was
taken at a price is remembered until the level disappears or the market itself has traded that much there:
no displayed unit fills two orders.
"""

from kasauti.domain.market import Level, Quote


class Liquidity:
    """What simulated fills have used of one instrument's book and of its latest print."""

    __slots__ = ("asks", "bids", "printed", "traded")

    def __init__(self) -> None:
        #: Units used by price: of asks by our buys, of bids by our sells.
        self.asks: dict[int, int] = {}
        self.bids: dict[int, int] = {}
        #: Units the latest tick traded, and how many of them simulated fills have used.
        self.traded = 0
        self.printed = 0

    def see(self, quote: Quote) -> None:
        """Take a new tick in: how much it traded, and which used levels it still displays."""
        self.traded, self.printed = quote.traded, 0
        turned = quote.last, quote.traded
        if self.asks:
            self.asks = _still_there(self.asks, quote.asks, quote.ask, quote.ask_quantity, turned)
        if self.bids:
            self.bids = _still_there(self.bids, quote.bids, quote.bid, quote.bid_quantity, turned)

    @property
    def is_used(self) -> bool:
        """Whether something that may still be displayed has been used: then every tick has to be seen."""
        return bool(self.asks or self.bids)

    def take(self, price: int, quantity: int, *, buys: bool) -> None:
        """Remember that a buy (or a sell) used `quantity` units of the level at `price`."""
        side = self.asks if buys else self.bids
        side[price] = side.get(price, 0) + quantity

    def print_left(self) -> int:
        """Return the units of the latest tick's trades that no simulated fill has used."""
        return self.traded - self.printed

    def take_print(self, quantity: int) -> None:
        """Use `quantity` units of the latest tick's trades."""
        self.printed += quantity


def _still_there(
    used: dict[int, int], ladder: tuple[Level, ...], best: int, best_quantity: int, turned: tuple[int, int]
) -> dict[int, int]:
    """Keep what was used of levels that are still displayed, less what the market traded there itself."""
    shown = {level.price: level.quantity for level in ladder} if ladder else {best: best_quantity}
    last, traded = turned
    kept = {}
    for price, quantity in used.items():
        if price in shown:
            left = min(quantity, shown[price]) if shown[price] else quantity
            if price == last:
                left -= traded
            if left > 0:
                kept[price] = left
    return kept

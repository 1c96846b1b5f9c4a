"""How much worse than its evidence a taker's price is, where the evidence is not a book."""

from typing import Final

from kasauti.domain.evidence import PASSIVE
from kasauti.domain.instrument import Instrument
from kasauti.ports import SlippageModel
from kasauti.simulator.book import Resting
from kasauti.simulator.match import Match

_BASIS: Final = 10_000

# Looked up once: a name of another module costs a look into it.
_PASSIVE: Final = PASSIVE


class NoSlippage:
    """The price of the evidence."""

    def slip(self, instrument: Instrument, price: int, quantity: int) -> int:
        """Return 0."""
        return 0


class TickSlippage:
    """
    A number of ticks, and never less than a share of the price.

    A last price or the open of a bar is one side of a spread at best. `ticks` is half of a narrow spread;
    `basis_points` keeps it honest where a tick is nothing beside the price.
    """

    def __init__(self, ticks: int = 1, basis_points: int = 0) -> None:
        self._ticks = ticks
        self._basis_points = basis_points

    def slip(self, instrument: Instrument, price: int, quantity: int) -> int:
        """Return whole ticks, rounded up."""
        tick = instrument.tick_size
        share = -(-price * self._basis_points // (_BASIS * tick)) if self._basis_points else 0
        return max(self._ticks, share) * tick


def slipped(order: Resting, match: Match, instrument: Instrument, model: SlippageModel) -> tuple[int, int]:
    """
    Return the price of a match on a print or bar, and how much worse than the match that is.

    Who rested trades at its own price; nobody trades beyond a limit, or below one tick.
    """
    if match.rule in _PASSIVE:
        return match.price, 0
    slip = model.slip(instrument, match.price, match.quantity)
    if order.limit:
        slip = min(slip, abs(order.limit - match.price))
    if not order.buys:
        slip = max(0, min(slip, match.price - instrument.tick_size))
    return (match.price + slip if order.buys else match.price - slip), slip

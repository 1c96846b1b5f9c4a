"""
The band: what the same orders would have made by a kinder and by a harsher fill model.

Each side of it is a shade of the account: the cash its trades moved and what it holds. A shade never trades
more to close than it holds, and at the end of each day it holds what the account holds.
"""

from typing import TYPE_CHECKING

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.account_folds import Folds
from kasauti.domain.order import position_key

if TYPE_CHECKING:
    from kasauti.domain.state import State


class Shade(msgspec.Struct):
    """
    One side of the band, since the account opened.

    `cash` is what its sales brought less what its purchases cost, in money units, `charges` what is to be
    paid on top, `held` its signed units by `instrument|product`.
    """

    cash: int = 0
    charges: int = 0
    held: dict[str, int] = {}

    def trade(self, key: str, quantity: int, price: int) -> None:
        """Buy, or with a negative `quantity` sell, at `price`."""
        self.cash -= quantity * price
        left = self.held.get(key, 0) + quantity
        if left:
            self.held[key] = left
        else:
            self.held.pop(key, None)


def trade_in_band(band: dict[str, Shade], event: ev.BandFilled) -> None:
    """Let the side of the band that an event is of trade."""
    shade = band.get(event.profile)
    if shade is None:
        shade = band[event.profile] = Shade()
    shade.charges += event.charges
    shade.trade(position_key(event.instrument, event.product), event.side.sign * event.quantity, event.price)


def settle_in_band(band: dict[str, Shade], event: ev.PositionSettled) -> None:
    """Settle an expired contract on every side of the band, as the account's own is."""
    key = position_key(event.instrument, event.product)
    for shade in band.values():
        held = shade.held.get(key, 0)
        if held:
            shade.trade(key, -held, event.price)


def adjust_in_band(band: dict[str, Shade], event: ev.PositionAdjusted) -> None:
    """Adjust what every side of the band holds, as the account's own is."""
    old, new = (position_key(each, event.product) for each in (event.instrument, event.into))
    for shade in band.values():
        units = shade.held.pop(old, 0)
        if units:
            shade.held[new] = shade.held.get(new, 0) + event.units(units)
            shade.cash += event.off * units


def _band_filled(state: "State", event: ev.BandFilled, at: int) -> None:
    """Nothing else of the account changes."""
    trade_in_band(state.band, event)


FOLDS: Folds = {ev.BandFilled: _band_filled}

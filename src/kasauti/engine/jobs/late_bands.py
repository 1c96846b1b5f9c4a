"""
Futures while shares are in their closing auction: a band of their own, outside of which nothing may stand.

It lies around the average of the future's own trades before the auction, else its last price; where it has
traded at no price today, nobody knows it and nothing is limited. What is bounded follows from the day's
data: after a restart it is reckoned again, and what was cancelled is in the log.
"""

from collections.abc import Callable
from datetime import date

from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import format_price
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.jobs.closing import ClosingWindow
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.jobs.prices import futures_of
from kasauti.exchange.auctions import Auction
from kasauti.exchange.late_bands import late_bands
from kasauti.exchange.price_range import PriceRange

#: What is told the band of every instrument from the auction's begin on.
Narrow = Callable[[Callable[[Instrument], PriceRange | None]], None]


class FuturesBand:
    """The band of the futures of one market on one day; `window` is to be shown the day's data."""

    def __init__(self, desk: Desk, day: date, auction: Auction, narrow: Narrow) -> None:
        self._desk, self._day, self._begins, self._narrow = desk, day, auction.begins, narrow
        self._bands = late_bands()
        universe = desk.board.universe
        self._slots = {
            each.id: slot for slot, each in futures_of(universe) if self._bands.percent(each, day) is not None
        }
        self.window: ClosingWindow | None = None
        if self._slots and auction.average is not None:
            self.window = ClosingWindow(universe, self._slots.values(), *auction.average)

    def schedule(self, agenda: Agenda) -> None:
        """Have the band begin with the auction, also where that was before a restart."""
        if self.window is not None:
            agenda.add(self._begins, Rank.ACCOUNT, self._begin)

    def _begin(self, at: int) -> None:
        self._narrow(self._band)
        for order in self._desk.state.working_orders():
            instrument = self._desk.board.universe.find(order.instrument)
            band = None if instrument is None else self._band(instrument)
            wanted = order.price or order.trigger_price or order.band
            if band is not None and wanted and not band.holds(wanted):
                why = f"{format_price(wanted)} is outside the band of {band} that futures have now"
                self._desk.end(ev.OrderCancelled(order.order_id, why), "timer:late_band", at)

    def _band(self, instrument: Instrument) -> PriceRange | None:
        slot = self._slots.get(instrument.id)
        if slot is None or self.window is None:
            return None
        found = self.window.price(slot)
        reference = self._desk.board.last_price(slot) if found is None else found[0]
        return self._bands.around(instrument, self._day, reference)

"""
The band around a run: the same orders, at the same moments, by a kinder and by a harsher fill model too.

What the account trades is decided by its own model alone. The others are shades: each matches every order
on the same data, keeps count of what it would hold, and reports what it would have traded. A shade whose
entry did not trade has nothing to close, so the units of an order that would close what it does not hold
count as nothing. An order lives on in a shade after the account's own has traded, until the day ends; what a
shade then holds otherwise than the account is closed at the last price.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

import msgspec

from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.events import ModifyRequested
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.reports import Filled, Report, Shadowed
from kasauti.exchange.auctions import Auctions
from kasauti.ports import LatencyModel, SlippageModel
from kasauti.simulator.fills import FillModel, LastPrice, Pessimistic
from kasauti.simulator.interest import Interest
from kasauti.simulator.supervised import SupervisedVenue
from kasauti.simulator.surveillance import Surveillance

#: The kindest model there is, and the harshest.
EDGES: tuple[type[FillModel], ...] = (LastPrice, Pessimistic)


class _Sent(msgspec.Struct):
    """An order as a shade has it; `closes` of its units may only reduce what is held."""

    instrument: str
    product: Product
    side: Side
    key: str
    closes: int = 0
    turnover: int = 0


class _Shade:
    """One edge of the band: a venue of its own, and what it holds by position key."""

    def __init__(self, venue: SupervisedVenue, profile: str, held: Mapping[str, int]) -> None:
        self.venue = venue
        self.held = dict(held)
        self.profile = profile
        self._sent: dict[str, _Sent] = {}

    def send(self, order: Order, closes: int) -> None:
        """Take note of an order before it reaches the venue."""
        self._sent[order.order_id] = _Sent(
            order.instrument, order.product, order.side, order.position_key, closes
        )

    def count(self, reports: Sequence[Report]) -> list[Report]:
        """Return what of the venue's fills counts; everything else it says is of no interest."""
        counted: list[Report] = []
        for report in reports:
            if isinstance(report, Filled):
                sent = self._sent[report.order_id]
                quantity = self._units(sent, report.quantity)
                if quantity:
                    counted.append(self._trade(report.order_id, report.at, sent, quantity, report.price))
        return counted

    def _units(self, sent: _Sent, quantity: int) -> int:
        """Return how many of `quantity` units count: those that close, only as far as something is held."""
        closing = min(quantity, sent.closes)
        sent.closes -= closing
        holds = max(0, -sent.side.sign * self.held.get(sent.key, 0))
        return quantity - closing + min(closing, holds)

    def _trade(self, order_id: str, at: int, sent: _Sent, quantity: int, price: int) -> Shadowed:
        self.held[sent.key] = self.held.get(sent.key, 0) + sent.side.sign * quantity
        before = sent.turnover
        sent.turnover += quantity * price
        return Shadowed(
            order_id, at, self.profile, sent.instrument, sent.product, sent.side, quantity, price, before
        )

    def end_day(self, held: Mapping[str, int], mark: Callable[[str], int], at: int) -> list[Report]:
        """Close, at the last prices, what is held otherwise than by the account; forget the day's orders."""
        self.venue.forget_all()
        self._sent.clear()
        closed: list[Report] = []
        for key in sorted(self.held.keys() | held.keys()):
            instrument, product = key.rsplit("|", 1)
            difference, price = held.get(key, 0) - self.held.get(key, 0), mark(instrument)
            if difference and price:
                side = Side.BUY if difference > 0 else Side.SELL
                sent = _Sent(instrument, Product(product), side, key)
                closed.append(self._trade("", at, sent, abs(difference), price))
        return closed


class BandedVenue(SupervisedVenue):
    """
    A simulated exchange that also tells what the models `edges` would have made of each order.

    `held` are the account's signed units by position key, `shades` those of each edge by profile, as a
    restart finds them.
    """

    def __init__(
        self,
        board: Board,
        model: FillModel,
        slippage: SlippageModel,
        latency: LatencyModel,
        *,
        stale_after_ns: int,
        surveillance: Surveillance,
        auctions: Auctions | None = None,
        edges: Sequence[FillModel],
        held: Mapping[str, int],
        shades: Mapping[str, Mapping[str, int]],
    ) -> None:
        interest = Interest(len(board.universe))
        super().__init__(
            board,
            model,
            slippage,
            latency,
            stale_after_ns=stale_after_ns,
            surveillance=surveillance,
            auctions=auctions,
            interest=interest,
        )
        self._held = dict(held)
        self._keys: dict[str, tuple[str, int]] = {}
        self._shades = [
            _Shade(
                SupervisedVenue(
                    board,
                    edge,
                    slippage,
                    latency,
                    stale_after_ns=stale_after_ns,
                    surveillance=surveillance,
                    auctions=auctions,
                    interest=interest,
                ),
                edge.profile,
                shades.get(edge.profile, held),
            )
            for edge in edges
            if edge.profile != model.profile
        ]
        for shade in self._shades:
            shade.venue.stops = self.stops

    def begin_day(self, day: date, closes: Mapping[str, int]) -> None:
        """Take up the limits of a day, here and in every shade."""
        super().begin_day(day, closes)
        for shade in self._shades:
            shade.venue.stop(0, "", 0)

    def begin_auction(self, at: int) -> None:
        """Have what stands wait for the auction, here and in every shade."""
        super().begin_auction(at)
        for shade in self._shades:
            shade.venue.begin_auction(at)

    def stop(self, until: int, why: str, at: int) -> None:
        """Cancel all that rests, and reject what arrives before `until`, here and in every shade."""
        super().stop(until, why, at)
        for shade in self._shades:
            shade.venue.stop(until, why, at)

    def submit(self, order: Order, at: int) -> None:
        """Put an order on its way, here and in every shade."""
        self._note(order)
        super().submit(order, at)
        for shade in self._shades:
            shade.venue.submit(order, at)

    def _note(self, order: Order) -> None:
        sign, leaves = order.side.sign, order.quantity - order.filled
        self._keys[order.order_id] = order.position_key, sign
        closes = min(leaves, max(0, -sign * self._held.get(order.position_key, 0)))
        for shade in self._shades:
            shade.send(order, closes)

    def modify(self, change: ModifyRequested, at: int) -> None:
        """Put a request for new terms on its way, here and in every shade."""
        super().modify(change, at)
        for shade in self._shades:
            shade.venue.modify(change, at)

    def cancel(self, order: Order, reason: str, at: int) -> None:
        """Put a cancellation on its way, here and in every shade."""
        super().cancel(order, reason, at)
        for shade in self._shades:
            shade.venue.cancel(order, reason, at)

    def forget(self, order: Order) -> None:
        """Drop an order that ended without the venue, here and in every shade."""
        super().forget(order)
        for shade in self._shades:
            shade.venue.forget(order)

    def restore(self, orders: Sequence[Order], at: int) -> None:
        """Take working orders up again after a restart; those only a shade still had are lost to it."""
        for order in orders:
            self._note(order)
        super().restore(orders, at)
        for shade in self._shades:
            shade.venue.restore(orders, at)

    def advance(self, to: int) -> Sequence[Report]:
        """Let what is due until `to` arrive, here and in every shade."""
        shaded = [report for shade in self._shades for report in shade.count(shade.venue.advance(to))]
        return [*self._counted(super().advance(to)), *shaded]

    def on_quote(self, slot: int, quote: Quote) -> Sequence[Report]:
        """Match what rests in `slot` against a new tick, here and in every shade."""
        if slot in self._surveillance.levels:
            return super().on_quote(slot, quote)
        shaded = [
            report for shade in self._shades for report in shade.count(shade.venue.on_quote(slot, quote))
        ]
        return [*self._counted(super().on_quote(slot, quote)), *shaded]

    def on_candle(self, slot: int, candle: Candle) -> Sequence[Report]:
        """Match what rests in `slot` against a bar that has ended, here and in every shade."""
        if slot in self._surveillance.levels:
            return super().on_candle(slot, candle)
        shaded = [
            report for shade in self._shades for report in shade.count(shade.venue.on_candle(slot, candle))
        ]
        return [*self._counted(super().on_candle(slot, candle)), *shaded]

    def first_bar(self, slot: int, grid: BarGrid, start: int) -> int:
        """Return the number of the first moment from `start` on whose bar matters here or in a shade."""
        venues = [shade.venue for shade in self._shades]
        return min(super().first_bar(slot, grid, start), *(v.first_bar(slot, grid, start) for v in venues))

    def end_day(
        self, held: Mapping[str, int], shades: Mapping[str, Mapping[str, int]], at: int
    ) -> Sequence[Report]:
        """Let every shade, which holds what `shades` says, end the day with what the account holds."""
        self._held = dict(held)
        self._keys.clear()
        mark = self._board.mark
        for shade in self._shades:
            shade.held = dict(shades.get(shade.profile, {}))
        return [report for shade in self._shades for report in shade.end_day(held, mark, at)]

    def _counted(self, reports: Sequence[Report]) -> Sequence[Report]:
        """Keep count of what the account holds: an order that comes next closes that."""
        for report in reports:
            if isinstance(report, Filled):
                key, sign = self._keys[report.order_id]
                self._held[key] = self._held.get(key, 0) + sign * report.quantity
        return reports

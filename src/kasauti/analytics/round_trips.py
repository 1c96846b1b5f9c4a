"""
Round trips: what was opened, and closed again, in one instrument and product.

A round trip runs from flat to flat, as the account's position folds: at average cost, with all strategies
in one position. A trade through zero ends one trip and begins the next, and its charges are shared by
quantity. Nothing is lost on the way: closed and open trips add up to the ledger's realised result, and with
the contract notes' rounding to its charges, head by head.
"""

from collections.abc import Iterable

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.order import NO_CHARGES, Product, Side, position_key
from kasauti.domain.position import Position
from kasauti.domain.product_events import ProductChanged
from kasauti.domain.product_folds import hand_over

#: The exit reason of a contract that expired.
SETTLED = "settled at expiry"


class RoundTrip(msgspec.Struct, frozen=True):
    """
    A position that was opened and closed.

    `side` is that of the entry: BUY for a long one. `quantity` is all units that entered, the prices are
    their averages to the nearest money unit, `gross` is exact. `exit_reason` is the tag of the order that
    closed last. `strategy` is empty for a person; several are joined by a comma.
    """

    instrument: str
    product: str
    side: Side
    strategy: str
    quantity: int
    entry_at: Moment
    entry_price: Money
    exit_at: Moment
    exit_price: Money
    holding_ns: int
    exit_reason: str
    fills: int
    gross: Money
    charges: Charges
    net: Money


class OpenTrip(msgspec.Struct, frozen=True):
    """
    A position that is still open.

    `quantity` is signed, short is negative. `gross` is what its exits so far have realised, `charges` what
    all its trades have cost.
    """

    instrument: str
    product: str
    strategy: str
    quantity: int
    entry_at: Moment
    average_price: Money
    gross: Money
    charges: Charges


class _Leg(msgspec.Struct):
    """An order that can still trade: who placed it, and why."""

    key: str
    instrument: str
    product: Product
    side: Side
    strategy: str
    tag: str
    quantity: int
    filled: int = 0


class _Trip(msgspec.Struct):
    """A trip on its way. Values are sums of price times quantity."""

    position: Position
    side: Side
    entry_at: int
    strategies: dict[str, None] = {}
    entered: int = 0
    entry_value: int = 0
    exit_value: int = 0
    charges: Charges = NO_CHARGES
    fills: int = 0

    def trade(self, side: Side, quantity: int, price: int, charges: Charges, strategy: str) -> None:
        self.position.trade(side.sign * quantity, price)
        if side is self.side:
            self.entered += quantity
            self.entry_value += price * quantity
        else:
            self.exit_value += price * quantity
        self.charges = self.charges.plus(charges)
        self.strategies[strategy] = None
        self.fills += 1

    @property
    def strategy(self) -> str:
        return ", ".join(name or "by hand" for name in self.strategies) if any(self.strategies) else ""

    def closed(self, at: int, reason: str) -> RoundTrip:
        return RoundTrip(
            self.position.instrument,
            self.position.product,
            self.side,
            self.strategy,
            self.entered,
            self.entry_at,
            _mean(self.entry_value, self.entered),
            at,
            _mean(self.exit_value, self.entered),
            at - self.entry_at,
            reason,
            self.fills,
            self.position.realised,
            self.charges,
            self.position.realised - self.charges.total,
        )

    def still_open(self) -> OpenTrip:
        position = self.position
        return OpenTrip(
            position.instrument,
            position.product,
            self.strategy,
            position.quantity,
            self.entry_at,
            position.average_price,
            position.realised,
            self.charges,
        )


class TripFold:
    """
    Round trips as they come about, one event at a time; what it keeps grows with the trips alone.

    `closed` are in the order they closed. `rounding` is what the contract notes charged beyond the trades.
    """

    def __init__(self) -> None:
        self.closed: list[RoundTrip] = []
        self.rounding = NO_CHARGES
        self._open: dict[str, _Trip] = {}
        self._legs: dict[str, _Leg] = {}

    @property
    def open(self) -> list[OpenTrip]:
        """The positions that are not flat."""
        return [trip.still_open() for trip in self._open.values()]

    def apply(self, recorded: ev.Recorded) -> None:
        """Take one event in, in the order of the log."""
        match recorded.event:
            case ev.OrderPlaced() as placed:
                self._placed(placed)
            case ev.OrderModified() as modified:
                self._legs[modified.order_id].quantity = modified.quantity
            case ev.OrderFilled() as fill:
                self._filled(fill, recorded.at)
            case ev.OrderCancelled() | ev.OrderRejected() | ev.OrderExpired() as ended:
                del self._legs[ended.order_id]
            case ev.PositionSettled() as settled:
                self._settled(settled, recorded.at)
            case stl.SharesAssigned() | stl.SharesAuctioned() as traded:
                self._traded(traded, recorded.at)
            case stl.PositionConverted() | ProductChanged() as converted:
                self._converted(converted, recorded.at)
            case ev.PositionAdjusted() as adjusted:
                self._adjusted(adjusted)
            case ev.DayClosed() as closed:
                self.rounding = self.rounding.plus(closed.rounding)
            case _:
                pass

    def _placed(self, placed: ev.OrderPlaced) -> None:
        key = position_key(placed.instrument, placed.product)
        self._legs[placed.order_id] = _Leg(
            key, placed.instrument, placed.product, placed.side, placed.strategy, placed.tag, placed.quantity
        )

    def _filled(self, fill: ev.OrderFilled, at: int) -> None:
        leg = self._legs[fill.order_id]
        leg.filled += fill.quantity
        if leg.filled == leg.quantity:
            del self._legs[fill.order_id]
        self._take(leg, fill.quantity, fill.price, fill.charges, at)

    def _take(self, leg: _Leg, quantity: int, price: int, charges: Charges, at: int) -> None:
        """Take a trade in: it enters a trip, or ends one and may begin the next."""
        trip = self._open.get(leg.key)
        if trip is None or trip.side is leg.side:
            self._enter(leg, quantity, price, charges, at)
            return
        closes = min(quantity, abs(trip.position.quantity))
        paid = _share(charges, closes, quantity)
        trip.trade(leg.side, closes, price, paid, leg.strategy)
        if trip.position.quantity == 0:
            del self._open[leg.key]
            self.closed.append(trip.closed(at, leg.tag))
        if closes < quantity:
            self._enter(leg, quantity - closes, price, charges.minus(paid), at)

    def _enter(self, leg: _Leg, quantity: int, price: int, charges: Charges, at: int) -> None:
        trip = self._open.get(leg.key)
        if trip is None:
            position = Position(leg.instrument, leg.product, paid_up=False)
            trip = self._open[leg.key] = _Trip(position, leg.side, at)
        trip.trade(leg.side, quantity, price, charges, leg.strategy)

    def _settled(self, settled: ev.PositionSettled, at: int) -> None:
        trip = self._open.pop(position_key(settled.instrument, settled.product))
        quantity = abs(settled.quantity)
        trip.position.trade(-settled.quantity, settled.price)
        trip.exit_value += settled.price * quantity
        trip.charges = trip.charges.plus(settled.charges)
        self.closed.append(trip.closed(at, SETTLED))

    def _traded(self, traded: stl.SharesAssigned | stl.SharesAuctioned, at: int) -> None:
        """Take shares in that came or went without an order, as if one of that size had traded."""
        if not traded.quantity:
            return
        key = position_key(traded.instrument, Product.CNC)
        side, size = (Side.BUY if traded.quantity > 0 else Side.SELL), abs(traded.quantity)
        leg = _Leg(key, traded.instrument, Product.CNC, side, "", SETTLED, size)
        self._take(leg, size, traded.price, traded.charges, at)

    def _converted(self, converted: stl.PositionConverted | ProductChanged, at: int) -> None:
        if isinstance(converted, ProductChanged):
            self._changed(converted, at)
            return
        trip = self._open.pop(position_key(converted.instrument, converted.product))
        trip.position.product = converted.to
        self._open[position_key(converted.instrument, converted.to)] = trip

    def _changed(self, changed: ProductChanged, at: int) -> None:
        """Go on with a trip, or a part of it, in the new product; a part takes its share of what was paid."""
        key, units = position_key(changed.instrument, changed.to), abs(changed.quantity)
        trip = self._open[position_key(changed.instrument, changed.product)]
        into = self._open.get(key)
        if into is None:
            into = self._open[key] = _Trip(
                Position(changed.instrument, changed.to, paid_up=False), trip.side, trip.entry_at
            )
        value, paid = trip.entry_value * units // trip.entered, _share(trip.charges, units, trip.entered)
        hand_over(trip.position, into.position, changed.quantity, at, today=False)
        trip.entered, into.entered = trip.entered - units, into.entered + units
        trip.entry_value, into.entry_value = trip.entry_value - value, into.entry_value + value
        trip.charges, into.charges = trip.charges.minus(paid), into.charges.plus(paid)
        into.strategies |= trip.strategies
        into.fills += trip.fills
        if not trip.position.quantity:
            del self._open[position_key(changed.instrument, changed.product)]
            into.position.realised += trip.position.realised
            into.exit_value += trip.exit_value
            into.charges = into.charges.plus(trip.charges)
            into.entered, into.entry_value = into.entered + trip.entered, into.entry_value + trip.entry_value

    def _adjusted(self, adjusted: ev.PositionAdjusted) -> None:
        """Go on with the same trip in the new units and at the new prices: it cost what it cost."""
        trip = self._open.pop(position_key(adjusted.instrument, adjusted.product), None)
        if trip is None:
            return
        position = trip.position
        position.instrument, position.quantity = adjusted.into, adjusted.into_quantity
        position.cost -= adjusted.off * adjusted.quantity
        trip.entered = trip.entered * adjusted.numerator // adjusted.denominator
        self._open[position_key(adjusted.into, adjusted.product)] = trip


def round_trips(log: Iterable[ev.Recorded]) -> TripFold:
    """Return the round trips of a log that is read from its first event."""
    fold = TripFold()
    for recorded in log:
        fold.apply(recorded)
    return fold


def _mean(value: int, quantity: int) -> int:
    """Return value per unit to the nearest money unit, halves up; values of trades are never negative."""
    return (2 * value + quantity) // (2 * quantity)


def _share(charges: Charges, part: int, whole: int) -> Charges:
    """Return the part of `charges` that falls on `part` of `whole` units, each head rounded down."""
    if part == whole:
        return charges
    return Charges(
        charges.brokerage * part // whole,
        charges.stt * part // whole,
        charges.exchange * part // whole,
        charges.ipft * part // whole,
        charges.sebi * part // whole,
        charges.stamp * part // whole,
        charges.gst * part // whole,
    )

"""Short ways to ask for standing instructions, for strategies and scripts."""

from kasauti.domain.commands import (
    GttLeg,
    PlaceAfterMarket,
    PlaceBracket,
    PlaceCover,
    PlaceGtt,
    PlaceIceberg,
    PlaceOrder,
    PlaceWithTerms,
)
from kasauti.domain.order import Product, Side


def gtt(
    instrument: str, side: Side, quantity: int, trigger_price: int, price: int, product: str = "CNC"
) -> PlaceGtt:
    """Return a GTT that sends a LIMIT order at `price` when the last price comes to `trigger_price`."""
    leg = GttLeg(side, quantity, price, trigger_price)
    return PlaceGtt(instrument, (leg,), Product(product))


def gtt_oco(
    instrument: str,
    side: Side,
    quantity: int,
    lower: tuple[int, int],
    upper: tuple[int, int],
    product: str = "CNC",
) -> PlaceGtt:
    """Return a GTT of two legs, each (trigger price, price), of which the first that fires ends the other."""
    legs = tuple(GttLeg(side, quantity, price, trigger) for trigger, price in (lower, upper))
    return PlaceGtt(instrument, legs, Product(product))


def with_exits(
    order: PlaceOrder,
    *,
    stoploss: int = 0,
    target: int = 0,
    trailing: int = 0,
    trail_step: int = 0,
    relative: bool = False,
) -> PlaceBracket:
    """Return an order with exits that the account holds; with `relative` they are distances from its cost."""
    return PlaceBracket(order, stoploss, target, trailing, trail_step, relative)


def cover(order: PlaceOrder, trigger_price: int, stop_price: int = 0) -> PlaceCover:
    """Return a cover order: an intraday entry with a stop at the exchange."""
    return PlaceCover(order, trigger_price, stop_price)


def iceberg(order: PlaceOrder, legs: int) -> PlaceIceberg:
    """Return a LIMIT order in parts, one after the other."""
    return PlaceIceberg(order, legs)


def after_market(order: PlaceOrder) -> PlaceAfterMarket:
    """Return an order for the next trading day, asked for outside the hours."""
    return PlaceAfterMarket(order)


def for_minutes(order: PlaceOrder, minutes: int) -> PlaceWithTerms:
    """Return an order that is cancelled when its minutes are over."""
    return PlaceWithTerms(order, minutes)

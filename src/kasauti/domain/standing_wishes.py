"""
Short ways to ask for standing instructions, for strategies and scripts.

A number may be of any kind that is whole by its type, like those of numpy.
"""

from typing import SupportsIndex

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
from kasauti.domain.plain import whole


def gtt(
    instrument: str,
    side: Side,
    quantity: SupportsIndex,
    trigger_price: SupportsIndex,
    price: SupportsIndex,
    product: str = "CNC",
) -> PlaceGtt:
    """Return a GTT that sends a LIMIT order at `price` when the last price comes to `trigger_price`."""
    return PlaceGtt(instrument, (_leg(side, quantity, trigger_price, price),), Product(product))


def gtt_oco(
    instrument: str,
    side: Side,
    quantity: SupportsIndex,
    lower: tuple[SupportsIndex, SupportsIndex],
    upper: tuple[SupportsIndex, SupportsIndex],
    product: str = "CNC",
) -> PlaceGtt:
    """Return a GTT of two legs, each (trigger price, price), of which the first that fires ends the other."""
    legs = tuple(_leg(side, quantity, trigger, price) for trigger, price in (lower, upper))
    return PlaceGtt(instrument, legs, Product(product))


def _leg(side: Side, quantity: SupportsIndex, trigger: SupportsIndex, price: SupportsIndex) -> GttLeg:
    units = whole("quantity", quantity)
    return GttLeg(side, units, whole("price", price), whole("trigger_price", trigger))


def with_exits(
    order: PlaceOrder,
    *,
    stoploss: SupportsIndex = 0,
    target: SupportsIndex = 0,
    trailing: SupportsIndex = 0,
    trail_step: SupportsIndex = 0,
    relative: bool = False,
) -> PlaceBracket:
    """Return an order with exits that the account holds; with `relative` they are distances from its cost."""
    return PlaceBracket(
        order,
        whole("stoploss", stoploss),
        whole("target", target),
        whole("trailing", trailing),
        whole("trail_step", trail_step),
        relative,
    )


def cover(order: PlaceOrder, trigger_price: SupportsIndex, stop_price: SupportsIndex = 0) -> PlaceCover:
    """Return a cover order: an intraday entry with a stop at the exchange."""
    return PlaceCover(order, whole("trigger_price", trigger_price), whole("stop_price", stop_price))


def iceberg(order: PlaceOrder, legs: SupportsIndex) -> PlaceIceberg:
    """Return a LIMIT order in parts, one after the other."""
    return PlaceIceberg(order, whole("legs", legs))


def after_market(order: PlaceOrder) -> PlaceAfterMarket:
    """Return an order for the next trading day, asked for outside the hours."""
    return PlaceAfterMarket(order)


def for_minutes(order: PlaceOrder, minutes: SupportsIndex) -> PlaceWithTerms:
    """Return an order that is cancelled when its minutes are over."""
    return PlaceWithTerms(order, whole("minutes", minutes))

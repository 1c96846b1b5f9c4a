"""Why an open order has not traded yet: what it waits for, and how far away that is."""

from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.market import Quote
from kasauti.domain.money import format_price, group_indian
from kasauti.domain.order import Order, OrderType, Side, Status

#: Data older than this is worth a sentence.
_OLD_NS = 5 * NS_PER_SECOND


def why_not_filled(
    order: Order,
    quote: Quote,
    at: int,
    *,
    instrument: Instrument,
    market_open: bool = True,
    profile: str = "",
    stale_after_ns: int = 0,
) -> list[str]:
    """
    Return why `order` has not traded by `at`, in sentences, the reason that matters most first.

    `quote` is what stands in its instrument. `profile` is the fill model in force, if known;
    `stale_after_ns` the age at which the venue no longer trades against a standing quote, 0 for never.
    """
    if not order.is_working:
        return [f"It cannot trade any more: it is {order.status.value.lower()}.{_because(order.reason)}"]
    if order.status is Status.SUBMITTED:
        return [f"It is on its way to the venue since {ist_clock(order.placed_at)}."]
    reasons = [] if market_open else ["The market is closed."]
    if not quote.last and not _has_book(quote):
        reasons.append("No price has been seen yet today.")
    elif order.status is Status.TRIGGER_PENDING:
        reasons.append(_asleep(order, quote, instrument))
    elif order.band and not _reaches(order, quote):
        reasons.append(_at_its_band(order))
        reasons += _resting(order, order.band, quote, instrument, profile)
    elif not order.order_type.has_limit:
        reasons.append(_taker(quote, at, stale_after_ns))
    else:
        reasons += _resting(order, order.price, quote, instrument, profile)
    return [*reasons, *_age(quote, at), *_asked(order)]


def _because(reason: str) -> str:
    return f" {reason[:1].upper()}{reason[1:]}." if reason else ""


def _has_book(quote: Quote) -> bool:
    return bool(quote.bid or quote.ask or quote.bids or quote.asks)


def _asleep(order: Order, quote: Quote, instrument: Instrument) -> str:
    trigger = format_price(order.trigger_price)
    if not quote.last:
        return f"It sleeps until {trigger} trades, and nothing has traded yet."
    away = order.trigger_price - quote.last
    if (away if order.side is Side.BUY else -away) <= 0:
        return f"Its trigger {trigger} has been reached; it wakes with the next trade."
    word = "above" if away > 0 else "below"
    return (
        f"It sleeps: its trigger {trigger} is {_distance(away, instrument)} {word} the last price"
        f" {format_price(quote.last)}."
    )


def _taker(quote: Quote, at: int, stale_after_ns: int) -> str:
    if not _has_book(quote):
        return "A market order waits for the next trade: the data shows only last prices."
    if stale_after_ns and at - quote.at > stale_after_ns:
        return "It waits for a fresh quote: the one that stands is too old to trade against."
    return "What the book displays has been used; it waits for the next quote."


def _reaches(order: Order, quote: Quote) -> bool:
    """Return whether what stands is inside the band of a market order."""
    facing, _ = _facing(quote, buys=order.side is Side.BUY)
    return bool(facing) and (facing <= order.band if order.side is Side.BUY else facing >= order.band)


def _at_its_band(order: Order) -> str:
    return (
        f"It is a protected market order: it took what stood up to its band {format_price(order.band)}, and"
        " the rest stands there as a limit order."
    )


def _resting(order: Order, price: int, quote: Quote, instrument: Instrument, profile: str) -> list[str]:
    buys = order.side is Side.BUY
    facing, name = _facing(quote, buys=buys)
    away = (facing - price) if buys else (price - facing)
    limit = format_price(price)
    if not facing:
        reasons = [f"Nobody is on the other side: there is no {'ask' if buys else 'bid'}."]
    elif away > 0:
        word = "above" if buys else "below"
        reasons = [
            f"The {name} {format_price(facing)} is {_distance(away, instrument)} {word} its limit {limit}."
        ]
    else:
        reasons = [_reached(name, format_price(facing), limit, profile)]
    if name == "last price":
        reasons.append("The data shows only last prices, so it trades on a later trade, not on a quote.")
    return [*reasons, *_queue(order, price, quote, limit, buys=buys)]


def _facing(quote: Quote, *, buys: bool) -> tuple[int, str]:
    """Return the price an order would trade against, and what it is called."""
    if not _has_book(quote):
        return quote.last, "last price"
    if buys:
        return (quote.asks[0].price if quote.asks else quote.ask), "best ask"
    return (quote.bids[0].price if quote.bids else quote.bid), "best bid"


def _reached(name: str, facing: str, limit: str, profile: str) -> str:
    if profile.startswith("pessimistic"):
        return f"The {name} {facing} has reached its limit {limit}; this profile wants a trade through it."
    if name == "last price":
        return f"The {name} {facing} has reached its limit {limit}, but no trade since it arrived has."
    return f"The {name} {facing} has reached its limit {limit}, but what it displays has been used."


def _queue(order: Order, price: int, quote: Quote, limit: str, *, buys: bool) -> list[str]:
    if order.queue_ahead:
        joined = ist_clock(order.rested_at)
        ahead = f"{group_indian(order.queue_ahead)} units were displayed ahead of it at {limit}"
        return [f"{ahead} when it joined at {joined}; they trade first."]
    best = quote.bid if buys else quote.ask
    if best and (best > price if buys else best < price):
        return [f"The best {'bid' if buys else 'ask'} {format_price(best)} is ahead of it."]
    return []


def _distance(units: int, instrument: Instrument) -> str:
    """Return a distance as rupees and ticks; part of a tick counts as one."""
    away = abs(units)
    ticks = -(-away // instrument.tick_size)
    return f"₹{format_price(away)} ({group_indian(ticks)} {'tick' if ticks == 1 else 'ticks'})"


def _age(quote: Quote, at: int) -> list[str]:
    age = at - quote.at
    if not quote.at or age <= _OLD_NS:
        return []
    return [f"Its data is {age / NS_PER_SECOND:,.0f} s old, from {ist_clock(quote.at)}."]


def _asked(order: Order) -> list[str]:
    reasons = []
    if order.modify_asked:
        reasons.append("A change of it is on its way.")
    if order.cancel_asked:
        reasons.append("Its cancellation is on its way.")
    if order.order_type is OrderType.SL and order.status is Status.OPEN:
        reasons.append("Its trigger has been reached; it is a limit order now.")
    return reasons

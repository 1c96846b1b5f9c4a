"""Evidence as sentences: what stood there, and what a fill made of it. One sentence for each rule."""

from collections.abc import Sequence

from kasauti.domain import events as ev
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.money import format_price, group_indian
from kasauti.domain.order import Order, OrderType


def at_price(placed: ev.OrderPlaced | Order) -> str:
    """Return the price an order asks for, in words."""
    limit, trigger = format_price(placed.price), format_price(placed.trigger_price)
    match placed.order_type:
        case OrderType.MARKET:
            return "at market" + (f", to {format_price(placed.band)} at worst" if placed.band else "")
        case OrderType.LIMIT:
            return f"at {limit} or better"
        case OrderType.SL_M:
            worst = f", to {format_price(placed.band)} at worst" if placed.band else ""
            return f"at market once {trigger} trades{worst}"
        case OrderType.SL:
            return f"at {limit} or better once {trigger} trades"


#: What made a fill, by rule; `other` is the side of the book it traded against.
_SEEN: dict[Rule, str] = {
    Rule.TAKE: "took {place}",
    Rule.BEYOND: "went on beyond level {level} of the {other}s, an estimate",
    Rule.CROSSED: "the {other} came to {price}, its limit is {limit}",
    Rule.QUEUE: "the queue of {queue} ahead of it traded away",
    Rule.THROUGH: "a trade at {price} went through its limit {limit}",
    Rule.TOUCHED: "a trade touched its limit {limit}",
    Rule.LAST: "the next trade was at {price}",
    Rule.OPEN: "the bar opened at {price}",
    Rule.GAP: "the bar opened at {price}, beyond the price it asked for",
    Rule.STOP: "the bar reached {price}, its trigger was {limit}",
    Rule.AUCTION: "met in the call auction, at {price}",
    Rule.SETTLED: "settled at {price}",
    Rule.BOUGHT_IN: "bought in at {price}",
}


def seen(evidence: Evidence, *, buys: bool) -> str:
    """Return what made the fill, in a few words."""
    other = "ask" if buys else "bid"
    return _SEEN[evidence.rule].format(
        price=format_price(evidence.price),
        limit=format_price(evidence.order_price),
        other=other,
        level=evidence.level,
        place=f"level {evidence.level} of the {other}s"
        if evidence.source is Source.DEPTH
        else f"the {other}",
        queue=group_indian(evidence.queue),
    )


def stood_there(evidence: Evidence, at: int, *, buys: bool) -> str:
    """Return the market data that paid for a fill at `at`."""
    known, price = _known(evidence.at, at), format_price(evidence.price)
    match evidence.source:
        case Source.DEPTH:
            side = "ask" if buys else "bid"
            return f"{known}: level {evidence.level or 1} of the {side}s, {price}{_shown(evidence)}"
        case Source.QUOTE:
            return f"{known}: the best {'ask' if buys else 'bid'}, {price}{_shown(evidence)}"
        case Source.PRINT:
            traded = f", {group_indian(evidence.shown)} units" if evidence.shown else ""
            return f"{known}: a trade at {price}{traded}{_queue(evidence)}"
        case Source.BAR:
            volume = f" with {group_indian(evidence.shown)} units in it" if evidence.shown else ""
            return f"the bar that began {ist_clock(evidence.at)} and ended {ist_clock(at)}{volume}: {price}"
        case Source.SETTLEMENT:
            return f"{known}: the settlement at {price}"


def _known(evidence_at: int, at: int) -> str:
    age = at - evidence_at
    if age <= 0:
        return f"{ist_clock(evidence_at)}, that moment"
    return f"{ist_clock(evidence_at)}, {age / NS_PER_SECOND:.3f} s before"


def _shown(evidence: Evidence) -> str:
    if not evidence.shown:
        return ", size not known"
    used = f", {group_indian(evidence.taken)} of them used by earlier fills" if evidence.taken else ""
    return f" x {group_indian(evidence.shown)} units{used}"


def _size(evidence: Evidence) -> str:
    return group_indian(evidence.shown) if evidence.shown else "an unknown size"


def _queue(evidence: Evidence) -> str:
    if evidence.rule is not Rule.QUEUE:
        return ""
    return f", {group_indian(evidence.queue)} were ahead of it and traded first"


def levels_walked(together: Sequence[ev.OrderFilled], fill: ev.OrderFilled, *, buys: bool) -> list[str]:
    """
    Return the levels of the book that an order took at one moment, one text each; the trade is marked.

    `together` are all trades of the order at that moment. Empty unless there are several.
    """
    walked = [other for other in together if other.evidence.level]
    if len(walked) < 2:  # noqa: PLR2004  one level is no walk
        return []
    return [
        f"{other.evidence.level}: {group_indian(other.quantity)} of {_size(other.evidence)} at"
        f" {format_price(other.evidence.price)}{'  <- this trade' if other is fill else ''}"
        for other in walked
    ]

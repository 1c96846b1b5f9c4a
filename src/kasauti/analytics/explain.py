"""
Why an order traded where it did, in plain sentences, from the log alone.

An explanation reads the story of one order: the events that name it. It says what stood there when the
order met it, which rule applied, and derives the price again from that evidence.
"""

from collections.abc import Iterable, Sequence

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.evidence_words import at_price, levels_walked, seen, stood_there
from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import derive_price
from kasauti.domain.ist import NS_PER_SECOND, ist_clock
from kasauti.domain.money import format_price, format_rupees, group_indian
from kasauti.domain.order import NO_CHARGES, Side
from kasauti.domain.state import State
from kasauti.errors import InvalidInput

_NS_PER_MS = 1_000_000

#: The heads of charges in the order of a contract note, as people write them.
CHARGE_HEADS: tuple[tuple[str, str], ...] = (
    ("brokerage", "brokerage"),
    ("stt", "STT"),
    ("exchange", "exchange"),
    ("ipft", "IPFT"),
    ("sebi", "SEBI"),
    ("stamp", "stamp"),
    ("gst", "GST"),
    ("services", "services"),
)


class Step(msgspec.Struct, frozen=True):
    """One step of an explanation: `what` is a word, like `latency`; `text` a sentence without a full stop."""

    what: str
    text: str


class Explanation(msgspec.Struct, frozen=True):
    """
    Why one trade happened at its price.

    `reason` is what made it trade, in a few words, `headline` the trade and its reason in one line. `derived`
    is the price that the evidence implies, `agrees` whether that is the price in the books.
    """

    trade_id: str
    order_id: str
    instrument: str
    side: Side
    quantity: int
    price: Money
    at: Moment
    reason: str
    headline: str
    steps: list[Step]
    derived: Money
    agrees: bool
    charges: Charges


def story_of_order(log: Iterable[ev.Recorded], order_id: str) -> list[ev.Recorded]:
    """Return the events of a log that name the order, oldest first."""
    return [recorded for recorded in log if getattr(recorded.event, "order_id", "") == order_id]


def story_of_trade(log: Iterable[ev.Recorded], trade_id: str) -> list[ev.Recorded]:
    """
    Return the story of the order that made this trade; `InvalidInput` if the log has no such trade.

    `log` is read from its first event. While it reads it holds the stories of working orders only.
    """
    state = State()
    stories: dict[str, list[ev.Recorded]] = {}
    found = ""
    for recorded in log:
        event = recorded.event
        state.apply(recorded)
        order_id = getattr(event, "order_id", "")
        if not order_id or (found and order_id != found):
            continue
        stories.setdefault(order_id, []).append(recorded)
        if isinstance(event, ev.OrderFilled) and event.trade_id == trade_id:
            found = order_id
        if not found and order_id not in state.working:
            del stories[order_id]
    if not found:
        raise InvalidInput(f"The log holds no trade {trade_id}; `kasauti trades` lists those it has.")
    return stories[found]


def explain_fill(story: Sequence[ev.Recorded], trade_id: str) -> Explanation:
    """
    Return why the trade happened at its price.

    `story` is what `story_of_order` or `story_of_trade` returns, at least as far as the trade. Raises
    `InvalidInput` if it does not hold the trade.
    """
    placed = next(((r.at, r.event) for r in story if isinstance(r.event, ev.OrderPlaced)), None)
    fills = [(r.at, r.event) for r in story if isinstance(r.event, ev.OrderFilled)]
    place = next((n for n, (_, fill) in enumerate(fills) if fill.trade_id == trade_id), None)
    if placed is None or place is None:
        raise InvalidInput(f"These events do not hold the trade {trade_id} and its order from the beginning.")
    at, fill = fills[place]
    return _explain(_Case(placed[0], placed[1], at, fill, [f for _, f in fills[:place]]), story, fills)


class _Case(msgspec.Struct, frozen=True):
    """One trade with its order, and the trades of that order before it."""

    placed_at: int
    placed: ev.OrderPlaced
    at: int
    fill: ev.OrderFilled
    before: list[ev.OrderFilled]


def _explain(
    case: _Case, story: Sequence[ev.Recorded], fills: Sequence[tuple[int, ev.OrderFilled]]
) -> Explanation:
    placed, fill = case.placed, case.fill
    buys = placed.side is Side.BUY
    derived = derive_price(fill.evidence, buys=buys)
    together = [other for moment, other in fills if moment == case.at]
    steps = [
        _decided(case),
        *_way(case, story),
        Step("stood there", stood_there(fill.evidence, case.at, buys=buys)),
        Step("rule", f"{fill.evidence.rule.value} ({fill.evidence.profile})"),
        *(Step("level", text) for text in levels_walked(together, fill, buys=buys)),
        Step("slippage", _slippage(fill, buys=buys)),
        Step("price", _derivation(fill, derived)),
        Step("charges", _charges(case)),
    ]
    return Explanation(
        fill.trade_id,
        fill.order_id,
        placed.instrument,
        placed.side,
        fill.quantity,
        fill.price,
        case.at,
        seen(fill.evidence, buys=buys),
        headline_of(fill, placed),
        steps,
        derived,
        derived == fill.price,
        fill.charges,
    )


def headline_of(fill: ev.OrderFilled, placed: ev.OrderPlaced) -> str:
    """Return a trade and its reason in one line."""
    symbol = placed.instrument.partition(":")[2]
    price, reason = format_price(fill.price), seen(fill.evidence, buys=placed.side is Side.BUY)
    return f"{placed.side.value} {group_indian(fill.quantity)} {symbol} at {price}: {reason}"


def _decided(case: _Case) -> Step:
    placed = case.placed
    who = placed.strategy or "a person"
    why = f", as its {placed.tag}" if placed.tag else ""
    terms = f"{placed.side.value} {group_indian(placed.quantity)} {placed.instrument} {at_price(placed)}"
    return Step("decided", f"{_clock(case.placed_at)} {who} asked to {terms}{why}")


def _way(case: _Case, story: Sequence[ev.Recorded]) -> list[Step]:
    """Return how the order came to where it traded: latency, arrival, rest, wake, changes."""
    opened = next((r for r in story if isinstance(r.event, ev.OrderOpened) and r.at <= case.at), None)
    first_fill = next(r for r in story if isinstance(r.event, ev.OrderFilled))
    arrived_at = first_fill.at if opened is None else opened.at
    steps = [Step("latency", _duration(arrived_at - case.placed_at))]
    if opened is None or not isinstance(opened.event, ev.OrderOpened):
        return [*steps, Step("arrived", f"{_clock(arrived_at)} and met what stood there then")]
    if opened.event.trigger_pending:
        text = f"{_clock(arrived_at)} and slept until its trigger {format_price(case.placed.trigger_price)}"
    elif opened.event.queue_ahead:
        ahead = group_indian(opened.event.queue_ahead)
        text = f"{_clock(arrived_at)} and joined the queue behind {ahead} displayed units"
    elif not case.placed.order_type.has_limit:
        text = f"{_clock(arrived_at)} and waited for the next trade or quote"
    else:
        text = f"{_clock(arrived_at)} and stood at the venue"
    steps.append(Step("arrived", text))
    for recorded in story:
        if recorded.at > case.at:
            break
        if isinstance(recorded.event, ev.OrderTriggered):
            price = format_price(recorded.event.price)
            steps.append(Step("woke", f"{_clock(recorded.at)} when {price} traded"))
        elif isinstance(recorded.event, ev.OrderModified):
            steps.append(Step("changed", _changed(recorded.event, recorded.at)))
    return steps


def _changed(modified: ev.OrderModified, at: int) -> str:
    kept = "kept its place in the queue" if modified.kept_priority else "went to the end of the queue"
    kind = "" if modified.order_type is None else f"{modified.order_type} "
    price = f"at {format_price(modified.price)}" if modified.price else "at market"
    terms = f"{kind}{group_indian(modified.quantity)} {price}"
    if modified.price == 0 and modified.band:
        terms += f", to {format_price(modified.band)} at worst"
    if modified.trigger_price:
        terms += f", trigger {format_price(modified.trigger_price)}"
    if modified.validity is not None:
        terms += f", {modified.validity}"
    return f"{_clock(at)} to {terms}; it {kept}"


def _slippage(fill: ev.OrderFilled, *, buys: bool) -> str:
    slip = fill.evidence.slip
    if slip:
        cost = format_rupees(slip * fill.quantity)
        return f"{format_price(slip)} {'above' if buys else 'below'} the evidence, {cost} in all"
    if fill.evidence.rule.is_passive:
        return "none: it rested and traded at its own price"
    if fill.evidence.level:
        return "none added: the book's own prices are paid, level by level"
    return "none added"


def _derivation(fill: ev.OrderFilled, derived: int) -> str:
    if derived == fill.price:
        return f"derived again: {format_price(derived)}, as booked"
    return f"WRONG: derived again {format_price(derived)}, booked was {format_price(fill.price)}"


def _charges(case: _Case) -> str:
    fill = case.fill
    turnover = fill.price * fill.quantity
    heads = [
        f"{name} {format_rupees(getattr(fill.charges, head))}"
        for head, name in CHARGE_HEADS
        if getattr(fill.charges, head)
    ]
    text = f"{format_rupees(fill.charges.total)} on a turnover of {format_rupees(turnover)}"
    if heads:
        text += ": " + ", ".join(heads)
    if case.before:
        whole = turnover + sum(other.price * other.quantity for other in case.before)
        paid = fill.charges.plus(_sum(case.before)).total
        text += f". The order so far: {format_rupees(paid)} on {format_rupees(whole)}"
    return text


def _sum(fills: Iterable[ev.OrderFilled]) -> Charges:
    total = NO_CHARGES
    for fill in fills:
        total = total.plus(fill.charges)
    return total


def _clock(at: int) -> str:
    return f"{ist_clock(at)}.{at // _NS_PER_MS % 1000:03d}"


def _duration(ns: int) -> str:
    if ns == 0:
        return "none"
    if ns < NS_PER_SECOND:
        return f"{ns / _NS_PER_MS:.0f} ms until the venue had it"
    return f"{ns / NS_PER_SECOND:,.3f} s until the venue had it"

"""Every event as a sentence that fits on a line."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, cast

import msgspec

from kasauti.analytics.evidence_words import at_price, seen
from kasauti.analytics.lateness import late_by
from kasauti.cli import settlement_lines as settled
from kasauti.cli.typography import (
    DOWN,
    SOFT,
    STRONG,
    WARN,
    calendar_day,
    duration,
    quantity,
    short_id,
    symbol,
)
from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain import standing_events as sev
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import format_price, format_rupees
from kasauti.domain.order import Order, Side
from kasauti.domain.standing_words import plan_text
from kasauti.domain.state import State

#: Says what to call an instrument, by its id.
Name = Callable[[str], str]


class Tone(StrEnum):
    """What kind of news an event is."""

    TRADE = "trade"
    ORDER = "order"
    REFUSED = "refused"
    TROUBLE = "trouble"
    ACCOUNT = "account"
    NOTE = "note"


#: How each kind looks; the words say it as well.
TONES: dict[Tone, str] = {
    Tone.TRADE: STRONG,
    Tone.ORDER: "",
    Tone.REFUSED: WARN,
    Tone.TROUBLE: f"bold {DOWN}",
    Tone.ACCOUNT: "cyan",
    Tone.NOTE: SOFT,
}


class Line(msgspec.Struct, frozen=True):
    """One event as a person reads it."""

    text: str
    tone: Tone


def event_line(
    event: ev.Event, order: Order | None = None, name: Name = symbol, *, at: int | None = None
) -> Line:
    """
    Return an event as a sentence.

    `order` is the order it names, if that is still known; `name` says what to call an instrument. With `at`,
    when it happened, what should have happened before says how late it is.
    """
    tone, write = _WRITERS[type(event)]
    text = write(event, _About(order, name))
    late = 0 if at is None else late_by(event, at)
    return Line(f"{text}; {duration(late)} late" if late else text, Tone.TROUBLE if late else tone)


def event_lines(log: Iterable[ev.Recorded]) -> Iterator[tuple[ev.Recorded, Line]]:
    """Yield every event of a log that is read from the first, with its sentence."""
    state = State()
    for recorded in log:
        state.apply(recorded)
        order = state.orders.get(getattr(recorded.event, "order_id", ""))
        yield recorded, event_line(recorded.event, order, at=recorded.at)


class _About(msgspec.Struct, frozen=True):
    """What is known of the order an event names, and how instruments are called."""

    order: Order | None
    name: Name

    def what(self, order_id: str) -> str:
        """Return what an order is, in a few words."""
        order = self.order
        if order is None:
            return f"Order {short_id(order_id)}"
        units, named = quantity(order.quantity), self.name(order.instrument)
        return f"{order.side.value} {units} {named} {short_id(order_id)}"


def _named(write: Callable[[Any, Name], str]) -> Callable[[Any, _About], str]:
    """Return what writes an event that names instruments only."""
    return lambda event, about: write(event, about.name)


def _money(units: int, reason: str) -> str:
    return f"{format_rupees(abs(units))} {'came in' if units >= 0 else 'went out'}: {reason}"


def _account_opened(event: ev.AccountOpened, about: _About) -> str:
    return (
        f"Account {event.account} opened, {event.mode}, with {format_rupees(event.capital)},"
        f" charges as {event.plan}"
    )


def _money_moved(event: ev.MoneyMoved, about: _About) -> str:
    return _money(event.amount, event.reason)


def _session_started(event: ev.SessionStarted, about: _About) -> str:
    if event.after_crash:
        return (
            f"Taken up after a crash, {event.downtime_s:,.0f} s after the last event of"
            f" {ist_clock(event.last_at)}: {event.policy}; prices from {event.feed}"
        )
    return f"Session started, prices from {event.feed}"


def _session_stopped(event: ev.SessionStopped, about: _About) -> str:
    return f"Session stopped: {event.reason}"


def _day_opened(event: ev.DayOpened, about: _About) -> str:
    return f"Trading day {calendar_day(date.fromisoformat(event.day))} opened"


def _day_closed(event: ev.DayClosed, about: _About) -> str:
    text = f"Trading day {calendar_day(date.fromisoformat(event.day))} closed"
    rounding = event.rounding.total
    return f"{text}; the contract note adds {format_rupees(rounding, signed=True)}" if rounding else text


def _timer_fired(event: ev.TimerFired, about: _About) -> str:
    name, _, which = event.name.replace("_", " ").partition(":")
    return f"{name.capitalize()}{f' of {which}' if which else ''}, due {ist_clock(event.due)}"


def _order_placed(event: ev.OrderPlaced, about: _About) -> str:
    terms = f"{event.side.value} {quantity(event.quantity)} {about.name(event.instrument)} {at_price(event)}"
    why = f" as {event.tag}" if event.tag else ""
    blocked = f", {format_rupees(event.blocked)} blocked" if event.blocked else ""
    return f"{terms} placed{why} {short_id(event.order_id)}{blocked}"


def _order_denied(event: ev.OrderDenied, about: _About) -> str:
    terms = f"{event.side.value} {quantity(event.quantity)} {about.name(event.instrument)}"
    return f"{terms} denied ({event.rule}): {event.message}{f' {event.advice}' if event.advice else ''}"


def _order_opened(event: ev.OrderOpened, about: _About) -> str:
    if event.trigger_pending:
        return f"{about.what(event.order_id)} sleeps until its trigger"
    ahead = f", {quantity(event.queue_ahead)} units ahead of it" if event.queue_ahead else ""
    return f"{about.what(event.order_id)} is open{ahead}"


def _order_triggered(event: ev.OrderTriggered, about: _About) -> str:
    return f"{about.what(event.order_id)} woke: {format_price(event.price)} traded"


def _terms(units: int, price: int, trigger_price: int) -> str:
    at = f" at {format_price(price)}" if price else ""
    trigger = f", trigger {format_price(trigger_price)}" if trigger_price else ""
    return f"{quantity(units)}{at}{trigger}"


def _new_terms(event: ev.ModifyRequested | ev.OrderModified) -> str:
    words = [each.value for each in (event.order_type, event.validity) if each is not None]
    shown = "" if event.disclosed is None else f", {quantity(event.disclosed)} of it on show"
    if event.disclosed == 0:
        shown = ", all of it on show"
    return " ".join([*words, _terms(event.quantity, event.price, event.trigger_price)]) + shown


def _modify_requested(event: ev.ModifyRequested, about: _About) -> str:
    return f"{about.what(event.order_id)}: change to {_new_terms(event)} asked for"


def _modify_denied(event: ev.ModifyDenied, about: _About) -> str:
    advice = f" {event.advice}" if event.advice else ""
    return f"{about.what(event.order_id)}: request denied ({event.rule}): {event.message}{advice}"


def _order_modified(event: ev.OrderModified, about: _About) -> str:
    place = "keeps its place" if event.kept_priority else "goes to the end of the queue"
    return f"{about.what(event.order_id)} changed to {_new_terms(event)}; it {place}"


def _modify_rejected(event: ev.ModifyRejected, about: _About) -> str:
    return f"{about.what(event.order_id)}: the venue refused the change: {event.message}"


def _cancel_requested(event: ev.CancelRequested, about: _About) -> str:
    return f"{about.what(event.order_id)}: cancellation asked for: {event.reason}"


def _order_cancelled(event: ev.OrderCancelled, about: _About) -> str:
    return f"{about.what(event.order_id)} cancelled: {event.reason}"


def _order_rejected(event: ev.OrderRejected, about: _About) -> str:
    return f"{about.what(event.order_id)} rejected by the venue: {event.message}"


def _order_expired(event: ev.OrderExpired, about: _About) -> str:
    return f"{about.what(event.order_id)} lapsed: {event.reason}"


def _order_filled(event: ev.OrderFilled, about: _About) -> str:
    price, charges = format_price(event.price), format_rupees(event.charges.total)
    order = about.order
    if order is None:
        traded = f"Order {short_id(event.order_id)}: {quantity(event.quantity)} traded"
        buys = True
    else:
        verb = "Bought" if order.side is Side.BUY else "Sold"
        of = f" of {quantity(order.quantity)}" if event.quantity < order.quantity else ""
        traded = f"{verb} {quantity(event.quantity)}{of} {about.name(order.instrument)}"
        buys = order.side is Side.BUY
    return f"{traded} at {price}, charges {charges} ({seen(event.evidence, buys=buys)}) {event.trade_id}"


def _position_settled(event: ev.PositionSettled, about: _About) -> str:
    price, charges = format_price(event.price), format_rupees(event.charges.total)
    return f"{quantity(event.quantity)} {about.name(event.instrument)} settled at {price}, charges {charges}"


def _position_adjusted(event: ev.PositionAdjusted, about: _About) -> str:
    held = f"{quantity(event.quantity)} {about.name(event.instrument)}"
    became = f"{quantity(event.into_quantity)} {about.name(event.into)}"
    paid = f", {format_rupees(event.cash)} paid" if event.cash else ""
    return f"{held}: {event.action}{'' if held == became else f', now {became}'}{paid}"


def _margin_reckoned(event: ev.MarginReckoned, about: _About) -> str:
    lacks = f"; {format_rupees(event.shortfall)} are missing" if event.shortfall else ""
    strange = ", ".join(about.name(mark.instrument) for mark in event.risk_marks if mark.impossible)
    least = f"; at the least volatility, as no other gives the price: {strange}" if strange else ""
    return f"Margin reckoned anew: {format_rupees(event.required)} for what is held{lacks}{least}"


def _risk_file_used(event: ev.RiskFileUsed, about: _About) -> str:
    if not event.file:
        return "Margins of futures and options are approximate: no risk file is in force"
    return f"Margins of futures and options are exact: risk arrays of {event.file}"


def _strategy_noted(event: ev.StrategyNoted, about: _About) -> str:
    return f"{event.strategy} notes {bytes(event.state).decode()}"


def _indicators_noted(event: ev.IndicatorsNoted, about: _About) -> str:
    return f"{event.strategy}'s indicators stand at {bytes(event.state).decode()}"


def _strategy_failed(event: ev.StrategyFailed, about: _About) -> str:
    return f"{event.strategy} failed in {event.hook}: {event.error}; stopped: {event.stopped}"


def _trading_halted(event: ev.TradingHalted, about: _About) -> str:
    return f"Trading halted: {event.reason}. Exits go on"


def _trading_resumed(event: ev.TradingResumed, about: _About) -> str:
    return f"Trading resumed: {event.reason}"


def _band_filled(event: ev.BandFilled, about: _About) -> str:
    verb = "bought" if event.side is Side.BUY else "sold"
    units, price = quantity(event.quantity), format_price(event.price)
    why = "" if event.order_id else " to end the day with what the account holds"
    return f"By {event.profile}: {verb} {units} {about.name(event.instrument)} at {price}{why}"


def _venue_anomaly(event: ev.VenueAnomaly, about: _About) -> str:
    return f"{about.what(event.order_id)}: the venue reported what cannot be: {event.message}"


def _standing_placed(event: sev.StandingPlaced, about: _About) -> str:
    return f"{event.standing_id} stands: {plan_text(event.plan, about.name)}"


def _standing_denied(event: sev.StandingDenied, about: _About) -> str:
    return f"{event.asked} {event.standing_id} denied ({event.rule}): {event.message}"


def _standing_changed(event: sev.StandingChanged, about: _About) -> str:
    return f"{event.standing_id} changed: {plan_text(event.plan, about.name)}"


def _standing_triggered(event: sev.StandingTriggered, about: _About) -> str:
    at = f" at {format_price(event.price)}" if event.price else ""
    late = f", late: {event.late}" if event.late else ""
    return f"{event.standing_id} acts{at}, leg {event.leg}{late}"


def _standing_sent(event: sev.StandingSent, about: _About) -> str:
    became = f"was denied: {event.refused}" if event.refused else "was sent"
    return f"{event.standing_id}: its {event.leg} order {short_id(event.order_id)} {became}"


def _standing_armed(event: sev.StandingArmed, about: _About) -> str:
    exits = [
        f"{name} {format_price(price)}"
        for name, price in (("stop", event.stop), ("target", event.target))
        if price
    ]
    return f"{event.standing_id} guards {quantity(event.quantity)}, {', '.join(exits)}: {event.why}"


def _standing_trailed(event: sev.StandingTrailed, about: _About) -> str:
    stop, price = format_price(event.stop), format_price(event.price)
    return f"{event.standing_id}: its stop follows to {stop}, the price came to {price}"


def _standing_ended(event: sev.StandingEnded, about: _About) -> str:
    return f"{event.standing_id} {event.status.value}: {event.reason}"


_WRITERS = cast(
    "dict[type[ev.Event], tuple[Tone, Callable[[Any, _About], str]]]",
    {
        ev.AccountOpened: (Tone.ACCOUNT, _account_opened),
        ev.MoneyMoved: (Tone.ACCOUNT, _money_moved),
        ev.SessionStarted: (Tone.ACCOUNT, _session_started),
        ev.SessionStopped: (Tone.ACCOUNT, _session_stopped),
        ev.DayOpened: (Tone.ACCOUNT, _day_opened),
        ev.DayClosed: (Tone.ACCOUNT, _day_closed),
        ev.TimerFired: (Tone.NOTE, _timer_fired),
        ev.OrderPlaced: (Tone.ORDER, _order_placed),
        ev.OrderDenied: (Tone.REFUSED, _order_denied),
        ev.OrderOpened: (Tone.ORDER, _order_opened),
        ev.OrderTriggered: (Tone.ORDER, _order_triggered),
        ev.ModifyRequested: (Tone.ORDER, _modify_requested),
        ev.ModifyDenied: (Tone.REFUSED, _modify_denied),
        ev.OrderModified: (Tone.ORDER, _order_modified),
        ev.ModifyRejected: (Tone.REFUSED, _modify_rejected),
        ev.CancelRequested: (Tone.ORDER, _cancel_requested),
        ev.OrderCancelled: (Tone.ORDER, _order_cancelled),
        ev.OrderRejected: (Tone.REFUSED, _order_rejected),
        ev.OrderExpired: (Tone.ORDER, _order_expired),
        ev.OrderFilled: (Tone.TRADE, _order_filled),
        ev.PositionSettled: (Tone.TRADE, _position_settled),
        ev.PositionAdjusted: (Tone.ACCOUNT, _position_adjusted),
        ev.MarginReckoned: (Tone.ACCOUNT, _margin_reckoned),
        ev.RiskFileUsed: (Tone.ACCOUNT, _risk_file_used),
        ev.StrategyNoted: (Tone.NOTE, _strategy_noted),
        ev.IndicatorsNoted: (Tone.NOTE, _indicators_noted),
        ev.StrategyFailed: (Tone.TROUBLE, _strategy_failed),
        ev.TradingHalted: (Tone.TROUBLE, _trading_halted),
        ev.TradingResumed: (Tone.ACCOUNT, _trading_resumed),
        ev.BandFilled: (Tone.NOTE, _band_filled),
        ev.VenueAnomaly: (Tone.TROUBLE, _venue_anomaly),
        stl.FuturesMarked: (Tone.ACCOUNT, _named(settled.futures_marked)),
        stl.DeliveryDue: (Tone.ACCOUNT, _named(settled.delivery_due)),
        stl.DeliverySettled: (Tone.ACCOUNT, _named(settled.delivery_settled)),
        stl.ProceedsHeld: (Tone.ACCOUNT, _named(settled.proceeds_held)),
        stl.SharesAssigned: (Tone.TRADE, _named(settled.shares_assigned)),
        stl.SettlementMissing: (Tone.TROUBLE, _named(settled.settlement_missing)),
        prod.ProductChanged: (Tone.ACCOUNT, _named(settled.product_changed)),
        prod.ProductChangeDenied: (Tone.REFUSED, _named(settled.product_change_denied)),
        stl.PositionConverted: (Tone.TROUBLE, _named(settled.position_converted)),
        stl.SharesAuctioned: (Tone.TRADE, _named(settled.shares_auctioned)),
        stl.InterestCharged: (Tone.ACCOUNT, _named(settled.interest_charged)),
        sev.StandingPlaced: (Tone.ORDER, _standing_placed),
        sev.StandingDenied: (Tone.REFUSED, _standing_denied),
        sev.StandingChanged: (Tone.ORDER, _standing_changed),
        sev.StandingTriggered: (Tone.ORDER, _standing_triggered),
        sev.StandingSent: (Tone.ORDER, _standing_sent),
        sev.StandingArmed: (Tone.ORDER, _standing_armed),
        sev.StandingTrailed: (Tone.NOTE, _standing_trailed),
        sev.StandingEnded: (Tone.ORDER, _standing_ended),
    },
)

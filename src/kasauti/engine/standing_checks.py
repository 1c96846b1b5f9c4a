"""Why a standing instruction cannot be as it was asked for, in the words of brokers, and what would pass."""

from collections.abc import Callable
from datetime import date

import msgspec

from kasauti.domain.commands import GttLeg, PlaceAfterMarket, PlaceBracket, PlaceCover, PlaceGtt, PlaceIceberg
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import format_price, format_rupees
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.engine.refusals import price_refusal, quantity_refusal
from kasauti.engine.terms import Terms
from kasauti.exchange.calendar import Calendar, segment
from kasauti.exchange.standing_rules import StandingRules, too_far, too_near
from kasauti.risk.gate import Refusal

_MARKET, _LIMIT, _SL, _SL_M = OrderType.MARKET, OrderType.LIMIT, OrderType.SL, OrderType.SL_M
_TWO = 2


class No(msgspec.Struct, frozen=True):
    """Why not: the rule, a sentence, what the rule allows, what was asked, and what would pass."""

    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    nearest: str = ""

    @classmethod
    def of(cls, refusal: Refusal) -> "No":
        """Return a refusal of an order as one of an instruction."""
        return cls(refusal.rule, refusal.message, refusal.limit, refusal.actual)


class Asked(msgspec.Struct, frozen=True):
    """What an instruction is checked against: rules, day, moment, terms, last price, GTTs there are."""

    rules: StandingRules
    calendar: Calendar
    day: date
    at: int
    terms: Callable[[str, Product], Terms | None]
    last: int
    active_gtts: int = 0


def gtt_refusal(plan: PlaceGtt, asked: Asked) -> No | None:
    """Return why a GTT is not taken."""
    terms, rule = asked.terms(plan.instrument, plan.product), asked.rules.gtt(asked.day)
    if terms is None:
        return unknown(plan.instrument)
    instrument = terms.instrument
    if instrument.kind not in rule.kinds or plan.product not in rule.products:
        names = ", ".join(rule.products)
        message = f"{plan.product} product is not allowed for GTT on {instrument.tradingsymbol}."
        return No("gtt.product", message, names, plan.product, _other_product(instrument))
    if asked.active_gtts >= rule.max_active:
        message = f"You have {asked.active_gtts} active GTTs, which is the most allowed. Delete one first."
        return No("gtt.count", message, str(rule.max_active), str(asked.active_gtts + 1))
    if not 1 <= len(plan.legs) <= _TWO:
        return No("gtt.legs", "A GTT has one trigger, or two.", "1 or 2", str(len(plan.legs)))
    if not asked.last:
        message = f"{plan.instrument} has no last price; give the one you know as last_price."
        return No("market.no_price", message)
    for leg in plan.legs:
        no = _leg_refusal(leg, terms, asked.last, plan)
        if no is not None:
            return no
    return _sides_refusal(plan.legs, asked.last)


def _leg_refusal(leg: GttLeg, terms: Terms, last: int, plan: PlaceGtt) -> No | None:
    refusal = quantity_refusal(leg.quantity, terms) or price_refusal(_LIMIT, leg.side, leg.price, 0, terms)
    if refusal is None and leg.trigger_price <= 0:
        refusal = Refusal("price.missing", "A GTT needs a trigger price above 0.")
    if refusal is None:
        refusal = _tick(leg.trigger_price, terms)
    if refusal is None:
        barred = terms.refusal(_LIMIT, Validity.DAY)
        refusal = None if barred is None else Refusal(barred.rule, barred.message)
    return None if refusal is None else No.of(refusal)


def distance_refusal(legs: tuple[GttLeg, ...], asked: Asked, instrument: Instrument) -> No | None:
    """Return why a trigger is too near to the last price."""
    percent = asked.rules.gtt(asked.day).min_distance_percent
    for leg in legs:
        if too_near(leg.trigger_price, asked.last, percent):
            above = leg.trigger_price >= asked.last
            tick = instrument.tick_size
            away = -(-asked.last * int(percent * 100) // 10_000)
            near = asked.last + away if above else asked.last - away
            near = -(-near // tick) * tick if above else near // tick * tick
            message = (
                f"Trigger price should differ from the last traded price ({format_price(asked.last)}) by at"
                f" least {percent} %. Here it is {format_price(leg.trigger_price)}."
            )
            return No(
                "gtt.distance", message, f"{percent} %", format_price(leg.trigger_price), format_price(near)
            )
    return None


def _sides_refusal(legs: tuple[GttLeg, ...], last: int) -> No | None:
    if len(legs) == _TWO and not legs[0].trigger_price < last < legs[1].trigger_price:
        low, high = (format_price(leg.trigger_price) for leg in legs)
        message = (
            f"The last traded price {format_price(last)} has to lie between the two triggers, the lower one"
            f" first. Here they are {low} and {high}."
        )
        return No("gtt.sides", message, format_price(last), f"{low}, {high}")
    return None


def cover_refusal(plan: PlaceCover, asked: Asked) -> No | None:
    """Return why a cover order is not taken, besides what is wrong with its entry."""
    order = plan.order
    terms = asked.terms(order.instrument, order.product)
    if terms is None:
        return unknown(order.instrument)
    instrument = terms.instrument
    rule = asked.rules.cover(instrument, asked.day)
    if rule is None or order.product is not Product.MIS or order.validity is not Validity.DAY:
        message = f"Cover orders are not allowed for {instrument.tradingsymbol} in {order.product}."
        where = "MIS, DAY; shares on NSE, futures"
        return No("co.not_allowed", message, where, f"{order.product}, {order.validity}", "a regular order")
    if order.order_type not in {_MARKET, _LIMIT}:
        return No(
            "co.order_type", "A cover order's entry is MARKET or LIMIT.", "MARKET, LIMIT", order.order_type
        )
    leg_type = _SL if plan.stop_price else _SL_M
    barred = terms.refusal(leg_type, Validity.DAY)
    if barred is not None:
        return No(barred.rule, barred.message)
    exit_side = order.side.opposite
    wrong = price_refusal(leg_type, exit_side, plan.stop_price, plan.trigger_price, terms)
    if wrong is not None:
        return No.of(wrong)
    reference = order.price or asked.last
    if not reference:
        return No("market.no_price", f"{order.instrument} has no price yet; give the entry a limit.")
    if plan.trigger_price >= reference if order.side is Side.BUY else plan.trigger_price <= reference:
        return _stop_side(order.side, plan.trigger_price, reference)
    if too_far(plan.trigger_price, reference, rule.max_distance_percent):
        percent = rule.max_distance_percent
        message = (
            f"The stop loss trigger price is beyond the allowed range of {percent}%. Try a price within the"
            " range."
        )
        away = reference * int(percent * 100) // 10_000
        near = reference - away if order.side is Side.BUY else reference + away
        tick = instrument.tick_size
        near = -(-near // tick) * tick if order.side is Side.BUY else near // tick * tick
        return No("co.range", message, f"{percent} %", format_price(plan.trigger_price), format_price(near))
    return None


def _stop_side(side: Side, stop: int, reference: int) -> No:
    word = "below" if side is Side.BUY else "above"
    message = (
        f"The stop of a {side} order has to be {word} its price ({format_price(reference)}). Here it is"
        f" {format_price(stop)}."
    )
    return No("stop.side", message, format_price(reference), format_price(stop))


def bracket_refusal(plan: PlaceBracket, asked: Asked) -> No | None:
    """Return why exits cannot stand beside an entry, besides what is wrong with the entry."""
    order = plan.order
    terms = asked.terms(order.instrument, order.product)
    if terms is None:
        return unknown(order.instrument)
    for name in ("stoploss", "target", "trailing", "trail_step"):
        value: int = getattr(plan, name)
        if value < 0:
            return No(
                "exits.negative", f"{name} cannot be below 0, it is {format_price(value)}.", "0", str(value)
            )
        wrong = _tick(value, terms, name)
        is_distance = plan.relative or name.startswith("trail")
        if wrong is not None and not (is_distance and wrong.rule.startswith("price.circuit")):
            return No.of(wrong)
    if not (plan.stoploss or plan.target or plan.trailing):
        return No("exits.none", "An order with exits needs a stoploss, a target or a trailing stop.")
    reference = order.price or asked.last
    if not reference:
        return No("market.no_price", f"{order.instrument} has no price yet; give the entry a limit.")
    stop, target = exit_prices(plan, reference)
    buys = order.side is Side.BUY
    if stop and (stop >= reference if buys else stop <= reference):
        return _stop_side(order.side, stop, reference)
    if target and (target <= reference if buys else target >= reference):
        word = "above" if buys else "below"
        message = (
            f"The target of a {order.side} order has to be {word} its price ({format_price(reference)})."
            f" Here it is {format_price(target)}."
        )
        return No("target.side", message, format_price(reference), format_price(target))
    if (plan.stoploss or plan.trailing) and stop <= 0:
        return No("stop.side", "The stop lies below 0; choose a smaller distance.", "0", format_price(stop))
    return None


def exit_prices(plan: PlaceBracket, anchor: int, tick: int = 1) -> tuple[int, int]:
    """Return the prices of stop and target for units that cost `anchor` each; 0 for one not wanted."""
    sign = plan.order.side.sign
    stop, target = plan.stoploss, plan.target
    if plan.relative:
        stop = anchor - sign * stop if stop else 0
        target = anchor + sign * target if target else 0
    if plan.trailing and not stop:
        stop = anchor - sign * plan.trailing
    return _on_tick(stop, tick), _on_tick(target, tick)


def _on_tick(price: int, tick: int) -> int:
    return (2 * price + tick) // (2 * tick) * tick


def iceberg_refusal(plan: PlaceIceberg, asked: Asked) -> No | None:
    """Return why an iceberg is not taken, besides what is wrong with its parts as orders."""
    order, rule = plan.order, asked.rules.iceberg(asked.day)
    terms = asked.terms(order.instrument, order.product)
    if terms is None:
        return unknown(order.instrument)
    no = auction_refusal("Iceberg orders", terms, asked.at)
    if no is not None:
        return no
    if not rule.min_legs <= plan.legs <= rule.max_legs:
        span = f"{rule.min_legs} to {rule.max_legs}"
        near = min(max(plan.legs, rule.min_legs), rule.max_legs)
        message = f"Iceberg orders have {span} legs. Here there are {plan.legs}."
        return No("iceberg.legs", message, span, str(plan.legs), str(near))
    if order.order_type is not _LIMIT:
        message = "Iceberg orders are LIMIT orders."
        return No("iceberg.order_type", message, "LIMIT", order.order_type, "LIMIT")
    if order.validity is Validity.IOC:
        message = "IOC validity is not allowed for iceberg orders."
        return No("iceberg.validity", message, "DAY, TTL", order.validity, "DAY")
    value, least = order.price * order.quantity, rule.least
    if value < least:
        message = (
            f"The value of an iceberg order has to be {format_rupees(least)} at least. Here it is"
            f" {format_rupees(value)}."
        )
        units = -(-least // order.price) if order.price > 0 else 0
        near = -(-units // terms.lot) * terms.lot
        return No("iceberg.value", message, format_rupees(least), format_rupees(value), f"{near} units")
    if order.quantity // terms.lot < plan.legs or order.quantity % terms.lot:
        lots = order.quantity // terms.lot
        message = f"{order.quantity} units are {lots} lots: each of {plan.legs} legs needs one at least."
        return No("iceberg.quantity", message, str(lots), str(plan.legs), f"{lots} legs")
    return None


def auction_refusal(what: str, terms: Terms, at: int) -> No | None:
    """Return why a call auction does not take `what` at `at`: it takes plain orders only."""
    phase = None if terms.lenient else terms.auction_phase(at)
    if phase is None:
        return None
    takes = ", ".join(sorted(phase.takes))
    message = f"{what} are currently not allowed: the call auction takes plain orders."
    return No("order_type.phase", message, takes, what, "a plain LIMIT order")


def iceberg_parts(quantity: int, legs: int, lot: int) -> list[int]:
    """Cut a quantity into parts of whole lots as equal as they can be, larger ones first."""
    lots = quantity // lot
    return [(lots // legs + (1 if n < lots % legs else 0)) * lot for n in range(legs)]


def after_market_refusal(plan: PlaceAfterMarket, asked: Asked) -> No | None:
    """Return why an after-market order is not taken now."""
    order = plan.order
    terms = asked.terms(order.instrument, order.product)
    if terms is None:
        return unknown(order.instrument)
    instrument = terms.instrument
    window = asked.rules.window(asked.calendar, segment(instrument), asked.at)
    if not window.is_open:
        message = (
            "Your order could not be converted to a After Market Order (AMO)."
            f" It is {ist_clock(asked.at)} IST; they are taken {window.hours}."
        )
        return No("amo.window", message, window.hours, ist_clock(asked.at), "a regular order")
    barred = terms.refusal(order.order_type, order.validity)
    if barred is not None:
        return No(barred.rule, barred.message)
    wrong = quantity_refusal(order.quantity, terms) or price_refusal(
        order.order_type, order.side, order.price, order.trigger_price, terms
    )
    return None if wrong is None else No.of(wrong)


def _tick(value: int, terms: Terms, name: str = "trigger price") -> Refusal | None:
    """A price stands on a tick."""
    if value <= 0:
        return None
    wrong = price_refusal(_LIMIT, Side.BUY, value, 0, terms)
    if wrong is None:
        return None
    return Refusal(
        wrong.rule, wrong.message.replace("enter price", f"enter {name}"), wrong.limit, wrong.actual
    )


def unknown(instrument: str) -> No:
    """Return why nothing can be asked of an instrument that this session does not have."""
    return No(
        "instrument.unknown", f"{instrument} is not among this session's instruments; check symbol and expiry"
    )


def _other_product(instrument: Instrument) -> str:
    return Product.NRML if instrument.is_derivative else Product.CNC

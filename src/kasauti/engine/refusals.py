"""
Why an order cannot be as it was asked for: quantity, prices, trigger, hours; and the nearest that could.

The words are those of the account's broker (`exchange.refusal_texts`), the rest is the rule's id, what it
allows, what was asked, and which fields of the command to change to what.
"""

from typing import Final

from kasauti.domain import events as ev
from kasauti.domain.commands import AUTO_PROTECTION, PlaceOrder
from kasauti.domain.ist import ist_clock, ist_datetime
from kasauti.domain.money import format_price
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.engine.terms import Terms
from kasauti.exchange.phases import Phase
from kasauti.exchange.products import Refusal as ProductRefusal
from kasauti.risk.gate import Refusal

_BUY: Final = Side.BUY

#: A price beyond every instrument's, in money units: a slip of the keyboard, and still a 64-bit number.
_HIGHEST_PRICE = 10**15

#: Hundredths of a per cent in the whole.
_WHOLE = 10_000

Nearest = dict[str, int | str]


def refused(
    terms: Terms,
    text: str,
    limit: str = "",
    actual: str = "",
    nearest: Nearest | None = None,
    advice: str = "",
    **values: object,
) -> Refusal:
    """Return a refusal in the broker's words; `values` are what else the text names."""
    instrument = terms.instrument
    rule, message = terms.texts.say(
        text,
        limit=limit,
        actual=actual,
        instrument=instrument.id,
        symbol=instrument.tradingsymbol,
        name=instrument.name or instrument.tradingsymbol,
        **values,
    )
    return Refusal(rule, message, limit, actual, nearest or {}, advice)


def quantity_refusal(quantity: int, terms: Terms, *, may_slice: bool = True) -> Refusal | None:
    """Return why an order may not have this quantity, or None. `may_slice` is whether it could be cut."""
    lot, freeze = terms.lot, terms.freeze
    if quantity <= 0:
        return refused(terms, "quantity.positive", "1", str(quantity), {"quantity": lot}, f"{lot} would be.")
    most = freeze // lot * lot
    if quantity % lot:
        below, above = quantity // lot * lot, quantity // lot * lot + lot
        near = min(max(below, lot), most)
        both = f"{near} or {above} would be." if below and above <= most else f"{near} would be."
        return refused(terms, "quantity.lot", str(lot), str(quantity), {"quantity": near}, both)
    if quantity > freeze:
        slices = -(-quantity // most)
        cut = f", or {slices} orders with autoslice" if may_slice and slices <= terms.slices else ""
        return refused(
            terms, "quantity.freeze", str(most), str(quantity), {"quantity": most}, f"{most} would be{cut}.",
            freeze=freeze,
        )  # fmt: skip
    return None


def price_refusal(
    order_type: OrderType, side: Side, price: int, trigger_price: int, terms: Terms
) -> Refusal | None:
    """Return why an order may not have these prices, or None."""
    for field, value, wanted in (
        ("price", price, order_type.has_limit),
        ("trigger_price", trigger_price, order_type.has_trigger),
    ):
        if (value > 0 if wanted else not value) and value <= _HIGHEST_PRICE and not value % terms.tick:
            continue  # most are, and words are made only where they are said
        name, shown = field.replace("_", " "), format_price(value)
        if wanted and value <= 0:
            return refused(terms, "price.missing", "", shown, order_type=order_type, field=name)
        if value > _HIGHEST_PRICE:
            most = format_price(_HIGHEST_PRICE)
            return refused(terms, "price.too_high", most, shown, field=name)
        if not wanted and value:
            advice = f"Leave the {name} out."
            return refused(
                terms, "price.unwanted", "", shown, {field: 0}, advice, order_type=order_type, field=name
            )
        if value % terms.tick:
            text = "price.tick_trigger" if field == "trigger_price" else "price.tick"
            near = max(terms.tick, (2 * value + terms.tick) // (2 * terms.tick) * terms.tick)
            tick = format_price(terms.tick)
            return refused(terms, text, tick, shown, {field: near}, f"{format_price(near)} would be.")
    beyond = _circuit_refusal(side, price, trigger_price, terms)
    if beyond is not None:
        return beyond
    if order_type is OrderType.SL and (trigger_price > price if side is _BUY else trigger_price < price):
        limit = format_price(price)
        return refused(
            terms, "trigger.limit", limit, format_price(trigger_price), {"trigger_price": price},
            f"A trigger of {limit} would be.", word="higher" if side is _BUY else "lower",
        )  # fmt: skip
    return None


def _circuit_refusal(side: Side, price: int, trigger_price: int, terms: Terms) -> Refusal | None:
    """Return why prices beyond what may trade today are not taken, or None."""
    low, high = terms.low, terms.high
    if price and not low <= price <= high:
        return _beyond(price, low, high, terms)
    if trigger_price and (trigger_price > high if side is _BUY else trigger_price < low):
        edge, text = (high, "trigger.circuit_high") if side is _BUY else (low, "trigger.circuit_low")
        limit, actual = format_price(edge), format_price(trigger_price)
        way = "below" if side is _BUY else "above"
        return refused(
            terms, text, limit, actual, {"trigger_price": edge}, f"A trigger of {limit} or {way} would be."
        )
    return None


def _beyond(price: int, low: int, high: int, terms: Terms) -> Refusal:
    """Return why a price outside `low` to `high` is not taken."""
    edge, text = (low, "price.circuit_low") if price < low else (high, "price.circuit_high")
    limit, way = format_price(edge), "above" if price < low else "below"
    advice = f"Place it at {limit} or {way}."
    return refused(terms, text, limit, format_price(price), {"price": edge}, advice)


def trigger_refusal(side: Side, price: int, trigger: int, last: int, terms: Terms) -> Refusal | None:
    """Return why a stop may not sleep at `trigger` when `last` traded last; `price` is its limit, if any."""
    buys = side is _BUY
    if not last or (trigger > last if buys else trigger < last):
        return None
    tick = terms.tick
    near = last // tick * tick + tick if buys else -(-last // tick) * tick - tick
    text, limit, actual = f"trigger.side_{side.lower()}", format_price(last), format_price(trigger)
    if near <= 0:
        return refused(terms, text, limit, actual)
    nearest: Nearest = {"trigger_price": near}
    if price and (price < near if buys else price > near):
        nearest["price"] = near
    advice = f"A trigger of {format_price(near)} or {'above' if buys else 'below'} would be."
    return refused(terms, text, limit, actual, nearest, advice)


def closed(terms: Terms, at: int) -> Refusal:
    """Return why nothing is taken at `at`."""
    if not terms.parts:
        return refused(terms, "market.no_session", day=terms.day)
    now = ist_clock(at)
    if terms.is_open(at) and at >= terms.cutoff:
        other = Product.NRML if terms.instrument.is_derivative else Product.CNC
        article = "an" if other is Product.NRML else "a"
        until = f"{ist_datetime(terms.cutoff):%I:%M %p}".lstrip("0")
        return refused(
            terms, "product.mis_cutoff", ist_clock(terms.cutoff), now, {"product": str(other)},
            f"Use product {other}.", limit_clock=until, other=f"{article} {other}",
        )  # fmt: skip
    if terms.maintenance_until and now < terms.maintenance_until:
        return refused(terms, "oms.maintenance", terms.maintenance_until, now)
    hours = ", ".join(f"{ist_clock(opens)[:5]}-{ist_clock(closes)[:5]}" for opens, closes in terms.parts)
    opens = next((f"{ist_clock(opens)[:5]}" for opens, _ in terms.parts if opens > at), "")
    return refused(terms, "market.closed", hours, now, None, f"From {opens} on it would be." if opens else "")


def unless_changeable(order_type: OrderType, price: int, terms: Terms, at: int) -> Refusal | None:
    """Return why an order cannot be changed to `price` at `at`; trading and auctions may let it."""
    phase = terms.auction_phase(at)
    may = terms.is_open(at) or (phase is not None and order_type in phase.modifies)
    if not may or at >= terms.cutoff:
        return closed(terms, at)
    return None if phase is None else _unless_in_band(price, terms, at)


def unless_in_auction(command: PlaceOrder, terms: Terms, at: int, *, forced: bool) -> Refusal | None:
    """Return why an order outside continuous trading is not taken; None in a call auction that takes it."""
    phase = terms.auction_phase(at) if forced or at < terms.cutoff else None
    if phase is None:
        return closed(terms, at)
    if command.order_type in phase.takes and command.validity in phase.validities:
        return _unless_in_band(command.price, terms, at)
    return _not_in_auction(command.order_type, command.validity, phase, terms)


def _unless_in_band(price: int, terms: Terms, at: int) -> Refusal | None:
    """Return why a price is too far from an auction's reference; brokers show its band as the circuit."""
    band = terms.auction_band(at) if price and not terms.lenient else None
    return None if band is None or band.holds(price) else _beyond(price, band.low, band.high, terms)


def _not_in_auction(order_type: OrderType, validity: Validity, phase: Phase, terms: Terms) -> Refusal:
    """Return why a call auction takes no such order in this phase."""
    if order_type in phase.takes:
        return refused(
            terms, "validity.not_allowed", "DAY", str(validity), {"validity": "DAY"}, "Use validity DAY.",
            validity=validity,
        )  # fmt: skip
    takes = ", ".join(sorted(phase.takes))
    return refused(
        terms, "order_type.phase", takes, str(order_type), {"order_type": str(OrderType.LIMIT)},
        "Use a limit order.", order_type=order_type,
    )  # fmt: skip


def protection_refusal(protection: int, terms: Terms) -> Refusal | None:
    """Return why a market order may not have this protection, or None."""
    if not protection:
        if not terms.protection.required:
            return None
        advice = "Use market protection -1, or a limit order."
        return refused(terms, "market.protection", "", "0", {"market_protection": AUTO_PROTECTION}, advice)
    if protection < AUTO_PROTECTION or protection > _WHOLE:
        return refused(
            terms, "market.protection_range", "100", str(protection / 100),
            {"market_protection": AUTO_PROTECTION}, "Use market protection -1.",
        )  # fmt: skip
    return None


def too_little_held(terms: Terms, quantity: int, opens: int) -> Refusal:
    """Return why a delivery sale is not taken: `opens` of the units are not there."""
    have = quantity - opens
    nearest: Nearest = {"quantity": have} if have > 0 else {}
    advice = f"{have} would be." if have > 0 else ""
    return refused(terms, "holdings.short", str(have), str(quantity), nearest, advice)


def banned(terms: Terms, quantity: int, opens: int) -> Refusal:
    """Return why positions may only be closed: a share's ban period, or a contract of unknown risk."""
    closes = quantity - opens
    nearest: Nearest = {"quantity": closes} if closes else {}
    advice = (
        f"Positions may be closed only: {closes} would be." if closes else "Positions may be closed only."
    )
    if terms.unfiled:
        return Refusal("rule.unknown", terms.unfiled, "0", str(opens), nearest, advice)
    return refused(terms, "instrument.ban", "0", str(opens), nearest, advice)


def barred_as(barred: ProductRefusal, command: PlaceOrder, terms: Terms) -> Refusal:
    """Return a refusal of a product, type or validity; a stop that needs a limit is told which."""
    nearest: Nearest = dict(barred.nearest)
    if nearest.get("order_type") == OrderType.SL:
        band = terms.protection.band(command.trigger_price, AUTO_PROTECTION, command.side is _BUY)
        nearest["price"] = band or command.trigger_price
    return Refusal(barred.rule, barred.message, barred.limit, barred.actual, nearest, barred.advice)


def denied(command: PlaceOrder, order_id: str, strategy: str, refusal: Refusal) -> ev.OrderDenied:
    """Return a refusal as what happened to an order."""
    return ev.OrderDenied(
        order_id,
        command.instrument,
        command.side,
        command.quantity,
        refusal.rule,
        refusal.message,
        refusal.limit,
        refusal.actual,
        command.product,
        command.order_type,
        command.price,
        command.trigger_price,
        command.command_id,
        strategy,
        command.tag,
        refusal.nearest,
        refusal.advice,
    )

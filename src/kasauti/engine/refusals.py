"""Why an order cannot be as it was asked for: quantity, prices, hours, in the words of brokers."""

from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_clock, ist_datetime
from kasauti.domain.money import format_price
from kasauti.domain.order import OrderType, Side
from kasauti.engine.terms import Terms
from kasauti.risk.gate import Refusal

_BUY = Side.BUY

#: A price beyond every instrument's, in money units: a slip of the keyboard, and still a 64-bit number.
_HIGHEST_PRICE = 10**15


def quantity_refusal(quantity: int, instrument: Instrument) -> Refusal | None:
    """Return why an order may not have this quantity, or None."""
    lot, freeze = instrument.lot_size, instrument.freeze_quantity
    if quantity <= 0:
        return Refusal(
            "quantity.positive", f"quantity has to be above 0, it is {quantity}", "1", str(quantity)
        )
    if quantity % lot:
        near = max(lot, quantity // lot * lot)
        message = f"Quantity should be a multiple of lot size {lot}. {quantity} is not; {near} would be."
        return Refusal("quantity.lot", message, str(lot), str(quantity))
    if freeze and quantity > freeze:
        most = freeze // lot * lot
        message = (
            f"{quantity} is above the freeze quantity {freeze} of {instrument.tradingsymbol}; "
            f"one order may have {most} at most, so split it"
        )
        return Refusal("quantity.freeze", message, str(most), str(quantity))
    return None


def price_refusal(
    order_type: OrderType, side: Side, price: int, trigger_price: int, instrument: Instrument
) -> Refusal | None:
    """Return why an order may not have these prices, or None."""
    for name, value, wanted in (
        ("price", price, order_type.has_limit),
        ("trigger price", trigger_price, order_type.has_trigger),
    ):
        if wanted and value <= 0:
            message = f"a {order_type} order needs a {name} above 0, it has {format_price(value)}"
            return Refusal("price.missing", message)
        if value > _HIGHEST_PRICE:
            message = f"a {name} of {format_price(value)} is beyond every price; check it"
            return Refusal("price.too_high", message, format_price(_HIGHEST_PRICE), format_price(value))
        if not wanted and value:
            message = f"a {order_type} order has no {name}; {format_price(value)} was given. Leave it out."
            return Refusal("price.unwanted", message)
        if value % instrument.tick_size:
            return _off_tick(name, value, instrument.tick_size)
    if order_type is OrderType.SL and (trigger_price > price if side is _BUY else trigger_price < price):
        word = "higher" if side is _BUY else "lower"
        message = (
            f"Trigger price can't be {word} than price for a {side} order: "
            f"trigger {format_price(trigger_price)}, price {format_price(price)}."
        )
        return Refusal("trigger.limit", message, format_price(price), format_price(trigger_price))
    return None


def _off_tick(name: str, value: int, tick: int) -> Refusal:
    near = max(tick, (2 * value + tick) // (2 * tick) * tick)
    message = (
        f"Tick size for this script is {format_price(tick)}. Kindly enter {name} in the multiple of "
        f"tick size for this script: {format_price(value)} is not, {format_price(near)} would be."
    )
    return Refusal("price.tick", message, format_price(tick), format_price(value))


def closed(terms: Terms, at: int) -> Refusal:
    """Return why nothing is taken at `at`."""
    if not terms.parts:
        return Refusal("market.closed", f"Markets are closed right now: {terms.day} is not a trading day.")
    if terms.is_open(at) and at >= terms.cutoff:
        other = "an NRML" if terms.instrument.is_derivative else "a CNC"
        until = f"{ist_datetime(terms.cutoff):%I:%M %p}".lstrip("0")
        message = f"Intraday orders (MIS) are allowed only till {until}. Try placing {other} order."
        return Refusal("product.mis_cutoff", message, ist_clock(terms.cutoff), ist_clock(at))
    hours = ", ".join(f"{ist_clock(opens)[:5]}-{ist_clock(closes)[:5]}" for opens, closes in terms.parts)
    message = (
        f"Markets are closed right now: it is {ist_clock(at)} IST, {terms.instrument.id} trades {hours}."
    )
    return Refusal("market.closed", message, hours, ist_clock(at))

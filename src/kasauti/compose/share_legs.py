"""What legs in shares block: `BUY 10 NSE:RELIANCE MIS @2500`, by product and without any netting."""

import re
from collections.abc import Iterable
from datetime import date

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA, rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.segments import has_derivatives

_LEG = re.compile(
    r"(?P<side>BUY|SELL)\s+(?P<quantity>[0-9]+)\s+(?:(?P<exchange>NSE|BSE):)?(?P<symbol>[A-Z0-9&_-]+)"
    r"(?:\s+(?P<product>CNC|MIS|MTF|NRML))?(?:\s*@\s*(?P<price>\S+))?",
    re.IGNORECASE,
)
_MOST_UNITS = 10**12
_PRODUCTS = (Product.CNC, Product.MIS, Product.MTF)


class ShareLeg(msgspec.Struct, frozen=True):
    """
    Units of a share in a product, at a price in money units.

    `blocked` is what they block while they are held, `paid` what a delivery costs, or brings where negative.
    """

    side: Side
    quantity: int
    instrument: Instrument
    product: Product
    price: int
    blocked: int
    paid: int


def is_share_leg(text: str) -> bool:
    """
    Whether a leg is one in a share.

    Its exchange is NSE or BSE, or a product of shares stands there, or the share has derivatives.
    """
    read = _LEG.fullmatch(text.strip())
    return read is not None and bool(
        read["exchange"] or read["product"] or has_derivatives(read["symbol"].upper(), ever=True)
    )


def share_leg(text: str, on: date) -> ShareLeg:
    """Return a leg in a share, margined by the rules of `on`; `InvalidInput` says what does not fit."""
    read = _LEG.fullmatch(text.strip())
    assert read is not None, "it is a leg in a share"
    product = Product((read["product"] or Product.CNC).upper())
    if product not in _PRODUCTS:
        raise InvalidInput(f"{text!r} has product {product}; shares are held in {', '.join(_PRODUCTS)}.")
    quantity, price = int(read["quantity"]), rupees(read["price"]) if read["price"] else 0
    if not 0 < quantity <= _MOST_UNITS:
        raise InvalidInput(f"{text!r} has a quantity of {quantity}; write the units.")
    if price <= 0:
        raise InvalidInput(f"{text!r} has no price; what a share blocks rests on it. Write it behind an @.")
    symbol, side = read["symbol"].upper(), Side[read["side"].upper()]
    code = Exchange((read["exchange"] or Exchange.NSE).upper())
    instrument = Instrument(code, symbol, Kind.EQUITY, PAISA, name=symbol)
    margin = MarginTable().of(instrument, product, on)
    delivered = product is Product.CNC
    return ShareLeg(
        side,
        quantity,
        instrument,
        product,
        price,
        0 if delivered else margin.position(side.sign * quantity, price),
        side.sign * quantity * price if delivered else 0,
    )


def share_notes(legs: Iterable[ShareLeg]) -> list[str]:
    """Return what has to be known beside the figures of legs in shares."""
    legs = list(legs)
    notes = []
    if any(leg.product is not Product.CNC for leg in legs):
        notes.append(
            "MIS and MTF of shares: the general rates of margins.json; a broker's list by share is laid over"
            " them as rows with names."
        )
    if any(leg.product is Product.CNC and leg.side is Side.SELL for leg in legs):
        notes.append("A delivery sale (CNC) takes the shares from the holdings, and blocks no money.")
    return notes

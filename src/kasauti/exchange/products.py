"""
Which products, order types and validities are taken for what, and how a broker words its refusal.

The refusals are the broker's own sentences, because users search for them. What depends on the moment (an
auction, the market's hours, the square-off time) is not decided here. Source: market_rules.md 4.2, 4.3.
"""

from datetime import date

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.errors import RuleUnknown
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_FILE = "products.json"


class Refusal(msgspec.Struct, frozen=True):
    """Why an order is not taken: a stable rule id and the broker's sentence."""

    rule: str
    message: str


class _Accepted(Row, frozen=True, kw_only=True):
    exchange: Exchange
    kinds: tuple[Kind, ...]
    products: tuple[Product, ...]
    order_types: tuple[OrderType, ...]
    validities: tuple[Validity, ...]
    product_refusal: str
    order_type_refusal: str = "{order_type} orders are not allowed for {symbol}."
    validity_refusal: str = "{validity} validity is not allowed for {symbol}."


class _ProductFile(RuleFile, frozen=True, kw_only=True):
    accepted: tuple[_Accepted, ...]
    rms_products: dict[Product, str]
    index_refusal: str


class ProductRules:
    """What is accepted, by `products.json`; `RuleUnknown` for a date or an exchange it does not cover."""

    def __init__(self) -> None:
        self._file = read_rules(_FILE, _ProductFile)
        keys = {(row.exchange, kind) for row in self._file.accepted for kind in row.kinds}
        self._accepted = {
            (exchange, kind): Timeline(
                f"What is accepted for {kind} on {exchange}",
                [row for row in self._file.accepted if row.exchange is exchange and kind in row.kinds],
                file=_FILE,
                known_to=self._file.known_to,
            )
            for exchange, kind in keys
        }

    def refusal(
        self,
        instrument: Instrument,
        product: Product,
        order_type: OrderType,
        validity: Validity,
        *,
        on: date,
    ) -> Refusal | None:
        """Return why an order of this make is not taken on `on`, or None if it is."""
        if instrument.kind is Kind.INDEX:
            return Refusal("product.index", self._file.index_refusal.format(symbol=instrument.tradingsymbol))
        timeline = self._accepted.get((instrument.exchange, instrument.kind))
        if timeline is None:
            raise RuleUnknown(
                f"What is accepted for {instrument.kind} on {instrument.exchange} is not known"
                f" ({instrument.id}). Add a dated row with its source to exchange/data/{_FILE}."
            )
        row = timeline.on(on)
        if product not in row.products:
            text, rule = row.product_refusal, "product.not_allowed"
        elif order_type not in row.order_types:
            text, rule = row.order_type_refusal, "order_type.not_allowed"
        elif validity not in row.validities:
            text, rule = row.validity_refusal, "validity.not_allowed"
        else:
            return None
        message = text.format(
            symbol=instrument.tradingsymbol,
            product=product,
            rms_product=self._file.rms_products[product],
            order_type=order_type,
            validity=validity,
        )
        return Refusal(rule, message)

"""
Which products, order types and validities are taken for what.

What depends on the moment (an auction, the market's hours, the square-off time) is not decided here. Source:
market_rules.md 4.2, 4.3.
"""

from datetime import date

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.order import OrderType, Product, Validity
from kasauti.errors import RuleUnknown
from kasauti.exchange.refusal_texts import RefusalTexts
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_FILE = "products.json"


class Refusal(msgspec.Struct, frozen=True):
    """
    Why an order is not taken: a stable rule id, the broker's sentence, and what would be.

    `limit` is what is taken, `actual` what was asked for; `nearest` and `advice` are as in
    `domain.events.OrderDenied`.
    """

    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    nearest: dict[str, int | str] = msgspec.field(default_factory=dict)
    advice: str = ""


class Accepted(Row, frozen=True, kw_only=True):
    """What is taken for instruments of some kinds on an exchange, or of some series or groups of theirs."""

    exchange: Exchange
    kinds: tuple[Kind, ...]
    products: tuple[Product, ...]
    order_types: tuple[OrderType, ...]
    validities: tuple[Validity, ...]
    rms_segment: str
    series: tuple[str, ...] = ()
    product_refusal: str = "product.not_allowed"
    order_type_refusal: str = "order_type.not_allowed"
    validity_refusal: str = "validity.not_allowed"


class _ProductFile(RuleFile, frozen=True, kw_only=True):
    accepted: tuple[Accepted, ...]
    rms_products: dict[Product, str]


#: What comes nearest to a product, an order type or a validity that is not taken, best first.
_NEAR_PRODUCTS = {
    Product.CNC: (Product.NRML, Product.MIS),
    Product.MTF: (Product.CNC, Product.NRML),
    Product.NRML: (Product.CNC, Product.MIS),
    Product.MIS: (Product.CNC, Product.NRML),
}
_NEAR_TYPES = {
    OrderType.SL_M: (OrderType.SL, OrderType.MARKET),
    OrderType.SL: (OrderType.LIMIT,),
    OrderType.MARKET: (OrderType.LIMIT,),
    OrderType.LIMIT: (OrderType.MARKET,),
}


class ProductRules:
    """
    What is accepted, by `products.json`; `RuleUnknown` for a date or an exchange it does not cover.

    `texts` are the words it is refused with.
    """

    def __init__(self, texts: RefusalTexts | None = None) -> None:
        self._file = read_rules(_FILE, _ProductFile)
        self._texts = texts or RefusalTexts("zerodha")
        self._accepted: dict[tuple[Exchange, Kind, str], Timeline[Accepted]] = {}
        rows = self._file.accepted
        keys = {
            (row.exchange, kind, each) for row in rows for kind in row.kinds for each in row.series or ("",)
        }
        for exchange, kind, series in keys:
            self._accepted[exchange, kind, series] = Timeline(
                f"What is accepted for {f'{kind} {series}'.strip()} on {exchange}",
                [
                    r
                    for r in rows
                    if r.exchange is exchange and kind in r.kinds and series in (r.series or ("",))
                ],
                file=_FILE,
                known_to=self._file.known_to,
            )

    def accepted(self, instrument: Instrument, on: date) -> Accepted:
        """Return what is taken for `instrument` on `on`."""
        where = instrument.exchange, instrument.kind
        timeline = self._accepted.get((*where, instrument.series)) or self._accepted.get((*where, ""))
        if timeline is None:
            raise RuleUnknown(
                f"What is accepted for {instrument.kind} on {instrument.exchange} is not known"
                f" ({instrument.id}). Add a dated row with its source to exchange/data/{_FILE}."
            )
        return timeline.on(on)

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
            return Refusal(*self._texts.say("product.index", symbol=instrument.tradingsymbol))
        row = self.accepted(instrument, on)
        if product not in row.products:
            near = next((each for each in _NEAR_PRODUCTS[product] if each in row.products), row.products[0])
            return self._refused(
                row.product_refusal, instrument, row, product, row.products,
                {"product": str(near)}, f"Use product {near}.", product=product,
                rms_product=self._file.rms_products[product],
            )  # fmt: skip
        if order_type not in row.order_types:
            nearest, advice = _other_type(order_type, row)
            return self._refused(
                row.order_type_refusal, instrument, row, order_type, row.order_types, nearest, advice,
                order_type=order_type,
            )  # fmt: skip
        if validity not in row.validities:
            return self._refused(
                row.validity_refusal, instrument, row, validity, row.validities,
                {"validity": str(row.validities[0])}, f"Use validity {row.validities[0]}.", validity=validity,
            )  # fmt: skip
        return None

    def _refused(
        self,
        text: str,
        instrument: Instrument,
        row: Accepted,
        asked: str,
        taken: tuple[str, ...],
        nearest: dict[str, int | str],
        advice: str,
        **values: object,
    ) -> Refusal:
        allowed = ", ".join(taken)
        rule, message = self._texts.say(
            text,
            symbol=instrument.tradingsymbol,
            instrument=instrument.id,
            series=instrument.series,
            rms_segment=row.rms_segment,
            allowed=allowed,
            **values,
        )
        return Refusal(rule, message, allowed, str(asked), nearest, advice)


def _other_type(order_type: OrderType, row: Accepted) -> tuple[dict[str, int | str], str]:
    near = next((each for each in _NEAR_TYPES[order_type] if each in row.order_types), row.order_types[0])
    needs = " with a limit price at or beyond its trigger" if near is OrderType.SL else ""
    return {"order_type": str(near)}, f"Use {near}{needs}."

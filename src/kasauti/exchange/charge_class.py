"""Which set of rates a trade falls under."""

from enum import StrEnum

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.order import Product
from kasauti.errors import InvalidInput


class ChargeClass(StrEnum):
    """A kind of trade that the law, the exchange and the broker charge alike."""

    EQUITY_DELIVERY = "equity_delivery"
    EQUITY_INTRADAY = "equity_intraday"
    FUTURE = "future"
    OPTION = "option"
    CURRENCY_FUTURE = "currency_future"
    CURRENCY_OPTION = "currency_option"
    COMMODITY_FUTURE = "commodity_future"
    COMMODITY_OPTION = "commodity_option"


_EQUITY = {Product.CNC: ChargeClass.EQUITY_DELIVERY, Product.MIS: ChargeClass.EQUITY_INTRADAY}

_FUTURE = {Exchange.CDS: ChargeClass.CURRENCY_FUTURE, Exchange.MCX: ChargeClass.COMMODITY_FUTURE}
_OPTION = {Exchange.CDS: ChargeClass.CURRENCY_OPTION, Exchange.MCX: ChargeClass.COMMODITY_OPTION}


def charge_class(instrument: Instrument, product: Product) -> ChargeClass:
    """
    Return the class of a trade in `instrument` under `product`; `InvalidInput` where there is none.

    Shares are delivery under CNC and intraday under MIS. The tax office nets a day's buys and sells of a
    share whatever the product: buying and selling the same share on one day under CNC is taxed as
    delivery here, which is the higher charge.
    """
    if instrument.is_option:
        return _OPTION.get(instrument.exchange, ChargeClass.OPTION)
    if instrument.kind is Kind.FUTURE:
        return _FUTURE.get(instrument.exchange, ChargeClass.FUTURE)
    if instrument.kind is Kind.EQUITY and product in _EQUITY:
        return _EQUITY[product]
    raise InvalidInput(
        f"{instrument.id} ({instrument.kind}) does not trade under {product}, so nothing is charged for it;"
        " shares trade under CNC or MIS, an index does not trade."
    )

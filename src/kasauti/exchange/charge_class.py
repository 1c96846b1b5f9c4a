"""Which set of rates a trade falls under."""

from enum import StrEnum
from typing import Final, NamedTuple

from msgspec.structs import replace

from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.order import Product
from kasauti.errors import InvalidInput


class ChargeClass(StrEnum):
    """
    A kind of trade that the law, the exchange and the broker charge alike.

    ETF_ are funds that hold shares, OTHER_ETF_ those that hold anything else; only the tax tells them from
    shares.
    """

    EQUITY_DELIVERY = "equity_delivery"
    EQUITY_INTRADAY = "equity_intraday"
    ETF_DELIVERY = "etf_delivery"
    ETF_INTRADAY = "etf_intraday"
    OTHER_ETF_DELIVERY = "other_etf_delivery"
    OTHER_ETF_INTRADAY = "other_etf_intraday"
    FUTURE = "future"
    OPTION = "option"
    CURRENCY_FUTURE = "currency_future"
    CURRENCY_OPTION = "currency_option"
    COMMODITY_FUTURE = "commodity_future"
    COMMODITY_OPTION = "commodity_option"

    @property
    def as_share(self) -> "ChargeClass":
        """The class of a share that trades so: where a table has no rows for funds, they are shares."""
        return _AS_SHARE.get(self, self)

    @property
    def is_share(self) -> bool:
        """Whether a share or a fund trades, and the exchange splits its day into intraday and delivery."""
        return self in _INTRADAY or self in _DELIVERY

    @property
    def delivered(self) -> "ChargeClass":
        """The same security, delivered."""
        return _DELIVERY.get(self, self)

    @property
    def intraday(self) -> "ChargeClass":
        """The same security, bought and sold on one day."""
        return _INTRADAY.get(self, self)


_C = ChargeClass
_PAIRS = (
    (_C.EQUITY_DELIVERY, _C.EQUITY_INTRADAY),
    (_C.ETF_DELIVERY, _C.ETF_INTRADAY),
    (_C.OTHER_ETF_DELIVERY, _C.OTHER_ETF_INTRADAY),
)
_DELIVERY = {intraday: delivered for delivered, intraday in _PAIRS}
_INTRADAY = dict(_PAIRS)
_AS_SHARE = {each: share for pair in _PAIRS[1:] for each, share in zip(pair, _PAIRS[0], strict=True)}
_BY_FUND = {None: _PAIRS[0], Fund.EQUITY: _PAIRS[1], Fund.OTHER: _PAIRS[2]}
#: The products under which shares trade, and whether they are delivered; margin-funded ones are.
_DELIVERS = {"CNC": True, "MTF": True, "MIS": False}

# Looked up once: a member of an enum costs a function call.
_EQUITY: Final = Kind.EQUITY

#: The classes of options and of futures on shares and indices, and where they are on something else.
_OF_SHARES = (_C.OPTION, _C.FUTURE)
_OF_CURRENCIES = (_C.CURRENCY_OPTION, _C.CURRENCY_FUTURE)
_OF_COMMODITIES = (_C.COMMODITY_OPTION, _C.COMMODITY_FUTURE)
_OF_DERIVATIVES = {
    Exchange.CDS: _OF_CURRENCIES,
    Exchange.BCD: _OF_CURRENCIES,
    Exchange.MCX: _OF_COMMODITIES,
    Exchange.NCDEX: _OF_COMMODITIES,
}


class Charged(NamedTuple):
    """
    What rates are looked up by: the class on an exchange, and what narrows it down.

    `name` is the underlying of a derivative or the share's own, `series` NSE's series or BSE's group,
    `product` the product's word; rows of the tables may be limited to some of each.
    """

    exchange: Exchange
    of: ChargeClass
    name: str = ""
    series: str = ""
    product: str = ""


def charge_class(instrument: Instrument, product: Product) -> ChargeClass:
    """
    Return the class of a trade in `instrument` under `product`; `InvalidInput` where there is none.

    Shares are delivery under CNC and MTF and intraday under MIS. What a day's tax is in the end depends on
    the day's buys and sells together, not on the product: `contract_note` settles that.
    """
    if instrument.kind is _EQUITY and product in _DELIVERS:
        return _BY_FUND[instrument.fund][0 if _DELIVERS[product] else 1]
    if instrument.is_derivative and product not in {"CNC", "MTF"}:
        option, future = _OF_DERIVATIVES.get(instrument.exchange, _OF_SHARES)
        return option if instrument.is_option else future
    raise InvalidInput(
        f"{instrument.id} ({instrument.kind}) does not trade under {product}, so nothing is charged for it;"
        " shares trade under CNC or MIS, futures and options under NRML or MIS, an index does not trade."
    )


def charged(instrument: Instrument, product: Product) -> Charged:
    """Return what the rates of `instrument` under `product` are looked up by; `InvalidInput` as above."""
    of = charge_class(instrument, product)
    return Charged(instrument.exchange, of, instrument.name, instrument.series, str(product))


#: Series and groups of ordinary shares, which need no mention.
_ORDINARY = {"", "EQ", "A", "B"}


def listing(instrument: Instrument) -> str:
    """Return what a share's id does not say and charges depend on: its series, a fund's kind; mostly ""."""
    if instrument.kind is not _EQUITY:
        return ""
    series = "" if instrument.series in _ORDINARY else instrument.series
    return series if instrument.fund is None else f"{series}:{instrument.fund.value}"


def relisted(instrument: Instrument, told: str) -> Instrument:
    """Return `instrument` with what `listing` told of it."""
    if not told:
        return instrument
    series, _, fund = told.partition(":")
    return replace(instrument, series=series, fund=Fund(fund) if fund else None)

"""What a contract is by its exchange and what it is written on: rules on prices are made for such classes."""

from enum import StrEnum

from kasauti.domain.instrument import Exchange, Instrument, Kind


class ContractClass(StrEnum):
    """Instruments for which the exchanges make the same rules."""

    SHARE = "share"
    INDEX = "index"
    INDEX_FUTURE = "index_future"
    INDEX_OPTION = "index_option"
    STOCK_FUTURE = "stock_future"
    STOCK_OPTION = "stock_option"
    COMMODITY_FUTURE = "commodity_future"
    COMMODITY_OPTION = "commodity_option"
    CURRENCY_FUTURE = "currency_future"
    CURRENCY_OPTION = "currency_option"


#: The future and the option of the exchanges that trade one thing only.
_OF_EXCHANGE = {
    Exchange.MCX: (ContractClass.COMMODITY_FUTURE, ContractClass.COMMODITY_OPTION),
    Exchange.CDS: (ContractClass.CURRENCY_FUTURE, ContractClass.CURRENCY_OPTION),
}
_ON_INDEX = (ContractClass.INDEX_FUTURE, ContractClass.INDEX_OPTION)
_ON_SHARE = (ContractClass.STOCK_FUTURE, ContractClass.STOCK_OPTION)


def contract_class(instrument: Instrument) -> ContractClass:
    """Return the class of `instrument`; exchange-traded funds are of the class of shares."""
    if instrument.kind is Kind.INDEX:
        return ContractClass.INDEX
    if instrument.kind is Kind.EQUITY:
        return ContractClass.SHARE
    pair = _OF_EXCHANGE.get(instrument.exchange) or (_ON_INDEX if instrument.on_index else _ON_SHARE)
    return pair[instrument.is_option]

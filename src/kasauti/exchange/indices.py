"""The indices that have contracts: what they and their contracts are called, and where they are listed."""

import msgspec

from kasauti.domain.instrument import Exchange


class Index(msgspec.Struct, frozen=True):
    """An index: the name of its contracts, where it and they are listed, and its other names in files."""

    name: str
    exchange: Exchange
    tradingsymbol: str
    derivatives: Exchange
    aliases: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Its instrument id."""
        return f"{self.exchange}:{self.tradingsymbol}"


#: Names of contracts and tradingsymbols of the indices, as Kite's instrument dump has them.
INDICES = (
    Index("NIFTY", Exchange.NSE, "NIFTY 50", Exchange.NFO, ("NIFTY50",)),
    Index("BANKNIFTY", Exchange.NSE, "NIFTY BANK", Exchange.NFO, ("NIFTYBANK",)),
    Index("FINNIFTY", Exchange.NSE, "NIFTY FIN SERVICE", Exchange.NFO),
    Index("MIDCPNIFTY", Exchange.NSE, "NIFTY MID SELECT", Exchange.NFO),
    Index("NIFTYNXT50", Exchange.NSE, "NIFTY NEXT 50", Exchange.NFO),
    Index("INDIAVIX", Exchange.NSE, "INDIA VIX", Exchange.NFO),
    Index("SENSEX", Exchange.BSE, "SENSEX", Exchange.BFO),
    Index("BANKEX", Exchange.BSE, "BANKEX", Exchange.BFO),
    Index("SENSEX50", Exchange.BSE, "SNSX50", Exchange.BFO),
)
#: The index that each name, tradingsymbol, id and alias stands for.
BY_NAME = {
    name: index for index in INDICES for name in (index.name, index.tradingsymbol, index.id, *index.aliases)
}


def index_named(name: str) -> Index | None:
    """Return the index that goes by this name, or None."""
    return BY_NAME.get(name)

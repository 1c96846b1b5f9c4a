"""The indices that have contracts: what they and their contracts are called, and where they are listed."""

import msgspec

from kasauti.domain.instrument import Exchange


class Index(msgspec.Struct, frozen=True):
    """
    An index: the name of its contracts, where it and they are listed, and its other names in files.

    `angel` is what Angel One's scrip master calls it, where that is known.
    """

    name: str
    exchange: Exchange
    tradingsymbol: str
    derivatives: Exchange
    aliases: tuple[str, ...] = ()
    angel: str = ""

    @property
    def id(self) -> str:
        """Its instrument id."""
        return f"{self.exchange}:{self.tradingsymbol}"


#: Names of contracts and tradingsymbols of the indices, as Kite's instrument dump has them.
INDICES = (
    Index("NIFTY", Exchange.NSE, "NIFTY 50", Exchange.NFO, ("NIFTY50",), angel="Nifty 50"),
    Index("BANKNIFTY", Exchange.NSE, "NIFTY BANK", Exchange.NFO, ("NIFTYBANK",), angel="Nifty Bank"),
    Index("FINNIFTY", Exchange.NSE, "NIFTY FIN SERVICE", Exchange.NFO, angel="Nifty Fin Service"),
    Index("MIDCPNIFTY", Exchange.NSE, "NIFTY MID SELECT", Exchange.NFO, angel="NIFTY MID SELECT"),
    Index("NIFTYNXT50", Exchange.NSE, "NIFTY NEXT 50", Exchange.NFO, angel="Nifty Next 50"),
    Index("INDIAVIX", Exchange.NSE, "INDIA VIX", Exchange.NFO, angel="India VIX"),
    Index("SENSEX", Exchange.BSE, "SENSEX", Exchange.BFO, angel="SENSEX"),
    Index("BANKEX", Exchange.BSE, "BANKEX", Exchange.BFO, angel="BANKEX"),
    Index("NIFTYFPI", Exchange.NSE, "NIFTY INDIA FPI 150", Exchange.NFO),
    Index("SENSEX50", Exchange.BSE, "SNSX50", Exchange.BFO),
)
#: The index that each name, tradingsymbol, id and alias stands for.
BY_NAME = {
    name: index for index in INDICES for name in (index.name, index.tradingsymbol, index.id, *index.aliases)
}


def index_named(name: str) -> Index | None:
    """Return the index that goes by this name, or None."""
    return BY_NAME.get(name)

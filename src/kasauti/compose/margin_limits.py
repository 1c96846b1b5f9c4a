"""What the margin of commodities and currencies leaves out, said beside the figures."""

from collections.abc import Iterable
from datetime import date

from kasauti.domain.instrument import Instrument
from kasauti.exchange.span.parameters import Subject, subject_of

#: How near to an expiry a commodity's tender period may have begun, in days.
_TENDER_DAYS = 7


def left_out(contracts: Iterable[Instrument], on: date, *, by_file: bool) -> list[str]:
    """Return a sentence for each thing that is not in the margin of `contracts` on the day `on`."""
    said: dict[str, None] = {}
    for contract in contracts:
        if subject_of(contract) is not Subject.COMMODITY:
            continue
        symbol, expiry = contract.tradingsymbol, contract.expiry
        assert expiry is not None, "a derivative expires"
        if contract.is_option and not by_file:
            said[f"The expiry of {symbol} is not known: that of its future, {expiry}, stands for it."] = None
        if (expiry - on).days <= _TENDER_DAYS:
            said[
                f"{symbol} ends soon ({expiry}): tender, delivery and devolvement margins are not in it."
            ] = None
    return list(said)

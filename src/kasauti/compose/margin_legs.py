"""Legs as people write them: `SELL 65 NIFTY26D0126000CE @120`."""

import re
from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import PAISA, RUPEE, rupees
from kasauti.domain.order import Side
from kasauti.errors import InvalidInput, MarketDataError, RuleUnknown
from kasauti.exchange.contract_sizes import other_market
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.segments import has_derivatives
from kasauti.exchange.span.parsing import RiskFile
from kasauti.exchange.span.sources import Leg
from kasauti.exchange.symbols import Symbol, parse

_LEG = re.compile(
    r"(?P<side>BUY|SELL)\s+(?P<quantity>[0-9]+)\s+(?:(?P<exchange>[A-Z]+):)?(?P<symbol>\S+?)"
    r"(?:\s*@\s*(?P<price>\S+))?",
    re.IGNORECASE,
)
_MOST_UNITS = 10**12
_HIGHEST_PRICE = 10**8 * RUPEE
#: Exchanges of commodities and currencies.
OTHER_MARKETS = frozenset({Exchange.MCX, Exchange.NCDEX, Exchange.CDS, Exchange.BCD})
#: Indices of which BSE lists the derivatives; all other names are NSE's.
_BSE_INDICES = frozenset({"SENSEX", "BANKEX", "SENSEX50"})


class WrittenLeg(msgspec.Struct, frozen=True):
    """A leg as it was typed; `of` reads one."""

    side: Side
    quantity: int
    exchange: Exchange | None
    tradingsymbol: str
    symbol: Symbol
    price: int

    @classmethod
    def of(cls, text: str) -> "WrittenLeg":
        """Read `BUY|SELL QUANTITY [EXCHANGE:]SYMBOL [@PRICE]`; `InvalidInput` says what does not fit."""
        found = _LEG.fullmatch(text.strip())
        if found is None:
            raise InvalidInput(
                f"{text!r} is not a leg; write BUY or SELL, units, symbol and price,"
                " like 'SELL 65 NIFTY26D0126000CE @120'."
            )
        code = (found["exchange"] or "").upper()
        if code and code not in Exchange.__members__:
            raise InvalidInput(f"{code} in {text!r} is no exchange; there are {', '.join(Exchange)}.")
        quantity = int(found["quantity"])
        if not 0 < quantity <= _MOST_UNITS:
            raise InvalidInput(f"{text!r} has a quantity of {quantity}; write the units, not lots.")
        symbol = found["symbol"].upper()
        price = rupees(found["price"]) if found["price"] else 0
        if not 0 <= price <= _HIGHEST_PRICE:
            raise InvalidInput(f"{text!r} has a price that no contract has; write rupees, like @120.50.")
        exchange = Exchange(code) if code else None
        side = Side.BUY if found["side"].upper() == Side.BUY else Side.SELL
        return cls(side, quantity, exchange, symbol, parse(symbol), price)


class Contracts:
    """Finds the contracts that symbols name: in a SPAN file where there is one, else by the rules."""

    def __init__(self, expiries: Expiries, risks: RiskFile | None, on: date) -> None:
        self._expiries = expiries
        self._risks = risks
        self._on = on

    def leg(self, written: WrittenLeg) -> Leg:
        """Return the leg with its instrument."""
        symbol, exchange = written.symbol, self._exchange(written)
        if self._risks is None and exchange not in OTHER_MARKETS and not self._is_equity(symbol.name):
            raise RuleUnknown(
                f"{written.tradingsymbol} is a contract on no index, share, commodity or currency whose"
                " margin is known. Give the SPAN file of its segment (--file), or ask the broker's list."
            )
        expiry = symbol.expiry or self._monthly(written)
        if expiry < self._on:
            raise InvalidInput(
                f"{written.tradingsymbol} expired on {expiry}; its margin is asked for {self._on}."
                f" Choose a day up to {expiry} (--date)."
            )
        instrument = Instrument(
            exchange,
            written.tradingsymbol,
            symbol.kind,
            tick_size=PAISA,
            name=symbol.name,
            expiry=expiry,
            strike=symbol.strike,
            on_index=symbol.name in self._expiries.names,
        )
        return Leg(instrument, written.side.sign * written.quantity, written.price)

    def _exchange(self, written: WrittenLeg) -> Exchange:
        name = written.symbol.name
        if written.exchange is not None:
            return written.exchange
        if name in _BSE_INDICES:
            return Exchange.BFO
        return other_market(name) or Exchange.NFO

    def _is_equity(self, name: str) -> bool:
        return name in self._expiries.names or has_derivatives(name, ever=True)

    def _monthly(self, written: WrittenLeg) -> date:
        symbol = written.symbol
        if self._risks is not None:
            listed = [
                expiry
                for name, expiry, kind, strike in self._risks.contracts
                if (name, kind, strike) == (symbol.name, symbol.kind, symbol.strike)
                and (expiry.year, expiry.month) == (symbol.year, symbol.month)
            ]
            if not listed:
                raise MarketDataError(f"The SPAN file has no {written.tradingsymbol}; check symbol and file.")
            return max(listed)
        first = date(symbol.year, symbol.month, 1)
        last = date(symbol.year + symbol.month // 12, symbol.month % 12 + 1, 1) - timedelta(days=1)
        found = [each.day for each in self._expiries.expiries(symbol.name, first, last) if each.monthly]
        if not found:
            raise InvalidInput(
                f"{written.tradingsymbol}: {symbol.name} has no monthly expiry in {first:%B %Y}."
            )
        return found[0]


def merged(legs: Sequence[Leg]) -> list[Leg]:
    """Return `legs` with those of one contract added up; the last price of each stands."""
    by_id: dict[str, Leg] = {}
    for leg in legs:
        before = by_id.get(leg.instrument.id)
        quantity = leg.quantity + (before.quantity if before else 0)
        price = leg.price or (before.price if before else 0)
        by_id[leg.instrument.id] = Leg(leg.instrument, quantity, price)
    return [leg for leg in by_id.values() if leg.quantity]

"""Orders as people write them for a quotation: `BUY 65 NIFTY26D0126000CE @120`, several in a row."""

import re
from collections.abc import Sequence
from difflib import get_close_matches

from kasauti.domain.instrument import Exchange, Fund, Instrument, Kind
from kasauti.domain.money import PAISA, RUPEE, rupees
from kasauti.domain.order import Product, Side
from kasauti.errors import InvalidInput
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charge_rates import commodities
from kasauti.exchange.estimate import Leg
from kasauti.exchange.expiries import Expiries
from kasauti.exchange.symbols import Symbol, parse

_EXAMPLE = "write side, units, symbol and price like BUY 65 NIFTY26D0126000CE @120"
_SYMBOL = re.compile(r"[A-Z0-9][A-Z0-9&_-]*(?:\.[0-9]+)?[A-Z]*")
_CONTRACT_LIKE = re.compile(r"[0-9](?:CE|PE|[A-Z]*FUT)$")
_BSE_INDICES = frozenset({"SENSEX", "BANKEX", "SENSEX50"})
_PAIRS = re.compile(r"(?:USD|EUR|GBP|JPY)(?:INR|USD|JPY)")
_MOST_UNITS = 10**12
_HIGHEST_PRICE = 10**8 * RUPEE


def legs_of(
    words: Sequence[str], product: str | None = None, *, series: str = "", fund: str | None = None
) -> list[Leg]:
    """
    Read `BUY|SELL UNITS [EXCHANGE:]SYMBOL [PRODUCT] @PRICE`, as often as it stands there.

    Raises `InvalidInput` that says what is wrong.

    `product` is CNC, MIS, MTF or NRML, for orders that name none; without it shares are for delivery and
    contracts carried forward.
    `series` is NSE's series or BSE's group of a share, `fund` says that it is a fund and of what (equity,
    other).
    """
    split = " ".join(words).replace("@", " @").split()
    if not split:
        raise InvalidInput(f"There is no order to quote; {_EXAMPLE}.")
    starts = [place for place, word in enumerate(split) if word.upper() in Side.__members__]
    if not starts or starts[0] != 0:
        raise InvalidInput(f"{split[0]!r} is neither BUY nor SELL; {_EXAMPLE}.")
    ends = [*starts[1:], len(split)]
    kind = None if fund is None else _fund(fund)
    return [_leg(split[a:b], product, series.upper(), kind) for a, b in zip(starts, ends, strict=True)]


def _leg(words: Sequence[str], product: str | None, series: str, fund: Fund | None) -> Leg:
    text = " ".join(words)
    if len(words) == 3:  # noqa: PLR2004  side, units, symbol
        raise InvalidInput(f"{text} has no price; put it at the end like @120.")
    side, units, symbol, *rest = words if len(words) > 3 else (*words, "", "", "", "")[:4]  # noqa: PLR2004
    if len(rest) > 1 and rest[0].upper() in Product.__members__:
        product, *rest = rest
    price = "".join(rest)
    if not symbol or not price.startswith("@"):
        raise InvalidInput(f"{text!r} is not an order; {_EXAMPLE}.")
    instrument = _instrument(symbol.upper(), series, fund)
    way = Side.BUY if side.upper() == Side.BUY else Side.SELL
    return Leg(instrument, _product(product, instrument), way, _units(units), _price(price))


def _units(text: str) -> int:
    plain = text.replace(",", "").replace("_", "")
    if not plain.isascii() or not plain.isdigit() or not 0 < int(plain) <= _MOST_UNITS:
        raise InvalidInput(f"{text} is not a number of units; write a whole number above 0, like 65.")
    return int(plain)


def _price(text: str) -> int:
    plain = text.removeprefix("@").replace(",", "")
    price = rupees(plain) if plain else 0
    if not 0 < price <= _HIGHEST_PRICE:
        raise InvalidInput(f"{text} is not a price above 0 that anything has; write it like @120.50.")
    return price


def _product(text: str | None, instrument: Instrument) -> Product:
    if text is None:
        return Product.NRML if instrument.is_derivative else Product.CNC
    if text.upper() not in Product.__members__:
        near = get_close_matches(text.upper(), Product, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise InvalidInput(f"{text} is no product; there are {', '.join(Product)}.{meant}")
    return Product(text.upper())


def _fund(text: str) -> Fund:
    if text.lower() not in {fund.value for fund in Fund}:
        raise InvalidInput(f"{text} is no kind of fund; there are {', '.join(Fund)}.")
    return Fund(text.lower())


def _instrument(text: str, series: str, fund: Fund | None) -> Instrument:
    code, colon, symbol = text.rpartition(":")
    if colon and code not in Exchange.__members__:
        near = get_close_matches(code, Exchange, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise InvalidInput(f"{code} in {text} is no exchange; there are {', '.join(Exchange)}.{meant}")
    if not _SYMBOL.fullmatch(symbol):
        raise InvalidInput(f"{text} is not a tradingsymbol; check it, or {_EXAMPLE}.")
    exchange = Exchange(code) if colon else None
    if exchange in (Exchange.NSE, Exchange.BSE):
        return _share(exchange, symbol, series, fund)
    try:
        contract = parse(symbol)
    except InvalidInput:
        if exchange is None and not _CONTRACT_LIKE.search(symbol):
            return _share(Exchange.NSE, symbol, series, fund)
        raise
    return Instrument(
        exchange or _home(contract),
        symbol,
        contract.kind,
        tick_size=PAISA,
        name=contract.name,
        expiry=contract.expiry,
        strike=contract.strike,
    )


def _share(exchange: Exchange, symbol: str, series: str, fund: Fund | None) -> Instrument:
    if symbol in Expiries(Calendar()).names:
        raise InvalidInput(
            f"{symbol} is an index and does not trade; quote one of its contracts, like {symbol}26NOVFUT."
        )
    return Instrument(exchange, symbol, Kind.EQUITY, PAISA, name=symbol, series=series, fund=fund)


def _home(contract: Symbol) -> Exchange:
    """Return where a contract trades whose exchange was not given."""
    if contract.name in _BSE_INDICES:
        return Exchange.BFO
    if _PAIRS.fullmatch(contract.name):
        return Exchange.CDS
    return Exchange.MCX if contract.name in commodities() else Exchange.NFO

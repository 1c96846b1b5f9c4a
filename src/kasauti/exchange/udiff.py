"""
How the exchanges' own files (UDiFF bhavcopies and contract files) name an instrument: in columns.

TckrSymb is the name, XpryDt, StrkPric and OptnTp say the contract, FinInstrmTp its class and SctySrs the
series of a share. Source: market_rules.md 3.6; NSE's bhavcopies.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import msgspec

from kasauti.domain.instrument import Exchange, Instrument, Kind
from kasauti.domain.money import PAISA, rupees, to_decimal
from kasauti.errors import InvalidInput

#: The words of FinInstrmTp for futures and options: of an option, whether it is on an index.
_CONTRACTS = {"IDF": (False, True), "IDO": (True, True), "STF": (False, False), "STO": (True, False)}
_SHARE = "STK"
#: The exchange segments that UDiFF files are of, by Src and Sgmt.
_SEGMENTS = {
    ("NSE", "CM"): Exchange.NSE,
    ("BSE", "CM"): Exchange.BSE,
    ("NSE", "FO"): Exchange.NFO,
    ("BSE", "FO"): Exchange.BFO,
}
_PLACES = {exchange: place for place, exchange in _SEGMENTS.items()}

#: The series of NSE whose symbols brokers write without it.
PLAIN_SERIES = "EQ"


class Named(msgspec.Struct, frozen=True):
    """What the naming columns of one row say; `series` is a share's, `on_index` a contract's."""

    exchange: Exchange
    name: str
    kind: Kind
    expiry: date | None = None
    strike: int = 0
    on_index: bool = False
    series: str = ""


def columns(instrument: Instrument) -> dict[str, str]:
    """Return the naming columns of an instrument; `InvalidInput` if no UDiFF file can hold it."""
    if instrument.exchange not in _PLACES or instrument.kind is Kind.INDEX:
        raise InvalidInput(
            f"{instrument.id} ({instrument.kind}) is in no UDiFF file of NSE or BSE; those hold shares,"
            " futures and options."
        )
    source, segment = _PLACES[instrument.exchange]
    cells = {"Src": source, "Sgmt": segment, "XpryDt": "", "StrkPric": "", "OptnTp": "", "SctySrs": ""}
    if instrument.kind is Kind.EQUITY:
        series = instrument.series or PLAIN_SERIES
        plain = instrument.tradingsymbol.removesuffix(f"-{series}")
        return {**cells, "FinInstrmTp": _SHARE, "TckrSymb": plain, "SctySrs": series}
    assert instrument.expiry is not None, "futures and options expire"
    cells |= {"TckrSymb": instrument.name, "XpryDt": instrument.expiry.isoformat()}
    if not instrument.is_option:
        return {**cells, "FinInstrmTp": "IDF" if instrument.on_index else "STF"}
    strike = f"{to_decimal(instrument.strike):.{2 if instrument.strike % PAISA == 0 else 4}f}"
    word = "IDO" if instrument.on_index else "STO"
    return {**cells, "FinInstrmTp": word, "StrkPric": strike, "OptnTp": str(instrument.kind)}


def read_columns(row: Mapping[str, object], exchange: Exchange | None = None) -> Named:
    """
    Return what a row names; `exchange` is that of the whole file where the row does not say.

    Raises `InvalidInput` for a word that no exchange uses, or a cell that should hold a value and does not.
    """
    where = exchange or _exchange(row)
    word, name = _text(row, "FinInstrmTp"), _text(row, "TckrSymb")
    if word == _SHARE:
        return Named(where, name, Kind.EQUITY, series=_text(row, "SctySrs"))
    if word not in _CONTRACTS:
        known = ", ".join([_SHARE, *_CONTRACTS])
        raise InvalidInput(f"FinInstrmTp is {word!r}; known are {known}")
    is_option, on_index = _CONTRACTS[word]
    expiry = _day(row, "XpryDt")
    if not is_option:
        return Named(where, name, Kind.FUTURE, expiry, on_index=on_index)
    side = _text(row, "OptnTp")
    if side not in {"CE", "PE"}:
        raise InvalidInput(f"OptnTp is {side!r}; an option is CE or PE")
    return Named(where, name, Kind(side), expiry, _strike(row), on_index)


def series_symbol(name: str, series: str) -> str:
    """Return the tradingsymbol of a share as Zerodha writes it: its series behind it unless it is EQ."""
    return name if series in {"", PLAIN_SERIES} else f"{name}-{series}"


def _exchange(row: Mapping[str, object]) -> Exchange:
    place = (_text(row, "Src"), _text(row, "Sgmt"))
    if place not in _SEGMENTS:
        raise InvalidInput(f"Src and Sgmt are {place[0]!r} and {place[1]!r}; known are NSE or BSE, CM or FO")
    return _SEGMENTS[place]


def _text(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    text = "" if value is None else str(value).strip()
    if not text:
        raise InvalidInput(f"{column} is empty")
    return text


def _day(row: Mapping[str, object], column: str) -> date:
    value = row.get(column)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = _text(row, column)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(f"{column} is {text!r}, which is no day like 2026-11-24") from error


def _strike(row: Mapping[str, object]) -> int:
    text = _text(row, "StrkPric")
    try:
        strike = rupees(Decimal(text))
    except InvalidOperation as error:
        raise InvalidInput(f"StrkPric is {text!r}, which is no number") from error
    if strike <= 0:
        raise InvalidInput(f"StrkPric is {text}; a strike is above 0")
    return strike

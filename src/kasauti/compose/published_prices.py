"""The exchange's settlement prices from a file of the user's: date,symbol,price."""

import csv
from datetime import date
from pathlib import Path

from kasauti.domain.money import rupees
from kasauti.errors import ConfigError, InvalidInput
from kasauti.exchange.official_prices import OfficialPrices

_COLUMNS = ["date", "symbol", "price"]


def published_prices(file: Path) -> OfficialPrices:
    """
    Read a CSV file with the header `date,symbol,price`: an ISO date, EXCHANGE:TRADINGSYMBOL, rupees.

    Raises `ConfigError` with the line of what cannot be read, or is there twice and differs.
    """
    prices: dict[tuple[str, date], int] = {}
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            if rows.fieldnames != _COLUMNS:
                raise ConfigError(f"{file} line 1: the header has to be {','.join(_COLUMNS)}.")
            for row in rows:
                _add(prices, row, f"{file} line {rows.line_num}")
    except OSError as error:
        raise ConfigError(f"rules.settlement_prices cannot be read: {error}.") from error
    return OfficialPrices(prices)


def _add(prices: dict[tuple[str, date], int], row: dict[str, str], place: str) -> None:
    try:
        key, price = (row["symbol"], date.fromisoformat(row["date"])), rupees(row["price"])
    except (ValueError, TypeError, InvalidInput) as error:
        raise ConfigError(f"{place}: {error}; write 2026-11-24,NSE:NIFTY 50,26150.05.") from error
    if price <= 0 or ":" not in key[0]:
        raise ConfigError(f"{place}: {row} is no price of EXCHANGE:TRADINGSYMBOL.")
    if prices.setdefault(key, price) != price:
        raise ConfigError(f"{place}: {key[0]} has another price on {key[1]} already; keep one.")

"""
A person's own orders as they filled at a broker, read from a CSV file.

Columns: placed_at, filled_at, instrument, side, order_type, price, trigger_price, quantity, fill_price and
product. Times are ISO, IST where they have no offset; filled_at and fill_price are empty for an order that
never traded, price and trigger_price where the type has none, product where it is the usual one.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from kasauti.domain.instrument import Instrument, Universe
from kasauti.domain.ist import parse_ist
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Product, Side
from kasauti.errors import InvalidInput

_NEEDED = ("placed_at", "filled_at", "instrument", "side", "order_type", "quantity", "fill_price")
_OPTIONAL = ("price", "trigger_price", "product")
WordT = TypeVar("WordT", Side, OrderType, Product)


class LiveOrder(msgspec.Struct, frozen=True):
    """One order: prices in money units, times ns UTC; the fill's are 0 if it never traded."""

    instrument: Instrument
    side: Side
    order_type: OrderType
    product: Product
    quantity: int
    price: int
    trigger_price: int
    placed_at: int
    filled_at: int
    fill_price: int


def live_orders(path: Path, universe: Universe) -> list[LiveOrder]:
    """
    Read the orders, oldest first.

    Raises `InvalidInput`, naming the line, for anything that cannot be an order of `universe`'s instruments.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read as text: {error}; give a CSV file") from error
    orders = sorted(_rows(path, text, universe), key=lambda order: order.placed_at)
    if not orders:
        raise InvalidInput(f"{path} holds no orders; a line each, below the names of the columns")
    return orders


def _rows(path: Path, text: str, universe: Universe) -> Iterator[LiveOrder]:
    reader = csv.DictReader(text.splitlines())
    names = reader.fieldnames or ()
    missing = [name for name in _NEEDED if name not in names]
    strange = [name for name in names if name not in (*_NEEDED, *_OPTIONAL)]
    if missing or strange:
        wrong = f"has no column {missing[0]}" if missing else f"has a column {strange[0]} that means nothing"
        raise InvalidInput(f"{path} {wrong}; its columns are {', '.join((*_NEEDED, *_OPTIONAL))}")
    for row in reader:
        if None in row:
            raise InvalidInput(f"{path} line {reader.line_num} has more cells than there are columns")
        try:
            yield _order(row, universe)
        except InvalidInput as error:
            raise InvalidInput(f"{path} line {reader.line_num}: {error}") from error


def _order(row: Mapping[str, str | None], universe: Universe) -> LiveOrder:
    cells = {name: (text or "").strip() for name, text in row.items()}
    instrument = universe.find(cells["instrument"])
    if instrument is None:
        raise InvalidInput(f"{cells['instrument']!r} is not in the data; write it like NFO:NIFTY26NOVFUT")
    order_type = _word(cells["order_type"], OrderType)
    usual = Product.NRML if instrument.is_derivative else Product.MIS
    product = _word(cells["product"], Product) if cells.get("product") else usual
    placed, filled = parse_ist(cells["placed_at"]), cells["filled_at"]
    filled_at = parse_ist(filled) if filled else 0
    price, trigger = _price(cells.get("price", "")), _price(cells.get("trigger_price", ""))
    fill_price = _price(cells["fill_price"])
    if bool(filled_at) != bool(fill_price):
        raise InvalidInput("filled_at and fill_price belong together: both, or neither if it never traded")
    if filled_at and filled_at < placed:
        raise InvalidInput(f"it filled at {filled}, before it was placed at {cells['placed_at']}")
    if order_type.has_limit != bool(price) or order_type.has_trigger != bool(trigger):
        raise InvalidInput(f"a {order_type} order has a price and a trigger price where its type says so")
    return LiveOrder(
        instrument,
        _word(cells["side"], Side),
        order_type,
        product,
        _quantity(cells["quantity"]),
        price,
        trigger,
        placed,
        filled_at,
        fill_price,
    )


def _word(text: str, words: type[WordT]) -> WordT:
    for word in words:
        if word.value == text.upper():
            return word
    raise InvalidInput(f"{text!r} is none of {', '.join(words)}")


def _price(text: str) -> int:
    units = rupees(text) if text else 0
    if units < 0:
        raise InvalidInput(f"{text} is not a price; it has to be above 0")
    return units


def _quantity(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not int(text):
        raise InvalidInput(f"{text!r} is not a quantity; give whole units, above 0")
    return int(text)

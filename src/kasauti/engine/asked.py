"""
What a strategy asks for is checked before the engine decides it: numbers are whole, words are the domain's.

Structs do not check what they are made of. A float, a number of numpy or a word in quotes would go on into
sums that have to be exact, so it ends at the strategy that sent it.
"""

from functools import lru_cache
from types import UnionType
from typing import Final

import msgspec
from msgspec.structs import astuple

from kasauti.domain.commands import Command, Note, PlaceOrder
from kasauti.domain.order import OrderType, Product, Side, Validity
from kasauti.domain.plain import plain

#: Whole numbers are kept in 64 bits by files and frames.
_LARGEST: Final = 2**63 - 1

# Looked up once: a name of another module costs every order a look into it.
_take_apart: Final = astuple
_PLACE: Final = PlaceOrder
_SIDE: Final = Side
_TYPE: Final = OrderType
_PRODUCT: Final = Product
_VALIDITY: Final = Validity


def written(note: Note) -> bytes:
    """Return what a strategy notes as JSON; `TypeError` for what that cannot hold."""
    return _noting(note.state)


def _number(value: object) -> object:
    """Return a value of numpy as Python's; `TypeError`, naming it, for anything else that JSON has not."""
    of_python = plain(value)
    if of_python is value:
        raise TypeError(
            f"a note holds {value!r:.80} ({type(value).__name__}): numbers, texts, times, lists and structs"
            " can be noted"
        )
    return of_python


_noting: Final = msgspec.json.Encoder(enc_hook=_number).encode


def wrong_with(command: Command) -> str:
    """Return what in `command` cannot be, "" where nothing is."""
    if type(command) is _PLACE:
        # Taken apart without a look at types: compiled code would refuse the wrong ones by itself.
        (
            instrument, side, units, order_type, product, price, trigger, validity, _, _, protection, _,
        ) = _take_apart(command)  # fmt: skip
        if (
            type(units) is int
            and type(price) is int
            and type(trigger) is int
            and 0 <= (units | price | trigger) <= _LARGEST  # none is below 0, none too large
            and type(side) is _SIDE
            and type(order_type) is _TYPE
            and type(product) is _PRODUCT
            and type(validity) is _VALIDITY
            and type(instrument) is str
            and type(protection) is int
        ):
            return ""
    return _wrong_type(command)


def _wrong_type(struct: msgspec.Struct) -> str:
    """Return the first field of `struct`, or of what it holds, that is not of its type."""
    for name, wanted in _fields(type(struct)):
        value = getattr(struct, name)
        parts = value if type(value) is tuple else (value,)
        for part in parts:
            if isinstance(part, msgspec.Struct):
                inner = _wrong_type(part)
                if inner:
                    return inner
            elif not _fits(part, wanted):
                return (
                    f"{name} is {part!r} ({type(part).__name__}): units and prices are whole numbers,"
                    " prices in ten-thousandths of a rupee, and words are those of kasauti.domain.order"
                )
    return ""


@lru_cache(maxsize=64)  # there are a dozen commands
def _fields(kind: type[msgspec.Struct]) -> tuple[tuple[str, object], ...]:
    """Return the names and types of a struct's fields: finding them out costs more than an order."""
    return tuple((field.name, field.type) for field in msgspec.structs.fields(kind))


def _fits(value: object, wanted: object) -> bool:
    if type(value) is int and not -_LARGEST <= value <= _LARGEST:
        return False
    if isinstance(value, float) or not isinstance(value, str | int | type(None)):
        return False
    if isinstance(wanted, type | UnionType):
        return isinstance(value, wanted)
    return not isinstance(value, str)

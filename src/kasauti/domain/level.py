"""One price level of a book."""

import msgspec


class Level(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One price level of a book: price in money units, quantity in units."""

    price: int
    quantity: int

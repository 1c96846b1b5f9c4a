"""Numbers out of columns as Python's own: those of numpy look alike, but files and exact sums refuse them."""

from operator import index

import numpy as np

from kasauti.errors import InvalidInput


def whole(name: str, value: object) -> int:
    """Return a number of any kind that is whole by its type, like those of numpy, as an int."""
    try:
        return index(value)  # type: ignore[arg-type]
    except TypeError as error:
        raise InvalidInput(
            f"{name} is {value!r}; write a whole number, prices in ten-thousandths of a rupee (money units)."
        ) from error


def plain(value: object) -> object:
    """Return a value of numpy as the one of Python that it stands for, anything else as it is."""
    return value.item() if isinstance(value, np.generic) else value

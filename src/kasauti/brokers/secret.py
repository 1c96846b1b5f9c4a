"""A text that nothing shows."""

import hmac
from typing import NoReturn

_SHOWN = "(hidden)"


class Secret:
    """
    Holds a text that no log, message, screen or traceback may have.

    Printing, formatting and `repr` give "(hidden)"; JSON encoders and pickle refuse it. Only `reveal`, at the
    place that needs the text, gives it out.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself: for the call that needs it, never for a variable that lives on."""
        return self.__text

    def __repr__(self) -> str:
        return _SHOWN

    def __str__(self) -> str:
        return _SHOWN

    def __format__(self, spec: str) -> str:
        return format(_SHOWN, spec)

    def __bool__(self) -> bool:
        return bool(self.__text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.__text.encode())

    __hash__ = None  # type: ignore[assignment]

    def __copy__(self) -> "Secret":
        return self

    def __deepcopy__(self, memo: object) -> "Secret":
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled; load the credentials again where they are needed")

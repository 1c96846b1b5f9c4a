"""The ids of orders: readable, unique, and the same after a restart."""

from typing import Final

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND, ist_date

_SECONDS_A_DAY: Final = NS_PER_DAY // NS_PER_SECOND

_BASE36: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS: Final = tuple(a + b for a in _BASE36 for b in _BASE36)
#: Hours, minutes and seconds as a clock shows them: an order of a new second makes three.
_TWO_DIGITS: Final = tuple(f"{number:02d}" for number in range(60))


class OrderIds:
    """
    Makes order ids: prefix, IST time to the second, tradingsymbol and the day's own count in base 36.

    The count is of what the account asked for that day, so a restart in between changes no id.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        #: The second that `_stamp` names, from its first moment until the next one's; and what its day
        #: begins with.
        self._begins = self._ends = -1
        self._stamp = ""
        self._day = -1
        self._of_day = ""

    def make(self, at: int, tradingsymbol: str, count: int) -> str:
        """Return the id of the `count`-th order of its day; unique because that is."""
        if not self._begins <= at < self._ends:
            self._begin(at)
        digits = _PAIRS[count % 1296]
        while count := count // 1296:
            digits = _PAIRS[count % 1296] + digits
        return f"{self._stamp}{tradingsymbol}_{digits}"

    def _begin(self, at: int) -> None:
        """Name the second of `at`."""
        self._begins = at - at % NS_PER_SECOND
        self._ends = self._begins + NS_PER_SECOND
        seconds = (at + IST_OFFSET_NS) // NS_PER_SECOND
        day = seconds // _SECONDS_A_DAY
        if day != self._day:
            written = ist_date(at).isoformat().replace("-", "")
            self._day, self._of_day = day, f"{self._prefix}_{written}"
        seconds -= day * _SECONDS_A_DAY
        hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
        self._stamp = f"{self._of_day}{_TWO_DIGITS[hour]}{_TWO_DIGITS[minute]}{_TWO_DIGITS[second]}_"

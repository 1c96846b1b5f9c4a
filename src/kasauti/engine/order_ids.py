"""The ids of orders: readable, unique, and the same after a restart."""

from kasauti.domain.ist import IST_OFFSET_NS, NS_PER_DAY, NS_PER_SECOND, ist_date

_SECONDS_A_DAY = NS_PER_DAY // NS_PER_SECOND

_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = tuple(a + b for a in _BASE36 for b in _BASE36)


class OrderIds:
    """
    Makes order ids: prefix, IST time to the second, tradingsymbol and the day's own count in base 36.

    The count is of what the account asked for that day, so a restart in between changes no id.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        #: The second that `_stamp` names, from its first moment until the next one's; and its day.
        self._begins = self._ends = -1
        self._stamp = ""
        self._day = -1
        self._date = ""

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
        self._begins = at // NS_PER_SECOND * NS_PER_SECOND
        self._ends = self._begins + NS_PER_SECOND
        day, second = divmod((at + IST_OFFSET_NS) // NS_PER_SECOND, _SECONDS_A_DAY)
        if day != self._day:
            self._day, self._date = day, f"{ist_date(at):%Y%m%d}"
        minute, second = divmod(second, 60)
        self._stamp = f"{self._prefix}_{self._date}{minute // 60:02d}{minute % 60:02d}{second:02d}_"

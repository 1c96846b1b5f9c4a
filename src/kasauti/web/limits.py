"""How often a caller may call: buckets that fill evenly, one for each caller and pace."""

from collections.abc import Callable

from kasauti.web.endpoint import Pace

#: For each pace how many a second, and how many at once.
RATES: dict[Pace, tuple[float, int]] = {
    Pace.ORDERS: (10_000.0, 20_000),
    Pace.DATA: (1_000.0, 2_000),
    Pace.QUOTES: (1_000.0, 2_000),
    Pace.HISTORY: (1_000.0, 2_000),
    Pace.READS: (1_000.0, 2_000),
    Pace.SESSIONS: (1.0, 10),
    Pace.WEBHOOKS: (100.0, 200),
    Pace.WRONG_KEYS: (1.0, 100),
}

#: Buckets that are kept before it is looked for those that are full again, which nobody has to remember.
_KNOWN = 10_000


class Limiter:
    """Counts calls; `now_s` tells seconds that never go back."""

    def __init__(
        self, now_s: Callable[[], float], rates: dict[Pace, tuple[float, int]] | None = None
    ) -> None:
        self._now_s = now_s
        self._rates = RATES if rates is None else rates
        #: What is left in each bucket, and when that was so.
        self._buckets: dict[tuple[str, Pace], tuple[float, float]] = {}
        #: With how many of them it is looked next.
        self._looks_with = _KNOWN

    def takes(self, who: str, pace: Pace) -> bool:
        """Count a call of `who`, and return whether it may go on."""
        rate, most = self._rates[pace]
        now = self._now_s()
        left, at = self._buckets.get((who, pace), (float(most), now))
        left = min(float(most), left + (now - at) * rate)
        allowed = left >= 1
        if len(self._buckets) >= self._looks_with:
            self._forget(now)
        self._buckets[who, pace] = (left - 1 if allowed else left, now)
        return allowed

    def _forget(self, now: float) -> None:
        """Let go of full buckets; the next look comes when there are twice as many as are left."""
        full = [
            key
            for key, (left, at) in self._buckets.items()
            if left + (now - at) * self._rates[key[1]][0] >= self._rates[key[1]][1]
        ]
        for key in full:
            del self._buckets[key]
        self._looks_with = max(_KNOWN, 2 * len(self._buckets))

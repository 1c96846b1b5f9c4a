"""The session's VWAP of an option, from snapshots of its last price and day volume."""

from collections.abc import Iterator

from kasauti.domain.view import Chain
from kasauti.strategies.indicators import Vwap


class SessionVwap(Vwap, array_like=True):
    """
    The VWAP of what traded since the first snapshot, and the day volume at the last one, None before it.

    What traded between two snapshots counts at the price of the later one: sum(change of day volume * last) /
    sum(change of day volume), at whatever rhythm they come. What traded before the first has no known price
    and is left out. Begin a new one each day. In JSON it is [turnover, volume, day volume]: there are many.
    """

    day_volume: int | None = None

    def see(self, last: int, day_volume: int) -> None:
        """
        Take a snapshot in.

        One without a price, or that has lost its volume, changes nothing. One with less volume than before is
        the first of a new count: what stood there was another session's.
        """
        before = self.day_volume
        if last <= 0 or (day_volume <= 0 and before is not None):
            return
        if before is not None and day_volume > before:
            self.add(last, day_volume - before)
        self.day_volume = day_volume


def snapshots(chain: Chain) -> Iterator[tuple[str, int, int]]:
    """Yield the id, last price and day volume of every option of `chain`, calls first."""
    for ids, lasts, volumes in (
        (chain.call_ids, chain.call_last, chain.call_volume),
        (chain.put_ids, chain.put_last, chain.put_volume),
    ):
        for option, last, volume in zip(ids, lasts.tolist(), volumes.tolist(), strict=True):
            if option is not None:
                yield option, last, volume

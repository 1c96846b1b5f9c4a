"""Which last prices wake what: two heaps an instrument, so that a price asks only what it has reached."""

from heapq import heappop, heappush
from typing import NamedTuple

from kasauti.domain.bar_grid import BarGrid
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW, Interest

#: What an instruction waits for in a second instrument is put beside what it waits for in its own.
OTHER = "|other"


class Level(NamedTuple):
    """A price that `leg` of the instruction `standing_id` waits for, coming from below if it is `above`."""

    price: int
    above: bool
    standing_id: str
    leg: str


class _Slot:
    """
    What waits in one instrument.

    A heap keeps entries that no longer hold; `current` says which do, by their number.
    """

    __slots__ = ("current", "highs", "lows")

    def __init__(self) -> None:
        self.current: dict[int, Level] = {}
        self.lows: list[tuple[int, int]] = []
        self.highs: list[tuple[int, int]] = []

    def ends(self) -> tuple[int, int]:
        """Return the highest price from below which, and the lowest from above which, somebody is woken."""
        for heap in (self.lows, self.highs):
            while heap and heap[0][1] not in self.current:
                heappop(heap)
        return (
            -self.lows[0][0] if self.lows else NEVER_LOW,
            self.highs[0][0] if self.highs else NEVER_HIGH,
        )


class PriceWatch:
    """
    The levels of every instruction, by slot; `interest` is kept up to date with the nearest ones.

    `eager` are slots of which every price is to be looked at.
    """

    def __init__(self, interest: Interest) -> None:
        self._interest = interest
        self.slots: dict[int, _Slot] = {}
        self.eager: set[int] = set()
        self._numbers: dict[str, tuple[int, list[int]]] = {}
        self._count = 0

    def clear(self) -> None:
        """Forget everything."""
        for slot in self.slots:
            self._interest.arm(slot, NEVER_LOW, NEVER_HIGH)
        self.slots.clear()
        self.eager.clear()
        self._numbers.clear()

    def put(self, slot: int, standing_id: str, levels: list[tuple[str, int, bool]], part: str = "") -> None:
        """Have an instruction wait for these levels (leg, price, from below), and for no others of a part."""
        known = self._numbers.pop(standing_id + part, None)
        touched = self.slots.get(slot)
        if known is not None:
            self._forget(*known)
        if levels:
            if touched is None:
                touched = self.slots[slot] = _Slot()
            numbers = []
            for leg, price, above in levels:
                self._count += 1
                touched.current[self._count] = Level(price, above, standing_id, leg)
                heap, rank = (touched.highs, price) if above else (touched.lows, -price)
                heappush(heap, (rank, self._count))
                numbers.append(self._count)
            self._numbers[standing_id + part] = slot, numbers
        if known is not None and known[0] != slot:
            self._arm(known[0])
        self._arm(slot)

    def drop(self, standing_id: str) -> None:
        """Have an instruction wait for nothing."""
        for part in ("", OTHER):
            known = self._numbers.pop(standing_id + part, None)
            if known is not None:
                self._forget(*known)
                self._arm(known[0])

    def _forget(self, slot: int, numbers: list[int]) -> None:
        for number in numbers:
            self.slots[slot].current.pop(number, None)

    def _arm(self, slot: int) -> None:
        watched = self.slots.get(slot)
        if watched is None:
            return
        if slot in self.eager and watched.current:
            self._interest.arm(slot, NEVER_HIGH, 0)
            return
        low, high = watched.ends()
        self._interest.arm(slot, low, high)
        if not watched.current:
            del self.slots[slot]

    def watch_all(self) -> None:
        """Have the next price of every slot looked at, whatever it is."""
        self.eager.update(self.slots)
        for slot in list(self.slots):
            self._arm(slot)

    def seen(self, slot: int) -> None:
        """Go back to what is waited for in a slot: its first price has been looked at."""
        self.eager.discard(slot)
        self._arm(slot)

    def reached(self, slot: int, low: int, high: int) -> list[Level]:
        """
        Return what prices from `low` to `high` reach, those that were put first first; they stay.

        An instruction whose level is reached is expected to be put again, or dropped.
        """
        watched = self.slots.get(slot)
        if watched is None:
            return []
        found = []
        for heap, far in ((watched.lows, -low), (watched.highs, high)):
            kept = []
            while heap and heap[0][0] <= far:
                entry = heappop(heap)
                if entry[1] in watched.current:
                    found.append(entry[1])
                    kept.append(entry)
            for entry in kept:
                heappush(heap, entry)
        return [watched.current[number] for number in sorted(found)]

    def first_bar(self, slot: int, grid: BarGrid, start: int) -> int:
        """Return the number of the first moment from `start` on whose bar reaches a level, or their count."""
        watched, place = self.slots.get(slot), grid.places.get(slot)
        if watched is None or place is None:
            return len(grid)
        low, high = watched.ends()
        if slot in self.eager:
            low, high = NEVER_HIGH, 0
        hits = (grid.low[place, start:] <= low) | (grid.high[place, start:] >= high)
        if grid.present is not None:
            hits &= grid.present[place, start:]
        number = int(hits.argmax()) if len(hits) else 0
        return start + number if len(hits) and hits[number] else len(grid)

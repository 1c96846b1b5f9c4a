"""
From the floor to whoever watches: each instrument that moved is encoded once, however many watch it.

A moment of the market only marks what moved: a comparison of columns. Encoding and handing out happen in
turns of the loop of their own, a part at a time and at most so often, so that no watcher delays the desk;
moments in between are seen together. Outboxes keep the latest message of a kind: a slow client delays nobody.
"""

import asyncio
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from kasauti.desk.floor import Floor
from kasauti.desk.outbox import Outbox
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.inputs import MarketData

MessageT = TypeVar("MessageT")

#: Nobody is told more often than this.
_GAP_S = 0.02

#: Makes the messages of some slots, by a mode of the dialect's own.
Encode = Callable[[Floor, Hashable, Sequence[int]], Sequence[MessageT]]


class Fanout(Generic[MessageT]):
    """
    Hands out what moves on a floor; `encode` makes one message for each slot, in their order.

    `at_once` is how many slots it is asked for in one turn of the loop, for which an order may have to wait.
    """

    def __init__(self, encode: Encode[MessageT], at_once: int = 64) -> None:
        self._encode = encode
        self._at_once = at_once
        self._floor: Floor | None = None
        #: Who watches which instrument, by mode.
        self._watchers: dict[Hashable, dict[str, dict[Outbox[MessageT], None]]] = {}
        self._wanted: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._moved: NDArray[np.bool_] = np.zeros(0, np.bool_)
        self._asked = False
        self._next_s = 0.0
        #: What is still to be handed out of what had moved when this round began.
        self._round: list[int] = []

    # Who watches.

    def watch(self, outbox: Outbox[MessageT], mode: Hashable, instrument: str) -> None:
        """Show an instrument to a client from now on, as it stands at once."""
        self.watch_all(outbox, mode, [instrument])

    def watch_all(self, outbox: Outbox[MessageT], mode: Hashable, instruments: Sequence[str]) -> None:
        """Show several instruments to a client from now on, as they stand at once."""
        watched = self._watchers.setdefault(mode, {})
        stand = []
        for instrument in instruments:
            watched.setdefault(instrument, {})[outbox] = None
            slot = self._slot(instrument)
            if slot is None or self._floor is None:
                continue
            self._wanted[slot] = True
            if self._floor.board.at[slot]:
                stand.append(slot)
        if stand and self._floor is not None:
            universe = self._floor.universe
            for slot, message in zip(stand, self._encode(self._floor, mode, stand), strict=True):
                outbox.show((mode, universe[slot].id), message)

    def leave(self, outbox: Outbox[MessageT], mode: Hashable, instrument: str) -> None:
        """Show an instrument to a client no more."""
        watched = self._watchers.get(mode, {})
        who = watched.get(instrument, {})
        if outbox in who:
            del who[outbox]
            outbox.forget((mode, instrument))
        if not who:
            watched.pop(instrument, None)
            slot = self._slot(instrument)
            if slot is not None and not any(instrument in each for each in self._watchers.values()):
                self._wanted[slot] = False

    def drop(self, outbox: Outbox[MessageT]) -> None:
        """Show nothing to a client any more."""
        for mode, watched in self._watchers.items():
            for instrument in [each for each, who in watched.items() if outbox in who]:
                self.leave(outbox, mode, instrument)

    def _slot(self, instrument: str) -> int | None:
        return None if self._floor is None else self._floor.universe.slots.get(instrument)

    # What the floor tells.

    def begin(self, floor: Floor) -> None:
        """Watch this floor from now on: another market has begun, with slots of its own."""
        self._floor, self._round = floor, []
        size = len(floor.universe)
        self._wanted, self._moved = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        for watched in self._watchers.values():
            for instrument in watched:
                slot = floor.universe.slots.get(instrument)
                if slot is not None:
                    self._wanted[slot] = True

    def moved(self, data: MarketData) -> None:
        """Take note of what a moment moved."""
        if not self._watchers:
            return
        self._moved[data.slots if isinstance(data, BarGrid) else data.slot] = True
        if not self._asked:
            self._ask()

    def _ask(self) -> None:
        """Have a turn of the loop of its own, as soon as the last round is long enough ago."""
        self._asked = True
        loop = asyncio.get_running_loop()
        wait = self._next_s - loop.time()
        if wait > 0:
            loop.call_later(wait, self._tell)
        else:
            loop.call_soon(self._tell)

    def _tell(self) -> None:
        """Hand out a part of what moved; the rest comes in turns of its own, what moves again after that."""
        loop = asyncio.get_running_loop()
        if not self._round:
            self._next_s = loop.time() + _GAP_S
            self._round = np.flatnonzero(self._moved & self._wanted).tolist()
            self._moved[:] = False
        part, self._round = self._round[: self._at_once], self._round[self._at_once :]
        self._hand_out(part)
        self._asked = False
        if self._round:
            self._asked = True
            loop.call_soon(self._tell)
        elif (self._moved & self._wanted).any():
            self._ask()

    def _hand_out(self, slots: Sequence[int]) -> None:
        """Encode what is watched of some slots, once for each mode, for all who watch."""
        floor = self._floor
        if floor is None:
            return
        universe = floor.universe
        for mode, watched in self._watchers.items():
            mine = [slot for slot in slots if universe[slot].id in watched]
            for slot, message in zip(mine, self._encode(floor, mode, mine), strict=True):
                instrument = universe[slot].id
                key = (mode, instrument)
                for outbox in watched[instrument]:
                    outbox.show(key, message)

"""
Legs: what an account, or one strategy, held of something from flat to flat, and what went in and out.

They are told by how a position was before an event and how it is after it, whatever the event was.
"""

from typing import NamedTuple

import msgspec

from kasauti.domain.position import Position


class Was(NamedTuple):
    """A position before an event: signed quantity, signed cost, what was realised."""

    quantity: int = 0
    cost: int = 0
    realised: int = 0


FLAT = Was()


class Leg(msgspec.Struct):
    """
    One leg; values are prices times quantities in money units.

    `number` counts within its account or strategy; `leg` is the number of the account's leg that it is a part
    of, its own for the account's. `quantity` is signed, `realised` before charges, `closed_at` 0 while held.
    """

    number: int
    leg: int
    instrument: str
    product: str
    side: str
    opened_at: int
    quantity: int = 0
    entry_quantity: int = 0
    entry_value: int = 0
    exit_quantity: int = 0
    exit_value: int = 0
    realised: int = 0
    closed_at: int = 0
    updated_at: int = 0


class Legs:
    """The legs of one account, or of one strategy in it."""

    def __init__(self) -> None:
        #: The last leg of each position, open or closed.
        self.last: dict[str, Leg] = {}
        self.count = 0
        self._was: dict[str, Was] = {}

    def look(self, key: str, position: Position, at: int, leg: int = 0) -> list[Leg]:
        """
        Take over what became of a position; return the legs that changed, one that closed first.

        `leg` is the account's leg that a new one is a part of.
        """
        was = self._was.get(key, FLAT)
        now = Was(position.quantity, position.cost, position.realised)
        if now == was:
            return []
        self._was[key] = now
        changed = []
        closes = was.quantity and (was.quantity > 0) != (now.quantity > 0)
        if was.quantity:
            held = self.last[key]
            changed.append(held)
            _move(held, was, FLAT._replace(realised=now.realised) if closes else now, at)
        if now.quantity and (closes or not was.quantity):
            opened = self._open(position, at, leg)
            self.last[key] = opened
            changed.append(opened)
            _move(opened, FLAT._replace(realised=now.realised), now, at)
        return changed

    def _open(self, position: Position, at: int, leg: int) -> Leg:
        self.count += 1
        side = "LONG" if position.quantity > 0 else "SHORT"
        return Leg(self.count, leg or self.count, position.instrument, position.product, side, at)


def _move(leg: Leg, was: Was, now: Was, at: int) -> None:
    """Book a change that does not go through flat."""
    size_was, size = abs(was.quantity), abs(now.quantity)
    sign = 1 if leg.side == "LONG" else -1
    realised = now.realised - was.realised
    change = abs(now.cost) - abs(was.cost)
    if size >= size_was:
        leg.entry_quantity += size - size_was
        leg.entry_value += change
    else:
        # What was taken out of the cost and what was realised on it are together what it was closed for.
        leg.exit_quantity += size_was - size
        leg.exit_value += sign * realised - change
    leg.realised += realised
    leg.quantity = now.quantity
    leg.updated_at = at
    leg.closed_at = 0 if size else at

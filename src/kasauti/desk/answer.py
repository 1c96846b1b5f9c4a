"""What became of a command, as whoever asked is told."""

from collections.abc import Sequence
from typing import Final

import msgspec

from kasauti.domain import events as ev

_DENIALS: Final = frozenset({ev.OrderDenied, ev.ModifyDenied})


class Answer(msgspec.Struct, frozen=True):
    """What became of a command: the id of its order, if it made one, and everything it led to at once."""

    order_id: str | None
    events: Sequence[ev.Recorded]

    @property
    def denied(self) -> ev.OrderDenied | ev.ModifyDenied | None:
        """Our refusal of it, if it was refused."""
        for each in self.events:
            event = each.event
            if type(event) in _DENIALS:
                return event  # type: ignore[return-value]
        return None

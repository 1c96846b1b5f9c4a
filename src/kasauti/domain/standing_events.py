"""What may have happened to a standing instruction; see `domain.standing` for what one is."""

from typing import ClassVar

from kasauti.domain.commands import Plan
from kasauti.domain.event import Event
from kasauti.domain.standing import StandingStatus


class StandingPlaced(Event, frozen=True, gc=False, omit_defaults=True):
    """
    The account holds an instruction from now on.

    `reference` is the last price then, `expires_at` the moment from which it no longer counts (0: it has
    none), `blocked` the money held for it until it is sent.
    """

    TAG: ClassVar[str] = "standing.placed"
    standing_id: str
    plan: Plan
    strategy: str = ""
    reference: int = 0
    expires_at: int = 0
    blocked: int = 0


class StandingDenied(Event, frozen=True, gc=False, omit_defaults=True):
    """
    We refused an instruction, or a change of one.

    `asked` is the word of its variety or of the request, `nearest` what would pass, "" if nothing would;
    `plan` is the instruction that was refused, None where it was a change.
    """

    TAG: ClassVar[str] = "standing.denied"
    VERSION: ClassVar[int] = 2
    standing_id: str
    asked: str
    instrument: str
    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    nearest: str = ""
    command_id: str = ""
    strategy: str = ""
    plan: Plan | None = None


class StandingChanged(Event, frozen=True, gc=False, omit_defaults=True):
    """An instruction has other terms from now on; `reference` and `blocked` are as when one is placed."""

    TAG: ClassVar[str] = "standing.changed"
    standing_id: str
    plan: Plan
    reference: int = 0
    blocked: int = 0


class StandingTriggered(Event, frozen=True, gc=False, omit_defaults=True):
    """
    An instruction came to act, and does so only once.

    `leg` says which part of it, `price` is the last price that did it, 0 where time did. `late` says why that
    was later than it should have been, "" if it was not.
    """

    TAG: ClassVar[str] = "standing.triggered"
    standing_id: str
    leg: str
    price: int = 0
    late: str = ""


class StandingSent(Event, frozen=True, gc=False, omit_defaults=True):
    """
    An instruction led to an order, which is its `leg`.

    `refused` is why that order was denied, "" if it was not; a refused one is not sent again. `rests` is
    whether it is an exit that waits at the exchange: what it is for stays guarded until it trades.
    """

    TAG: ClassVar[str] = "standing.sent"
    VERSION: ClassVar[int] = 2
    standing_id: str
    leg: str
    order_id: str
    quantity: int
    refused: str = ""
    rests: bool = False


class StandingArmed(Event, frozen=True, gc=False, omit_defaults=True):
    """
    Exits stand ready for `quantity` units from now on: the prices, 0 for none, and why it changed.

    `anchor` is what these units cost on average, from which a trailing stop counts.
    """

    TAG: ClassVar[str] = "standing.armed"
    standing_id: str
    quantity: int
    stop: int
    target: int
    anchor: int
    why: str


class StandingTrailed(Event, frozen=True, gc=False, omit_defaults=True):
    """A stop followed the price: it is at `stop` since the last price came to `price`."""

    TAG: ClassVar[str] = "standing.trailed"
    standing_id: str
    stop: int
    price: int


class StandingEnded(Event, frozen=True, gc=False, omit_defaults=True):
    """An instruction is over: nothing of it acts any more."""

    TAG: ClassVar[str] = "standing.ended"
    standing_id: str
    status: StandingStatus
    reason: str


STANDING_EVENTS: tuple[type[Event], ...] = (
    StandingPlaced,
    StandingDenied,
    StandingChanged,
    StandingTriggered,
    StandingSent,
    StandingArmed,
    StandingTrailed,
    StandingEnded,
)

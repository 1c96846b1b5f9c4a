"""What the gate asks its rules, and what they answer to an order that they do not let pass."""

import msgspec

from kasauti.domain.instrument import Instrument
from kasauti.domain.order import Side


class Proposal(msgspec.Struct, frozen=True, gc=False):
    """An order as a rule sees it; see `ports.Proposal`."""

    instrument: Instrument
    side: Side
    quantity: int
    opens: int
    value: int
    strategy: str
    at: int
    changes: bool = False


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """
    Why an order does not pass: the rule, a sentence, what the rule allows and what was asked.

    `nearest` and `advice` are as in `domain.events.OrderDenied`.
    """

    rule: str
    message: str
    limit: str = ""
    actual: str = ""
    nearest: dict[str, int | str] = msgspec.field(default_factory=dict)
    advice: str = ""

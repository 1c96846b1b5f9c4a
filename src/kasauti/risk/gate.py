"""The gate: the only way out for an order that adds risk."""

from collections.abc import Sequence

import msgspec

from kasauti.domain.instrument import Instrument
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.ports import RiskRule


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


class RiskGate:
    """Asks every rule in the order of the configuration; the first refusal stands."""

    def __init__(self, rules: Sequence[RiskRule] = ()) -> None:
        self.rules = tuple(rules)

    def review(self, proposal: Proposal, state: State) -> Refusal | None:
        """Return why the order does not pass, or None."""
        for rule in self.rules:
            refusal = rule.refuses(proposal, state)
            if refusal is not None:
                return Refusal(refusal.rule, refusal.message, refusal.limit, refusal.actual)
        return None

"""The gate: the only way out for an order that adds risk."""

from collections.abc import Sequence

from kasauti.domain.state import State
from kasauti.ports import RiskRule
from kasauti.risk.proposal import Proposal as Proposal  # noqa: PLC0414  the names they have had always
from kasauti.risk.proposal import Refusal as Refusal  # noqa: PLC0414  as above


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

"""Which brackets guard a position: who wants out of it asks them, and a resting target is taken back."""

from collections.abc import Iterator

from kasauti.domain.commands import PlaceBracket
from kasauti.domain.order import position_key
from kasauti.domain.standing import Instruction
from kasauti.domain.state import State


def guarding(
    state: State, instrument: str, product: str, strategy: str | None = None
) -> Iterator[tuple[Instruction, int]]:
    """Yield the active brackets of a position with the signed units each guards; of `strategy` if named."""
    key = position_key(instrument, product)
    for one in state.standing.values():
        plan = one.plan
        if (
            isinstance(plan, PlaceBracket)
            and one.guarded
            and one.position_key == key
            and (strategy is None or one.strategy == strategy)
        ):
            yield one, plan.order.side.sign * one.guarded

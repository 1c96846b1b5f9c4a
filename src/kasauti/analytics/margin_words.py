"""How good the margins of futures and options are, in words."""

from kasauti.domain.state import State

APPROXIMATE = "approximate (SPAN-lite, no risk file)"


def margin_label(state: State) -> str:
    """Return how good an account's margins are just now, and which of them rest on a price that cannot be."""
    if state.risk_file:
        return f"exact: risk arrays of {state.risk_file}"
    in_use = {each.instrument for each in state.positions.values() if not each.is_idle}
    strange = sorted(name for name, mark in state.risk_marks.items() if mark.impossible and name in in_use)
    if not strange:
        return APPROXIMATE
    return f"{APPROXIMATE}; priced as no volatility can, so at the least one: {', '.join(strange)}"

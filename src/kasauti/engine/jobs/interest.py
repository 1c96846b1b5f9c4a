"""Interest: what the broker takes, night by night, of a negative balance and of what it has lent."""

from collections.abc import Callable
from datetime import date

from kasauti.domain import settlement_events as stl
from kasauti.domain.state import State
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.rules import Rules
from kasauti.exchange.settlement import InterestKind

_MTF = "MTF"
_REASONS = {InterestKind.DEBIT: "debit balance", InterestKind.MTF: "money lent for shares"}


def charge_interest(
    desk: Desk, rules: Rules, today: date, was_to_open: Callable[[date], int], at: int
) -> None:
    """
    Book the nights between the last day that was closed and today, once.

    What an account owed when that day ended it owed on each of them. It is due when the day after it opens,
    which `was_to_open` knows.
    """
    state = desk.state
    if not state.marked or state.marked <= state.interest_to:
        return
    last = date.fromisoformat(state.marked)
    nights = (today - last).days
    for kind, principal in ((InterestKind.DEBIT, -state.ledger.funds), (InterestKind.MTF, _lent(state))):
        if principal <= 0:
            continue
        amount = rules.settlement.interest(last, kind, principal, nights)
        if amount:
            reason = f"{_REASONS[kind]}, {nights} night{'' if nights == 1 else 's'}"
            due = min(at, was_to_open(last) or at)
            charged = stl.InterestCharged(last.isoformat(), reason, principal, amount, due)
            desk.record(charged, "timer:interest", at)


def _lent(state: State) -> int:
    """Return what the broker has lent for shares bought in MTF: their cost less what is blocked for them."""
    return sum(max(0, position.cost - position.margin) for position in state.held if position.product == _MTF)

"""What an order is worth before it trades, and whether the account takes new risk of that worth."""

from typing import Final

from kasauti.domain.board import Board
from kasauti.domain.order import OrderType
from kasauti.domain.state import State
from kasauti.engine.terms import Terms
from kasauti.risk.gate import Proposal, Refusal, RiskGate

#: A market order is margined this much above the price that stood, in per cent: it may trade worse.
MARKET_BUFFER_PERCENT: Final = 101


def worth(
    board: Board,
    terms: Terms,
    order_type: OrderType,
    price: int,
    trigger: int,
    buys: bool,  # noqa: FBT001  a name would cost every order time
) -> int:
    """
    Return the price an order is valued at: the most that a unit may trade at, as far as that is known.

    A purchase pays its limit at most; a sale may bring more than its limit, up to what stands.
    """
    if buys and order_type.has_limit:
        return price
    quote = board.quote(terms.slot)
    stands = trigger or (quote.ask if buys else quote.bid) or quote.last
    return stands if stands > price else price  # noqa: FURB136  a call would cost every order time


def new_risk(proposal: Proposal, state: State, gate: RiskGate) -> Refusal | None:
    """Return why risk is not taken: trading is halted, or a rule of the gate refuses it."""
    halted = state.halted
    if halted:
        return Refusal("trading.halted", f"trading is halted: {halted}. Only exits are allowed.")
    return gate.review(proposal, state)

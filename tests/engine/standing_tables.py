"""Short ways to ask for standing instructions and to look at them."""

from typing import Any

from tests.trading import Session, order

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.commands import PlaceBracket
from kasauti.domain.instrument import Instrument
from kasauti.domain.money import format_price, rupees
from kasauti.domain.order import Side
from kasauti.domain.standing import Instruction

HUNDRED = """
    time      of    last  bid     ask
    09:15:01  ACME  100   99.95   100.05
"""


def bracket(side: Side, instrument: Instrument, quantity: int, price: str = "", **terms: Any) -> PlaceBracket:
    """Return an order with exits: stop, target, trail, step in rupees, away=True for distances."""
    exits = {name: rupees(terms.pop(word, 0)) for word, name in _EXITS.items()}
    away = bool(terms.pop("away", False))
    return PlaceBracket(order(side, instrument, quantity, price, **terms), relative=away, **exits)


_EXITS = {"stop": "stoploss", "target": "target", "trail": "trailing", "step": "trail_step"}


def the_one(session: Session) -> Instruction:
    """Return the only instruction of a session."""
    (one,) = session.state.standing.values()
    return one


def armed(session: Session) -> list[tuple[int, str, str]]:
    """Return what exits stood ready for: (units, stop, target)."""
    return [
        (each.quantity, format_price(each.stop), format_price(each.target))
        for each in session.events(sev.StandingArmed)
    ]


def trailed(session: Session) -> list[str]:
    """Return where a stop was moved to."""
    return [format_price(each.stop) for each in session.events(sev.StandingTrailed)]


def ends(session: Session) -> list[tuple[str, str]]:
    """Return how instructions ended: (status, reason)."""
    return [(each.status.value, each.reason) for each in session.events(sev.StandingEnded)]


def placed(session: Session) -> list[tuple[str, int, str]]:
    """Return every order: (side, quantity, tag)."""
    return [(each.side.value, each.quantity, each.tag) for each in session.events(ev.OrderPlaced)]


def refusals(session: Session) -> list[str]:
    """Return the rules by which instructions were refused."""
    return [each.rule for each in session.events(sev.StandingDenied)]


def balanced(session: Session) -> None:
    """Fail if the log cannot be, or money is held for nothing."""
    assert session.proof().passed, session.proof().problem
    held = sum(position.margin for position in session.state.held)
    orders = sum(each.blocked for each in session.state.working_orders())
    standing = sum(one.blocked for one in session.state.standing.values())
    assert session.state.ledger.margin == held + orders + standing

"""A simulated exchange under the real limits, as a session of a test has it."""

from kasauti.domain.board import Board
from kasauti.domain.state import State
from kasauti.exchange.auctions import AuctionDays, Auctions
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.calendar import Calendar
from kasauti.ports import LatencyModel, SlippageModel
from kasauti.simulator.band import EDGES, BandedVenue
from kasauti.simulator.fills import FillModel
from kasauti.simulator.supervised import SupervisedVenue
from kasauti.simulator.surveillance import Surveillance


def venue_of(
    board: Board,
    state: State,
    models: tuple[FillModel, SlippageModel, LatencyModel],
    stale_after_ns: int,
    broker: BrokerRules,
    *,
    band: bool,
    auctions: bool = True,
) -> SupervisedVenue:
    """Return an exchange for an account as its log left it; bars are traded on one without `auctions`."""
    limits = Surveillance(board, broker)
    held = Auctions(AuctionDays(board.universe, Calendar())) if auctions else None
    if not band:
        return SupervisedVenue(
            board, *models, stale_after_ns=stale_after_ns, surveillance=limits, auctions=held
        )
    return BandedVenue(
        board,
        *models,
        stale_after_ns=stale_after_ns,
        surveillance=limits,
        auctions=held,
        edges=[edge() for edge in EDGES],
        held={key: position.quantity for key, position in state.positions.items()},
        shades={profile: shade.held for profile, shade in state.band.items()},
    )

"""The keeper of an account with every variety it knows."""

from kasauti.engine.after_market import AfterMarkets
from kasauti.engine.alert import Alerts
from kasauti.engine.auction import Auctions
from kasauti.engine.bracket import Brackets
from kasauti.engine.cover import Covers
from kasauti.engine.gtt import Gtts
from kasauti.engine.iceberg import Icebergs
from kasauti.engine.rules import Rules
from kasauti.engine.standing import Keeper
from kasauti.engine.standing_clerk import Account
from kasauti.engine.with_terms import WithTerms
from kasauti.simulator.venue import SimulatedVenue


def keeper_of(account: Account, rules: Rules, venue: SimulatedVenue, prefix: str) -> Keeper:
    """Return the keeper of an account's standing instructions."""
    keeper = Keeper(account, rules, venue.interest, prefix)
    keeper.shown, keeper.stops = venue.shown, venue.stops
    keeper.handlers = {
        "gtt": Gtts(keeper),
        "co": Covers(keeper),
        "bracket": Brackets(keeper),
        "iceberg": Icebergs(keeper),
        "amo": AfterMarkets(keeper),
        "terms": WithTerms(keeper),
        "auction": Auctions(keeper),
        "alert": Alerts(keeper),
    }
    return keeper

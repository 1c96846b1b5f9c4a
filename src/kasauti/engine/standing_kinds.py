"""The keeper of an account with every variety it knows."""

from kasauti.engine.after_market import AfterMarkets
from kasauti.engine.bracket import Brackets
from kasauti.engine.cover import Covers
from kasauti.engine.gtt import Gtts
from kasauti.engine.iceberg import Icebergs
from kasauti.engine.rules import Rules
from kasauti.engine.standing import Keeper
from kasauti.engine.standing_clerk import Account
from kasauti.simulator.interest import Interest


def keeper_of(account: Account, rules: Rules, interest: Interest, prefix: str) -> Keeper:
    """Return the keeper of an account's standing instructions."""
    keeper = Keeper(account, rules, interest, prefix)
    keeper.handlers = {
        "gtt": Gtts(keeper),
        "co": Covers(keeper),
        "bracket": Brackets(keeper),
        "iceberg": Icebergs(keeper),
        "amo": AfterMarkets(keeper),
    }
    return keeper

"""What paid for a simulated fill, in enough detail to derive its price again."""

from enum import StrEnum

import msgspec


class Source(StrEnum):
    """The kind of market data a fill rests on, most honest first."""

    DEPTH = "depth"
    QUOTE = "quote"
    PRINT = "print"
    BAR = "bar"
    SETTLEMENT = "settlement"

    __hash__ = str.__hash__


class Rule(StrEnum):
    """The condition under which a fill happened; each is spelled out in `simulator.fills`."""

    TAKE = "took the opposite side of the book"
    BEYOND = "went on beyond the last level shown, an estimate"
    CROSSED = "the opposite side came to the limit"
    QUEUE = "the queue ahead traded away"
    THROUGH = "a trade went through the limit"
    TOUCHED = "a trade touched the limit"
    LAST = "took the last price"
    OPEN = "took the open of the bar"
    GAP = "the bar opened beyond the price asked for"
    STOP = "the trigger was reached inside the bar"
    AUCTION = "met in the call auction"
    SETTLED = "settled at expiry"
    BOUGHT_IN = "bought in"

    __hash__ = str.__hash__

    @property
    def is_passive(self) -> bool:
        """Whether the order waited and took no price that was worse for being taken."""
        return self in PASSIVE


#: See `Rule.is_passive`.
PASSIVE = frozenset({Rule.CROSSED, Rule.QUEUE, Rule.THROUGH, Rule.TOUCHED, Rule.AUCTION})


class Evidence(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """
    The market data behind one fill.

    `at` is when that data was known, `price` the price it showed, `shown` the units it displayed (0: not
    known), `taken` how many of those earlier fills had used, `level` which level of the book, `queue` the
    units that were ahead of us when they last counted, `slip` the money units added against us by the
    slippage model, or by the estimate of a book beyond its last level. `profile` names the fill model and its
    version. `order_price` is the limit or trigger
    the rule compared with. `tick` is the number of the tick in the session's data, 0 for bars: it tells two
    of one moment apart.
    """

    source: Source
    rule: Rule
    at: int
    price: int
    profile: str
    shown: int = 0
    taken: int = 0
    level: int = 0
    queue: int = 0
    slip: int = 0
    order_price: int = 0
    tick: int = 0


#: Rules under which a fill takes the price the evidence showed, plus slippage.
_AT_EVIDENCE = frozenset(
    {Rule.TAKE, Rule.BEYOND, Rule.AUCTION, Rule.LAST, Rule.OPEN, Rule.GAP, Rule.SETTLED, Rule.BOUGHT_IN}
)


def derive_price(evidence: Evidence, *, buys: bool) -> int:
    """
    Return the fill price that `evidence` implies: the check that `trades --explain` and `prove` run.

    Takers get the price shown, worse by the slippage. Resting limits trade at their own price, stops that
    a bar reached trade at their trigger, worse by the slippage.
    """
    base = evidence.price if evidence.rule in _AT_EVIDENCE else evidence.order_price
    return base + evidence.slip if buys else base - evidence.slip

"""
Legs of an option strategy, named by rule: which right, which side, which strike of which expiry.

A rule is asked once, at the entry, with the option chain as it stands then; an option without a last price is
never chosen.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Literal

import msgspec
import numpy as np

from kasauti.domain.market import Ints
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.domain.view import Chain
from kasauti.errors import InvalidInput
from kasauti.strategies.option_delta import deltas

Right = Literal["CE", "PE"]


class Offered(msgspec.Struct, frozen=True):
    """The options of one right that a chain offers, by strike, ascending; only those with a price."""

    right: Right
    spot: int
    strikes: Ints
    ids: tuple[str, ...]
    last: Ints
    chain: Chain


#: From what is offered to the row that is meant; None where there is none.
StrikeRule = Callable[[Offered], int | None]


class Leg(msgspec.Struct, frozen=True):
    """
    One leg: `side` is SELL or BUY, `right` CE or PE.

    `strike` is the rule that chooses the option, `lots` multiplies the strategy's own, `expiry` counts the
    listed expiries: 0 is the nearest. `stop_percent` overrides the strategy's stop for this leg.
    """

    side: Literal["SELL", "BUY"]
    right: Right
    strike: StrikeRule
    lots: int = 1
    expiry: int = 0
    stop_percent: Decimal | None = None

    @property
    def way(self) -> Side:
        """The side of its entry."""
        return Side.SELL if self.side == "SELL" else Side.BUY


def offered(chain: Chain, right: Right) -> Offered:
    """Return the options of one right that have a price."""
    ids, last = (chain.call_ids, chain.call_last) if right == "CE" else (chain.put_ids, chain.put_last)
    rows = [row for row, each in enumerate(ids) if each is not None and last[row] > 0]
    names = tuple(str(ids[row]) for row in rows)
    return Offered(right, chain.spot, chain.strikes[rows], names, last[rows], chain)


def chosen(leg: Leg, chain: Chain) -> str | None:
    """Return the id of the option that `leg` means in `chain`, None where there is none."""
    options = offered(chain, leg.right)
    if not options.ids or not options.spot:
        return None
    row = leg.strike(options)
    return None if row is None else options.ids[row]


def atm(steps: int = 0) -> StrikeRule:
    """
    Return the rule: `steps` strikes above the one nearest to spot, below it where negative.

    Of two strikes as near the lower one is taken. Steps are counted in the strikes that are listed.
    """

    def rule(options: Offered) -> int | None:
        listed = options.chain.strikes
        place = _nearest(listed, options.spot) + steps
        if not 0 <= place < len(listed):
            return None
        return _row_of(options, int(listed[place]))

    return rule


def otm(steps: int) -> StrikeRule:
    """Return the rule: `steps` strikes out of the money, up for calls and down for puts."""

    def rule(options: Offered) -> int | None:
        return atm(steps if options.right == "CE" else -steps)(options)

    return rule


def premium(amount: Decimal | int | str) -> StrikeRule:
    """Return the rule: the option whose price is nearest to `amount` rupees; the cheaper of two as near."""
    wanted = rupees(amount)
    if wanted <= 0:
        raise InvalidInput(f"a premium of {amount} is none; write it in rupees, like 60")

    def rule(options: Offered) -> int | None:
        order = np.lexsort((options.last, np.abs(options.last - wanted)))
        return int(order[0])

    return rule


def delta(size: float) -> StrikeRule:
    """
    Return the rule: the option whose Black-76 delta, without sign, is nearest to `size`; 0.5: at the money.

    Volatility is implied by the option's own last price; see `option_delta`.
    """
    if not 0 < size < 1:
        raise InvalidInput(f"a delta of {size} is none; write it without sign, between 0 and 1, like 0.25")

    def rule(options: Offered) -> int | None:
        found = deltas(options.chain, options.right, options.strikes, options.last)
        known = [row for row, each in enumerate(found) if each is not None]
        return min(known, key=lambda row: abs(abs(found[row] or 0.0) - size), default=None)

    return rule


def _nearest(strikes: Ints, spot: int) -> int:
    return int(np.abs(strikes - spot).argmin())


def _row_of(options: Offered, strike: int) -> int | None:
    rows = np.flatnonzero(options.strikes == strike)
    return int(rows[0]) if len(rows) else None

"""
What the open interest of an option chain says.

The usual reading in India, where most options are written by institutions: the strike at which most calls
are open is where writers expect the index to stop rising (a resistance), the one at which most puts are open
where they expect it to stop falling (a support). Open interest that falls while the price of the option
rises is writers leaving: unwinding. None of it is a law; `docs/strategies.md` says what it rests on.

Everything is read in columns. Open interest is in units, strikes are money units, 0 is "not known".
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from kasauti.domain.instrument import Kind
from kasauti.domain.market import Ints
from kasauti.domain.view import Chain


class OIReading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The open interest of a chain at a moment, as JSON can hold it: what a later chain is compared with."""

    at: int
    strikes: list[int]
    calls: list[int]
    puts: list[int]

    @classmethod
    def of(cls, chain: Chain, at: int) -> "OIReading":
        """Take the reading of `chain`, to be known by the moment `at`."""
        return cls(
            at,
            chain.strikes.tolist(),
            chain.call_open_interest.tolist(),
            chain.put_open_interest.tolist(),
        )

    def of_strike(self, strike: int, kind: Kind) -> int:
        """Return what was open at `strike`, 0 if that is not known."""
        if strike not in self.strikes:
            return 0
        return (self.calls if kind is Kind.CALL else self.puts)[self.strikes.index(strike)]


class StrikeInterest(msgspec.Struct, frozen=True):
    """A strike and the units that are open there."""

    strike: int
    open_interest: int


class OIAnalyzer:
    """
    Reads one chain.

    `spot` is the price of the underlying that distances are measured from; the chain's own unless given.
    """

    def __init__(self, chain: Chain, spot: int = 0) -> None:
        self.chain = chain
        self.spot = spot or chain.spot

    def near(self, above: int, below: int) -> "OIAnalyzer":
        """
        Return the same for the `above` strikes at or above spot and the `below` strikes under it.

        None of them where spot is not known.
        """
        middle = int(np.searchsorted(self.chain.strikes, self.spot)) if self.spot else 0
        first, last = (max(0, middle - below), middle + above) if self.spot else (0, 0)
        return OIAnalyzer(_cut(self.chain, slice(first, last)), self.spot)

    def missing(self) -> int:
        """Return how many listed options have no price or no open interest."""
        chain = self.chain
        calls = _listed(chain.call_ids) & ((chain.call_open_interest <= 0) | (chain.call_last <= 0))
        puts = _listed(chain.put_ids) & ((chain.put_open_interest <= 0) | (chain.put_last <= 0))
        return int(calls.sum() + puts.sum())

    def max_call_strike(self) -> int | None:
        """
        Return the strike at which most calls are open, None where none are.

        Of several it is the one nearest to spot, and of two at one distance the higher: the one that has
        not been passed.
        """
        return self._largest(self.chain.call_open_interest, -1)

    def max_put_strike(self) -> int | None:
        """Return the strike at which most puts are open: nearest to spot, then the lower; None if none."""
        return self._largest(self.chain.put_open_interest, 0)

    def _largest(self, open_interest: Ints, of_equals: int) -> int | None:
        most = int(open_interest.max(initial=0))
        if most <= 0:
            return None
        strikes = self.chain.strikes[open_interest == most]
        if self.spot:
            away = np.abs(strikes - self.spot)
            strikes = strikes[away == away.min()]
        return int(strikes[of_equals])

    def put_call_ratio(self) -> float | None:
        """Return open puts over open calls, None where no call is open."""
        calls = int(self.chain.call_open_interest.sum())
        return int(self.chain.put_open_interest.sum()) / calls if calls else None

    def max_pain(self) -> int | None:
        """
        Return the strike at which an expiry would pay the holders of all open options least.

        The pay-out at K is the sum of calls(s) * max(0, K - s) and of puts(s) * max(0, s - K). Of equals it
        is the one nearest to spot, then the lower. None where nothing is open. Exact while the pay-out is
        below 9e18 money units.
        """
        chain = self.chain
        if not (chain.call_open_interest.any() or chain.put_open_interest.any()):
            return None
        pain = _payout(chain.strikes, chain.call_open_interest)
        pain = pain + _payout(-chain.strikes[::-1], chain.put_open_interest[::-1])[::-1]
        strikes = chain.strikes[pain == pain.min()]
        return int(strikes[np.abs(strikes - self.spot).argmin()])

    def resistances(self, count: int) -> list[StrikeInterest]:
        """Return the `count` strikes at or above spot with most open calls, most first."""
        return self._most(self.chain.call_open_interest, self.chain.strikes >= self.spot, count)

    def supports(self, count: int) -> list[StrikeInterest]:
        """Return the `count` strikes at or below spot with most open puts, most first."""
        return self._most(self.chain.put_open_interest, self.chain.strikes <= self.spot, count)

    def _most(self, open_interest: Ints, where: NDArray[np.bool_], count: int) -> list[StrikeInterest]:
        rows = np.flatnonzero(where & (open_interest > 0))
        away = np.abs(self.chain.strikes[rows] - self.spot)
        order = rows[np.lexsort((away, -open_interest[rows]))][:count]
        return [StrikeInterest(int(self.chain.strikes[row]), int(open_interest[row])) for row in order]

    def change(self, since: OIReading) -> tuple[Ints, Ints]:
        """Return by how many units the calls and the puts of each strike changed, 0 where it is not known."""
        chain = self.chain
        before = np.array(since.strikes, np.int64)
        rows = np.searchsorted(before, chain.strikes)
        rows[rows == len(before)] = 0
        known = before[rows] == chain.strikes if len(before) else np.zeros(len(chain.strikes), np.bool_)

        def column(then: Sequence[int], now: Ints) -> Ints:
            was = np.array(then, np.int64)[rows] if len(before) else np.zeros_like(now)
            return np.where(known & (was > 0) & (now > 0), now - was, 0)

        return column(since.calls, chain.call_open_interest), column(since.puts, chain.put_open_interest)

    def of_strike(self, strike: int, kind: Kind) -> int:
        """Return what is open at `strike`, 0 if that is not known."""
        return self._at(strike, self.chain.call_open_interest, self.chain.put_open_interest, kind)

    def price(self, strike: int, kind: Kind) -> int:
        """Return the last price of the option, 0 if it has none."""
        return self._at(strike, self.chain.call_last, self.chain.put_last, kind)

    def option(self, strike: int, kind: Kind) -> str | None:
        """Return the id of the option, None where it is not listed."""
        row = self._row(strike)
        ids = self.chain.call_ids if kind is Kind.CALL else self.chain.put_ids
        return None if row is None else ids[row]

    def _at(self, strike: int, calls: Ints, puts: Ints, kind: Kind) -> int:
        row = self._row(strike)
        return 0 if row is None else int((calls if kind is Kind.CALL else puts)[row])

    def _row(self, strike: int) -> int | None:
        row = int(np.searchsorted(self.chain.strikes, strike))
        return row if row < len(self.chain.strikes) and self.chain.strikes[row] == strike else None


def has_unwound(before: int, now: int, least_basis_points: int) -> bool:
    """
    Return whether open interest fell from `before` to `now`, by `least_basis_points` of `before` at least.

    A fall of exactly that is enough, no change never is. False where either is 0: not known.
    """
    if before <= 0 or now <= 0:
        return False
    return now < before and (before - now) * 10_000 >= least_basis_points * before


def _payout(strikes: Ints, open_interest: Ints) -> Ints:
    """Return for each strike K the sum of open_interest(s) * (K - s) over s below K; strikes ascend."""
    distance = strikes - strikes[0]
    payout: Ints = distance * np.cumsum(open_interest) - np.cumsum(open_interest * distance)
    return payout


def _listed(ids: tuple[str | None, ...]) -> NDArray[np.bool_]:
    return np.array([each is not None for each in ids], np.bool_)


def _cut(chain: Chain, rows: slice) -> Chain:
    """Return the chain with these rows only."""
    return Chain(
        chain.at,
        chain.underlying,
        chain.expiry,
        chain.spot,
        chain.strikes[rows],
        chain.call_ids[rows],
        chain.put_ids[rows],
        chain.call_last[rows],
        chain.put_last[rows],
        chain.call_open_interest[rows],
        chain.put_open_interest[rows],
        chain.call_volume[rows],
        chain.put_volume[rows],
    )

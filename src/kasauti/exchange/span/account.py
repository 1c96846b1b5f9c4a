"""
Netting for an account that trades: what its contracts on one underlying require, from the prices it marked.

Risk arrays are the approximation's. They are kept as long as their marks hold, and so is what was found for
the same holdings: an account goes in and out of few of them.
"""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_MINUTE, NS_PER_SECOND, ist_ns
from kasauti.domain.money import PAISA
from kasauti.domain.risk_mark import RiskMark
from kasauti.exchange.span.approximation import (
    Market,
    future_risk,
    implied_of,
    nearest_sold,
    option_risk,
    spot_of_future,
    underlying_of,
    volatility_of,
)
from kasauti.exchange.span.exposure import part_of
from kasauti.exchange.span.parameters import Charges, Ranges, SpanParameters, subject_of
from kasauti.exchange.span.portfolio import Group, total
from kasauti.exchange.span.risk import Holding, Risk, Underlying

#: Holdings whose shares are remembered; an account has few.
_MOST_KEPT = 4096

_Held = tuple[Instrument, int]


class SpanNetting:
    """What contracts on one underlying require together on one day; see `ports.Netting`."""

    #: The risk file that requirements come from, in words; empty where they are approximated.
    file = ""

    def __init__(self, parameters: SpanParameters, on: date, known_on: date) -> None:
        self._parameters = parameters
        self._on = on
        #: The day whose rules hold: another one only where somebody assumed so.
        self._known_on = known_on
        rules = parameters.account(known_on)
        self._buffer = rules.buffer
        self._ends = rules.day_ends
        self.grace_ns = rules.grace_minutes * NS_PER_MINUTE
        self._starts = [ist_ns(on), *(ist_ns(on, clock) for clock in rules.reckoned_at)]
        self._found: dict[tuple[tuple[str, int, RiskMark | None], ...], list[int]] = {}
        self._risks: dict[tuple[RiskMark, float], Risk] = {}
        self._volatilities: dict[RiskMark, float] = {}
        self._terms: dict[str, tuple[Ranges, Charges]] = {}
        self._ends_of: dict[date, int] = {}

    @property
    def moments(self) -> Sequence[int]:
        """When during the day risk is reckoned anew."""
        return self._starts[1:]

    def lacks(self, instrument: Instrument) -> str:
        """Return why a contract is not among those whose risk is known; empty where it is."""
        return ""

    def reckoned_from(self, at: int) -> int:
        """Return the moment since which marks hold at `at`."""
        return self._starts[max(0, bisect_right(self._starts, at) - 1)]

    def mark(self, instrument: Instrument, at: int, spot: int, price: int) -> RiskMark:
        """Return the mark of a contract, which says whether its price can be."""
        mark = RiskMark(instrument.id, at, spot, price)
        if instrument.is_option:
            seconds, ranges = self._seconds(instrument, at), self._rules(instrument)[0]
            implied = implied_of(instrument, price, self._market(mark), ranges, seconds)
            if implied is None:
                mark = RiskMark(instrument.id, at, spot, price, impossible=True)
            self._volatilities[mark] = max(implied or 0.0, ranges.least_volatility)
        return mark

    def spot_of(self, future: Instrument, price: int, at: int) -> int:
        """Return the price of the underlying that a future at `price` implies."""
        return spot_of_future(price, self._seconds(future, at), self._rules(future)[0])

    def shares(self, holdings: Sequence[_Held], marks: Mapping[str, RiskMark]) -> list[int]:
        """Return what each holding takes of the requirement of all, by what it would require alone."""
        key = tuple([(instrument.id, units, marks.get(instrument.id)) for instrument, units in holdings])
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= _MOST_KEPT:
                self._found.clear()
            found = self._found[key] = self._shared(holdings, marks)
        return found

    def _shared(self, holdings: Sequence[_Held], marks: Mapping[str, RiskMark]) -> list[int]:
        if not holdings:
            return []
        group, held = self._grouped(holdings, marks)
        required = self._buffered(total(group, held, self._on))
        if len(held) == 1:
            return [required]
        alone = [total(group, [each], self._on) for each in held]
        whole = sum(alone)
        if not whole:
            return [0] * len(held)
        shares = [required * each // (whole * PAISA) * PAISA for each in alone]
        shares[alone.index(max(alone))] += required - sum(shares)
        return shares

    def _grouped(
        self, holdings: Sequence[_Held], marks: Mapping[str, RiskMark]
    ) -> tuple[Group, list[Holding]]:
        """Return how holdings on one underlying are netted, and what each risks."""
        held, first = self._holdings(holdings, marks), holdings[0][0]
        ranges, charges = self._rules(first)
        expiries: Collection[date] = {each.risk.expiry for each in held} if len(held) > 1 else ()
        if len(expiries) <= 1 and not ranges.option_minimum:
            return Group(Underlying(first.name), charges), held
        return Group(
            underlying_of(first.name, expiries, self._market(marks[first.id]), ranges), charges
        ), held

    def _buffered(self, amount: int) -> int:
        return part_of(amount, self._buffer)

    def _holdings(self, holdings: Sequence[_Held], marks: Mapping[str, RiskMark]) -> list[Holding]:
        own = [
            self._volatility(instrument, marks[instrument.id]) if instrument.is_option else 0.0
            for instrument, _ in holdings
        ]
        found = []
        for (instrument, quantity), points in zip(holdings, own, strict=True):
            volatility = points
            if quantity > 0 and instrument.is_option and len(holdings) > 1:
                volatility = (
                    nearest_sold(instrument.strike, _sold_beside(instrument, holdings, own)) or points
                )
            found.append(Holding(self._risk(instrument, marks[instrument.id], volatility), quantity))
        return found

    def _risk(self, instrument: Instrument, mark: RiskMark, volatility: float) -> Risk:
        risk = self._risks.get((mark, volatility))
        if risk is None:
            ranges = self._rules(instrument)[0]
            if instrument.is_option:
                seconds = self._seconds(instrument, mark.at)
                risk = option_risk(instrument, mark.price, self._market(mark), ranges, seconds, volatility)
            else:
                risk = future_risk(instrument, mark.price, ranges, self._on)
            self._risks[mark, volatility] = risk
        return risk

    def _volatility(self, instrument: Instrument, mark: RiskMark) -> float:
        found = self._volatilities.get(mark)
        if found is None:
            seconds, ranges = self._seconds(instrument, mark.at), self._rules(instrument)[0]
            found = volatility_of(instrument, mark.price, self._market(mark), ranges, seconds)
            self._volatilities[mark] = found
        return found

    def _market(self, mark: RiskMark) -> Market:
        return Market(mark.spot, self._on)

    def _seconds(self, instrument: Instrument, at: int) -> int:
        expiry = instrument.expiry
        assert expiry is not None, "a derivative expires"
        ends = self._ends_of.get(expiry)
        if ends is None:
            ends = self._ends_of[expiry] = ist_ns(expiry, self._ends)
        return max(ends - at, NS_PER_MINUTE) // NS_PER_SECOND

    def _rules(self, instrument: Instrument) -> tuple[Ranges, Charges]:
        found = self._terms.get(instrument.name)
        if found is None:
            subject, name, on = subject_of(instrument), instrument.name, self._known_on
            ranges = self._parameters.ranges(subject, name, on)
            found = self._terms[name] = ranges, self._parameters.charges(subject, name, on)
        return found


def _sold_beside(
    bought: Instrument, holdings: Sequence[_Held], volatilities: Sequence[float]
) -> list[tuple[int, float]]:
    """Return (strike, volatility) of the options that are sold and end with the one that is bought."""
    return [
        (one.strike, points)
        for (one, quantity), points in zip(holdings, volatilities, strict=True)
        if quantity < 0 and one.is_option and one.expiry == bought.expiry
    ]

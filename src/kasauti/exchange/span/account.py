"""
Netting for an account that trades: what its contracts on one underlying require, from the prices it marked.

Risk arrays are the approximation's. They are kept as long as their marks hold, and so is what was found for
the same holdings: an account goes in and out of few of them.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
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
    sold_ends,
    spot_of_future,
    underlying_of,
    volatility_of,
)
from kasauti.exchange.span.exposure import ratio_of
from kasauti.exchange.span.parameters import Charges, SpanParameters, subject_of
from kasauti.exchange.span.portfolio import Group, required_of, total
from kasauti.exchange.span.ranges import Ranges
from kasauti.exchange.span.risk import Holding, Risk, Underlying
from kasauti.exchange.span.sold import Sold, SoldEnds

#: Holdings whose totals are remembered; an account has few.
_MOST_KEPT = 4096


class Contract:
    """
    A contract with the prices that its risk rests on, and all that follows from them.

    `number` stands for both in what is remembered. `rules` and `ends` are None and `volatility`, an option's
    own, is -1 as long as nobody has asked; `holdings` are by units and by the volatility that their risk was
    made with.
    """

    __slots__ = (
        "ends", "expiry", "holdings", "instrument", "is_option", "mark", "number", "rules", "volatility",
    )  # fmt: skip

    def __init__(self, number: int, instrument: Instrument, mark: RiskMark | None) -> None:
        self.number = number
        self.instrument = instrument
        self.is_option: bool = instrument.is_option
        self.expiry = instrument.expiry
        self.mark = mark
        self.rules: _Rules | None = None
        self.volatility = -1.0
        self.ends: SoldEnds | None = None
        self.holdings: dict[tuple[int, float], Holding] = {}


#: Signed units of a contract.
Held = tuple[Contract, int]


class _Rules:
    """
    What holds for the contracts on one underlying today.

    `plain` is how those of one expiry are netted where sold options have no minimum.
    """

    __slots__ = ("charges", "has_minimum", "plain", "ranges")

    def __init__(self, name: str, ranges: Ranges, charges: Charges) -> None:
        self.ranges = ranges
        self.charges = charges
        self.has_minimum = bool(ranges.option_minimum)
        self.plain = Group(Underlying(name), charges)


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
        self._buffer, self._buffer_step = rules.buffer.as_integer_ratio()
        self._ends = rules.ends_after
        self.grace_ns = rules.grace_minutes * NS_PER_MINUTE
        midnight = ist_ns(on)
        self._starts = [midnight, *[midnight + after for after in rules.reckoned_after]]
        self._totals: dict[tuple[tuple[int, int], ...], int] = {}
        #: By id; with another mark it is another one, of another number.
        self._known: dict[str, Contract] = {}
        self._numbers = 0
        self._rules_of: dict[str, _Rules] = {}
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
            seconds, ranges = self._seconds(instrument, at), self._rules(instrument).ranges
            implied = implied_of(instrument, price, self._market(mark), ranges, seconds)
            if implied is None:
                mark = RiskMark(instrument.id, at, spot, price, impossible=True)
            self._contract(instrument.id, instrument, mark).volatility = max(
                implied or 0.0, ranges.least_volatility
            )
        return mark

    def spot_of(self, future: Instrument, price: int, at: int) -> int:
        """Return the price of the underlying that a future at `price` implies."""
        return spot_of_future(price, self._seconds(future, at), self._rules(future).ranges)

    def required(self, holdings: Sequence[tuple[Instrument, int]], marks: Mapping[str, RiskMark]) -> int:
        """Return what holdings require together."""
        held = self._held(holdings, marks)
        return self._buffered(self._total(held)) if self._is_at_risk(held) else 0

    def shares(self, holdings: Sequence[tuple[Instrument, int]], marks: Mapping[str, RiskMark]) -> list[int]:
        """Return what each holding takes of the requirement of all, by what it would require alone."""
        if not holdings:
            return []
        held = self._held(holdings, marks)
        required = self._buffered(self._total(held))
        if len(held) == 1:
            return [required]
        alone = [self._total([each]) for each in held]
        whole = sum(alone)
        if not whole:
            return [0] * len(held)
        paise = required // PAISA
        shares = [paise * each // whole * PAISA for each in alone]
        shares[alone.index(max(alone))] += required - sum(shares)
        return shares

    def _held(self, holdings: Sequence[tuple[Instrument, int]], marks: Mapping[str, RiskMark]) -> list[Held]:
        found = []
        for instrument, units in holdings:
            name = instrument.id
            found.append((self._contract(name, instrument, marks.get(name)), units))
        return found

    def _contract(self, name: str, instrument: Instrument, mark: RiskMark | None) -> Contract:
        known = self._known.get(name)
        if known is None or (known.mark is not mark and known.mark != mark):
            self._numbers += 1
            known = self._known[name] = Contract(self._numbers, instrument, mark)
        return known

    def _is_at_risk(self, held: list[Held]) -> bool:
        """Whether any of it requires anything; what is bought and paid for does not, and nor do several."""
        for contract, units in held:
            if units < 0 or not contract.is_option:
                return True
        return any(self._total([each]) for each in held)

    def _total(self, held: list[Held]) -> int:
        """Return what is required without the buffer."""
        first, of_one_expiry_sold = held[0][0], True
        for contract, units in held:
            if units > 0 or not contract.is_option or contract.expiry != first.expiry:
                of_one_expiry_sold = False
                break
        adds_up = of_one_expiry_sold and self._adds_up(first)
        if adds_up:
            found = self._sold_total(held)
            if found >= 0:
                return found
        return self._kept_total(held, any_order=adds_up)

    def _sold_total(self, held: list[Held]) -> int:
        """Return what options of one expiry that are sold require, -1 where only all scenarios tell."""
        sold, first = Sold(), held[0][0]
        for contract, units in held:
            ends = contract.ends
            if ends is None:
                ends = contract.ends = self._sold_ends(contract)
            sold.add(ends, -units)
        worst = sold.worst()
        if worst < 0:
            return -1
        group, ends_today = self._rules_for(first).plain, first.expiry == self._on
        return required_of(group, worst, -sold.price, sold.exposed, ends_today=ends_today)

    def _kept_total(self, held: list[Held], *, any_order: bool) -> int:
        """Return what is required by all scenarios; what was asked before is remembered."""
        numbers = [(contract.number, units) for contract, units in held]
        if any_order:
            numbers.sort()
        key = tuple(numbers)
        found = self._totals.get(key)
        if found is None:
            if len(self._totals) >= _MOST_KEPT:
                self._totals.clear()
            group, holdings = self._grouped(held)
            found = self._totals[key] = total(group, holdings, self._on)
        return found

    def _adds_up(self, option: Contract) -> bool:
        """Whether options of one expiry that are sold require the same together whichever comes first."""
        return not self._rules_for(option).has_minimum

    def _grouped(self, held: Sequence[Held]) -> tuple[Group, list[Holding]]:
        """Return how holdings on one underlying are netted, and what each risks."""
        holdings, first = self._holdings(held), held[0][0]
        rules, expiry = self._rules_for(first), holdings[0].risk.expiry
        apart = rules.has_minimum
        for each in holdings:
            apart = apart or each.risk.expiry != expiry
        if not apart:
            return rules.plain, holdings
        market, expiries = self._market(_marked(first)), {each.risk.expiry for each in holdings}
        underlying = underlying_of(first.instrument.name, expiries, market, rules.ranges)
        return Group(underlying, rules.charges), holdings

    def _buffered(self, amount: int) -> int:
        return ratio_of(amount, self._buffer, self._buffer_step)

    def _holdings(self, held: Sequence[Held]) -> list[Holding]:
        found = []
        for contract, units in held:
            volatility = 0.0
            if contract.is_option:
                volatility = self._volatility(contract)
                if units > 0 and len(held) > 1:
                    sold = self._sold_beside(contract, held)
                    volatility = nearest_sold(contract.instrument.strike, sold) or volatility
            found.append(self._holding(contract, units, volatility))
        return found

    def _holding(self, contract: Contract, units: int, volatility: float) -> Holding:
        known = contract.holdings.get((units, volatility))
        if known is None:
            risk = next(
                (each.risk for (_, made), each in contract.holdings.items() if made == volatility), None
            )
            known = Holding(risk or self._risk(contract, volatility), units)
            contract.holdings[units, volatility] = known
        return known

    def _sold_ends(self, contract: Contract) -> SoldEnds:
        instrument, mark = contract.instrument, _marked(contract)
        seconds, ranges = self._seconds(instrument, mark.at), self._rules_for(contract).ranges
        volatility = self._volatility(contract)
        return sold_ends(instrument, mark.price, self._market(mark), ranges, seconds, volatility)

    def _risk(self, contract: Contract, volatility: float) -> Risk:
        instrument, mark = contract.instrument, _marked(contract)
        ranges = self._rules_for(contract).ranges
        if not contract.is_option:
            return future_risk(instrument, mark.price, ranges, self._on)
        seconds = self._seconds(instrument, mark.at)
        return option_risk(instrument, mark.price, self._market(mark), ranges, seconds, volatility)

    def _volatility(self, contract: Contract) -> float:
        if contract.volatility < 0:
            instrument, mark = contract.instrument, _marked(contract)
            seconds, ranges = self._seconds(instrument, mark.at), self._rules_for(contract).ranges
            contract.volatility = volatility_of(instrument, mark.price, self._market(mark), ranges, seconds)
        return contract.volatility

    def _sold_beside(self, bought: Contract, held: Sequence[Held]) -> list[tuple[int, float]]:
        """Return (strike, volatility) of the options that are sold and end with the one that is bought."""
        return [
            (contract.instrument.strike, self._volatility(contract))
            for contract, units in held
            if units < 0 and contract.is_option and contract.expiry == bought.expiry
        ]

    def _market(self, mark: RiskMark) -> Market:
        return Market(mark.spot, self._on)

    def _seconds(self, instrument: Instrument, at: int) -> int:
        expiry = instrument.expiry
        assert expiry is not None, "a derivative expires"
        ends = self._ends_of.get(expiry)
        if ends is None:
            ends = self._ends_of[expiry] = ist_ns(expiry) + self._ends
        return max(ends - at, NS_PER_MINUTE) // NS_PER_SECOND

    def _rules_for(self, contract: Contract) -> _Rules:
        rules = contract.rules
        if rules is None:
            rules = contract.rules = self._rules(contract.instrument)
        return rules

    def _rules(self, instrument: Instrument) -> _Rules:
        found = self._rules_of.get(instrument.name)
        if found is None:
            subject, name, on = subject_of(instrument), instrument.name, self._known_on
            ranges = self._parameters.ranges(subject, name, on)
            found = self._rules_of[name] = _Rules(name, ranges, self._parameters.charges(subject, name, on))
        return found


def _marked(contract: Contract) -> RiskMark:
    assert contract.mark is not None, "what is approximated rests on a mark"
    return contract.mark

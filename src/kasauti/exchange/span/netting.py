"""
Netting: what the contracts held on one underlying require together, and what underlyings save each other.

    SPAN = max(0, max(scan risk + calendar charges - inter-commodity credit, short option minimum)
                  - net option value)

- scan risk: the largest loss of all that is held together, of 16 scenarios; never below zero
- calendar charge: scenarios move all expiries alike, so each unit of delta in one expiry that stands
  against one in another is charged; matched in the order of the spreads
- on the last day of a contract, from the dates on which the benefit ended, what expires that day is scanned
  apart from the rest, and is matched with nothing
- net option value: what the options are worth; sold ones count negative

Source: CME SPAN; market_rules.md 5.1, 5.4.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from kasauti.exchange.span.risk import FIRST_EXTREME, ONE_DELTA, SCENARIOS, Holding, InterSpread, Underlying

_COUNT = len(SCENARIOS)
#: One unit of delta of one unit, as deltas and ratios are kept.
_MILLION = ONE_DELTA


class Scan(msgspec.Struct, frozen=True):
    """The loss of holdings in each scenario, and the worst of them; `risk` is that loss, at least zero."""

    losses: tuple[int, ...]
    worst: int
    risk: int


class Netted(msgspec.Struct, frozen=True):
    """
    What the holdings on one underlying require, in money units.

    `scans` is one scan, or two where what expires today is scanned apart: then the last is of that.
    """

    name: str
    scans: tuple[Scan, ...]
    calendar: int
    minimum: int
    option_value: int
    inter_credit: int = 0

    @property
    def scan_risk(self) -> int:
        """The largest losses."""
        return sum(scan.risk for scan in self.scans)

    @property
    def span(self) -> int:
        """The margin without exposure."""
        risk = self.scan_risk + self.calendar - self.inter_credit
        return max(0, max(risk, self.minimum) - self.option_value)


def net(underlying: Underlying, holdings: Sequence[Holding], apart: date | None = None) -> Netted:
    """
    Return what `holdings` on one underlying require together.

    What expires on `apart` has no part in calendar spreads and is scanned for itself.
    """
    ending = [] if apart is None else [each for each in holdings if each.risk.expiry == apart]
    rest = [each for each in holdings if each.risk.expiry != apart] if ending else holdings
    minimum = underlying.minimum
    return Netted(
        underlying.name,
        tuple(scan(part) for part in (rest, ending) if part),
        _calendar(underlying, rest) if underlying.spreads else 0,
        minimum and minimum * sum(-each.quantity for each in holdings if each.is_sold_option),
        sum(each.quantity * each.risk.price for each in holdings if each.risk.is_option),
    )


def scan(holdings: Sequence[Holding]) -> Scan:
    """Return the losses of `holdings` together, by scenario."""
    losses = [0] * _COUNT
    for each in holdings:
        losses = [so_far + loss for so_far, loss in zip(losses, each.losses, strict=True)]
    most = max(losses)
    return Scan(tuple(losses), losses.index(most), max(0, most))


def _calendar(underlying: Underlying, holdings: Sequence[Holding]) -> int:
    """Return the charges for expiries that stand against each other; each unit of delta is matched once."""
    left: dict[date, int] = {}
    for each in holdings:
        left[each.risk.expiry] = left.get(each.risk.expiry, 0) + each.quantity * each.risk.delta
    charges = 0
    for spread in underlying.spreads:
        near, far = left.get(spread.near, 0), left.get(spread.far, 0)
        if near * far >= 0:
            continue
        matched = min(abs(near) * _MILLION // spread.near_ratio, abs(far) * _MILLION // spread.far_ratio)
        charges += -(-matched * spread.charge // _MILLION)
        sign = 1 if near > 0 else -1
        left[spread.near] = near - sign * matched * spread.near_ratio // _MILLION
        left[spread.far] = far + sign * matched * spread.far_ratio // _MILLION
    return charges


def with_credits(
    netted: Mapping[str, Netted],
    holdings: Mapping[str, Sequence[Holding]],
    spreads: Sequence[InterSpread],
) -> dict[str, Netted]:
    """
    Return `netted` with the credits of underlyings that stand against each other, in the order of `spreads`.

    A spread forgives a part of each leg's price risk: what is lost by price alone, for each unit of delta,
    times the delta that was matched.
    """
    found = dict(netted)
    left = {name: sum(each.quantity * each.risk.delta for each in held) for name, held in holdings.items()}
    risks = {name: _price_risk(each) for name, each in netted.items()}
    whole = dict(left)
    for spread in spreads:
        if any(not left.get(name) for name, _, _ in spread.legs):
            continue
        ways = {(left[name] > 0) == (side == "A") for name, _, side in spread.legs}
        if len(ways) != 1:
            continue
        matched = min(abs(left[name]) * _MILLION // ratio for name, ratio, _ in spread.legs)
        for name, ratio, _ in spread.legs:
            used = matched * ratio // _MILLION
            credit = risks[name] * used * spread.credit // (abs(whole[name]) * _MILLION)
            earlier = found[name]
            found[name] = msgspec.structs.replace(earlier, inter_credit=earlier.inter_credit + credit)
            left[name] -= used if left[name] > 0 else -used
    return found


def _price_risk(netted: Netted) -> int:
    """
    Return what is lost by price alone: the mean of the worst scenario and its twin in volatility, less time.

    Time is the mean of the two scenarios in which the price stands still.
    """
    risk = 0
    for each in netted.scans:
        twin = each.worst if each.worst >= FIRST_EXTREME else each.worst ^ 1
        by_price = each.losses[each.worst] + each.losses[twin]
        risk += max(0, (by_price - each.losses[0] - each.losses[1]) // 2)
    return risk

"""
Risk arrays without a risk file: the sixteen scenarios priced by Black's formula. An approximation.

- the price moves by parts of the price scan range, a percentage of the underlying (of a future's own price),
  the volatility by the volatility scan range; of the two extreme moves a part of the loss counts
- an option's volatility is the one its price implies on the forward, at least a floor; where no volatility
  gives the price, it is the floor, and whoever asks is told so. The forward is spot with carry, which
  measured better than the market's future
- an option that is held against one sold of its expiry takes the volatility of the sold one that is nearest
  in strike: quotes of two strikes are seldom of one moment, and their difference would be margined
- a bought option never loses more than it costs

Measured against the broker's figures of market_rules.md 5.2, error of the total: a future -0.1 %, a short
option at the money +0.9 %, one far out of it +0.7 %, a 100-point credit spread -0.3 %. Three dates only.
Shares were not measured: sigma by share is in the risk file alone, expect 10 % or worse. Nor were commodities
and currencies: their ranges are the least that their clearing houses publish.
Source: market_rules.md 5.3. Floats, because prices of a model are estimates; amounts are rounded to money
units, losses away from zero.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from math import exp, floor, sqrt
from typing import Final

from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.money import to_decimal
from kasauti.exchange.black76 import implied_volatility, option_price, option_prices
from kasauti.exchange.span.ranges import Ranges
from kasauti.exchange.span.risk import FIRST_EXTREME, ONE_DELTA, SCENARIOS, CalendarSpread, Risk, Underlying
from kasauti.exchange.span.sold import SoldEnds

#: How results of this module are to be labelled wherever they are shown.
LABEL = (
    "approximate (SPAN-lite, no risk file). Measured on three dates: index futures -0.1 %, short index"
    " options up to +0.9 %, hedged -0.3 % of the total; expect 4 %, on shares 10 % or worse"
)
#: The same for contracts on commodities and currencies.
OTHER_LABEL = (
    "approximate (SPAN-lite, no risk file). Commodities and currencies by the least that their clearing"
    " houses ask for, not measured: the volatility of the day may ask for more"
)

_SECONDS_PER_YEAR: Final = 365 * 86_400
# Looked up once: a member of an enum costs a function call.
_CALL: Final = Kind.CALL
_MONTHS_A_YEAR: Final = 12
#: The moves of the price that come with the volatility up and then down, in parts of the scan range.
_MOVES: Final = tuple(float(move) for move, _ in SCENARIOS[:FIRST_EXTREME:2])


# Not a msgspec.Struct: compiled to C, the fields of a class are read without a look-up.
class Market:
    """The price of an underlying at a moment, in money units, on the trading day `day`."""

    __slots__ = ("day", "spot")

    def __init__(self, spot: int, day: date) -> None:
        self.spot = spot
        self.day = day

    def forward(self, years: float, carry: float) -> float:
        """Return its price for a day so many `years` away."""
        return self.spot * exp(carry * years)


def spot_of_future(price: int, seconds: int, ranges: Ranges) -> int:
    """Return the price of the underlying that a future at `price` implies, `seconds` before it ends."""
    return round(price * exp(-ranges.carry * seconds / _SECONDS_PER_YEAR))


def future_risk(instrument: Instrument, price: int, ranges: Ranges, day: date) -> Risk:
    """Return what a future at `price` loses; every scenario is a part of its own price."""
    expiry, counted = _expiry(instrument), ranges.extreme_counted * ranges.extreme_ranges
    part = ranges.price_part(expiry, day)
    scan, by = price * part.numerator, part.denominator
    losses = [-(move.numerator * scan // (move.denominator * by)) for move, _ in SCENARIOS[:FIRST_EXTREME]]
    extreme, by = scan * counted.numerator, by * counted.denominator
    losses += [-(extreme // by), -(-extreme // by)]
    return Risk(instrument.id, instrument.kind, expiry, price, price, tuple(losses), ONE_DELTA)


def volatility_of(instrument: Instrument, price: int, market: Market, ranges: Ranges, seconds: int) -> float:
    """Return the volatility for a year that an option's price implies, not below the floor."""
    found = implied_of(instrument, price, market, ranges, seconds)
    return max(found or 0.0, ranges.least_volatility)


def implied_of(
    instrument: Instrument, price: int, market: Market, ranges: Ranges, seconds: int
) -> float | None:
    """Return the volatility for a year that an option's price implies; None where none gives that price."""
    years = max(seconds, 1) / _SECONDS_PER_YEAR
    return implied_volatility(
        price=price,
        forward=nearest(market.forward(years, ranges.carry)),
        strike=instrument.strike,
        seconds=seconds,
        is_call=instrument.kind is _CALL,
    )


def impossible(instrument: Instrument, price: int, market: Market, ranges: Ranges, seconds: int) -> str:
    """Return why an option's price cannot be and what is margined instead; empty where it can be."""
    if implied_of(instrument, price, market, ranges, seconds) is not None:
        return ""
    forward = round(market.forward(max(seconds, 1) / _SECONDS_PER_YEAR, ranges.carry))
    away = forward - instrument.strike
    inside = max(0, away if instrument.kind is _CALL else -away)
    why = "no volatility gives it"
    if price <= inside:
        why = f"exercising it would bring {to_decimal(inside):.2f} on a forward of {to_decimal(forward):.2f}"
    return (
        f"{instrument.tradingsymbol} at {to_decimal(price):.2f} cannot be: {why}. Its risk is reckoned with"
        f" the least volatility of the rules, {ranges.least_volatility:.0%}; check the price."
    )


class _Repriced:
    """
    An option as the model prices it: the forward it begins at, and the spreads of its scenarios.

    `scan` is the price scan range, `extreme` how far the two extreme moves go; `now` is what it is worth
    before anything moves.
    """

    __slots__ = (
        "_counted", "_price", "extreme", "forward", "is_call", "less", "more", "now", "own", "scan", "strike",
    )  # fmt: skip

    def __init__(
        self,
        instrument: Instrument,
        price: int,
        market: Market,
        ranges: Ranges,
        seconds: int,
        volatility: float,
    ) -> None:
        years = max(seconds, 1) / _SECONDS_PER_YEAR
        root, least = sqrt(years), ranges.least_scanned
        self.strike = float(instrument.strike)
        self.is_call = instrument.kind is _CALL
        self.forward = market.forward(years, ranges.carry)
        self.scan = ranges.scan(market.spot, _expiry(instrument), market.day)
        self.extreme = ranges.extreme_ranges * self.scan
        self.own = max(volatility, least) * root
        self.more = max(volatility + ranges.volatility, least) * root
        self.less = max(volatility - ranges.volatility, least) * root
        self.now = self.worth(0.0, self.own)
        self._price, self._counted = price, ranges.extreme_part

    def worth(self, moved: float, spread: float) -> float:
        """Return what it is worth once the forward has moved so far."""
        return option_price(self.forward + moved, spread, strike=self.strike, is_call=self.is_call)

    def loses(self, moved: float, spread: float) -> int:
        """Return what a unit that was bought loses then."""
        return _lost(self.now - self.worth(moved, spread), self._price)

    def loses_in_extremes(self, moved: float) -> int:
        """Return the part that counts of what a unit loses after an extreme move."""
        return _lost((self.now - self.worth(moved, self.own)) * self._counted, self._price)


def option_risk(
    instrument: Instrument, price: int, market: Market, ranges: Ranges, seconds: int, volatility: float
) -> Risk:
    """Return what an option loses that is worth `price`, `seconds` before it ends, at `volatility`."""
    of = _Repriced(instrument, price, market, ranges, seconds, volatility)
    forward, scan, more, less, now = of.forward, of.scan, of.more, of.less, of.now
    strike, is_call = of.strike, of.is_call
    losses: list[int] = []
    for move in _MOVES:
        dear, cheap = option_prices(forward + move * scan, more, less, strike=strike, is_call=is_call)
        losses.append(_lost(now - dear, price))
        losses.append(_lost(now - cheap, price))
    losses.append(of.loses_in_extremes(of.extreme))
    losses.append(of.loses_in_extremes(-of.extreme))
    step = max(1.0, forward * 1e-4)
    slope = of.worth(step, of.own) - of.worth(-step, of.own)
    return Risk(
        instrument.id,
        instrument.kind,
        _expiry(instrument),
        price,
        market.spot,
        tuple(losses),
        nearest(slope / (2 * step) * ONE_DELTA),
    )


def sold_ends(
    instrument: Instrument, price: int, market: Market, ranges: Ranges, seconds: int, volatility: float
) -> SoldEnds:
    """Return the losses of `option_risk` that matter to who sold it, without the others."""
    of = _Repriced(instrument, price, market, ranges, seconds, volatility)
    return SoldEnds(
        price,
        market.spot,
        -of.loses(0.0, of.more),
        -of.loses(of.scan, of.more),
        -of.loses(-of.scan, of.more),
        -of.loses_in_extremes(of.extreme),
        -of.loses_in_extremes(-of.extreme),
    )


def _lost(loss: float, price: int) -> int:
    """Return a loss in whole money units: what was bought never loses more than it costs."""
    return price if loss > price else nearest(loss)


def nearest(value: float) -> int:
    """Return the nearest whole number, of two the even one: `round`, at a tenth of its cost when compiled."""
    below = floor(value)
    above = value - below
    return below + 1 if above > 0.5 or (above == 0.5 and below % 2) else below  # noqa: PLR2004  a half


def underlying_of(name: str, expiries: Iterable[date], market: Market, ranges: Ranges) -> Underlying:
    """
    Return the calendar spreads of every pair of expiries, near ones first, and the minimum of sold options.

    A charge in per cent is on the far month, for which the price of the underlying stands.
    """
    ordered, minimum = sorted(set(expiries)), _part_of_spot(market, ranges.option_minimum)
    if len(ordered) < 2:  # noqa: PLR2004  it takes two
        return Underlying(name, minimum=minimum)
    percentage = _part_of_spot(market, ranges.calendar_charge)
    spreads = [
        CalendarSpread(near, far, _by_months(near, far, ranges.spread_amounts) or percentage)
        for place, near in enumerate(ordered)
        for far in ordered[place + 1 :]
    ]
    return Underlying(name, tuple(spreads), minimum)


def _part_of_spot(market: Market, part: Fraction) -> int:
    return -(-market.spot * part.numerator // part.denominator)


def _by_months(near: date, far: date, amounts: Sequence[int]) -> int:
    """Return the amount for a spread of so many months, 0 where spreads are not charged so."""
    apart = (far.year - near.year) * _MONTHS_A_YEAR + far.month - near.month
    return amounts[min(max(apart, 1), len(amounts)) - 1] if amounts else 0


def nearest_sold(strike: int, sold: Sequence[tuple[int, float]]) -> float | None:
    """Return the volatility of that (strike, volatility) in `sold` that is nearest to `strike`, if any."""
    return min(sold, key=lambda each: (abs(each[0] - strike), each[0]))[1] if sold else None


def _expiry(instrument: Instrument) -> date:
    assert instrument.expiry is not None, "a derivative expires"
    return instrument.expiry

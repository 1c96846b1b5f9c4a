"""
How far from its reference an order's price may be in derivatives, by contract and date.

Limit price protection (LPP) refuses a buy above the range and a sell below it; the other side of each is
free. Of market orders the exchange trades only what is inside its own cap. Rules are compiled once, for a
contract and a day; what is left on an order's path is arithmetic. Source: market_rules.md 3.5.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar

import msgspec

from kasauti.domain.instrument import Exchange, Instrument
from kasauti.domain.money import rupees
from kasauti.domain.order import Side
from kasauti.errors import ConfigError, RuleUnknown
from kasauti.exchange.contract_class import ContractClass, contract_class
from kasauti.exchange.price_range import PriceRange, around
from kasauti.exchange.rules import ONE, Row, RuleFile, Timeline, per_billion, read_rules

_FILE = "price_protection.json"
_NO_END = 2**62


class _Distance(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    up_to: Decimal | None = None
    rupees: Decimal | None = None
    percent: Decimal | None = None
    at_least: Decimal | None = None


class _LimitRow(Row, frozen=True, kw_only=True):
    exchanges: tuple[Exchange, ...]
    classes: tuple[ContractClass, ...]
    ranges: tuple[_Distance, ...]


class _MarketRow(_LimitRow, frozen=True, kw_only=True):
    needs_trade_today: bool = False
    within_limits: bool = False


class _ProtectionFile(RuleFile, frozen=True, kw_only=True):
    limits: tuple[_LimitRow, ...]
    market_orders: tuple[_MarketRow, ...]


class _Step(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Up to the reference `up_to`: `rate` billionths of it, `flat` money units times ONE at least."""

    up_to: int
    rate: int
    flat: int


class Corridor(msgspec.Struct, frozen=True):
    """Distances from a reference price, by how high it is."""

    steps: tuple[_Step, ...]

    def around(self, reference: int, tick: int) -> PriceRange:
        """Return the prices on `tick` that are inside, around `reference`, both in money units above 0."""
        for step in self.steps:
            if reference <= step.up_to:
                distance = max(reference * step.rate, step.flat)
                return around(reference, distance, distance, tick)
        raise AssertionError("the last step has no end")

    def refuses(self, side: Side, price: int, reference: int, tick: int) -> PriceRange | None:
        """Return the range if LPP refuses a limit order at `price`, None if not; a price is on the tick."""
        away = price - reference if side is Side.BUY else reference - price
        if away <= 0 < reference:
            return None  # the passive side is free
        for step in self.steps:
            if reference <= step.up_to:
                if away * ONE <= step.flat or away * ONE <= reference * step.rate:
                    return None
                break
        return self.around(reference, tick)


class MarketOrderCap(msgspec.Struct, frozen=True):
    """
    What the exchange does with market orders in a contract.

    `corridor` bounds the prices they may trade at, around the last traded price (None: nothing does).
    `needs_trade_today` is whether they are refused while the contract has not traded on the day.
    `within_limits` is whether LPP bounds them too.
    """

    corridor: Corridor | None
    needs_trade_today: bool
    within_limits: bool

    def around(self, last: int, tick: int, protection: PriceRange | None = None) -> PriceRange | None:
        """Return the prices a market order may trade at; `protection` is the LPP range that stands."""
        if self.corridor is None:
            return None
        capped = self.corridor.around(last, tick)
        return capped.within(protection) if self.within_limits and protection is not None else capped


class PriceLimits:
    """`price_protection.json`; `RuleUnknown` for a date or a contract it does not cover."""

    def __init__(self) -> None:
        file = read_rules(_FILE, _ProtectionFile)
        self._limits = _timelines("The limit price protection", file.limits, file.known_to)
        self._market = _timelines("The exchange's cap on market orders", file.market_orders, file.known_to)
        self._compiled = {row: _corridor(row) for row in (*file.limits, *file.market_orders)}

    def protection(self, instrument: Instrument, on: date) -> Corridor | None:
        """Return the limit price protection of `instrument`, None where there is none; shares have none."""
        row = _row(self._limits, "The limit price protection", instrument, on)
        return None if row is None else self._compiled[row]

    def market_orders(self, instrument: Instrument, on: date) -> MarketOrderCap | None:
        """Return what the exchange does with market orders, None where it takes them as they come."""
        row = _row(self._market, "The exchange's cap on market orders", instrument, on)
        if row is None:
            return None
        corridor = self._compiled[row]
        if corridor is None and not row.needs_trade_today:
            return None
        return MarketOrderCap(corridor, row.needs_trade_today, row.within_limits)


_Key = tuple[Exchange, ContractClass]
LimitRowT = TypeVar("LimitRowT", bound=_LimitRow)


def _timelines(what: str, rows: Sequence[LimitRowT], known_to: date) -> dict[_Key, Timeline[LimitRowT]]:
    keys = {(exchange, each) for row in rows for exchange in row.exchanges for each in row.classes}
    return {
        (exchange, each): Timeline(
            f"{what} of {each.replace('_', ' ')}s on {exchange}",
            [row for row in rows if exchange in row.exchanges and each in row.classes],
            file=_FILE,
            known_to=known_to,
        )
        for exchange, each in keys
    }


def _row(
    timelines: dict[_Key, Timeline[LimitRowT]], what: str, instrument: Instrument, on: date
) -> LimitRowT | None:
    if not instrument.is_derivative:
        return None
    key = (instrument.exchange, contract_class(instrument))
    if key not in timelines:
        raise RuleUnknown(
            f"{what} of {key[1].replace('_', ' ')}s on {key[0]} is not known ({instrument.id})."
            f" Add a dated row with its source to exchange/data/{_FILE}."
        )
    return timelines[key].on(on)


def _corridor(row: _LimitRow) -> Corridor | None:
    """Compile the ranges of a row; `ConfigError` unless the last, and only the last, has no end."""
    if not row.ranges:
        return None
    ends = [_NO_END if each.up_to is None else rupees(each.up_to) for each in row.ranges]
    if ends != sorted(set(ends)) or ends[-1] != _NO_END:
        raise ConfigError(
            f"exchange/data/{_FILE}: the ranges from {row.effective_from} for {', '.join(row.classes)} need"
            " an 'up_to' that rises from one to the next, and none in the last."
        )
    return Corridor(tuple(_step(end, each) for end, each in zip(ends, row.ranges, strict=True)))


def _step(end: int, distance: _Distance) -> _Step:
    if (distance.rupees is None) == (distance.percent is None):
        raise ConfigError(f"exchange/data/{_FILE}: a range has either 'rupees' or 'percent', not {distance}.")
    flat = distance.rupees if distance.percent is None else distance.at_least
    rate = 0 if distance.percent is None else per_billion(distance.percent, file=_FILE)
    return _Step(end, rate, 0 if flat is None else rupees(flat) * ONE)

"""What bounds the prices of one instrument on one day, as rows to show."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal

import msgspec

from kasauti.analytics.amounts import Money
from kasauti.domain.instrument import Instrument, Kind
from kasauti.errors import RuleUnknown
from kasauti.exchange.circuit_breaker import CircuitBreakers, HaltRow
from kasauti.exchange.late_bands import LateBands
from kasauti.exchange.price_bands import PriceBands
from kasauti.exchange.price_limits import PriceLimits
from kasauti.exchange.price_range import PriceRange

_LATE = "around the average before the shares' closing auction, from its begin to the close"
_WITHOUT_LIST = "no band reaches beyond; every price is taken where rules.daily_lists has none"


class Bound(msgspec.Struct, frozen=True):
    """One rule: what it bounds, from where to where (None: it bounds nothing), and a word on it."""

    rule: str
    low: Money | None
    high: Money | None
    note: str


def price_bounds(
    instrument: Instrument, on: date, price: int, *, percent: Decimal | None = None
) -> list[Bound]:
    """
    Return the rules on the prices of `instrument`, around `price` as if it were the reference of each.

    `percent` is the fixed band of a share without derivatives. A rule that is not known says so in its note.
    Of an index these are the levels that stop the market, `price` being its last close.
    """
    if instrument.kind is Kind.INDEX:
        return _stops(on, price)
    late = LateBands().around(instrument, on, price)
    widest = None if percent is not None else PriceBands().widest(instrument, on, price)
    return [
        _bound("limit price protection", lambda: _protection(instrument, on, price)),
        _bound("market orders", lambda: _market_orders(instrument, on, price)),
        _bound("daily band", lambda: _band(instrument, on, price, percent)),
        *([] if late is None else [Bound("while shares close", late.low, late.high, _LATE)]),
        *([] if widest is None else [Bound("without a list", widest.low, widest.high, _WITHOUT_LIST)]),
    ]


_Found = tuple[PriceRange | None, str]
_Find = Callable[[], _Found]


def _bound(rule: str, find: _Find) -> Bound:
    try:
        found, note = find()
    except RuleUnknown as unknown:
        return Bound(rule, None, None, str(unknown))
    if found is None:
        return Bound(rule, None, None, note)
    return Bound(rule, found.low, found.high, note)


def _protection(instrument: Instrument, on: date, price: int) -> _Found:
    corridor = PriceLimits().protection(instrument, on)
    if corridor is None:
        return None, "none"
    return corridor.around(price, instrument.tick_size), "limit buys above and limit sells below are refused"


def _market_orders(instrument: Instrument, on: date, price: int) -> _Found:
    limits = PriceLimits()
    cap, corridor = limits.market_orders(instrument, on), limits.protection(instrument, on)
    if cap is None:
        return None, "no cap of the exchange"
    tick = instrument.tick_size
    protection = None if corridor is None else corridor.around(price, tick)
    note = "refused before the contract's first trade of the day" if cap.needs_trade_today else ""
    return cap.around(price, tick, protection), note


def _band(instrument: Instrument, on: date, price: int, percent: Decimal | None) -> _Found:
    band = PriceBands().band(instrument, on, percent=percent)
    words = f"{band.percent} % of the {band.base.replace('_', ' ')}"
    minutes = band.cooling_minutes(0, last_half_hour=False)
    wider = "" if minutes is None else f", widened after {minutes} minutes"
    return band.around(price, instrument.tick_size), words + wider


def _stops(on: date, close: int) -> list[Bound]:
    breaker = CircuitBreakers().on(on)
    return [
        Bound(
            f"the market stops at {percent} %",
            close - points,
            close + points,
            _halts_words(breaker.halts(percent)),
        )
        for percent, points in breaker.points(close)
    ]


def _halts_words(rows: Sequence[HaltRow]) -> str:
    return "at any time for the day" if len(rows) == 1 else ", ".join(_halt_words(row) for row in rows)


def _halt_words(row: HaltRow) -> str:
    when = f"before {row.before}" if row.before else "later"
    if row.no_halt:
        return f"{when} not at all"
    return f"{when} for the day" if row.minutes is None else f"{when} for {row.minutes} minutes"

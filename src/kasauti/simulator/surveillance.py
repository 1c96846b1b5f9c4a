"""
What an exchange watches over by itself: prices far from the last trade, and a market that falls too far.

- Limit price protection: a buy limit too far above the last traded price, or a sell limit too far below it,
  is rejected when it arrives, a stop order when it wakes. The exchange measures from the mean price of the
  last 30 seconds; the last price stands for it here.
- The circuit breaker: an index that moves 10, 15 or 20 per cent from its last close stops the whole market.
  Where the close of the day before is not in the log, nobody knows the levels, and they are not watched.

A refusal is in the words of the account's broker (`refusals.json`). One who is lenient has no price
protection.

Source: market_rules.md 3.5.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.board import Board
from kasauti.domain.ist import ist_clock
from kasauti.domain.money import format_price
from kasauti.domain.order import OrderType, Side
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.circuit_breaker import INDICES, CircuitBreaker, CircuitBreakers, Halt
from kasauti.exchange.price_limits import Corridor, PriceLimits
from kasauti.simulator.interest import NEVER_HIGH, NEVER_LOW

_BUY, _SELL = Side.BUY, Side.SELL


class _Watched(msgspec.Struct):
    """An index, its last close, and the levels it has not reached yet, nearest first."""

    name: str
    close: int
    levels: list[tuple[Decimal, int]]


class MarketLimits:
    """The limits of a market, which any number of accounts may share."""

    def __init__(self) -> None:
        self.prices = PriceLimits()
        self.breakers = CircuitBreakers()
        self._day = date.min
        self._corridors: dict[int, Corridor | None] = {}

    def corridors(self, day: date) -> dict[int, Corridor | None]:
        """Return the corridors of a day as far as somebody has asked for them, by slot."""
        if day != self._day:
            self._day, self._corridors = day, {}
        return self._corridors


class Surveillance:
    """The exchange's own limits for one market, as the customers of `broker` meet them."""

    def __init__(self, board: Board, broker: BrokerRules, limits: MarketLimits | None = None) -> None:
        """Watch over the instruments of `board`; `limits` are theirs, where accounts share them."""
        self._board = board
        self._broker = broker
        self._limits = MarketLimits() if limits is None else limits
        self._day = date.min
        self._corridors: dict[int, Corridor | None] = {}
        self._breaker: CircuitBreaker | None = None
        self._watched: dict[int, _Watched] = {}
        #: By slot of an index, the prices at or below and at or above which the market stops next.
        self.levels: dict[int, tuple[int, int]] = {}

    def begin_day(self, day: date, closes: Mapping[str, int]) -> None:
        """
        Take up the limits of a day; `closes` are the last closes of the indices, by id, where known.

        A level that an index is beyond already was reached before, by somebody who is not here any more.
        """
        self._day = max(day, self._broker.assumed)
        self._corridors = self._limits.corridors(self._day)
        self._watched.clear()
        self._breaker = self._limits.breakers.on(self._day)
        for name in INDICES:
            close, slot = closes.get(name, 0), self._board.universe.slots.get(name)
            if close and slot is not None:
                now = self._board.mark(name)
                moved = abs(now - close) if now else 0
                levels = [each for each in self._breaker.points(close) if each[1] > moved]
                self._watched[slot] = _Watched(name, close, levels)
        self._set_levels()

    def refuses(self, slot: int, limit: int, last: int, *, buys: bool) -> str:
        """Return why a limit may not stand with `last` as the last price, empty if it may."""
        if not last or (limit <= last if buys else limit >= last) or self._broker.lenient:
            return ""
        if slot not in self._corridors:
            self._corridors[slot] = self._limits.prices.protection(self._board.universe[slot], self._day)
        corridor, instrument = self._corridors[slot], self._board.universe[slot]
        if corridor is None:
            return ""
        allowed = corridor.refuses(_BUY if buys else _SELL, limit, last, instrument.tick_size)
        if allowed is None:
            return ""
        span = f"{format_price(allowed.low)} to {format_price(allowed.high)}"
        _, words = self._broker.texts.say("price.lpp")
        return f"{words}: {format_price(limit)} is outside {span}."

    def takes_none(self, order_type: OrderType) -> str:
        """Return what an order of a type is told that a call auction does not take at its moment."""
        return self._broker.texts.say("order_type.phase", order_type=order_type)[1]

    def on_index(self, slot: int, price: int, at: int) -> tuple[Halt, str] | None:
        """Return the halt that a price of an index begins, and why in a sentence; None if it begins none."""
        watched = self._watched.get(slot)
        if watched is None or self._breaker is None or not price:
            return None
        halt, moved = None, abs(price - watched.close)
        while watched.levels and moved >= watched.levels[0][1]:
            percent = watched.levels[0][0]
            halt = self._breaker.halt(percent, at)
            self._pass_everywhere(percent)
        return None if halt is None else (halt, _why(watched, halt, price))

    def _pass_everywhere(self, percent: Decimal) -> None:
        """A level stops the market once, whichever index reaches it."""
        for other in self._watched.values():
            other.levels = [each for each in other.levels if each[0] > percent]
        self._set_levels()

    def _set_levels(self) -> None:
        self.levels = {slot: _next(watched) for slot, watched in self._watched.items()}


def _next(watched: _Watched) -> tuple[int, int]:
    if not watched.levels:
        return NEVER_LOW, NEVER_HIGH
    points = watched.levels[0][1]
    return watched.close - points, watched.close + points


def _why(watched: _Watched, halt: Halt, last: int) -> str:
    way, close = "fell" if last < watched.close else "rose", format_price(watched.close)
    until = "the end of the day" if halt.resumes is None else f"{ist_clock(halt.resumes)}"
    return (
        f"market-wide circuit breaker: {watched.name} {way} {halt.percent} % from {close};"
        f" trading stops until {until}"
    )

"""
When the whole market stops: the index levels that stop it, and for how long, by date.

The first of Nifty 50 and Sensex to move that far stops shares and derivatives on every exchange; orders that
stand are cancelled, and a pre-open call auction comes before trading. Source: market_rules.md 3.5; SEBI
CIR/MRD/DP/25/2013.
"""

from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.ist import NS_PER_MINUTE, ist_clock
from kasauti.domain.money import format_price, rupees
from kasauti.errors import ConfigError, InvalidInput
from kasauti.exchange.clock import Clock
from kasauti.exchange.indices import INDICES as LISTED
from kasauti.exchange.rules import ONE, Row, RuleFile, Timeline, per_billion, read_rules

_FILE = "circuit_breaker.json"
_END_OF_DAY = "24:00"

#: The indices whose moves stop the market, by id.
INDICES = tuple(each.id for each in LISTED if each.name in {"NIFTY", "SENSEX"})


class HaltRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a level does when it is reached `before` a time: a halt of `minutes`, none, or the day's end."""

    before: Clock | None = None
    minutes: int | None = None
    no_halt: bool = False


class _Level(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    percent: Decimal
    halts: tuple[HaltRow, ...]


class _BreakerRow(Row, frozen=True, kw_only=True):
    tick: Decimal
    auction_minutes: int
    levels: tuple[_Level, ...]


class _BreakerFile(RuleFile, frozen=True, kw_only=True):
    breakers: tuple[_BreakerRow, ...]


class Halt(msgspec.Struct, frozen=True):
    """
    The market stops at `begins`.

    The call auction opens at `auction` and trading goes on at `resumes`, all in nanoseconds UTC; both are
    None where the day ends here. `percent` is the level that was reached.
    """

    percent: Decimal
    begins: int
    auction: int | None = None
    resumes: int | None = None


class CircuitBreaker:
    """The market-wide circuit breaker of one day."""

    def __init__(self, row: _BreakerRow) -> None:
        self._row = row

    def points(self, previous_close: int) -> tuple[tuple[Decimal, int], ...]:
        """Return the levels: per cent, and index points in money units from the close of the day before."""
        if previous_close <= 0:
            raise InvalidInput(f"{format_price(previous_close)} is not a close of an index.")
        tick = rupees(self._row.tick)
        return tuple(
            (level.percent, _nearest(previous_close * per_billion(level.percent, file=_FILE), tick))
            for level in self._row.levels
        )

    def level(self, previous_close: int, value: int) -> Decimal | None:
        """Return the highest level that an index at `value` has reached, None below the first."""
        moved = abs(value - previous_close)
        reached = [percent for percent, points in self.points(previous_close) if moved >= points]
        return reached[-1] if reached else None

    def halts(self, percent: Decimal) -> tuple[HaltRow, ...]:
        """Return what the level `percent` does by the time of day; `InvalidInput` if it is none."""
        for level in self._row.levels:
            if level.percent == percent:
                return level.halts
        known = ", ".join(str(each.percent) for each in self._row.levels)
        raise InvalidInput(f"{percent} % is not a level of the circuit breaker; they are {known} %.")

    def halt(self, percent: Decimal, at: int) -> Halt | None:
        """
        Return the halt when the level `percent` is reached first at `at`, None where trading goes on.

        A level stops the market once a day: a higher one reached later is another halt.
        """
        clock = ist_clock(at)
        row = next(each for each in self.halts(percent) if clock < (each.before or _END_OF_DAY))
        if row.no_halt:
            return None
        if row.minutes is None:
            return Halt(percent, at)
        auction = at + row.minutes * NS_PER_MINUTE
        return Halt(percent, at, auction, auction + self._row.auction_minutes * NS_PER_MINUTE)


class CircuitBreakers:
    """`circuit_breaker.json` by date."""

    def __init__(self) -> None:
        file = read_rules(_FILE, _BreakerFile)
        for row in file.breakers:
            _check(row)
        self._timeline = Timeline(
            "The market-wide circuit breaker", file.breakers, file=_FILE, known_to=file.known_to
        )

    def on(self, day: date) -> CircuitBreaker:
        """Return the circuit breaker of a day."""
        return CircuitBreaker(self._timeline.on(day))


def _nearest(billionths: int, tick: int) -> int:
    """Round money units times ONE to the nearest tick, halves up."""
    step = tick * ONE
    return (2 * billionths + step) // (2 * step) * tick


def _check(row: _BreakerRow) -> None:
    percents = [level.percent for level in row.levels]
    if not percents or percents != sorted(set(percents)):
        raise ConfigError(f"exchange/data/{_FILE}: the levels from {row.effective_from} have to rise.")
    for level in row.levels:
        ends = [halt.before or _END_OF_DAY for halt in level.halts]
        if not ends or ends != sorted(set(ends)) or ends[-1] != _END_OF_DAY:
            raise ConfigError(
                f"exchange/data/{_FILE}: the halts at {level.percent} % from {row.effective_from} need a"
                " 'before' that rises from one to the next, and none in the last."
            )

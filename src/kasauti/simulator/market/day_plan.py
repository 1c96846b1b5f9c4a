"""What kind of day a seed makes: where it opens, which way it breaks, when it jumps."""

from enum import StrEnum
from itertools import accumulate
from random import Random

import msgspec

from kasauti.simulator.market.draws import stream_key

#: A basis point, as a fraction.
BASIS_POINT = 1e-4

_PURPOSE = 1
_EVEN_ODDS = 0.5


class DayKind(StrEnum):
    """
    The day's story.

    TREND_UP and TREND_DOWN break out of a morning range and go on; RANGE returns to its mean all day;
    FALSE_BREAK goes up or down like a trend and gives all of it back.
    """

    TREND_UP = "trend up"
    TREND_DOWN = "trend down"
    RANGE = "range"
    FALSE_BREAK = "false break"


#: How often each kind is drawn.
_ODDS = {
    DayKind.TREND_UP: 0.36,
    DayKind.TREND_DOWN: 0.36,
    DayKind.RANGE: 0.18,
    DayKind.FALSE_BREAK: 0.10,
}


class Leg(msgspec.Struct, frozen=True):
    """A move of the index by `size` (a log return) between two seconds of the session."""

    begins: int
    ends: int
    size: float


class Jump(msgspec.Struct, frozen=True):
    """A gap: the index is `size` (a log return) away from one second to the next."""

    second: int
    size: float


class DayPlan(msgspec.Struct, frozen=True, kw_only=True):
    """
    The drawn constants of one day. Returns and deviations are fractions, seconds count from the open.

    `swing` is the standard deviation of a whole day's small moves, `half_life` how many seconds it takes
    until half of them are given back. `volatility` is the implied one at the money, for a year of 252
    sessions. Real NIFTY days of January to April 2024: deviation 70 basis points open to close, range 98 on
    average, from 24 to 256.
    """

    kind: DayKind
    open_level: float
    legs: tuple[Leg, ...]
    jumps: tuple[Jump, ...]
    swing: float
    half_life: int
    volatility: float

    @classmethod
    def draw(cls, key: int) -> "DayPlan":
        """Draw the plan of the day that `key` names."""
        # Random.random() is the one method whose stream Python promises never to change.
        draw = Random(stream_key(key, _PURPOSE)).random
        kind = _pick(draw())
        calm = kind is DayKind.RANGE
        return cls(
            kind=kind,
            open_level=round(25_400 + 1_200 * draw(), 2),
            legs=_legs(kind, [draw() for _ in range(6)]),
            jumps=_jumps(1 + int(4 * draw()), [draw() for _ in range(12)], largest=9 if calm else 18),
            swing=(36 + 14 * draw()) * BASIS_POINT,
            half_life=1_500 if calm else 5_400,
            volatility=0.115 + 0.045 * draw(),
        )


def _pick(draw: float) -> DayKind:
    reached = accumulate(_ODDS.values())
    return next((kind for kind, odds in zip(_ODDS, reached, strict=True) if draw < odds), DayKind.RANGE)


def _legs(kind: DayKind, draws: list[float]) -> tuple[Leg, ...]:
    """Return the breakout between 09:45 and 11:45, lasting 50 to 180 minutes, and its return if it fails."""
    if kind is DayKind.RANGE:
        return ()
    size = (42 + 48 * draws[0]) * BASIS_POINT
    if kind is DayKind.TREND_DOWN or (kind is DayKind.FALSE_BREAK and draws[1] < _EVEN_ODDS):
        size = -size
    begins = int(1_800 + 7_200 * draws[2])
    if kind is not DayKind.FALSE_BREAK:
        return (Leg(begins, int(begins + 4_500 + 6_300 * draws[3]), size),)
    turns = int(begins + 3_000 + 2_400 * draws[3])
    back = Leg(turns + 300, int(turns + 3_000 + 2_400 * draws[4]), -size * (1.0 + 0.4 * draws[5]))
    return Leg(begins, turns, size), back


def _jumps(count: int, draws: list[float], *, largest: float) -> tuple[Jump, ...]:
    """Return `count` jumps of 4 to `largest` basis points, up or down, between 09:25 and 15:15."""
    jumps = [
        Jump(
            second=int(600 + 20_400 * when),
            size=(4 + (largest - 4) * size) * BASIS_POINT * (1 if side < _EVEN_ODDS else -1),
        )
        for when, size, side in zip(draws[0::3], draws[1::3], draws[2::3], strict=True)
    ]
    return tuple(sorted(jumps[:count], key=lambda jump: jump.second))

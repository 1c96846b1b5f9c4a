"""
The day's paths, second by second: the index, its forward, volatility, stress and the shares.

All of them are drawn when the market is made, 22,501 values each; everything else of a second follows from
them and from draws that belong to its minute.
"""

from dataclasses import dataclass

import numpy as np

from kasauti.simulator.market.day_plan import DayPlan
from kasauti.simulator.market.draws import normals, stream_key
from kasauti.simulator.market.portable_math import Floats, exp

#: Seconds from 09:15:00 to 15:30:00; the session has one snapshot more.
SESSION_SECONDS = 22_500
SNAPSHOTS = SESSION_SECONDS + 1
SECONDS_PER_MINUTE = 60
MINUTES = SESSION_SECONDS // SECONDS_PER_MINUTE
_ROOT_OF_SECONDS = 150

SESSIONS_PER_YEAR = 252
_SECONDS_PER_YEAR = 365 * 86_400
#: What money costs for a year; it makes the forward's small premium.
_RATE = 0.06
_LN2 = 0.6931471805599453

_SMALL_MOVES, _LULLS, _BASIS, _IMPLIED, _SHARES = range(10, 15)


@dataclass(frozen=True, slots=True)
class Curves:
    """
    How busy the day is at each second, as multiples of a quiet hour.

    `moves` for the size of price moves (NIFTY minutes of early 2024: 1.6 at the open against noon, 1.3 near
    the close), `trading` for volume, `spreads` for the width of quotes.
    """

    moves: Floats
    trading: Floats
    spreads: Floats


@dataclass(frozen=True, slots=True)
class Paths:
    """
    One value for each second of the session.

    `index` and `forward` are rupees; `forward` is what the chain's options are written on, `basis` what the
    market adds to the index and its carry. `variance` is what implied volatility leaves until the options'
    expiry, a fraction squared. `stress` is 0 on a quiet market and about 1 just after a jump of ten basis
    points. `log_return` is the index's since the open.
    """

    curves: Curves
    log_return: Floats
    index: Floats
    basis: Floats
    forward: Floats
    variance: Floats
    stress: Floats


def curves() -> Curves:
    """Return the day's shape: an opening burst, a lull around 13:00, a busier close."""
    now = np.arange(SNAPSHOTS, dtype=np.float64)
    left = SESSION_SECONDS - now
    noon = (now - 14_000) / 3_000
    lull = 1.0 / (1.0 + noon * noon)
    return Curves(
        moves=0.85
        + 1.1 * exp(-now / 480)
        + 0.35 * exp(-now / 3_600)
        + 0.45 * exp(-left / 1_500)
        - 0.12 * lull,
        trading=0.65
        + 1.5 * exp(-now / 600)
        + 0.5 * exp(-now / 4_000)
        + 1.3 * exp(-left / 1_800)
        - 0.2 * lull,
        spreads=1.0 + 3.0 * exp(-now / 300),
    )


def draw_paths(plan: DayPlan, key: int, *, sessions_after: int, expiry_seconds: int) -> Paths:
    """
    Draw the day.

    `sessions_after` are the whole sessions between `day` and the options' expiry, `expiry_seconds` the
    calendar seconds from the open to that expiry.
    """
    shape = curves()
    keys = [stream_key(key, purpose) for purpose in (_SMALL_MOVES, _LULLS, _BASIS, _IMPLIED)]
    stress = _stress(plan)
    moods = exp(0.25 * _mood(keys[1]))
    step = plan.swing / _ROOT_OF_SECONDS * shape.moves * moods * (1.0 + 0.8 * stress)
    log_return = _legs(plan) + _jumps(plan) + _reverting(step * normals(keys[0], SNAPSHOTS), plan.half_life)
    index = plan.open_level * exp(log_return)
    basis = _reverting(0.06 * normals(keys[2], SNAPSHOTS), 600)
    now = np.arange(SNAPSHOTS, dtype=np.float64)
    implied = (
        plan.volatility
        * exp(0.05 * _mood(keys[3]))
        * (1.0 + 0.08 * exp(-now / 900) + 0.12 * stress)
        * (1.0 - 8.0 * log_return)
    )
    # A quarter of a second is left at the very end: a value that rounds away, and no division by zero.
    sessions_left = sessions_after + np.maximum(SESSION_SECONDS - now, 0.25) / SESSION_SECONDS
    return Paths(
        curves=shape,
        log_return=log_return,
        index=index,
        basis=basis,
        forward=forward(index, basis, expiry_seconds),
        variance=implied * implied * sessions_left / SESSIONS_PER_YEAR,
        stress=stress,
    )


def forward(index: Floats, basis: Floats, expiry_seconds: int) -> Floats:
    """
    Return the price for delivery `expiry_seconds` after the open: the index, its carry and the basis.

    The basis fades in the last quarter of an hour: at its expiry a forward is the index.
    """
    left = expiry_seconds - np.arange(SNAPSHOTS, dtype=np.float64)
    return index * (1.0 + _RATE * left / _SECONDS_PER_YEAR) + basis * np.minimum(1.0, left / 900)


def share_path(paths: Paths, key: int, number: int, *, price: float, beta: float) -> Floats:
    """Return the rupee prices of share `number`: `beta` times the index's return, and moves of its own."""
    steps = normals(stream_key(key, _SHARES, number), SNAPSHOTS)
    own = 0.006 / _ROOT_OF_SECONDS * paths.curves.moves * steps
    return price * exp(beta * paths.log_return + _reverting(own, 7_200))


def _legs(plan: DayPlan) -> Floats:
    """Return the plan's legs as smooth steps: u * u * (3 - 2 u)."""
    now = np.arange(SNAPSHOTS, dtype=np.float64)
    moved = np.zeros(SNAPSHOTS)
    for leg in plan.legs:
        u = np.clip((now - leg.begins) / (leg.ends - leg.begins), 0.0, 1.0)
        moved = moved + leg.size * (u * u * (3.0 - 2.0 * u))
    return moved


def _jumps(plan: DayPlan) -> Floats:
    moved = np.zeros(SNAPSHOTS)
    for jump in plan.jumps:
        moved[jump.second :] += jump.size
    return moved


def _stress(plan: DayPlan) -> Floats:
    """Return what the jumps leave behind: 1 for ten basis points, fading with a time constant of 90 s."""
    stress = np.zeros(SNAPSHOTS)
    for jump in plan.jumps:
        since = np.arange(SNAPSHOTS - jump.second, dtype=np.float64)
        stress[jump.second :] += abs(jump.size) * 1_000 * exp(-since / 90)
    return stress


def _mood(key: int) -> Floats:
    """Return a slow path with deviation about 1: a value each minute that keeps 0.97 of the one before."""
    minutes = _decaying(0.243 * normals(key, MINUTES + 2), 0.97)
    second = np.arange(SNAPSHOTS)
    minute = second // SECONDS_PER_MINUTE
    part = (second % SECONDS_PER_MINUTE) / SECONDS_PER_MINUTE
    return minutes[minute] + part * (minutes[minute + 1] - minutes[minute])


def _reverting(steps: Floats, half_life: int) -> Floats:
    """Return the running total of `steps` of which half is forgotten every `half_life` seconds."""
    return _decaying(steps, 1.0 - _LN2 / half_life)


def _decaying(steps: Floats, keep: float) -> Floats:
    total = 0.0
    path = []
    for step in steps.tolist():
        total = total * keep + step
        path.append(total)
    return np.array(path)

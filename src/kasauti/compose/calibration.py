"""
How near the simulated exchange comes to a person's own fills, and what settings bring it nearer.

Each order is placed again in the recorded market, by every fill model, at the moment it reached the exchange:
a market order that traded was there when it traded, any other as long after it was placed as the median
market order took. What the simulation makes of it is held against what happened.
"""

from collections.abc import Iterator, Sequence
from math import ceil
from statistics import fmean

import msgspec
import numpy as np

from kasauti.compose.live_fills import LiveOrder
from kasauti.compose.markets import Market
from kasauti.compose.recorded import ask_in_memory
from kasauti.config import Loaded
from kasauti.domain import events as ev
from kasauti.domain.commands import PlaceOrder
from kasauti.domain.inputs import Ask
from kasauti.domain.order import OrderType
from kasauti.errors import InvalidInput
from kasauti.simulator.fills import PROFILES

#: Per cent of market orders whose latency is told.
_QUANTILES = (0, 50, 90, 95, 99, 100)
_NS_PER_MS = 1_000_000
#: Rupees: money is not what is measured.
_CAPITAL = 10**11


class Fit(msgspec.Struct, frozen=True):
    """
    How one fill model does: of `orders`, how many traded in both worlds or in one of them alone.

    `bias_ticks` is how much worse the real fills were than the simulated ones, in ticks a unit on average,
    negative where the simulation was the harsher; `error_ticks` the same without sign. None without a trade
    in both.
    """

    profile: str
    orders: int
    both: int
    only_live: int
    only_simulated: int
    refused: int
    bias_ticks: float | None
    error_ticks: float | None


class Calibration(msgspec.Struct, frozen=True):
    """
    The fits, the nearest first; `latency_ms` of market orders by per cent, empty without any that traded.

    `settings` are those that bring the simulation nearer, as a configuration file has them.
    """

    orders: int
    latency_ms: list[tuple[int, int]]
    fits: list[Fit]
    settings: dict[str, str | int]


def calibrate(loaded: Loaded, market: Market, orders: Sequence[LiveOrder]) -> Calibration:
    """Hold `orders` against `market`; `InvalidInput` where it is not of ticks."""
    if market.is_bars:
        raise InvalidInput(
            "orders are calibrated on ticks or depth; a bar does not tell what stood when an order arrived"
        )
    latency = _latency(orders)
    asks = list(_asks(orders, _median(latency)))
    fits = [_fit(profile, _settings(loaded, profile), market, orders, asks) for profile in PROFILES]
    fits.sort(key=lambda fit: (fit.bias_ticks is None, abs(fit.bias_ticks or 0.0), fit.error_ticks or 0.0))
    return Calibration(len(orders), latency, fits, _advice(loaded, fits[0], latency))


def _latency(orders: Sequence[LiveOrder]) -> list[tuple[int, int]]:
    waits = [o.filled_at - o.placed_at for o in orders if o.order_type is OrderType.MARKET and o.filled_at]
    if not waits:
        return []
    return [(q, round(float(np.percentile(waits, q)) / _NS_PER_MS)) for q in _QUANTILES]


def _median(latency: list[tuple[int, int]]) -> int:
    return next((ms * _NS_PER_MS for percent, ms in latency if percent == 50), 0)  # noqa: PLR2004


def _asks(orders: Sequence[LiveOrder], median: int) -> Iterator[Ask]:
    """Yield the orders again, in order of when they reached the exchange."""
    timed = []
    for number, order in enumerate(orders):
        at_once = order.order_type is OrderType.MARKET and order.filled_at
        at = order.filled_at if at_once else order.placed_at + median
        command = PlaceOrder(
            order.instrument.id,
            order.side,
            order.quantity,
            order.order_type,
            order.product,
            order.price,
            order.trigger_price,
            command_id=_name(number),
        )
        timed.append((at, number, Ask(at, command)))
    yield from (ask for _, _, ask in sorted(timed, key=lambda each: each[:2]))


def _name(number: int) -> str:
    return f"live-{number}"


def _settings(loaded: Loaded, profile: str) -> Loaded:
    """Return the same settings with this profile, no latency and no slippage of our own, and money enough."""
    replace, config = msgspec.structs.replace, loaded.config
    simulator = replace(
        config.simulator,
        fill_profile=profile,
        latency_low_ms=0,
        latency_high_ms=0,
        latency_profile=None,
        slippage_ticks=0,
        slippage_basis_points=0,
        band="none",
    )
    account = replace(config.account, capital_rupees=_CAPITAL)
    return replace(loaded, config=replace(config, simulator=simulator, account=account))


def _fit(profile: str, loaded: Loaded, market: Market, orders: Sequence[LiveOrder], asks: list[Ask]) -> Fit:
    ids: dict[str, str] = {}
    traded: dict[str, tuple[int, int]] = {}
    refused = 0
    for recorded in ask_in_memory(loaded, market, asks).read():
        event = recorded.event
        if isinstance(event, ev.OrderPlaced):
            ids[event.command_id] = event.order_id
        elif isinstance(event, ev.OrderDenied):
            refused += 1
        elif isinstance(event, ev.OrderFilled):
            units, value = traded.get(event.order_id, (0, 0))
            traded[event.order_id] = units + event.quantity, value + event.quantity * event.price
    worse, only_live, only_simulated = [], 0, 0
    for number, order in enumerate(orders):
        units, value = traded.get(ids.get(_name(number), ""), (0, 0))
        if units and order.filled_at:
            away = order.fill_price - value / units
            worse.append(order.side.sign * away / order.instrument.tick_size)
        only_live += bool(order.filled_at and not units)
        only_simulated += bool(units and not order.filled_at)
    return Fit(
        profile,
        len(orders),
        len(worse),
        only_live,
        only_simulated,
        refused,
        fmean(worse) if worse else None,
        fmean(abs(each) for each in worse) if worse else None,
    )


def _advice(loaded: Loaded, nearest: Fit, latency: list[tuple[int, int]]) -> dict[str, str | int]:
    advice: dict[str, str | int] = {}
    if nearest.bias_ticks is not None:
        advice["simulator.fill_profile"] = nearest.profile
        if nearest.bias_ticks > 0:
            advice["simulator.slippage_ticks"] = ceil(nearest.bias_ticks)
    if latency:
        steps = dict(latency)
        advice["simulator.latency_profile"] = ",".join(f"{percent}:{ms}" for percent, ms in steps.items())
    return advice

"""An engine's parts, made from the configuration."""

from functools import partial
from pathlib import Path

from kasauti import plugins
from kasauti.config import Loaded
from kasauti.config.sections import Config, Risk
from kasauti.domain.board import Board
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.engine.host import StrategyMaker
from kasauti.engine.rules import Rules
from kasauti.errors import ConfigError, PluginError
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.products import ProductRules
from kasauti.ports import LatencyModel, RiskRule, Strategy
from kasauti.risk.gate import RiskGate
from kasauti.risk.rules import (
    MaxDailyLoss,
    MaxOpenOrders,
    MaxOrdersPerDay,
    MaxOrderValue,
    MaxPositions,
)
from kasauti.simulator.fills import PROFILES
from kasauti.simulator.latency import FixedLatency, UniformLatency
from kasauti.simulator.slippage import TickSlippage
from kasauti.simulator.venue import SimulatedVenue

#: Where strategies are found by name.
STRATEGIES = "kasauti.strategies"


def rules(config: Config, plan: str, capital: int) -> Rules:
    """Return the exchange's rules with the charges of `plan` and the account's own gate."""
    return Rules(
        Calendar(),
        ChargeBook(plan),
        MarginTable(),
        ProductRules(),
        RiskGate(risk_rules(config.risk, capital)),
    )


def risk_rules(risk: Risk, capital: int) -> list[RiskRule]:
    """Return the rules that are switched on, in the order of the configuration."""
    chosen: list[RiskRule | None] = [
        MaxOrderValue(risk.max_order_value) if risk.max_order_value is not None else None,
        MaxOpenOrders(risk.max_open_orders) if risk.max_open_orders is not None else None,
        MaxOrdersPerDay(risk.max_orders_per_day) if risk.max_orders_per_day is not None else None,
        MaxDailyLoss(loss) if (loss := risk.max_daily_loss(capital)) is not None else None,
        MaxPositions(risk.max_positions) if risk.max_positions is not None else None,
    ]
    return [rule for rule in chosen if rule is not None]


def venue(config: Config, board: Board, *, is_bars: bool) -> SimulatedVenue:
    """
    Return the simulated exchange.

    On bars an order arrives at once: a bar is too coarse to know what a few milliseconds change, and one
    that came after its open would have to wait for the next.
    """
    simulator = config.simulator
    latency: LatencyModel = FixedLatency(0)
    if not is_bars:
        latency = UniformLatency(simulator.latency_low_ms, simulator.latency_high_ms, config.feed.seed)
    return SimulatedVenue(
        board,
        PROFILES[simulator.fill_profile](),
        TickSlippage(simulator.slippage_ticks, simulator.slippage_basis_points),
        latency,
        stale_after_ns=simulator.stale_after_s * NS_PER_SECOND,
    )


def strategies(loaded: Loaded, universe: Universe, beside: Path | None = None) -> list[StrategyMaker]:
    """
    Return makers of the strategies that the configuration names, for a market with these instruments.

    Each is made once here, so that a wrong parameter is an error before anything starts. Raises
    `ConfigError` for two of one name, or one that wants an instrument that is not there.
    """
    makers: list[StrategyMaker] = []
    names: dict[str, str] = {}
    for number, each in enumerate(loaded.config.strategies):
        kind = plugins.find(STRATEGIES, each.use, port=Strategy, beside=beside)
        makers.append(partial(plugins.make, kind, each.parameters, partial(_place, loaded, number)))
        made, place = makers[-1](), _place(loaded, number, "")
        if made.name in names:
            raise ConfigError(
                f"{place}: two strategies are called {made.name}, {names[made.name]} and {each.use}; an"
                " account knows its strategies by name, so a second one needs a class with another name"
            )
        names[made.name] = each.use
        missing = [instrument for instrument in _wanted(made) if universe.find(instrument) is None]
        if missing:
            raise ConfigError(
                f"{place}: {made.name} wants {missing[0]}, which is not among the {len(universe)} instruments"
                " of this market; correct its parameters, or choose data that has it"
            )
    return makers


def _wanted(strategy: Strategy) -> list[str]:
    """Return the instruments whose prices a strategy asks for; `PluginError` if it cannot say."""
    try:
        wants = strategy.subscriptions()
    except Exception as error:
        raise PluginError(
            f"{strategy.name} cannot say what it wants: its subscriptions() raised"
            f" {type(error).__name__}: {error}. Correct that"
        ) from error
    return [*(candle.instrument for candle in wants.candles), *wants.ticks]


def _place(loaded: Loaded, number: int, parameter: str) -> str:
    """Return where a parameter of a strategy was written, or the strategy itself."""
    path = f"strategies[{number}]"
    return loaded.place(f"{path}.parameters.{parameter}" if parameter else path)

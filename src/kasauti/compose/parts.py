"""An engine's parts, made from the configuration."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from kasauti.compose.assumed_rules import (
    AssumedCalendar,
    AssumedMargins,
    AssumedProducts,
)
from kasauti.compose.daily_lists import daily_lists
from kasauti.compose.published_prices import published_prices
from kasauti.compose.span_margins import FiledMargins, SpanFiles
from kasauti.config import Loaded
from kasauti.config.sections import Config, Risk, Simulator
from kasauti.domain.board import Board
from kasauti.domain.events import AccountOpened
from kasauti.domain.instrument import Universe
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.state import State
from kasauti.engine.rules import Rules
from kasauti.errors import ConfigError
from kasauti.exchange.auctions import AuctionDays, Auctions
from kasauti.exchange.broker_rules import BrokerRules
from kasauti.exchange.brokerage import plan_named, plan_names
from kasauti.exchange.calendar import Calendar
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.corporate_actions import CorporateActions, NoCorporateActions
from kasauti.exchange.margins import MarginTable
from kasauti.exchange.official_prices import OfficialPrices
from kasauti.exchange.overlay import Overlay, using
from kasauti.exchange.products import ProductRules
from kasauti.exchange.restrictions import Restrictions
from kasauti.exchange.rules import refuse_unknown_file, rules_in_force
from kasauti.exchange.settlement import Settlement
from kasauti.ports import LatencyModel, MarginModel, NettingModel, RiskRule
from kasauti.risk.gate import RiskGate
from kasauti.risk.rules import (
    MaxDailyLoss,
    MaxOpenOrders,
    MaxOrdersPerDay,
    MaxOrderValue,
    MaxPositions,
)
from kasauti.simulator.band import EDGES, BandedVenue
from kasauti.simulator.fills import PROFILES, Depth, FillModel
from kasauti.simulator.impact import BookGoesOn
from kasauti.simulator.latency import FixedLatency, QuantileLatency, UniformLatency
from kasauti.simulator.slippage import TickSlippage
from kasauti.simulator.supervised import SupervisedVenue
from kasauti.simulator.surveillance import MarketLimits, Surveillance
from kasauti.simulator.venue import SimulatedVenue


def account_opened(loaded: Loaded) -> AccountOpened:
    """Return the event with which an account of these settings begins."""
    account = loaded.config.account
    return AccountOpened(
        account.name,
        account.trading_mode,
        account.order_prefix,
        account.capital,
        account.plan,
        config=loaded.as_json(),
        rules=rules_in_force(),
    )


def overlay_of(loaded: Loaded) -> Overlay:
    """Return the user's own rule files; `ConfigError` for one that is named like no rule file."""
    for name, _ in loaded.rule_files:
        refuse_unknown_file(name, loaded.config.rules.overlay or "")
    rules = loaded.config.rules
    return Overlay(rules.overlay or "", loaded.rule_files, rules.provisional)


@contextmanager
def rules_of(loaded: Loaded) -> Iterator[None]:
    """
    Read rules with the user's own rows for as long as the block lasts; a whole run belongs in it.

    Raises `ConfigError` with its place for a plan that neither Kasauti nor the user has a price list of.
    """
    with using(overlay_of(loaded)):
        check_plan(loaded)
        yield


def check_plan(loaded: Loaded) -> None:
    """Refuse a plan without a price list, and say where it was written."""
    name = loaded.config.account.plan
    if name in plan_names():
        return
    try:
        plan_named(name)
    except ConfigError as error:
        raise ConfigError(f"{loaded.place('account.plan')}: {error}") from error


def rules(config: Config, plan: str, capital: int, universe: Universe | None = None) -> Rules:
    """
    Return the exchange's rules with the charges of `plan` and the account's own gate.

    Of risk files only what is on underlyings of `universe` is read, if that is given.
    """
    gate = RiskGate(risk_rules(config.risk, capital))
    actions = CorporateActions() if config.feed.prices == "traded" else NoCorporateActions()
    assumed = config.simulator.assume_rules_of
    broker = BrokerRules(plan, lenient=config.account.regime == "permissive", assumed=assumed)
    if assumed is not None:
        return Rules(
            AssumedCalendar(assumed, plan),
            ChargeBook(plan, assumed=assumed),
            _margins(config, AssumedMargins(assumed), universe),
            AssumedProducts(assumed, broker.texts),
            gate,
            Settlement(plan, assumed=assumed),
            broker=broker,
            official=_published(config),
            actions=actions,
            restrictions=_restrictions(config),
        )
    return Rules(
        Calendar(plan=plan),
        ChargeBook(plan),
        _margins(config, MarginTable(), universe),
        ProductRules(broker.texts),
        gate,
        Settlement(plan),
        broker=broker,
        official=_published(config),
        actions=actions,
        restrictions=_restrictions(config),
    )


def make_ready(rules: Rules, day: date) -> None:
    """Read the files that the margins of `day` come from; `ConfigError` for one that cannot be read."""
    if isinstance(rules.margins, NettingModel):
        rules.margins.netting(day)


def _margins(config: Config, table: MarginTable, universe: Universe | None) -> MarginModel:
    where = config.rules.span_files
    if where is None:
        return table
    names = None if universe is None else {each.name for each in universe if each.is_derivative}
    return FiledMargins(table, SpanFiles(Path(where), names), config.simulator.assume_rules_of)


def _published(config: Config) -> OfficialPrices:
    file = config.rules.settlement_prices
    return OfficialPrices() if file is None else published_prices(Path(file))


def _restrictions(config: Config) -> Restrictions:
    file = config.rules.daily_lists
    return Restrictions() if file is None else daily_lists(Path(file))


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


def venue(
    config: Config,
    board: Board,
    state: State,
    rules: Rules,
    *,
    is_bars: bool,
    limits: MarketLimits | None = None,
    auction_days: AuctionDays | None = None,
) -> SimulatedVenue:
    """
    Return the simulated exchange under `rules`, for an account as its log left it.

    `limits` and `auction_days` are the market's own, where several accounts share them.

    On bars an order arrives at once: a bar is too coarse to know what a few milliseconds change, and one
    that came after its open would have to wait for the next.
    """
    simulator = config.simulator
    latency: LatencyModel = FixedLatency(0)
    if not is_bars:
        latency = _latency(simulator, config.feed.seed)
    model = fill_model(simulator, PROFILES[simulator.fill_profile])
    slippage = TickSlippage(simulator.slippage_ticks, simulator.slippage_basis_points)
    stale_after_ns = simulator.stale_after_s * NS_PER_SECOND
    surveillance = Surveillance(board, rules.broker, limits)
    auctions = None if is_bars else Auctions(auction_days or AuctionDays(board.universe, rules.calendar))
    if simulator.band == "none":
        return SupervisedVenue(
            board,
            model,
            slippage,
            latency,
            stale_after_ns=stale_after_ns,
            surveillance=surveillance,
            auctions=auctions,
        )
    held = {key: position.quantity for key, position in state.positions.items() if position.quantity}
    shades = {profile: shade.held for profile, shade in state.band.items()}
    edges = [fill_model(simulator, edge) for edge in EDGES]
    return BandedVenue(
        board,
        model,
        slippage,
        latency,
        stale_after_ns=stale_after_ns,
        surveillance=surveillance,
        auctions=auctions,
        edges=edges,
        held=held,
        shades=shades,
    )


def fill_model(simulator: Simulator, kind: type[FillModel]) -> FillModel:
    """Return a fill model with what the settings say of books and queues."""
    if not issubclass(kind, Depth):
        return kind()
    impact = BookGoesOn(simulator.hidden_percent) if simulator.beyond_book == "sweep" else None
    return kind(impact, fair_cancels=simulator.queue_cancels == "fair")


def _latency(simulator: Simulator, seed: int) -> LatencyModel:
    steps = simulator.latency_steps
    if steps:
        return QuantileLatency(steps, seed)
    if simulator.latency_low_ms == simulator.latency_high_ms:
        return FixedLatency(simulator.latency_low_ms)
    return UniformLatency(simulator.latency_low_ms, simulator.latency_high_ms, seed)

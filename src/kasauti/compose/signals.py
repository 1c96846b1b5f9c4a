"""
Signal strategies over recorded bars: by the compiled kernel where it can, by the event engine where not.

Both come to the same orders, trades and amounts; `Run.assumptions.engine` says which one it was, and why.
"""

from collections.abc import Callable
from datetime import date

import msgspec

from kasauti.analytics.equity_tape import EquityTape
from kasauti.analytics.run import Ending
from kasauti.compose import parts
from kasauti.compose.assumptions import EVENT_ENGINE
from kasauti.compose.kernel_limits import TargetLimits, check_moves
from kasauti.compose.markets import Market, check_tradable, within
from kasauti.compose.recorded import Progress, Traded, Watch, trade_in_memory
from kasauti.compose.signal_bars import BarsWanted
from kasauti.compose.signal_log import log_of
from kasauti.config import Loaded
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.market import Ints
from kasauti.domain.signals import SignalRows
from kasauti.domain.state import State
from kasauti.engine.rules import Rules
from kasauti.errors import KasautiError, PluginError, RuleUnknown
from kasauti.exchange.calendar import segment
from kasauti.simulator.kernel.layout import DAY_LAST_CLOSE
from kasauti.simulator.kernel.marks import lay_out_marks
from kasauti.simulator.kernel.running import BarColumns, run_kernel
from kasauti.simulator.kernel.terms import Exchange, NotHere, Setup, days_of, in_session, terms_of
from kasauti.strategies.columns import Bars
from kasauti.strategies.signal_orders import needs_limit
from kasauti.strategies.signals import SignalStrategy

#: What `Assumptions.engine` says.
BY_KERNEL = "the compiled kernel for signals: the event engine's own orders, trades and amounts, all at once"

#: Fewer bars are done by the event engine before the compiled kernel is even loaded.
KERNEL_FROM = 200_000

Maker = Callable[[], SignalStrategy]


class SignalsTraded(msgspec.Struct, frozen=True):
    """
    What a run of a signal strategy left, and who computed it and why.

    The log of a kernel's run has its orders, trades and days, and not when orders rested or timers rang.
    """

    traded: Traded
    engine: str
    by_kernel: bool


def trade_signals(
    loaded: Loaded, market: Market, make: Maker, watch: Watch | None = None, *, event_engine: bool = False
) -> SignalsTraded:
    """
    Trade `market` with a signal strategy.

    `event_engine` is for a log that has to be whole: then the kernel is not asked. Raises `PluginError` where
    `signals` itself raises, `InvalidInput` for columns that do not fit the bars.
    """
    check_tradable(market, loaded.config.simulator.assume_rules_of)
    strategy, tape = make(), EquityTape(market.universe, market.benchmark)
    account = loaded.config.account
    rules = parts.rules(loaded.config, account.plan, account.capital, market.universe)
    try:
        bars, seen = market_bars(loaded, market, strategy, rules, tape)
    except NotHere as reason:
        return _by_engine(trade_in_memory(loaded, market, [make], watch), reason)
    rows = signal_rows(strategy, bars)
    try:
        if event_engine:
            raise NotHere("it was asked for")  # noqa: TRY301  one way out for every reason
        if loaded.config.simulator.band != "none":
            raise NotHere("the band needs every order matched by other models too")  # noqa: TRY301  as above
        setup = setup_of(loaded, market, strategy, rules)
        if len(bars) < KERNEL_FROM:
            raise NotHere(f"for {len(bars):,} bars it takes longer to load than they take")  # noqa: TRY301  as above
        days, table, schedules = trading_days(setup, rules, bars)
        assumed = loaded.config.simulator.assume_rules_of
        check_moves(market.universe, days, bars.exact, assumed)
        TargetLimits(setup.instrument, days, bars.exact, assumed).check(rows)
        outcome = run_kernel(columns_of(bars), rows, table, schedules, terms_of(setup))
    except NotHere as reason:

        def with_rows() -> SignalStrategy:
            made = make()
            made.with_rows(bars, rows)
            return made

        return _by_engine(trade_in_memory(loaded, market, [with_rows], watch), reason)
    if watch is not None:
        watch(Progress(seen, int(bars.end[-1]), len(market.days), len(market.days)))
    closes = table[:, DAY_LAST_CLOSE].tolist()
    log = log_of(
        outcome,
        parts.account_opened(loaded),
        setup,
        days,
        closes,
        columns_of(bars),
        strategy.name,
    )
    traded = Traded(log, State.replay(log.read()), tape, seen, Ending.COMPLETE)
    return SignalsTraded(traded, BY_KERNEL, by_kernel=True)


def _by_engine(traded: Traded, reason: NotHere) -> SignalsTraded:
    return SignalsTraded(traded, f"{EVENT_ENGINE}. Not the kernel for signals: {reason}", by_kernel=False)


def market_bars(
    loaded: Loaded, market: Market, strategy: SignalStrategy, rules: Rules, tape: EquityTape | None = None
) -> tuple[Bars, int]:
    """
    Return the bars that a strategy sees in `market`, and how many rows the market has in all.

    They are those of its instrument in trading sessions. `tape` is shown every batch. Raises `NotHere` where
    there are none of the length it asks for.
    """
    slot = market.universe.slot(strategy.instrument_id)
    feed = loaded.config.feed
    wanted = BarsWanted(slot, market.universe[slot])
    for batch in within(market, feed.starts_at, feed.ends_at).play(None):
        wanted.take(batch)
        if tape is not None:
            tape.take(batch, {strategy.instrument_id})
    bars = wanted.bars()
    if bars.seconds != strategy.parameters.candle_s:
        raise NotHere(
            f"its candles have {strategy.parameters.candle_s} s, the bars of this market {bars.seconds} s"
        )
    kept, _ = in_session(bars.start, market.universe[slot], rules.calendar)
    return (bars if len(kept) == len(bars) else bars.at_rows(kept)), wanted.seen


def signal_rows(strategy: SignalStrategy, bars: Bars) -> SignalRows:
    """Return the signals of `strategy`; what it raises comes as a `PluginError`."""
    try:
        return strategy.rows(bars)
    except KasautiError:
        raise
    except Exception as error:
        raise PluginError(
            f"{strategy.name} cannot say its signals: signals() raised {type(error).__name__}: {error}"
        ) from error


def trading_days(setup: Setup, rules: Rules, bars: Bars) -> tuple[list[tuple[date, int, int]], Ints, Ints]:
    """Return the days of the bars, and what the kernel has to know of each: its rows and its charges."""
    exchange = Exchange(
        rules.calendar, rules.charges, rules.margins, rules.products, rules.settlement, rules.broker
    )
    start = bars.exact.start
    _, days = in_session(start, setup.instrument, exchange.calendar)
    _check_actions(setup.instrument, rules, days)
    exact = bars.exact
    columns = start, exact.high, exact.low, exact.close, exact.volume
    try:
        table, schedules = days_of(days, bars.seconds, start, setup, exchange)
        lay_out_marks(table, days, setup, exchange, seconds=bars.seconds, columns=columns)
    except RuleUnknown as error:
        raise NotHere(f"a rule is not known: {error}") from error
    return days, table, schedules


def _check_actions(instrument: Instrument, rules: Rules, days: list[tuple[date, int, int]]) -> None:
    """Raise `NotHere` if a company does something during the run: the engine adjusts what is held."""
    if not days:
        return
    for action in rules.actions.between(days[0][0], days[-1][0]):
        if action.of_share(instrument.id) or action.of_contract(instrument.id):
            raise NotHere(f"{instrument.id} has a corporate action on {action.ex_date} ({action.words})")


def setup_of(loaded: Loaded, market: Market, strategy: SignalStrategy, rules: Rules) -> Setup:
    """Return what the run of a strategy is to be like; `NotHere` where files say more than the rules."""
    instrument = market.universe[market.universe.slot(strategy.instrument_id)]
    if loaded.config.rules.span_files is not None and instrument.is_derivative:
        raise NotHere("its margins come from the risk files of rules.span_files")
    if loaded.config.rules.daily_lists is not None:
        raise NotHere("what may be traded and at which prices comes from rules.daily_lists")
    simulator, chosen = loaded.config.simulator, strategy.parameters
    return Setup(
        instrument,
        chosen.product,
        simulator.fill_profile,
        simulator.slippage_ticks,
        simulator.slippage_basis_points,
        loaded.config.account.capital,
        chosen.stop_limit if needs_limit(instrument) else 0,
        rules.gate.rules,
        frozenset(segment(each) for each in market.universe if each.kind is not Kind.INDEX),
        instrument.is_option and instrument.underlying in market.universe,
    )


def columns_of(bars: Bars) -> BarColumns:
    """Return bars as the kernel takes them."""
    exact = bars.exact
    prices = exact.open, exact.high, exact.low, exact.close
    return BarColumns.of(exact.start, prices, exact.volume, bars.seconds)

"""
A backtest from Python: one call, from a strategy and data to a result.

It is the paper session's own engine, fed with recorded data as fast as the machine allows.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import SupportsIndex, cast

import msgspec

from kasauti import __version__
from kasauti.analytics.run import Run
from kasauti.analytics.run_of_log import run_of_log
from kasauti.compose.affordable import check_affordable
from kasauti.compose.assumptions import EVENT_ENGINE, assumptions_of
from kasauti.compose.benchmark import with_benchmark
from kasauti.compose.capital import whole_rupees
from kasauti.compose.given_day import Day, day_of
from kasauti.compose.index_futures import with_index_futures
from kasauti.compose.markets import Market, between, market_of
from kasauti.compose.parts import rules_of
from kasauti.compose.recorded import Progress, Traded, trade_in_memory
from kasauti.compose.recorded_markets import market_of_data, symbols_of, with_adjusted_history
from kasauti.compose.result import BacktestResult
from kasauti.compose.signals import trade_signals
from kasauti.compose.strategies import GivenStrategy, given_strategy, wanted_by
from kasauti.config import Loaded, load_config
from kasauti.config.sections import FeedSection
from kasauti.errors import InvalidInput
from kasauti.store.memory import MemoryLog
from kasauti.strategies.signals import SignalStrategy

#: The name of the built-in market, where data is asked for.
BUILT_IN = "builtin"
#: Whole rupees to begin with where nobody says.
CAPITAL_RUPEES = 1_000_000


def backtest(
    strategy: object,
    data: object = BUILT_IN,
    *,
    capital: SupportsIndex | str | Decimal | None = None,
    start: Day | None = None,
    end: Day | None = None,
    profile: str | None = None,
    plan: str | None = None,
    parameters: Mapping[str, object] | None = None,
    symbols: Sequence[str] = (),
    seed: SupportsIndex | None = None,
    index_futures: bool = False,
    assume_rules_of: Day | None = None,
    band: bool = False,
    regime: str | None = None,
    config: Path | str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> BacktestResult:
    """
    Trade `data` with `strategy` and return what came of it.

    `strategy` is a class (with `parameters`), an object of one, an installed name or `my_file.py:MyClass`.
    `data` is a file or folder of recorded data, a list of files (names may have wildcards), a polars or
    pandas data frame or Arrow table, a `Market`, or "builtin" for the built-in market day.
    `capital` is in whole rupees (default ₹10 lakh; "5,00,000", "5 lakh" and "1 crore" are understood).
    `start` and `end` are the first and the last day, IST, both included. `profile` says what has to happen
    for an order to fill (depth, touch, pessimistic, ltp), `plan` whose price list holds.
    `symbols` choose from the data, `seed` is that of the built-in market and of latencies, `config` a file of
    settings; what is given here wins over it. With `band` the result also has what the same orders would have
    made by the kindest and by the harshest fill model. `regime` is live (the default: what the broker refuses
    on a date is refused) or permissive. `progress` is called every so many rows.

    Two assumptions can be made, and the report says so: `index_futures` makes near-month futures from bars of
    an index, which cannot be traded itself; `assume_rules_of` is a day whose rules hold on every earlier day,
    for data from before the first known ones.

    A strategy that raises, and Ctrl-C, end the run early: `ending` and `failure` of the result say so.
    Raises a `KasautiError` with a sentence for anything that was given and cannot be used.
    """
    given = given_strategy(strategy, parameters)
    loaded = settings(
        Path(config) if config is not None else None,
        {},
        chosen_settings(
            capital=capital,
            plan=plan,
            profile=profile,
            symbols=symbols,
            seed=seed,
            index_futures=index_futures,
            assume_rules_of=assume_rules_of,
            band=band,
            regime=regime,
        )
        | feed_settings(data),
    )
    first, last = day_of(start, "start"), day_of(end, "end")
    with rules_of(loaded):
        return run_backtest(loaded, market_given(data, loaded, first, last), given, progress)


def run_backtest(
    loaded: Loaded,
    market: Market,
    given: GivenStrategy,
    progress: Callable[[Progress], None] | None = None,
) -> BacktestResult:
    """
    Trade `market` with one strategy; its account and simulator are as `loaded` says.

    A signal strategy is computed by the compiled kernel where that can do what it asks for.
    """
    with rules_of(loaded):
        return _traded(settings_with(loaded, given), market, given, progress)


def _traded(
    chosen: Loaded, market: Market, given: GivenStrategy, progress: Callable[[Progress], None] | None
) -> BacktestResult:
    make = given.fitted(market.universe)
    made = make()
    market = with_benchmark(market, wanted_by(made))
    if isinstance(made, SignalStrategy):
        make_signals = cast("Callable[[], SignalStrategy]", make)
        done = trade_signals(chosen, market, make_signals, progress)

        def again() -> MemoryLog:
            with rules_of(chosen):
                return trade_signals(chosen, market, make_signals, event_engine=True).traded.log

        if done.by_kernel:
            return _result(chosen, market, given, done.traded, done.engine, again)
        return _result(chosen, market, given, done.traded, done.engine)
    return _result(chosen, market, given, trade_in_memory(chosen, market, [make], progress))


def _result(
    loaded: Loaded,
    market: Market,
    given: GivenStrategy,
    traded: Traded,
    engine: str = EVENT_ENGINE,
    log: Callable[[], MemoryLog] | None = None,
) -> BacktestResult:
    account = loaded.config.account
    check_affordable(traded.log.read(), market.universe, account.capital)

    def run() -> Run:
        with rules_of(loaded):
            assumptions = assumptions_of(loaded.config, market, engine, traded.tape.benchmark_id)
        return run_of_log(
            traded.log.read(),
            instruments=market.universe,
            label=given.label,
            assumptions=assumptions,
            version=__version__,
            parameters=given.chosen,
            tape=traded.tape,
            ending=traded.ending,
            failure=traded.failure,
        )

    return BacktestResult(run, log or (lambda: traded.log), account.name, traded.tape.prices)


def settings_with(loaded: Loaded, given: GivenStrategy) -> Loaded:
    """Return `loaded` with this strategy and no other."""
    config = msgspec.structs.replace(loaded.config, strategies=(given.section,))
    return msgspec.structs.replace(loaded, config=config)


def chosen_settings(
    *,
    capital: SupportsIndex | str | Decimal | None = None,
    plan: str | None = None,
    profile: str | None = None,
    symbols: Sequence[str] = (),
    seed: SupportsIndex | None = None,
    index_futures: bool = False,
    assume_rules_of: Day | None = None,
    band: bool = False,
    regime: str | None = None,
) -> dict[str, str | None]:
    """Return the settings that these choices mean, None where nothing was chosen."""
    assumed = day_of(assume_rules_of, "assume_rules_of")
    return {
        "account.capital_rupees": None if capital is None else str(whole_rupees(capital)),
        "account.plan": plan,
        "account.regime": regime,
        "simulator.fill_profile": profile,
        "feed.symbols": ",".join(symbols) or None,
        "feed.seed": None if seed is None else str(seed),
        "feed.index_futures": "near_month" if index_futures else None,
        "simulator.assume_rules_of": None if assumed is None else str(assumed),
        "simulator.band": "edges" if band else None,
    }


def settings(config: Path | None, environ: Mapping[str, str], given: Mapping[str, str | None]) -> Loaded:
    """Return the configuration of a backtest: capital and built-in market unless something else is said."""
    overrides = {key: value for key, value in given.items() if value is not None}
    loaded = load_config(config, overrides, environ)
    if "account.capital_rupees" not in loaded.origins:
        loaded = load_config(config, overrides | {"account.capital_rupees": str(CAPITAL_RUPEES)}, environ)
    return loaded


def feed_settings(data: object) -> dict[str, str | None]:
    """Return the settings that `data` means: what a configuration file would say of it."""
    if isinstance(data, str) and data == BUILT_IN:
        return {"feed.kind": "builtin"}
    if isinstance(data, str | Path):
        return {"feed.kind": "recorded", "feed.path": str(data)}
    return {}


def market_given(data: object, loaded: Loaded, first: date | None, last: date | None) -> Market:
    """Return the market that `data` means, from the `first` to the `last` day."""
    if isinstance(data, Market):
        return between(_as_wanted(data, loaded), first, last)
    feed = loaded.config.feed
    if isinstance(data, str | Path) and not _is_pattern(data):
        return between(market_of(_of_days(feed, first, last)), first, last)
    market = market_of_data(
        data,
        start=first,
        end=last,
        symbols=symbols_of(feed),
        time_zone=feed.time_zone,
        layout=feed.layout,
    )
    return _as_wanted(market, loaded)


def _of_days(feed: FeedSection, first: date | None, last: date | None) -> FeedSection:
    """Return `feed` without the recorded days that nobody asks for: they are not read, and lack nothing."""
    if feed.kind != "recorded" or feed.day is not None:
        return feed
    begin = max((day for day in (first, feed.first_day) if day is not None), default=None)
    end = min((day for day in (last, feed.last_day) if day is not None), default=None)
    if begin is not None and end is not None and begin > end:
        raise InvalidInput(f"{begin} is after {end}; the first day comes before the last one")
    return msgspec.structs.replace(feed, first_day=begin, last_day=end)


def _as_wanted(market: Market, loaded: Loaded) -> Market:
    feed = loaded.config.feed
    made = with_index_futures(market) if feed.index_futures == "near_month" else market
    return with_adjusted_history(made, feed)


def _is_pattern(data: str | Path) -> bool:
    return any(sign in str(data) for sign in "*?[")

"""Runs that were kept: as columns, or as the log that they follow from."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from kasauti import __version__, plugins
from kasauti.analytics.run import Assumptions, Ending, Run
from kasauti.analytics.run_file import is_run_file, load_run
from kasauti.analytics.run_of_log import run_of_log
from kasauti.compose.instruments import known_instrument
from kasauti.compose.strategies import GROUP, given_strategy
from kasauti.config.sections import Config, StrategySection
from kasauti.domain import events as ev
from kasauti.domain.instrument import Instrument
from kasauti.errors import KasautiError, LogError
from kasauti.store.sqlite import SqliteLog, SqliteStore

_NOT_KEPT = "not kept in a log; a run saved as NAME.run has it"


def saved_run(path: Path) -> Run:
    """
    Return the run in a file that `BacktestResult.save` or a session wrote.

    A log knows what the account was worth at the end of each day, and not in between. Raises `LogError` for
    what is neither a run nor a log.
    """
    if not path.is_file():
        raise LogError(f"there is no run in {path}; name a file that `kasauti backtest --save` wrote")
    if is_run_file(path):
        return load_run(path)
    with SqliteStore.open(path, readonly=True) as store:
        names = store.streams()
    if not names:
        raise LogError(f"{path} has no events, so no run either")
    with SqliteLog.open(path, names[0], readonly=True) as log:
        events = list(log.read())
    return _of_log(events, path)


def _of_log(events: list[ev.Recorded], path: Path) -> Run:
    started = next((each.event for each in events if isinstance(each.event, ev.SessionStarted)), None)
    opened = next((each.event for each in events if isinstance(each.event, ev.AccountOpened)), None)
    if opened is None:
        raise LogError(f"{path} holds no account, so no run either")
    text = opened.config if started is None else started.config
    config = msgspec.json.decode(text, type=Config, strict=False)
    strategies, simulator = config.strategies, config.simulator
    failed = [each.event for each in events if isinstance(each.event, ev.StrategyFailed)]
    return run_of_log(
        events,
        instruments=_instruments(events),
        label=path.stem,
        assumptions=Assumptions(
            data=opened.account if started is None else started.feed,
            bars=_NOT_KEPT,
            profile=simulator.fill_profile,
            latency=_NOT_KEPT,
            slippage=f"{simulator.slippage_ticks} ticks, {simulator.slippage_basis_points} basis points",
            plan=opened.plan,
            engine="the event engine",
            rules=opened.rules if started is None else started.rules,
        ),
        version=__version__ if started is None else started.version,
        parameters={name: value for each in strategies for name, value in _chosen(each).items()},
        ending=Ending.FAILED if failed else Ending.COMPLETE,
        failure=f"{failed[0].strategy}, {failed[0].hook}: {failed[0].error}" if failed else "",
    )


def _chosen(section: StrategySection) -> dict[str, str]:
    """
    Return the parameters that are not as the strategy has them; all of one that is not installed.

    A file that a log names is not run to find that out.
    """
    every = {name: str(value) for name, value in section.parameters.items()}
    if section.use not in plugins.names(GROUP):
        return every
    try:
        return given_strategy(section.use, section.parameters).chosen
    except KasautiError:  # its parameters were others then
        return every


def _instruments(events: list[ev.Recorded]) -> Iterator[Instrument]:
    """Yield what the log says of the instruments that orders name."""
    named = {
        each.event.instrument for each in events if isinstance(each.event, ev.OrderPlaced | ev.OrderDenied)
    }
    for name in sorted(named):
        found = known_instrument(name)
        if found is None:
            raise LogError(
                f"the log has an order in {name}, which no rule can read; save the run as NAME.run"
            )
        yield found

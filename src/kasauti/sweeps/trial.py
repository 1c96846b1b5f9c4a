"""One backtest of a sweep: its settings, its run, its figures, or why there are none."""

from collections.abc import Callable

import msgspec

from kasauti.analytics.run import Ending
from kasauti.compose.backtest import run_backtest
from kasauti.compose.markets import Market
from kasauti.compose.strategies import given_strategy
from kasauti.config import Loaded
from kasauti.errors import ConfigError, InvalidInput, KasautiError
from kasauti.sweeps.figures import figures_of
from kasauti.sweeps.outcome import Outcome
from kasauti.sweeps.space import Combination


class Setup(msgspec.Struct, frozen=True):
    """
    What a backtest is besides its combination.

    `strategy` is a class, a name, or `my_file.py:MyClass`, `fixed` its parameters that are not swept,
    `loaded` the settings of account and simulator.
    """

    strategy: str | type
    fixed: dict[str, object]
    loaded: Loaded


def run_trial(setup: Setup, market: Market, combination: Combination) -> Outcome:
    """Trade `market` with one combination; whatever the strategy or the engine raises comes through."""
    given = given_strategy(setup.strategy, {**setup.fixed, **combination}, parameter_place)
    result = run_backtest(setup.loaded, market, given)
    if result.ending is Ending.INTERRUPTED:
        raise KeyboardInterrupt
    if result.ending is Ending.FAILED:
        return Outcome(error=result.failure)
    run = result.run
    return Outcome(figures_of(run), tuple(run.days.day), tuple(run.days.equity.tolist()), run.capital)


def attempted(compute: Callable[[], Outcome]) -> Outcome:
    """Return what `compute` returns, or an outcome that says what it raised."""
    try:
        return compute()
    except (ConfigError, InvalidInput) as error:
        return Outcome(error=str(error), refused=True)
    except KasautiError as error:
        return Outcome(error=str(error))
    except Exception as error:  # noqa: BLE001  a strategy may raise anything, and fails alone
        return Outcome(error=f"{type(error).__name__}: {error}")


def parameter_place(name: str) -> str:
    """Return where a parameter stands, for a sentence about it."""
    return f"parameter {name}" if name else "parameters"

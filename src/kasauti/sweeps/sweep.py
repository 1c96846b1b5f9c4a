"""A sweep from Python: one call, from a strategy, data and values to try, to a result."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from operator import index
from pathlib import Path
from typing import SupportsIndex

import msgspec

from kasauti.compose import backtest as bt
from kasauti.compose.given_day import Day, day_of
from kasauti.compose.markets import Market
from kasauti.compose.parts import rules_of
from kasauti.config import Loaded
from kasauti.domain.plain import plain
from kasauti.errors import InvalidInput
from kasauti.sweeps.campaign import Watch, run_sweep
from kasauti.sweeps.result import SweepResult
from kasauti.sweeps.search import SearchKind
from kasauti.sweeps.space import space
from kasauti.sweeps.wanted import Wanted


def sweep(
    strategy: object,
    data: object,
    parameters: Mapping[str, object] | Iterable[str],
    *,
    where: str | Iterable[str] = (),
    metric: str = "sharpe",
    search: str = "grid",
    trials: SupportsIndex | None = None,
    seed: SupportsIndex = 0,
    walk_forward: str = "",
    jobs: SupportsIndex = 0,
    on: str = "",
    out: Path | str | None = None,
    capital: SupportsIndex | str | Decimal | None = None,
    start: Day | None = None,
    end: Day | None = None,
    profile: str | None = None,
    plan: str | None = None,
    fixed: Mapping[str, object] | None = None,
    symbols: Sequence[str] = (),
    index_futures: bool = False,
    assume_rules_of: Day | None = None,
    regime: str | None = None,
    progress: Watch | None = None,
) -> SweepResult:
    """
    Backtest a strategy with many parameters and say which are best, and whether that can be believed.

    What is not named here is as in `backtest`. `parameters` is what to try, like {"fast": range(5, 55, 5),
    "slow": "20:200:10"}, under the conditions of `where`, like "fast < slow"; all others are `fixed`.
    `search` is grid, random or bayes, the last two for `trials` combinations drawn with `seed`. With
    `walk_forward` like "6:2" it also chooses over six months and tests on the next two, on and on. `jobs` are
    processes, 0 for one a core; `on` is a Ray cluster, like "ray://host:10001". With a folder `out` every
    result is kept there as it comes: the same call goes on where it was. Ctrl-C returns what is there.
    """
    given = bt.chosen_settings(
        capital=capital, plan=plan, profile=profile, symbols=symbols, index_futures=index_futures,
        assume_rules_of=assume_rules_of, regime=regime,
    )  # fmt: skip
    loaded = bt.settings(None, {}, given | bt.feed_settings(data))
    wanted = Wanted(
        strategy=_class_of(strategy),
        market=_market(data, loaded, start, end),
        space=space(parameters, where),
        loaded=loaded,
        metric=metric,
        search=_search_kind(search),
        trials=None if trials is None else index(trials),
        seed=index(seed),
        walk_forward=walk_forward,
        jobs=index(jobs),
        on=on,
        out=None if out is None else Path(out),
        fixed={**_own_parameters(strategy), **(fixed or {})},
    )
    return run_sweep(wanted, progress or (lambda _: None), lambda: False)


def _market(data: object, loaded: Loaded, start: Day | None, end: Day | None) -> Market:
    with rules_of(loaded):
        return bt.market_given(data, loaded, day_of(start, "start"), day_of(end, "end"))


def _class_of(strategy: object) -> str | type:
    return strategy if isinstance(strategy, str | type) else type(strategy)


def _own_parameters(strategy: object) -> dict[str, object]:
    """Return the parameters of an object, none of a class or its name."""
    own = None if isinstance(strategy, type) else getattr(strategy, "parameters", None)
    values: dict[str, object] = {}
    if isinstance(own, msgspec.Struct):
        values = msgspec.to_builtins(own, builtin_types=(Decimal,), enc_hook=plain)
    return values


def _search_kind(name: str) -> SearchKind:
    try:
        return SearchKind(name)
    except ValueError as error:
        raise InvalidInput(f"search is {name!r}, which is none of {', '.join(SearchKind)}") from error

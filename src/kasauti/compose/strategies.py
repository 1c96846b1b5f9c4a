"""Strategies for a run: from what names one, a name, a file, a class or an object, to makers of it."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from kasauti import plugins
from kasauti.config import Loaded
from kasauti.config.sections import StrategySection
from kasauti.config.words import did_you_mean
from kasauti.domain.instrument import Kind, Universe
from kasauti.domain.plain import plain
from kasauti.engine.host import StrategyMaker
from kasauti.errors import ConfigError, InvalidInput, KasautiError, PluginError
from kasauti.ports import Strategy

#: Where strategies are found by name.
GROUP = "kasauti.strategies"


class GivenStrategy(msgspec.Struct, frozen=True):
    """
    A strategy ready to be made.

    `make` returns a fresh one each time. `section` is how a configuration would name it, with every
    parameter it has; `label` is how a person sees it, and `chosen` the parameters that are not as the class
    has them, as text.
    """

    make: StrategyMaker
    section: StrategySection
    label: str
    chosen: dict[str, str] = {}

    def fitted(self, universe: Universe, place: str = "parameters") -> StrategyMaker:
        """
        Return a maker for a market with these instruments.

        A strategy that does not say which instruments it trades gets all of them that can be traded. Raises
        `ConfigError` for one that wants what is not there; `place` is where its parameters were written.
        """
        tradable = tuple(each.id for each in universe if each.kind is not Kind.INDEX)

        def make() -> Strategy:
            strategy = self.make()
            if not getattr(strategy, "instruments", True):
                strategy.instruments = tradable  # type: ignore[attr-defined]
            return strategy

        _check_wanted(make(), universe, place)
        return make


def given_strategy(
    strategy: object,
    parameters: Mapping[str, object] | None = None,
    place: Callable[[str], str] = lambda name: f"parameters[{name!r}]" if name else "parameters",
    beside: Path | None = None,
) -> GivenStrategy:
    """
    Return the strategy that was given: an object, a class, an installed name, or `file.py:Class`.

    An object is copied as it stands for each run and takes no `parameters`: it has its own. `place` says
    where a parameter was written. Raises `PluginError` or `ConfigError` for what is none, `InvalidInput` for
    parameters beside an object.
    """
    if isinstance(strategy, str):
        kind = plugins.find(GROUP, strategy, port=Strategy, beside=beside)
        return _of_class(kind, strategy, parameters or {}, place)
    if isinstance(strategy, type):
        use = f"{strategy.__module__}:{strategy.__qualname__}"
        return _of_class(plugins.checked(strategy, use, GROUP, Strategy), use, parameters or {}, place)
    kind = type(strategy)
    use = f"{kind.__module__}:{kind.__qualname__}"
    plugins.checked(kind, use, GROUP, Strategy)
    if parameters:
        raise InvalidInput(
            f"{use} is an object and has its parameters already; give the class {kind.__qualname__} together"
            " with parameters, or the object alone"
        )
    kept = deepcopy(strategy)
    return _described(partial(deepcopy, kept), use)


def _of_class(
    kind: type[Any], use: str, parameters: Mapping[str, object], place: Callable[[str], str]
) -> GivenStrategy:
    return _described(partial(plugins.make, kind, dict(parameters), place), use)


def _described(make: Callable[[], Any], use: str) -> GivenStrategy:
    made = make()
    own = getattr(made, "parameters", None)
    if not isinstance(own, msgspec.Struct):
        return GivenStrategy(make, StrategySection(use=use), made.name)
    values = msgspec.to_builtins(own, builtin_types=(Decimal,), enc_hook=plain)
    usual = {field.name: field.default for field in msgspec.structs.fields(own)}
    chosen = {name: str(value) for name, value in values.items() if getattr(own, name) != usual[name]}
    return GivenStrategy(make, StrategySection(use=use, parameters=values), made.name, chosen)


def strategies(loaded: Loaded, universe: Universe, beside: Path | None = None) -> list[StrategyMaker]:
    """
    Return makers of the strategies that the configuration names, for a market with these instruments.

    Each is made once here, so that a wrong parameter is an error before anything starts. Raises
    `ConfigError` for two of one name, or one that wants an instrument that is not there.
    """
    makers: list[StrategyMaker] = []
    names: dict[str, str] = {}
    for number, each in enumerate(loaded.config.strategies):
        given = given_strategy(each.use, each.parameters, partial(_place, loaded, number), beside)
        place = _place(loaded, number, "")
        if given.label in names:
            raise ConfigError(
                f"{place}: two strategies are called {given.label}, {names[given.label]} and {each.use}; an"
                " account knows its strategies by name, so a second one needs a class with another name"
            )
        names[given.label] = each.use
        makers.append(given.fitted(universe, place))
    return makers


def _place(loaded: Loaded, number: int, parameter: str) -> str:
    """Return where a parameter of a strategy was written, or the strategy itself."""
    path = f"strategies[{number}]"
    return loaded.place(f"{path}.parameters.{parameter}" if parameter else path)


def _check_wanted(strategy: Strategy, universe: Universe, place: str) -> None:
    """Raise `ConfigError` if a strategy asks for prices that a market with these instruments has not."""
    missing = [instrument for instrument in wanted_by(strategy) if universe.find(instrument) is None]
    if missing:
        near = did_you_mean(missing[0], [each.id for each in universe])
        raise ConfigError(
            f"{place}: {strategy.name} wants {missing[0]}, which is not among the {len(universe)} instruments"
            f" of this market; correct its parameters, or choose data that has it.{near}"
        )


def wanted_by(strategy: Strategy) -> list[str]:
    """Return the instruments whose prices a strategy asks for; `PluginError` if it cannot say."""
    try:
        wants = strategy.subscriptions()
    except KasautiError:
        raise
    except Exception as error:
        raise PluginError(
            f"{strategy.name} cannot say what it wants: its subscriptions() raised"
            f" {type(error).__name__}: {error}. Correct that"
        ) from error
    return [*(candle.instrument for candle in wants.candles), *wants.ticks]

"""A configuration that can explain itself."""

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from kasauti.config.document import Document
from kasauti.config.keys import STRATEGIES, Key, keys, keys_of
from kasauti.config.rule_files import RuleFiles
from kasauti.config.sections import Config, StrategySection
from kasauti.config.words import HIDDEN, must_be_hidden

DEFAULT = "default"

_JSON = msgspec.json.Encoder(decimal_format="number")


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the explanation: what holds, where it came from, and what else could stand there."""

    key: str
    value: object
    origin: str
    default: object
    description: str
    allowed: str
    unit: str


class Loaded(msgspec.Struct, frozen=True):
    """
    A configuration, and where each of its values came from.

    `rule_files` are the user's own rule files as they were when it was read.
    """

    config: Config
    origins: dict[str, str]
    document: Document | None
    rule_files: RuleFiles = ()

    def explain(self) -> list[Setting]:
        """Return every setting in the order of the documentation; those of a strategy one by one."""
        return list(self._settings())

    def place(self, path: str) -> str:
        """Return where the value at `path` was written, like "config.yaml line 12" or "default"."""
        top = path.partition("[")[0]
        origin = self.origins.get(top, DEFAULT)
        from_file = self.document is not None and origin == self.document.place(top)
        return self.document.place(path) if self.document is not None and from_file else origin

    def as_json(self) -> str:
        """Return the configuration for the account's log; parameters named like a secret are hidden."""
        values = msgspec.to_builtins(self.config, builtin_types=(Decimal,))
        for strategy in values[STRATEGIES]:
            strategy["parameters"] = _without_secrets(strategy["parameters"])
        return _JSON.encode(values).decode()

    def _settings(self) -> Iterator[Setting]:
        for path, key in keys().items():
            if path == STRATEGIES:
                yield from self._strategies(key)
            else:
                section, name = path.split(".")
                yield self._setting(path, key, getattr(getattr(self.config, section), name))

    def _strategies(self, key: Key) -> Iterator[Setting]:
        if not self.config.strategies:
            yield self._setting(STRATEGIES, key, [])
        inner = keys_of(StrategySection)
        own = msgspec.structs.replace(inner["parameters"], allowed="what the strategy says", default=None)
        for number, strategy in enumerate(self.config.strategies):
            path = f"{STRATEGIES}[{number}]"
            yield self._setting(f"{path}.use", inner["use"], strategy.use)
            for name, value in strategy.parameters.items():
                shown = HIDDEN if must_be_hidden(name) else _without_secrets(value)
                yield self._setting(f"{path}.parameters.{name}", own, shown)

    def _setting(self, path: str, key: Key, value: object) -> Setting:
        return Setting(
            key=path,
            value=value,
            origin=self.place(path),
            default=key.default,
            description=key.description,
            allowed=key.allowed,
            unit=key.unit,
        )


def _without_secrets(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: HIDDEN if must_be_hidden(str(key)) else _without_secrets(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_without_secrets(inner) for inner in value]
    return value

"""What may have happened to a strategy."""

from typing import ClassVar

import msgspec

from kasauti.domain.event import Event


class StrategyNoted(Event, frozen=True, gc=False, omit_defaults=True):
    """What a strategy needs to go on after a crash, as JSON."""

    TAG: ClassVar[str] = "strategy.noted"
    strategy: str
    state: msgspec.Raw


class StrategyFailed(Event, frozen=True, gc=False, omit_defaults=True):
    """A strategy raised, or did not answer in time. `stopped` says what it may no longer do."""

    TAG: ClassVar[str] = "strategy.failed"
    strategy: str
    hook: str
    error: str
    stopped: str


class IndicatorsNoted(Event, frozen=True, gc=False, omit_defaults=True):
    """Where the indicators of a strategy stand at the end of a day, as JSON: the next day goes on there."""

    TAG: ClassVar[str] = "strategy.indicators"
    strategy: str
    state: msgspec.Raw

"""All that a person can ask of a sweep."""

from pathlib import Path

import msgspec

from kasauti.compose.markets import Market
from kasauti.config import Loaded
from kasauti.sweeps.search import SearchKind
from kasauti.sweeps.space import Space


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """All that a person can ask of a sweep; `sweep` says what each is."""

    strategy: str | type
    market: Market
    space: Space
    loaded: Loaded
    metric: str = "sharpe"
    search: SearchKind = SearchKind.GRID
    trials: int | None = None
    seed: int = 0
    walk_forward: str = ""
    jobs: int = 0
    on: str = ""
    out: Path | None = None
    fixed: dict[str, object] = {}

    @property
    def label(self) -> str:
        """How a person sees the strategy."""
        return self.strategy if isinstance(self.strategy, str) else self.strategy.__qualname__

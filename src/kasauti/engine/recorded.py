"""The loop for recorded data: as fast as the machine allows."""

from collections.abc import Iterable

from kasauti.domain.inputs import Advance, MarketData
from kasauti.engine.engine import Engine


def run_recorded(engine: Engine, batches: Iterable[MarketData]) -> None:
    """Run `engine` over `batches`, each committed as a whole, and close the last day."""
    for batch in batches:
        engine.handle(batch)
        engine.commit()
    if engine.day_closes > 0:
        engine.handle(Advance(engine.day_closes))
        engine.commit()

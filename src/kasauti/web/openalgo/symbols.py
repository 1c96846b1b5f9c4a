"""OpenAlgo's symbols of a market's instruments, both ways."""

from functools import lru_cache

from kasauti.domain.instrument import Instrument, Universe
from kasauti.errors import InvalidInput
from kasauti.exchange.grammars import Grammar, Spelling, spell


class Symbols:
    """What each instrument of a market is called; one that has no name in OpenAlgo keeps ours."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self._spelled = [_spelling(each) for each in universe]
        self._slots = {(each.exchange, each.symbol): slot for slot, each in enumerate(self._spelled)}

    def slot(self, exchange: str, symbol: str) -> int | None:
        """Return the slot of an instrument, None for one that is not in this market."""
        return self._slots.get((exchange, symbol))

    def find(self, exchange: str, symbol: str) -> Instrument | None:
        """Return an instrument, None for one that is not in this market."""
        slot = self.slot(exchange, symbol)
        return None if slot is None else self.universe[slot]

    def id_of(self, exchange: str, symbol: str) -> str:
        """Return our id; for what is not in this market one under which the refusal of it is recorded."""
        found = self.find(exchange, symbol)
        return f"{exchange}:{symbol}" if found is None else found.id

    def of(self, instrument_id: str) -> Spelling:
        """Return what OpenAlgo calls an instrument, also one that was never in this market."""
        slot = self.universe.slots.get(instrument_id)
        if slot is not None:
            return self._spelled[slot]
        exchange, _, symbol = instrument_id.partition(":")
        return Spelling(exchange, symbol)

    def at(self, slot: int) -> Spelling:
        """Return what the instrument in a slot is called."""
        return self._spelled[slot]


def _spelling(instrument: Instrument) -> Spelling:
    try:
        return spell(instrument, Grammar.OPENALGO)
    except InvalidInput:
        return Spelling(str(instrument.exchange), instrument.tradingsymbol)


@lru_cache(maxsize=2)
def symbols_of(universe: Universe) -> Symbols:
    """Return the symbols of a market; they are made once."""
    return Symbols(universe)

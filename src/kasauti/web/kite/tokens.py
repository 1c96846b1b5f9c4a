"""
Instrument tokens: numbers of which the low byte says the segment, as Kite's do.

A token is the same in every market that has its instrument: it is made from the id. Indices have Kite's own
numbers, which programs have written in them. Of two ids that make the same number the later one, by its
letters, takes the next.
"""

from functools import lru_cache
from zlib import crc32

import numpy as np

from kasauti.domain.instrument import Exchange, Instrument, Kind, Universe
from kasauti.domain.market import Ints

#: The low byte, by exchange segment. brokers.md 1.9.
SEGMENTS = {
    Exchange.NSE: 1,
    Exchange.NFO: 2,
    Exchange.CDS: 3,
    Exchange.BSE: 4,
    Exchange.BFO: 5,
    Exchange.BCD: 6,
    Exchange.MCX: 7,
    Exchange.NCDEX: 10,
}
INDEX_SEGMENT = 9
#: Kite's numbers of indices.
_KNOWN = {
    "NSE:NIFTY 50": 256265,
    "NSE:NIFTY BANK": 260105,
    "NSE:NIFTY FIN SERVICE": 257801,
    "NSE:NIFTY MID SELECT": 288009,
    "NSE:INDIA VIX": 264969,
    "BSE:SENSEX": 265,
    "BSE:BANKEX": 274441,
}
#: Made numbers lie from here to twice that, so a token fits into 31 bits and is none of Kite's indices.
_FIRST = 1 << 22
#: Exchanges on which Kite counts lots.
_IN_LOTS = frozenset({Exchange.MCX, Exchange.CDS, Exchange.BCD})


def segment_of(instrument: Instrument) -> int:
    """Return the low byte of an instrument's token."""
    return INDEX_SEGMENT if instrument.kind is Kind.INDEX else SEGMENTS[instrument.exchange]


def lot_of(instrument: Instrument | None) -> int:
    """Return the units that one of Kite's quantities stands for: a lot where Kite counts lots."""
    return instrument.lot_size if instrument is not None and instrument.exchange in _IN_LOTS else 1


class Tokens:
    """The tokens of a market, by slot in `column`, and back."""

    def __init__(self, universe: Universe) -> None:
        self.universe = universe
        self.column: Ints = np.zeros(len(universe), np.int64)
        self._slots: dict[int, int] = {}
        for instrument_id in sorted(universe.slots):
            slot = universe.slots[instrument_id]
            token = _KNOWN.get(instrument_id) or self._made(universe[slot])
            self.column[slot] = token
            self._slots[token] = slot

    def _made(self, instrument: Instrument) -> int:
        number, segment = _FIRST + crc32(instrument.id.encode()) % _FIRST, segment_of(instrument)
        while (token := number << 8 | segment) in self._slots:
            number = _FIRST + (number + 1) % _FIRST
        return token

    def slot(self, token: int) -> int | None:
        """Return the slot of a token, None for one that is not in this market."""
        return self._slots.get(token)

    def named(self, name: str) -> int | None:
        """Return the slot of EXCHANGE:SYMBOL, or of a token in digits; None for what is not here."""
        if name.isascii() and name.isdigit() and len(name) <= len(str(2**31)):
            return self.slot(int(name))
        return self.universe.slots.get(name)

    def of(self, instrument_id: str) -> int:
        """Return the token of an id, 0 for one that is not in this market."""
        slot = self.universe.slots.get(instrument_id)
        return 0 if slot is None else int(self.column[slot])


@lru_cache(maxsize=2)
def tokens_of(universe: Universe) -> Tokens:
    """Return the tokens of a market; they are made once."""
    return Tokens(universe)

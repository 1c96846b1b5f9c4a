"""What can be traded, and the universe of a session."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum
from functools import cached_property

import msgspec

from kasauti.errors import InvalidInput


class Exchange(StrEnum):
    """An exchange segment, in the codes Indian brokers use; BCD is BSE's currency segment."""

    NSE = "NSE"
    BSE = "BSE"
    NFO = "NFO"
    BFO = "BFO"
    MCX = "MCX"
    CDS = "CDS"
    BCD = "BCD"
    NCDEX = "NCDEX"


class Kind(StrEnum):
    """What an instrument is. An index can be watched but not traded."""

    EQUITY = "EQ"
    INDEX = "INDEX"
    FUTURE = "FUT"
    CALL = "CE"
    PUT = "PE"

    @property
    def is_option(self) -> bool:
        """Whether this is a call or a put."""
        return self is Kind.CALL or self is Kind.PUT


class Fund(StrEnum):
    """What an exchange-traded fund holds, as far as the law tells funds apart: shares, or anything else."""

    EQUITY = "equity"
    OTHER = "other"


class Instrument(msgspec.Struct, frozen=True, dict=True):
    """
    One instrument as it trades on one day.

    `lot_size` and `freeze_quantity` are in units (0: no freeze limit), `tick_size` and `strike` in money
    units, `underlying` is the id of what a derivative is written on. `series` is the exchange's own word for
    how a share trades: NSE's series (EQ, BE), BSE's group (A, T); `fund` is set for exchange-traded funds.
    """

    exchange: Exchange
    tradingsymbol: str
    kind: Kind
    tick_size: int
    lot_size: int = 1
    freeze_quantity: int = 0
    name: str = ""
    expiry: date | None = None
    strike: int = 0
    underlying: str = ""
    on_index: bool = False
    isin: str = ""
    series: str = ""
    fund: Fund | None = None

    @cached_property
    def id(self) -> str:
        """`exchange:tradingsymbol`, like NFO:NIFTY26D0126000CE."""
        return f"{self.exchange}:{self.tradingsymbol}"

    @cached_property
    def is_option(self) -> bool:
        """Whether this is a call or a put."""
        return self.kind.is_option

    @cached_property
    def is_derivative(self) -> bool:
        """Whether this expires."""
        return self.kind is Kind.FUTURE or self.kind.is_option


class Universe:
    """The instruments of one session, each with a slot: its position in every column of market data."""

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self._instruments = tuple(instruments)
        #: The slot of each instrument's id.
        self.slots = {instrument.id: slot for slot, instrument in enumerate(self._instruments)}
        if len(self.slots) != len(self._instruments):
            seen: set[str] = set()
            twice = next(i.id for i in self._instruments if i.id in seen or seen.add(i.id))  # type: ignore[func-returns-value]
            raise InvalidInput(f"{twice} is listed twice; an instrument has one row")

    def __len__(self) -> int:
        return len(self._instruments)

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._instruments)

    def __getitem__(self, slot: int) -> Instrument:
        return self._instruments[slot]

    def __contains__(self, instrument_id: object) -> bool:
        return instrument_id in self.slots

    def find(self, instrument_id: str) -> Instrument | None:
        """Return the instrument with this id, or None."""
        slot = self.slots.get(instrument_id)
        return None if slot is None else self._instruments[slot]

    def slot(self, instrument_id: str) -> int:
        """Return the slot of this id; `InvalidInput` if the session does not know it."""
        slot = self.slots.get(instrument_id)
        if slot is None:
            raise InvalidInput(f"{instrument_id} is not in this session's {len(self)} instruments")
        return slot

    def chain(self, underlying: str, expiry: date) -> list[Instrument]:
        """Return the options on `underlying` that expire on `expiry`, by strike, call before put."""
        return list(self._chains.get(underlying, {}).get(expiry, ()))

    def expiries(self, underlying: str) -> list[date]:
        """Return the option expiries listed on `underlying`, nearest first."""
        return list(self._chains.get(underlying, ()))

    def optioned(self) -> dict[str, str]:
        """Return the ids of what options are listed on, by the name that these have: NIFTY, SBIN."""
        return {next(iter(dates.values()))[0].name: underlying for underlying, dates in self._chains.items()}

    def futures(self, underlying: str) -> list[Instrument]:
        """Return the futures on `underlying`, in the order in which they expire."""
        return list(self._futures.get(underlying, ()))

    def expiring(self, day: date) -> Sequence[Instrument]:
        """Return the contracts that expire on `day`, in order of their slots."""
        return self._expiring.get(day, ())

    @cached_property
    def _chains(self) -> dict[str, dict[date, list[Instrument]]]:
        """The options by underlying and expiry: a year of a chain has thousands, and every day asks."""
        chains: dict[str, dict[date, list[Instrument]]] = {}
        options = [i for i in self._instruments if i.is_option and i.expiry is not None]
        for option in sorted(options, key=lambda i: (i.expiry, i.strike, i.kind)):
            assert option.expiry is not None, "only options that expire are listed"
            chains.setdefault(option.underlying, {}).setdefault(option.expiry, []).append(option)
        return chains

    @cached_property
    def _futures(self) -> dict[str, list[Instrument]]:
        futures: dict[str, list[Instrument]] = {}
        listed = [i for i in self._instruments if i.kind is Kind.FUTURE and i.expiry is not None]
        for future in sorted(listed, key=lambda i: (i.expiry, i.tradingsymbol)):
            futures.setdefault(future.underlying, []).append(future)
        return futures

    @cached_property
    def _expiring(self) -> dict[date, list[Instrument]]:
        expiring: dict[date, list[Instrument]] = {}
        for instrument in self._instruments:
            if instrument.expiry is not None:
                expiring.setdefault(instrument.expiry, []).append(instrument)
        return expiring

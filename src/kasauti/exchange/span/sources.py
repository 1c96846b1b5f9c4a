"""Where risk arrays come from: a clearing house's file, or the approximation. Both answer alike."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Protocol

import msgspec

from kasauti.domain.instrument import Instrument
from kasauti.errors import InvalidInput, MarketDataError
from kasauti.exchange.span.approximation import (
    LABEL,
    OTHER_LABEL,
    Market,
    future_risk,
    nearest_sold,
    option_risk,
    underlying_of,
    volatility_of,
)
from kasauti.exchange.span.parameters import SpanParameters, Subject, subject_of
from kasauti.exchange.span.parsing import RiskFile
from kasauti.exchange.span.portfolio import Group, Requirement, requirement
from kasauti.exchange.span.risk import Holding, InterSpread, Risk

_NO_PRICE = "has no price; an option's margin without a SPAN file rests on it. Write it behind an @."


#: What the measured error is about.
_EQUITY = (Subject.INDEX, Subject.SHARE)


class Leg(msgspec.Struct, frozen=True):
    """Signed units of an instrument at a price in money units; 0 where none is known."""

    instrument: Instrument
    quantity: int
    price: int = 0


class RiskSource(Protocol):
    """Answers what legs risk; `label` says how good the answer is."""

    @property
    def label(self) -> str:
        """Exact or approximate, and by what."""

    @property
    def inter(self) -> Sequence[InterSpread]:
        """What underlyings save each other."""

    def holdings(self, legs: Sequence[Leg]) -> list[Holding]:
        """Return the legs on one underlying with their risk."""

    def group(self, legs: Sequence[Leg]) -> Group:
        """Return how legs on one underlying are netted."""


class FileSource:
    """Risk arrays of a clearing house's file. A contract it does not have is `MarketDataError`."""

    def __init__(self, file: RiskFile, what: str, parameters: SpanParameters, on: date) -> None:
        self.inter: Sequence[InterSpread] = file.inter
        self.label = f"exact: risk arrays of {what}, made for {file.day}"
        self._file = file
        self._what = what
        self._parameters = parameters
        self._on = on

    def holdings(self, legs: Sequence[Leg]) -> list[Holding]:
        """Return the legs on one underlying with their risk."""
        return [Holding(self._risk(leg.instrument), leg.quantity) for leg in legs]

    def group(self, legs: Sequence[Leg]) -> Group:
        """Return how legs on one underlying are netted."""
        first = legs[0].instrument
        underlying = self._file.underlyings.get(first.name)
        if underlying is None:
            raise MarketDataError(f"{self._what} has no {first.name}; take the file of its segment.")
        return Group(underlying, self._parameters.charges(subject_of(first), first.name, self._on))

    def _risk(self, instrument: Instrument) -> Risk:
        assert instrument.expiry is not None, "a derivative expires"
        key = (instrument.name, instrument.expiry, instrument.kind, instrument.strike)
        found = self._file.contracts.get(key)
        if found is None:
            raise MarketDataError(
                f"{self._what} has no {instrument.id} (expiry {instrument.expiry}); check symbol and file."
            )
        return found


class Approximation:
    """
    Risk arrays by the approximation.

    `markets` has each underlying's price by its name, `seconds` returns the time to a contract's end,
    `subjects` are what they are, which says how good the answer is.
    """

    inter: Sequence[InterSpread] = ()

    def __init__(
        self,
        markets: Mapping[str, Market],
        seconds: Callable[[Instrument], int],
        parameters: SpanParameters,
        on: date,
        subjects: Collection[Subject] = (Subject.INDEX,),
    ) -> None:
        of_equity = not subjects or any(each in _EQUITY for each in subjects)
        others = any(each not in _EQUITY for each in subjects)
        self.label = "; ".join([LABEL] * of_equity + [OTHER_LABEL] * others)
        self._markets = markets
        self._seconds = seconds
        self._parameters = parameters
        self._on = on

    def holdings(self, legs: Sequence[Leg]) -> list[Holding]:
        """Return the legs on one underlying with their risk; `InvalidInput` for an option without a price."""
        first = legs[0].instrument
        market = self._markets[first.name]
        ranges = self._parameters.ranges(subject_of(first), first.name, self._on)
        for leg in legs:
            if leg.price <= 0:
                raise InvalidInput(f"{leg.instrument.id} {_NO_PRICE}")
        own = {
            leg.instrument.id: volatility_of(
                leg.instrument, leg.price, market, ranges, self._seconds(leg.instrument)
            )
            for leg in legs
            if leg.instrument.is_option
        }
        found = []
        for leg in legs:
            instrument = leg.instrument
            if not instrument.is_option:
                found.append(Holding(future_risk(instrument, leg.price, ranges, self._on), leg.quantity))
                continue
            volatility = own[instrument.id]
            if leg.quantity > 0:
                volatility = (
                    nearest_sold(instrument.strike, _sold_beside(instrument, legs, own)) or volatility
                )
            risk = option_risk(instrument, leg.price, market, ranges, self._seconds(instrument), volatility)
            found.append(Holding(risk, leg.quantity))
        return found

    def group(self, legs: Sequence[Leg]) -> Group:
        """Return how legs on one underlying are netted."""
        first = legs[0].instrument
        subject = subject_of(first)
        ranges = self._parameters.ranges(subject, first.name, self._on)
        expiries = [leg.instrument.expiry for leg in legs if leg.instrument.expiry is not None]
        return Group(
            underlying_of(first.name, expiries, self._markets[first.name], ranges),
            self._parameters.charges(subject, first.name, self._on),
        )


def _sold_beside(
    bought: Instrument, legs: Iterable[Leg], volatilities: Mapping[str, float]
) -> list[tuple[int, float]]:
    return [
        (leg.instrument.strike, volatilities[leg.instrument.id])
        for leg in legs
        if leg.quantity < 0 and leg.instrument.is_option and leg.instrument.expiry == bought.expiry
    ]


def required(legs: Sequence[Leg], source: RiskSource, on: date) -> Requirement:
    """Return what legs, each of another contract, require when all are held."""
    by_name: dict[str, list[Leg]] = {}
    for leg in legs:
        by_name.setdefault(leg.instrument.name, []).append(leg)
    return requirement(
        {name: source.group(held) for name, held in by_name.items()},
        {name: source.holdings(held) for name, held in by_name.items()},
        on,
        source.inter,
    )

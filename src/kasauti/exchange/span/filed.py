"""
Netting for an account that trades by a clearing house's file: exact, whatever the prices of the moment.

Nothing is marked and no buffer is added: what an account blocks is what the file's risk arrays require, as
`kasauti.margin` says it for the same legs on one underlying. Credits between underlyings are not given:
an account nets within one.
"""

from collections.abc import Sequence
from datetime import date

from kasauti.domain.instrument import Instrument
from kasauti.exchange.span.account import Contract, Held, SpanNetting
from kasauti.exchange.span.parameters import SpanParameters
from kasauti.exchange.span.parsing import RiskFile
from kasauti.exchange.span.portfolio import Group
from kasauti.exchange.span.risk import Holding
from kasauti.exchange.span.sources import FileSource, Leg


class FiledNetting(SpanNetting):
    """What contracts on one underlying require together on one day, by the risk arrays of a file."""

    def __init__(
        self, parameters: SpanParameters, on: date, known_on: date, risks: RiskFile, what: str
    ) -> None:
        super().__init__(parameters, on, known_on)
        self.file = f"{what}, made for {risks.day}"
        self._what = what
        self._contracts = risks.contracts
        self._source = FileSource(risks, what, parameters, known_on)

    def lacks(self, instrument: Instrument) -> str:
        """Return why the margin of a contract is not known, and what to do; empty where the file has it."""
        assert instrument.expiry is not None, "a derivative expires"
        key = (instrument.name, instrument.expiry, instrument.kind, instrument.strike)
        if key in self._contracts:
            return ""
        return (
            f"The margin of {instrument.id} (expiry {instrument.expiry}) is not known: rules.span_files"
            f" gives {self._what}, which does not have it. Add the file of its segment and day, or leave"
            " rules.span_files out for the approximation."
        )

    def _grouped(self, held: Sequence[Held]) -> tuple[Group, list[Holding]]:
        legs = [Leg(contract.instrument, quantity) for contract, quantity in held]
        return self._source.group(legs), self._source.holdings(legs)

    def _adds_up(self, option: Contract) -> bool:
        return True

    def _sold_total(self, held: list[Held]) -> int:
        # A file's arrays are what they are: nothing says that their worst scenario is at an end.
        return -1

    def _buffered(self, amount: int) -> int:
        return amount

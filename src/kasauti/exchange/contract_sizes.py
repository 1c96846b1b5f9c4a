"""
What one lot of a commodity or currency contract is worth: units of the price's own unit, and the tick.

Lists of brokers count these contracts in lots or in units; inside, quantities are units, so that price times
quantity is money. Source: market_rules.md 1.7 and 1.8; rows in `contract_sizes.json`.
"""

from datetime import date
from decimal import Decimal

import msgspec

from kasauti.domain.instrument import Exchange
from kasauti.domain.money import rupees
from kasauti.errors import RuleUnknown
from kasauti.exchange.rules import Row, RuleFile, Timeline, read_rules

_FILE = "contract_sizes.json"


class _SizeRow(Row, frozen=True, kw_only=True):
    exchange: Exchange
    name: str
    units: int
    tick: Decimal


class _SizeFile(RuleFile, frozen=True, kw_only=True):
    contracts: tuple[_SizeRow, ...]


class ContractSize(msgspec.Struct, frozen=True):
    """One lot of a contract, in units, and the tick of its future in money units."""

    units: int
    tick: int


class ContractSizes:
    """`contract_sizes.json`; `RuleUnknown` for a contract or a date that it does not cover."""

    def __init__(self) -> None:
        file = read_rules(_FILE, _SizeFile)
        keys = {(row.exchange, row.name) for row in file.contracts}
        self._sizes = {
            (exchange, name): Timeline(
                f"The contract size of {name} on {exchange}",
                [row for row in file.contracts if (row.exchange, row.name) == (exchange, name)],
                file=_FILE,
                known_to=file.known_to,
            )
            for exchange, name in keys
        }

    def of(self, exchange: Exchange, name: str, on: date) -> ContractSize:
        """Return the size of the contracts on `name`."""
        timeline = self._sizes.get((exchange, name))
        if timeline is None:
            raise RuleUnknown(
                f"How many units a lot of {name} on {exchange} has is not known. Add a row with its source to"
                f" exchange/data/{_FILE}."
            )
        row = timeline.on(on)
        return ContractSize(row.units, rupees(row.tick))


def other_market(name: str) -> Exchange | None:
    """Return where contracts on a commodity or a currency trade, None for any other name."""
    rows = read_rules(_FILE, _SizeFile).contracts
    return next((row.exchange for row in rows if row.name == name), None)

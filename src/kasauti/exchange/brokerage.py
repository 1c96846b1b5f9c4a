"""
Brokers' price lists: what an order costs, and what a broker takes for a service.

The lists that ship are rows of `brokerage.json`. A plan of the user's own has the same form; whoever reads it
makes a `Plan` of it.
"""

from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

import msgspec

from kasauti.errors import ConfigError
from kasauti.exchange.charge_class import ChargeClass
from kasauti.exchange.rules import Row, RuleFile, read_rules

FILE = "brokerage.json"


class ClassRow(Row, frozen=True, kw_only=True):
    """A row for classes of trades; `names`, `series` and `products` limit it to those."""

    charge_classes: tuple[ChargeClass, ...]
    names: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class OrderRow(ClassRow, frozen=True, kw_only=True):
    """What an executed order costs: `flat` rupees and `percent` of turnover, between `floor` and `cap`."""

    percent: Decimal = Decimal(0)
    flat: Decimal = Decimal(0)
    cap: Decimal | None = None
    floor: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        if self.cap is not None and self.cap < self.floor:
            raise ValueError(f"the cap of {self.cap} is below the floor of {self.floor}")


class ServiceRow(Row, frozen=True, kw_only=True):
    """What a service costs: `flat` rupees and `percent` of a value, at least `floor`."""

    flat: Decimal = Decimal(0)
    percent: Decimal = Decimal(0)
    floor: Decimal = Decimal(0)


class NatureRow(Row, frozen=True, kw_only=True):
    """That brokerage on shares goes by what their trades were, see `exchange.share_brokerage`."""


class PhysicalRow(Row, frozen=True, kw_only=True):
    """What the delivery of a stock contract costs; `netted_percent` where contracts offset each other."""

    percent: Decimal
    netted_percent: Decimal


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    A broker's price list, compared with the broker's own on `as_of`.

    `dp` is for each security and day that leaves the demat account, `auto_square_off` and `call_and_trade`
    for each order, `physical` for shares delivered for a stock contract, `exercise` for each option exercised
    or assigned; a service without rows is not known, exercise without rows is free. While a row of
    `by_nature` holds, brokerage on shares goes by what their trades were at the end of the day, else by their
    products. `bse_ipf` says whether
    the broker bills BSE's levy on its derivatives, `note_rounds` what its contract note rounds at once.
    """

    name: str
    title: str
    as_of: date
    ipft_in_gst: bool
    rates: tuple[OrderRow, ...]
    dp: tuple[ServiceRow, ...]
    auto_square_off: tuple[ServiceRow, ...]
    call_and_trade: tuple[ServiceRow, ...] = ()
    physical: tuple[PhysicalRow, ...] = ()
    exercise: tuple[ServiceRow, ...] = ()
    by_nature: tuple[NatureRow, ...] = ()
    bse_ipf: bool = True
    note_rounds: Literal["segment", "security"] = "segment"

    def __post_init__(self) -> None:
        """Refuse a plan whose day could be traded and then not be closed."""
        if not self.rates:
            raise ValueError(f"the plan {self.name} has no rates")
        first = min(row.effective_from for row in self.rates)
        for name in ("dp", "auto_square_off"):
            begins = min((row.effective_from for row in getattr(self, name)), default=None)
            if begins is None or begins > first:
                raise ValueError(
                    f"orders of the plan {self.name} have rates from {first}, its {name} has not"
                )


class _File(RuleFile, frozen=True, kw_only=True):
    plans: tuple[Plan, ...]


def _file() -> _File:
    return read_rules(FILE, _File)


def plans() -> tuple[Plan, ...]:
    """Return the price lists that ship, in the order of the file."""
    return _file().plans


def plan_names() -> tuple[str, ...]:
    """Return the names of the price lists that ship, sorted."""
    return tuple(sorted(plan.name for plan in plans()))


def plan_named(name: str) -> Plan:
    """Return the price list that ships under `name`; `ConfigError` lists the others."""
    found = {plan.name: plan for plan in plans()}
    if name not in found:
        near = get_close_matches(name, found, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise ConfigError(
            f"There is no brokerage plan {name!r}.{meant} Known plans:"
            f" {', '.join(sorted(found))}."
            " Choose one, or write your own into rules.overlay as docs/charges.md shows."
        )
    return found[name]


def plans_known_to() -> date:
    """Return the last day for which price lists have been checked."""
    return _file().known_to

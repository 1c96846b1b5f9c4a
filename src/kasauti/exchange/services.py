"""
What a broker takes besides orders: for shares that leave the demat account, for squaring off, by telephone.

Also what the law and a broker take where a contract ends without a trade: exercise, devolvement of commodity
options, delivery of shares. GST comes on top of what is a service. Source: market_rules.md, 1.1, 1.3 and 1.6.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple, TypeVar

from kasauti.domain.charges import Charges
from kasauti.domain.money import to_paise_half_up
from kasauti.errors import InvalidInput
from kasauti.exchange import brokerage
from kasauti.exchange.brokerage import ServiceRow
from kasauti.exchange.charge_rates import ChargeRates, in_billionths
from kasauti.exchange.rules import ONE, Row, Timeline, per_billion

RowT = TypeVar("RowT", bound=Row)


class Fee(NamedTuple):
    """What one service costs, in whole paise: the broker's amount, and the tax on it."""

    amount: int
    gst: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.amount + self.gst


NOTHING = Fee(0, 0)


class Services:
    """The services of one broker's plan, by date; `RuleUnknown` for one that the plan says nothing of."""

    def __init__(self, rates: ChargeRates) -> None:
        plan = rates.plan
        self._rates = rates
        self._dp = self._timeline("depository charge", plan.dp)
        self._square_off = self._timeline("charge for squaring off", plan.auto_square_off)
        self._call_and_trade = self._timeline("call-and-trade charge", plan.call_and_trade)
        self._physical = self._timeline("charge for physical delivery", plan.physical)
        self._exercise = self._timeline("charge for exercise", plan.exercise) if plan.exercise else None

    def _timeline(self, what: str, rows: Sequence[RowT]) -> Timeline[RowT]:
        name = f"The {self._rates.plan.name} {what}"
        return Timeline(name, rows, file=brokerage.FILE, known_to=brokerage.plans_known_to())

    def dp(self, on: date, value: int) -> Fee:
        """
        Return what one security costs that leaves the demat account on `on`, once for the day.

        `value` is what of it was sold, in money units. Shares bought and sold on one day do not leave it;
        those bought the day before and not yet received do.
        """
        return self._fee(self._dp.on(self._rates.day(on)), on, value)

    def auto_square_off(self, on: date) -> Fee:
        """Return what each executed order costs with which the broker closes an intraday position."""
        return self._fee(self._square_off.on(self._rates.day(on)), on, 0)

    def call_and_trade(self, on: date) -> Fee:
        """Return what each executed order costs that was given by telephone."""
        return self._fee(self._call_and_trade.on(self._rates.day(on)), on, 0)

    def exercise(self, on: date) -> Fee:
        """Return what the broker takes for each option exercised or assigned: often nothing."""
        return NOTHING if self._exercise is None else self._fee(self._exercise.on(self._rates.day(on)), on, 0)

    def physical_delivery(self, on: date, value: int, *, receives: bool, netted: bool = False) -> Charges:
        """
        Return what one side of a delivery of shares for a stock contract costs.

        `value` is strike (option) or settlement price (future) times quantity, in money units. Both sides pay
        tax as for a delivery, the receiver stamp duty; nothing goes to the exchange, and there is no exercise
        tax on top. `netted` is for contracts that offset each other at this broker.
        """
        if value < 0:
            raise InvalidInput(f"{value} is not the value of a delivery: it is 0 or more money units.")
        rates = self._rates
        row = self._physical.on(rates.day(on))
        percent = row.netted_percent if netted else row.percent
        billed = value * per_billion(percent, file=brokerage.FILE)
        return Charges(
            brokerage=to_paise_half_up(billed, ONE),
            stt=to_paise_half_up(value * rates.physical_stt(on, receives=receives), ONE),
            stamp=to_paise_half_up(value * rates.physical_stamp(on), ONE) if receives else 0,
            gst=to_paise_half_up(billed * rates.gst(on), ONE * ONE),
        )

    def devolvement_ctt(self, on: date, value: int) -> int:
        """Return the holder's tax on a commodity option exercised at expiry, on its settlement value."""
        return to_paise_half_up(value * self._rates.devolvement_ctt(on), ONE)

    def _fee(self, row: ServiceRow, on: date, value: int) -> Fee:
        amount = in_billionths(row.flat) + value * per_billion(row.percent, file=brokerage.FILE)
        amount = max(amount, in_billionths(row.floor))
        return Fee(to_paise_half_up(amount, ONE), to_paise_half_up(amount * self._rates.gst(on), ONE * ONE))

"""
The double-entry ledger of one account.

Every amount moves from one account of the chart to another, so debits equal credits after each move and
`trial_balance` is zero for ever. Balances are debit-positive money units: what the account owns or has
paid is positive, what it owes or has earned is negative.
"""

from dataclasses import dataclass
from typing import Final

from msgspec.structs import astuple

from kasauti.domain.charges import Charges

# Looked up once: a name of another module costs a look into it.
_take_apart: Final = astuple


# Slots of Python's own are set three times as fast as a msgspec.Struct's, and every fill sets many.
@dataclass(slots=True)
class Ledger:
    """
    The chart of accounts and what stands in each.

    `cash` can be used, `margin` is blocked for orders and positions, `securities` are positions at cost,
    `clearing` is the value of margined positions that the clearing house carries, `capital` is what the
    owner brought, `realised` the trading result before charges; then one account for each head of charges.
    `unsettled` is what sales have brought and cannot be used yet, `variation` what futures that are held were
    paid, or have paid, in daily settlement: their result is realised when they are closed. `interest` and
    `penalties` were paid beside charges, `dividends` were earned beside trades.
    """

    cash: int = 0
    margin: int = 0
    securities: int = 0
    clearing: int = 0
    capital: int = 0
    realised: int = 0
    brokerage: int = 0
    stt: int = 0
    exchange: int = 0
    ipft: int = 0
    sebi: int = 0
    stamp: int = 0
    gst: int = 0
    services: int = 0
    unsettled: int = 0
    variation: int = 0
    interest: int = 0
    penalties: int = 0
    dividends: int = 0

    @property
    def trial_balance(self) -> int:
        """The sum of all balances: zero, or the books are wrong."""
        return (
            self.cash
            + self.margin
            + self.securities
            + self.clearing
            + self.capital
            + self.realised
            + self.charges
            + self.unsettled
            + self.variation
            + self.interest
            + self.penalties
            + self.dividends
        )

    @property
    def charges(self) -> int:
        """All charges so far."""
        return self.by_head.total

    @property
    def by_head(self) -> Charges:
        """All charges so far, by head."""
        return Charges(
            self.brokerage, self.stt, self.exchange, self.ipft, self.sebi, self.stamp, self.gst, self.services
        )

    @property
    def funds(self) -> int:
        """Cash: usable, blocked, or of sales that cannot be used yet."""
        return self.cash + self.margin + self.unsettled

    def bring_capital(self, amount: int) -> None:
        """The owner puts money in, or with a negative `amount` takes it out."""
        self.cash += amount
        self.capital -= amount

    def block(self, amount: int) -> None:
        """Hold `amount` of cash as margin; a negative `amount` frees it."""
        self.margin += amount
        self.cash -= amount

    def pay_charges(self, charges: Charges) -> int:
        """Pay each head of `charges` from cash; return their sum."""
        brokerage: int
        exchange: int
        sebi: int
        gst: int
        stt: int
        ipft: int
        stamp: int
        services: int
        # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
        brokerage, stt, exchange, ipft, sebi, stamp, gst, services = _take_apart(charges)
        self.brokerage += brokerage
        self.exchange += exchange
        self.sebi += sebi
        self.gst += gst
        # Not every trade pays these.
        if stt:
            self.stt += stt
        if ipft:
            self.ipft += ipft
        if stamp:
            self.stamp += stamp
        if services:
            self.services += services
        total = brokerage + exchange + sebi + gst + stt + ipft + stamp + services
        self.cash -= total
        return total

    def book_trade(
        self,
        cost_change: int,
        realised: int,
        paid_up: bool,  # noqa: FBT001  a name would cost every fill time
        blocks: int = 0,
    ) -> None:
        """
        Book a trade that changes what positions cost by `cost_change` and what is held as margin by `blocks`.

        One that is paid up moves cash by the cost; of any other the clearing house carries the value, and
        only what was realised touches cash.
        """
        self.securities += cost_change
        self.realised -= realised
        self.margin += blocks
        if paid_up:
            self.cash += realised - cost_change - blocks
        else:
            self.clearing -= cost_change
            self.cash += realised - blocks

    def hold_back(self, amount: int) -> None:
        """Keep `amount` of what a sale brought until it can be used; a negative `amount` hands it out."""
        self.unsettled += amount
        self.cash -= amount

    def mark(self, amount: int) -> None:
        """Receive `amount` for a future's daily settlement, or with a negative `amount` pay it."""
        self.cash += amount
        self.variation -= amount

    def receive_dividend(self, amount: int) -> None:
        """Receive a dividend, or with a negative `amount` pay one that is owed."""
        self.cash += amount
        self.dividends -= amount

    def pay_interest(self, amount: int) -> None:
        """Pay interest to the broker."""
        self.interest += amount
        self.cash -= amount

    def pay_penalty(self, amount: int) -> None:
        """Pay a penalty to the exchange or the broker."""
        self.penalties += amount
        self.cash -= amount

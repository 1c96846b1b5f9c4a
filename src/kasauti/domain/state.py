"""
The state of one account: a fold over its log.

`State.take` is the only thing that changes it, and it changes all of it together: order, position, ledger
and margin move in one step, because they follow from one event.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from kasauti.domain import (
    account_folds,
    adjustment_folds,
    margin_folds,
    order_folds,
    product_folds,
    settlement_folds,
    standing_folds,
    trade_folds,
)
from kasauti.domain import band as band_folds
from kasauti.domain import events as ev
from kasauti.domain.band import Shade
from kasauti.domain.holding import Delivery, Holding
from kasauti.domain.ledger import Ledger
from kasauti.domain.order import Order, position_key
from kasauti.domain.position import Position
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.standing import Instruction

#: Every event has its fold, and only one.
FOLDS: Final = {
    **account_folds.FOLDS,
    **order_folds.FOLDS,
    **trade_folds.FOLDS,
    **margin_folds.FOLDS,
    **product_folds.FOLDS,
    **settlement_folds.FOLDS,
    **adjustment_folds.FOLDS,
    **band_folds.FOLDS,
    **standing_folds.FOLDS,
}


# Not a msgspec.Struct: every event sets fields, which is three times as fast on slots of Python's own.
@dataclass(slots=True)
class State:
    """
    Everything that is true of an account after the event `seq`.

    `orders` are those of the current trading day and any still working, `working` the ids of the latter,
    `positions` by `instrument|product`, `books` the same for each strategy's own trades, `commands` the
    order each command id of the day led to, `earlier_commands` the same of the trading day before and of what
    is still there, `timers` the day's jobs that have run, `notes` what strategies asked to
    have kept, `indicators` where theirs stood at the last close, as JSON. `session` is the process that has
    the account, None after a clean stop; `feed` is where the last one's prices came from, `config` its
    configuration as JSON. `marks` are the prices of the last close, that of the day `marked`.
    `second_orders` were asked for in the second of the clock that ends at `second_ends`, `minute_orders` in
    the minute that ends at `minute_ends` before that second, `day_asked` in the day before it.
    `risk_marks` has the prices that margins rest on today, by contract, `peak_margin` the most that positions
    needed at any of today's snapshots, `reckoned_at` the last of them, `short_since` since when money lacks,
    `shortfall` how much, `risk_file` what futures and options are margined by, empty where approximated.
    `band` has what other fill models would have made of the same orders, by their profile, if that is asked.
    `standing` are the standing instructions, those that ended for some days more, `standing_orders` which of
    them an order belongs to while it acts, `standing_made` how many were ever asked for.
    `holdings` are the shares in the depository by instrument, `deliveries` what trades have not settled yet
    by `day|instrument`, `held_back` what sales brought by the ISO date from which it can be used, `unsettled`
    why a contract that expired could not be settled, by instrument, `interest_to` the last closed day
    that interest was booked from.
    """

    seq: int = 0
    at: int = 0
    account: ev.AccountOpened | None = None
    session: ev.SessionStarted | None = None
    feed: str = ""
    config: str = "{}"
    marks: dict[str, int] = field(default_factory=dict)
    marked: str = ""
    day: str = ""
    day_open: bool = False
    halted: str = ""
    ledger: Ledger = field(default_factory=Ledger)
    orders: dict[str, Order] = field(default_factory=dict)
    working: dict[str, None] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    books: dict[str, dict[str, Position]] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)
    earlier_commands: dict[str, str] = field(default_factory=dict)
    timers: dict[str, int] = field(default_factory=dict)
    notes: dict[str, msgspec.Raw] = field(default_factory=dict)
    indicators: dict[str, bytes] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    risk_marks: dict[str, RiskMark] = field(default_factory=dict)
    peak_margin: int = 0
    risk_file: str = ""
    shortfall: int = 0
    short_since: int = 0
    reckoned_at: int = 0
    band: dict[str, Shade] = field(default_factory=dict)
    standing: dict[str, Instruction] = field(default_factory=dict)
    standing_orders: dict[str, str] = field(default_factory=dict)
    standing_made: int = 0
    trades: int = 0
    day_orders: int = 0
    day_trades: int = 0
    day_denied: int = 0
    day_asked: int = 0
    minute_ends: int = 0
    minute_orders: int = 0
    second_ends: int = 0
    second_orders: int = 0
    day_realised: int = 0
    day_charges: int = 0
    holdings: dict[str, Holding] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    held_back: dict[str, int] = field(default_factory=dict)
    unsettled: dict[str, str] = field(default_factory=dict)
    interest_to: str = ""

    def apply(self, recorded: ev.Recorded) -> None:
        """Take one event in. Events come in the order of `seq`, each exactly once."""
        assert recorded.seq == self.seq + 1, f"event {recorded.seq} does not follow {self.seq}"
        self.take(recorded.seq, recorded.event, recorded.at)

    def take(self, seq: int, event: ev.Event, at: int) -> None:
        """Take the event after `self.seq` in: what `apply` does once it knows that it is that."""
        FOLDS[type(event)](self, event, at)
        self.seq = seq
        self.at = at

    @classmethod
    def replay(cls, log: Iterable[ev.Recorded]) -> "State":
        """Fold `log` from the beginning."""
        state = cls()
        for recorded in log:
            state.apply(recorded)
        return state

    def order(self, order_id: str) -> Order | None:
        """Return the order, if it is of today or still working."""
        return self.orders.get(order_id)

    def led_to(self, command_id: str) -> str | None:
        """
        Return the order or instruction that a command led to, None for a command that is not known.

        An id is known on the trading day on which it was given and on the next one, and for as long as its
        order works or its instruction is shown. Whoever sends a command again does so because the answer was
        lost, within minutes: kept for ever, ids would be most of what a process keeps of its past.
        """
        found = self.commands.get(command_id)
        return self.earlier_commands.get(command_id) if found is None else found

    def position(self, instrument: str, product: str, strategy: str = "") -> Position | None:
        """Return what the account, or one strategy, holds of an instrument in a product."""
        book = self.books.get(strategy, {}) if strategy else self.positions
        return book.get(position_key(instrument, product))

    def working_orders(self) -> list[Order]:
        """Return the orders that can still trade, oldest first."""
        return [self.orders[order_id] for order_id in self.working]

    @property
    def blocked_for_orders(self) -> int:
        """Money held for what may trade: working orders, and those that wait for the next trading day."""
        waiting = sum(one.blocked for one in self.standing.values()) if self.standing else 0
        return waiting + sum(self.orders[order_id].blocked for order_id in self.working)

    @property
    def held(self) -> list[Position]:
        """The positions that are not flat."""
        return [position for position in self.positions.values() if position.quantity]

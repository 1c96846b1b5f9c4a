"""What is known and recorded of an account's standing instructions; the keeper and its varieties share it."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, Protocol

from kasauti.domain import events as ev
from kasauti.domain import standing_events as sev
from kasauti.domain.board import Board
from kasauti.domain.commands import CancelOrder, Command, PlaceOrder, Plan, StandingCommand
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.order import Order, Product, Side
from kasauti.domain.standing import (
    Instruction,
    StandingStatus,
    command_id_of,
    instrument_of,
    variety_of,
)
from kasauti.domain.state import State
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.price_watch import OTHER, PriceWatch
from kasauti.engine.rules import Rules
from kasauti.engine.standing_checks import Asked, No
from kasauti.engine.terms import Terms, TermSheet
from kasauti.simulator.interest import Interest

#: The leg that comes first where a bar reached several.
STOPLOSS = "stoploss"

#: The prices that an instruction waits for: leg, price, whether the price comes from below.
Waits = list[tuple[str, int, bool]]


class Account(Protocol):
    """What the keeper needs of the engine."""

    state: State
    board: Board
    now: int

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Make an event history."""

    def send(
        self,
        command: Command,
        at: int,
        cause: str,
        strategy: str = "",
        *,
        forced: bool = False,
        last: int = 0,
    ) -> str | None:
        """Decide a command and hand it to the venue; `last` is a price from before today."""

    def takes_no_more(self, terms: Terms, at: int) -> bool:
        """Whether the broker takes no more orders in this second."""


class Handler:
    """How one variety lives. A method is told the instruction and what happened to it."""

    def __init__(self, keeper: "Clerk") -> None:
        self.keeper = keeper

    def place(self, plan: Any, at: int, cause: str, strategy: str) -> str:  # noqa: ANN401  its own plan
        """Take an instruction, or refuse it; return its id, or its order's where it begins with one."""
        raise NotImplementedError

    def levels(self, one: Instruction) -> Waits:
        """Return the prices of its instrument that it waits for."""
        return []

    def elsewhere(self, one: Instruction) -> tuple[str, Waits] | None:
        """Return another instrument and the prices of that one that it waits for, None for most."""
        return None

    def reached(self, one: Instruction, leg: str, price: int, at: int) -> None:
        """A last price has come to a level."""

    def moved(self, one: Instruction, order: Order, leg: str, event: ev.Event, at: int) -> None:
        """Something happened to one of its orders."""

    def trim(self, one: Instruction, at: int) -> None:
        """Somebody's order on its position traded."""

    def modify(self, one: Instruction, command: StandingCommand, at: int, cause: str) -> No | None:
        """Change it as asked; return why not."""
        return No("standing.kind", f"{one.standing_id} is a {one.variety}, which cannot be changed this way")

    def exit(self, one: Instruction, at: int) -> No | None:
        """Close what it guards, as asked; return why not."""
        return No("standing.kind", f"{one.standing_id} is a {one.variety}: it guards nothing to be closed")

    def cancel(self, one: Instruction, reason: str, at: int, cause: str) -> None:
        """Somebody wants it to end."""
        self.keeper.cancel_orders(one, reason, at)
        self.keeper.end(one, StandingStatus.CANCELLED, reason, cause, at)

    def day_begins(self, one: Instruction, at: int) -> None:
        """A trading day begins, or goes on after a restart."""


class Clerk:
    """
    What there is to know about an account's instructions on one day, and how what they do is recorded.

    `handlers` know how each variety lives; `slots` are those in which something waits for a price.
    `followed` has, by the key of a position, the instructions that follow what happens to its orders.
    `gtts` are the active GTTs, whose number is limited. `shown` tells the exchange how much of an order, by
    its id, the market is shown at a time.
    `stops` tells it at which price a resting order, by its id, would have been taken back.
    `account_ends` is whether it is the account's own jobs that end an order: they close what is held as well.
    """

    def __init__(self, account: Account, rules: Rules, interest: Interest, prefix: str) -> None:
        self.account = account
        self.rules = rules
        self.watch = PriceWatch(interest)
        self.slots = self.watch.slots
        self.followed: dict[str, dict[str, None]] = {}
        self.gtts: set[str] = set()
        self.shown: dict[str, int] = {}
        self.stops: dict[str, int] = {}
        self.handlers: dict[str, Handler] = {}
        self.account_ends = False
        self._prefix = prefix
        self._waiting: set[str] = set()
        self.sheet: TermSheet
        self.missed = ""
        self.agenda = Agenda()
        self.day = date.min

    # What it watches.

    def take_up(self, one: Instruction) -> None:
        """Watch for an instruction."""
        if one.variety == "gtt":
            self.gtts.add(one.standing_id)
        if self.instrument(one.instrument) is None:
            return
        if one.variety not in {"gtt", "amo", "auction", "alert"}:
            self.followed.setdefault(one.position_key, {})[one.standing_id] = None
        self.rewatch(one)

    def rewatch(self, one: Instruction) -> None:
        """Wait for the prices that an instruction waits for now."""
        if one.is_over:
            self.watch.drop(one.standing_id)
        elif self.instrument(one.instrument) is not None:
            slot = self.account.board.universe.slot(one.instrument)
            handler = self.handlers[one.variety]
            self.watch.put(slot, one.standing_id, handler.levels(one))
            other = handler.elsewhere(one)
            if other is not None and self.instrument(other[0]) is not None:
                self.watch.put(self.account.board.universe.slot(other[0]), one.standing_id, other[1], OTHER)

    def at(self, due: int, job: Callable[[int], None]) -> None:
        """Have something done today at a moment, or at once if that is past."""
        self.agenda.add(due, Rank.ACCOUNT, job)

    # What is known.

    def active(self) -> list[Instruction]:
        """Return the instructions that may act, oldest first."""
        return [one for one in self.account.state.standing.values() if not one.is_over]

    def instrument(self, instrument_id: str) -> Instrument | None:
        """Return an instrument of this session, or None."""
        return self.account.board.universe.find(instrument_id)

    def terms(self, instrument_id: str, product: Product) -> Terms | None:
        """Return the terms of the day."""
        return self.sheet.of(instrument_id, product)

    def is_open(self, one: Instruction, at: int) -> bool:
        """Whether the exchange takes its orders now."""
        terms = self.terms(one.instrument, one.product)
        return terms is not None and terms.is_open(at)

    def last(self, instrument_id: str, told: int = 0) -> int:
        """Return the last price, or the last close, or what somebody `told` us, 0 if nothing is known."""
        return (
            self.account.board.mark(instrument_id) or self.account.state.marks.get(instrument_id, 0) or told
        )

    def asked(self, instrument_id: str, at: int, told: int = 0, *, counts: bool = False) -> Asked:
        """Return what an instruction is checked against; with `counts` also how many GTTs there are."""
        gtts = len(self.gtts) if counts else 0
        return Asked(
            self.rules.standing,
            self.rules.calendar,
            self.day,
            at,
            self.terms,
            self.last(instrument_id, told),
            gtts,
        )

    def new_id(self, variety: str) -> str:
        """Return the id of the next instruction; unique because their count only grows."""
        return f"{self._prefix}_{variety.upper()}_{self.account.state.standing_made + 1}"

    def held(self, one: Instruction) -> int:
        """Return the signed units that who asked for an instruction holds of its position."""
        state, key = self.account.state, one.position_key
        if one.strategy:
            own = state.books.get(one.strategy, {}).get(key)
            return 0 if own is None else own.quantity
        position = state.positions.get(key)
        if position is None:
            return 0
        return position.quantity - sum(book[key].quantity for book in state.books.values() if key in book)

    def closing(self, one: Instruction, side: Side) -> int:
        """Return the units that its owner's working orders on `side` may still trade of its position."""
        return sum(
            order.leaves
            for order in self.account.state.working_orders()
            if order.strategy == one.strategy
            and order.side is side
            and order.position_key == one.position_key
        )

    def orders_of(self, one: Instruction, *legs: str) -> Iterator[Order]:
        """Yield its working orders, those of `legs` if any are named."""
        for order_id, leg in one.sent.items():
            order = self.account.state.orders.get(order_id)
            if order is not None and order.is_working and (not legs or leg in legs):
                yield order

    # What is recorded.

    def cause(self, one: Instruction) -> str:
        """Return what its events followed from."""
        return f"standing:{one.standing_id}"

    def deny(self, plan: Plan, no: No, at: int, cause: str, strategy: str) -> str:
        """Record that an instruction was refused; return its id."""
        standing_id, variety = self.new_id(variety_of(plan)), variety_of(plan)
        denied = sev.StandingDenied(
            standing_id, variety, instrument_of(plan), no.rule, no.message, no.limit, no.actual, no.nearest,
            command_id_of(plan), strategy, plan,
        )  # fmt: skip
        self.account.record(denied, cause, at)
        return standing_id

    def deny_change(self, standing_id: str, asked: str, no: No, at: int, cause: str, strategy: str) -> None:
        """Record that a change of an instruction was refused."""
        one = self.account.state.standing.get(standing_id)
        instrument = "" if one is None else one.instrument
        denied = sev.StandingDenied(
            standing_id, asked, instrument, no.rule, no.message, no.limit, no.actual, no.nearest, "", strategy
        )
        self.account.record(denied, cause, at)

    def placed(self, event: sev.StandingPlaced, cause: str, at: int) -> Instruction:
        """Record an instruction, and watch for it."""
        self.account.record(event, cause, at)
        one = self.account.state.standing[event.standing_id]
        self.take_up(one)
        return one

    def begin(self, plan: Plan, order: PlaceOrder, leg: str, at: int, cause: str, strategy: str) -> str:
        """Send the order an instruction begins with, and hold it unless that is denied; return its id."""
        account = self.account
        order_id = account.send(order, at, cause, strategy)
        assert order_id is not None, "an order has an id"
        parts = [each.order_id for each in account.state.working_orders() if each.parent == order_id]
        if order_id in account.state.orders and order_id not in parts:
            parts.insert(0, order_id)
        if parts:
            last = self.last(order.instrument)
            one = self.placed(
                sev.StandingPlaced(self.new_id(variety_of(plan)), plan, strategy, last), cause, at
            )
            for part in parts:
                self.link(one, part, leg, at)
        return order_id

    def end(self, one: Instruction, status: StandingStatus, reason: str, cause: str, at: int) -> None:
        """Record that an instruction is over, and forget it."""
        self.account.record(sev.StandingEnded(one.standing_id, status, reason), cause, at)
        self.watch.drop(one.standing_id)
        self.gtts.discard(one.standing_id)
        following = self.followed.get(one.position_key)
        if following is not None:
            following.pop(one.standing_id, None)
            if not following:
                del self.followed[one.position_key]

    def trigger(self, one: Instruction, leg: str, price: int, at: int, late: str = "") -> None:
        """Record that an instruction acts, if it has not before."""
        if not one.leg:
            slot = self.account.board.universe.slot(one.instrument)
            late = late or (self.missed if slot in self.watch.eager else "")
            self.account.record(sev.StandingTriggered(one.standing_id, leg, price, late), self.cause(one), at)

    def send(
        self, one: Instruction, command: Command, leg: str, at: int, last: int = 0, *, rests: bool = False
    ) -> Order | None:
        """Send an order of an instruction; return it, or None if it was denied, which is recorded as well."""
        account, cause = self.account, self.cause(one)
        order_id = account.send(command, at, cause, one.strategy, last=last)
        assert order_id is not None, "an order has an id"
        return self.link(one, order_id, leg, at, rests=rests)

    def wait_for_room(self, one: Instruction, at: int, again: Callable[[int], None]) -> bool:
        """Return whether the broker takes no more orders now; then `again` is called in the next second."""
        terms = self.terms(one.instrument, one.product)
        if terms is None or not self.account.takes_no_more(terms, at):
            return False

        def run(moment: int) -> None:
            self._waiting.discard(one.standing_id)
            if not one.is_over:
                again(moment)
                self.rewatch(one)

        if one.standing_id not in self._waiting:
            self._waiting.add(one.standing_id)
            self.at((at // NS_PER_SECOND + 1) * NS_PER_SECOND, run)
        return True

    def link(
        self, one: Instruction, order_id: str, leg: str, at: int, *, rests: bool = False
    ) -> Order | None:
        """Record which order an instruction led to."""
        order = self.account.state.orders.get(order_id)
        refused = "" if order is not None else "the order was denied; its own refusal says why"
        quantity = 0 if order is None else order.quantity
        self.account.record(
            sev.StandingSent(one.standing_id, leg, order_id, quantity, refused, rests), self.cause(one), at
        )
        return order

    def cancel_orders(self, one: Instruction, reason: str, at: int, *legs: str) -> bool:
        """Ask for its working orders to end; return whether there were any."""
        found = False
        for order in list(self.orders_of(one, *legs)):
            found = True
            if not order.cancel_asked:
                self.account.send(CancelOrder(order.order_id, reason), at, self.cause(one), one.strategy)
        return found

"""
The proof: everything an account claims, derived again from its log alone, by other means than the fold.

`prove` reads the events once, folds them, and checks after each one what has to hold; then it compares the
result with sums made without the ledger and without `State`. The first thing that is wrong is named.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256

import msgspec

from kasauti.domain import events as ev
from kasauti.domain.evidence import Source, derive_price
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_date, ist_iso
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Side
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook

#: What every proof checks, in the order it reports them.
CHECKS: tuple[str, ...] = (
    "every event follows the one before it, in number and in time",
    "debits equal credits after every event",
    "money blocked is exactly what open orders and positions need",
    "no order trades more than it asked for, and ended orders stay ended",
    "a command leads to at most one order, a trade id to one trade, a day's job runs once",
    "every fill price follows from its evidence",
    "no fill rests on data from before its order or from after itself",
    "nothing that was displayed, or had traded, is filled twice",
    "every charge follows from the rates of its date",
    "positions and funds agree with sums made without the ledger",
)


class Proof(msgspec.Struct, frozen=True):
    """
    What a log proves.

    `failed` names the check and `problem` the place of the first thing that is wrong; both empty if nothing
    is. `digest` is the SHA-256 of the final state as JSON: equal logs have equal digests.
    """

    events: int
    orders: int
    trades: int
    days: int
    digest: str
    failed: str = ""
    problem: str = ""

    @property
    def passed(self) -> bool:
        """Whether every check held."""
        return not self.failed


class _Wrong(Exception):
    def __init__(self, check: int, problem: str) -> None:
        super().__init__(problem)
        self.check = check


class _Prover:
    """Goes through a log once."""

    def __init__(self, find: Callable[[str], Instrument | None], plan: Callable[[str], ChargeBook]) -> None:
        self.state = State()
        self.orders = self.trades = self.days = 0
        self._find, self._plan = find, plan
        self._book: ChargeBook | None = None
        self._trade_ids: set[str] = set()
        self._jobs: set[tuple[str, str]] = set()
        self._used: dict[tuple[str, int, int, int, bool], int] = defaultdict(int)
        self._placed: dict[str, ev.OrderPlaced] = {}
        self._placed_at: dict[str, int] = {}
        self._turnover: dict[str, int] = defaultdict(int)
        self._held: dict[str, int] = defaultdict(int)
        self._flow = 0
        self._value: dict[str, int] = defaultdict(int)
        self._commands: set[str] = set()

    def step(self, recorded: ev.Recorded) -> None:
        """Check one event, take it in, and check what it left behind."""
        state = self.state
        if recorded.seq != state.seq + 1 or recorded.at < state.at:
            self._wrong(0, recorded, f"it follows {state.seq} of {ist_iso(state.at)}")
        self._before(recorded)
        try:
            state.apply(recorded)
        except (AssertionError, KeyError) as error:
            self._wrong(3, recorded, f"it cannot follow: {error}")
        if state.ledger.trial_balance:
            self._wrong(1, recorded, f"the books are out by {format_rupees(state.ledger.trial_balance)}")
        if isinstance(recorded.event, (ev.OrderPlaced, ev.OrderFilled, ev.DayClosed)):
            self._blocked(recorded)

    def _wrong(self, check: int, recorded: ev.Recorded, problem: str) -> None:
        event = recorded.event
        raise _Wrong(check, f"event {recorded.seq} ({event.TAG}, {ist_iso(recorded.at)}): {problem}")

    def _before(self, recorded: ev.Recorded) -> None:
        match recorded.event:
            case ev.AccountOpened() as opened:
                self._book = self._plan(opened.plan)
                self._flow += opened.capital
            case ev.MoneyMoved() as moved:
                self._flow += moved.amount
            case ev.DayOpened():
                self.days += 1
            case ev.DayClosed() as closed:
                self._flow -= closed.rounding.total
            case ev.TimerFired() as fired:
                key = (self.state.day, fired.name)
                if key in self._jobs:
                    self._wrong(4, recorded, f"{fired.name} has run on {key[0]} already")
                self._jobs.add(key)
            case ev.OrderPlaced() as placed:
                self._order(recorded, placed)
            case ev.OrderFilled() as filled:
                self._fill(recorded, filled)
            case ev.PositionSettled() as settled:
                self._settlement(recorded, settled)
            case _:
                pass

    def _order(self, recorded: ev.Recorded, placed: ev.OrderPlaced) -> None:
        self.orders += 1
        if placed.command_id and placed.command_id in self._commands:
            self._wrong(4, recorded, f"command {placed.command_id} has led to an order already")
        self._commands.add(placed.command_id)
        if placed.order_id in self._placed:
            self._wrong(4, recorded, f"order id {placed.order_id} is taken")
        self._placed[placed.order_id] = placed
        self._placed_at[placed.order_id] = recorded.at

    def _fill(self, recorded: ev.Recorded, fill: ev.OrderFilled) -> None:
        self.trades += 1
        placed = self._placed.get(fill.order_id)
        if placed is None:
            self._wrong(3, recorded, f"{fill.order_id} was never placed")
            return
        if fill.trade_id in self._trade_ids:
            self._wrong(4, recorded, f"trade id {fill.trade_id} is taken")
        self._trade_ids.add(fill.trade_id)
        self._evidence(recorded, fill, placed)
        self._charges(recorded, fill, placed)
        signed = placed.side.sign * fill.quantity
        key = f"{placed.instrument}|{placed.product}"
        self._held[key] += signed
        self._value[key] += signed * fill.price
        self._flow -= fill.charges.total

    def _evidence(self, recorded: ev.Recorded, fill: ev.OrderFilled, placed: ev.OrderPlaced) -> None:
        evidence, buys = fill.evidence, placed.side is Side.BUY
        derived = derive_price(evidence, buys=buys)
        if derived != fill.price:
            self._wrong(5, recorded, f"its evidence gives {derived}, it was booked at {fill.price}")
        book = evidence.source is Source.DEPTH or evidence.source is Source.QUOTE
        if evidence.at > recorded.at:
            self._wrong(6, recorded, f"its evidence is of {ist_iso(evidence.at)}")
        if not book and evidence.at < self._placed_at[fill.order_id]:
            self._wrong(6, recorded, f"its evidence is of {ist_iso(evidence.at)}, before the order")
        if evidence.shown:
            # A level belongs to one side; what traded in a tick or bar is there once for both.
            level = (evidence.price, buys) if book else (0, False)
            seen = (placed.instrument, evidence.at, evidence.tick, *level)
            self._used[seen] += fill.quantity
            if self._used[seen] > evidence.shown:
                self._wrong(7, recorded, f"{self._used[seen]} units traded where {evidence.shown} were there")

    def _charges(self, recorded: ev.Recorded, fill: ev.OrderFilled, placed: ev.OrderPlaced) -> None:
        instrument = self._find(placed.instrument)
        if instrument is None or self._book is None:
            return
        schedule = self._book.schedule(instrument, placed.product, ist_date(recorded.at))
        before = self._turnover[fill.order_id]
        after = self._turnover[fill.order_id] = before + fill.price * fill.quantity
        due = schedule.order_charges(placed.side, after).minus(schedule.order_charges(placed.side, before))
        if due != fill.charges:
            self._wrong(
                8, recorded, f"the rates of {ist_date(recorded.at)} give {due}, booked was {fill.charges}"
            )

    def _settlement(self, recorded: ev.Recorded, settled: ev.PositionSettled) -> None:
        key = f"{settled.instrument}|{settled.product}"
        if self._held[key] != settled.quantity:
            self._wrong(9, recorded, f"{settled.quantity} units are settled, {self._held[key]} are held")
        self._held[key] = 0
        self._value[key] -= settled.quantity * settled.price
        self._flow -= settled.charges.total

    def _blocked(self, recorded: ev.Recorded) -> None:
        state = self.state
        needed = sum(position.margin for position in state.positions.values())
        needed += sum(order.blocked for order in state.working_orders())
        if needed != state.ledger.margin or state.ledger.margin < 0:
            have, want = format_rupees(state.ledger.margin), format_rupees(needed)
            self._wrong(2, recorded, f"{have} is blocked, orders and positions need {want}")

    def finish(self) -> None:
        """Compare the fold with the sums."""
        state = self.state
        for key, position in state.positions.items():
            if position.quantity != self._held[key]:
                raise _Wrong(
                    9, f"{key}: the fold holds {position.quantity}, the trades sum to {self._held[key]}"
                )
        positions = state.positions.values()
        if state.ledger.securities != sum(position.cost for position in positions):
            raise _Wrong(9, "the ledger's securities are not the cost of the positions")
        carried = sum(position.cost for position in positions if not position.paid_up)
        if state.ledger.clearing != -carried:
            raise _Wrong(9, "what clearing carries is not the cost of the margined positions")
        funds = self._flow - sum(self._value.values()) + carried
        if state.ledger.funds != funds:
            have, want = format_rupees(state.ledger.funds), format_rupees(funds)
            raise _Wrong(9, f"funds are {have}; money in, less charges, plus trading results is {want}")


def prove(
    log: Iterable[ev.Recorded],
    find: Callable[[str], Instrument | None],
    plan: Callable[[str], ChargeBook],
) -> Proof:
    """
    Check `log` from the first event to the last.

    `find` returns an instrument by id, None where it is not known any more (its charges are then not
    checked again); `plan` returns the charges of a broker's plan.
    """
    prover = _Prover(find, plan)
    failed = problem = ""
    try:
        for recorded in log:
            prover.step(recorded)
        prover.finish()
    except _Wrong as wrong:
        failed, problem = CHECKS[wrong.check], str(wrong)
    digest = sha256(msgspec.json.encode(prover.state)).hexdigest()
    return Proof(prover.state.seq, prover.orders, prover.trades, prover.days, digest, failed, problem)

"""
The proof: everything an account claims, derived again from its log alone, by other means than the fold.

`prove` reads the events once, folds them, and checks after each one what has to hold; then it compares the
result with sums made without the ledger and without `State`. The first thing that is wrong is named.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from hashlib import sha256

import msgspec

from kasauti.analytics.listings import Listings
from kasauti.analytics.proof_lines import TradedLine
from kasauti.analytics.proof_settling import touched, without_an_order
from kasauti.analytics.recorded_rules import RecordedCharges
from kasauti.analytics.standing_proof import StandingProof
from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Rule, Source, derive_price
from kasauti.domain.instrument import Instrument
from kasauti.domain.ist import ist_date, ist_iso
from kasauti.domain.money import format_rupees
from kasauti.domain.order import Product, Side
from kasauti.domain.state import State
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import contract_note
from kasauti.exchange.day_services import day_services
from kasauti.exchange.services import NOTHING

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
    "a standing instruction acts once, and its exits close no more than its entry opened",
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


def _holds(rule: Rule, beyond: int, at_limit: bool) -> bool:  # noqa: FBT001
    """Whether the condition of a rule holds: `beyond` is how far the evidence went past the order's price."""
    match rule:
        case Rule.CROSSED:
            return beyond >= 0 and at_limit
        case Rule.THROUGH:
            return beyond > 0 and at_limit
        case Rule.TOUCHED:
            return beyond >= 0 and at_limit
        case Rule.QUEUE:
            return beyond == 0 and at_limit
        case Rule.STOP:
            return beyond <= 0
        case _:
            return beyond == 0


class _Wrong(Exception):
    def __init__(self, check: int, problem: str) -> None:
        super().__init__(problem)
        self.check = check


class _Prover:
    """Goes through a log once."""

    def __init__(self, find: Callable[[str], Instrument | None], plan: Callable[[str], ChargeBook]) -> None:
        self.state = State()
        self.orders = self.trades = self.days = 0
        self._listings = Listings(find)
        self._book: ChargeBook | None = None
        self._recorded = RecordedCharges(plan)
        self._trade_ids: set[str] = set()
        self._jobs: set[tuple[str, str]] = set()
        self._used: dict[tuple[str, int, int, int, bool], int] = defaultdict(int)
        self._placed: dict[str, ev.OrderPlaced] = {}
        self._placed_at: dict[str, int] = {}
        self._turnover: dict[str, int] = defaultdict(int)
        self._held: dict[str, int] = defaultdict(int)
        self._flow = 0
        self._value: dict[str, int] = defaultdict(int)
        #: The command ids of the day, and of the one before.
        self._commands: set[str] = set()
        self._earlier_commands: set[str] = set()
        self._blocks: dict[str, int] = {}
        self._blocked_in_all = 0
        self._lines: dict[str, dict[str, TradedLine]] = defaultdict(dict)
        self._unknown = False
        self._standing = StandingProof()

    def step(self, recorded: ev.Recorded) -> None:
        """Check one event, take it in, and check what it left behind."""
        state = self.state
        if recorded.seq != state.seq + 1 or recorded.at < state.at:
            self._wrong(0, recorded, f"it follows {state.seq} of {ist_iso(state.at)}")
        self._before(recorded)
        wrong = self._standing.wrong(recorded.event)
        if wrong:
            self._wrong(10, recorded, wrong)
        try:
            state.apply(recorded)
        except (AssertionError, KeyError) as error:
            self._wrong(3, recorded, f"it cannot follow: {error}")
        if state.ledger.trial_balance:
            self._wrong(1, recorded, f"the books are out by {format_rupees(state.ledger.trial_balance)}")
        self._blocked(recorded)

    def _wrong(self, check: int, recorded: ev.Recorded, problem: str) -> None:
        event = recorded.event
        raise _Wrong(check, f"event {recorded.seq} ({event.TAG}, {ist_iso(recorded.at)}): {problem}")

    def _before(self, recorded: ev.Recorded) -> None:
        self._listings.learn(recorded.event)
        match recorded.event:
            case ev.AccountOpened() | ev.SessionStarted() as begun:
                self._book = self._recorded.of(begun)
                self._flow += begun.capital if isinstance(begun, ev.AccountOpened) else 0
            case ev.MoneyMoved() as moved:
                self._flow += moved.amount
            case ev.DayOpened():
                self.days += 1
                self._earlier_commands, self._commands = self._commands, set()
            case ev.DayClosed() as closed:
                self._flow -= closed.rounding.total
                self._note(recorded, closed)
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
            case other:
                self._beside(other)

    def _beside(self, event: ev.Event) -> None:
        """Take in what changes positions beside trades."""
        if isinstance(event, prod.ProductChanged) and event.today:
            source, target = (f"{event.instrument}|{each}" for each in (event.product, event.to))
            self._line(source).hand_over(self._line(target), event.quantity)
        self._flow -= without_an_order(event, self._held, self._value, self.state)

    def _order(self, recorded: ev.Recorded, placed: ev.OrderPlaced) -> None:
        self.orders += 1
        known = placed.command_id in self._commands or placed.command_id in self._earlier_commands
        if placed.command_id and known:
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
        order = self.state.orders.get(fill.order_id)
        if order is None or not order.is_working:
            self._wrong(3, recorded, f"{fill.order_id} had ended")
        elif fill.quantity > order.leaves:
            self._wrong(3, recorded, f"{fill.quantity} units traded, {order.leaves} were open")
        if fill.trade_id in self._trade_ids:
            self._wrong(4, recorded, f"trade id {fill.trade_id} is taken")
        self._trade_ids.add(fill.trade_id)
        self._price(recorded, fill, placed)
        self._evidence(recorded, fill, placed)
        self._charges(recorded, fill, placed)
        signed = placed.side.sign * fill.quantity
        key = f"{placed.instrument}|{placed.product}"
        self._held[key] += signed
        self._value[key] += signed * fill.price
        self._flow -= fill.charges.total

    def _price(self, recorded: ev.Recorded, fill: ev.OrderFilled, placed: ev.OrderPlaced) -> None:
        """Check that the rule the fill names did hold, and that the price follows from it."""
        evidence, sign = fill.evidence, placed.side.sign
        derived = derive_price(evidence, buys=placed.side is Side.BUY)
        if derived != fill.price:
            self._wrong(5, recorded, f"its evidence gives {derived}, it was booked at {fill.price}")
        order = self.state.orders.get(fill.order_id)
        limit = 0 if order is None else order.price if order.order_type.has_limit else order.band
        if limit and sign * fill.price > sign * limit:
            self._wrong(5, recorded, f"it traded at {fill.price}, its limit is {limit}")
        beyond = sign * (evidence.order_price - evidence.price)
        if not _holds(evidence.rule, beyond, evidence.order_price == limit):
            self._wrong(5, recorded, f"{evidence.price} is not what it says: {evidence.rule.value}")

    def _evidence(self, recorded: ev.Recorded, fill: ev.OrderFilled, placed: ev.OrderPlaced) -> None:
        evidence, buys = fill.evidence, placed.side is Side.BUY
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
        instrument = self._listings.find(placed.instrument)
        if instrument is None or self._book is None:
            self._unknown = True
            return
        schedule = self._book.schedule(instrument, placed.product, ist_date(recorded.at))
        line = self._line(f"{placed.instrument}|{placed.product}")
        line.add(placed, fill)
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
        instrument = self._listings.find(settled.instrument)
        if instrument is None or self._book is None:
            self._unknown = True
            return
        exercised = settled.price * settled.quantity if instrument.is_option else 0
        taxed = 0 if settled.delivers else max(0, exercised)
        on = instrument.expiry or ist_date(recorded.at)
        line = self._line(key)
        line.exercised += taxed
        stt = self._book.exercise_stt(on, taxed)
        line.booked = line.booked.plus(Charges(stt=stt))
        fee = self._book.services.exercise(on) if exercised else NOTHING
        due = Charges(brokerage=fee.amount, stt=stt, gst=fee.gst)
        if settled.charges != due:
            self._wrong(8, recorded, f"exercise costs {due}, booked was {settled.charges}")

    def _line(self, key: str) -> "TradedLine":
        return self._lines[self.state.day].setdefault(key, TradedLine())

    def _note(self, recorded: ev.Recorded, closed: ev.DayClosed) -> None:
        """Check that the day's books were closed at what note and services say beyond what was booked."""
        if self._book is None:
            return
        booked, lines = Charges(), []
        squared_off: Counter[str] = Counter()
        for key, line in self._lines.pop(closed.day, {}).items():
            instrument_id, _, product = key.rpartition("|")
            instrument = self._listings.find(instrument_id)
            assert instrument is not None, "a line is of an instrument that was found"
            lines.append(line.of(instrument, Product(product)))
            booked = booked.plus(line.booked)
            squared_off[instrument_id] += len(line.squared_off)
        day = date.fromisoformat(closed.day)
        due = contract_note(lines, day, self._book).minus(booked)
        for service in day_services(lines, squared_off, day, self._book):
            due = due.plus(Charges(services=service.amount, gst=service.gst))
        if closed.rounding != due and not self._unknown:
            self._wrong(
                8, recorded, f"the day's note differs by {due} from the trades, booked was {closed.rounding}"
            )

    def _blocked(self, recorded: ev.Recorded) -> None:
        """Follow what the order and position of an event hold; everything else holds what it did."""
        state, event = self.state, recorded.event
        order = state.orders.get(getattr(event, "order_id", ""))
        if order is not None:
            self._hold(order.order_id, order.blocked)
            self._hold(order.position_key, state.positions[order.position_key].margin)
            for key in getattr(event, "margins", ()):
                self._hold(key, state.positions[key].margin)
        elif (one := state.standing.get(getattr(event, "standing_id", ""))) is not None:
            self._hold(one.standing_id, one.blocked)
        else:
            for key in touched(event):
                self._hold(key, state.positions[key].margin if key in state.positions else 0)
        if self._blocked_in_all != state.ledger.margin or state.ledger.margin < 0:
            have, want = format_rupees(state.ledger.margin), format_rupees(self._blocked_in_all)
            self._wrong(2, recorded, f"{have} is blocked, orders and positions need {want}")

    def _hold(self, what: str, amount: int) -> None:
        self._blocked_in_all += amount - self._blocks.get(what, 0)
        self._blocks[what] = amount

    def finish(self) -> None:
        """Compare the fold with the sums."""
        state = self.state
        folded = {key: position.quantity for key, position in state.positions.items()}
        for key in folded | self._held:
            if folded.get(key, 0) != self._held[key]:
                problem = f"{key}: the fold holds {folded.get(key, 0)}, the trades sum to {self._held[key]}"
                raise _Wrong(9, problem)
        positions = state.positions.values()
        needed = sum(position.margin for position in positions)
        needed += sum(order.blocked for order in state.working_orders())
        needed += sum(one.blocked for one in state.standing.values())
        if needed != state.ledger.margin:
            have, want = format_rupees(state.ledger.margin), format_rupees(needed)
            raise _Wrong(2, f"{have} is blocked, orders and positions need {want}")
        if state.ledger.securities != sum(position.cost for position in positions):
            raise _Wrong(9, "the ledger's securities are not the cost of the positions")
        carried = sum(position.cost for position in positions if not position.paid_up)
        if state.ledger.clearing != -carried:
            raise _Wrong(9, "what clearing carries is not the cost of the margined positions")
        marked = sum(position.marked for position in positions)
        if state.ledger.variation != -marked:
            raise _Wrong(9, "what daily settlement has moved is not what stands in the positions")
        funds = self._flow - sum(self._value.values()) + carried + marked
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

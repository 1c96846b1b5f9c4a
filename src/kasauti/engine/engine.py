"""
The engine: the single writer of one account.

`handle` takes one input and runs to completion: decide, record, apply, act. Nothing else changes the
account's state. Inputs come in order of time; what is due in between (an order that arrives at the venue,
a candle that closes, the square-off) is done at its own moment, so how inputs are cut into batches never
changes the log. What was recorded is durable, and told to subscribers, after `commit`.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import Board
from kasauti.domain.commands import (
    CancelOrder,
    Command,
    ConvertPosition,
    HaltTrading,
    ModifyOrder,
    MoveMoney,
    Note,
    PlaceOrder,
    ResumeTrading,
)
from kasauti.domain.events import OrderFilled, OrderOpened, OrderPlaced, Recorded
from kasauti.domain.inputs import Advance, Ask, Input, MarketData
from kasauti.domain.ist import ist_date, ist_ns
from kasauti.domain.market import BarBatch, TickBatch
from kasauti.domain.order_folds import order_opened, order_placed
from kasauti.domain.reports import Report
from kasauti.domain.state import FOLDS, State
from kasauti.domain.trade_folds import order_filled
from kasauti.engine.absence import last_closes, missed_until
from kasauti.engine.account_changes import account_change
from kasauti.engine.admit import Admitter
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.bars import BarPath
from kasauti.engine.day import DayJobs, is_trading_day
from kasauti.engine.decide import Decider
from kasauti.engine.desk import StrategyDesk
from kasauti.engine.driven import Driven
from kasauti.engine.host import Guard, StrategyMaker
from kasauti.engine.jobs.closing import ClosingWindow
from kasauti.engine.jobs.corporate_actions import adjust_positions
from kasauti.engine.jobs.delivery import hold_proceeds
from kasauti.engine.jobs.margin_call import MarginCalls
from kasauti.engine.order_ids import OrderIds
from kasauti.engine.rules import Rules
from kasauti.engine.slicing import TOO_LARGE
from kasauti.engine.standing_kinds import keeper_of
from kasauti.engine.terms import Terms
from kasauti.engine.ticks import TickPath
from kasauti.ports import EventLog, Subscriber
from kasauti.simulator.venue import SimulatedVenue

# Looked up once: a name of another module costs every event a look into it.
_RECORDED: Final = Recorded
_PLACE: Final = PlaceOrder
_PLACED: Final = OrderPlaced
_OPENED: Final = OrderOpened
_FILLED: Final = OrderFilled


class Engine(Driven):
    """One account's engine. `state` is what the log read so far folds to."""

    def __init__(
        self,
        *,
        state: State,
        log: EventLog,
        board: Board,
        venue: SimulatedVenue,
        rules: Rules,
        strategies: Sequence[StrategyMaker] = (),
        guard: Guard | None = None,
        subscribers: Sequence[Subscriber] = (),
        ends_on_failure: bool = False,
    ) -> None:
        assert state.account is not None, "an account is opened before an engine runs it"
        self.state = state
        self.board = board
        self._log = log
        self._append = log.append
        self._venue = venue
        self._rules = rules
        self._ids = OrderIds(state.account.order_prefix)
        self._trade_prefix = state.account.order_prefix[:1]
        self._subscribers = tuple(subscribers)
        #: What was recorded since the last commit, where anybody is to be told.
        self.untold: list[Recorded] = []
        self.agenda = Agenda()
        self._decider: Decider
        self._admitter: Admitter
        #: When the day that was entered ends; -1 before the first.
        self.day_ends = -1
        #: When today's first session opens and its last one closes; -1 before the first trading day.
        self.hours = (-1, -1)
        self._resumed_at = state.at
        #: What is shown the day's data, because settlement prices are averages of it.
        self.windows: Sequence[ClosingWindow] = ()
        #: The time this account has come to.
        self.now = state.at
        self._desk = StrategyDesk(self, strategies, guard, ends_on_failure=ends_on_failure)
        self._keeper = keeper_of(self, rules, venue, state.account.order_prefix)
        #: Positions whose orders standing instructions follow: usually none.
        self._followed = self._keeper.followed
        self.ticks = TickPath(self, venue, self._desk, self._keeper)
        self._bar_path = BarPath(self, venue, self._desk, self._keeper)

    # The door.

    def handle(self, item: Input) -> str | None:
        """Take one input in, to completion; return the id of an `Ask`'s order, also of a denied one."""
        if isinstance(item, TickBatch):
            self.ticks.take(item)
            return None
        if isinstance(item, Ask):
            return self._ask(item)
        if isinstance(item, BarGrid):
            self._bar_path.grid(item)
        elif isinstance(item, BarBatch):
            self._bar_path.rows(item)
        else:
            self._advance(item)
        return None

    def resume(self, history: Iterable[MarketData], at: int = 0) -> None:
        """
        Go on after a restart, within the day of the last event.

        `history` is the market data of that day up to then: it is seen, and nothing is decided on it. `at` is
        when the process is back; what was due in between runs then, and late.
        """
        if self.state.day:
            self._enter_day(max(at, self.state.at), history)

    def commit(self) -> None:
        """Make what was recorded durable, then tell the subscribers."""
        self._log.commit()
        if self.untold:
            told, self.untold = self.untold, []
            for subscriber in self._subscribers:
                subscriber.told(told)

    @property
    def next_due(self) -> int:
        """When something is to be done without an input, `NEVER` if nothing is."""
        return min(self._venue.due, self.agenda.due)

    def _ask(self, ask: Ask) -> str | None:
        at = max(ask.at, self.now)
        self.enter(at)
        self.run_until(at)
        self.now = at
        order_id = self.send(ask.command, at, ask.cause, ask.strategy)
        if self.next_due <= at:
            self.run_until(at)
        return order_id

    def _advance(self, item: Advance) -> None:
        at = max(item.at, self.now)
        self.enter(at)
        self.run_until(at)
        self.now = at

    @property
    def day_closes(self) -> int:
        """When today's last session closes."""
        return self.hours[1]

    # Recording and acting.

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Make an event history: the log takes it, the state follows. A clock that jumps back is held."""
        state = self.state
        if at < state.at:  # noqa: PLR1730  a call would cost every event time
            at = state.at
        seq = state.seq + 1
        self._append(recorded := _RECORDED(seq, at, cause, event))
        # As `State.take`. Most events are one of these three, whose folds are called without a look-up.
        kind = type(event)
        if kind is _FILLED:
            order_filled(state, event, at)  # type: ignore[arg-type]
        elif kind is _PLACED:
            order_placed(state, event, at)  # type: ignore[arg-type]
        elif kind is _OPENED:
            order_opened(state, event, at)  # type: ignore[arg-type]
        else:
            FOLDS[kind](state, event, at)
        state.seq, state.at = seq, at
        if self._subscribers:
            self.untold.append(recorded)

    def send(
        self,
        command: Command,
        at: int,
        cause: str,
        strategy: str = "",
        forced: bool = False,  # noqa: FBT001, FBT002  as `Decider.place`
        last: int = 0,
    ) -> str | None:
        """Decide a command, record what it leads to, and hand it to the venue."""
        if type(command) is not _PLACE:
            return self._send_other(command, at, cause, strategy)
        state = self.state
        if command.command_id:
            earlier = state.led_to(command.command_id)
            if earlier is not None:
                return earlier
        event = self._decider.place(command, at, strategy, forced, last)
        placed = type(event) is _PLACED
        if not placed and command.autoslice and isinstance(event, ev.OrderDenied) and event.rule == TOO_LARGE:
            return self._send_all(self._decider.in_slices(command, event, at, strategy), at, cause)
        self.record(event, cause, at)
        order_id = event.order_id
        if placed:
            self._venue.submit(state.orders[order_id], at)
        return order_id

    def _send_all(self, events: Iterable[ev.OrderPlaced | ev.OrderDenied], at: int, cause: str) -> str:
        """Record orders one by one, each decided once the one before is; return the first one's id."""
        first = ""
        for event in events:
            self.record(event, cause, at)
            if isinstance(event, OrderPlaced):
                self._venue.submit(self.state.orders[event.order_id], at)
            first = first or event.order_id
        return first

    def takes_no_more(self, terms: Terms, at: int) -> bool:
        """Whether the broker takes no more orders in this second."""
        return self._decider.takes_no_more(terms, at)

    def _send_other(self, command: Command, at: int, cause: str, strategy: str) -> str | None:
        match command:
            case CancelOrder():
                asked = self._decider.order_change.cancel(command, strategy)
                self.record(asked, cause, at)
                if isinstance(asked, ev.CancelRequested):
                    self._venue.cancel(self.state.orders[asked.order_id], asked.reason, at)
                return command.order_id
            case ModifyOrder():
                change = self._decider.order_change.decide(command, at, strategy)
                self.record(change, cause, at)
                if isinstance(change, ev.ModifyRequested):
                    self._venue.modify(change, at)
                return command.order_id
            case Note():
                self._desk.note(strategy, command, cause, at)
            case MoveMoney() | HaltTrading() | ResumeTrading() | ConvertPosition():
                self.record(account_change(command, self._decider, at, strategy), cause, at)
            case PlaceOrder():
                assert command is None, "an order has its own way"
            case _:
                return self._keeper.ask(command, at, cause, strategy)
        return None

    def end(self, event: ev.OrderExpired | ev.OrderCancelled, cause: str, at: int) -> None:
        """End an order without asking the venue, which forgets it."""
        order = self.state.orders[event.order_id]
        self.record(event, cause, at)
        self._venue.forget(order)
        if self._followed:
            self._keeper.ended(event, at)

    def begin_auction(self, at: int) -> None:
        """Tell the venue that a call auction begins."""
        self._venue.begin_auction(at)

    def end_venue_day(self, at: int) -> None:
        """Have the venue end its day, and record what that brings."""
        held = {key: position.quantity for key, position in self.state.positions.items() if position.quantity}
        shades = {profile: shade.held for profile, shade in self.state.band.items()}
        self.admit(self._venue.end_day(held, shades, at))

    def admit(self, reports: Sequence[Report]) -> None:  # noqa: C901  calls would cost every fill
        """Record what the venue reports, all of it, then tell strategies of their fills."""
        if not reports:
            return
        if len(reports) == 1:  # the commonest answer
            report = reports[0]
            event, at = self._admitter.admit(report), report.at
            self.record(event, "venue", at)
            if self._followed:
                self._keeper.moved(event, at)
            if type(event) is _FILLED:
                if self.state.holdings or self.state.deliveries:
                    hold_proceeds(self, self._rules, event, at)
                self._desk.filled(event, at)
            return
        fills, followed = [], []
        for report in reports:
            event, at = self._admitter.admit(report), report.at
            self.record(event, "venue", at)
            if type(event) is _FILLED:
                if self.state.holdings or self.state.deliveries:
                    hold_proceeds(self, self._rules, event, at)
                fills.append((event, at))
            if self._followed:
                followed.append((event, at))
        for event, at in followed:
            self._keeper.moved(event, at)
        for fill, at in fills:
            self._desk.filled(fill, at)

    # Time.

    def run_until(self, to: int) -> None:
        """Do everything that is due until `to`, each at its own moment; arrivals before jobs."""
        venue = self._venue
        while True:
            arrival, job = venue.due, self.agenda.due
            if arrival <= job:
                if arrival > to:
                    return
                if arrival > self.now:  # noqa: PLR1730  as in `record`
                    self.now = arrival
                self.admit(venue.advance(arrival))
            elif job > to:
                return
            else:
                self.now = max(self.now, job)
                self.agenda.run_next(self.now)

    def enter(self, at: int) -> None:
        """Begin the trading day of `at` if it has not begun."""
        if at >= self.day_ends:
            self._enter_day(at)

    def _enter_day(self, at: int, history: Iterable[MarketData] = ()) -> None:
        """Begin the trading day of `at`, after what was left of the one before."""
        self.run_until(at)
        day = ist_date(at)
        self.day_ends = ist_ns(day + timedelta(days=1))
        sheet = self._rules.sheet(self.board.universe, day, self._venue.auctions)
        rules = self._rules
        self._decider = Decider(self.state, self.board, sheet, rules.gate, rules.standing, self._ids)
        self._admitter = Admitter(self.state, sheet, self._decider, self._trade_prefix)
        self.now = max(self.now, at)
        if not is_trading_day(self._rules.calendar, self.board.universe, day):
            self.agenda, self.windows = Agenda(), ()
            self._desk.rest()
            self._keeper.begin_day(sheet, self.agenda, at, trades=False)
            return
        before = self.state.day
        resumed = before == day.isoformat()
        missed = missed_until(self.state, self._rules.calendar, day, self._resumed_at, at)
        if not resumed:
            if self.state.day_open:
                self._keeper.follow()
                DayJobs(self, self._rules, date.fromisoformat(self.state.day)).close_late(at)
            self.board.clear()
            self.record(ev.DayOpened(day.isoformat()), "timer:day_open", at)
        self.agenda = Agenda(self._resumed_at if resumed else at - 1)
        calls = MarginCalls(self, self._decider.book, day)
        calls.begin_day(sheet.netting, at)
        jobs = DayJobs(self, self._rules, day, self._venue.auctions, calls, sheet.narrow)
        if not resumed:
            adjust_positions(self, self._rules, before, day, at)
            jobs.look_back(at)
        self.windows = jobs.windows
        hours = self.hours = jobs.schedule(self.agenda)
        calls.schedule(self.agenda, sheet.netting, hours)
        self.agenda.add(hours[1], Rank.ACCOUNT, self._keeper.close_day)
        self._desk.subscribe(self.agenda, day, hours)
        for batch in history:
            self._see(batch)
        self._venue.begin_day(day, last_closes(self.state, self._rules.calendar, day))
        if resumed:
            self._desk.caught_up(self._resumed_at)
            self._restore_orders(at)
        self._keeper.begin_day(sheet, self.agenda, at, missed=missed)
        self._desk.start(resumed=resumed, at=at)

    def _see(self, batch: MarketData) -> None:
        self.board.take(batch)
        for window in self.windows:
            window.take(batch)
        if isinstance(batch, TickBatch):
            self._desk.see_ticks(batch)
        else:
            self._desk.see_bars(batch.rows() if isinstance(batch, BarGrid) else batch)

    def _restore_orders(self, at: int) -> None:
        """Hand the working orders to a venue that has just been started."""
        for order in self.state.working_orders():
            if order.modify_asked:
                blocked = self._decider.order_change.block_unchanged(order, at)
                message = "the change was on its way when the process ended; ask again"
                self.record(ev.ModifyRejected(order.order_id, message, blocked), "session", at)
        self._venue.restore(self.state.working_orders(), at)
        for order in self.state.working_orders():
            if order.cancel_asked:
                self._venue.cancel(order, "asked before the restart", at)

"""
The keeper of an account's standing instructions: it watches for them, and sends their orders when they act.

What it does is recorded in one group with the orders it leads to, so that after a crash an instruction has
acted wholly or not at all. It sends through the same door as everybody: the decider may deny its orders.
"""

from kasauti.domain import events as ev
from kasauti.domain.commands import (
    CancelStanding,
    ExitBracket,
    ModifyAfterMarket,
    ModifyAlert,
    ModifyExits,
    ModifyGtt,
    Plan,
    StandingCommand,
)
from kasauti.domain.ist import ist_iso
from kasauti.domain.market import Candle, Quote
from kasauti.domain.order import Product
from kasauti.domain.standing import Instruction, StandingStatus, command_id_of, variety_of
from kasauti.engine.agenda import Agenda
from kasauti.engine.price_watch import Level
from kasauti.engine.standing_checks import No
from kasauti.engine.standing_clerk import STOPLOSS, Clerk
from kasauti.engine.terms import TermSheet


class Keeper(Clerk):
    """The standing instructions of one account."""

    # A day.

    def begin_day(
        self, sheet: TermSheet, agenda: Agenda, at: int, *, trades: bool = True, missed: str = ""
    ) -> None:
        """
        Take up what the account holds for a day on which there is trading, or not.

        `missed` says why what acts on its first price acts late, empty if nobody was away.
        """
        self.sheet, self.agenda, self.day, self.missed = sheet, agenda, sheet.day, missed
        self.watch.clear()
        self.followed.clear()
        self._waiting.clear()
        self.gtts = {one.standing_id for one in self.active() if one.variety == "gtt"}
        if not trades:
            return
        for one in self.active():
            instrument = self.instrument(one.instrument)
            if one.expires_at and at >= one.expires_at:
                self.end(one, StandingStatus.EXPIRED, "its time is over", "timer:standing", at)
            elif instrument is not None and instrument.expiry is not None and instrument.expiry < self.day:
                self.end(one, StandingStatus.EXPIRED, "the contract has expired", "timer:standing", at)
            else:
                self.take_up(one)
                self.handlers[one.variety].day_begins(one, at)
        if missed:
            self.watch.watch_all()

    def follow(self) -> None:
        """Follow the orders of every instruction, before a day has begun."""
        for one in self.active():
            if one.sent and one.variety != "alert":
                self.followed.setdefault(one.position_key, {})[one.standing_id] = None

    def close_day(self, at: int) -> None:
        """End what cannot act any more: on contracts that expired today, and where nothing is held."""
        for one in self.active():
            instrument = self.instrument(one.instrument)
            if instrument is not None and instrument.expiry == self.day:
                self.end(one, StandingStatus.EXPIRED, "the contract has expired", "timer:close", at)
            elif one.product is Product.MIS and one.sent:
                self.end(one, StandingStatus.CANCELLED, "the day is over", "timer:close", at)

    # What is asked for.

    def ask(self, command: StandingCommand, at: int, cause: str, strategy: str) -> str | None:
        """Decide a command about standing instructions; return the id of what it concerns."""
        if isinstance(command, Plan):
            command_id = command_id_of(command)
            earlier = self.account.state.led_to(command_id) if command_id else None
            if earlier is not None:
                return earlier
            return self.handlers[variety_of(command)].place(command, at, cause, strategy)
        one = self.account.state.standing.get(command.standing_id)
        no = self._untouchable(one, command, strategy)
        if no is not None or one is None:
            assert no is not None, "what is not known is refused"
            self.deny_change(command.standing_id, _word(command), no, at, cause, strategy)
        elif isinstance(command, CancelStanding):
            self.handlers[one.variety].cancel(one, command.reason, at, cause)
        elif isinstance(command, ExitBracket):
            no = self.handlers[one.variety].exit(one, at)
            if no is not None:
                self.deny_change(one.standing_id, "exit", no, at, cause, strategy)
            self.rewatch(one)
        else:
            self._modify(one, command, at, cause, strategy)
        return command.standing_id

    def _modify(
        self,
        one: Instruction,
        command: ModifyGtt | ModifyAlert | ModifyExits | ModifyAfterMarket,
        at: int,
        cause: str,
        strategy: str,
    ) -> None:
        no = self.handlers[one.variety].modify(one, command, at, cause)
        if no is not None:
            self.deny_change(one.standing_id, _word(command), no, at, cause, strategy)

    @staticmethod
    def _untouchable(one: Instruction | None, command: StandingCommand, strategy: str) -> No | None:
        if one is None:
            unknown = getattr(command, "standing_id", "")
            return No("standing.unknown", f"there is no standing instruction {unknown}")
        if one.is_over:
            message = f"{one.standing_id} is {one.status.value}; only an active one can be changed or ended"
            return No("standing.not_active", message)
        if strategy and one.strategy != strategy:
            return No("standing.not_own", f"{one.standing_id} is not one of {strategy}'s")
        return None

    # What happens.

    def on_quote(self, slot: int, quote: Quote) -> None:
        """A tick in a slot of `slots`."""
        if not quote.last:
            return
        for level in self.watch.reached(slot, quote.last, quote.last):
            self._reached(level, quote.last, quote.at)
        if slot in self.watch.eager:
            self.watch.seen(slot)

    def on_candle(self, slot: int, candle: Candle) -> None:
        """A bar that has ended, in a slot of `slots`: of what it reached, stops come first."""
        end = candle.start + candle.seconds * 1_000_000_000
        levels = self.watch.reached(slot, candle.low, candle.high)
        for level in sorted(levels, key=lambda level: level.leg != STOPLOSS):
            passed = candle.open >= level.price if level.above else candle.open <= level.price
            self._reached(level, candle.open if passed else level.price, end)
        for level in self.watch.reached(slot, candle.close, candle.close) if levels else ():
            self._reached(level, candle.close, end)
        if slot in self.watch.eager:
            self.watch.seen(slot)

    def _reached(self, level: Level, price: int, at: int) -> None:
        one = self.account.state.standing.get(level.standing_id)
        if one is None or one.is_over or not self.is_open(one, at):
            return
        handler = self.handlers[one.variety]
        other = handler.elsewhere(one)
        waits = handler.levels(one) + ([] if other is None else other[1])
        if (level.leg, level.price, level.above) not in waits:
            return  # what came before it at this price has moved it
        handler.reached(one, level.leg, price, at)
        self.rewatch(one)

    def ended(self, event: ev.OrderExpired | ev.OrderCancelled, at: int) -> None:
        """The account itself ended an order: at the square-off, at the close."""
        self.account_ends = True
        self.moved(event, at)
        self.account_ends = False

    def moved(self, event: ev.Event, at: int) -> None:
        """Something happened to an order: an instruction's own, or one of a position that some follow."""
        state = self.account.state
        order = state.orders.get(getattr(event, "order_id", ""))
        if order is None:
            return
        standing_id = state.standing_orders.get(order.order_id)
        if standing_id is not None:
            one = state.standing[standing_id]
            self.handlers[one.variety].moved(one, order, one.sent[order.order_id], event, at)
            self.rewatch(one)
        if isinstance(event, ev.OrderFilled):
            for other in list(self.followed.get(order.position_key, ())):
                one = state.standing[other]
                if not one.is_over:
                    self.handlers[one.variety].trim(one, at)
                    self.rewatch(one)


def missed_between(last: int, at: int) -> str:
    """Say that nobody was here between two moments."""
    return f"nobody was here from {ist_iso(last)} to {ist_iso(at)}: the price may have come there before"


def _word(command: StandingCommand) -> str:
    if isinstance(command, CancelStanding):
        return "cancel"
    return "exit" if isinstance(command, ExitBracket) else "modify"

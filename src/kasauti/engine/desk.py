"""Which strategy hears of what, and what becomes of what it asks for."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import msgspec
import numpy as np

from kasauti.domain import events as ev
from kasauti.domain.board import Board, quote_at
from kasauti.domain.commands import Command, Note
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import BarBatch, Candle, Quote, TickBatch
from kasauti.domain.state import State
from kasauti.domain.view import ChainLayout, ChainWanted, TimerWanted
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.candles import CandleBuilder
from kasauti.engine.host import Guard, HookFailed, Hosted, StrategyGaveUp, StrategyMaker

#: Hooks that look for new risk; a strategy that failed is not called for them again that day.
_ENTRY_HOOKS = frozenset({"on_candle", "on_chain"})


class Account(Protocol):
    """What strategies' commands need of the engine."""

    state: State
    board: Board

    def record(self, event: ev.Event, cause: str, at: int) -> None:
        """Make an event history."""

    def send(
        self, command: Command, at: int, cause: str, strategy: str = "", *, forced: bool = False
    ) -> str | None:
        """Decide a command and hand it to the venue."""


class StrategyDesk:
    """
    The strategies of one account, in the order of the configuration.

    `watched` marks the slots whose every tick somebody wants; `version` grows when it changes. With
    `ends_on_failure` the first failure is recorded and then raised, as `StrategyGaveUp`.
    """

    def __init__(
        self,
        account: Account,
        makers: Sequence[StrategyMaker],
        guard: Guard | None,
        *,
        ends_on_failure: bool = False,
    ) -> None:
        self._account = account
        self._ends_on_failure = ends_on_failure
        self.watched = np.zeros(len(account.board.universe), np.bool_)
        self.version = 0
        self._hosted = [Hosted(make, account.state, account.board, guard) for make in makers]
        self._by_name = {hosted.name: hosted for hosted in self._hosted}
        assert len(self._by_name) == len(self._hosted), "strategies of one account have different names"
        self._builders: dict[tuple[int, int], CandleBuilder] = {}
        self._listeners: dict[tuple[int, int], list[Hosted]] = {}
        self._by_slot: dict[int, list[CandleBuilder]] = {}
        self._tickers: dict[int, list[Hosted]] = {}
        self._hours = (0, 0)

    # The day.

    def start(self, *, resumed: bool, at: int) -> None:
        """Start every strategy for the day, from what it last noted."""
        state = self._account.state
        for hosted in self._hosted:
            hosted.view.resumed = resumed
            note = state.notes.get(hosted.name)
            if note is not None:
                self._failed_or_fine(hosted, hosted.renew(note), at)
            for own in state.books.get(hosted.name, {}).values():
                if own.quantity:
                    self._hold(hosted, own.instrument, True)  # noqa: FBT003  as below
            hosted.silenced = state.failed.get(hosted.name) == "all"
            self._call(hosted, "on_start", at)

    def rest(self) -> None:
        """Call nobody until the next trading day."""
        self._builders, self._listeners, self._by_slot, self._tickers = {}, {}, {}, {}
        self._watch()

    def _failed_or_fine(self, hosted: Hosted, failure: HookFailed | None, at: int) -> None:
        if failure is not None:
            self._fail(hosted, failure, at)

    def subscribe(self, agenda: Agenda, day: date, hours: tuple[int, int]) -> None:
        """Put every strategy's wishes for the day on the agenda, within `hours`."""
        opens = hours[0]
        self._hours = hours
        for hosted in self._hosted:
            hosted.holding.clear()
        self._builders, self._listeners, self._by_slot, self._tickers = {}, {}, {}, {}
        universe = self._account.board.universe
        for hosted in self._hosted:
            for candle in hosted.wants.candles:
                key = (universe.slot(candle.instrument), candle.seconds)
                if key not in self._builders:
                    self._builders[key] = CandleBuilder(candle.instrument, candle.seconds, opens)
                    self._by_slot.setdefault(key[0], []).append(self._builders[key])
                    self._schedule_candle(agenda, key, hours)
                self._listeners.setdefault(key, []).append(hosted)
            for chain in hosted.wants.chains:
                self._schedule_chain(agenda, hosted, chain, day, hours)
            for ticked in hosted.wants.ticks:
                self._tickers.setdefault(universe.slot(ticked), []).append(hosted)
            for timer in hosted.wants.timers:
                self._schedule_timer(agenda, hosted, timer, day, hours)
        self._watch()

    def _schedule_candle(self, agenda: Agenda, key: tuple[int, int], hours: tuple[int, int]) -> None:
        opens, closes = hours
        step = key[1] * NS_PER_SECOND

        def close(moment: int) -> None:
            candle = self._builders[key].close(moment)
            if candle is not None:
                self._candle_closed(key, candle, moment)

        agenda.every(step, opens + step, closes, Rank.CANDLE, close)

    def _schedule_chain(
        self, agenda: Agenda, hosted: Hosted, wanted: ChainWanted, day: date, hours: tuple[int, int]
    ) -> None:
        expiries = [e for e in self._account.board.universe.expiries(wanted.underlying) if e >= day]
        if not expiries:
            return
        layout = ChainLayout(self._account.board, wanted.underlying, expiries[0])
        step = wanted.seconds * NS_PER_SECOND

        def read(moment: int) -> None:
            self._call(hosted, "on_chain", moment, layout.read(self._account.board, moment))

        agenda.every(step, hours[0] + step, hours[1] - 1, Rank.CHAIN, read)

    def _schedule_timer(
        self, agenda: Agenda, hosted: Hosted, wanted: TimerWanted, day: date, hours: tuple[int, int]
    ) -> None:
        def ring(moment: int) -> None:
            self._call(hosted, "on_timer", moment, wanted.name)

        if wanted.seconds:
            step = wanted.seconds * NS_PER_SECOND
            agenda.every(step, hours[0] + step, hours[1] - 1, Rank.TIMER, ring)
        if wanted.at is not None:
            due = ist_ns(day, wanted.at)
            agenda.every(NS_PER_SECOND, due, due, Rank.TIMER, ring)

    # What strategies hear.

    def ticked(self, slot: int, quote: Quote) -> None:
        """Pass a tick on: to candles first, then to who asked for it or holds the instrument."""
        for builder in self._by_slot.get(slot, ()):
            builder.tick(quote)
        if not self._hours[0] <= quote.at <= self._hours[1]:
            return
        for hosted in self._tickers.get(slot, ()):
            self._call(hosted, "on_tick", quote.at, quote, self._account.board.universe[slot])

    def bar(self, slot: int, bar: Candle) -> None:
        """Pass a bar on: to longer candles, to who asked for this length, and as a last price to holders."""
        at = bar.start + bar.seconds * NS_PER_SECOND
        for builder in self._by_slot.get(slot, ()):
            candle = builder.bar(bar)
            if candle is not None:
                self._candle_closed((slot, builder.seconds), candle, at)
        if slot in self._tickers:
            quote = self._account.board.quote(slot)
            for hosted in self._tickers[slot]:
                self._call(hosted, "on_tick", at, quote, self._account.board.universe[slot])

    def _candle_closed(self, key: tuple[int, int], candle: Candle, at: int) -> None:
        for hosted in self._listeners.get(key, ()):
            self._call(hosted, "on_candle", at, candle)

    def filled(self, fill: ev.OrderFilled, at: int) -> None:
        """Tell the strategy whose order traded."""
        state = self._account.state
        order = state.orders[fill.order_id]
        strategy, instrument = order.strategy, order.instrument
        hosted = self._by_name.get(strategy)
        if hosted is None:
            return
        book = state.books[strategy]
        holds = book[order.position_key].quantity != 0
        if not holds and len(book) > 1:  # in another product, perhaps
            holds = any(own.quantity and own.instrument == instrument for own in book.values())
        if holds is not (instrument in hosted.holding):
            self._hold(hosted, instrument, holds)
        self._call(hosted, "on_fill", at, fill, order)

    def see_ticks(self, batch: TickBatch) -> None:
        """Let candles see ticks from before a restart."""
        for slot, builders in self._by_slot.items():
            for row in np.flatnonzero(batch.slot == slot).tolist():
                quote = quote_at(batch, row)
                for builder in builders:
                    builder.tick(quote)
                    builder.close(quote.at)

    def see_bars(self, batch: BarBatch) -> None:
        """Let candles see bars from before a restart."""
        for row, slot in enumerate(batch.slot.tolist()):
            for builder in self._by_slot.get(slot, ()):
                builder.bar(batch.candle(row, builder.instrument))

    def caught_up(self, at: int) -> None:
        """Forget the candles that ended until `at`: their strategies heard of them before the restart."""
        for builder in self._builders.values():
            while builder.close(at) is not None:
                pass

    # What strategies ask for.

    def _call(self, hosted: Hosted, hook: str, at: int, *arguments: object) -> None:
        account, name = self._account, hosted.name
        if hook in _ENTRY_HOOKS and name in account.state.failed:
            return
        answer = hosted.call(hook, at, arguments)
        if type(answer) is HookFailed:
            self._fail(hosted, answer, at)
            return
        for command in answer:  # type: ignore[union-attr]
            account.send(command, at, hosted.cause, name)

    def note(self, strategy: str, note: Note, cause: str, at: int) -> None:
        """Record what a strategy wants to remember, if it is anything new."""
        state = msgspec.json.encode(note.state)
        if bytes(self._account.state.notes.get(strategy, b"")) != state:
            self._account.record(ev.StrategyNoted(strategy, msgspec.Raw(state)), cause, at)

    def _fail(self, hosted: Hosted, failure: HookFailed, at: int) -> None:
        """
        Stop a strategy that raised or hung.

        The first time it may go on closing what it holds, as a fresh object with its last note; a second
        failure silences it, and the square-off closes the rest.
        """
        again = hosted.name in self._account.state.failed
        stopped = "all" if again else "entries"
        event = ev.StrategyFailed(hosted.name, failure.hook, failure.error, stopped)
        self._account.record(event, hosted.cause, at)
        if self._ends_on_failure:
            place = f" ({failure.place})" if failure.place else ""
            raise StrategyGaveUp(f"{hosted.name} raised in {failure.hook}: {failure.error}{place}")
        hosted.silenced = again
        if not again:
            self._failed_or_fine(hosted, hosted.renew(self._account.state.notes.get(hosted.name)), at)

    def _hold(self, hosted: Hosted, instrument: str, holds: bool) -> None:  # noqa: FBT001  every fill asks
        """Start or stop passing every tick of what a strategy holds on to it."""
        if holds:
            hosted.holding.add(instrument)
        else:
            hosted.holding.discard(instrument)
        if instrument in hosted.wants.ticks or instrument not in self._account.board.universe:
            return
        slot = self._account.board.universe.slot(instrument)
        listeners = self._tickers.setdefault(slot, [])
        if holds and hosted not in listeners:
            listeners.append(hosted)
            self._watch()
        elif not holds and hosted in listeners:
            listeners.remove(hosted)
            self._watch()

    def _watch(self) -> None:
        self.watched[:] = False
        for slot in self._by_slot:
            self.watched[slot] = True
        for slot, listeners in self._tickers.items():
            if listeners:
                self.watched[slot] = True
        self.version += 1

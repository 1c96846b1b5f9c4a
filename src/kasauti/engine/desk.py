"""Which strategy hears of what, and what becomes of what it asks for."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial

import msgspec
import numpy as np

from kasauti.domain import events as ev
from kasauti.domain.bar_grid import BarGrid
from kasauti.domain.board import quote_at
from kasauti.domain.candle import BarRow, Candle
from kasauti.domain.commands import Command, Note
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.domain.market import BarBatch, Quote, TickBatch
from kasauti.domain.order import Order
from kasauti.domain.view import ChainLayout, ChainWanted, TimerWanted
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.asked import written
from kasauti.engine.day_candles import DayCandles
from kasauti.engine.driven import Account
from kasauti.engine.host import Guard, HookFailed, Hosted, StrategyGaveUp, StrategyMaker
from kasauti.engine.lanes import Lane, Lanes, listen
from kasauti.engine.readings import noted, take_up

#: Hooks that look for new risk; a strategy that failed is not called for them again that day.
_ENTRY_HOOKS = frozenset({"on_candle", "on_chain"})


class StrategyDesk:
    """
    The strategies of one account, in the order of the configuration.

    `watched` marks the slots whose ticks somebody wants, one by one or in `candles`; `version` grows when one
    more is marked there or among the stops of the candles. With `ends_on_failure` the first failure is
    recorded and then raised, as `StrategyGaveUp`.
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
        self.candles = DayCandles(len(account.board.universe))
        self.version = 0
        self._hosted = [Hosted(make, account.state, account.board, guard) for make in makers]
        for hosted in self._hosted:
            if hosted.name in account.state.indicators:
                take_up(hosted.readings, account.state.indicators[hosted.name])
        self._by_name = {hosted.name: hosted for hosted in self._hosted}
        assert len(self._by_name) == len(self._hosted), "strategies of one account have different names"
        self._listeners: dict[tuple[int, int], list[Hosted]] = {}
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
                    self._hold(hosted, own.instrument, holds=True)
            hosted.silenced = state.failed.get(hosted.name) == "all"
            self._call(hosted, "on_start", at)

    def rest(self) -> None:
        """Call nobody until the next trading day."""
        self.candles.clear()
        self._listeners, self._tickers = {}, {}
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
            hosted.begin_readings()
        self.candles.clear()
        self._listeners, self._tickers = {}, {}
        universe = self._account.board.universe
        for hosted in self._hosted:
            for candle in hosted.wants.candles:
                key = (universe.slot(candle.instrument), candle.seconds)
                if key not in self._listeners:
                    closing = self._closing(agenda, key, hours[1])
                    self.candles.want(key[0], candle.instrument, candle.seconds, opens, closing)
                self._listeners.setdefault(key, []).append(hosted)
            for chain in hosted.wants.chains:
                self._schedule_chain(agenda, hosted, chain, day, hours)
            for ticked in () if "on_tick" in hosted.idle else hosted.wants.ticks:
                self._tickers.setdefault(universe.slot(ticked), []).append(hosted)
            for timer in hosted.wants.timers:
                self._schedule_timer(agenda, hosted, timer, day, hours)
            if hosted.readings:
                agenda.add(hours[1], Rank.TIMER, partial(self._note_readings, hosted))
        self._watch()

    def _note_readings(self, hosted: Hosted, at: int) -> None:
        """Record where indicators stand once the day's last candles have closed, if that is anything new."""
        state = noted(hosted.readings)
        if self._account.state.indicators.get(hosted.name) != state:
            self._account.record(ev.IndicatorsNoted(hosted.name, msgspec.Raw(state)), hosted.cause, at)

    def _closing(self, agenda: Agenda, key: tuple[int, int], closes: int) -> Callable[[int], None]:
        """Return what has a candle closed at a moment, if the day comes to it."""
        place = agenda.reserve()

        def close(moment: int) -> None:
            stops = self.candles.stops[key[0]]
            candle = self.candles.close(*key, moment)
            if self.candles.stops[key[0]] != stops:
                self.version += 1
            if candle is not None:
                self._candle_closed(key, candle, moment)

        def due(moment: int) -> None:
            if moment <= closes:
                agenda.at(moment, Rank.CANDLE, place, close)

        return due

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
            answer = hosted.call("on_timer", moment, (wanted.name, hosted.view))
            if answer:
                self._answered(hosted, answer, moment)

        if wanted.seconds:
            step = wanted.seconds * NS_PER_SECOND
            agenda.every(step, hours[0] + step, hours[1] - 1, Rank.TIMER, ring)
        if wanted.at is not None:
            due = ist_ns(day, wanted.at)
            agenda.every(NS_PER_SECOND, due, due, Rank.TIMER, ring)

    # What strategies hear.

    def ticked(self, slot: int, quote: Quote) -> None:
        """Pass a tick on to who asked for it or holds the instrument; candles have taken it in."""
        if not self._hours[0] <= quote.at <= self._hours[1]:
            return
        for hosted in self._tickers.get(slot, ()):
            self._call(hosted, "on_tick", quote.at, quote, self._account.board.universe[slot])

    def bar(self, slot: int, bar: Candle) -> None:
        """Pass a bar on: to longer candles, to who asked for this length, and as a last price to holders."""
        at = bar.start + bar.seconds * NS_PER_SECOND
        for builder in self.candles.of(slot):
            candle = builder.bar(bar)
            if candle is not None:
                self._candle_closed((slot, builder.seconds), candle, at)
        listeners = self._tickers.get(slot)
        if listeners:
            quote = self._account.board.quote(slot)
            for hosted in listeners:
                self._call(hosted, "on_tick", at, quote, self._account.board.universe[slot])

    # Bars of a grid.

    def lanes(self, grid: BarGrid, row: Callable[[int], BarRow]) -> Lanes:
        """Return who hears which of the bars of `grid`; `row` has those in a slot."""
        found, watched = Lanes(), grid.slots[self.watched[grid.slots]].tolist()
        if watched:
            grid.list_moments()
        for slot in watched:
            found.slots.append((slot, row(slot)))
            builders = self.candles.of(slot)
            passing = [builder for builder in builders if builder.passes(grid)]
            if self._tickers.get(slot) or len(passing) < len(builders):
                found.are_direct = False
            for hosted in self._listeners.get((slot, grid.seconds), ()):
                heard = self._hears(hosted, "on_candle")
                columns = hosted.columns(row(slot), whole=bool(passing)) if hosted.readings else []
                if hosted.is_guarded or columns is None or (columns and not heard):
                    found.are_direct = False
                elif heard:
                    found.direct.append(Lane.of(hosted, row(slot), len(found.direct), columns))
        return found

    def hear(self, lanes: Lanes, grid: BarGrid, first: int, stop: int) -> int:
        """
        Let strategies hear bars of a grid from the moment number `first` on, before `stop`.

        Goes on until something is recorded or comes to be due, but to the end of its moment; returns the
        number of the next one.
        """
        account = self._account
        if not lanes.slots:
            account.board.moment = stop - 1
            return stop
        if not lanes.are_direct:
            return self._hear_each(lanes, first, stop)
        moments = grid.moments
        number, lane, answer = listen(lanes.direct, account.board, moments, first, stop)
        if number == stop:
            return stop
        at = moments[number]
        self._answered(lanes.direct[lane].hosted, answer, at)
        if lane + 1 < len(lanes.direct):
            for later in lanes.direct[lane + 1 :]:
                candle = later.row.candle(number)
                if candle is not None:
                    self._hear(later.hosted, candle, at)
        return number + 1

    def _hear_each(self, lanes: Lanes, first: int, stop: int) -> int:
        account = self._account
        before = account.state.seq, account.next_due
        for number in range(first, stop):
            account.board.moment = number
            for slot, row in lanes.slots:
                candle = row.candle(number)
                if candle is not None:
                    self.bar(slot, candle)
            if (account.state.seq, account.next_due) != before:
                return number + 1
        return stop

    def _candle_closed(self, key: tuple[int, int], candle: Candle, at: int) -> None:
        for hosted in self._listeners.get(key, ()):
            self._hear(hosted, candle, at)

    def _hear(self, hosted: Hosted, candle: Candle, at: int) -> None:
        """Let one strategy hear a candle, once its indicators have followed it."""
        failure = hosted.follow(candle) if hosted.readings else None
        if failure is not None:
            self._fail(hosted, failure, at)
        else:
            self._call(hosted, "on_candle", at, candle)

    def filled(self, fill: ev.OrderFilled, at: int) -> None:
        """Tell the strategy whose order traded."""
        order = self._account.state.orders[fill.order_id]
        hosted = self._by_name.get(order.strategy)
        if hosted is None:
            return
        if hosted.follows and order.instrument not in hosted.ticked:
            self._follow(hosted, order)
        answer = hosted.call("on_fill", at, (fill, order, hosted.view))
        if answer:
            self._answered(hosted, answer, at)

    def _follow(self, hosted: Hosted, order: Order) -> None:
        """Pass ticks of what the order's strategy now holds on to it, or no longer."""
        instrument, book = order.instrument, self._account.state.books[order.strategy]
        holds = book[order.position_key].quantity != 0
        if not holds and len(book) > 1:  # in another product, perhaps
            holds = any(own.quantity and own.instrument == instrument for own in book.values())
        if holds is not (instrument in hosted.holding):
            self._hold(hosted, instrument, holds=holds)

    def see_ticks(self, batch: TickBatch) -> None:
        """Let candles see ticks from before a restart."""
        for slot in self.candles:
            builders = self.candles.of(slot)
            for row in np.flatnonzero(batch.slot == slot).tolist():
                quote = quote_at(batch, row)
                for builder in builders:
                    builder.tick(quote)
                    self._saw(slot, builder.close(quote.at))

    def see_bars(self, batch: BarBatch) -> None:
        """Let candles see bars from before a restart."""
        for row, slot in enumerate(batch.slot.tolist()):
            for builder in self.candles.of(slot):
                bar = batch.candle(row, builder.instrument)
                self._saw(slot, builder.close(bar.start))
                self._saw(slot, builder.bar(bar))

    def _saw(self, slot: int, candle: Candle | None) -> None:
        """Have indicators follow a candle from before a restart: what failed then is in the log already."""
        if candle is not None:
            for hosted in self._listeners.get((slot, candle.seconds), ()):
                hosted.follow(candle)

    def caught_up(self, at: int) -> None:
        """Forget the candles that ended until `at`: their strategies heard of them before the restart."""
        for slot, seconds in self._listeners:
            while (candle := self.candles.close(slot, seconds, at)) is not None:
                self._saw(slot, candle)

    # What strategies ask for.

    def _hears(self, hosted: Hosted, hook: str) -> bool:
        if hosted.silenced or hook in hosted.idle:
            return False
        return hook not in _ENTRY_HOOKS or hosted.name not in self._account.state.failed

    def _call(self, hosted: Hosted, hook: str, at: int, *arguments: object) -> None:
        if self._hears(hosted, hook):
            answer = hosted.call(hook, at, (*arguments, hosted.view))
            if answer:
                self._answered(hosted, answer, at)

    def _answered(self, hosted: Hosted, answer: Sequence[Command] | HookFailed, at: int) -> None:
        if type(answer) is HookFailed:
            self._fail(hosted, answer, at)
            return
        for command in answer:  # type: ignore[union-attr]
            self._account.send(command, at, hosted.cause, hosted.name)

    def note(self, strategy: str, note: Note, cause: str, at: int) -> None:
        """Record what a strategy wants to remember, if it is anything new."""
        try:
            state = written(note)
        except TypeError as error:
            self._fail(self._by_name[strategy], HookFailed("note", str(error)), at)
            return
        if bytes(self._account.state.notes.get(strategy, b"")) != state:
            self._account.record(ev.StrategyNoted(strategy, msgspec.Raw(state)), cause, at)
        hosted = self._by_name.get(strategy)
        if hosted is not None and hosted.follows is not hosted.wants_to_follow:
            self._turn(hosted)

    def _turn(self, hosted: Hosted) -> None:
        """Begin to pass on the ticks of all that a strategy holds, or end it."""
        for instrument in tuple(hosted.holding):
            self._hold(hosted, instrument, holds=False)
        hosted.follows = not hosted.follows
        for own in self._account.state.books.get(hosted.name, {}).values():
            if own.quantity and hosted.follows:
                self._hold(hosted, own.instrument, holds=True)

    def _fail(self, hosted: Hosted, failure: HookFailed, at: int) -> None:
        """
        Stop a strategy that raised or hung.

        The first time it may go on closing what it holds, as a fresh object with its last note; a second
        failure silences it, and the square-off closes the rest.
        """
        self.version += 1
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

    def _hold(self, hosted: Hosted, instrument: str, *, holds: bool) -> None:
        """Start or stop passing every tick of what a strategy holds on to it."""
        if holds:
            hosted.holding.add(instrument)
        else:
            hosted.holding.discard(instrument)
        if not hosted.follows or instrument in hosted.ticked:
            return
        if instrument not in self._account.board.universe:
            return
        slot = self._account.board.universe.slot(instrument)
        listeners = self._tickers.get(slot, [])
        if holds is not (hosted in listeners):
            # A new list: the other may just be gone through, by who passes a tick on.
            others = [each for each in listeners if each is not hosted]
            self._tickers[slot] = [*others, hosted] if holds else others
            self._watch()

    def _watch(self) -> None:
        heard = [slot for slot, listeners in self._tickers.items() if listeners]
        self.candles.hear(heard)
        self.watched[:] = self.candles.slots
        self.watched[heard] = True
        self.version += 1

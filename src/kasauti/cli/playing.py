"""A session in a terminal: the screen while it runs, lines where there is none, and a clean end."""

import asyncio
import contextlib
import signal
from collections import deque
from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.live import Live

from kasauti.analytics.explain import Explanation, explain_fill
from kasauti.cli.event_lines import event_line
from kasauti.cli.screen import Scene, Screen
from kasauti.cli.tables import event_text
from kasauti.compose.trader import UniversalPaperTrader
from kasauti.config.sections import Display
from kasauti.domain import events as ev
from kasauti.domain.ist import NS_PER_SECOND, ist_ns
from kasauti.exchange.calendar import Calendar, Segment

#: Events kept for the screen: enough for the whole story of the fills that are explained.
_KEPT = 2_000
_EXPLAINED = 4
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Recent:
    """The last events of a session, and the last fills with their stories; a subscriber of the engine."""

    def __init__(self) -> None:
        self.events: deque[ev.Recorded] = deque(maxlen=_KEPT)
        self._fills: deque[ev.OrderFilled] = deque(maxlen=_EXPLAINED)
        self._explained: dict[str, Explanation] = {}
        self.unseen: list[ev.Recorded] = []

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        """Keep what was recorded."""
        self.events.extend(recorded)
        self.unseen.extend(recorded)
        self._fills.extend(r.event for r in recorded if isinstance(r.event, ev.OrderFilled))

    def explanations(self) -> list[Explanation]:
        """Return why the last fills happened where they did, newest last; each is worked out once."""
        for fill in self._fills:
            if fill.trade_id not in self._explained:
                story = [r for r in self.events if getattr(r.event, "order_id", "") == fill.order_id]
                if isinstance(story[0].event, ev.OrderPlaced):
                    self._explained[fill.trade_id] = explain_fill(story, fill.trade_id)
        return [self._explained[f.trade_id] for f in self._fills if f.trade_id in self._explained]


class Player:
    """Runs a trader in front of a person, a pipe or nobody."""

    def __init__(
        self, trader: UniversalPaperTrader, recent: Recent, console: Console, *, quiet: bool = False
    ) -> None:
        self._trader = trader
        self._recent = recent
        self._console = console
        self._quiet = quiet
        self.interrupted = False

    def play(self, speed: float) -> None:
        """Run the session to its end, or until Ctrl-C; `speed` 0 is as fast as possible."""
        asyncio.run(self._play(speed))

    async def _play(self, speed: float) -> None:
        running = asyncio.create_task(self._trader.run(speed))
        self._listen_for_signals()
        showing = asyncio.create_task(self._show(speed))
        try:
            await running
        except KeyboardInterrupt:  # where a loop cannot listen for signals
            self._interrupt()
        finally:
            showing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await showing

    def _listen_for_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            # Windows has no handlers on a loop; there KeyboardInterrupt comes instead.
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self._interrupt)

    def _interrupt(self) -> None:
        self.interrupted = True
        self._trader.stop()

    async def _show(self, speed: float) -> None:
        if self._quiet:
            return
        display = self._trader.config.display
        if not self._console.is_terminal:
            await self._print_lines(display)
            return
        screen = self._screen()
        words = f"{speed:g}x" if speed else "as fast as it goes"
        with Live(console=self._console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(screen.render(self._scene(display, words)), refresh=True)
                await asyncio.sleep(1 / display.refreshes_per_s)

    async def _print_lines(self, display: Display) -> None:
        """Write one line an event, for logs and pipes."""
        try:
            while True:
                await asyncio.sleep(1 / display.refreshes_per_s)
                self._print_unseen()
        finally:
            self._print_unseen()

    def _print_unseen(self) -> None:
        unseen, self._recent.unseen = self._recent.unseen, []
        orders = self._trader.state.orders
        for recorded in unseen:
            if not isinstance(recorded.event, ev.StrategyNoted):
                order = orders.get(getattr(recorded.event, "order_id", ""))
                self._console.print(event_text(recorded, event_line(recorded.event, order)))

    def _scene(self, display: Display, speed: str) -> Scene:
        trader = self._trader
        at = max(trader.state.at, int(trader.board.at.max(initial=0)))
        shown = [r for r in self._recent.events if not isinstance(r.event, ev.StrategyNoted)]
        return Scene(
            state=trader.state,
            board=trader.board,
            at=at,
            events=shown[-display.last_events :],
            fills=self._recent.explanations(),
            speed=speed,
        )

    def _screen(self) -> Screen:
        trader, simulator = self._trader, self._trader.config.simulator
        day = trader.market.days[0]
        return Screen(
            market=trader.market.label,
            underlying=trader.market.underlying,
            hours=trader.engine.hours if trader.engine.hours[1] > 0 else _session_hours(day),
            strikes_each_side=trader.config.display.strikes_each_side,
            profile=simulator.fill_profile,
            stale_after_ns=simulator.stale_after_s * NS_PER_SECOND,
        )


def _session_hours(day: date) -> tuple[int, int]:
    """Return the hours of a day that has not begun."""
    session = Calendar().session(day, Segment.DERIVATIVES)
    return (ist_ns(day), ist_ns(day)) if session is None else (session.open, session.close)

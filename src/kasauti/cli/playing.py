"""A session in a terminal: the screen while it runs, lines where there is none, and a clean end."""

import asyncio
import contextlib
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from types import FrameType
from typing import Any, Self

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
#: Comes when the terminal is closed, where there are terminals that say so; `nohup` has it ignored.
_HANGUP: signal.Signals | None = getattr(signal, "SIGHUP", None)


class Recent:
    """
    The last events of a session, and the last fills with their stories; a subscriber of the engine.

    `unseen` has every event that nobody has taken yet, if somebody wants them: `keeps_unseen`.
    """

    def __init__(self) -> None:
        self.events: deque[ev.Recorded] = deque(maxlen=_KEPT)
        self.keeps_unseen = False
        self.unseen: list[ev.Recorded] = []
        self._fills: deque[ev.OrderFilled] = deque(maxlen=_EXPLAINED)
        self._explained: dict[str, Explanation] = {}

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        """Keep what was recorded."""
        self.events.extend(recorded)
        if self.keeps_unseen:
            self.unseen.extend(recorded)
        self._fills.extend(r.event for r in recorded if isinstance(r.event, ev.OrderFilled))

    def explanations(self) -> list[Explanation]:
        """
        Return why the last fills happened where they did, newest last; each is worked out once.

        One whose order was placed before the events that are kept has none.
        """
        known, self._explained = self._explained, {}
        for fill in self._fills:
            if fill.trade_id in known:
                self._explained[fill.trade_id] = known[fill.trade_id]
                continue
            story = [r for r in self.events if getattr(r.event, "order_id", "") == fill.order_id]
            if story and isinstance(story[0].event, ev.OrderPlaced):
                self._explained[fill.trade_id] = explain_fill(story, fill.trade_id)
        return list(self._explained.values())


class Interruption:
    """
    Ctrl-C, SIGTERM and a closed terminal as a wish, not an exception, from `with` to the end of its block.

    So nothing is left half done, whenever they come. `wished` is whether one came, `act` is called when one
    does, between two instructions of whatever runs then.
    """

    def __init__(self) -> None:
        self.wished = False
        self.act: Callable[[], object] | None = None
        self._before: list[tuple[signal.Signals, Any]] = []

    def __enter__(self) -> Self:
        heard = list(_SIGNALS)
        if _HANGUP is not None and signal.getsignal(_HANGUP) is not signal.SIG_IGN:
            heard.append(_HANGUP)
        self._before = [(each, signal.signal(each, self._wish)) for each in heard]
        return self

    def __exit__(self, *_: object) -> None:
        for each, handler in self._before:
            signal.signal(each, handler)

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Let them end the process as usual for a while: a person is asked, and nothing has begun."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def _wish(self, number: int, frame: FrameType | None) -> None:
        self.wished = True
        if self.act is not None:
            self.act()


class Player:
    """
    Runs a trader in front of a person, a pipe or nobody, until `interruption`.

    What goes wrong in showing it does not end it; `trouble` has it afterwards.
    """

    def __init__(
        self,
        trader: UniversalPaperTrader,
        recent: Recent,
        console: Console,
        interruption: Interruption,
        *,
        quiet: bool = False,
    ) -> None:
        self._trader = trader
        self._recent = recent
        self._console = console
        self._interruption = interruption
        self._quiet = quiet
        self._recent.keeps_unseen = not quiet and not console.is_terminal
        self.trouble: BaseException | None = None

    def play(self, speed: float) -> None:
        """Run the session to its end, or until it is interrupted; `speed` 0 is as fast as possible."""
        if not self._interruption.wished:
            asyncio.run(self._play(speed))

    async def _play(self, speed: float) -> None:
        loop = asyncio.get_running_loop()
        running = asyncio.create_task(self._trader.run(speed))
        self._interruption.act = lambda: loop.call_soon_threadsafe(self._trader.stop)
        if self._interruption.wished:
            loop.call_soon(self._trader.stop)
        showing = asyncio.create_task(self._show(speed))
        try:
            await running
        finally:
            self._interruption.act = None
            showing.cancel()
            outcome = (await asyncio.gather(showing, return_exceptions=True))[0]
            self.trouble = outcome if isinstance(outcome, Exception) else None

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
        except OSError:  # whoever read the lines has gone
            self._recent.keeps_unseen = False
            self._recent.unseen.clear()
            raise
        except asyncio.CancelledError:
            self._print_unseen()
            raise

    def _print_unseen(self) -> None:
        unseen, self._recent.unseen = self._recent.unseen, []
        orders = self._trader.state.orders
        for recorded in unseen:
            if not isinstance(recorded.event, ev.StrategyNoted):
                order = orders.get(getattr(recorded.event, "order_id", ""))
                self._console.print(event_text(recorded, event_line(recorded.event, order, at=recorded.at)))

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

"""
The session on one screen: market, chain, orders, positions, money, events, and why fills happened.

`Screen` decides which panels there are and where; each panel fits itself into the room it gets. Nothing
here reads a clock or the log: a `Scene` is handed in, and what is drawn follows from it and from the scenes
of the same day before it.
"""

from collections.abc import Sequence
from datetime import date

import msgspec
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.layout import Layout
from rich.text import Text

from kasauti.analytics.explain import Explanation
from kasauti.cli.event_lines import event_line
from kasauti.cli.explanation_view import FillReason
from kasauti.cli.note_view import NotesView
from kasauti.cli.screen_account import (
    WaitingView,
    money_lines,
    money_strip,
    name_of,
    positions_sheet,
    waiting,
)
from kasauti.cli.screen_chain import ChainView, chain_titles
from kasauti.cli.screen_header import header, index_line
from kasauti.cli.screen_memory import DayMemory
from kasauti.cli.sheet import Box, Lines
from kasauti.cli.tables import event_text
from kasauti.cli.typography import SOFT, WARN
from kasauti.domain.board import Board
from kasauti.domain.events import Recorded, StrategyNoted
from kasauti.domain.ist import ist_date
from kasauti.domain.state import State
from kasauti.domain.view import Chain, ChainLayout

#: The least width and height for every panel side by side, for all of them some short, and for a chain.
_WIDE = 140, 40
_MEDIUM = 96, 28
_SMALL = 74, 22


class Scene(msgspec.Struct, kw_only=True):
    """
    What is shown at the moment `at` of the session.

    `events` are the last ones, newest last; `fills` explanations of the last fills, newest last. `speed` is
    how fast the day runs, in words; `hint` a line at the bottom.
    """

    state: State
    board: Board
    at: int
    events: Sequence[Recorded] = ()
    fills: Sequence[Explanation] = ()
    speed: str = ""
    hint: str = "Ctrl-C stops cleanly; nothing is lost"


class Screen:
    """
    The screen of one session.

    `market` says where prices come from, `badge` in which mode the account is; `underlying` is the index or
    share in the header, and its option chain is shown. `hours` are when the day's session opens and closes;
    `profile` and `stale_after_ns` are those of the fill model in force.
    """

    def __init__(
        self,
        *,
        market: str,
        underlying: str,
        hours: tuple[int, int],
        badge: str = "PAPER",
        strikes_each_side: int = 5,
        profile: str = "",
        stale_after_ns: int = 0,
    ) -> None:
        self.market = market
        self.badge = badge
        self.underlying = underlying
        self.hours = hours
        self.strikes_each_side = strikes_each_side
        self.profile = profile
        self.stale_after_ns = stale_after_ns
        self._memory = DayMemory()
        self._layouts: dict[date, ChainLayout | None] = {}

    def render(self, scene: Scene) -> "Frame":
        """Return the scene as something that Rich draws in whatever size the terminal has."""
        chain = self._chain(scene)
        self._memory.see(scene.state, scene.board, scene.at, self.underlying, chain)
        return Frame(self, scene, chain, self._memory)

    def _chain(self, scene: Scene) -> Chain | None:
        day = ist_date(scene.at)
        if day not in self._layouts:
            expiries = [expiry for expiry in scene.board.universe.expiries(self.underlying) if expiry >= day]
            layout = ChainLayout(scene.board, self.underlying, expiries[0]) if expiries else None
            self._layouts = {day: layout}
        layout = self._layouts[day]
        return None if layout is None else layout.read(scene.board, scene.at)


class Frame:
    """One drawing of a screen; it arranges its panels by the size it is given."""

    def __init__(self, screen: Screen, scene: Scene, chain: Chain | None, memory: DayMemory) -> None:
        self._screen = screen
        self._scene = scene
        self._chain = chain
        self._memory = memory

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.layout(options.max_width, options.height or console.height)

    def layout(self, width: int, height: int) -> Layout:
        """Return the panels that have room in `width` by `height` cells."""
        if width >= _WIDE[0] and height >= _WIDE[1]:
            return self._stacked(width, self._all(width, orders=9, side=56, strikes=25))
        if width >= _MEDIUM[0] and height >= _MEDIUM[1]:
            return self._stacked(width, self._all(width, orders=6, side=width * 2 // 5, strikes=4))
        return self._small(width, height)

    def _all(self, width: int, *, orders: int, side: int, strikes: int) -> Layout:
        """Return every panel: chain and account above, what happens and why below."""
        strikes = min(strikes, self._screen.strikes_each_side)
        upper = _row(
            2 * strikes + 5,
            Layout(self._chain_box(strikes)),
            _column(side, Layout(self._money(side), size=6), Layout(self._positions())),
        )
        lower = _row(
            None,
            _column(None, Layout(self._orders(), size=orders), Layout(self._events())),
            _column(width * 12 // 25, self._why_layout(), Layout(self._strategy(), ratio=2)),
        )
        return _column(None, upper, lower)

    def _small(self, width: int, height: int) -> Layout:
        """Return the money in a line, and what there is room for of chain, positions and events."""
        scene = self._scene
        parts = [Layout(money_strip(scene.state, scene.board, width), size=1)]
        if width >= _SMALL[0] and height >= _SMALL[1] and self._chain is not None:
            parts.append(Layout(self._chain_box(2), size=9))
        held = min(4, max(1, len(scene.state.held)))
        parts.append(Layout(self._positions(), size=held + 3))
        parts.append(Layout(self._events()))
        return self._stacked(width, _column(None, *parts))

    def _stacked(self, width: int, body: Layout) -> Layout:
        return _column(None, Layout(self._head(width), size=2), body, Layout(self._foot(), size=1))

    # Panels.

    def _head(self, width: int) -> RenderableType:
        screen, scene, memory = self._screen, self._scene, self._memory
        first = header(width, badge=screen.badge, market=screen.market, at=scene.at, speed=scene.speed)
        second = index_line(
            width,
            underlying=screen.underlying,
            prices=(scene.board.mark(screen.underlying), memory.index),
            since=memory.since,
            trail=memory.index_trail,
            at=scene.at,
            hours=screen.hours,
        )
        return Lines([first, second])

    def _foot(self) -> Text:
        if self._scene.state.halted:
            return Text(f" Trading is halted: {self._scene.state.halted}. Exits go on.", f"bold {WARN}")
        return Text(f" {self._scene.hint}", SOFT)

    def _chain_box(self, strikes: int) -> Box:
        scene = self._scene
        if self._chain is None:
            none = Text(f"This session has no options on {self._screen.underlying}.", SOFT)
            return Box(["Option chain"], none)
        view = ChainView(self._chain, scene.state, scene.board, self._memory, strikes)
        return Box(chain_titles(self._chain, scene.at), view)

    def _money(self, width: int) -> Box:
        scene = self._scene
        return Box(["Today"], Lines(money_lines(scene.state, scene.board, self._memory, width - 4)))

    def _positions(self) -> Box:
        return Box(["Positions"], positions_sheet(self._scene.state, self._scene.board))

    def _orders(self) -> Box:
        screen, scene = self._screen, self._scene
        opens, closes = screen.hours
        orders = waiting(
            scene.state,
            scene.board,
            scene.at,
            market_open=opens <= scene.at < closes,
            profile=screen.profile,
            stale_after_ns=screen.stale_after_ns,
        )
        return Box(["Open orders, and what they wait for", "Open orders"], WaitingView(orders))

    def _events(self) -> Box:
        lines = []
        for recorded in self._scene.events:
            if isinstance(recorded.event, StrategyNoted):
                continue
            order = self._scene.state.orders.get(getattr(recorded.event, "order_id", ""))
            lines.append(event_text(recorded, event_line(recorded.event, order, self._name, at=recorded.at)))
        return Box(["Events"], Lines(lines, empty="Nothing has happened yet."))

    def _why_layout(self) -> Layout:
        """Return why fills happened; before the first one the strategy gets the room."""
        box = Box(["Why it filled there"], FillReason(self._scene.fills, self._name))
        return Layout(box, ratio=3) if self._scene.fills else Layout(box, size=4)

    def _strategy(self) -> Box:
        return Box(["Strategy and stops"], NotesView(self._scene.state, self._scene.board))

    def _name(self, instrument_id: str) -> str:
        return name_of(instrument_id, self._scene.board)


def _row(size: int | None, *parts: Layout) -> Layout:
    row = Layout(size=size)
    row.split_row(*parts)
    return row


def _column(size: int | None, *parts: Layout) -> Layout:
    column = Layout(size=size)
    column.split_column(*parts)
    return column

"""
Margin reckoned anew during the day, the call for more money, and the closing by the broker.

- at the clearing house's moments and at the end of the day, what is held is margined by new prices: the
  largest sum of the day is its peak margin
- free cash less losses that are not realised is what stands against it; where that is negative, the account
  is short by so much, and that is recorded
- when contracts have expired, what stood beside them is margined anew at once
- once the broker's grace has gone by and it is still short: orders that block money are cancelled, the latest
  first; then positions are closed by market orders, the largest margin first, until the margin of what is
  closed covers the shortfall. It is tried again each minute

Only accounts that hold sold options, or several contracts on one underlying, are reckoned anew: a single
future's margin follows from its trade, and its daily settlement from the cash.
Source: market_rules.md 5.1 (peak margin, snapshots); the grace is the broker's policy, `span.json`.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial

from kasauti.domain import events as ev
from kasauti.domain.ist import NS_PER_MINUTE
from kasauti.domain.margin_events import MarginReckoned, RiskFileUsed
from kasauti.domain.order import MARGIN_CALL, RESERVED_TAGS, Side, position_key
from kasauti.domain.position import Position
from kasauti.engine.agenda import Agenda, Rank
from kasauti.engine.jobs.desk import Desk
from kasauti.engine.jobs.square_off import SquareOff
from kasauti.engine.margin_book import MarginBook
from kasauti.ports import Netting

_CAUSE = "timer:margin"


class MarginCalls:
    """The margin calls of one account on one day."""

    def __init__(self, desk: Desk, book: MarginBook, day: date) -> None:
        self._desk = desk
        self._book = book
        self._closing = SquareOff(desk, day)
        #: Whether the minutes of the calls are on the agenda: who is not short is not asked every minute.
        self._calls = False

    def begin_day(self, netting: Netting | None, at: int) -> None:
        """Say which risk file is in force and what is held that it lacks, where that is not as before."""
        file = "" if netting is None else self._file(netting)
        if file != self._desk.state.risk_file:
            self._desk.record(RiskFileUsed(file), "timer:day_open", at)

    def _file(self, netting: Netting) -> str:
        """Return the risk file in words, with what is held and not in it."""
        find = self._desk.board.universe.find
        known = {each.instrument: find(each.instrument) for each in self._desk.state.held}
        lacking = sorted(
            name for name, each in known.items() if each and each.is_derivative and netting.lacks(each)
        )
        if not lacking:
            return netting.file
        return f"{netting.file}; not in it, so approximate and only to be closed: {', '.join(lacking)}"

    def schedule(self, agenda: Agenda, netting: Netting | None, hours: tuple[int, int]) -> None:
        """Put the day's snapshots on the agenda, the last one before the close, and the calls."""
        if netting is None:
            return
        opens, closes = hours

        def snapshot(due: int, at: int) -> None:
            self._reckon(due, at)
            call_when_short(at)

        def call_when_short(at: int) -> None:
            """Begin the minutes of the calls with the first of the session that is not before `at`."""
            if self._desk.state.short_since and not self._calls:
                self._calls = True
                first = opens + max(1, -((opens - at) // NS_PER_MINUTE)) * NS_PER_MINUTE
                agenda.every(
                    NS_PER_MINUTE, first, closes - 1, Rank.ACCOUNT, partial(self._call, netting.grace_ns)
                )

        for due in [*(each for each in netting.moments if opens < each < closes), closes - 1]:
            if due > self._desk.state.reckoned_at:
                agenda.add(due, Rank.ACCOUNT, partial(snapshot, due))
        call_when_short(opens)

    def reckon(self, at: int) -> None:
        """Margin what is held between two snapshots, because some of it has gone."""
        self._reckon(self._desk.state.reckoned_at, at)

    def _reckon(self, due: int, at: int) -> None:
        """Margin all that is held by new prices, and record it with what the account lacks."""
        if not self._book.nets():
            return
        state = self._desk.state
        margins, marks = self._book.reckon(at)
        required = sum(
            margins.get(key, position.margin)
            for key, position in state.positions.items()
            if position.quantity
        )
        more = sum(margin - state.positions[key].margin for key, margin in margins.items())
        shortfall = max(0, more - state.ledger.cash - self._losses())
        self._desk.record(MarginReckoned(due, required, margins, marks, shortfall), _CAUSE, at)

    def _losses(self) -> int:
        """Return what margined positions have lost beyond what was settled, as a negative amount."""
        board = self._desk.board
        margined = [each for each in self._desk.state.held if not each.paid_up]
        return min(0, sum(each.to_mark(mark) for each in margined if (mark := board.mark(each.instrument))))

    def _call(self, grace: int, at: int) -> None:
        """Close what has to be closed, once the account has been short for longer than the grace."""
        state = self._desk.state
        if not state.short_since or at < state.short_since + grace:
            return
        self._reckon(state.reckoned_at, at)
        lacks = -state.ledger.cash - self._losses()
        if not state.short_since or lacks <= 0:
            return
        for order in reversed(state.working_orders()):
            if order.blocked and lacks > 0:
                lacks -= order.blocked
                self._desk.end(ev.OrderCancelled(order.order_id, "margin shortfall"), _CAUSE, at)
        for position in self._dearest():
            if lacks <= 0:
                return
            lacks -= position.margin
            self._take_back(position, at)
            self._closing.flatten(position, at, MARGIN_CALL, _CAUSE)

    def _take_back(self, position: Position, at: int) -> None:
        """End what rests to close a position: the broker closes it himself, and it is closed once."""
        side = Side.SELL if position.quantity > 0 else Side.BUY
        key = position_key(position.instrument, position.product)
        for order in list(self._desk.state.working_orders()):
            if order.position_key == key and order.side is side and order.tag not in RESERVED_TAGS:
                self._desk.end(ev.OrderCancelled(order.order_id, "margin shortfall"), _CAUSE, at)

    def _dearest(self) -> Iterator[Position]:
        """Yield what is held and margined, the largest margin first; equal ones by instrument and product."""
        universe = self._desk.board.universe
        margined = [each for each in self._desk.state.held if each.margin and each.instrument in universe]
        yield from sorted(margined, key=lambda each: (-each.margin, each.instrument, each.product))

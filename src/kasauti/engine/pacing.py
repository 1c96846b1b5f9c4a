"""How fast orders may come: so many a second, a minute and a day of the clock, as brokers count them."""

from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.state import State
from kasauti.engine.agenda import NEVER
from kasauti.engine.refusals import refused
from kasauti.engine.terms import Terms, TermSheet
from kasauti.risk.gate import Refusal

#: What helps where there were too many.
_LATER = {
    "rate.second": "In the next second of the clock it would be.",
    "rate.minute": "In the next minute of the clock it would be.",
    "rate.day": "Tomorrow it would be.",
}


class Pacer:
    """
    Counts the orders of one account on one day; what it counts is in the state, so a restart knows it.

    `room` is how many may be asked for in the second of the clock that ends at `until`. Where nobody counts,
    both are without an end.
    """

    __slots__ = ("_sheet", "_state", "room", "until")

    def __init__(self, state: State, sheet: TermSheet) -> None:
        self._state = state
        self._sheet = sheet
        self.room, self.until = (0, -1) if sheet.counts_orders else (NEVER, NEVER)

    def refusal(self, terms: Terms, at: int) -> Refusal | None:
        """Return why the broker takes no more orders at `at`, or None."""
        state = self._state
        if at < self.until and state.second_orders < self.room:
            return None
        limits = self._sheet.limits
        in_second = state.second_orders if at < state.second_ends else 0
        before = state.second_orders - in_second
        in_minute = state.minute_orders + before if at < state.minute_ends else 0
        rooms = {
            "rate.second": (limits.per_second, limits.per_second),
            "rate.minute": (limits.per_minute, limits.per_minute - in_minute),
            "rate.day": (limits.per_day, limits.per_day - state.day_asked - before),
        }
        self.until = (at // NS_PER_SECOND + 1) * NS_PER_SECOND
        self.room = min(room for _, room in rooms.values())
        for rule, (limit, room) in rooms.items():
            if in_second >= room:
                return refused(terms, rule, str(limit), str(limit + 1), None, _LATER[rule])
        return None

"""What a day that begins has to know of the time before it: whether somebody was here, and what closed."""

from datetime import date

from kasauti.domain.state import State
from kasauti.engine.standing import missed_between
from kasauti.exchange.calendar import Calendar


def last_closes(state: State, calendar: Calendar, day: date) -> dict[str, int]:
    """Return the last closes of indices by id, where somebody was here on the trading day before `day`."""
    if state.marked and calendar.next_trading_day(date.fromisoformat(state.marked)) == day:
        return state.marks
    return {}


def missed_until(state: State, calendar: Calendar, day: date, resumed_at: int, at: int) -> str:
    """
    Say when nobody was here, "" if somebody was: since the last event today, or since another day.

    `resumed_at` is the time of the last event when the process took the account up, `at` is now, on `day`.
    """
    if state.day == day.isoformat():
        away = at > resumed_at > 0 and state.at == resumed_at
    elif not state.day or not state.standing:
        away = False
    else:
        following = calendar.next_trading_day(date.fromisoformat(state.day))
        away = state.day_open or following < day
    return missed_between(state.at, at) if away else ""

"""What events of the account, its days and its strategies do to its state."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from kasauti.domain import events as ev
from kasauti.domain.ist import NS_PER_DAY
from kasauti.domain.position import Position
from kasauti.domain.standing import command_id_of

if TYPE_CHECKING:
    from kasauti.domain.state import State

#: How each kind of event changes a state, at its moment.
Folds = dict[type[ev.Event], Callable[["State", Any, int], None]]

#: How long an instruction that ended is still shown, as a broker's list of GTTs does.
_ENDED_KEPT_NS = 7 * NS_PER_DAY


def _account_opened(state: "State", event: ev.AccountOpened, at: int) -> None:
    assert state.account is None, "an account opens once"
    state.account = event
    state.ledger.bring_capital(event.capital)


def _money_moved(state: "State", event: ev.MoneyMoved, at: int) -> None:
    state.ledger.bring_capital(event.amount)


def _session_started(state: "State", event: ev.SessionStarted, at: int) -> None:
    state.session = event
    state.feed, state.config = event.feed, event.config


def _session_stopped(state: "State", event: ev.SessionStopped, at: int) -> None:
    state.session = None


def _day_opened(state: "State", event: ev.DayOpened, at: int) -> None:
    state.day, state.day_open = event.day, True
    state.timers = {}
    state.risk_marks = {}
    state.peak_margin = 0
    state.failed = {}
    state.day_orders = state.day_trades = state.day_denied = state.day_realised = state.day_charges = 0
    state.second_ends = state.second_orders = state.minute_ends = state.minute_orders = state.day_asked = 0
    state.earlier_commands, state.commands = {**_lasting(state), **state.commands}, {}
    state.orders = {order_id: state.orders[order_id] for order_id in state.working}
    state.books = {name: _carried(book) for name, book in state.books.items()}
    state.positions = _carried(state.positions, *state.books.values())
    if state.standing:
        state.standing = {
            standing_id: each
            for standing_id, each in state.standing.items()
            if not each.is_over or at - each.updated_at < _ENDED_KEPT_NS
        }
    for day in [day for day in state.held_back if day <= event.day]:
        state.ledger.hold_back(-state.held_back.pop(day))


def _lasting(state: "State") -> dict[str, str]:
    """Return the command ids of what outlasts a day: orders that work, instructions that are shown."""
    orders = {state.orders[order_id].command_id: order_id for order_id in state.working}
    standing = {command_id_of(one.plan): standing_id for standing_id, one in state.standing.items()}
    return {command_id: led_to for command_id, led_to in {**orders, **standing}.items() if command_id}


def _carried(book: dict[str, Position], *also: dict[str, Position]) -> dict[str, Position]:
    """Keep what is held or asked for, here or in the books `also`, with fresh counters for the day."""
    kept = {
        key: position
        for key, position in book.items()
        if not position.is_idle or any(key in other for other in also)
    }
    for position in kept.values():
        position.day_buy_quantity = position.day_buy_value = 0
        position.day_sell_quantity = position.day_sell_value = 0
        position.day_realised = position.day_charges = position.day_exercised = 0
    return kept


def _day_closed(state: "State", event: ev.DayClosed, at: int) -> None:
    state.day_open = False
    state.marks, state.marked = event.marks, event.day
    state.day_charges += state.ledger.pay_charges(event.rounding)


def _timer_fired(state: "State", event: ev.TimerFired, at: int) -> None:
    state.timers[event.name] = at


def _strategy_noted(state: "State", event: ev.StrategyNoted, at: int) -> None:
    state.notes[event.strategy] = event.state


def _indicators_noted(state: "State", event: ev.IndicatorsNoted, at: int) -> None:
    state.indicators[event.strategy] = bytes(event.state)


def _strategy_failed(state: "State", event: ev.StrategyFailed, at: int) -> None:
    state.failed[event.strategy] = event.stopped


def _trading_halted(state: "State", event: ev.TradingHalted, at: int) -> None:
    state.halted = event.reason


def _trading_resumed(state: "State", event: ev.TradingResumed, at: int) -> None:
    state.halted = ""


def _venue_anomaly(state: "State", event: ev.VenueAnomaly, at: int) -> None:
    """An anomaly changes nothing: that is its point."""


FOLDS: Folds = cast(
    "Folds",
    {
        ev.AccountOpened: _account_opened,
        ev.MoneyMoved: _money_moved,
        ev.SessionStarted: _session_started,
        ev.SessionStopped: _session_stopped,
        ev.DayOpened: _day_opened,
        ev.DayClosed: _day_closed,
        ev.TimerFired: _timer_fired,
        ev.StrategyNoted: _strategy_noted,
        ev.IndicatorsNoted: _indicators_noted,
        ev.StrategyFailed: _strategy_failed,
        ev.TradingHalted: _trading_halted,
        ev.TradingResumed: _trading_resumed,
        ev.VenueAnomaly: _venue_anomaly,
    },
)

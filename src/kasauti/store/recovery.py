"""
What a start finds: how the last process left the account, and what is to be gone on with.

The log is the only witness. A process says when it takes the account up and when it lets go; one that said
the first and not the second ended without a word.
"""

from copy import copy
from enum import StrEnum
from pathlib import Path

import msgspec

from kasauti.domain.ist import NS_PER_SECOND, ist_date
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.state import State
from kasauti.errors import LogError, LogLocked
from kasauti.store.log_store import StoredLog
from kasauti.store.snapshot import load_state


class Situation(StrEnum):
    """How the account was left."""

    NOTHING = "nothing has happened yet"
    STOPPED = "the last session stopped cleanly"
    CRASHED = "the last session ended without a word, on this date"
    NEW_DAY = "the last session was on an earlier date"
    IN_USE = "another process has the account"


class RecoveryInfo(msgspec.Struct, frozen=True):
    """
    What the account was doing when the last process ended.

    `after_crash` is whether that process ended without a word, also on an earlier date; `last_at` is its last
    sign of life, nanoseconds UTC, and `downtime_s` the seconds since. `day` is the account's last trading day
    and `day_open` whether its books are not closed. `positions` are not flat, `working_orders` can still
    trade, `strategies` are the notes to be restored. `used_by` says who has the account, if somebody has.
    """

    situation: Situation
    after_crash: bool
    last_event: int
    last_at: int
    downtime_s: float
    day: str
    day_open: bool
    prices: str
    halted: str
    trades_today: int
    positions: list[Position]
    working_orders: list[Order]
    strategies: dict[str, msgspec.Raw]
    used_by: str = ""

    @property
    def crashed_at(self) -> int:
        """When the last process ended without a word, as far as the log knows; 0 if it did not."""
        return self.last_at if self.after_crash else 0


class StateManager:
    """
    Finds out how an account was left, and takes it up again.

    Opened for reading, `log` tells as much while another process writes it. `folder` may have a snapshot.
    """

    def __init__(self, log: StoredLog, folder: Path) -> None:
        """Fold the log; raises `LogCorrupt` if it is not what was written."""
        self._log = log
        self._state = load_state(log, folder)

    def can_recover(self, now: int) -> bool:
        """Return whether the last process ended without a word on the date of `now`."""
        return self._situation(now) is Situation.CRASHED

    def get_recovery_info(self, now: int) -> RecoveryInfo:
        """Return what the last process left; seen at a `now` before that, there was no downtime."""
        state = self._state
        away_ns = max(0, now - state.at) if state.seq else 0
        return RecoveryInfo(
            situation=self._situation(now),
            after_crash=state.session is not None,
            last_event=state.seq,
            last_at=state.at,
            downtime_s=away_ns / NS_PER_SECOND,
            day=state.day,
            day_open=state.day_open,
            prices=state.feed,
            halted=state.halted,
            trades_today=state.day_trades,
            positions=[copy(position) for position in state.held],
            working_orders=[copy(order) for order in state.working_orders()],
            strategies=dict(state.notes),
            used_by=self._log.other_writer,
        )

    def resume_session(self) -> State:
        """
        Return the state to go on from: orders, positions, margins, the day's counters, strategies' notes.

        Raises `LogLocked` if another process has the account, and `LogError` if the log was opened for
        reading only.
        """
        used_by = self._log.other_writer
        if used_by:
            raise LogLocked(f"{self._log.where} is in use by {used_by}; stop that process first")
        if not self._log.is_writer:
            raise LogError(
                f"{self._log.where} was opened for reading only; open it for writing to go on with it"
            )
        return self._state

    def _situation(self, now: int) -> Situation:
        state = self._state
        if self._log.other_writer:
            return Situation.IN_USE
        if not state.seq:
            return Situation.NOTHING
        last_day = state.day or ist_date(state.at).isoformat()
        if ist_date(max(now, state.at)).isoformat() > last_day:
            return Situation.NEW_DAY
        return Situation.STOPPED if state.session is None else Situation.CRASHED

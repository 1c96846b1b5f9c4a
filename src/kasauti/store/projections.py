"""
The day's readable files, written after every commit and re-creatable from the log.

`DayFiles` is told of what was committed. What it has not been told (events that were recorded around the
engine, or while it was not there) it reads from the log, so that its files always follow from the log alone.
"""

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import msgspec

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.ist import ist_date, ist_day_number
from kasauti.domain.state import State
from kasauti.errors import LogCorrupt
from kasauti.store.files import write_atomically
from kasauti.store.log_store import NO_EVENT
from kasauti.store.state_file import state_path, trading_state
from kasauti.store.trades_file import (
    Row,
    append_rows,
    delivery_row,
    fill_row,
    last_event,
    settlement_row,
    trades_path,
    whole_file,
)


class ReadableLog(Protocol):
    """What the files are made of."""

    def read(self, from_seq: int = 1) -> Iterator[ev.Recorded]:
        """Yield every committed event from number `from_seq` on."""

    def last(self, tag: str, before: int = NO_EVENT) -> ev.Recorded | None:
        """Return the last event with `tag`, of those numbered below `before`."""


class DayFiles:
    """
    Keeps the state file of the day and the trades file of the session in `folder`.

    Make it before the new session is recorded, with the `state` after everything in `log`: it then first
    writes what the last process could not. A file that cannot be written does not stop the account: `problem`
    says why, in a sentence, and the next commit tries again. One that somebody has removed or written into is
    made anew. One that knows more than the log raises `LogCorrupt`: the log has lost something.
    """

    def __init__(self, folder: Path, log: ReadableLog, state: State) -> None:
        self.problem = ""
        self._folder = folder
        self._log = log
        #: Trades files that have rows.
        self._begun: set[Path] = set()
        self._content = _Content(folder, _copy_to_fold_on(state))
        newest = max((folder / "state").glob(f"trading_state_{'[0-9]' * 8}.json"), default=None)
        if newest or state.seq:
            self._take_up(newest)

    def told(self, recorded: Sequence[ev.Recorded]) -> None:
        """Write what a committed group of events changes."""
        content = self._content
        follows = recorded and recorded[0].seq == content.seq + 1
        content.take(recorded if follows else self._log.read(content.seq + 1))
        self._write()

    def catch_up(self) -> None:
        """Write what was recorded and not told."""
        self.told(())

    def _take_up(self, newest: Path | None) -> None:
        """Write what the last process could not; everything, if it cannot be known what that is."""
        try:
            complete = self._only_the_last_are_behind(newest)
        except (OSError, ValueError):
            complete = False
        if complete:
            self._content.show()
        else:
            self._make_anew()
        self._write()

    def _write(self) -> None:
        try:
            try:
                self._write_out()
            except ValueError:
                self._make_anew()
                self._write_out()
        except OSError as error:
            self.problem = (
                f"a file in {self._folder} cannot be written: {error}; trading goes on, and the log has it"
                " all. Make room, or give the folder back its rights"
            )
        else:
            self.problem = ""

    def _write_out(self) -> None:
        """Write what is due; raises `ValueError` if a trades file is not as it was left."""
        content = self._content
        for path, rows in list(content.rows.items()):
            if path in self._begun and not path.exists():
                raise ValueError(f"{path} is not there any more")
            append_rows(path, rows)
            self._begun.add(path)
            del content.rows[path]
        for path, text in list(content.states.items()):
            write_atomically(path, text)
            del content.states[path]

    def _make_anew(self) -> None:
        """Have every file written anew, from the log."""
        self._content = _Content(self._folder, State())
        self._content.take(self._log.read())
        self._content.states |= self._content.whole_trades()
        self._begun |= self._content.rows.keys()
        self._content.rows.clear()

    def _only_the_last_are_behind(self, newest: Path | None) -> bool:
        """
        Whether only the last date's and the last session's file may lack something, and what is known.

        Rows are written before the state that follows from them, so the `newest` state says how far all got.
        """
        written = _last_event_in(newest.read_bytes()) if newest else 0
        if written > self._content.seq:
            raise LogCorrupt(
                f"the log ends with event {self._content.seq}, but {newest} was written after {written}:"
                " the log has lost what came between. Go on from a backup; to go on with what is left, remove"
                " the file"
            )
        missing = next(self._log.read(written + 1), None)
        if missing is not None and ist_day_number(missing.at) != self._content.day:
            return False
        started = self._log.last("session.started") or next(self._log.read())
        return started.seq <= written + 1 and self._rows_are_found(started)

    def _rows_are_found(self, started: ev.Recorded) -> bool:
        """Make the rows that the last session's file lacks; return whether the order of each is known."""
        path = trades_path(self._folder, started.at)
        while earlier := self._log.last("session.started", started.seq):
            if trades_path(self._folder, earlier.at) != path:
                break
            started = earlier
        self._content.trades = path
        written = last_event(path)
        if written:
            self._begun.add(path)
        missing = self._log.read(max(written, started.seq) + 1)
        return all(self._content.add_row(recorded) for recorded in missing)


class _Content:
    """
    What is to be in the files.

    `states` are contents of state files, `rows` new rows by trades file, both until they are written.
    """

    def __init__(self, folder: Path, state: State) -> None:
        self.states: dict[Path, bytes] = {}
        self.rows: dict[Path, list[Row]] = {}
        self.trades: Path | None = None
        self.day = ist_day_number(state.at)
        self._folder = folder
        self._state = state

    @property
    def seq(self) -> int:
        """The number of the last event taken in."""
        return self._state.seq

    def take(self, recorded: Iterable[ev.Recorded]) -> None:
        """Take events in, in the order of the log."""
        state, before = self._state, self._state.seq
        for each in recorded:
            day = ist_day_number(each.at)
            if day != self.day:
                self.show()
                self.day = day
            state.apply(each)
            if self.trades is None or type(each.event) is ev.SessionStarted:
                self.trades = trades_path(self._folder, each.at)
            self.add_row(each)
        if state.seq != before:
            self.show()
        state.commands.clear()

    def show(self) -> None:
        """Have the state, as it is, in the file of its date."""
        if self._state.account is not None:
            day = ist_date(self._state.at)
            self.states[state_path(self._folder, day)] = trading_state(self._state, day)

    def whole_trades(self) -> dict[Path, bytes]:
        """Return the trades files, of what was taken in, as a whole."""
        return {path: whole_file(rows) for path, rows in self.rows.items()}

    def add_row(self, recorded: ev.Recorded) -> bool:
        """Add the row of an event, if it is a trade; return False if its order is not known any more."""
        event = recorded.event
        if type(event) is ev.OrderFilled:
            order = self._state.orders.get(event.order_id)
            if order is None:
                return False
            row = fill_row(recorded, event, order)
        elif type(event) is ev.PositionSettled:
            row = settlement_row(recorded, event)
        elif isinstance(event, stl.SharesAssigned | stl.SharesAuctioned):
            row = delivery_row(recorded, event)
        else:
            return True
        assert self.trades is not None, "a session starts before it trades"
        self.rows.setdefault(self.trades, []).append(row)
        return True


class _Seen(msgspec.Struct):
    """What a state file says it was made of."""

    last_event: int


def _last_event_in(content: bytes) -> int:
    return msgspec.json.decode(content, type=_Seen).last_event


def _copy_to_fold_on(state: State) -> State:
    """Return a state of its own to go on from."""
    return replace(
        state,
        ledger=copy(state.ledger),
        orders={
            order_id: copy(order) if order_id in state.working else order
            for order_id, order in state.orders.items()
        },
        working=dict(state.working),
        positions={key: copy(position) for key, position in state.positions.items()},
        books={name: {key: copy(own) for key, own in book.items()} for name, book in state.books.items()},
        commands={},
        earlier_commands={},
        timers=dict(state.timers),
        notes=dict(state.notes),
        failed=dict(state.failed),
        holdings={name: copy(held) for name, held in state.holdings.items()},
        standing={
            each: one if one.is_over else replace(one, sent=dict(one.sent))
            for each, one in state.standing.items()
        },
        standing_orders=dict(state.standing_orders),
        deliveries=dict(state.deliveries),
        held_back=dict(state.held_back),
        unsettled=dict(state.unsettled),
    )


def rebuild(folder: Path, log: ReadableLog) -> list[Path]:
    """
    Write every state and trades file anew from the log alone; return which there are.

    Raises `OSError` if one cannot be written.
    """
    content = _Content(folder, State())
    content.take(log.read())
    files = content.states | content.whole_trades()
    for path, text in files.items():
        write_atomically(path, text)
    return sorted(files)

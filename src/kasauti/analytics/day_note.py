"""
The contract note of one day, from the account's log: every trade, every charge, and what the ledger booked.

The charges are the ledger's own: what it paid from the day's opening to its closing, head by head. Beside
them the note is made again, by exchange segment, from the day's trades and the rates in force; where the two
differ, because rates were corrected since, only what was booked is shown, and said so.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.listings import Listings
from kasauti.analytics.recorded_rules import RecordedCharges
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.instrument import Exchange
from kasauti.domain.order import NO_CHARGES, Order
from kasauti.domain.state import State
from kasauti.errors import InvalidInput, RuleUnknown
from kasauti.exchange.charges import ChargeBook
from kasauti.exchange.contract_note import notes_by_segment
from kasauti.exchange.day_books import DayTrades, Find, day_lines
from kasauti.exchange.day_services import day_services
from kasauti.exchange.note_line import NoteLine


class NoteTrade(msgspec.Struct, frozen=True):
    """One trade: `value` is price times quantity, `charges` what was booked with it."""

    at: Moment
    order_id: str
    trade_id: str
    instrument: str
    side: str
    product: str
    quantity: int
    price: Money
    value: Money
    charges: Charges


class NoteEnding(msgspec.Struct, frozen=True):
    """What ended without a trade, in words: a contract settled, shares assigned or bought in."""

    at: Moment
    what: str
    instrument: str
    quantity: int
    price: Money
    charges: Charges


class NoteSegment(msgspec.Struct, frozen=True):
    """One exchange segment: what was bought and sold there, and the note's charges."""

    exchange: Exchange
    bought: Money
    sold: Money
    charges: Charges


class NoteService(msgspec.Struct, frozen=True):
    """A broker's charge for a service, rendered `count` times, and the tax on it; `about` is for what."""

    kind: str
    about: str
    count: int
    amount: Money
    gst: Money


class DayNote(msgspec.Struct, frozen=True):
    """
    The note of a trading day; `closed` is whether its books are, `plan` whose price list holds.

    `charges` is what the ledger paid that day in all. If the note could be made again, `segments` and
    `services` add up to it, with the charges of `endings` that are no tax on exercise.
    """

    account: str
    plan: str
    day: str
    closed: bool
    trades: list[NoteTrade]
    endings: list[NoteEnding]
    segments: list[NoteSegment]
    services: list[NoteService]
    charges: Charges
    remarks: list[str]

    @property
    def total(self) -> int:
        """All charges of the day, in money units."""
        return self.charges.total


class _Day:
    """What is gathered of the day that is being read."""

    def __init__(self, day: str, before: Charges) -> None:
        self.day = day
        self.before = before
        self.trades: list[NoteTrade] = []
        self.endings: list[NoteEnding] = []
        self.closed = False


def day_note(
    log: Iterable[ev.Recorded], find: Find, plan: Callable[[str], ChargeBook], day: str = ""
) -> DayNote:
    """
    Return the note of `day` (ISO text); without it that of the last day that was closed, if any was.

    `find` gives an instrument by its id, `plan` the charges of a price list. Raises `InvalidInput` where the
    log has no such day.
    """
    state, reading = State(), _Reading(find, plan)
    wanted: DayNote | None = None
    for recorded in log:
        note = reading.take(state, recorded)
        if note is not None and (day in {"", note.day}):
            wanted = note
    open_note = reading.open_note(state)
    if open_note is not None and (open_note.day == day or (wanted is None and not day)):
        wanted = open_note
    if wanted is None:
        days = f"its days are {reading.span}" if reading.span else "it has no trading day yet"
        raise InvalidInput(f"The account has no note of {day or 'any day'}: {days}.")
    return wanted


class _Reading:
    def __init__(self, find: Find, plan: Callable[[str], ChargeBook]) -> None:
        self._listings, self._recorded = Listings(find), RecordedCharges(plan)
        self._book: ChargeBook | None = None
        self._day: _Day | None = None
        self.span = ""

    def take(self, state: State, recorded: ev.Recorded) -> DayNote | None:
        """Take an event in, in the order of the log; return the note of a day that it closes."""
        event = recorded.event
        self._listings.learn(event)
        if isinstance(event, (ev.AccountOpened, ev.SessionStarted)):
            self._book = self._recorded.of(event)
        elif isinstance(event, ev.DayOpened):
            self._day = _Day(event.day, state.ledger.by_head)
            self.span = f"{self.span.partition(' to ')[0] or event.day} to {event.day}"
        lines = note = None
        if isinstance(event, ev.DayClosed) and self._day is not None:
            find = self._listings.find
            traded = DayTrades(state, find)
            lines = day_lines(state, find, traded), traded.squared_off
        state.apply(recorded)
        if self._day is not None:
            _gather(self._day, state, recorded)
        if lines is not None and self._day is not None:
            self._day.closed = True
            note = self._made(state, self._day, *lines)
            self._day = None
        return note

    def open_note(self, state: State) -> DayNote | None:
        """Return what is known of the day that is not closed yet, None if all are."""
        return None if self._day is None else self._made(state, self._day, [], {})

    def _made(self, state: State, of: _Day, lines: list[NoteLine], squared: dict[str, int]) -> DayNote:
        account = state.account
        assert account is not None, "a day opens in an account"
        charges = state.ledger.by_head.minus(of.before)
        segments: list[NoteSegment] = []
        services: list[NoteService] = []
        remarks = []
        if of.closed:
            try:
                assert self._book is not None, "a day opens in an account"
                segments, services = _again(lines, squared, of.day, self._book)
            except RuleUnknown as error:
                remarks.append(f"The note cannot be made again: {error}")
            if not remarks and _sum(segments, services, of.endings) != charges:
                segments, services = [], []
                remarks.append(
                    "Made again with the rates known today, the note differs from what was booked; what was"
                    " booked is shown."
                )
        else:
            remarks.append("The day is not closed: its contract note is made when it is.")
        return DayNote(
            account.account, account.plan, of.day, of.closed, of.trades, of.endings, segments, services,
            charges, remarks,
        )  # fmt: skip


def _gather(day: _Day, state: State, recorded: ev.Recorded) -> None:
    event, at = recorded.event, recorded.at
    match event:
        case ev.OrderFilled():
            order = state.orders[event.order_id]
            day.trades.append(_trade(at, order, event))
        case ev.PositionSettled():
            what = "settled against delivery" if event.delivers else "settled in cash"
            day.endings.append(_ending(at, what, event))
        case stl.SharesAssigned():
            what = "shares received" if event.quantity > 0 else "shares given"
            day.endings.append(_ending(at, what, event))
        case stl.SharesAuctioned():
            day.endings.append(_ending(at, "shares bought in at auction", event))
        case _:
            pass


def _trade(at: int, order: Order, fill: ev.OrderFilled) -> NoteTrade:
    return NoteTrade(
        at, fill.order_id, fill.trade_id, order.instrument, order.side.value, order.product.value,
        fill.quantity, fill.price, fill.price * fill.quantity, fill.charges,
    )  # fmt: skip


def _ending(at: int, what: str, event: Any) -> NoteEnding:  # noqa: ANN401  events of one shape
    return NoteEnding(at, what, event.instrument, event.quantity, event.price, event.charges)


def _again(
    lines: list[NoteLine], squared: dict[str, int], day: str, book: ChargeBook
) -> tuple[list[NoteSegment], list[NoteService]]:
    on = date.fromisoformat(day)
    segments = [
        NoteSegment(
            exchange,
            sum(line.buy_turnover for line in lines if line.exchange is exchange),
            sum(line.sell_turnover for line in lines if line.exchange is exchange),
            charges,
        )
        for exchange, charges in notes_by_segment(lines, on, book).items()
    ]
    services = [
        NoteService(each.kind.value, each.about, each.count, each.amount, each.gst)
        for each in day_services(lines, squared, on, book)
    ]
    return segments, services


def _sum(segments: list[NoteSegment], services: list[NoteService], endings: list[NoteEnding]) -> Charges:
    """Return what the parts come to; the tax on exercise is in the segments, rounded."""
    total = NO_CHARGES
    for segment in segments:
        total = total.plus(segment.charges)
    for service in services:
        total = total.plus(Charges(services=service.amount, gst=service.gst))
    for ending in endings:
        total = total.plus(ending_beside(ending))
    return total


def ending_beside(ending: NoteEnding) -> Charges:
    """Return what an ending cost that is in no segment's charges: all of it but tax on exercise in cash."""
    charges = ending.charges
    return charges.minus(Charges(stt=charges.stt)) if ending.what == "settled in cash" else charges

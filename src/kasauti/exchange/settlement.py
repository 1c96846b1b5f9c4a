"""
How trades settle and what a broker makes of it: `settlement.json`, by date and broker.

Source: market_rules.md 1.6, 2.4, 4.5, 4.6.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

import msgspec

from kasauti.domain.instrument import Instrument
from kasauti.domain.money import PAISA, to_paise_half_up
from kasauti.exchange.calendar import Calendar, Segment, segment
from kasauti.exchange.rules import ONE, Confidence, Row, RuleFile, Timeline, per_billion, read_rules

_FILE = "settlement.json"
_LEVIES = "levies.json"
#: The rows for every broker that has none of its own.
_ANY = "*"


class _GstRow(Row, frozen=True, kw_only=True):
    percent: Decimal


class _Levies(RuleFile, frozen=True, kw_only=True, forbid_unknown_fields=False):
    gst: tuple[_GstRow, ...]


class _CycleRow(Row, frozen=True, kw_only=True):
    days: int


class _Holiday(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    date: date
    name: str
    source: str
    confidence: Confidence


class _Exception(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    traded_on: date = msgspec.field(name="date")
    settles_on: date
    segments: tuple[Segment, ...]
    source: str
    confidence: Confidence


class _PlanRow(Row, frozen=True, kw_only=True):
    plan: str


class _ProceedsRow(_PlanRow, frozen=True, kw_only=True):
    settled_percent: Decimal
    unsettled_percent: Decimal


class Method(StrEnum):
    """How a settlement price is made; see `settlement.json`."""

    WINDOW = "closing_window"
    AUCTION = "closing_auction"
    OFFICIAL = "official"


class Subject(StrEnum):
    """What a contract is written on."""

    INDEX = "index"
    SHARE = "share"
    OTHER = "other"


class PriceRow(Row, frozen=True, kw_only=True):
    """What a contract settles at: `minutes` long is the window before the close."""

    segment: Segment
    method: Method
    subject: Subject | None = None
    minutes: int = 0
    provisional: bool = False


class AuctionRow(Row, frozen=True, kw_only=True):
    """What shares cost that were sold and not delivered."""

    close_out_percent: Decimal
    penalty_percent: Decimal


class InterestKind(StrEnum):
    """What a broker takes interest for."""

    DEBIT = "debit_balance"
    MTF = "mtf"


class _InterestRow(_PlanRow, frozen=True, kw_only=True):
    kind: InterestKind
    percent_a_night: Decimal


class _File(RuleFile, frozen=True, kw_only=True):
    cycles: tuple[_CycleRow, ...]
    holidays: tuple[_Holiday, ...]
    exceptions: tuple[_Exception, ...]
    proceeds: tuple[_ProceedsRow, ...]
    final_prices: tuple[PriceRow, ...]
    daily_prices: tuple[PriceRow, ...]
    auctions: tuple[AuctionRow, ...]
    interest: tuple[_InterestRow, ...]


RowT = TypeVar("RowT", bound=Row)
PlanRowT = TypeVar("PlanRowT", bound=_PlanRow)


class Settlement:
    """
    Settlement by date for one broker's plan; `RuleUnknown` outside the dates that are known.

    With `assumed`, what holds on that day holds on every day before it.
    """

    def __init__(self, plan: str = "zerodha", *, assumed: date | None = None) -> None:
        file = read_rules(_FILE, _File)
        self._known_to = file.known_to
        self._assumed = assumed
        self._holidays = frozenset(row.date for row in file.holidays)
        self._exceptions = {
            (row.traded_on, segment): row.settles_on for row in file.exceptions for segment in row.segments
        }
        self._cycles = self._timeline("The settlement cycle", file.cycles)
        self._auctions = self._timeline("The close-out of shares not delivered", file.auctions)
        levies = read_rules(_LEVIES, _Levies)
        self._gst = Timeline("GST", levies.gst, file=_LEVIES, known_to=levies.known_to)
        own = [row for row in file.interest if row.plan == plan]
        self._interest = {
            kind: self._timeline(f"{plan}'s interest, {kind}", [row for row in own if row.kind is kind])
            for kind in InterestKind
        }
        self._final = self._prices("The final settlement price", file.final_prices)
        self._daily = self._prices("The daily settlement price", file.daily_prices)
        self._proceeds = self._of_plan("What can be used of a sale", file.proceeds, plan)

    def _prices(
        self, what: str, rows: tuple[PriceRow, ...]
    ) -> dict[tuple[Segment, Subject | None], Timeline[PriceRow]]:
        keys = dict.fromkeys((row.segment, row.subject) for row in rows)
        return {
            (where, subject): self._timeline(
                f"{what} in the {where} segment",
                [r for r in rows if (r.segment, r.subject) == (where, subject)],
            )
            for where, subject in keys
        }

    def _of_plan(self, what: str, rows: tuple[PlanRowT, ...], plan: str) -> Timeline[PlanRowT]:
        own = [row for row in rows if row.plan == plan] or [row for row in rows if row.plan == _ANY]
        return self._timeline(f"{what} at {plan}", own)

    def _timeline(self, what: str, rows: Iterable[RowT]) -> Timeline[RowT]:
        return Timeline(what, rows, file=_FILE, known_to=self._known_to)

    def _on(self, day: date) -> date:
        return day if self._assumed is None or day >= self._assumed else self._assumed

    def settles_on(self, day: date, calendar: Calendar, segment: Segment = Segment.EQUITY) -> date:
        """
        Return the day on which trades of `day` settle: shares and money of a delivery, the money of a future.

        It is the next day on which the clearing house is open: no settlement holiday, no weekend, whatever
        trades then.
        """
        if (day, segment) in self._exceptions:
            return self._exceptions[day, segment]
        for _ in range(self._cycles.on(self._on(day)).days):
            day = calendar.next_trading_day(day, segment)
            while day in self._holidays or not calendar.is_regular_day(day, segment):
                day = calendar.next_trading_day(day, segment)
        return day

    def held_back(self, on: date, settled: int, unsettled: int) -> int:
        """
        Return how much of a delivery sale cannot be used on the day `on`, in whole paise.

        `settled` is what units out of the depository brought, `unsettled` what units brought that were
        bought on an earlier day and have not come in.
        """
        of_settled, of_unsettled = self.usable_percents(on)
        usable = settled * of_settled + unsettled * of_unsettled
        return settled + unsettled - int(usable // (100 * PAISA)) * PAISA

    def usable_percents(self, on: date) -> tuple[Decimal, Decimal]:
        """Return how much of a sale can be used the same day: of settled units, and of unsettled ones."""
        row = self._proceeds.on(self._on(on))
        return row.settled_percent, row.unsettled_percent

    def final_price(self, on: date, instrument: Instrument) -> PriceRow:
        """Return how the final price of a contract that expires on `on` is made."""
        where = segment(instrument)
        subject = Subject.INDEX if instrument.on_index else Subject.SHARE
        if where is not Segment.DERIVATIVES:
            subject = Subject.OTHER
        return self._final[where, subject].on(self._on(on))

    def daily_price(self, on: date, where: Segment) -> PriceRow:
        """Return how futures of a segment are settled each day."""
        return self._daily[where, None].on(self._on(on))

    def close_out(self, on: date, close: int, highest: int) -> int:
        """Return what a share is bought in at that was not delivered, when it closed at `close` on `on`."""
        percent = 100 + self._auctions.on(self._on(on)).close_out_percent
        return max(highest, to_paise_half_up(int(close * percent * 100), 10_000))

    def short_penalty(self, on: date, value: int) -> int:
        """Return the penalty for shares of that `value` that were not delivered, before tax."""
        percent = self._auctions.on(self._on(on)).penalty_percent
        return to_paise_half_up(value * per_billion(percent, file=_FILE), ONE)

    def tax_on(self, on: date, amount: int) -> int:
        """Return the tax on services on an amount, to the paisa."""
        rate = per_billion(self._gst.on(self._on(on)).percent, file=_LEVIES)
        return to_paise_half_up(amount * rate, ONE)

    def interest(self, on: date, kind: InterestKind, principal: int, nights: int) -> int:
        """Return the broker's interest for `nights` from `on`, to the paisa; 0 where its plan has none."""
        row = self._interest[kind].find(self._on(on))
        if row is None:
            return 0
        rate = per_billion(row.percent_a_night, file=_FILE)
        return to_paise_half_up(principal * nights * rate, ONE)

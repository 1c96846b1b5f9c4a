"""From a log to a day report, in one reading."""

from collections.abc import Callable, Iterable

import msgspec

from kasauti.analytics.band import BandTally
from kasauti.analytics.day_report import DayReport, DayResult, MarginUse, OpenPosition
from kasauti.analytics.margin_words import margin_label
from kasauti.analytics.remarks import remarks_on
from kasauti.analytics.round_trips import OpenTrip, RoundTrip, TripFold
from kasauti.analytics.tallies import BasisTally, DrawdownTally, OrderTally, trip_results
from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.ist import ist_date
from kasauti.domain.state import State
from kasauti.errors import InvalidInput


def day_report(
    log: Iterable[ev.Recorded], first: str = "", last: str = "", *, mark: Callable[[str], int] | None = None
) -> DayReport:
    """
    Return the report of the trading days from `first` to `last`, both ISO dates and both included.

    `log` is read from its first event; without dates every day in it counts. `mark` returns the last price
    of an instrument, 0 if it has none: for positions of a day that is not closed, as the log has no closing
    price for them. Raises `InvalidInput` if the log holds no such day.
    """
    reader = _Reader(first, mark)
    for recorded in log:
        event = recorded.event
        if type(event) is ev.DayOpened and last and event.day > last:
            break
        reader.take(recorded)
    if reader.start is None:
        wanted = f" from {first or 'the first'} to {last or 'the last'}" if first or last else ""
        raise InvalidInput(f"The log holds no trading day{wanted}; there is nothing to report.")
    report = reader.report(reader.start)
    return msgspec.structs.replace(report, remarks=remarks_on(report))


class _Start(msgspec.Struct, frozen=True):
    """The books before the first day of the report."""

    funds: int
    equity: int
    realised: int
    charges: Charges
    rounding: Charges
    trips: int


class _Reader:
    """Folds the whole log, and counts from `first` on."""

    def __init__(self, first: str, mark: Callable[[str], int] | None) -> None:
        self.start: _Start | None = None
        self._first = first
        self._state = State()
        self._trips = TripFold()
        self._orders = OrderTally()
        self._basis = BasisTally()
        self._drawdown = DrawdownTally(0)
        self._band = BandTally()
        self._margin = MarginUse()
        self._days: dict[str, DayResult] = {}
        self._marks: dict[str, int] = {}
        self._mark = mark
        self._moved = 0
        #: The session whose first day in the report is the one that opens next.
        self._session: ev.SessionStarted | None = None
        self._between_days = False

    def take(self, recorded: ev.Recorded) -> None:
        """Take one event in."""
        state, event = self._state, recorded.event
        if type(event) is ev.SessionStarted and not (self.start and state.day_open):
            self._session, self._between_days = event, not state.day_open
        elif type(event) is ev.DayOpened and event.day >= self._first:
            self._begin_day(event.day)
        self._count(recorded)

    def _count(self, recorded: ev.Recorded) -> None:
        state, event = self._state, recorded.event
        realised, charges = state.ledger.realised, state.ledger.charges
        state.apply(recorded)
        self._trips.apply(recorded)
        if self.start is None or event is self._session:
            return
        self._orders.apply(event, state)
        self._basis.apply(recorded)
        self._band.apply(event)
        if isinstance(event, ev.DayClosed):
            self._marks = event.marks
        elif isinstance(event, ev.MarginReckoned):
            self._reckoned(event)
        elif isinstance(event, ev.MoneyMoved):
            self._moved += event.amount
        elif isinstance(event, stl.InterestCharged):
            self._moved -= event.amount
        elif isinstance(event, stl.SharesAuctioned):
            self._moved -= event.penalty
        gross, paid = realised - state.ledger.realised, state.ledger.charges - charges
        if gross or paid:
            day = self._days[state.day]
            day.gross += gross
            day.charges += paid
            day.net += gross - paid
            self._drawdown.add(gross - paid, recorded.at)
        if type(event) is ev.OrderFilled:
            self._days[state.day].fills += 1

    def _reckoned(self, event: ev.MarginReckoned) -> None:
        margin, label = self._margin, margin_label(self._state)
        margin.peak = max(margin.peak, event.required)
        margin.shortfalls += bool(event.shortfall)
        margin.largest_shortfall = max(margin.largest_shortfall, event.shortfall)
        if label not in margin.labels:
            margin.labels.append(label)

    def _begin_day(self, day: str) -> None:
        self._days[day] = DayResult(day)
        if self.start is None:
            ledger = self._state.ledger
            self.start = _Start(
                ledger.funds,
                _equity(self._state),
                ledger.realised,
                _heads(self._state),
                self._trips.rounding,
                len(self._trips.closed),
            )
            self._drawdown = DrawdownTally(self.start.equity)
            self._band.begin(self._state.band, self._state.marks)
        if self._session is not None:
            self._basis.session(self._session)
            if self._between_days:
                self._orders.apply(self._session, self._state)
            self._session = None

    def report(self, start: _Start) -> DayReport:
        """Return what has been read, without remarks."""
        state, account = self._state, self._state.account
        assert account is not None, "a day opens in an account"
        closed = self._trips.closed[start.trips :]
        charges = _heads(state).minus(start.charges)
        gross = start.realised - state.ledger.realised
        net = gross - charges.total
        left_open = [self._valued(trip) for trip in self._trips.open]
        self._orders.counts.working = len(state.working)
        self._basis.basis.plan = account.plan
        return DayReport(
            account=account.account,
            mode=account.mode,
            days=list(self._days),
            basis=self._basis.basis,
            funds_start=start.funds,
            funds_end=state.ledger.funds,
            equity_start=start.equity,
            equity_end=_equity(state),
            money_moved=self._moved,
            gross=gross,
            charges=charges,
            rounding=self._trips.rounding.minus(start.rounding),
            net=net,
            unrealised=sum(position.unrealised for position in left_open),
            roi=net / start.equity if start.equity > 0 else None,
            results=trip_results(closed),
            drawdown=self._drawdown.worst,
            fills=self._orders.fills,
            orders=self._orders.counts,
            refused=self._orders.refused,
            by_day=self._by_day(closed),
            round_trips=closed,
            left_open=left_open,
            troubles=self._orders.troubles,
            day_closed=not state.day_open,
            margin=self._margin,
            band=self._band.edges(state.band, self._last_prices()),
        )

    def _by_day(self, closed: Iterable[RoundTrip]) -> list[DayResult]:
        for trip in closed:
            day = self._days.get(ist_date(trip.exit_at).isoformat())
            if day is not None:
                day.trips += 1
        return list(self._days.values())

    def _last_prices(self) -> dict[str, int]:
        """Return the last price of everything that is held on a side of the band."""
        held = {key.rpartition("|")[0] for shade in self._state.band.values() for key in shade.held}
        return {name: self._price(name) for name in held}

    def _price(self, instrument: str) -> int:
        if self._mark is not None and self._state.day_open:
            return self._mark(instrument)
        return self._marks.get(instrument, 0)

    def _valued(self, trip: OpenTrip) -> OpenPosition:
        mark = self._price(trip.instrument)
        position = self._state.position(trip.instrument, trip.product)
        assert position is not None, "an open trip is a position"
        return OpenPosition(
            trip.instrument,
            trip.product,
            trip.strategy,
            trip.quantity,
            trip.average_price,
            mark,
            position.unrealised(mark) if mark else 0,
        )


def _equity(state: State) -> int:
    """Return funds and, at cost, what was paid for in full; what futures were paid is not earned yet."""
    ledger = state.ledger
    return ledger.funds + ledger.securities + ledger.clearing + ledger.variation


def _heads(state: State) -> Charges:
    """Return all charges so far, by head."""
    return state.ledger.by_head

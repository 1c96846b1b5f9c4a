"""Expiry: orders lapse, index contracts end in cash, share contracts in shares, what has no price waits."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from kasauti.domain import events as ev
from kasauti.domain import settlement_events as stl
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Instrument, Kind
from kasauti.domain.order import Product, position_key
from kasauti.domain.position import Position
from kasauti.engine.jobs import assignment
from kasauti.engine.jobs.desk import Desk, held
from kasauti.engine.jobs.prices import Price, SettlementPrices, official
from kasauti.engine.rules import Rules
from kasauti.exchange.calendar import Segment, segment

_NO_PRICE = "{id} expired on {expiry} and cannot be settled: {why}"
_UNSEEN = "nobody was here, and the exchange's price is not in the data"


class Expiry:
    """The end of the contracts that expire on one day."""

    def __init__(self, desk: Desk, rules: Rules, day: date, prices: SettlementPrices) -> None:
        self._desk = desk
        self._rules = rules
        self._day = day
        self._prices = prices

    def settle(self, which: Segment, at: int) -> None:
        """Settle what expires today in a segment, and let the orders on it lapse."""
        for order in self._desk.state.working_orders():
            if self._ends_today(order.instrument, which) is not None:
                lapsed = ev.OrderExpired(order.order_id, "the contract has expired")
                self._desk.end(lapsed, "timer:close", at)
        for underlying, legs in self._legs(which).items():
            price = self._prices.final(legs[0][1])
            if price is None:
                self._missing(legs, "its underlying has no price", "timer:close", at)
            else:
                self._end(underlying, legs, price, self._day, "timer:close", at)

    def _ends_today(self, instrument_id: str, which: Segment) -> Instrument | None:
        instrument = self._desk.board.universe.find(instrument_id)
        ends = instrument is not None and instrument.expiry == self._day and segment(instrument) is which
        return instrument if ends else None

    def _legs(self, which: Segment) -> dict[str, list[tuple[Position, Instrument]]]:
        """Return what is held of contracts that end today, by what they are written on."""
        found: dict[str, list[tuple[Position, Instrument]]] = defaultdict(list)
        for position in held(self._desk.state):
            instrument = self._ends_today(position.instrument, which)
            if instrument is not None:
                own = self._prices.final(instrument) is None
                found[instrument.id if own else instrument.underlying].append((position, instrument))
        return found

    def settle_late(self, at: int, day: date | None = None) -> None:
        """
        Settle what expired before today, or on the `day` that is being closed late, at the exchange's price.

        What it settled at by our own data nobody saw: without the exchange's price it waits, and says so
        once.
        """
        waiting: dict[tuple[str, date], list[tuple[Position, Instrument]]] = defaultdict(list)
        for position in held(self._desk.state):
            instrument = self._desk.board.universe.find(position.instrument)
            expiry = None if instrument is None else instrument.expiry
            if (
                instrument is not None
                and expiry is not None
                and (expiry == day if day else expiry < self._day)
            ):
                waiting[instrument.underlying or instrument.id, expiry].append((position, instrument))
        for (underlying, expiry), legs in waiting.items():
            price = official(self._rules, legs[0][1], expiry)
            if price is None:
                unsaid = [leg for leg in legs if leg[1].id not in self._desk.state.unsettled]
                self._missing(unsaid, _UNSEEN, "timer:expiry late", at)
                continue
            due = ev.TimerFired(f"expiry:{underlying}:{expiry}", price.at or at)
            self._desk.record(due, "timer:expiry late", at)
            self._end(underlying, legs, price, expiry, "timer:expiry late", at)

    def _missing(self, legs: Iterable[tuple[Position, Instrument]], why: str, cause: str, at: int) -> None:
        for _, instrument in legs:
            message = _NO_PRICE.format(id=instrument.id, expiry=instrument.expiry, why=why)
            self._desk.record(
                stl.SettlementMissing(instrument.id, str(instrument.expiry), message), cause, at
            )

    def _end(
        self,
        underlying: str,
        legs: list[tuple[Position, Instrument]],
        price: Price,
        expiry: date,
        cause: str,
        at: int,
    ) -> None:
        """End the contracts on one underlying: in cash, and beside it in shares where they are delivered."""
        delivers = assignment.is_delivered(legs[0][1])
        assigned = None
        if delivers:
            assigned = assignment.assigned(self._desk, self._rules, underlying, legs, price, expiry)
        for position, instrument in legs:
            self._settle(position, instrument, price, expiry, delivers=delivers, cause=cause, at=at)
        if assigned is not None:
            assignment.record(self._desk, self._rules, assigned, expiry, cause, at)

    def _settle(
        self,
        position: Position,
        instrument: Instrument,
        final: Price,
        expiry: date,
        *,
        delivers: bool,
        cause: str,
        at: int,
    ) -> None:
        price = settlement_price(instrument, final.price)
        charges = Charges()
        if instrument.is_option and position.quantity and price:
            fee = self._rules.charges.services.exercise(expiry)
            stt = 0
            if position.quantity > 0 and not delivers:
                stt = self._rules.charges.exercise_stt(expiry, price * position.quantity)
            charges = Charges(brokerage=fee.amount, stt=stt, gst=fee.gst)
        evidence = Evidence(
            Source.SETTLEMENT, Rule.SETTLED, final.at, price, final.basis, order_price=final.price
        )
        product = Product(position.product)
        settled = ev.PositionSettled(
            instrument.id, product, position.quantity, price, charges, evidence, delivers
        )
        self._desk.record(settled, cause, at)
        assert self._desk.state.positions[position_key(instrument.id, product)].quantity == 0, "it is closed"


def settlement_price(instrument: Instrument, final: int) -> int:
    """Return what one unit of an expired contract is worth when its underlying settles at `final`."""
    if instrument.kind is Kind.CALL:
        return max(0, final - instrument.strike)
    if instrument.kind is Kind.PUT:
        return max(0, instrument.strike - final)
    return final

"""Admitting: a venue's report is checked before it becomes history."""

from typing import Final

from msgspec.structs import astuple

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.order import MOVES, Order, Side, Status
from kasauti.domain.reports import (
    Cancelled,
    Filled,
    Modified,
    ModifyRefused,
    Opened,
    Rejected,
    Report,
    Shadowed,
    Triggered,
)
from kasauti.domain.state import State
from kasauti.engine.decide import Decider
from kasauti.engine.terms import Terms, TermSheet

#: What a venue says that is neither a fill nor that it has an order.
_Answer = Triggered | Modified | ModifyRefused | Cancelled | Rejected | Shadowed

# Looked up once: a member of an enum costs a function call, a name of another module a look into it.
_OPEN: Final = Status.OPEN
_PENDING: Final = Status.TRIGGER_PENDING
_SUBMITTED: Final = Status.SUBMITTED
_BUY: Final = Side.BUY
_TRADED: Final = Filled
_CAME: Final = Opened
_FILLED: Final = ev.OrderFilled
_OPENED: Final = ev.OrderOpened
_take_apart: Final = astuple


class Admitter:
    """Turns reports into events for one account on one day; what cannot be becomes an anomaly."""

    def __init__(self, state: State, sheet: TermSheet, decider: Decider, trade_prefix: str) -> None:
        self._state = state
        self._sheet = sheet
        self._known = sheet.known
        self._decider = decider
        self._trade_prefix = f"{trade_prefix}T"

    def admit(self, report: Report) -> ev.Event:
        """Return the event a report leads to."""
        if type(report) is not _TRADED:
            if type(report) is _CAME:
                return self._opened(report)
            return self._answered(report)  # type: ignore[arg-type]  # it is neither of the two
        quantity: int
        price: int
        state = self._state
        # Taken apart at once: one by one, fields of a struct cost compiled code four times as much.
        order_id, _, quantity, price, evidence, trade_id = _take_apart(report)
        order = state.orders.get(order_id)
        if order is None:
            return self._anomaly(report, "no such order")
        filled, status, side, key = order.filled, order.status, order.side, order.position_key
        if (
            quantity <= 0
            or quantity > order.quantity - filled
            or price <= 0
            or (status is not _SUBMITTED and status is not _OPEN)
        ):
            return self._no_fill(report, order)
        terms = self._known.get(key) or self._sheet.of(order.instrument, order.product)
        assert terms is not None, "a working order's instrument is known"
        schedule, margin = terms.schedule, terms.margin
        assert schedule is not None, "an order of a product that does not fit was denied"
        assert margin is not None, "an order of a product that does not fit was denied"
        charges = schedule.order_charges(side, order.turnover + price * quantity)
        if filled:
            charges = charges.minus(order.charges)
        held = state.positions[key].quantity + (quantity if side is _BUY else -quantity)
        trade_id = trade_id or f"{self._trade_prefix}{state.trades + 1}"
        if terms.spans:
            return self._beside_others(report, terms, trade_id, charges, held)
        return _FILLED(
            order_id,
            trade_id,
            quantity,
            price,
            charges,
            margin.position(held, price) if held else 0,
            evidence,
        )

    def _beside_others(
        self, report: Filled, terms: Terms, trade_id: str, charges: Charges, held: int
    ) -> ev.OrderFilled:
        """Return a fill that changes what other positions on the same underlying need, too."""
        margin, others, marks = self._decider.book.fill(terms, held, report.price, report.at)
        return ev.OrderFilled(
            report.order_id,
            trade_id,
            report.quantity,
            report.price,
            charges,
            margin,
            report.evidence,
            others,
            marks,
        )

    def _opened(self, report: Opened) -> ev.OrderOpened | ev.VenueAnomaly:
        """Record that the venue has an order, which waits there."""
        order_id, _, trigger_pending, queue_ahead = _take_apart(report)
        order = self._state.orders.get(order_id)
        if order is None:
            return self._anomaly(report, "no such order")
        before = order.status
        if before is not _SUBMITTED and (_PENDING if trigger_pending else _OPEN) not in MOVES[before]:
            return self._anomaly(report, f"the order is {before.value.lower()}")
        return _OPENED(order_id, trigger_pending, queue_ahead)

    def _answered(self, report: _Answer) -> ev.Event:  # noqa: C901  a table of reports
        if isinstance(report, Shadowed):
            return self._shadowed(report)
        order = self._state.orders.get(report.order_id)
        if order is None:
            return self._anomaly(report, "no such order")
        if isinstance(report, ModifyRefused):
            return self._modify_refused(report, order)
        if not order.is_working:
            return self._anomaly(report, f"the order is {order.status.value.lower()}")
        match report:
            case Triggered():
                if order.status is not Status.TRIGGER_PENDING:
                    return self._anomaly(report, f"the order is {order.status.value.lower()}")
                return ev.OrderTriggered(report.order_id, report.price)
            case Modified():
                return self._modified(report, order)
            case Cancelled():
                return ev.OrderCancelled(report.order_id, report.reason)
            case Rejected():
                if Status.REJECTED not in MOVES[order.status] or order.filled:
                    return self._anomaly(report, f"the order is {order.status.value.lower()}")
                return ev.OrderRejected(report.order_id, report.message)

    def _shadowed(self, report: Shadowed) -> ev.BandFilled:
        """Record what another fill model would have traded, at what it would have cost."""
        terms = self._sheet.of(report.instrument, report.product)
        assert terms is not None, "what the account traded is known"
        assert terms.schedule is not None, "what the account traded has charges"
        charge, before = terms.schedule.order_charges, report.turnover
        cost = charge(report.side, before + report.price * report.quantity).total
        if before:
            cost -= charge(report.side, before).total
        return ev.BandFilled(
            report.profile, report.instrument, report.product, report.side,
            report.quantity, report.price, cost, report.order_id,
        )  # fmt: skip

    def _no_fill(self, report: Filled, order: Order) -> ev.VenueAnomaly:
        """Say why a fill cannot be."""
        if not 0 < report.quantity <= order.leaves:
            return self._anomaly(report, f"{report.quantity} units traded, {order.leaves} are open")
        if report.price <= 0:
            return self._anomaly(report, f"a price of {report.price} is not a price")
        return self._anomaly(report, f"the order is {order.status.value.lower()}")

    def _modify_refused(self, report: ModifyRefused, order: Order) -> ev.Event:
        """Keep the order as it is; it may have traded, and so ended, while the change was on its way."""
        if not order.modify_asked:
            return self._anomaly(report, "no change was asked for")
        return ev.ModifyRejected(
            report.order_id, report.message, self._decider.order_change.block_unchanged(order, report.at)
        )

    def _modified(self, report: Modified, order: Order) -> ev.Event:
        if report.quantity <= order.filled:
            return self._anomaly(report, f"{order.filled} units have traded already")
        return ev.OrderModified(
            report.order_id,
            report.quantity,
            report.price,
            report.trigger_price,
            report.kept_priority,
            report.queue_ahead,
            self._decider.order_change.block_of(
                order, report.quantity, report.price, report.trigger_price, report.at, report.order_type
            ),
            report.band,
            report.order_type,
            report.validity,
            report.disclosed,
        )

    @staticmethod
    def _anomaly(report: Report, message: str) -> ev.VenueAnomaly:
        return ev.VenueAnomaly(report.order_id, repr(report), message)

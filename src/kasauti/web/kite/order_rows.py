"""An order as order books, histories, postbacks and the ticker show it."""

from typing import NamedTuple

from kasauti.desk.account import DeskAccount
from kasauti.desk.books import as_order
from kasauti.domain.commands import PlaceAfterMarket, PlaceIceberg, PlaceWithTerms
from kasauti.domain.instrument import Universe
from kasauti.domain.order import Order, Status
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.web.kite.ids import digits_of, kind_of, waiting_id
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import rupees_of, stamp, worded

#: Where an order stands, in Kite's words; one that is on its way has been accepted by the broker.
STATUS = {
    Status.SUBMITTED: "OPEN PENDING",
    Status.DENIED: "REJECTED",
    Status.REJECTED: "REJECTED",
    Status.TRIGGER_PENDING: "TRIGGER PENDING",
    Status.OPEN: "OPEN",
    Status.COMPLETE: "COMPLETE",
    Status.CANCELLED: "CANCELLED",
    Status.EXPIRED: "CANCELLED",
}
#: Varieties of Kite's by the word of what an instruction is; what is not here is a regular order.
_VARIETIES = {"co": "co", "iceberg": "iceberg", "amo": "amo", "auction": "auction"}
_REFUSED = frozenset({Status.DENIED, Status.REJECTED})
#: Refused before the exchange saw it, or not yet there.
_NOT_THERE = frozenset({"PUT ORDER REQ RECEIVED", "VALIDATION PENDING", "OPEN PENDING", "AMO REQ RECEIVED"})


class Book(NamedTuple):
    """Whose orders are shown, and in which market."""

    account: DeskAccount
    universe: Universe
    user: str

    def instruction_of(self, order_id: str) -> Instruction | None:
        """Return the instruction that an order came from."""
        standing = self.account.state.standing
        one = standing.get(self.account.state.standing_orders.get(order_id, ""))
        return one or next((each for each in standing.values() if order_id in each.sent), None)

    def variety_of(self, one: Instruction | None) -> str:
        """Return Kite's word for the variety of an order."""
        return "regular" if one is None else _VARIETIES.get(one.variety, "regular")


def order_row(book: Book, order: Order, status: str = "", at: int = 0) -> dict[str, object]:
    """Return an order as it stands; `status` and `at` are those of a moment of its history."""
    word = status or STATUS[order.status]
    lot = lot_of(book.universe.find(order.instrument))
    exchange, _, symbol = order.instrument.partition(":")
    one = book.instruction_of(order.order_id) if book.account.state.standing else None
    changed, there = at or order.updated_at or order.placed_at, word not in _NOT_THERE
    seen = there and order.status is not Status.DENIED
    reason = worded(order.reason) if order.status in _REFUSED and word == "REJECTED" else None
    digits = digits_of(order.order_id)
    return {
        "account_id": book.user,
        "placed_by": book.user,
        "order_id": digits,
        "exchange_order_id": f"1{digits}" if seen else None,
        "parent_order_id": _parent(order, one),
        "status": word,
        "status_message": reason,
        "status_message_raw": reason,
        "order_timestamp": stamp(changed),
        "exchange_update_timestamp": stamp(changed) if seen else None,
        "exchange_timestamp": stamp(changed) if seen else None,
        "variety": _VARIETIES.get(kind_of(order.order_id)) or book.variety_of(one),
        "modified": order.modifications > 0,
        "exchange": exchange,
        "tradingsymbol": symbol,
        "instrument_token": tokens_of(book.universe).of(order.instrument),
        "order_type": str(order.order_type),
        "transaction_type": str(order.side),
        "validity": validity_of(order, one),
        "validity_ttl": one.plan.minutes if one is not None and isinstance(one.plan, PlaceWithTerms) else 0,
        "product": str(order.product),
        "quantity": order.quantity // lot,
        "disclosed_quantity": _disclosed_of(order, one) // lot,
        "price": rupees_of(order.price),
        "trigger_price": rupees_of(order.trigger_price),
        "average_price": rupees_of(order.average_price),
        "filled_quantity": order.filled // lot,
        "pending_quantity": 0 if word in {"CANCELLED", "REJECTED"} else order.leaves // lot,
        "cancelled_quantity": order.leaves // lot if word == "CANCELLED" else 0,
        "market_protection": 0,
        "meta": _meta(one, lot),
        "tag": order.tag or None,
        "tags": [order.tag] if order.tag else [],
        "guid": f"{digits}-{book.user}",
    }


def _parent(order: Order, one: Instruction | None) -> str | None:
    """Return what an order is a part of: the entry of a cover order, the first slice of one that was cut."""
    if order.parent:
        return digits_of(order.parent)
    if one is None or one.variety not in {"co", "iceberg"}:
        return None
    first = next(iter(one.sent), order.order_id)
    return None if first == order.order_id else digits_of(first)


def validity_of(order: Order, one: Instruction | None) -> str:
    """Return Kite's word for the validity of an order."""
    timed = one is not None and isinstance(one.plan, PlaceWithTerms) and one.plan.minutes
    return "TTL" if timed else str(order.validity)


def _disclosed_of(order: Order, one: Instruction | None) -> int:
    """Return the units of an order that the market is shown at a time, 0 for all."""
    if order.disclosed is not None:
        return order.disclosed
    return one.plan.disclosed_quantity if one is not None and isinstance(one.plan, PlaceWithTerms) else 0


def _meta(one: Instruction | None, lot: int) -> dict[str, object]:
    if one is None or not isinstance(one.plan, PlaceIceberg):
        return {}
    total, legs = one.plan.order.quantity // lot, one.plan.legs
    size, leg = -(-total // legs), len(one.sent)
    told = {"leg": leg, "legs": legs, "leg_quantity": size, "total_quantity": total}
    return {"iceberg": {**told, "remaining_quantity": max(0, total - leg * size)}}


def waiting_row(book: Book, one: Instruction) -> dict[str, object] | None:
    """Return an after-market order that has not been sent as a row of the order book, None for all else."""
    if not isinstance(one.plan, PlaceAfterMarket) or one.sent:
        return None
    order = as_order(one.plan.order, one.standing_id, one.placed_at, one.updated_at)
    row = order_row(book, order, _waiting_word(one))
    row.update(order_id=waiting_id(one), variety="amo", exchange_order_id=None, exchange_timestamp=None)
    if one.status is StandingStatus.REJECTED:
        row.update(status_message=worded(one.reason), status_message_raw=worded(one.reason))
    return row


def _waiting_word(one: Instruction) -> str:
    if not one.is_over:
        return "AMO REQ RECEIVED"
    return "REJECTED" if one.status is StandingStatus.REJECTED else "CANCELLED"

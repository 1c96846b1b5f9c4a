"""A price alert as Kite shows it, and what it did when it fired."""

from kasauti.desk.books import order_of
from kasauti.domain.commands import PlaceAlert, PlaceOrder
from kasauti.domain.instrument import Kind
from kasauti.domain.standing import Instruction, StandingStatus
from kasauti.web.kite.ids import digits_of
from kasauti.web.kite.order_rows import STATUS, Book
from kasauti.web.kite.tokens import lot_of, tokens_of
from kasauti.web.kite.words import rupees_of, stamp, worded

_INDICES = "INDICES"
_ATTRIBUTE = "LastTradedPrice"
#: What the market data here does not say at the moment of an alert.
_UNKNOWN = (
    "last_quantity", "buy_quantity", "sell_quantity", "volume", "volume_tick", "average_price", "oi",
    "oi_day_high", "oi_day_low", "lower_circuit_limit", "upper_circuit_limit", "net_change",
)  # fmt: skip


def alert_row(book: Book, one: Instruction, uuid: str) -> dict[str, object]:
    """Return an alert; one that has fired is disabled."""
    plan = one.plan
    assert isinstance(plan, PlaceAlert), "only those are shown"
    exchange, symbol = _named(book, plan.instrument)
    other_exchange, other_symbol = _named(book, plan.other) if plan.other else ("", "")
    row: dict[str, object] = {
        "type": _type(plan),
        "user_id": book.user,
        "uuid": uuid,
        "name": plan.name,
        "status": _status(one),
        "disabled_reason": one.reason if one.is_over and one.status is not StandingStatus.DELETED else "",
        "lhs_attribute": _ATTRIBUTE,
        "lhs_exchange": exchange,
        "lhs_tradingsymbol": symbol,
        "operator": str(plan.comparison),
        "rhs_type": "instrument" if plan.other else "constant",
        "rhs_attribute": _ATTRIBUTE if plan.other else "",
        "rhs_exchange": other_exchange,
        "rhs_tradingsymbol": other_symbol,
        "rhs_constant": rupees_of(plan.value),
        "alert_count": 1 if one.leg else 0,
        "created_at": stamp(one.placed_at),
        "updated_at": stamp(one.updated_at),
    }
    if plan.orders:
        row["basket"] = {"items": [_item(book, number, each) for number, each in enumerate(plan.orders, 1)]}
    return row


def _type(plan: PlaceAlert) -> str:
    return "ato" if plan.orders else "simple"


def _status(one: Instruction) -> str:
    if one.status is StandingStatus.DELETED:
        return "deleted"
    return "disabled" if one.leg or one.is_over else "enabled"


def _named(book: Book, instrument_id: str) -> tuple[str, str]:
    """Return exchange and symbol; indices have an exchange of their own here."""
    found = book.universe.find(instrument_id)
    exchange, _, symbol = instrument_id.partition(":")
    return (_INDICES if found is not None and found.kind is Kind.INDEX else exchange), symbol


def _item(book: Book, number: int, order: PlaceOrder) -> dict[str, object]:
    exchange, _, symbol = order.instrument.partition(":")
    return {
        "id": number,
        "tradingsymbol": symbol,
        "exchange": exchange,
        "instrument_token": tokens_of(book.universe).of(order.instrument),
        "weight": 0,
        "params": {
            "validity": str(order.validity),
            "validity_ttl": 0,
            "variety": "regular",
            "product": str(order.product),
            "order_type": str(order.order_type),
            "transaction_type": str(order.side),
            "quantity": order.quantity // lot_of(book.universe.find(order.instrument)),
            "disclosed_quantity": 0,
            "price": rupees_of(order.price),
            "trigger_price": rupees_of(order.trigger_price),
            "squareoff": 0,
            "stoploss": 0,
            "trailing_stoploss": 0,
            "gtt": {"target": 0, "stoploss": 0},
            "tags": [order.tag] if order.tag else [],
        },
    }


def history_row(book: Book, one: Instruction, uuid: str) -> dict[str, object]:
    """Return how an alert fired: the price that did it, and of an ATO what became of its orders."""
    plan = one.plan
    assert isinstance(plan, PlaceAlert), "only those are shown"
    exchange, symbol = _named(book, plan.instrument)
    right = str(rupees_of(plan.value))
    if plan.other:
        right = f'{_ATTRIBUTE}("{":".join(_named(book, plan.other))}")'
    meta: dict[str, object] = {
        "instrument_token": tokens_of(book.universe).of(plan.instrument),
        "tradingsymbol": symbol,
        "timestamp": stamp(one.triggered_at),
        "last_price": rupees_of(one.trigger),
        "ohlc": {"open": 0, "high": 0, "low": 0, "close": 0},
        "exchange": exchange,
        "last_trade_time": "0001-01-01 00:00:00",
        **dict.fromkeys(_UNKNOWN, 0),
    }
    return {
        "uuid": uuid,
        "type": _type(plan),
        "meta": [meta],
        "condition": f'{_ATTRIBUTE}("{exchange}:{symbol}") {plan.comparison} {right}',
        "created_at": stamp(one.triggered_at),
        "order_meta": [_sent(book, each) for each in one.sent] if plan.orders else None,
    }


def _sent(book: Book, order_id: str) -> dict[str, object]:
    order = order_of(book.account, order_id)
    failed = order is None or STATUS[order.status] == "REJECTED"
    return {
        "order_id": digits_of(order_id),
        "status": "failed" if failed else "success",
        "rejection_reason": worded(order.reason) if order is not None and failed else "",
    }

"""Messages of OpenAlgo's WebSocket: prices in three modes, order updates, answers."""

from collections.abc import Hashable, Sequence
from enum import IntEnum

import msgspec

from kasauti.desk.floor import Floor
from kasauti.desk.quotes import FloorQuote, quote_of
from kasauti.domain.ist import NS_PER_MS
from kasauti.domain.market import Level
from kasauti.domain.order import Order, Status
from kasauti.web.openalgo.fields import shown
from kasauti.web.openalgo.symbols import Symbols, symbols_of
from kasauti.web.openalgo.words import BROKER, MODE
from kasauti.web.openalgo.working import order_row, pending


class Mode(IntEnum):
    """What of an instrument is shown."""

    LTP = 1
    QUOTE = 2
    DEPTH = 3


_LABELS = {Mode.LTP: "LTP", Mode.QUOTE: "Quote", Mode.DEPTH: "Depth"}
_NAMES = {label.lower(): mode for mode, label in _LABELS.items()}


def label(mode: Mode) -> str:
    """Return the word for a mode."""
    return _LABELS[mode]


def mode_of(value: object) -> Mode | None:
    """Return the mode that a number or a word in any case means, None for any other."""
    if isinstance(value, str):
        return _NAMES.get(value.lower()) or (mode_of(int(value)) if value in {"1", "2", "3"} else None)
    return Mode(value) if type(value) is int and value in {1, 2, 3} else None


def text(message: object) -> str:
    """Return a message as it is sent."""
    return msgspec.json.encode(message).decode()


def encode(floor: Floor, mode: Hashable, slots: Sequence[int]) -> list[str]:
    """Return the messages of some instruments in a mode, each made once for all clients."""
    symbols = symbols_of(floor.universe)
    return [_market_data(floor, Mode(mode), slot, symbols) for slot in slots]  # type: ignore[arg-type]


def _market_data(floor: Floor, mode: Mode, slot: int, symbols: Symbols) -> str:
    spelled = symbols.at(slot)
    data = _PARTS[mode](quote_of(floor, slot))
    return text(
        {
            "type": "market_data",
            "symbol": spelled.symbol,
            "exchange": spelled.exchange,
            "mode": int(mode),
            "data": data,
            "broker": BROKER,
        }
    )


def _price(known: FloorQuote) -> dict[str, object]:
    at = known.quote.at // NS_PER_MS
    return {"ltp": shown(known.quote.last), "timestamp": at, "ltt": at}


def _quote(known: FloorQuote) -> dict[str, object]:
    """Return a quote, by every name that servers and clients of this API have for its parts."""
    quote, close = known.quote, known.previous_close
    change = quote.last - close if close else 0
    best_bid, best_ask = known.bids[0], known.asks[0]
    return {
        **_price(known),
        "open": shown(known.open),
        "high": shown(known.high),
        "low": shown(known.low),
        "close": shown(close),
        "prev_close": shown(close),
        "volume": quote.volume,
        "last_trade_quantity": known.last_quantity,
        "last_quantity": known.last_quantity,
        "average_price": shown(known.average),
        "avg_trade_price": shown(known.average),
        "total_buy_quantity": sum(level.quantity for level in known.bids),
        "total_sell_quantity": sum(level.quantity for level in known.asks),
        "bid": shown(best_bid.price),
        "ask": shown(best_ask.price),
        "bid_size": best_bid.quantity,
        "ask_size": best_ask.quantity,
        "oi": quote.open_interest,
        "change": shown(change),
        "change_percent": round(100 * change / close, 2) if close else 0,
    }


def _depth(known: FloorQuote) -> dict[str, object]:
    sides = {"buy": _side(known.bids), "sell": _side(known.asks)}
    return {**_quote(known), "depth": sides}


def _side(levels: tuple[Level, ...]) -> list[dict[str, object]]:
    # How many orders stand at a price is in no market data here.
    return [
        {"price": shown(level.price), "quantity": level.quantity, "orders": 1 if level.quantity else 0}
        for level in levels
    ]


_PARTS = {Mode.LTP: _price, Mode.QUOTE: _quote, Mode.DEPTH: _depth}


def order_update(order: Order, symbols: Symbols, user: str) -> str:
    """Return how an order stands."""
    refused = order.status in {Status.DENIED, Status.REJECTED}
    return text(
        {
            "type": "order_update",
            "user_id": user,
            "mode": MODE,
            "broker": BROKER,
            **order_row(order, symbols),
            "quantity": order.quantity,
            "filled_quantity": order.filled,
            "pending_quantity": pending(order),
            "average_price": shown(order.average_price),
            "rejection_reason": order.reason if refused else "",
        }
    )

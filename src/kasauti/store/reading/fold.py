"""One log, folded into the rows of the tables for reading."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec
from sqlalchemy import Table

from kasauti.domain import adjustment_events as adj
from kasauti.domain import events as ev
from kasauti.domain import product_events as prod
from kasauti.domain import settlement_events as stl
from kasauti.domain.order import Order, Side
from kasauti.domain.state import State
from kasauti.store.codec import encode
from kasauti.store.reading import tables
from kasauti.store.reading.legs import Leg, Legs
from kasauti.store.reading.tallies import Session, StrategyResult

Row = dict[str, Any]

#: What may change positions other than the one that it names.
_WIDE: Final = (
    ev.PositionSettled,
    stl.SharesAssigned,
    stl.SharesAuctioned,
    stl.PositionConverted,
    prod.ProductChanged,
    adj.PositionAdjusted,
)
_OF_A_POSITION: Final = (
    "product",
    "quantity",
    "cost",
    "average_price",
    "realised",
    "charges",
    "margin",
    "opened_at",
)
_SOURCES: Final = {"live": "LIVE"}
_JSON: Final = msgspec.json.Encoder().encode


class LogFold:
    """What the rows of one log are; `rows` gives those that changed since it was asked last."""

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.state = State()
        self._opened_at = 0
        self._source = "PAPER"
        self._legs = Legs()
        self._parts: dict[str, Legs] = {}
        self._session: Session | None = None
        self._results: dict[str, StrategyResult] = {}
        self._changed: dict[tuple[Table, object], Row] = {}
        self._orders: dict[str, Order] = {}
        #: When each position last moved, and which did since rows were asked for.
        self._updated: dict[str, int] = {}
        self._moved_keys: set[str] = set()
        self._denied = 0
        self._placed = 0

    def take(self, recorded: ev.Recorded) -> None:
        """Take one event in."""
        state, event, at = self.state, recorded.event, recorded.at
        state.apply(recorded)
        state.commands.clear()
        if isinstance(event, ev.AccountOpened):
            self._opened_at, self._source = at, _SOURCES.get(event.mode, "PAPER")
        elif isinstance(event, ev.SessionStarted):
            self._end_session(ended_at=0)
            mode = state.account.mode if state.account else ""
            self._session = Session.begin(recorded.seq, event, at, mode, worth(state))
        elif isinstance(event, ev.OrderDenied):
            self._denied += 1
            self._changed[tables.ORDERS, event.order_id] = _denied_row(event, at)
        elif isinstance(event, ev.OrderPlaced):
            self._placed += 1
        self._look_at_orders(event)
        self._look_at_positions(recorded)
        if self._session is not None:
            self._session.seen(at, worth(state))
        if isinstance(event, ev.SessionStopped):
            self._end_session(ended_at=at, why=event.reason)

    def rows(self) -> Iterator[tuple[Table, Row]]:
        """Yield the rows that changed, each with its table, and forget that they did."""
        for order in self._orders.values():
            self._changed[tables.ORDERS, order.order_id] = _order_row(order)
        for result in self._results.values():
            self._changed[tables.STRATEGY_RESULTS, result.strategy] = msgspec.structs.asdict(result)
        self._keep_session()
        self._keep_positions()
        if self.state.account is not None:
            self._changed[tables.BALANCES, ""] = self._balances()
        for (table, _), row in self._changed.items():
            yield table, {"stream": self.stream, **row}
        self.forget()

    def forget(self) -> None:
        """Forget which rows changed: they are written already."""
        self._changed.clear()
        self._orders.clear()
        self._moved_keys.clear()

    def _look_at_orders(self, event: ev.Event) -> None:
        order = self.state.orders.get(getattr(event, "order_id", ""))
        if order is not None:
            self._orders[order.order_id] = order

    def _look_at_positions(self, recorded: ev.Recorded) -> None:
        event, state, at = recorded.event, self.state, recorded.at
        if isinstance(event, ev.OrderFilled):
            order = state.orders[event.order_id]
            self._trade(recorded.seq, _fill_row(event, order, at), order.strategy)
            self._moved(order.position_key, at)
        elif isinstance(event, _WIDE):
            if not isinstance(event, stl.PositionConverted | prod.ProductChanged | adj.PositionAdjusted):
                self._trade(recorded.seq, _other_row(event, at), "")
            keys = {*state.positions, *(key for book in state.books.values() for key in book)}
            for key in sorted(keys):
                self._moved(key, at)

    def _trade(self, seq: int, row: Row, strategy: str) -> None:
        self._changed[tables.TRADES, seq] = {"seq": seq, **row}
        if self._session is not None:
            self._session.trades += 1
        if strategy:
            result = self._result_of(strategy)
            result.trades += 1
            result.last_traded_at = row["at"]

    def _moved(self, key: str, at: int) -> None:
        """Take over what became of a position, and of each strategy's part in it."""
        position = self.state.positions.get(key)
        if position is not None:
            for leg in self._legs.look(key, position, at):
                row = _leg_row(leg) | {"leg": leg.number, "source": self._source}
                self._changed[tables.BROKER_POSITIONS, leg.number] = row
                if leg.closed_at == at and self._session is not None:
                    self._session.closed_leg(leg.realised)
            self._updated[key] = at
            self._moved_keys.add(key)
        whole = self._legs.last.get(key)
        for strategy, book in self.state.books.items():
            own = book.get(key)
            if own is None:
                continue
            legs = self._parts.setdefault(strategy, Legs())
            for part in legs.look(key, own, at, whole.number if whole else 0):
                row = _leg_row(part) | {"strategy": strategy, "part": part.number, "leg": part.leg}
                self._changed[tables.STRATEGY_POSITIONS, (strategy, part.number)] = row
                if part.closed_at == at:
                    self._results.setdefault(strategy, StrategyResult(strategy=strategy)).closed_leg(
                        part.realised
                    )

    def _result_of(self, strategy: str) -> StrategyResult:
        return self._results.setdefault(strategy, StrategyResult(strategy=strategy))

    def _keep_positions(self) -> None:
        """Have the rows of what moved, and of what is held: its margin changes without it."""
        for key, position in self.state.positions.items():
            if position.quantity or key in self._moved_keys:
                exchange, symbol = _named(position.instrument)
                row = {name: getattr(position, name) for name in _OF_A_POSITION}
                row |= {"exchange": exchange, "symbol": symbol, "updated_at": self._updated[key]}
                self._changed[tables.POSITIONS, key] = row
        self._moved_keys.clear()

    def _end_session(self, ended_at: int, why: str = "") -> None:
        """Close the session that is open: said so, or found out by the start of the next."""
        if self._session is not None:
            self._session.end(ended_at, why)
            self._keep_session()
            self._session = None

    def _keep_session(self) -> None:
        if self._session is not None:
            row = msgspec.structs.asdict(self._session)
            self._changed[tables.SESSIONS, self._session.number] = row

    def _balances(self) -> Row:
        state, ledger, account = self.state, self.state.ledger, self.state.account
        assert account is not None, "an account opens first"
        return {
            "account": account.account,
            "mode": account.mode,
            "plan": account.plan,
            "currency": account.currency,
            "day": state.day,
            "halted": state.halted,
            "opened_at": self._opened_at,
            "updated_at": state.at,
            "capital": -ledger.capital,
            "cash": ledger.cash,
            "blocked": ledger.margin,
            "unsettled": ledger.unsettled,
            "funds": ledger.funds,
            "realised": -ledger.realised,
            "charges": ledger.charges,
            "interest": ledger.interest,
            "penalties": ledger.penalties,
            "dividends": -ledger.dividends,
            "orders": self._placed,
            "trades": state.trades,
            "denied": self._denied,
        }


def worth(state: State) -> int:
    """Return the account's worth with positions at cost: capital and results, less what was paid."""
    ledger = state.ledger
    earned = -(ledger.capital + ledger.realised + ledger.dividends)
    return earned - ledger.charges - ledger.interest - ledger.penalties


def _named(instrument: str) -> tuple[str, str]:
    exchange, _, symbol = instrument.partition(":")
    return exchange, symbol


def _order_row(order: Order) -> Row:
    exchange, symbol = _named(order.instrument)
    names = ("order_id", "side", "product", "order_type", "validity", "status", "strategy", "tag", "parent")
    more = (
        "reason",
        "command_id",
        "quantity",
        "filled",
        "price",
        "trigger_price",
        "average_price",
        "blocked",
    )
    row = {name: getattr(order, name) for name in (*names, *more, "modifications", "placed_at", "updated_at")}
    return row | {"exchange": exchange, "symbol": symbol, "charges": order.charges.total}


def _denied_row(event: ev.OrderDenied, at: int) -> Row:
    exchange, symbol = _named(event.instrument)
    names = (
        "order_id",
        "side",
        "product",
        "order_type",
        "strategy",
        "tag",
        "command_id",
        "quantity",
        "price",
    )
    row = {name: getattr(event, name) for name in (*names, "trigger_price")}
    told = {"status": "DENIED", "reason": event.message, "placed_at": at, "updated_at": at}
    unknown = {
        "validity": "",
        "parent": "",
        "filled": 0,
        "average_price": 0,
        "blocked": 0,
        "modifications": 0,
    }
    return row | told | unknown | {"exchange": exchange, "symbol": symbol, "charges": 0}


def _fill_row(event: ev.OrderFilled, order: Order, at: int) -> Row:
    exchange, symbol = _named(order.instrument)
    return {
        "trade_id": event.trade_id,
        "order_id": event.order_id,
        "kind": "order",
        "exchange": exchange,
        "symbol": symbol,
        "side": order.side,
        "product": order.product,
        "strategy": order.strategy,
        "tag": order.tag,
        "profile": event.evidence.profile,
        "evidence": _JSON(event.evidence).decode(),
        "at": at,
        "quantity": event.quantity,
        "price": event.price,
        "value": event.quantity * event.price,
        "charges": event.charges.total,
    }


def _other_row(event: Any, at: int) -> Row:  # noqa: ANN401  one of those that settle, assign or buy in
    """Return the row of what traded without an order; what is held is closed, what is assigned comes in."""
    exchange, symbol = _named(event.instrument)
    settles = isinstance(event, ev.PositionSettled)
    bought = (event.quantity < 0) == settles
    return {
        "trade_id": "",
        "order_id": "",
        "kind": event.TAG,
        "exchange": exchange,
        "symbol": symbol,
        "side": Side.BUY if bought else Side.SELL,
        "product": event.product if settles else "CNC",
        "strategy": "",
        "tag": "",
        "profile": "",
        "evidence": encode(event).decode(),
        "at": at,
        "quantity": abs(event.quantity),
        "price": event.price,
        "value": abs(event.quantity) * event.price,
        "charges": event.charges.total,
    }


def _leg_row(leg: Leg) -> Row:
    exchange, symbol = _named(leg.instrument)
    row = msgspec.structs.asdict(leg)
    for name in ("number", "leg", "instrument"):
        del row[name]
    return row | {"exchange": exchange, "symbol": symbol}

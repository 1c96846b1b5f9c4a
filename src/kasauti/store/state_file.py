"""
`state/trading_state_YYYYMMDD.json`: what the account holds, now or at the end of an IST date, for people.

Its form is published: `schema/trading_state_v2.json`, explained in `docs/state.md`. Money is in rupees, times
are IST. Strategies' notes stand in it as the strategies wrote them.
"""

from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from kasauti.domain.charges import Charges
from kasauti.domain.holding import Delivery, HoldingView, holdings
from kasauti.domain.ist import ist_iso
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.standing import Instruction
from kasauti.domain.standing_words import plan_text
from kasauti.domain.state import State
from kasauti.store.amounts import exact_rupees

#: What the file says of its own form.
SCHEMA: Final = "kasauti.trading_state/2"

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")


def state_path(folder: Path, day: date) -> Path:
    """Return where the state of an IST date is."""
    return folder / "state" / f"trading_state_{day:%Y%m%d}.json"


def trading_state(state: State, day: date) -> bytes:
    """Return the file of `day`, the IST date of the last event of `state`."""
    account, ledger = state.account, state.ledger
    assert account is not None, "an account opens before it has a state to show"
    content = {
        "schema": SCHEMA,
        "date": day.isoformat(),
        "as_of": ist_iso(state.at),
        "last_event": state.seq,
        "account": {"name": account.account, "mode": account.mode, "currency": account.currency},
        "session": _session(state),
        "trading_day": {"date": state.day, "open": state.day_open},
        "halted": state.halted,
        "funds": {
            "available": exact_rupees(ledger.cash),
            "blocked": exact_rupees(ledger.margin),
            "unsettled": exact_rupees(ledger.unsettled),
            "total": exact_rupees(ledger.funds),
            "brought_in": exact_rupees(-ledger.capital),
            "realised": exact_rupees(-ledger.realised),
            "marked": exact_rupees(-ledger.variation),
            "charges": exact_rupees(ledger.charges),
            "interest": exact_rupees(ledger.interest),
            "penalties": exact_rupees(ledger.penalties),
            "dividends": exact_rupees(-ledger.dividends),
        },
        "charges": {head: exact_rupees(getattr(ledger, head)) for head in Charges.__struct_fields__},
        "day": {
            "orders": state.day_orders,
            "trades": state.day_trades,
            "denied": state.day_denied,
            "realised": exact_rupees(state.day_realised),
            "charges": exact_rupees(state.day_charges),
            "net": exact_rupees(state.day_realised - state.day_charges),
        },
        "positions": [_position(state, key) for key, held in state.positions.items() if held.quantity],
        "holdings": [_holding(held) for held in holdings(state)],
        "deliveries": [_delivery(due) for due in state.deliveries.values()],
        "not_settled": dict(state.unsettled),
        "open_orders": [_order(order) for order in state.working_orders()],
        "standing": [_standing(one) for one in state.standing.values() if not one.is_over],
        "strategies": {
            name: {"stopped": state.failed.get(name, ""), "note": state.notes.get(name)}
            for name in sorted(state.notes.keys() | state.failed.keys())
        },
        "jobs_done": {name: ist_iso(at) for name, at in state.timers.items()},
    }
    return msgspec.json.format(_ENCODER.encode(content), indent=2) + b"\n"


def _session(state: State) -> dict[str, Any] | None:
    """Say which process has the account; None after a clean stop."""
    session = state.session
    if session is None:
        return None
    return {
        "version": session.version,
        "prices": session.feed,
        "after_crash": session.after_crash,
        "downtime_s": session.downtime_s,
    }


def _position(state: State, key: str) -> dict[str, Any]:
    position = state.positions[key]
    parts = {name: book[key] for name, book in state.books.items() if key in book and book[key].quantity}
    return {
        "symbol": position.instrument,
        "product": position.product,
        **_entry(position),
        "cost": exact_rupees(position.cost),
        "realised": exact_rupees(position.realised),
        "charges": exact_rupees(position.charges),
        "margin": exact_rupees(position.margin),
        "strategies": {
            name: {**_entry(own), "noted": _noted(state.notes.get(name), position.instrument)}
            for name, own in parts.items()
        },
    }


def _holding(held: HoldingView) -> dict[str, Any]:
    return {
        "symbol": held.instrument,
        "isin": held.isin,
        "quantity": held.quantity,
        "t1_quantity": held.t1,
        "used_quantity": held.used,
        "authorised_quantity": held.authorised,
        "average_price": exact_rupees(held.average_price),
    }


def _delivery(due: Delivery) -> dict[str, Any]:
    return {"symbol": due.instrument, "quantity": due.quantity, "traded": due.day, "settles": due.settles}


def _entry(position: Position) -> dict[str, Any]:
    return {
        "quantity": position.quantity,
        "entry_price": exact_rupees(position.average_price),
        "entry_time": ist_iso(position.opened_at),
    }


def _noted(note: msgspec.Raw | None, instrument: str) -> dict[str, Any] | None:
    """Return what a strategy noted of an instrument: stops, peaks, whatever it keeps beside its name."""
    return None if note is None else _about(msgspec.json.decode(note), instrument)


def _about(value: Any, instrument: str) -> dict[str, Any] | None:  # noqa: ANN401  any JSON
    """Return the first object inside `value` whose `instrument` is the one asked for."""
    if isinstance(value, dict):
        if value.get("instrument") == instrument:
            return value
        value = list(value.values())
    if not isinstance(value, list):
        return None
    return next((found for each in value if (found := _about(each, instrument)) is not None), None)


def _standing(one: Instruction) -> dict[str, Any]:
    return {
        "standing_id": one.standing_id,
        "variety": one.variety,
        "symbol": one.instrument,
        "product": one.product.value,
        "what": plan_text(one.plan),
        "placed_at": ist_iso(one.placed_at),
        "guarded": one.guarded,
        "stop": exact_rupees(one.stop),
        "target": exact_rupees(one.target),
        "blocked": exact_rupees(one.blocked),
        "orders": list(one.sent),
        "strategy": one.strategy,
        "tag": one.tag,
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "order_id": order.order_id,
        "placed_at": ist_iso(order.placed_at),
        "status": order.status.value,
        "symbol": order.instrument,
        "side": order.side.value,
        "product": order.product.value,
        "order_type": order.order_type.value,
        "validity": order.validity.value,
        "quantity": order.quantity,
        "filled": order.filled,
        "price": exact_rupees(order.price),
        "trigger_price": exact_rupees(order.trigger_price),
        "average_price": exact_rupees(order.average_price),
        "blocked": exact_rupees(order.blocked),
        "queue_ahead": order.queue_ahead,
        "strategy": order.strategy,
        "tag": order.tag,
    }

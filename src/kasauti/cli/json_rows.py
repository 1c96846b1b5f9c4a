"""The forms of positions, orders, trades, funds and status for machines; `json_view` writes them."""

from collections.abc import Iterable

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.analytics.margin_words import margin_label
from kasauti.analytics.trades import Trade
from kasauti.cli.tables import Mark, unmarked, unrealised_of, was_traded_today
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence
from kasauti.domain.order import Order
from kasauti.domain.position import Position
from kasauti.domain.state import State


class PositionRow(msgspec.Struct, frozen=True):
    """
    What is held of one instrument in one product.

    `quantity` is signed units, `last` the last price if one is known, `realised`, `charges` and `net` those
    of the day; `net` includes `unrealised`.
    """

    instrument: str
    product: str
    quantity: int
    average_price: Money
    last: Money | None
    unrealised: Money | None
    realised: Money
    charges: Money
    net: Money | None
    margin: Money
    opened_at: Moment


class OrderRow(msgspec.Struct, frozen=True):
    """One order of the day; quantities are units, `charges` by head with their total."""

    order_id: str
    instrument: str
    side: str
    product: str
    order_type: str
    validity: str
    quantity: int
    filled: int
    price: Money
    trigger_price: Money
    average_price: Money
    status: str
    reason: str
    strategy: str
    tag: str
    charges: Charges
    blocked: Money
    queue_ahead: int
    placed_at: Moment
    updated_at: Moment


class EvidenceRow(msgspec.Struct, frozen=True):
    """The market data that paid for a trade; see `domain.evidence`."""

    source: str
    rule: str
    profile: str
    at: Moment
    price: Money
    shown: int
    taken: int
    level: int
    queue: int
    slip: Money
    order_price: Money


class TradeRow(msgspec.Struct, frozen=True):
    """One trade; `value` is price times quantity, `charges` what it added to its order's, by head."""

    trade_id: str
    order_id: str
    day: str
    at: Moment
    instrument: str
    side: str
    product: str
    quantity: int
    price: Money
    value: Money
    charges: Charges
    strategy: str
    tag: str
    evidence: EvidenceRow


class FundsRow(msgspec.Struct, frozen=True):
    """
    The account's money.

    `funds` is `free` and what is blocked; `peak_margin` the most that positions needed at a snapshot of the
    day, `shortfall` what lacked at the last one, `margin_label` how good margins of futures and options are;
    `securities` what was paid for in full, at cost; `realised` and `charges` are those of the
    account's whole life, `unrealised` is at the last prices, if they are known.
    """

    capital: Money
    funds: Money
    free: Money
    blocked_for_orders: Money
    blocked_for_positions: Money
    peak_margin: Money
    shortfall: Money
    margin_label: str
    securities: Money
    realised: Money
    unrealised: Money | None
    charges: Charges


class StatusRow(msgspec.Struct, frozen=True):
    """
    Where the account stands.

    `in_session` is whether a process has it, or the last one ended without saying so; `in_use_by` says which
    has it, empty if none does. `prices` names where
    the day's come from, `failed` says what strategies may no longer do today, `last_event` is the number of
    the log's last event.
    """

    account: str
    mode: str
    plan: str
    day: str
    day_open: bool
    in_session: bool
    in_use_by: str
    prices: str
    halted: str
    failed: dict[str, str]
    last_event: int
    last_at: Moment
    positions: int
    open_orders: int
    day_orders: int
    day_trades: int
    day_denied: int
    day_realised: Money
    day_charges: Money
    free: Money


def position_rows(state: State, mark: Mark = unmarked) -> list[PositionRow]:
    """Return what is held and what was traded today."""
    return [
        _position_row(each, mark(each.instrument))
        for each in state.positions.values()
        if each.quantity or was_traded_today(each)
    ]


def _position_row(position: Position, mark: int) -> PositionRow:
    known = bool(mark) or not position.quantity
    unrealised = unrealised_of(position, mark)
    return PositionRow(
        position.instrument,
        position.product,
        position.quantity,
        position.average_price,
        mark or None,
        unrealised if known else None,
        position.day_realised,
        position.day_charges,
        position.day_realised + unrealised - position.day_charges if known else None,
        position.margin,
        position.opened_at if position.quantity else 0,
    )


def order_rows(orders: Iterable[Order]) -> list[OrderRow]:
    """Return orders in the order they are given."""
    return [
        OrderRow(
            each.order_id,
            each.instrument,
            each.side.value,
            each.product.value,
            each.order_type.value,
            each.validity.value,
            each.quantity,
            each.filled,
            each.price,
            each.trigger_price,
            each.average_price,
            each.status.value,
            each.reason,
            each.strategy,
            each.tag,
            each.charges,
            each.blocked,
            each.queue_ahead,
            each.placed_at,
            each.updated_at,
        )
        for each in orders
    ]


def trade_rows(trades: Iterable[Trade]) -> list[TradeRow]:
    """Return trades in the order they are given."""
    return [
        TradeRow(
            each.fill.trade_id,
            each.fill.order_id,
            each.day,
            each.at,
            each.order.instrument,
            each.order.side.value,
            each.order.product.value,
            each.fill.quantity,
            each.fill.price,
            each.fill.price * each.fill.quantity,
            each.fill.charges,
            each.order.strategy,
            each.order.tag,
            _evidence_row(each.fill.evidence),
        )
        for each in trades
    ]


def _evidence_row(evidence: Evidence) -> EvidenceRow:
    return EvidenceRow(
        evidence.source.value,
        evidence.rule.value,
        evidence.profile,
        evidence.at,
        evidence.price,
        evidence.shown,
        evidence.taken,
        evidence.level,
        evidence.queue,
        evidence.slip,
        evidence.order_price,
    )


def funds_row(state: State, mark: Mark = unmarked) -> FundsRow:
    """Return where the account's money is."""
    ledger = state.ledger
    for_orders = state.blocked_for_orders
    known = all(mark(position.instrument) for position in state.held)
    return FundsRow(
        -ledger.capital,
        ledger.funds,
        ledger.cash,
        for_orders,
        ledger.margin - for_orders,
        state.peak_margin,
        state.shortfall,
        margin_label(state),
        ledger.securities + ledger.clearing,
        -ledger.realised,
        sum(unrealised_of(each, mark(each.instrument)) for each in state.held) if known else None,
        ledger.by_head,
    )


def status_row(state: State, in_use_by: str = "") -> StatusRow:
    """Return where the account stands; it has been opened. `in_use_by` is who has it now."""
    account = state.account
    assert account is not None, "an account is opened before anybody looks at it"
    return StatusRow(
        account.account,
        account.mode,
        account.plan,
        state.day,
        state.day_open,
        state.session is not None,
        in_use_by,
        state.feed,
        state.halted,
        dict(state.failed),
        state.seq,
        state.at,
        len(state.held),
        len(state.working),
        state.day_orders,
        state.day_trades,
        state.day_denied,
        state.day_realised,
        state.day_charges,
        state.ledger.cash,
    )

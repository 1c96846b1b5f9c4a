"""Deciding whether units of a position may be in another product, and what that costs in margin."""

from typing import Final

from kasauti.domain.board import Board
from kasauti.domain.commands import ConvertPosition
from kasauti.domain.money import format_rupees
from kasauti.domain.order import OrderType, Product, Side, Validity, position_key
from kasauti.domain.position import Position
from kasauti.domain.product_events import ProductChanged, ProductChangeDenied
from kasauti.domain.risk_mark import RiskMark
from kasauti.domain.state import State
from kasauti.engine.margin_book import MarginBook
from kasauti.engine.refusals import closed, refused
from kasauti.engine.terms import Terms, TermSheet
from kasauti.risk.gate import Refusal

_MIS, _NRML, _CNC = Product.MIS, Product.NRML, Product.CNC
#: What may become what. Delivery on borrowed money needs an agreement of its own.
_PAIRS: Final = frozenset({(_MIS, _NRML), (_NRML, _MIS), (_MIS, _CNC), (_CNC, _MIS)})


class ProductChange:
    """
    Decides for one account on one day.

    What is paid for in full in its new product takes its cost from the cash, and gives it back later.
    Margins are those that both positions need by the prices of now; other positions on the same underlying
    are margined anew, as after a trade. What the orders paid stays paid; the
    day's note bills brokerage and taxes by what the trades were.
    """

    def __init__(self, state: State, board: Board, sheet: TermSheet, book: MarginBook) -> None:
        self._state = state
        self._board = board
        self._sheet = sheet
        self._book = book

    def decide(
        self, command: ConvertPosition, at: int, strategy: str = ""
    ) -> ProductChanged | ProductChangeDenied:
        """Return what becomes of a wish."""
        source = self._sheet.of(command.instrument, command.product)
        target = self._sheet.of(command.instrument, command.to)
        if source is None or target is None:
            message = f"{command.instrument} is not among this session's instruments; check symbol and expiry"
            return _denied(command, Refusal("instrument.unknown", message), strategy)
        refusal = self._not_this(command, source, target, at) or self._not_held(command, source, strategy)
        if refusal is not None:
            return _denied(command, refusal, strategy)
        event, needs = self._changed(command, source, target, at, strategy)
        cash = self._state.ledger.cash
        if needs > max(0, cash):
            short = refused(source, "funds.short", format_rupees(cash), format_rupees(needs))
            return _denied(command, short, strategy)
        return event

    def _not_this(self, command: ConvertPosition, source: Terms, target: Terms, at: int) -> Refusal | None:
        """Check what does not depend on what is held."""
        names = f"{command.product} to {command.to}"
        if (command.product, command.to) not in _PAIRS or source.margin is None or target.margin is None:
            symbol = source.instrument.tradingsymbol
            message = f"A position in {symbol} cannot be converted from {names}."
            barred = target.refusal(OrderType.MARKET, Validity.DAY)
            reason = "" if barred is None else f" {barred.message}"
            return Refusal("convert.product", message + reason, "", names)
        if command.product is _CNC and not command.today:
            message = (
                "Only shares that were bought today can be converted from CNC; those of before are held."
            )
            return Refusal("convert.holdings", message, "day", "overnight")
        if not target.is_open(at) or (command.to is _MIS and at >= target.cutoff):
            return closed(target, at)
        if command.quantity <= 0 or command.quantity % source.lot:
            message = f"Quantity should be in multiples of {source.lot}. Here it is {command.quantity}."
            return Refusal("quantity.lot", message, str(source.lot), str(command.quantity))
        return None

    def _not_held(self, command: ConvertPosition, source: Terms, strategy: str) -> Refusal | None:
        """Check that so much is held, by who asks, and that nothing else counts on it."""
        state, sign = self._state, command.side.sign
        position, others = (
            state.positions.get(source.key),
            state.positions.get(position_key(command.instrument, command.to)),
        )
        have = 0 if position is None else self._available(position, command, strategy)
        if position is None or command.quantity > have:
            kind = "today" if command.today else "before today"
            message = (
                f"{have} units that were traded {kind} can be converted; {command.quantity} were asked for."
            )
            return Refusal("convert.quantity", message, str(have), str(command.quantity))
        closing = position.pending_sell if sign > 0 else position.pending_buy
        free = abs(position.quantity) - closing
        if command.quantity > free:
            message = (
                f"Orders that work would close {closing} units of this position: {max(0, free)} can be"
                " converted before they are cancelled."
            )
            return Refusal("convert.pending", message, str(max(0, free)), str(command.quantity))
        if others is not None and others.quantity * sign < 0:
            message = (
                f"There is an opposite position in {command.to}. Close one of the two: conversion does"
                " not offset them."
            )
            return Refusal("convert.opposite", message)
        if command.to is _CNC and command.side is Side.SELL:
            message = "A short position cannot be delivered; buy it back."
            return Refusal("convert.short", message)
        return None

    def _available(self, position: Position, command: ConvertPosition, strategy: str) -> int:
        """Return the units of a side, of today or of before, that are the asker's."""
        sign, state = command.side.sign, self._state
        held = position.quantity * sign
        if held <= 0:
            return 0
        bought, sold = position.day_buy_quantity, position.day_sell_quantity
        closed_today = sold if sign > 0 else bought
        began = (position.quantity - bought + sold) * sign
        carried = min(held, max(0, began - closed_today))
        mine = position.quantity - sum(
            book[source].quantity
            for name, book in state.books.items()
            if name != strategy and (source := position_key(command.instrument, command.product)) in book
        )
        if strategy:
            own = state.books.get(strategy, {}).get(position_key(command.instrument, command.product))
            mine = 0 if own is None else own.quantity
        return max(0, min(held - carried if command.today else carried, mine * sign))

    def _changed(
        self, command: ConvertPosition, source: Terms, target: Terms, at: int, strategy: str
    ) -> tuple[ProductChanged, int]:
        """Return the change, and the cash that it takes."""
        state, signed = self._state, command.side.sign * command.quantity
        old, new = state.positions[source.key], state.positions.get(target.key)
        left, there = old.quantity - signed, signed + (0 if new is None else new.quantity)
        price = self._board.mark(command.instrument) or old.average_price
        margins: dict[str, int] = {}
        marks: list[RiskMark] = []
        amounts = []
        for terms, units in ((source, left), (target, there)):
            margin, others, marked = self._margin(terms, units, price, at)
            amounts.append(margin)
            margins |= others
            marks += marked
        more = sum(amounts) - old.margin - (0 if new is None else new.margin)
        more += sum(margin - state.positions[key].margin for key, margin in margins.items())
        size = abs(old.quantity)
        cost = abs(old.cost) * command.quantity // size * command.side.sign
        paid = cost * (target.paid_up - source.paid_up)
        event = ProductChanged(
            command.instrument, command.product, command.to, signed, command.today, target.paid_up,
            amounts[0], amounts[1], strategy, margins, tuple(marks),
        )  # fmt: skip
        return event, more + paid

    def _margin(
        self, terms: Terms, units: int, price: int, at: int
    ) -> tuple[int, dict[str, int], tuple[RiskMark, ...]]:
        if terms.spans:
            return self._book.fill(terms, units, price, at)
        assert terms.margin is not None, "a product that does not fit was refused"
        return (terms.margin.position(units, price) if units else 0), {}, ()


def _denied(command: ConvertPosition, refusal: Refusal, strategy: str) -> ProductChangeDenied:
    return ProductChangeDenied(
        command.instrument, command.product, command.to, command.side, command.quantity, refusal.rule,
        refusal.message, refusal.limit, refusal.actual, strategy,
    )  # fmt: skip

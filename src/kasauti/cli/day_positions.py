"""The positions of the day: what today's trades alone came to, as brokers show it beside the net ones."""

import msgspec

from kasauti.analytics.amounts import Money
from kasauti.cli.sheet import Column, Sheet
from kasauti.cli.tables import was_traded_today
from kasauti.cli.typography import amount, mean_price, quantity, result, symbol
from kasauti.domain.position import Position
from kasauti.domain.state import State


class DayRow(msgspec.Struct, frozen=True):
    """
    The trades of one day in one instrument and product.

    `quantity` is units bought less units sold; the prices are averages. `realised` counts also what closed
    units from before today.
    """

    instrument: str
    product: str
    quantity: int
    buy_quantity: int
    buy_price: Money
    buy_value: Money
    sell_quantity: int
    sell_price: Money
    sell_value: Money
    realised: Money
    charges: Money


def day_rows(state: State) -> list[DayRow]:
    """Return what was traded today, in the order in which it was first asked for."""
    return [_row(each) for each in state.positions.values() if was_traded_today(each)]


def _row(position: Position) -> DayRow:
    bought, sold = position.day_buy_quantity, position.day_sell_quantity
    return DayRow(
        position.instrument,
        position.product,
        bought - sold,
        bought,
        _mean(position.day_buy_value, bought),
        position.day_buy_value,
        sold,
        _mean(position.day_sell_value, sold),
        position.day_sell_value,
        position.day_realised,
        position.day_charges,
    )


def _mean(value: int, units: int) -> int:
    return (2 * value + units) // (2 * units) if units else 0


def day_table(state: State) -> Sheet:
    """Return the same for people."""
    return Sheet(
        [
            Column("Instrument"),
            Column("Product", drop=2),
            Column("Qty", right=True),
            Column("Bought", right=True, drop=1),
            Column("at", right=True, drop=4),
            Column("Sold", right=True, drop=1),
            Column("at", right=True, drop=4),
            Column("Realised", right=True),
            Column("Charges", right=True, drop=3),
        ],
        [
            [
                symbol(each.instrument),
                each.product,
                quantity(each.quantity),
                quantity(each.buy_quantity),
                mean_price(each.buy_price),
                quantity(each.sell_quantity),
                mean_price(each.sell_price),
                result(each.realised),
                amount(each.charges),
            ]
            for each in day_rows(state)
        ],
        empty="Nothing was traded today.",
    )

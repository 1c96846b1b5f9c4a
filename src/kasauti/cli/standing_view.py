"""Standing instructions as a table, and as rows for machines."""

from collections.abc import Iterable

import msgspec

from kasauti.analytics.amounts import Moment, Money
from kasauti.cli.sheet import Cell, Column, Sheet
from kasauti.cli.tables import Mark, unmarked
from kasauti.cli.typography import DASH, price, quantity, symbol
from kasauti.domain.commands import PlaceAlert, PlaceBracket, PlaceCover, PlaceGtt
from kasauti.domain.ist import ist_clock, ist_date
from kasauti.domain.standing import Instruction
from kasauti.domain.standing_words import plan_text


class LegRow(msgspec.Struct, frozen=True):
    """One leg of a GTT: what is sent when the last price comes to `trigger_price`."""

    side: str
    quantity: int
    price: Money
    trigger_price: Money


class StandingRow(msgspec.Struct, frozen=True):
    """
    One standing instruction.

    `stop`, `target` and `guarded` are what exits stand at and for, `orders` what it led to, by leg,
    `late` why it acted late, `reference` the last price when it was placed or changed.
    """

    standing_id: str
    variety: str
    status: str
    instrument: str
    product: str
    what: str
    legs: list[LegRow]
    reference: Money
    guarded: int
    stop: Money
    target: Money
    triggered_leg: str
    trigger: Money
    late: str
    orders: dict[str, str]
    blocked: Money
    strategy: str
    tag: str
    reason: str
    placed_at: Moment
    updated_at: Moment
    triggered_at: Moment
    expires_at: Moment


def standing_rows(instructions: Iterable[Instruction]) -> list[StandingRow]:
    """Return instructions in the order they are given."""
    return [
        StandingRow(
            one.standing_id,
            one.variety,
            one.status.value,
            one.instrument,
            one.product.value,
            plan_text(one.plan),
            [
                LegRow(leg.side.value, leg.quantity, leg.price, leg.trigger_price)
                for leg in (one.plan.legs if isinstance(one.plan, PlaceGtt) else ())
            ],
            one.reference,
            one.guarded,
            one.stop,
            one.target,
            one.leg,
            one.trigger,
            one.late,
            dict(one.sent),
            one.blocked,
            one.strategy,
            one.tag,
            one.reason,
            one.placed_at,
            one.updated_at,
            one.triggered_at,
            one.expires_at,
        )
        for one in instructions
    ]


def standing_table(instructions: Iterable[Instruction], mark: Mark = unmarked) -> Sheet:
    """Return instructions with what they wait for; `mark` knows last prices."""
    return Sheet(
        [
            Column("Id"),
            Column("Instrument"),
            Column("Status"),
            Column("Qty", right=True, drop=3),
            Column("Stop", right=True),
            Column("Target", right=True),
            Column("LTP", right=True, drop=2),
            Column("Orders", right=True, drop=4),
            Column("Since", drop=5),
            Column("What", drop=1, least=20),
        ],
        [_row(one, mark(one.instrument)) for one in instructions],
        title="Standing",
        empty="No standing instructions.",
    )


def _row(one: Instruction, last: int) -> list[Cell]:
    low, high = _waits_for(one)
    return [
        one.standing_id,
        symbol(one.instrument),
        one.status.value,
        quantity(one.guarded) if one.guarded else DASH,
        price(low),
        price(high),
        price(last),
        str(len(one.sent)),
        f"{ist_date(one.placed_at)} {ist_clock(one.placed_at)[:5]}",
        one.reason or plan_text(one.plan, symbol),
    ]


def _waits_for(one: Instruction) -> tuple[int, int]:
    """Return the prices it waits for, below and above where there are two, 0 for none."""
    plan = one.plan
    if isinstance(plan, PlaceGtt):
        below = [leg.trigger_price for leg in plan.legs if leg.trigger_price <= one.reference]
        above = [leg.trigger_price for leg in plan.legs if leg.trigger_price > one.reference]
        return (below or [0])[0], (above or [0])[0]
    if isinstance(plan, PlaceAlert):
        return (0, plan.value) if plan.value > one.reference else (plan.value, 0)
    if isinstance(plan, PlaceCover):
        return plan.trigger_price, 0
    if isinstance(plan, PlaceBracket) and not one.guarded and not plan.relative:
        return plan.stoploss, plan.target
    return one.stop, one.target

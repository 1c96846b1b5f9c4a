"""One position, trade by trade: since when it is open, and what a part of it takes out."""

import pickle
from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import fields
from typing import Any

import pytest

from kasauti.domain.order import Order, OrderType, Product, Side, Status, Validity
from kasauti.domain.position import Position


def flat() -> Position:
    return Position("NSE:ACME", "MIS", paid_up=False)


def test_a_new_position_has_nothing_behind_it() -> None:
    new = flat()

    assert (new.quantity, new.cost, new.realised, new.charges, new.margin) == (0, 0, 0, 0, 0)
    assert (new.pending_buy, new.pending_sell, new.opened_at) == (0, 0, 0)
    assert (new.day_buy_quantity, new.day_buy_value) == (new.day_sell_quantity, new.day_sell_value) == (0, 0)
    assert (new.day_realised, new.day_charges, new.day_exercised, new.marked) == (0, 0, 0, 0)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("signed", "since"),
    [
        ([1], 1),
        ([10, 5], 1),  # more of the same
        ([1, 1], 1),
        ([10, -1], 1),  # less of it
        ([10, -9], 1),
        ([10, -11], 2),  # the other side, by one unit
        ([10, -20], 2),
        ([10, -10, 5], 3),  # flat, then again
        ([10, -10, -5], 3),
        ([10, -15, -5, 2], 2),
    ],
)
def test_a_position_is_open_since_it_last_left_flat_or_turned(
    side: int, signed: list[int], since: int
) -> None:
    position = flat()
    for at, quantity in enumerate(signed, 1):
        position.trade(side * quantity, 100, 0, at)

    assert position.opened_at == since


@pytest.mark.parametrize(
    ("quantity", "cost", "signed", "change", "realised"),
    [
        (3, 10, -2, -6, 4),  # two thirds of 10 are 6.67, sold for 10
        (-3, -10, 2, 6, -4),  # towards zero on the short side too
        (4, 10, -3, -7, 8),
        (-4, -10, 3, 7, -8),
        (-3, -1, 2, 0, -10),  # the least cost there is: two thirds of it are nothing
    ],
)
def test_a_part_takes_its_share_of_the_cost_rounded_towards_zero(
    quantity: int, cost: int, signed: int, change: int, realised: int
) -> None:
    position = flat()
    position.quantity, position.cost = quantity, cost

    assert position.trade(signed, 5) == (change, realised)
    assert (position.quantity, position.cost) == (quantity + signed, cost + change)


@pytest.mark.parametrize("side", [1, -1])
def test_one_more_of_what_is_held_adds_its_value_to_the_cost(side: int) -> None:
    position = flat()
    assert position.trade(side, 100) == (side * 100, 0)
    assert position.trade(side, 110) == (side * 110, 0)

    assert (position.quantity, position.cost) == (side * 2, side * 210)


def test_a_trade_that_cost_nothing_at_no_known_moment_leaves_none_behind() -> None:
    position = flat()
    position.trade(1, 100)

    assert (position.charges, position.day_charges, position.opened_at) == (0, 0, 0)


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("held", "signed", "marked", "out"),
    [
        (0, 5, 0, 0),  # a first trade
        (3, 2, 10, 0),  # more of the same closes nothing
        (3, -2, 10, 6),  # two thirds of 10 are 6.67
        (3, -2, -10, -6),  # towards zero as well where the mark was against it
        (3, -2, 0, 0),
        (2, -1, 1, 0),
        (2, -1, 10, 5),
        (2, -1, -1, 0),
        (3, -3, 10, 10),  # the last unit takes all of it
        (3, -3, -10, -10),
        (3, -5, 10, 10),  # and so does a turn
        (1, -2, 7, 7),
    ],
)
def test_what_is_closed_takes_its_part_of_what_was_marked(
    side: int, held: int, signed: int, marked: int, out: int
) -> None:
    position = flat()
    position.trade(side * held, 100)
    position.marked = marked
    position.trade(side * signed, 100)

    assert position.unmark(side * signed) == out
    assert position.marked == marked - out


@pytest.mark.parametrize(
    ("quantity", "cost", "marked", "price", "moves"),
    [(3, 300, 0, 150, 150), (3, 300, 150, 150, 0), (3, 300, 150, 140, -30), (-3, -300, -150, 140, 30)],
)
def test_settling_at_a_price_moves_what_has_not_been_moved_before(
    quantity: int, cost: int, marked: int, price: int, moves: int
) -> None:
    position = flat()
    position.quantity, position.cost, position.marked = quantity, cost, marked

    assert position.to_mark(price) == moves


@pytest.mark.parametrize("copied", [copy, deepcopy, lambda one: pickle.loads(pickle.dumps(one))])  # noqa: S301  its own
def test_what_a_restart_copies_is_copied_whole(copied: Callable[[Any], Any]) -> None:
    """A start folds on beside the engine, from copies; compiled classes make no empty objects to fill."""
    position = flat()
    for number, field in enumerate(fields(position)[3:]):
        setattr(position, field.name, number + 1)
    order = Order(
        "A1", "NSE:ACME", Side.BUY, Product.MIS, OrderType.SL, Validity.DAY, 5, 7, 6, 1, "c", "s", "t"
    )
    order.status, order.filled, order.disclosed, order.reason = Status.OPEN, 3, 2, "asked"

    for one in (position, order):
        other = copied(one)
        assert other == one
        assert other is not one
        assert type(other) is type(one)

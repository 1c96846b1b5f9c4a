"""Positions and the ledger as folds: nothing is lost, whatever is traded in whatever order."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kasauti.domain.charges import Charges, Service, ServiceKind
from kasauti.domain.ledger import Ledger
from kasauti.domain.position import Position

trades = st.lists(
    st.tuples(st.integers(-500, 500).filter(bool), st.integers(1, 10**9)), min_size=1, max_size=40
)


def flat(paid_up: bool = True) -> Position:  # noqa: FBT001, FBT002
    return Position("NSE:ACME", "MIS", paid_up)


@given(trades)
def test_a_position_is_the_sum_of_its_trades(signed: list[tuple[int, int]]) -> None:
    position = flat()
    changes = [position.trade(quantity, price) for quantity, price in signed]

    assert position.quantity == sum(quantity for quantity, _ in signed)
    assert position.cost == sum(change for change, _ in changes)
    assert position.realised == sum(realised for _, realised in changes)
    # What was paid in all is what is still in the position, less what was realised.
    assert sum(quantity * price for quantity, price in signed) == position.cost - position.realised


@given(trades)
def test_a_flat_position_has_no_cost_and_has_realised_all(signed: list[tuple[int, int]]) -> None:
    position = flat()
    for quantity, price in signed:
        position.trade(quantity, price)
    if position.quantity:
        position.trade(-position.quantity, 1000)

    assert (position.quantity, position.cost, position.average_price) == (0, 0, 0)


@given(trades)
def test_the_cost_has_the_sign_of_the_quantity(signed: list[tuple[int, int]]) -> None:
    position = flat()
    for quantity, price in signed:
        position.trade(quantity, price)
        assert position.cost * position.quantity >= 0
        assert (position.cost == 0) >= (position.quantity == 0)


@given(st.integers(1, 500), st.integers(1, 10**9), st.integers(1, 10**9), st.data())
def test_closing_in_parts_realises_what_closing_at_once_does(
    size: int, price: int, exit_price: int, data: st.DataObject
) -> None:
    side = data.draw(st.sampled_from([1, -1]))
    whole, parts = flat(), flat()
    for position in (whole, parts):
        position.trade(side * size, price)
    whole.trade(-side * size, exit_price)
    left = size
    while left:
        part = data.draw(st.integers(1, left))
        parts.trade(-side * part, exit_price)
        left -= part

    assert whole.realised == parts.realised == side * size * (exit_price - price)


@pytest.mark.parametrize(
    ("signed", "price", "expected"),
    [
        (50, 90, (0, 0, 500, 0)),  # (quantity, cost, realised, average): 50 short at 100, bought back at 90
        (80, 90, (30, 2700, 500, 90)),
        (20, 90, (-30, -3000, 200, 100)),
        (-10, 110, (-60, -6100, 0, 102)),
    ],
)
def test_a_short_position(signed: int, price: int, expected: tuple[int, int, int, int]) -> None:
    position = flat()
    position.trade(-50, 100)
    position.trade(signed, price)

    assert (position.quantity, position.cost, position.realised, position.average_price) == expected


def test_what_closing_would_realise() -> None:
    position = flat()
    position.trade(-50, 100)

    assert position.unrealised(90) == 500
    assert position.unrealised(110) == -500


@pytest.mark.parametrize(
    ("held", "pending_buy", "pending_sell", "quantity", "buys", "besides", "opens"),
    [
        (0, 0, 0, 10, True, 0, 10),
        (10, 0, 0, 10, False, 0, 0),
        (10, 0, 0, 15, False, 0, 5),
        (10, 0, 4, 10, False, 0, 4),  # six are left to close
        (10, 0, 10, 10, False, 0, 10),
        (10, 0, 20, 10, False, 0, 10),
        (10, 0, 10, 10, False, 10, 0),  # its own ten do not count against it
        (10, 0, 0, 10, True, 0, 10),
        (-10, 0, 0, 10, True, 0, 0),
        (-10, 3, 0, 10, True, 0, 3),
        (-10, 0, 7, 10, True, 0, 0),  # what is sold on top is not held yet
        (10, 0, 6, 20, False, 6, 10),  # ten are held; six of the twenty were to close some of them before
        (1, 0, 0, 10, False, 0, 9),
        (1, 0, 0, 1, False, 0, 0),
        (-1, 0, 0, 10, True, 0, 9),
    ],
)
def test_how_much_of_an_order_adds_exposure(
    held: int,
    pending_buy: int,
    pending_sell: int,
    quantity: int,
    buys: bool,  # noqa: FBT001
    besides: int,
    opens: int,
) -> None:
    position = flat()
    position.quantity, position.pending_buy, position.pending_sell = held, pending_buy, pending_sell

    assert position.opens(quantity, buys=buys, besides=besides) == opens
    if not besides:
        assert position.opens(quantity, buys=buys) == opens


def test_a_position_is_idle_when_nothing_is_held_nor_asked_for() -> None:
    position = flat()
    assert position.is_idle
    position.pending_sell = 1
    assert not position.is_idle


moves = st.one_of(
    st.tuples(st.just("bring"), st.integers(-(10**12), 10**12)),
    st.tuples(st.just("block"), st.integers(-(10**12), 10**12)),
    st.tuples(st.just("charges"), st.integers(0, 10**9)),
    st.tuples(st.just("paid up"), st.integers(-(10**12), 10**12)),
    st.tuples(st.just("margined"), st.integers(-(10**12), 10**12)),
)


@given(st.lists(moves, max_size=40))
def test_debits_equal_credits_after_every_move(made: list[tuple[str, int]]) -> None:
    ledger = Ledger()
    brought = paid = earned = cost = blocked = 0
    for what, amount in made:
        match what:
            case "bring":
                ledger.bring_capital(amount)
                brought += amount
            case "block":
                ledger.block(amount)
                blocked += amount
            case "charges":
                charges = Charges(amount, 1, 2, 3, 4, 5, 6)
                assert ledger.pay_charges(charges) == charges.total
                paid += charges.total
            case "paid up":
                ledger.book_trade(amount, 7, paid_up=True, blocks=11)
                cost, earned, blocked = cost + amount, earned + 7, blocked + 11
            case _:
                ledger.book_trade(amount, 7, paid_up=False, blocks=-5)
                earned, blocked = earned + 7, blocked - 5
        assert ledger.trial_balance == 0
        assert ledger.margin == blocked
    assert ledger.funds == brought - paid + earned - cost
    assert ledger.charges == paid
    assert ledger.realised == -earned
    assert ledger.securities + ledger.clearing == cost


@pytest.mark.parametrize("head", Charges.__struct_fields__)
def test_each_head_of_charges_is_paid_from_cash_into_an_account_of_its_own(head: str) -> None:
    ledger = Ledger(cash=100, capital=-100)

    assert ledger.pay_charges(Charges(**{head: 30})) == 30
    assert (ledger.cash, getattr(ledger, head), ledger.charges, ledger.trial_balance) == (70, 30, 30, 0)


@pytest.mark.parametrize("head", Charges.__struct_fields__)
def test_charges_are_added_and_taken_away_head_by_head(head: str) -> None:
    less, more = Charges(**{head: 10}), Charges(**{head: 30})

    assert less.plus(more) == Charges(**{head: 40})
    assert more.minus(less) == Charges(**{head: 20})


def test_a_service_is_its_price_and_the_tax_on_it() -> None:
    assert Service(ServiceKind.DP, "INE009A01021", amount=100, gst=18).total == 118


@pytest.mark.parametrize("paid_up", [True, False])
def test_a_trade_that_needs_no_margin_leaves_it_alone(paid_up: bool) -> None:  # noqa: FBT001
    ledger = Ledger(cash=1_000, capital=-1_000)
    ledger.book_trade(100, 7, paid_up)

    assert (ledger.cash, ledger.margin) == ((907, 0) if paid_up else (1_007, 0))


def test_a_share_of_a_cost_is_rounded_and_the_rest_leaves_with_the_last_unit() -> None:
    """Three at 10 paise in all: 3, then 3, then 4 of them."""
    position = flat()
    position.quantity, position.cost = 3, 10
    out = [-position.trade(-1, 0)[0] for _ in range(3)]

    assert out == [3, 3, 4]
    assert Fraction(sum(out)) == 10

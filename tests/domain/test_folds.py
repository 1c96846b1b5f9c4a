"""What single events leave behind: the figures of the day, the blocks, what strategies hold of their own."""

from typing import Any

import pytest
from tests.trading import CALL, SHARE

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.commands import GttLeg, PlaceGtt
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.instrument import Instrument
from kasauti.domain.order import OrderType, Product, Side, Status
from kasauti.domain.position import Position
from kasauti.domain.standing_events import StandingPlaced
from kasauti.domain.state import State

OPENED = ev.AccountOpened("a", "paper", "PAPER", 1_000_000_000, "zerodha")
EVIDENCE = Evidence(Source.PRINT, Rule.LAST, 1, 100_0000, "x/1")
BUY, SELL = Side.BUY, Side.SELL


def placed(
    order_id: str, side: Side, quantity: int, blocked: int = 0, of: Instrument = SHARE, **terms: Any
) -> ev.OrderPlaced:
    product = Product.NRML if of.is_derivative else Product.MIS
    return ev.OrderPlaced(order_id, of.id, side, product, OrderType.MARKET, quantity, blocked, **terms)


def filled(order_id: str, quantity: int, price: int = 100_0000) -> ev.OrderFilled:
    return ev.OrderFilled(order_id, order_id, quantity, price, Charges(brokerage=300), 0, EVIDENCE)


def fold(*events: ev.Event) -> State:
    """Replay events that happen at 10, 20, 30 and so on."""
    return State.replay(
        ev.Recorded(seq, (seq - 1) * 10, "test", event) for seq, event in enumerate((OPENED, *events), 1)
    )


def held(state: State, of: Instrument = SHARE, strategy: str = "") -> Position:
    found = state.position(of.id, Product.NRML if of.is_derivative else Product.MIS, strategy)
    assert found is not None
    return found


def test_the_figures_of_the_day_are_the_sum_of_its_trades() -> None:
    state = fold(
        placed("b", BUY, 10),
        filled("b", 4, 100_0000),
        filled("b", 6, 101_0000),
        placed("s", SELL, 5),
        filled("s", 5, 102_0000),
    )
    position = held(state)

    assert (position.day_buy_quantity, position.day_buy_value) == (10, 4 * 100_0000 + 6 * 101_0000)
    assert (position.day_sell_quantity, position.day_sell_value) == (5, 5 * 102_0000)
    # Ten cost 1,006; five of them 503; sold for 510.
    assert position.day_realised == position.realised == state.day_realised == 7_0000
    assert position.day_charges == position.charges == state.day_charges == 900
    assert (state.trades, state.day_trades, state.day_orders) == (3, 3, 2)


def test_a_command_leads_to_the_order_it_made_and_to_no_other() -> None:
    denied = ev.OrderDenied("no", SHARE.id, BUY, 10, "rule", "why")
    state = fold(placed("a", BUY, 10, command_id="c1"), placed("b", BUY, 10), denied)

    assert state.commands == {"c1": "a"}


def ended(order_id: str) -> ev.OrderCancelled:
    return ev.OrderCancelled(order_id, "asked")


def test_a_command_is_known_on_its_trading_day_and_the_next_and_while_what_it_led_to_is_there() -> None:
    gtt = PlaceGtt(SHARE.id, (GttLeg(SELL, 5, 5, 5),), command_id="standing")
    events = [
        ev.DayOpened("2026-11-23"),
        placed("a", BUY, 10, command_id="done"),
        placed("b", BUY, 10, command_id="works"),
        ev.OrderDenied("no", SHARE.id, BUY, 10, "rule", "why", command_id="denied"),
        StandingPlaced("GTT_1", gtt),
        ended("a"),
    ]
    known = {"done": "a", "works": "b", "denied": "no", "standing": "GTT_1"}
    days = [ev.DayOpened(f"2026-11-2{day}") for day in (4, 5, 6)]

    def led_to(*more: ev.Event) -> dict[str, str]:
        state = fold(*events, *more)
        return {each: found for each in known if (found := state.led_to(each)) is not None}

    assert led_to() == led_to(days[0]) == known
    assert led_to(*days[:2]) == led_to(*days) == {"works": "b", "standing": "GTT_1"}
    assert led_to(days[0], ended("b"), *days[1:]) == {"standing": "GTT_1"}


def test_an_account_keeps_no_more_command_ids_however_long_it_trades() -> None:
    events: list[ev.Event] = []
    for day in range(1, 29):
        events.append(ev.DayOpened(f"2026-12-{day:02}"))
        for number in range(10):
            order_id = f"{day}-{number}"
            events += [placed(order_id, BUY, 1, command_id=f"c{order_id}"), ended(order_id)]
    state = fold(*events)
    assert (len(state.commands), len(state.earlier_commands)) == (10, 10)


def test_a_change_that_we_refuse_counts_among_the_denials_and_leaves_the_order_alone() -> None:
    before = fold(placed("a", BUY, 10, 10_000))
    state = fold(placed("a", BUY, 10, 10_000), ev.ModifyDenied("a", "rule", "why"))

    assert (before.day_denied, state.day_denied) == (0, 1)
    assert state.orders == before.orders
    assert state.ledger == before.ledger


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (ev.ModifyRejected("a", "no", 10_000), 7_000),  # three tenths of 10,000 are free
        (ev.OrderModified("a", 20, 0, 0, kept_priority=True, queue_ahead=0, blocked=20_000), 17_000),
    ],
)
def test_once_a_change_is_answered_a_fill_frees_its_share_of_all_that_is_blocked(
    answer: ev.Event, left: int
) -> None:
    asked = ev.ModifyRequested("a", 20, 0, 0, 20_000)
    state = fold(placed("a", BUY, 10, 10_000), ev.OrderOpened("a"), asked, answer, filled("a", 3))

    assert state.orders["a"].blocked == state.ledger.margin == left


def test_account_and_strategy_hold_since_their_own_first_trade() -> None:
    state = fold(
        placed("a", SELL, 10, strategy="ann"),
        filled("a", 5),  # at 20: ann opens, and so does the account
        filled("a", 5),
        placed("b", SELL, 10, strategy="bob"),
        filled("b", 10),  # at 50
        placed("c", BUY, 15, strategy="ann"),
        filled("c", 15),  # at 70: ann turns, the account is five short still
    )

    assert [held(state).quantity, held(state, strategy="ann").quantity] == [-5, 5]
    assert held(state).opened_at == 20
    assert held(state, strategy="ann").opened_at == 70
    assert held(state, strategy="bob").opened_at == 50


def test_a_settlement_ends_what_every_strategy_holds_of_it_and_nothing_else() -> None:
    state = fold(
        placed("c", BUY, 10, strategy="cat"),
        filled("c", 10),
        placed("a", BUY, 130, of=CALL, strategy="ann", paid_up=True),
        filled("a", 130, 120_0000),
        placed("b", BUY, 65, of=CALL, strategy="bob", paid_up=True),
        filled("b", 65, 120_0000),
        ev.PositionSettled(CALL.id, Product.NRML, 195, 150_0000, Charges(), EVIDENCE),
    )

    assert held(state, CALL).quantity == 0
    assert held(state, CALL).day_exercised == 195 * 150_0000
    assert held(state, CALL).realised == 195 * 30_0000
    for strategy, quantity in (("ann", 130), ("bob", 65)):
        own = held(state, CALL, strategy)
        assert (own.quantity, own.realised, own.day_realised) == (0, quantity * 30_0000, quantity * 30_0000)
    assert held(state, strategy="cat").quantity == held(state).quantity == 10
    assert state.ledger.trial_balance == 0


def test_a_short_option_that_settles_was_not_exercised_by_us() -> None:
    state = fold(
        placed("a", SELL, 65, of=CALL, paid_up=True),
        filled("a", 65, 120_0000),
        ev.PositionSettled(CALL.id, Product.NRML, -65, 150_0000, Charges(), EVIDENCE),
    )

    assert (held(state, CALL).quantity, held(state, CALL).day_exercised) == (0, 0)
    assert held(state, CALL).realised == -65 * 30_0000


def test_one_unit_of_an_option_that_expires_in_the_money_was_exercised() -> None:
    state = fold(
        placed("a", BUY, 1, of=CALL, paid_up=True),
        filled("a", 1, 120_0000),
        ev.PositionSettled(CALL.id, Product.NRML, 1, 150_0000, Charges(), EVIDENCE),
    )

    assert held(state, CALL).day_exercised == 150_0000


@pytest.mark.parametrize("quantity", [-65, 0, 64, 66])
def test_a_settlement_of_anything_but_the_whole_position_is_a_mistake_of_ours(quantity: int) -> None:
    bought = [placed("a", BUY, 65, of=CALL, paid_up=True), filled("a", 65)]
    with pytest.raises(AssertionError):
        fold(*bought, ev.PositionSettled(CALL.id, Product.NRML, quantity, 150_0000, Charges(), EVIDENCE))


@pytest.mark.parametrize("quantity", [-1, 0, 11])
def test_a_fill_of_nothing_or_of_more_than_is_open_is_a_mistake_of_ours(quantity: int) -> None:
    with pytest.raises(AssertionError):
        fold(placed("a", BUY, 10), filled("a", quantity))


def test_a_new_day_counts_from_nothing_and_forgets_nothing_that_is_held() -> None:
    state = fold(
        placed("a", BUY, 10, strategy="ann"),
        filled("a", 10),
        placed("b", SELL, 4, strategy="ann"),
        filled("b", 4, 101_0000),
        ev.DayOpened("2026-01-14"),
    )

    for position in (held(state), held(state, strategy="ann")):
        assert (position.quantity, position.cost, position.realised) == (6, 600_0000, 4_0000)
        assert position.charges == 600
        assert (position.day_buy_quantity, position.day_buy_value) == (0, 0)
        assert (position.day_sell_quantity, position.day_sell_value) == (0, 0)
        assert (position.day_realised, position.day_charges, position.day_exercised) == (0, 0, 0)


@pytest.mark.parametrize(("side", "bought", "sold"), [(BUY, 6, 0), (SELL, 0, 6)])
def test_an_order_that_ends_takes_with_it_what_had_not_traded(side: Side, bought: int, sold: int) -> None:
    working = [placed("a", side, 10), ev.OrderOpened("a"), filled("a", 4)]
    state = fold(*working)
    assert (held(state).pending_buy, held(state).pending_sell) == (bought, sold)
    state = fold(*working, ev.OrderCancelled("a", "asked by the user"))

    assert (held(state).pending_buy, held(state).pending_sell) == (0, 0)


@pytest.mark.parametrize("quantity", [7, 10, 15])
@pytest.mark.parametrize("side", [BUY, SELL])
def test_a_change_of_quantity_changes_what_is_asked_for_on_its_own_side(side: Side, quantity: int) -> None:
    changed = ev.OrderModified("a", quantity, 0, 0, kept_priority=True, queue_ahead=0, blocked=0)
    state = fold(placed("a", side, 10), ev.OrderOpened("a"), filled("a", 4), changed)
    pending = held(state).pending_buy, held(state).pending_sell

    assert pending == ((quantity - 4, 0) if side is BUY else (0, quantity - 4))


@pytest.mark.parametrize(
    "answer",
    [
        ev.ModifyRejected("a", "no", 15_200),
        ev.OrderModified("a", 301, 0, 0, kept_priority=True, queue_ahead=0, blocked=15_200),
    ],
)
def test_a_share_that_is_less_than_a_paisa_more_stays_blocked(answer: ev.Event) -> None:
    """200 of 301 are 10,099.67 of 15,200; whole paise of that are free, which is 10,000."""
    asked = ev.ModifyRequested("a", 301, 0, 0, 15_200)
    state = fold(placed("a", BUY, 301, 15_200), ev.OrderOpened("a"), asked, answer, filled("a", 200))

    assert state.orders["a"].blocked == state.ledger.margin == 5_200


@pytest.mark.parametrize("quantity", [1, 1_000, 1_000_000])
def test_an_order_of_any_size_that_is_filled_is_complete(quantity: int) -> None:
    state = fold(placed("a", BUY, quantity), filled("a", quantity))

    assert state.orders["a"].status is Status.COMPLETE
    assert state.working == {}

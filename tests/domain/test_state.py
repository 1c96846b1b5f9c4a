"""The fold: events in their order, each once, and only what the table of an order's life allows."""

from typing import Any

import pytest
from tests.trading import CALL, SHARE

from kasauti.domain import events as ev
from kasauti.domain.charges import Charges
from kasauti.domain.evidence import Evidence, Rule, Source
from kasauti.domain.order import OrderType, Product, Side, Status
from kasauti.domain.order_folds import order_opened, order_placed
from kasauti.domain.state import FOLDS, State
from kasauti.domain.trade_folds import order_filled

OPENED = ev.AccountOpened("a", "paper", "PAPER", 1_000_000_000, "zerodha")
EVIDENCE = Evidence(Source.PRINT, Rule.LAST, 1, 100_0000, "x/1")


def placed(order_id: str = "o", side: Side = Side.BUY, blocked: int = 20_000, **terms: Any) -> ev.OrderPlaced:
    return ev.OrderPlaced(
        order_id, SHARE.id, side, Product.MIS, OrderType.LIMIT, 10, blocked, price=100_0000, **terms
    )


def filled(quantity: int, order_id: str = "o", margin: int = 0, price: int = 100_0000) -> ev.OrderFilled:
    return ev.OrderFilled(
        order_id, f"T{quantity}{margin}", quantity, price, Charges(brokerage=300), margin, EVIDENCE
    )


def fold(*events: ev.Event) -> State:
    return State.replay(
        ev.Recorded(seq, seq * 10, "test", event) for seq, event in enumerate((OPENED, *events), 1)
    )


def test_every_event_has_a_fold_and_only_one_place() -> None:
    assert set(FOLDS) == set(ev.EVENTS)
    assert len({event.TAG for event in ev.EVENTS}) == len(ev.EVENTS)


def test_the_folds_that_the_engine_calls_by_their_names_are_those_of_the_table() -> None:
    called: dict[type[ev.Event], object] = {
        ev.OrderPlaced: order_placed,
        ev.OrderOpened: order_opened,
        ev.OrderFilled: order_filled,
    }
    assert {event: FOLDS[event] for event in called} == called


@pytest.mark.parametrize("seq", [1, 3, 0])
def test_an_event_follows_the_one_before_it(seq: int) -> None:
    state = fold()
    with pytest.raises(AssertionError, match="does not follow 1"):
        state.apply(ev.Recorded(seq, 10, "test", ev.DayOpened("2026-01-13")))
    assert state == fold()


def test_an_account_opens_once() -> None:
    with pytest.raises(AssertionError, match="opens once"):
        fold(OPENED)


OPEN = ev.OrderOpened("o")
ASLEEP = ev.OrderOpened("o", trigger_pending=True)
GONE = ev.OrderCancelled("o", "asked")


@pytest.mark.parametrize(
    "events",
    [
        (placed(), OPEN, ASLEEP),
        (placed(), GONE, OPEN),
        (placed(), GONE, GONE),
        (placed(), OPEN, filled(10), GONE),
        (placed(), OPEN, filled(10), filled(1)),
        (placed(), OPEN, filled(11)),
        (placed(), OPEN, filled(0)),
        (placed(), ASLEEP, filled(1)),
        (placed(), GONE, filled(1)),
        (placed(), ev.OrderRejected("o", "no"), ev.OrderExpired("o", "close")),
        (placed(), OPEN, ev.OrderTriggered("o", 1), ASLEEP),
    ],
)
def test_what_the_table_does_not_allow_is_our_own_mistake(events: tuple[ev.Event, ...]) -> None:
    with pytest.raises(AssertionError):
        fold(*events)


@pytest.mark.parametrize(
    ("end", "status"),
    [
        (GONE, Status.CANCELLED),
        (ev.OrderExpired("o", "close"), Status.EXPIRED),
        (ev.OrderRejected("o", "no"), Status.REJECTED),
    ],
)
def test_an_end_takes_the_order_its_block_and_its_pending_units_away(end: ev.Event, status: Status) -> None:
    state = fold(placed(), OPEN, filled(4, margin=8_000), end)
    order, position = state.orders["o"], state.positions[f"{SHARE.id}|MIS"]

    assert (order.status, order.filled, order.blocked) == (status, 4, 0)
    assert order.reason
    assert state.working == {}
    assert (position.quantity, position.pending_buy, position.margin) == (4, 0, 8_000)
    assert state.ledger.margin == 8_000


def test_a_part_frees_its_share_in_whole_paise_and_the_last_one_the_rest() -> None:
    """10,050 for ten: three units free 3,000 (30.15 rounded down to the paisa), seven the other 7,050."""
    state = fold(placed(blocked=10_050), OPEN, filled(3))
    assert state.orders["o"].blocked == 7_050
    assert state.ledger.margin == 7_050

    done = fold(placed(blocked=10_050), OPEN, filled(3), filled(7, margin=100))
    assert done.orders["o"].blocked == 0
    assert done.ledger.margin == 100


def test_a_fill_may_come_before_the_venue_says_that_it_has_the_order() -> None:
    state = fold(placed(), filled(10))

    assert state.orders["o"].status is Status.COMPLETE


def test_while_a_change_is_on_its_way_the_larger_block_is_held_and_fills_free_their_share_of_the_old() -> (
    None
):
    asked = ev.ModifyRequested("o", 20, 100_0000, 0, 40_000)
    state = fold(placed(), OPEN, asked)
    assert (state.ledger.margin, state.orders["o"].quantity) == (40_000, 10)

    part = fold(placed(), OPEN, asked, filled(5))
    assert part.ledger.margin == 30_000
    answered = fold(placed(), OPEN, asked, filled(5), _modified(20, 30_000))
    assert (answered.ledger.margin, answered.orders["o"].leaves) == (30_000, 15)
    refused = fold(placed(), OPEN, asked, filled(5), ev.ModifyRejected("o", "no", 10_000))
    assert (refused.ledger.margin, refused.orders["o"].leaves) == (10_000, 5)


def _modified(quantity: int, blocked: int) -> ev.OrderModified:
    return ev.OrderModified("o", quantity, 100_0000, 0, kept_priority=False, queue_ahead=7, blocked=blocked)


def test_a_change_that_lost_its_place_rests_from_then_on() -> None:
    state = fold(placed(), OPEN, ev.ModifyRequested("o", 20, 100_0000, 0, 40_000), _modified(20, 40_000))

    order = state.orders["o"]
    assert (order.queue_ahead, order.rested_at, order.modifications) == (7, 50, 1)
    assert state.positions[f"{SHARE.id}|MIS"].pending_buy == 20


def test_the_day_closes_with_its_note_and_the_next_one_starts_afresh() -> None:
    state = fold(
        ev.DayOpened("2026-01-13"),
        ev.TimerFired("close", 5),
        ev.StrategyFailed("ann", "on_tick", "boom", "entries"),
        ev.DayClosed("2026-01-13", {}, Charges(stt=500, stamp=-200)),
        ev.DayOpened("2026-01-14"),
    )

    assert (state.ledger.stt, state.ledger.stamp, state.ledger.cash) == (500, -200, 1_000_000_000 - 300)
    assert (state.timers, state.failed, state.day_charges) == ({}, {}, 0)


def test_sessions_and_money_and_halts() -> None:
    started = ev.SessionStarted("0.1", "builtin", "start")
    state = fold(started, ev.MoneyMoved(-500, "out"), ev.TradingHalted("why"))
    assert (state.session, state.halted, state.ledger.cash) == (started, "why", 1_000_000_000 - 500)
    state = fold(started, ev.TradingHalted("why"), ev.TradingResumed("ok"), ev.SessionStopped("done"))
    assert (state.session, state.halted) == (None, "")


def test_a_settlement_takes_the_whole_position() -> None:
    option = ev.OrderPlaced("o", CALL.id, Side.BUY, Product.NRML, OrderType.MARKET, 65, 0, paid_up=True)
    fill = ev.OrderFilled("o", "T1", 65, 120_0000, Charges(), 0, EVIDENCE)
    with pytest.raises(AssertionError, match="the whole position"):
        fold(option, fill, ev.PositionSettled(CALL.id, Product.NRML, 60, 0, Charges(), EVIDENCE))
    state = fold(option, fill, ev.PositionSettled(CALL.id, Product.NRML, 65, 0, Charges(), EVIDENCE))

    assert state.held == []
    assert state.ledger.realised == 65 * 120_0000


def test_an_anomaly_changes_nothing() -> None:
    before, after = fold(placed()), fold(placed(), ev.VenueAnomaly("o", "Filled", "what cannot be"))
    after.seq, after.at = before.seq, before.at

    assert after == before


def test_what_a_state_answers() -> None:
    state = fold(placed(strategy="ann"), OPEN, filled(4, margin=8_000))

    assert state.order("o") is state.orders["o"]
    assert state.order("none") is None
    account, own = state.position(SHARE.id, "MIS"), state.position(SHARE.id, "MIS", "ann")
    assert account is not None
    assert own is not None
    assert (account.quantity, own.quantity, own.charges) == (4, 4, 300)
    assert state.position(SHARE.id, "MIS", "bob") is None
    assert state.held == [account]
    assert state.working_orders() == [state.orders["o"]]

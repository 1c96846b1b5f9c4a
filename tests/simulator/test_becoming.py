"""A working order becomes another kind of order: what trades then, by the rules of the new kind, and when."""

from typing import Any

import pytest
from tests.trading import SHARE, Session, buys, moment, sells

from kasauti.domain import events as ev
from kasauti.domain.commands import ModifyOrder
from kasauti.domain.money import rupees
from kasauti.domain.order import OrderType, Status, Validity

HEADER = "time last bid bid_quantity ask ask_quantity volume"
QUIET = "09:15:00 100 99.95 500 100.05 500 1000"
LIMIT, MARKET, SL, SL_M = OrderType.LIMIT, OrderType.MARKET, OrderType.SL, OrderType.SL_M


def holding_with_stop(latency_ms: int = 0, **stop: Any) -> tuple[Session, str]:
    """Return a session that holds 100, and the stop that guards them; the market is 99.95 to 100.05."""
    session = Session(latency_ms=latency_ms)
    asks = ("09:15:01", buys(SHARE, 100)), ("09:15:02", sells(SHARE, 100, **(stop or {"trigger": "98"})))
    _, order_id = session.play(f"{HEADER}\n{QUIET}", *asks)
    session.until("09:15:03")
    assert session.status(order_id) is Status.TRIGGER_PENDING
    return session, order_id


def become(order_id: str, kind: OrderType, **terms: Any) -> ModifyOrder:
    prices: dict[str, Any] = {
        name: rupees(terms.pop(name)) for name in ("price", "trigger_price") if name in terms
    }
    return ModifyOrder(order_id, order_type=kind, **prices, **terms)


def after(session: Session, order_id: str) -> tuple[OrderType, Status, str, str]:
    one = session.order(order_id)
    return one.order_type, one.status, f"{one.price / 10_000:g}", f"{one.trigger_price / 10_000:g}"


@pytest.mark.parametrize("stop", [{"trigger": "98"}, {"trigger": "98", "price": "97.50"}])
def test_a_stop_that_becomes_market_gets_out_at_once(stop: dict[str, Any]) -> None:
    """The commonest way out in bots: no trigger traded, the bid stands at 99.95."""
    session, order_id = holding_with_stop(**stop)
    session.ask("09:15:04", become(order_id, MARKET))
    assert after(session, order_id) == (MARKET, Status.COMPLETE, "0", "0")
    assert session.fills()[-1] == ("09:15:04", -100, "99.95")
    assert session.events(ev.OrderTriggered) == []
    assert session.held(SHARE) == 0
    assert session.state.ledger.margin == 0
    assert session.proof().passed


@pytest.mark.parametrize(
    ("price", "status", "fills"),
    [
        ("99.90", Status.COMPLETE, [("09:15:04", -100, "99.95")]),  # the bid is better: taken at once
        ("100.50", Status.OPEN, []),  # rests, as any limit order
    ],
)
def test_a_stop_that_becomes_limit_is_live_at_once(price: str, status: Status, fills: list[Any]) -> None:
    session, order_id = holding_with_stop()
    session.ask("09:15:04", become(order_id, LIMIT, price=price))
    assert after(session, order_id) == (LIMIT, status, price.rstrip("0").rstrip("."), "0")
    assert session.fills()[1:] == fills
    if status is Status.OPEN:
        session.ticks(f"{HEADER}\n09:15:09 97 96.95 500 97.05 500 1000")  # its old trigger means nothing
        assert session.status(order_id) is Status.OPEN
        session.ticks(f"{HEADER}\n09:15:10 100.60 100.50 500 100.60 500 1000")
        assert session.fills()[1:] == [("09:15:10", -100, "100.50")]
    assert session.proof().passed


def test_a_stop_changes_its_kind_asleep_and_wakes_by_the_new_one() -> None:
    session, order_id = holding_with_stop()
    session.ask("09:15:04", become(order_id, SL, price="97.90", trigger_price="98.50"))
    assert after(session, order_id) == (SL, Status.TRIGGER_PENDING, "97.9", "98.5")
    session.ticks(f"{HEADER}\n09:15:05 98.40 97.50 500 98.40 500 1000")  # awake; the bid is under its limit
    assert session.status(order_id) is Status.OPEN
    session.ticks(f"{HEADER}\n09:15:06 98 97.95 500 98.05 500 1000")
    assert session.fills()[1:] == [("09:15:06", -100, "97.90")]
    assert session.proof().passed


def test_a_limit_stop_that_becomes_sl_m_has_no_limit_any_more() -> None:
    session, order_id = holding_with_stop(trigger="98", price="97.90")
    session.ask("09:15:04", become(order_id, SL_M))
    assert after(session, order_id) == (SL_M, Status.TRIGGER_PENDING, "0", "98")
    session.ticks(f"{HEADER}\n09:15:05 97 96.50 500 97.05 500 1000")
    assert session.fills()[1:] == [("09:15:05", -100, "96.50")]


@pytest.mark.parametrize("kind", [SL, SL_M])
@pytest.mark.parametrize("before", ["resting", "woken"])
def test_what_stands_in_the_book_goes_to_sleep_no_more(before: str, kind: OrderType) -> None:
    if before == "woken":
        session, order_id = holding_with_stop(trigger="98", price="97.90")
        session.ticks(f"{HEADER}\n09:15:03.5 97.50 97 500 97.60 500 1000")
        kind = SL_M if kind is SL else kind  # it is SL: as SL it stays what it is
    else:
        session = Session()
        (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", sells(SHARE, 100, "101")))
        session.until("09:15:03")
    terms = {"trigger_price": "96"} | ({"price": "95"} if kind.has_limit else {})
    session.ask("09:15:04", become(order_id, kind, **terms))
    (denied,) = session.events(ev.ModifyDenied)
    assert (denied.rule, denied.limit, denied.actual) == ("modify.stop", "LIMIT, MARKET", kind)
    near = {"LIMIT": LIMIT, "MARKET": MARKET}[denied.nearest["order_type"]]
    session.ask("09:15:05", become(order_id, near, **({"price": "101"} if near is LIMIT else {})))
    assert len(session.events(ev.ModifyDenied)) == 1, "the nearest passes"
    assert session.proof().passed


def test_a_resting_limit_becomes_market_and_market_in_turn_limit() -> None:
    session = Session()
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 700, "99.50")))
    session.ask("09:15:02", become(order_id, MARKET))
    assert session.fills() == [("09:15:02", 500, "100.05")]  # what is displayed; the rest wants more
    assert after(session, order_id) == (MARKET, Status.OPEN, "0", "0")
    session.ask("09:15:03", become(order_id, LIMIT, price="99.80"))
    assert after(session, order_id) == (LIMIT, Status.OPEN, "99.8", "0")
    session.ticks(f"{HEADER}\n09:15:04 100 99.95 500 100.05 500 1000")
    assert len(session.fills()) == 1, "it is no taker any more"
    session.ticks(f"{HEADER}\n09:15:05 99.80 99.75 500 99.80 500 1000")
    assert session.fills()[1:] == [("09:15:05", 200, "99.80")]
    assert session.proof().passed


def test_on_bars_a_stop_that_becomes_market_takes_the_next_open() -> None:
    session = Session()
    session.bars("time open high low close\n09:15 100 100 100 100")
    session.ask("09:16", buys(SHARE, 100))
    session.bars("time open high low close\n09:16 100 100 100 100")
    stop = session.ask("09:17", sells(SHARE, 100, trigger="90"))
    session.bars("time open high low close\n09:17 100 101 99 100")
    session.ask("09:18", become(stop, MARKET))
    session.bars("time open high low close\n09:18 98.50 99 98 99")
    assert session.fills()[1:] == [("09:19:00", -100, "98.50")]
    assert session.proof().passed


@pytest.mark.parametrize("profile", ["depth", "touch", "pessimistic", "ltp"])
def test_every_profile_fills_a_market_change_by_its_own_rules(profile: str) -> None:
    session, plain = (Session(profile) for _ in range(2))
    tape = f"{HEADER}\n{QUIET}\n09:15:05 99 98.95 500 99.05 500 1100"
    (changed,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 100, "98")))
    session.ask("09:15:02", become(changed, MARKET))
    session.ticks(f"{HEADER}\n09:15:05 99 98.95 500 99.05 500 1100")
    plain.play(tape, ("09:15:02", buys(SHARE, 100)))
    assert session.fills() == plain.fills() != []


def test_an_order_that_becomes_ioc_takes_what_stands_and_ends() -> None:
    session = Session()
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 700, "99.50")))
    change = ModifyOrder(order_id, price=rupees("100.05"), validity=Validity.IOC)
    session.ask("09:15:02", change)
    one = session.order(order_id)
    assert (one.status, one.validity, one.filled) == (Status.CANCELLED, Validity.IOC, 500)
    assert one.blocked == 0
    assert session.proof().passed


def test_the_queue_is_lost_by_another_kind_at_the_same_price() -> None:
    session = Session("touch")
    first, second = session.play(
        f"{HEADER}\n{QUIET}",
        ("09:15:01", buys(SHARE, 100, "99.80")),
        ("09:15:02", buys(SHARE, 100, "99.80")),
    )
    session.ask("09:15:03", ModifyOrder(first, order_type=LIMIT))  # what it is already
    assert session.events(ev.OrderModified)[-1].kept_priority
    session.ask("09:15:03.5", ModifyOrder(first, price=rupees("99.70")))
    session.ask("09:15:04", ModifyOrder(first, price=rupees("99.80")))
    session.ticks(f"{HEADER}\n09:15:06 99.80 99.50 500 99.80 40 1100")
    assert [order_id for _, order_id, *_ in session.trades()] == [second]


@pytest.mark.parametrize(
    ("disclosed", "quantity", "kept"), [(40, None, True), (100, None, True), (0, 60, True), (0, 120, False)]
)
def test_less_on_show_keeps_its_place(disclosed: int, quantity: int | None, kept: bool) -> None:  # noqa: FBT001
    session = Session()
    (order_id,) = session.play(f"{HEADER}\n{QUIET}", ("09:15:01", buys(SHARE, 100, "99.80")))
    session.ask("09:15:03", ModifyOrder(order_id, quantity, disclosed_quantity=disclosed))
    (changed,) = session.events(ev.OrderModified)
    assert changed.kept_priority is kept
    assert session.order(order_id).disclosed == (40 if disclosed == 40 else None)


def test_of_an_order_on_show_in_parts_the_rest_joins_the_end_again() -> None:
    """100 of it at 99.80 behind 50; shown 40 at a time: the print of 200 pays 40, then it is behind again."""
    plain, parts = Session(), Session()
    book, order_id = "time last bids asks volume", ""
    for session in (plain, parts):
        (order_id,) = session.play(
            f"{book}\n09:15:00 100 99.80x50 100.05x500 1000", ("09:15:01", buys(SHARE, 100, "99.80"))
        )
        if session is parts:
            session.ask("09:15:02", ModifyOrder(order_id, disclosed_quantity=40))
        session.ticks(f"{book}\n09:15:03 99.80 99.80x50 100.05x500 1200")
        assert session.proof().passed
    assert plain.fills() == [("09:15:03", 100, "99.80")]
    assert parts.fills() == [("09:15:03", 40, "99.80")]
    assert parts.restart().order(order_id).disclosed == 40


# Races: the change is half a second on its way.


def test_a_stop_that_wakes_while_it_is_to_become_another_stop_stays_what_it_was() -> None:
    session, order_id = holding_with_stop(latency_ms=500, trigger="98", price="97.90")
    session.play(f"{HEADER}\n09:15:04.2 97.95 97 500 98 500 1000", ("09:15:04", become(order_id, SL_M)))
    session.until("09:15:05")
    (refused,) = session.events(ev.ModifyRejected)
    assert "its trigger had traded" in refused.message
    assert after(session, order_id) == (SL, Status.OPEN, "97.9", "98")
    assert not session.order(order_id).modify_asked
    assert session.proof().passed


def test_a_stop_that_wakes_while_it_is_to_become_market_is_market() -> None:
    session, order_id = holding_with_stop(latency_ms=500, trigger="98", price="97.90")
    session.play(f"{HEADER}\n09:15:04.2 97.95 97 500 98 500 1000", ("09:15:04", become(order_id, MARKET)))
    session.until("09:15:05")
    assert session.fills()[1:] == [("09:15:04", -100, "97.00")]
    assert session.events(ev.VenueAnomaly) == []
    assert session.proof().passed


def test_a_change_that_meets_a_filled_order_changes_nothing() -> None:
    session, order_id = holding_with_stop(latency_ms=500)
    session.play(f"{HEADER}\n09:15:04.2 97 96.90 500 97 500 1000", ("09:15:04", become(order_id, MARKET)))
    session.until("09:15:05")
    assert after(session, order_id) == (SL_M, Status.COMPLETE, "0", "98")
    assert len(session.events(ev.ModifyRejected)) == 1
    assert session.fills()[1:] == [("09:15:04", -100, "96.90")]
    assert session.state.ledger.margin == 0
    assert session.proof().passed


def test_a_change_is_lost_with_the_process_and_can_be_asked_for_again() -> None:
    session, order_id = holding_with_stop(latency_ms=500)
    session.ask("09:15:04", become(order_id, MARKET))
    again = session.restart(latency_ms=500)
    again.engine.resume([], moment("09:15:05"))
    assert after(again, order_id) == (SL_M, Status.TRIGGER_PENDING, "0", "98")
    again.ticks(f"{HEADER}\n09:15:06 99 98.95 500 99.05 500 1000")
    again.ask("09:15:07", become(order_id, MARKET))
    again.until("09:15:08")
    assert again.fills()[-1] == ("09:15:07", -100, "98.95")


def test_what_an_order_has_become_is_taken_up_after_a_restart() -> None:
    session, order_id = holding_with_stop()
    session.ask("09:15:04", become(order_id, LIMIT, price="100.50"))
    again = session.restart()
    assert after(again, order_id) == (LIMIT, Status.OPEN, "100.5", "0")
    again.ticks(f"{HEADER}\n09:15:10 100.60 100.55 500 100.60 500 1000")
    assert again.fills()[-1][1:] == (-100, "100.50")

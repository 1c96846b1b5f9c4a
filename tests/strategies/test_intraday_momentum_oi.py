"""How the momentum strategy leaves: on ticks, by the timer, at 14:50, and when the venue does not help."""

from datetime import timedelta

import msgspec
import pytest
from tests.strategies.floor import DAY, INDEX, LOT, Floor, at
from tests.strategies.momentum import CALL, PUT, SPOT, WALL, decide, floor, holding

from kasauti.domain.commands import CancelOrder, Command, PlaceOrder, sell
from kasauti.domain.ist import NS_PER_SECOND
from kasauti.domain.money import rupees
from kasauti.domain.order import Product
from kasauti.domain.view import CandleWanted, ChainWanted, Subscriptions, TimerWanted
from kasauti.strategies.intraday_momentum_oi import IntradayMomentumOI
from kasauti.strategies.momentum_memory import MomentumMemory

SECOND = NS_PER_SECOND
ENTRY_OI = WALL * 99 // 100


def memory(on: Floor) -> MomentumMemory:
    return msgspec.json.decode(on.notes[-1], type=MomentumMemory)


def leaves(reason: str, quantity: int = LOT) -> list[Command]:
    return [sell(CALL, quantity, product=Product.MIS, tag=f"exit:{reason}")]


def test_it_asks_for_candles_the_chain_a_monitor_and_the_time_of_the_last_exit() -> None:
    made = IntradayMomentumOI.from_parameters({"mandatory_exit": "14:45", "monitor_s": 30})

    assert made.subscriptions() == Subscriptions(
        candles=(CandleWanted(INDEX, 300),),
        chains=(ChainWanted(INDEX, 60),),
        timers=(
            TimerWanted("monitor", seconds=30),
            TimerWanted("mandatory_exit", at=made.parameters.mandatory_exit),
        ),
    )


def test_what_is_held_is_remembered_with_what_it_was_entered_on() -> None:
    held = memory(holding()).held

    assert held is not None
    assert (held.instrument, held.peak, held.open_interest) == (CALL, rupees(110), ENTRY_OI)
    assert held.vwap.value == rupees(100)
    assert held.levels.initial == rupees("82.50")
    assert held.levels.vwap == rupees(95)


def test_averages_of_other_options_are_not_kept_once_it_has_entered() -> None:
    on = holding()
    assert memory(on).vwaps == {}
    on.now = at("10:01")
    on.chain()

    assert (memory(on).vwaps, memory(on).reading) == ({}, None)


# The price is looked at on every tick, and by the timer where no tick comes.


@pytest.mark.parametrize(
    ("last", "oi", "reason"),
    [
        ("82.51", ENTRY_OI, "vwap"),  # 24.99 %, but 5 % under a VWAP of 100.00 comes first
        ("82.50", ENTRY_OI, "initial"),  # 25.00 %
        ("95.01", ENTRY_OI, ""),  # 4.99 % under VWAP
        ("95", ENTRY_OI, "vwap"),  # 5.00 %
        ("110", ENTRY_OI * 11 // 10 - 1, ""),  # 9.99 % more open interest
        ("110", ENTRY_OI * 11 // 10, "oi_reversal"),  # 10.00 %
    ],
)
@pytest.mark.parametrize("by", ["tick", "timer"])
def test_the_stops_fire_on_a_tick_and_on_the_timer(last: str, oi: int, reason: str, by: str) -> None:
    on = holding()

    if by == "tick":
        asked = on.tick(CALL, last=rupees(last), oi=oi)
    else:
        on.set(CALL, last=rupees(last), oi=oi)
        asked = on.timer()

    assert asked == (leaves(reason) if reason else [])


@pytest.mark.parametrize(
    ("peak", "last", "reason"),
    [
        ("120.99", "108", ""),  # 9.99 % profit
        ("121", "108.91", ""),  # 10.00 % arms it; 9.99 % under the peak
        ("121", "108.90", "trailing"),  # 10.00 % under
    ],
)
def test_the_trailing_stop_needs_a_profit_first(peak: str, last: str, reason: str) -> None:
    on = holding()
    on.tick(CALL, last=rupees(peak))
    on.now += SECOND

    assert on.tick(CALL, last=rupees(last)) == (leaves(reason) if reason else [])


def test_the_peak_outlives_a_crash() -> None:
    on = holding()
    on.tick(CALL, last=rupees(150))
    on.restart()
    on.now += SECOND

    assert on.tick(CALL, last=rupees("135.01")) == []
    on.restart()
    assert on.tick(CALL, last=rupees(135)) == leaves("trailing")


def test_the_peak_is_noted_when_it_changes_and_only_then() -> None:
    on = holding()
    before = len(on.notes)

    for last in ("111", "111", "110.50", "111", "111.05"):
        on.tick(CALL, last=rupees(last))

    assert len(on.notes) == before + 2
    held = memory(on).held
    assert held is not None
    assert held.peak == rupees("111.05")


def test_the_average_that_the_vwap_stop_compares_with_follows_the_market() -> None:
    """50,000 units traded at 100.00 before the entry; another 50,000 at 110.00 make it 105.00: stop 99.75."""
    on = holding()
    on.now = at("10:01")
    on.set(CALL, volume=110_000)
    on.timer()
    on.restart()

    assert on.tick(CALL, last=rupees("99.76")) == []
    assert on.tick(CALL, last=rupees("99.75")) == leaves("vwap")


def test_ticks_of_another_option_move_nothing() -> None:
    on = holding()

    assert on.tick(PUT, last=rupees(1)) == []


# 14:50


@pytest.mark.parametrize(
    ("clock", "reason"), [("14:49:59", ""), ("14:50", "end_of_day"), ("15:10", "end_of_day")]
)
@pytest.mark.parametrize("by", ["tick", "monitor", "mandatory_exit"])
def test_it_is_out_by_the_mandatory_exit(clock: str, reason: str, by: str) -> None:
    on = holding()
    on.now = at(clock)

    asked = on.tick(CALL, last=rupees(110)) if by == "tick" else on.timer(by)

    assert asked == (leaves(reason) if reason else [])


def test_the_mandatory_exit_needs_no_price() -> None:
    on = holding()
    on.set(CALL, last=0, oi=0)
    on.now = at("14:50")

    assert on.timer("mandatory_exit") == leaves("end_of_day")


def test_a_mandatory_exit_that_was_slept_through_is_made_up_for() -> None:
    on = holding()
    on.now = at("14:55")
    on.restart()

    assert on.tick(CALL, last=rupees(110)) == leaves("end_of_day")


# The venue does not go along.


def test_an_exit_is_not_asked_for_twice_while_it_can_trade() -> None:
    on = holding()
    assert on.tick(CALL, last=rupees(80)) == leaves("initial")

    for _ in range(100):
        on.now += SECOND
        assert on.tick(CALL, last=rupees(79)) == []
        assert on.timer() == []
    on.restart()
    assert on.tick(CALL, last=rupees(79)) == []


@pytest.mark.parametrize("ending", ["denied", "cancelled"])
def test_an_exit_that_came_to_nothing_is_asked_for_again_after_a_while(ending: str) -> None:
    on = holding()
    on.denies = ending == "denied"
    on.tick(CALL, last=rupees(80))
    on.denies = False
    for order in on.working:
        on.end(order)

    on.now += 5 * SECOND - 1
    assert on.tick(CALL, last=rupees(80)) == []
    on.now += 1
    assert on.tick(CALL, last=rupees(80)) == leaves("initial")


def test_when_an_exit_was_last_asked_for_outlives_a_crash() -> None:
    on = holding()
    on.denies = True
    on.tick(CALL, last=rupees(80))
    on.now += 5 * SECOND
    assert on.tick(CALL) == leaves("initial")
    on.restart()

    on.now += 5 * SECOND - 1
    assert on.tick(CALL) == []
    on.now += 1
    assert on.tick(CALL) == leaves("initial")


def test_an_exit_once_decided_stands_though_the_price_comes_back() -> None:
    on = holding()
    on.tick(CALL, last=rupees(80))
    on.end(on.working[0])
    on.restart()
    on.now += 5 * SECOND

    assert on.tick(CALL, last=rupees(200)) == leaves("initial")


def test_what_a_part_filled_exit_left_over_is_asked_for_again() -> None:
    on = holding(lots=4)
    on.tick(CALL, last=rupees(80))
    order = on.working[0]
    on.fill(rupees(80), LOT)
    on.now += 60 * SECOND
    assert on.timer() == []  # three lots can still trade
    on.end(order)

    assert on.timer() == leaves("initial", 3 * LOT)


def test_a_part_filled_entry_is_left_whole() -> None:
    """A lot of four has come in when the stop fires; the rest is taken back, and sold if it still comes."""
    on = floor(rupees(200_000), lots=4)
    decide(on, "10:00")
    (entry,) = on.working
    on.now += SECOND
    on.fill(rupees(110), LOT)
    on.now += SECOND

    cancel, exit_ = on.tick(CALL, last=rupees(80))
    assert cancel == CancelOrder(entry.order_id, "leaving: initial")
    assert [exit_] == leaves("initial")
    on.fill(rupees(80), order=on.working[1])
    assert on.held(CALL) == 0
    on.fill(rupees(81), 2 * LOT, entry)  # crosses the cancellation
    on.now += 60 * SECOND
    assert on.timer() == leaves("initial", 2 * LOT)
    on.end(entry)
    on.fill(rupees(80), order=on.working[0])

    assert on.timer() == []
    assert memory(on).held is None
    assert memory(on).entries == 1


def test_more_than_the_freeze_quantity_leaves_in_several_orders() -> None:
    on = holding()
    on.state.books[on.strategy.name][f"{CALL}|MIS"].quantity = 4_000
    on.state.books[on.strategy.name][f"{CALL}|MIS"].cost = 4_000 * rupees(110)

    asked = on.tick(CALL, last=rupees(80))

    assert [order.quantity for order in asked if isinstance(order, PlaceOrder)] == [1_800, 1_800, 400]


def test_the_squared_off_position_is_let_go() -> None:
    on = holding()
    position = on.view.positions()[0]
    position.quantity = position.cost = 0

    assert on.timer() == []
    assert (memory(on).held, memory(on).last_exit) == (None, "closed elsewhere")


def test_why_it_left_is_remembered() -> None:
    on = holding()
    on.tick(CALL, last=rupees(80))
    on.fill(rupees(80))

    assert (memory(on).held, memory(on).last_exit) == (None, "initial")


# After a failure, or on another day


@pytest.mark.parametrize("by", ["tick", "timer", "start"])
def test_a_position_it_does_not_remember_is_taken_up(by: str) -> None:
    """The note of the entry's fill was never made, as when `on_fill` failed."""
    on = floor()
    decide(on, "10:00")
    notes = list(on.notes)
    on.fill(rupees(110))
    on.notes = notes
    on.strategy = IntradayMomentumOI()
    on.strategy.restore(notes[-1])
    on.now += SECOND

    if by == "start":
        on.start(resumed=True)
    elif by == "tick":
        on.tick(CALL)
    else:
        on.timer()

    held = memory(on).held
    assert held is not None
    assert (held.peak, held.open_interest, memory(on).entries) == (rupees(110), ENTRY_OI, 1)
    assert on.tick(CALL, last=rupees("82.50")) == leaves("initial")


def test_what_is_held_over_night_is_still_watched_with_new_averages() -> None:
    on = holding()
    on.now = at("09:15", DAY + timedelta(days=3))
    on.restart()

    held = memory(on).held
    assert held is not None
    assert (held.peak, held.vwap.volume, memory(on).entries) == (rupees(110), 0, 0)
    on.now = at("10:00", DAY + timedelta(days=3))
    on.candle(SPOT)
    on.chain()
    assert [v.condition for v in memory(on).verdicts if not v.holds][:1] == ["free"]
    on.now += 60 * SECOND
    assert on.tick(CALL, last=rupees("95")) == []  # no VWAP of the new day yet
    assert on.tick(CALL, last=rupees("82.50")) == leaves("initial")


def test_what_is_held_but_no_longer_listed_does_not_stop_it() -> None:
    on = holding()
    stranger = "NFO:NIFTY26N1724000CE"
    position = on.view.positions()[0]
    position.instrument = stranger
    on.strategy = IntradayMomentumOI()
    on.notes.clear()
    on.timer()

    assert on.timer() == []
    position.quantity = position.cost = 0
    on.timer()
    assert memory(on).held is None
